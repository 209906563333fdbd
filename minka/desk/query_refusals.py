"""Why an account is not shown, a statement not handed out, a question not taken."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class QueryRefusal(Reason):
    """Refusals about balances, statements and questions, in the order in which they are found."""

    NO_ACCOUNT = Words(
        "没有查到这个人的个人账户。请核对证件号码；新参保的，请等下月划入后再查。",
        "沒有查到這個人的個人帳戶。請核對證件號碼；新參保的，請等下月劃入後再查。",
        "No individual account was found for this person. Check the number; if newly insured, ask"
        " again after next month's allocation.",
    )
    PERIOD_WRONG = Words(
        "查询的起止日期不对，没有出具。请让开始日期不晚于结束日期，且不晚于今天。",
        "查詢的起訖日期不對，沒有出具。請讓開始日期不晚於結束日期，且不晚於今天。",
        "The period is not right, so nothing was issued. Begin no later than it ends, and no later"
        " than today.",
    )
    TOO_MANY_LINES = Words(
        "这段时间的明细超过{most}条，没有出具。请分成较短的时间段。",
        "這段時間的明細超過{most}條，沒有出具。請分成較短的時間段。",
        "There are more than {most} lines in this period, so nothing was issued. Choose shorter"
        " periods.",
    )
    RECORD_PAPERS = Words(
        "打印交易记录还缺{missing}，没有打印。请带齐后再来。",
        "列印交易記錄還缺{missing}，沒有列印。請帶齊後再來。",
        "To print the record, {missing} is still needed, so it was not printed. Please bring it.",
    )
    NO_SUCH_MOVEMENT = Words(
        "这个人的账户里没有这笔交易，没有受理。请从明细里选择要问的那一笔。",
        "這個人的帳戶裡沒有這筆交易，沒有受理。請從明細裡選擇要問的那一筆。",
        "There is no such transaction on this account, so no question was taken. Choose it from"
        " the list.",
    )
    QUESTION_OPEN = Words(
        "这笔交易已经有一个正在办的疑问（{receipt}），没有重复受理。请等答复，或凭编号查看。",
        "這筆交易已經有一個正在辦的疑問（{receipt}），沒有重複受理。請等答覆，或憑編號查看。",
        "A question about this transaction is under way ({receipt}), so no second one was taken."
        " Please wait for the answer, or look it up by its number.",
    )
    QUESTION_ANSWERED = Words(
        "这个疑问已于{at}答复，没有再次答复。持卡人仍有疑问的，请重新提出。",
        "這個疑問已於{at}答覆，沒有再次答覆。持卡人仍有疑問的，請重新提出。",
        "This question was answered at {at}, so it was not answered again. If the holder still"
        " doubts, let a new one be opened.",
    )
