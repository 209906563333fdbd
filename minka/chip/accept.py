"""Whether a terminal may go on with a card: stopped, of a kind it takes, within its days.

The checks and their order are card-chip §12.5, step 4; they come after the card has proven itself.
A terminal's list may only refuse earlier than the register would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from minka.chip.faults import CardFault, CardReason
from minka.chip.session import CardSession
from minka.chip.values import Value


@dataclass(frozen=True, slots=True)
class StopList:
    """A terminal's list of stopped cards, in the two kinds of records there are."""

    cards: frozenset[tuple[bytes, str]] = frozenset()
    """Identification code and card number."""
    ranges: Sequence[tuple[str, str]] = ()
    """Card numbers from the first to the second, both included."""

    def has(self, identification: bytes, card_number: str) -> bool:
        """Whether a card is on the list."""
        return (identification, card_number) in self.cards or any(
            first <= card_number <= last for first, last in self.ranges
        )


@dataclass(frozen=True, slots=True)
class Accepts:
    """What a terminal takes; None takes everything."""

    institutions: frozenset[str] | None = None
    classes: frozenset[str] | None = None
    versions: frozenset[str] | None = None
    """First digits of the specification version."""


def must_accept(
    session: CardSession,
    day: date,
    *,
    stops: StopList | None = None,
    accepts: Accepts | None = None,
) -> None:
    """``CardFault`` with the first reason why a terminal may not go on with the card.

    A day that the card does not have, or has in no form of a day, is not held against it.
    """
    if stops is not None and stops.has(session.identification, session.card_number):
        raise CardFault(CardReason.STOPPED)
    values = {found.item.tag: found.reading.value for found in session.issuer_fields}
    if not _taken(values.get(0x04), values.get(0x02), session, accepts or Accepts()):
        raise CardFault(CardReason.NOT_ACCEPTED)
    issued, until = values.get(0x05), values.get(0x06)
    if isinstance(issued, date) and day < issued:
        raise CardFault(CardReason.NOT_YET_VALID)
    if isinstance(until, date) and day > until:
        raise CardFault(CardReason.EXPIRED)


def _taken(institution: Value, kind: Value, session: CardSession, accepts: Accepts) -> bool:
    return all(
        allowed is None or value in allowed
        for allowed, value in (
            (accepts.institutions, institution),
            (accepts.classes, kind),
            (accepts.versions, str(session.generation.value)),
        )
    )
