"""Refusals of the desk itself, whatever the act."""

from __future__ import annotations

from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class DeskRefusal(Reason):
    """Refusals that any act can meet."""

    KEY_REUSED = Words(
        "这个请求编号已用于另一份内容，没有办理。请换一个新的请求编号。",
        "這個請求編號已用於另一份內容，沒有辦理。請換一個新的請求編號。",
        "This request key was used for another content, so nothing was done. Use a new key.",
    )
    NOT_ALLOWED = Words(
        "您的岗位不能办理这项业务。请转交有权限的同事。",
        "您的崗位不能辦理這項業務。請轉交有權限的同事。",
        "Your post does not allow this. Please pass it to a colleague who may.",
    )
    UNKNOWN_REGION = Words(
        "没有这个城市的规则。请选择城市。",
        "沒有這個城市的規則。請選擇城市。",
        "There are no rules for this city. Please choose a city.",
    )
    UNKNOWN_RECEIPT = Words(
        "没有查到这个编号。请核对后再试。",
        "沒有查到這個編號。請核對後再試。",
        "No such number was found. Please check it and try again.",
    )
    UNKNOWN_PLACE = Words(
        "没有这个网点或终端。请核对编号。",
        "沒有這個網點或終端。請核對編號。",
        "There is no such place or terminal. Please check its number.",
    )
    SAME_PERSON = Words(
        "提议人和批准人必须是两个人，且都不是受益人。请由另一位同事批准。",
        "提議人和批准人必須是兩個人，且都不是受益人。請由另一位同事批准。",
        "The proposer and the approver must be two people, neither of them the beneficiary.",
    )
    APPROVAL_EXPIRED = Words(
        "这项申请已过24小时，不能再批准。请重新提出。",
        "這項申請已過24小時，不能再批准。請重新提出。",
        "This proposal is older than 24 hours and cannot be approved. Propose it again.",
    )
    APPROVAL_CHANGED = Words(
        "批准的内容与提出的内容不一致，没有办理。请重新核对。",
        "批准的內容與提出的內容不一致，沒有辦理。請重新核對。",
        "The approved content is not the proposed one, so nothing was done. Check it again.",
    )
    CODE_WRONG = Words(
        "验证码不对。请核对短信，或重新获取。",
        "驗證碼不對。請核對簡訊，或重新獲取。",
        "The code is not right. Check the text message, or ask for a new code.",
    )
    CODE_SPENT = Words(
        "验证码已失效。请重新获取，或带证件到网点办理。",
        "驗證碼已失效。請重新獲取，或帶證件到網點辦理。",
        "The code can no longer be used. Ask for a new one, or bring your papers to a counter.",
    )
    APPROVAL_DONE = Words(
        "这项申请已于{at}由{by}批准并办理，不用再批准。",
        "這項申請已於{at}由{by}批准並辦理，不用再批准。",
        "This proposal was approved by {by} at {at} and carried out; nothing more is needed.",
    )
    FEE_REFUNDED = Words(
        "这笔费用已经退还，不会重复退款。",
        "這筆費用已經退還，不會重複退款。",
        "This fee has been given back already; it is never given back twice.",
    )
    AWAY = (
        Words(
            "系统暂时连不上，挂失没有办成。请马上拨打{hotline}，或稍后再试。",
            "系統暫時連不上，掛失沒有辦成。請馬上撥打{hotline}，或稍後再試。",
            "The register cannot be reached, so the report was NOT made. Call {hotline} at once,"
            " or try again shortly.",
        ),
        Retry.LATER,
    )
