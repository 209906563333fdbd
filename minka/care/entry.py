"""One row of the journal, as it is written and as it is read again."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """A settlement, refund, reversal, refusal or tombstone; amounts in fen, at in microseconds.

    The first fields are in the order of the register's queries ``known`` and ``write``.
    """

    msg_no: int
    origin_no: int
    person_id: int
    visit_no: int
    bill_no: int
    fee_upto: int
    card_id: int
    of_msg_no: int
    of_origin_no: int
    provider_no: int
    area: int
    rule_no: int
    infno: int
    kind: int
    basis: int
    scheme: int
    credential: int
    year: int
    round: int
    nth: int
    pooled: int
    admission: int
    total: int
    own_pay: int
    over_limit: int
    self_first: int
    in_scope: int
    deductible: int
    pool: int
    large: int
    serious: int
    civil: int
    enterprise: int
    assistance: int
    other: int
    hospital: int
    account: int
    cash: int
    balance: int
    at: int
    reason: bytes
    trace: bytes
    content_hash: bytes

    @property
    def setl_id(self) -> str:
        """The settlement's public number: the message's number and the origin's."""
        return f"{self.msg_no:018d}{self.origin_no:08d}"

    @property
    def fund(self) -> int:
        """What the funds pay, without the individual account."""
        return (
            self.pool
            + self.large
            + self.serious
            + self.civil
            + self.enterprise
            + self.assistance
            + self.other
        )

    @property
    def person_part(self) -> int:
        """What the person pays, from the account and in cash."""
        return self.account + self.cash


NUMBERS = Entry._fields.index("at")
"""How many of the fields are integers that stand in one array."""
numbers_of: Callable[[Entry], tuple[int, ...]] = itemgetter(slice(NUMBERS))
"""The integers of an entry, without its instant."""


def undo(of: Entry, *, msg_no: int, origin_no: int, kind: int, infno: int, nth: int) -> Entry:
    """The opposite of an entry under a key of its own; what it moved, it moves back."""
    first, last = of._fields.index("admission"), NUMBERS - 1
    values: list[Any] = list(of)
    values[first:last] = [-value for value in values[first:last]]
    return Entry._make(values)._replace(
        msg_no=msg_no,
        origin_no=origin_no,
        of_msg_no=of.msg_no,
        of_origin_no=of.origin_no,
        kind=kind,
        infno=infno,
        nth=nth,
    )
