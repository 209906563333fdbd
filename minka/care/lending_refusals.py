"""Why an act about a sign of lending is refused, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class LendingRefusal(Reason):
    """Refusals of the acts about signs that a card is lent."""

    SIGN_DECIDED = Words(
        "这条线索已于{at}处理：{verdict}。不用重复处理，如有新情况请另行登记。",
        "這條線索已於{at}處理：{verdict}。不用重複處理，如有新情況請另行登記。",
        "This sign was decided at {at}: {verdict}. Nothing more is needed; enter anything new"
        " apart.",
    )
    SIGN_NOT_CONFIRMED = Words(
        "这条线索还没有核实属实，不能暂停联网结算。请先调查并作出结论。",
        "這條線索還沒有核實屬實，不能暫停聯網結算。請先調查並作出結論。",
        "This sign has not been confirmed, so settlement is not suspended. Look into it and decide"
        " first.",
    )
    SIGN_OF_A_TILL = Words(
        "这条线索针对收费窗口，不针对某个参保人，不能暂停个人结算。请转交基金监管处理。",
        "這條線索針對收費窗口，不針對某個參保人，不能暫停個人結算。請轉交基金監管處理。",
        "This sign is about a till and about no person, so nobody's settlement is suspended. Pass"
        " it to fund supervision.",
    )
    SUSPENSION_LENGTH = Words(
        "暂停联网结算的期限只能是{least}至{most}个月（{cite}）。请重新填写月数。",
        "暫停聯網結算的期限只能是{least}至{most}個月（{cite}）。請重新填寫月數。",
        "Online settlement is suspended for {least} to {most} months ({cite}). Enter another"
        " number of months.",
    )
    NO_COVERAGE = Words(
        "没有查到参保登记，没有联网结算可以暂停。请核对线索编号。",
        "沒有查到參保登記，沒有聯網結算可以暫停。請核對線索編號。",
        "There is no coverage, so there is no settlement to suspend. Check the number.",
    )
    ALREADY_SUSPENDED = Words(
        "这条线索已经暂停过结算，至{until}。一条线索只暂停一次，请核对。",
        "這條線索已經暫停過結算，至{until}。一條線索只暫停一次，請核對。",
        "Settlement was suspended for this sign already, until {until}. A sign suspends once;"
        " please check.",
    )
    NOT_SUSPENDED = Words(
        "这条线索没有正在执行的暂停，不需要恢复。请核对线索编号。",
        "這條線索沒有正在執行的暫停，不需要恢復。請核對線索編號。",
        "No suspension stands for this sign, so there is nothing to lift. Check the number.",
    )
