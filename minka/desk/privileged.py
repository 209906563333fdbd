"""Acts that two people must sign: who may propose and approve each, and what is then done.

| act | content | what is done |
|---|---|---|
| release_quarantine | outbox_id | a message that was set aside is tried again |
| destroy_card | receipt | a card nobody collected in time is struck out, a paid fee goes back |
| waive_fee | receipt, reason | the fee of a replacement is not asked for |
| refund_fee | receipt, reason | a paid fee goes back |
| pay_claim | receipt, fund_fen | a reviewed claim of a loss period is paid |
| suspend_settlement | receipt, months | online settlement of a person is suspended |
| resume_settlement | receipt, reason | and resumed before its time |

The acts on an account (``adjust_account`` and three more) are in ``desk.ledger_signed``, those on
keys (``generate_key`` and eleven more) in ``desk.keys_signed``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from minka.cards.card import Card
from minka.desk import keys_signed, ledger_signed
from minka.desk.act import Desk
from minka.desk.apply import record_step
from minka.desk.collect import application_of, strike_out
from minka.desk.lending import about_sign, lift_signed, suspend_signed
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.reimburse_pay import about_claim, pay_signed
from minka.desk.rules import require, the_law, turn
from minka.issue.collection import destroy
from minka.issue.refusals import IssueRefusal
from minka.store import cards
from minka.store.connection import Connection, Row, insert, row, rows

Content: TypeAlias = Mapping[str, Any]


def nobody(_desk: Desk, _content: Content) -> Iterable[str]:
    """Nobody gains but the person the act is about."""
    return ()


@dataclass(frozen=True, slots=True)
class PrivilegedAct:
    """One act of two people."""

    perform: Callable[[Desk, Content], Mapping[str, Any]]
    about: Callable[[Desk, Content], int]
    """The person it is about, who is its beneficiary; locks nothing that the act would not."""
    proposers: frozenset[str]
    approvers: frozenset[str]
    gains: Callable[[Desk, Content], Iterable[str]] = nobody
    """The staff numbers of others who gain by it; none of them signs."""


def _of_message(desk: Desk, content: Content) -> int:
    found = row(desk.connection, "outbox.quarantined_message", outbox_id=_number(content))
    if found is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    person_id: int = found["person_id"]
    return person_id


def _release_quarantine(desk: Desk, content: Content) -> Mapping[str, Any]:
    at = desk.now()
    number = _number(content)
    found = row(desk.connection, "outbox.release_quarantine", outbox_id=number, now=at)
    if found is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    return {"outbox_id": number, "topic": found["topic"], "released_at": at}


def _number(content: Content) -> int:
    typed = str(content.get("outbox_id", ""))
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 18:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    return int(typed)


def _application(desk: Desk, content: Content) -> Row:
    return application_of(desk, str(content.get("receipt", "")), ("application",))


def _of_application(desk: Desk, content: Content) -> int:
    person_id: int = _application(desk, content)["person_id"]
    return person_id


def collect_by(office: Office, connection: Connection, found: Row) -> datetime | None:
    """Until when a finished card of an application is kept, counted from its booking in.

    None while it has not arrived, or where the rule of that day sets no time after which it is
    destroyed. Source: the field ``deadline`` of the region's rule of collection.
    """
    named = {"person_id": found["person_id"], "application_id": found["application_id"]}
    steps = rows(connection, "issue.steps", **named)
    stocked: datetime | None = next((s["at"] for s in steps if s["step"] == "stocked"), None)
    if stocked is None:
        return None
    law = office.law(found["region"], stocked)
    place = row(connection, "reference.place", id=found["collect_at"])
    kind = place["kind"] if place else None
    entry = law.collect(place=kind, actor="applicant") or law.collect(actor="applicant")
    if entry is None or entry.value("uncollected") != "return_and_destroy":
        return None
    due = entry.due("deadline", stocked, office.book().workdays(law.id))
    return due.at if due else None


def _destroy_card(desk: Desk, content: Content) -> Mapping[str, Any]:
    found = _application(desk, content)
    at = desk.tick(found["new_card_id"])
    card = _new_card(desk, found)
    the_law(desk, found["region"], at)
    require(destroy(card, collect_by(desk.office, desk.connection, found), at))
    return {**strike_out(desk, found, card, at), "destroyed_at": at}


def _new_card(desk: Desk, found: Row) -> Card:
    card = cards.load(desk.connection, found["person_id"], found["new_card_id"])
    assert card is not None, "an application has a card"
    return card


def _waive_fee(desk: Desk, content: Content) -> Mapping[str, Any]:
    found = _application(desk, content)
    if found["charged_fen"] is not None:
        raise turn(IssueRefusal.FEE_PAID, receipt=found["fee_receipt"])
    if not found["fee_fen"] or found["waived_fen"] is not None:
        raise turn(IssueRefusal.NO_FEE)
    return _enter_fee(desk, found, content, ("waiver", "waived", found["fee_fen"]))


def _refund_fee(desk: Desk, content: Content) -> Mapping[str, Any]:
    found = _application(desk, content)
    if found["charged_fen"] is None:
        raise turn(IssueRefusal.NO_FEE)
    named = {"person_id": found["person_id"], "application_id": found["application_id"]}
    if any(each["entry"] == "refund" for each in rows(desk.connection, "issue.fees", **named)):
        raise turn(DeskRefusal.FEE_REFUNDED)
    return _enter_fee(desk, found, content, ("refund", "refunded", found["charged_fen"]))


def _enter_fee(
    desk: Desk, found: Row, content: Content, entry: tuple[str, str, int]
) -> Mapping[str, Any]:
    at, receipt = desk.now(), desk.new_code("R")
    insert(
        desk.connection,
        "issue.add_fee",
        {
            "person_id": found["person_id"],
            "application_id": found["application_id"],
            "entry": entry[0],
            "amount_fen": entry[2],
            "means": "same" if entry[0] == "refund" else "waiver",
            "at": at,
            "receipt": receipt,
            "operator": desk.request.actor,
            "reason": str(content.get("reason", "")),
        },
    )
    record_step(desk, found["application_id"], entry[1], at)
    return {"receipt": found["receipt"], "fee_receipt": receipt, "amount_fen": entry[2], "at": at}


_CHECKERS = frozenset({"reviewer"})
_CLERKS = frozenset({"counter_clerk", "reviewer"})
_MEDICAL = frozenset({"medical_staff", "reviewer"})
_KEEPERS = frozenset({"reviewer", "security_administrator"})
_KEY_KEEPERS = frozenset({"key_keeper"})
_GUARDS = frozenset({"security_administrator"})
_ON_ACCOUNTS = {
    name: PrivilegedAct(perform, ledger_signed.about, _MEDICAL, _CHECKERS)
    for name, perform in ledger_signed.PERFORM.items()
}
ON_KEYS = {
    name: PrivilegedAct(
        perform,
        keys_signed.ABOUT[name],
        _KEY_KEEPERS | _GUARDS if name in keys_signed.STOPS else _KEY_KEEPERS,
        _KEY_KEEPERS | _GUARDS if name in keys_signed.STOPS else _GUARDS,
        keys_signed.gains,
    )
    for name, perform in keys_signed.PERFORM.items()
}
"""Acts on keys: the key keeper proposes, the security administrator signs; ``desk.keys_signed``."""

ACTS: Mapping[str, PrivilegedAct] = {
    "release_quarantine": PrivilegedAct(_release_quarantine, _of_message, _KEEPERS, _KEEPERS),
    "destroy_card": PrivilegedAct(_destroy_card, _of_application, _CLERKS, _CHECKERS),
    "waive_fee": PrivilegedAct(_waive_fee, _of_application, _CLERKS, _CHECKERS),
    "refund_fee": PrivilegedAct(_refund_fee, _of_application, _CLERKS, _CHECKERS),
    "pay_claim": PrivilegedAct(pay_signed, about_claim, _MEDICAL, _CHECKERS),
    "suspend_settlement": PrivilegedAct(suspend_signed, about_sign, _MEDICAL, _CHECKERS),
    "resume_settlement": PrivilegedAct(lift_signed, about_sign, _MEDICAL, _CHECKERS),
    **_ON_ACCOUNTS,
    **ON_KEYS,
}
