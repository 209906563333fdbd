"""A purchase from the card's medical account, and its proof when the answer was lost.

| step | whom | what |
|---|---|---|
| 1 | card | INITIALIZE FOR PURCHASE: amounts and terminal; the card's offer |
| 2 | terminal's key | MAC1, and the terminal's own sequence |
| 3 | card | DEBIT: the money is taken; TAC for the centre, MAC2 for the terminal |
| 4 | terminal's key | MAC2 is right: the card has really taken it |

(card-chip §12.6.) Amounts are fen. When the answer to step 3 does not come, nobody knows: the card
is put in again, shown to be the same, and asked for the proof of its sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minka.chip import gate as gates
from minka.chip import reading
from minka.chip.apdu import Command
from minka.chip.connection import CardGone
from minka.chip.faults import CardFault, CardReason
from minka.chip.rules import Pin
from minka.chip.session import CardSession, Gate
from minka.kit.clock import CHINA

APPLICATION = "DF04"
PURCHASE, LOAD = 0x32, 0x31
"""The transaction types are ASCII digits."""
MOST_FEN = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one purchase takes and records, in fen, each 0 to 2³²-1."""

    account_fen: int
    """From the card's account."""
    own_fen: int
    """Paid by the holder."""
    pooled_fen: int
    """Paid by the pooling fund."""

    def __bytes__(self) -> bytes:
        """Twelve bytes; ``ValueError`` for an amount that does not fit."""
        parts = (self.account_fen, self.own_fen, self.pooled_fen)
        if not all(0 <= part <= MOST_FEN for part in parts):
            raise ValueError("an amount outside four bytes")
        return b"".join(part.to_bytes(4) for part in parts)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the card answers to the beginning of a purchase."""

    balance_fen: int
    own_year_fen: int
    pooled_year_fen: int
    year: str
    sequence: int
    """The card's purchase counter before this purchase."""
    key_version: int
    algorithm: int
    random: bytes

    def spend(self, terminal_sequence: int) -> bytes:
        """What the session key is made from: random, sequence, low half of the terminal's."""
        return self.random + self.sequence.to_bytes(2) + terminal_sequence.to_bytes(4)[2:]


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the terminal brings to a purchase."""

    amounts: Amounts
    terminal: str
    """Twelve digits."""
    at: datetime
    key_index: int = 1
    kind: int = PURCHASE

    @property
    def time(self) -> bytes:
        """Seven bytes of China time."""
        return bytes.fromhex(f"{self.at.astimezone(CHINA):%Y%m%d%H%M%S}")

    @property
    def mac1_input(self) -> bytes:
        """What MAC1 is made over: amounts, type, terminal, time."""
        return self._parts(b"")

    def tac_input(self, terminal_sequence: int) -> bytes:
        """What the TAC is made over: as MAC1, with the terminal's sequence before the time."""
        return self._parts(terminal_sequence.to_bytes(4))

    def _parts(self, before_time: bytes) -> bytes:
        terminal = bytes.fromhex(self.terminal)
        return bytes(self.amounts) + bytes((self.kind,)) + terminal + before_time + self.time


@dataclass(frozen=True, slots=True)
class Debited:
    """A purchase that the card has taken; the TAC is for the centre."""

    sequence: int
    terminal_sequence: int
    tac: bytes
    mac2: bytes


class PurchaseKey(Protocol):
    """The terminal's side of a purchase: a PSAM or an encryption machine."""

    def begin(self, offer: Offer, purchase: Purchase) -> tuple[int, bytes]:
        """The terminal's sequence and MAC1 of 4 bytes."""

    def finish(self, mac2: bytes) -> None:
        """``CardFault`` MAC_WRONG unless the card's MAC2 is right."""


class PurchaseTorn(Exception):
    """The answer to DEBIT did not come: keep this, and ask ``proof`` before anything else."""

    def __init__(self, sequence: int, terminal_sequence: int) -> None:
        super().__init__(f"purchase {sequence} has no answer")
        self.sequence = sequence
        self.terminal_sequence = terminal_sequence


