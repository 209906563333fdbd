"""A question about a transaction, or an objection to it (G7): one open at a time, one dated answer.

The day by which it is answered is the law's (R5-08) where the region has such a rule; where the
rules are silent there is no promise, and the holder is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from minka.desk.account_look import keys_of
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.query_refusals import QueryRefusal
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import the_law, turn
from minka.desk.statement import whose
from minka.kit.clock import china_text
from minka.kit.codes import read_code
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.law.region import Entry, RegionLaw
from minka.people.person import Person
from minka.store import people
from minka.store.connection import Row, do, insert, row, rows, the_row

REASONS: Mapping[str, Words] = {
    "amount": Words("金额不对", "金額不對", "The amount is wrong"),
    "twice": Words("重复扣款", "重複扣款", "It was charged twice"),
    "shares": Words(
        "看不懂统筹、账户、现金怎么分的",
        "看不懂統籌、帳戶、現金怎麼分的",
        "I do not understand the shares of fund, account and cash",
    ),
    "not_given": Words(
        "没有得到这项服务或药品",
        "沒有得到這項服務或藥品",
        "I did not get this treatment or medicine",
    ),
    "allocation": Words("划入的钱不对", "劃入的錢不對", "The money paid in is wrong"),
    "other": Words("其他疑问", "其他疑問", "Something else"),
    "not_me": Words("这不是我本人用的", "這不是我本人用的", "This was not me"),
}
"""What the holder doubts; the last one is an objection."""

OBJECTION = "not_me"

OUTCOMES: Mapping[str, Words] = {
    "right": Words("经核对，这笔交易无误", "經核對，這筆交易無誤", "Checked: it is right"),
    "wrong": Words("经核对，确有差错", "經核對，確有差錯", "Checked: there is a mistake"),
    "not_holder": Words(
        "经核对，不是本人使用", "經核對，不是本人使用", "Checked: it was not the holder"
    ),
}
"""How a question can be answered."""

ANSWERERS = ("bank_clerk", "medical_staff", "reviewer")
"""Roles that answer: the bank's retail department (R5-08), the medical insurance office."""

_SEALED = "dispute"


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """The holder doubts one transaction; ``ref`` is its number in the list of movements."""

    region: str
    person_id: int
    ref: str
    reason: str
    words: Clear
    """What the holder adds, empty for nothing; kept sealed."""
    channel: str


def open_dispute(office: Office, request: Request, command: OpenDispute) -> Answer:
    """Take a question; the answer names its receipt and the day by which it is answered.

    Refusals: ``QueryRefusal`` NO_ACCOUNT, NO_SUCH_MOVEMENT, QUESTION_OPEN.
    """
    assert command.reason in REASONS, command.reason
    return act(office, request, command, lambda desk: _open(desk, command))


def _open(desk: Desk, command: OpenDispute) -> Mapping[str, Any]:
    law = the_law(desk, command.region, desk.now())
    person = whose(desk, command.region, command.person_id, Clear(""))
    people.lock(desk.connection, person.person_id)
    about = _about(desk, person, command.ref)
    before = row(desk.connection, "dispute.of_ref", person_id=person.person_id, ref=command.ref)
    if before is not None and before["answered_at"] is None:
        raise turn(QueryRefusal.QUESTION_OPEN, receipt=before["code"])
    at, dispute_id, code = desk.now(), desk.fact_id(), desk.new_code("Q")
    kind = "objection" if command.reason == OBJECTION else "question"
    promised = _promise(desk, law, at)
    added = {
        "person_id": person.person_id,
        "dispute_id": dispute_id,
        "code": code,
        "ref": command.ref,
        "round": before["round"] + 1 if before else 1,
        "kind": kind,
        "reason": command.reason,
        "words": _seal(desk, command.words),
        "channel": command.channel,
        "operator": desk.request.actor,
        "card_id": about["card_id"],
        "about_at": about["at"],
        "opened_at": at,
        **promised,
    }
    insert(desk.connection, "dispute.add", added)
    return _told(desk, added, at)


