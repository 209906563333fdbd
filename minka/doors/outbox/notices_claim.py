"""What holders are told about a claim for the loss period, and about signs that a card is lent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minka.desk.lending import SIGNS
from minka.desk.reimburse import REASONS
from minka.kit.words import Words

_FILED = Words(
    "您的丢卡期间费用报销申请已受理，发票{refund}元，编号{receipt}。请带身份证、发票原件和明细到经办机构审核。",
    "您的丟卡期間費用報銷申請已受理，發票{refund}元，編號{receipt}。請帶身份證、發票原件和明細到經辦機構審核。",
    "Your claim for an expense of the loss period was taken: invoice of {refund} yuan, no."
    " {receipt}. Bring your ID, the original invoice and its lines to the agency for review.",
)
_PAID = Words(
    "您的报销申请{receipt}已通过，应付{refund}元，时间{at}。每次丢卡只报销一次。",
    "您的報銷申請{receipt}已通過，應付{refund}元，時間{at}。每次丟卡只報銷一次。",
    "Your claim {receipt} was granted at {at}: {refund} yuan are paid to you. A loss is reimbursed"
    " once.",
)
_REFUSED = Words(
    "您的报销申请{receipt}没有通过：",
    "您的報銷申請{receipt}沒有通過：",
    "Your claim {receipt} was not granted: ",
)
_ASK = Words(
    "。有疑问请拨打{hotline}。", "。有疑問請撥打{hotline}。", ". Questions? Call {hotline}."
)
_SIGN = Words(
    "您的卡{card}有异常使用：",
    "您的卡{card}有異常使用：",
    "There is something unusual about your card {card}: ",
)
_SIGN_WHAT = Words(
    "，编号{receipt}，正在核实。出借医保卡会被暂停联网结算。不是您本人用的，请马上挂失或拨打{hotline}。",
    "，編號{receipt}，正在核實。出借醫保卡會被暫停聯網結算。不是您本人用的，請馬上掛失或撥打{hotline}。",
    ", no. {receipt}. It is being looked into. Whoever lends a card loses online settlement for"
    " months. Was it not you? Report the card lost at once, or call {hotline}.",
)
_SUSPENDED = Words(
    "您的医保联网结算已暂停至{until_at}，编号{receipt}。期间就医先自付，再到经办机构报销。有异议请拨打{hotline}。",
    "您的醫保聯網結算已暫停至{until_at}，編號{receipt}。期間就醫先自付，再到經辦機構報銷。有異議請撥打{hotline}。",
    "Online settlement of your insurance is suspended until {until_at}, no. {receipt}. Until then"
    " you pay first and claim at the agency. To object, call {hotline}.",
)
_RESUMED = Words(
    "您的医保联网结算已于{at}恢复，编号{receipt}。",
    "您的醫保聯網結算已於{at}恢復，編號{receipt}。",
    "Online settlement of your insurance was resumed at {at}, no. {receipt}.",
)


def _joined(*parts: Words) -> list[Words]:
    """Parts of one sentence as one."""
    return [
        Words(
            "".join(p.zh_hans for p in parts),
            "".join(p.zh_hant for p in parts),
            "".join(p.en for p in parts),
        )
    ]


def _refused(body: Mapping[str, Any]) -> list[Words]:
    reason = REASONS.get(str(body.get("reason")), REASONS["not_genuine"])
    return _joined(_REFUSED, reason, _ASK)


def _sign(body: Mapping[str, Any]) -> list[Words]:
    seen = SIGNS.get(str(body.get("sign")), SIGNS["velocity"])
    return _joined(_SIGN, seen, _SIGN_WHAT)


CLAIM_NOTICES: Mapping[str, Callable[[Mapping[str, Any]], list[Words]]] = {
    "notice.claim_filed": lambda _: [_FILED],
    "notice.claim_paid": lambda _: [_PAID],
    "notice.claim_refused": _refused,
    "notice.lending": _sign,
    "notice.suspended": lambda _: [_SUSPENDED],
    "notice.resumed": lambda _: [_RESUMED],
}
"""Topic -> the lines of its text, made of the message's own body."""
