"""What people are told by text message, in three languages: computed instants, never a rule.

A text is put together from lines: what happened, when it ends, what the bank does, what to do if it
was somebody else, and the warning not to lend a card with a bank part (K8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from minka.doors.outbox.meaning import CardNow, Stop
from minka.doors.outbox.notices_claim import CLAIM_NOTICES
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.kit.words import Words

SIGNED = Words("【民卡】", "【民卡】", "[Minka] ")

STOPPED = {
    "provisional": Words(
        "您的卡{card}已于{from_at}预挂失停用，编号{receipt}。",
        "您的卡{card}已於{from_at}預掛失停用，編號{receipt}。",
        "Your card {card} was provisionally reported lost and stopped at {from_at}, no. {receipt}.",
    ),
    "formal": Words(
        "您的卡{card}已于{from_at}正式挂失，永久停用，不能撤销，编号{receipt}。",
        "您的卡{card}已於{from_at}正式掛失，永久停用，不能撤銷，編號{receipt}。",
        "Your card {card} was formally reported lost at {from_at}. It is stopped for good and this"
        " cannot be withdrawn, no. {receipt}.",
    ),
    "frozen": Words(
        "您的卡{card}已于{from_at}暂停使用，编号{receipt}。",
        "您的卡{card}已於{from_at}暫停使用，編號{receipt}。",
        "Your card {card} was frozen at {from_at}, no. {receipt}.",
    ),
}
ENDS = {
    "release": Words(
        "如不办理正式挂失，{until_at}自动恢复使用。",
        "如不辦理正式掛失，{until_at}自動恢復使用。",
        "Unless it is formally reported lost, it works again at {until_at}.",
    ),
    "cancel": Words(
        "如不撤销，{until_at}自动注销。",
        "如不撤銷，{until_at}自動註銷。",
        "Unless withdrawn, it is cancelled at {until_at}.",
    ),
}
BANK_STOP = Words(
    "银行账户由银行另行止付，以银行确认为准。",
    "銀行賬戶由銀行另行止付，以銀行確認為準。",
    "The bank stops its part separately; only the bank's own confirmation counts.",
)
BANK_BACK = Words(
    "银行账户由银行另行恢复，以银行确认为准。",
    "銀行賬戶由銀行另行恢復，以銀行確認為準。",
    "The bank resumes its part separately; only the bank's own confirmation counts.",
)
NOT_YOU = Words(
    "不是您本人？请立即拨打{hotline}。",
    "不是您本人？請立即撥打{hotline}。",
    "Not you? Call {hotline} at once.",
)
NOT_YOU_BACK = Words(
    "不是您本人？请立即拨打{hotline}再次挂失。",
    "不是您本人？請立即撥打{hotline}再次掛失。",
    "Not you? Call {hotline} at once and report it lost again.",
)
LENDING = Words(
    "卡上有银行账户，借卡给人等于借出银行卡，请勿外借。",
    "卡上有銀行賬戶，借卡給人等於借出銀行卡，請勿外借。",
    "This card holds a bank account: lending it is lending your bank card. Never lend it.",
)

_REPORTED = Words(
    "已收到您的卡{card}的挂失申报，编号{receipt}。工作人员确认后才停用，现在卡仍可使用。",
    "已收到您的卡{card}的掛失申報，編號{receipt}。工作人員確認後才停用，現在卡仍可使用。",
    "A loss report for your card {card} was received, no. {receipt}. The card still works until"
    " staff confirm the report.",
)
_SOON = {
    "release": Words(
        "您的卡{card}将于{until_at}自动恢复使用。仍未找到的，请在此之前办理正式挂失。",
        "您的卡{card}將於{until_at}自動恢復使用。仍未找到的，請在此之前辦理正式掛失。",
        "Your card {card} works again by itself at {until_at}. If you have not found it, report it"
        " formally lost before then.",
    ),
    "cancel": Words(
        "您的卡{card}将于{until_at}自动注销。已找到的，请在此之前撤销挂失。",
        "您的卡{card}將於{until_at}自動註銷。已找到的，請在此之前撤銷掛失。",
        "Your card {card} is cancelled by itself at {until_at}. If you have found it, withdraw the"
        " report before then.",
    ),
}
_LAPSED = {
    "release": Words(
        "预挂失已到期，您的卡{card}已于{until_at}恢复使用。仍未找到的，请马上再次挂失。",
        "預掛失已到期，您的卡{card}已於{until_at}恢復使用。仍未找到的，請馬上再次掛失。",
        "The provisional report has ended: your card {card} works again since {until_at}. If you"
        " have not found it, report it again at once.",
    ),
    "cancel": Words(
        "挂失已到期，您的卡{card}已于{until_at}注销，不再有效。请申请新卡。",
        "掛失已到期，您的卡{card}已於{until_at}註銷，不再有效。請申請新卡。",
        "The report has ended: your card {card} was cancelled at {until_at}. Apply for a new one.",
    ),
}
_RELEASED = Words(
    "您的卡{card}已于{ended_at}恢复使用。",
    "您的卡{card}已於{ended_at}恢復使用。",
    "Your card {card} works again since {ended_at}.",
)
_STILL = Words(
    "您的卡{card}的一项挂失已于{ended_at}结束；因另有停用，卡仍不能使用。",
    "您的卡{card}的一項掛失已於{ended_at}結束；因另有停用，卡仍不能使用。",
    "One stop of your card {card} ended at {ended_at}; another stands, so it still cannot be used.",
)
_APPLIED = Words(
    "已受理您的补换卡申请，编号{receipt}。",
    "已受理您的補換卡申請，編號{receipt}。",
    "Your application for a new card was accepted, no. {receipt}.",
)
_PROMISED = Words(
    "预计{promised_at}起可领。",
    "預計{promised_at}起可領。",
    "It should be ready from {promised_at}.",
)
_MOVED = Words(
    "节假日安排已公布，您的新卡（编号{receipt}）改为{promised_at}起可领。",
    "節假日安排已公佈，您的新卡（編號{receipt}）改為{promised_at}起可領。",
    "The holidays were published: your new card, no. {receipt}, should be ready from"
    " {promised_at}.",
)
_READY = Words(
    "您的新卡已到{place}，请带证件和领卡证明领取，编号{receipt}。",
    "您的新卡已到{place}，請帶證件和領卡證明領取，編號{receipt}。",
    "Your new card is ready at {place}. Bring your papers and the collection slip, no. {receipt}.",
)
_COLLECTED = Words(
    "您的新卡{card}已于{at}领取，由您本人启用后才能使用。",
    "您的新卡{card}已於{at}領取，由您本人啟用後才能使用。",
    "Your new card {card} was collected at {at}. It works once you activate it yourself.",
)
_ACTIVATED = Words(
    "您的新卡{card}已于{at}启用，旧卡不再有效。",
    "您的新卡{card}已於{at}啟用，舊卡不再有效。",
    "Your new card {card} was activated at {at}; the old one is no longer valid.",
)
_DESTROYED = Words(
    "编号{receipt}的新卡没有交付，已于{at}销毁。",
    "編號{receipt}的新卡沒有交付，已於{at}銷毀。",
    "The new card of no. {receipt} was not handed over and was destroyed at {at}.",
)
_REFUNDED = Words(
    "已收的{refund}元原路退回。",
    "已收的{refund}元原路退回。",
    "The {refund} yuan you paid go back the way they came.",
)
_CODE = Words(
    "验证码{code}，{until_at}前有效。工作人员不会索要，请勿告诉他人。",
    "驗證碼{code}，{until_at}前有效。工作人員不會索要，請勿告訴他人。",
    "Your code is {code}, valid until {until_at}. Staff never ask for it; tell nobody.",
)
_ASKED = Words(
    "已受理您对一笔交易的疑问，编号{receipt}。",
    "已受理您對一筆交易的疑問，編號{receipt}。",
    "Your question about a transaction was taken, no. {receipt}.",
)
_ANSWER_BY = Words(
    "最迟于{promised_at}前答复。",
    "最遲於{promised_at}前答覆。",
    "You get an answer by {promised_at}.",
)
_ANSWERED = Words(
    "您的疑问{receipt}已有答复，请凭编号上网查看，或带证件到窗口查询。",
    "您的疑問{receipt}已有答覆，請憑編號上網查看，或帶證件到窗口查詢。",
    "Your question {receipt} has been answered. Look it up on line by its number, or ask at a"
    " counter with your ID card.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a text may say: the message's own facts, the card as it stands, and who to call."""

    body: Mapping[str, Any]
    card: CardNow | None
    stop: Stop | None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_bank(self) -> int:
        """One when the card has a bank part."""
        return int(self.card is not None and bool(self.card.bank_id))


