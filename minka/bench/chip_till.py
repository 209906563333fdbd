"""A till without a line: its PSAM, its limits, its stop list, and what it takes until it is asked.

It keeps to what the city allows a terminal (safety §9): so much in a purchase, so much and so often
of one card in a day, and no longer than its stop list is young. A card proves itself to the PSAM
first; the register has the last word on everything when the till brings it in.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from minka.bench.card_keys import factors
from minka.bench.card_slot import Slot
from minka.bench.psam_maker import PLACES, Terminal, places_of, sam_cells, sam_from
from minka.chip.accept import StopList, must_accept
from minka.chip.connection import CardConnection
from minka.chip.faults import CardFault
from minka.chip.fci import ChipAlgorithm
from minka.chip.psam import Place, Psam, open_psam
from minka.chip.purchase import Amounts, PurchaseTorn, buy, proof
from minka.chip.purchase import Purchase as AtCard
from minka.chip.reading import open_card, prove_card
from minka.chip.session import CardSession, Gate
from minka.desk.chip_offline_rules import Purchase
from minka.keys.table import key_table
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.law.chip import ChipRules

LEVEL = 1


class TillRefusal(Enum):
    """Why a till takes nothing from a card."""

    LIST_OLD = "the stop list is too old: no line, no purchase"
    LISTED = "the card is stopped"
    OVER_PURCHASE = "too much for one purchase"
    OVER_DAY = "too much for one day"
    OVER_USES = "too often for one day"


class NotTaken(Exception):
    """The till refused before the card was asked for money."""

    def __init__(self, why: TillRefusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class HeldList:
    """The stop list a till holds, and the last instant the centre signed for it."""

    version: int
    true_at: datetime
    synced_at: datetime
    stops: StopList = field(default_factory=StopList)


@dataclass(slots=True)
class Till:
    """One terminal with its PSAM; ``taken`` waits for the next line."""

    rules: ChipRules
    held: HeldList
    now: Callable[[], datetime]
    psam: Psam
    taken: list[Purchase] = field(default_factory=list)

    def sell(self, card: CardConnection, amounts: Amounts, pin: Clear) -> Purchase:
        """Take a purchase; ``NotTaken``, ``CardFault``.

        When the card is taken out before its answer, ``PurchaseTorn``: give it to ``settle``.
        """
        session = self._opened(card)
        at = self.now().replace(microsecond=0)
        self._allowed(session, amounts, at)
        asked = AtCard(amounts, self.psam.terminal, at)
        done = buy(session, asked, self.psam, Gate(self.psam, pin))
        numbers = (done.sequence, done.terminal_sequence)
        return self._keep(session.identification, asked, numbers, tac=done.tac)

    def settle(
        self, card: CardConnection, torn: PurchaseTorn, asked: AtCard, meant: tuple[bytes, str]
    ) -> Purchase | None:
        """After a lost answer: the purchase when the same card proves it, None when it took none.

        ``meant`` is the identification code and number of the card that was charged (X32).
        """
        done = proof(open_card(card), torn, *meant)
        if done is None:
            return None
        numbers = (done.sequence, done.terminal_sequence)
        return self._keep(meant[0], asked, numbers, tac=done.tac)

    def brought_in(self) -> tuple[Purchase, ...]:
        """Everything taken so far, to be uploaded; the till keeps it until it is answered."""
        return tuple(self.taken)

    def _opened(self, card: CardConnection) -> CardSession:
        session = open_card(card)
        historical = bytes(5) + session.factor
        way = tuple(reversed(factors(session.area, historical)))
        self.psam.serves(ChipAlgorithm(session.algorithm), way)
        prove_card(session, Gate(self.psam), random=os.urandom(16))
        return session

    def _allowed(self, session: CardSession, amounts: Amounts, at: datetime) -> None:
        held = self.held
        if at - held.true_at > timedelta(hours=self.rules.list_hours):
            raise NotTaken(TillRefusal.LIST_OLD)
        try:
            must_accept(session, at.astimezone(CHINA).date(), stops=held.stops)
        except CardFault:
            raise NotTaken(TillRefusal.LISTED) from None
        total = amounts.account_fen + amounts.own_fen + amounts.pooled_fen
        if total > self.rules.purchase_fen:
            raise NotTaken(TillRefusal.OVER_PURCHASE)
        day = [
            p.total_fen
            for p in self.taken
            if p.id_code == session.identification and at - p.claimed_at < timedelta(hours=24)
        ]
        if sum(day) + total > self.rules.day_fen:
            raise NotTaken(TillRefusal.OVER_DAY)
        if len(day) >= self.rules.day_uses:
            raise NotTaken(TillRefusal.OVER_USES)

    def _keep(
        self, id_code: bytes, asked: AtCard, numbers: tuple[int, int], *, tac: bytes
    ) -> Purchase:
        made = Purchase(
            id_code=id_code,
            card_seq=numbers[0],
            terminal_seq=numbers[1],
            account_fen=asked.amounts.account_fen,
            self_fen=asked.amounts.own_fen,
            pooled_fen=asked.amounts.pooled_fen,
            claimed_at=asked.at,
            tac=tac,
            list_version=self.held.version,
            list_at=self.held.true_at,
            synced_at=self.held.synced_at,
        )
        self.taken.append(made)
        return made


def psam_of(area: str, number: str, sequence: int = 1) -> Psam:
    """A PSAM of the bench for an area's terminal, its SM4 environment open."""
    told = Terminal(area=area, number=number, level=LEVEL, sequence=sequence)
    places = {row.name: Place(*at) for row in key_table() for at in places_of(row, LEVEL)}
    return open_psam(Slot(sam_from(sam_cells(told))), places, name=PLACES[1][1])
