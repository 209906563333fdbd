"""What is seen of a person's account: the balance at any instant, movements, one settlement whole.

Nothing here is kept beside the books: every answer is walked from the coverage row along the link
from each journal row to the one before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.accounts.movement import words_of
from minka.desk.office import Office
from minka.kit.words import Words
from minka.store import cards
from minka.store.connection import Row, row, rows, the_row

PART_NAMES = (
    *("total", "own_pay", "over_limit", "self_first", "in_scope", "deductible", "pool", "large"),
    *("serious", "civil", "enterprise", "assistance", "other", "hospital", "account", "cash"),
)
"""The amounts of a settlement in fen, as the journal's row holds them."""

FUND_PARTS = ("pool", "large", "serious", "civil", "enterprise", "assistance", "other")
"""The parts that funds pay, not the person."""

_KINDS = ("", "settlement", "refund", "reversal", "refusal", "tombstone")
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Balance:
    """A person's account at an instant, in fen."""

    fen: int
    held_fen: int
    as_of: datetime

    @property
    def free_fen(self) -> int:
        """What can be spent; nothing when a reversal left less than was promised."""
        return max(self.fen - self.held_fen, 0)


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of a person's account; amounts in fen."""

    ref: str
    """A settlement's 26 digits (setl_id), or ``L`` and the number of a ledger entry."""
    at: datetime
    kind: str
    words: Words
    amount_fen: int
    """The change of the account with its sign; zero for a hold."""
    balance_fen: int
    """The balance after it."""
    provider_name: str
    total_fen: int
    """The whole bill; for a hold what is held."""
    fund_fen: int
    account_fen: int
    cash_fen: int
    card_id: int


@dataclass(frozen=True, slots=True)
class SettlementView:
    """One row of the journal of settlements with everything in it; amounts in fen."""

    ref: str
    person_id: int
    at: datetime
    kind: str
    words: Words
    amounts: Mapping[str, int]
    """Each of ``PART_NAMES``."""
    fund_fen: int
    balance_fen: int
    provider_no: int
    provider_name: str
    fixmedins_code: str
    area: int
    area_name: str
    region: str
    scheme: int
    year: int
    basis: int
    admission: int
    infno: int
    credential: int
    card_id: int
    visit_no: int
    bill_no: int
    round: int
    rule_ref: str
    undoes_ref: str
    """The settlement that this refund or reversal undoes, or empty."""
    undone_by_ref: str
    """The refund or reversal that undid this one, or empty."""
    reason: str
    trace: bytes
    """How the amounts were found, step by step, as the room of care wrote it."""


def ref_of(msg_no: int, origin_no: int) -> str:
    """The public number of a journal row: 26 digits, or ``L`` and a ledger entry's number."""
    return f"{msg_no:018d}{origin_no:08d}" if origin_no else f"L{msg_no}"


def keys_of(ref: str) -> tuple[int, int] | None:
    """The two keys (message, origin) of a public number; None when it is none."""
    digits = ref.removeprefix("L")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if ref.startswith("L"):
        return (int(digits), 0) if len(digits) <= 18 else None
    return (int(digits[:18]), int(digits[18:])) if len(digits) == 26 else None


def balance(office: Office, person_id: int, at: datetime | None = None) -> Balance | None:
    """The balance now or at any past instant; None for a person who has no account.

    An instant before the first movement answers zero.
    """
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        if at is None:
            found = row(connection, "account.coverage", person_id=person_id)
        else:
            found = row(connection, "account.at", person_id=person_id, at=at)
        if found is None:
            return None
        as_of = at or max(now, found["last_at"])
        held = the_row(connection, "account.held", person_id=person_id, at=as_of)
    return Balance(found["balance_fen"], held["held"], as_of)


def movements(
    office: Office, person_id: int, since: datetime, until: datetime, *, limit: int = 200
) -> list[Movement]:
    """The movements of ``since <= at < until``, newest first, at most ``limit``."""
    window = {"since": since, "until": until, "most": limit}
    with office.register.act() as connection:
        found = rows(connection, "account.movements", person_id=person_id, **window)
    return [_movement(each) for each in found]


def settlement(office: Office, ref: str) -> SettlementView | None:
    """A settlement, refund, reversal or refusal by its public number, or None."""
    keys = keys_of(ref)
    if keys is None or keys[1] == 0 or keys[1] >= 2**31:
        return None
    with office.register.act() as connection:
        named = {"msg_no": keys[0], "origin_no": keys[1]}
        found = rows(connection, "account.settlement", **named)
    return _settlement(found[0]) if len(found) == 1 else None


def _movement(found: Row) -> Movement:
    return Movement(
        ref=ref_of(found["msg_no"], found["origin_no"]),
        at=found["at"],
        kind=found["kind"],
        words=words_of(found["kind"]),
        amount_fen=found["amount"],
        balance_fen=found["balance"],
        provider_name=found["provider_name"],
        total_fen=found["total"] or int(found["details"].get("held_fen", 0)),
        fund_fen=found["fund"],
        account_fen=found["account"],
        cash_fen=found["cash"],
        card_id=found["card_id"],
    )


def _settlement(found: Row) -> SettlementView:
    purchase = found["kind"] == 1 and not found["visit_no"]
    kind = "purchase" if purchase else _KINDS[found["kind"]]
    same = (
        *("person_id", "at", "provider_no", "area", "area_name", "region", "scheme", "year"),
        *("basis", "admission", "infno", "credential", "card_id", "visit_no", "bill_no", "round"),
        "reason",
    )
    return SettlementView(
        ref=ref_of(found["msg_no"], found["origin_no"]),
        kind=kind,
        words=words_of(kind),
        amounts={name: found[name] for name in PART_NAMES},
        fund_fen=sum(found[name] for name in FUND_PARTS),
        balance_fen=found["balance"],
        provider_name=found["provider_name"] or "",
        fixmedins_code=found["fixmedins_code"] or "",
        rule_ref=found["rule_ref"] or "",
        undoes_ref=_other(found["of_msg_no"], found["of_origin_no"]),
        undone_by_ref=_other(found["undone_msg_no"], found["undone_origin_no"]),
        trace=bytes(found["trace"]),
        **{name: found[name] for name in same},
    )


def _other(msg_no: int | None, origin_no: int | None) -> str:
    return ref_of(msg_no, origin_no or 0) if msg_no is not None else ""