def _told(desk: Desk, added: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    code, card_id = added["code"], added["card_id"]
    do(
        desk.connection,
        "loss.add_receipt",
        code=code,
        person_id=desk.person_id,
        kind="dispute",
        fact_id=added["dispute_id"],
    )
    last = last_moment(added["promise_at"])
    body = {"receipt": code, "promised_at": last.isoformat() if last else None}
    desk.send("notice.question", body, card_id=card_id, at=at)
    kept = ("ref", "kind", "reason", "promise_at", "promise", "rule_ref")
    named = {name: added[name] for name in kept}
    named["receipt"] = code
    audit = desk.audit(named, at)
    return {**named, "opened_at": at, "audit": audit}


def _about(desk: Desk, person: Person, ref: str) -> Row:
    """The transaction in the person's own books; another's looks as if not there."""
    keys = keys_of(ref)
    found = None
    if keys is not None:
        by = "dispute.settlement" if keys[1] else "dispute.entry"
        named = {"msg_no": keys[0], "origin_no": keys[1]}
        found = row(desk.connection, by, person_id=person.person_id, **named)
    if found is None:
        raise turn(QueryRefusal.NO_SUCH_MOVEMENT)
    return found


def doubt_rule(law: RegionLaw) -> Entry | None:
    """The region's rule about a doubt, if it has one."""
    entries = law.entries("query")
    ruled = (e for e in entries if e.value("condition") == "doubt_about_transaction")
    return next(ruled, None)


def _promise(desk: Desk, law: RegionLaw, at: datetime) -> dict[str, Any]:
    """By when the law has it answered; ``none`` where no rule says so."""
    entry = doubt_rule(law)
    due = entry.due("promise", at, desk.office.book().workdays(law.id)) if entry else None
    ref = entry.ref if entry else ""
    if entry is None or due is None:
        return {"promise_at": None, "promise": "none", "rule_ref": ref}
    whence = "assumed" if entry.leaf("promise").marked else "law"
    return {"promise_at": due.at, "promise": whence, "rule_ref": ref}


def _seal(desk: Desk, words: Clear) -> bytes | None:
    return desk.keys.seal(_SEALED, words) if words.reveal().strip() else None


@dataclass(frozen=True, slots=True)
class ReadDispute:
    """A member of staff opens a question with its evidence."""

    region: str
    receipt: str
    bank_id: str = ""
    """Set for a bank: only people whose card it serves."""


def read_dispute(office: Office, request: Request, command: ReadDispute) -> Answer:
    """Put on record that a question was opened.

    Refusals: ``DeskRefusal`` NOT_ALLOWED, UNKNOWN_RECEIPT.
    """
    return act(office, request, command, lambda desk: _read(desk, command))


def _read(desk: Desk, command: ReadDispute) -> Mapping[str, Any]:
    found = _asked(desk, command)
    facts = {"receipt": found["code"], "role": desk.request.role}
    return {**facts, "audit": desk.audit(facts, desk.now())}


@dataclass(frozen=True, slots=True)
class AnswerDispute:
    """The office answers; ``words`` are read by the holder and kept sealed."""

    region: str
    receipt: str
    outcome: str
    words: Clear
    bank_id: str = ""
    """Set for a bank: only people whose card it serves."""


def answer_dispute(office: Office, request: Request, command: AnswerDispute) -> Answer:
    """Answer a question once, with the instant; the holder is told by text message.

    Refusals: ``DeskRefusal`` NOT_ALLOWED, UNKNOWN_RECEIPT; ``QueryRefusal.QUESTION_ANSWERED``.
    """
    assert command.outcome in OUTCOMES, command.outcome
    return act(office, request, command, lambda desk: _answer(desk, command))


def _answer(desk: Desk, command: AnswerDispute) -> Mapping[str, Any]:
    found = _asked(desk, command)
    if found["answered_at"] is not None:
        raise turn(QueryRefusal.QUESTION_ANSWERED, at=china_text(found["answered_at"]))
    at = desk.now()
    insert(
        desk.connection,
        "dispute.add_answer",
        {
            "person_id": found["person_id"],
            "dispute_id": found["dispute_id"],
            "answered_at": at,
            "outcome": command.outcome,
            "words": desk.keys.seal(_SEALED, command.words),
            "operator": desk.request.actor,
            "role": desk.request.role,
        },
    )
    body = {"receipt": found["code"]}
    desk.send("notice.question_answered", body, card_id=found["card_id"], at=at)
    facts = {"receipt": found["code"], "outcome": command.outcome, "answered_at": at}
    return {**facts, "audit": desk.audit(facts, at)}


def _asked(desk: Desk, command: ReadDispute | AnswerDispute) -> Row:
    """The question of a receipt, its person locked; only of whom this desk serves."""
    if desk.request.role not in ANSWERERS:
        raise turn(DeskRefusal.NOT_ALLOWED)
    the_law(desk, command.region, desk.now())
    known = row(desk.connection, "loss.receipt", code=read_code(command.receipt) or "")
    if known is None or known["kind"] != "dispute":
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    people.lock(desk.connection, known["person_id"])
    place = {"person_id": known["person_id"], "dispute_id": known["fact_id"]}
    found = the_row(desk.connection, "dispute.one", **place)
    served = not command.bank_id or command.bank_id in found["banks"]
    if found["region"] != command.region or not served:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = found["person_id"]
    return found


@dataclass(frozen=True, slots=True)
class Dispute:
    """A question as it stands; texts of people are clear only on demand."""

    person_id: int
    code: str
    ref: str
    kind: str
    """``question`` or ``objection``."""
    reason: str
    words: Clear
    channel: str
    card_id: int
    about_at: datetime
    opened_at: datetime
    promise_at: datetime | None
    promise: str
    """``law``, ``assumed`` or ``none``."""
    rule_ref: str
    name_mask: str
    number_mask: str
    region: str
    banks: Sequence[str]
    """The banks that serve the person's cards."""
    answered_at: datetime | None
    outcome: str
    answer: Clear

    @property
    def reason_words(self) -> Words:
        """What is doubted."""
        return REASONS[self.reason]

    @property
    def outcome_words(self) -> Words | None:
        """How it was answered, or None."""
        return OUTCOMES.get(self.outcome)

    @property
    def last_moment(self) -> datetime | None:
        """The last moment before the promise is broken: the day that people are told."""
        return last_moment(self.promise_at)

    def late_at(self, at: datetime) -> bool:
        """Whether the promised day has gone by without an answer."""
        return self.answered_at is None and self.promise_at is not None and at > self.promise_at


def last_moment(promise_at: datetime | None) -> datetime | None:
    """The last moment of a promise that ends at an instant; None for no promise."""
    return promise_at - timedelta(microseconds=1) if promise_at else None


def disputes_of(office: Office, person_id: int) -> tuple[Dispute, ...]:
    """All questions of a person, the newest first."""
    with office.register.act() as connection:
        found = rows(connection, "dispute.of_person", person_id=person_id)
    return tuple(_dispute(office, each) for each in found)


def dispute_of(office: Office, receipt: str) -> Dispute | None:
    """The question of a receipt, or None."""
    with office.register.act() as connection:
        known = row(connection, "loss.receipt", code=read_code(receipt) or "")
        if known is None or known["kind"] != "dispute":
            return None
        place = {"person_id": known["person_id"], "dispute_id": known["fact_id"]}
        return _dispute(office, the_row(connection, "dispute.one", **place))


def waiting_disputes(office: Office, region: str, bank_id: str = "") -> tuple[Dispute, ...]:
    """Unanswered questions of a region, by the day promised; a bank sees those it serves."""
    with office.register.act() as connection:
        found = rows(connection, "dispute.waiting", region=region, bank_id=bank_id)
    return tuple(_dispute(office, each) for each in found)


_PLAIN = (
    *("person_id", "code", "ref", "kind", "reason", "channel", "card_id", "about_at", "opened_at"),
    *("promise_at", "promise", "rule_ref", "name_mask", "number_mask", "region", "banks"),
    "answered_at",
)


def _dispute(office: Office, found: Row) -> Dispute:
    return Dispute(
        **{name: found[name] for name in _PLAIN},
        words=_open_text(office, found["words"]),
        outcome=found["outcome"] or "",
        answer=_open_text(office, found["answer"]),
    )


def _open_text(office: Office, sealed: bytes | None) -> Clear:
    return office.keys.unseal(_SEALED, bytes(sealed)) if sealed else Clear("")