def text(topic: str, told: Told, language: str) -> str:
    """The whole text of a notice in one language; ``KeyError`` for a topic that has none."""
    lines = NOTICES[topic](told)
    if told.has_bank and topic not in WITHOUT_CARD:
        lines = [*lines, LENDING]
    gap = " " if language == "en" else ""
    said = gap.join(line.say(language, **told.facts) for line in lines)
    return SIGNED.say(language) + said


def spoken_facts(body: Mapping[str, Any], **known: str) -> dict[str, str]:
    """The facts of a message as people read them: instants in China's time, money in yuan."""
    facts = {name: _spoken(name, value) for name, value in body.items() if value is not None}
    return {**facts, "refund": yuan(int(body.get("refund_fen") or 0)), **known}


def _spoken(name: str, value: Any) -> str:
    if (name == "at" or name.endswith("_at")) and isinstance(value, str):
        return china_text(datetime.fromisoformat(value))
    return str(value)


def _stopped(told: Told) -> list[Words]:
    lines = [STOPPED[str(told.body["force"])]]
    if told.card is not None and told.stop is not None and told.card.lapses_soon(told.stop):
        lines.append(ENDS[told.stop.at_lapse])
    return [*lines, *([BANK_STOP] if told.has_bank else []), NOT_YOU]


