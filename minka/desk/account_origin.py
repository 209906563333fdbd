"""Where the money of every payment of an account came from (X39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from minka.accounts.lineage import Flow, Share, lineage
from minka.accounts.movement import words_of
from minka.desk.account_look import ref_of
from minka.desk.office import Office
from minka.kit.words import Words
from minka.store.connection import Row, row, rows


@dataclass(frozen=True, slots=True)
class Source:
    """A part of a payment, in fen, and the credit that it came from."""

    ref: str
    at: datetime
    words: Words
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that stands, and its sources, oldest first; they add up to it."""

    ref: str
    at: datetime
    words: Words
    provider_name: str
    amount_fen: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Origins:
    """Every payment of an account with its sources, newest first, and what is left of each."""

    payments: tuple[Payment, ...]
    left: tuple[Source, ...]


def origins(office: Office, person_id: int) -> Origins | None:
    """Follow every fen of a person's account through its whole history; None without account."""
    with office.register.act() as connection:
        if row(connection, "account.coverage", person_id=person_id) is None:
            return None
        found = rows(connection, "account.flows", person_id=person_id)
    moved = {ref_of(each["msg_no"], each["origin_no"]): each for each in reversed(found)}
    traced = lineage([_flow(ref, each) for ref, each in moved.items()])
    payments = [_payment(ref, moved, shares) for ref, shares in traced.paid.items()]
    return Origins(tuple(reversed(payments)), _sources(traced.left, moved))


def _flow(ref: str, found: Row) -> Flow:
    of = found["of_msg_no"]
    return Flow(ref, found["amount"], ref_of(of, found["of_origin_no"]) if of is not None else "")


def _payment(ref: str, moved: dict[str, Row], shares: tuple[Share, ...]) -> Payment:
    found = moved[ref]
    return Payment(
        ref,
        found["at"],
        words_of(found["kind"]),
        found["provider_name"],
        -found["amount"],
        _sources(shares, moved),
    )


def _sources(shares: tuple[Share, ...], moved: dict[str, Row]) -> tuple[Source, ...]:
    return tuple(
        Source(
            each.source,
            moved[each.source]["at"],
            words_of(moved[each.source]["kind"]),
            each.amount_fen,
        )
        for each in shares
    )