def buy(session: CardSession, purchase: Purchase, key: PurchaseKey, gate: Gate) -> Debited:
    """The whole purchase; ``PurchaseTorn`` when the card was taken out before its answer.

    ``CardFault`` otherwise: nothing was taken, unless MAC_WRONG comes after the debit, which only a
    false card brings about; then the sequence is in ``facts``.
    """
    offer = offered(session, purchase, gate)
    terminal_sequence, mac1 = key.begin(offer, purchase)
    try:
        done = debit(session, purchase, offer.sequence, (terminal_sequence, mac1))
    except CardGone:
        raise PurchaseTorn(offer.sequence, terminal_sequence) from None
    key.finish(done.mac2)
    return done


def offered(session: CardSession, purchase: Purchase, gate: Gate) -> Offer:
    """Step 1: the PIN if one is set, and INITIALIZE FOR PURCHASE."""
    session.enter(APPLICATION)
    gates.open_for_reading(session, Pin(), gate)
    data = bytes((purchase.key_index,)) + bytes(purchase.amounts) + bytes.fromhex(purchase.terminal)
    return _offer(session.must(Command(0xB0, 0x28, 0x01, 0x01, data, 22)))


def debit(
    session: CardSession, purchase: Purchase, sequence: int, begun: tuple[int, bytes]
) -> Debited:
    """Step 3: the money is taken. ``begun`` is the terminal's sequence and MAC1."""
    terminal_sequence, mac1 = begun
    data = terminal_sequence.to_bytes(4) + purchase.time + mac1
    answer = session.must(Command(0xB0, 0x2C, 0x01, 0x00, data, 8))
    if len(answer) != 8:
        raise CardFault(CardReason.TORN_DATA)
    return Debited(sequence, terminal_sequence, answer[:4], answer[4:])


def proof(
    session: CardSession, torn: PurchaseTorn, identification: bytes, card_number: str
) -> Debited | None:
    """After a lost answer: what the card did, None when it took nothing.

    The card must be the same one (OTHER_CARD otherwise) and the purchase its last: the proof is
    kept only until the next one begins.
    """
    reading.same_card(session, identification, card_number)
    session.enter(APPLICATION)
    try:
        answer = session.must(Command(0xB0, 0x2E, 0x00, PURCHASE, torn.sequence.to_bytes(2), 8))
    except CardFault as fault:
        if fault.reason is CardReason.NO_PROOF:
            return None
        raise
    return Debited(torn.sequence, torn.terminal_sequence, tac=answer[4:8], mac2=answer[:4])


def last_sequence(session: CardSession, gate: Gate) -> int | None:
    """The sequence of the newest record of the card's log, None when it is empty."""
    records = reading.read_records(session, reading.LOG_FILE, gate)
    return int.from_bytes(records[0][:2]) if records else None


def must_be_last(session: CardSession, sequence: int, gate: Gate) -> None:
    """``CardFault`` NOT_LAST unless the newest record of the log is the one that is meant (X32).

    Whether a card logs its counter before or after the increment no open source says (card-chip
    §22): both are taken.
    """
    if last_sequence(session, gate) not in (sequence, (sequence + 1) & 0xFFFF):
        raise CardFault(CardReason.NOT_LAST)


def balance_fen(session: CardSession, gate: Gate) -> int:
    """What the card's account holds."""
    session.enter(APPLICATION)
    gates.open_for_reading(session, Pin(), gate)
    return int.from_bytes(session.must(Command(0xB0, 0x26, 0x00, 0x01, expected=4)))


def _offer(answer: bytes) -> Offer:
    if len(answer) != 22:
        raise CardFault(CardReason.TORN_DATA)
    account, own, pooled = (int.from_bytes(answer[at : at + 4]) for at in (0, 4, 8))
    return Offer(
        balance_fen=account,
        own_year_fen=own,
        pooled_year_fen=pooled,
        year=answer[12:14].hex(),
        sequence=int.from_bytes(answer[14:16]),
        key_version=answer[16],
        algorithm=answer[17],
        random=answer[18:22],
    )