def _soon(told: Told) -> list[Words]:
    return [_SOON[str(told.body["at_lapse"])]]


def _lapsed(told: Told) -> list[Words]:
    at_lapse = str(told.body["at_lapse"])
    bank = [BANK_BACK] if told.has_bank and at_lapse == "release" else []
    return [_LAPSED[at_lapse], *bank]


def _released(told: Told) -> list[Words]:
    if told.card is not None and told.card.listed():
        return [_STILL, NOT_YOU_BACK]
    return [_RELEASED, *([BANK_BACK] if told.has_bank else []), NOT_YOU_BACK]


def _applied(told: Told) -> list[Words]:
    return [_APPLIED, *([_PROMISED] if told.body.get("promised_at") else []), NOT_YOU]


def _destroyed(told: Told) -> list[Words]:
    return [_DESTROYED, *([_REFUNDED] if told.body.get("refund_fen") else [])]


def _asked(told: Told) -> list[Words]:
    return [_ASKED, *([_ANSWER_BY] if told.body.get("promised_at") else []), NOT_YOU]


def _of_body(lines: Callable[[Mapping[str, Any]], list[Words]]) -> Callable[[Told], list[Words]]:
    return lambda told: lines(told.body)


NOTICES: dict[str, Callable[[Told], list[Words]]] = {
    "notice.reported": lambda _: [_REPORTED, NOT_YOU],
    "notice.stopped": _stopped,
    "notice.lapses_soon": _soon,
    "notice.lapsed": _lapsed,
    "notice.released": _released,
    "notice.applied": _applied,
    "notice.promise_moved": lambda _: [_MOVED],
    "notice.ready": lambda _: [_READY],
    "notice.collected": lambda _: [_COLLECTED, NOT_YOU],
    "notice.activated": lambda _: [_ACTIVATED, NOT_YOU],
    "notice.destroyed": _destroyed,
    "notice.code": lambda _: [_CODE],
    "notice.question": _asked,
    "notice.question_answered": lambda _: [_ANSWERED],
    **{topic: _of_body(lines) for topic, lines in CLAIM_NOTICES.items()},
}
"""Every topic that becomes a text message, with the lines it is made of."""

WITHOUT_CARD = ("notice.code", "notice.destroyed")
"""Texts that hand nobody a card and so carry no word about lending."""
