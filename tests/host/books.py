"""Books in memory that keep the rules of the host door's Protocol; for tests alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

from minka.accounts.refusals import AccountRefusal
from minka.cards.pin import PinState, try_pin
from minka.cards.refusals import UseRefusal
from minka.care.refusals import CareRefusal
from minka.cipher.field import SoftFieldKeys
from minka.cipher.pin import verification_value
from minka.desk.refusals import DeskRefusal
from minka.doors.host.ledger import Ask, Busy, Key, Outcome
from minka.kit.secret import Clear
from minka.law.pins import pin_law

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
LAW = pin_law("R5", NOON.date())
DESIGNATED = "H99000100001"
HOLDER = "1:1"


class Books:
    """One balance per card; each key answered once for ever; a reversal leaves a tombstone."""

    def __init__(self, fields: SoftFieldKeys, pin: Clear, balance_fen: int = 100_000) -> None:
        self.balances = Counter({"T00000018": balance_fen, "T00000026": balance_fen})
        self.stopped: set[str] = set()
        self.pin = PinState(verification_value(fields, HOLDER, pin), version=1)
        self.answered: dict[Key, tuple[bytes, Outcome]] = {}
        self.paid: dict[Key, tuple[str, int]] = {}
        self.undone: set[Key] = set()
        self.asked: list[Ask] = []
        self.late_ms = 0
        self.busy_for = 0
        self.breaks_after_booking = 0

    async def balance(self, ask: Ask) -> Outcome:
        """See ``Ledger``."""
        await self._wait(ask)
        return self._once(ask, self._balance)

    async def purchase(self, ask: Ask) -> Outcome:
        """See ``Ledger``."""
        if self.busy_for:
            self.busy_for -= 1
            raise Busy
        outcome = self._once(ask, self._purchase)
        await self._wait(ask)
        if self.breaks_after_booking:
            self.breaks_after_booking -= 1
            raise ConnectionError("the line to the books broke")
        return outcome

    async def reverse(self, ask: Ask, original: Key) -> Outcome:
        """See ``Ledger``."""
        self.asked.append(ask)

        def undo(_ask: Ask) -> Outcome:
            if original not in self.undone and original in self.paid:
                card, amount = self.paid[original]
                self.balances[card] += amount
            self.undone.add(original)
            return Outcome("accepted", f"{ask.key.msg_no % 10**6:06d}")

        return self._once(ask, undo)

    async def _wait(self, ask: Ask) -> None:
        self.asked.append(ask)
        await asyncio.sleep(self.late_ms / 1000)

    def _once(self, ask: Ask, work: object) -> Outcome:
        known = self.answered.get(ask.key)
        if known is not None:
            return (
                known[1] if known[0] == ask.content_hash else Outcome(DeskRefusal.KEY_REUSED.code)
            )
        assert callable(work)
        outcome = work(ask)
        assert isinstance(outcome, Outcome)
        self.answered[ask.key] = (ask.content_hash, outcome)
        return outcome

    def _stop(self, ask: Ask) -> str:
        if ask.card_number not in self.balances:
            return UseRefusal.UNKNOWN.code
        if ask.card_number in self.stopped:
            return UseRefusal.FORMAL_LOSS.code
        if ask.pin is None:
            return ""
        tried = try_pin(self.pin, ask.pin.value(HOLDER), LAW, NOON)
        self.pin = tried.state
        return tried.refused.reason.code if tried.refused else ""

    def _balance(self, ask: Ask) -> Outcome:
        stop = self._stop(ask)
        return Outcome(stop) if stop else Outcome("accepted", "", self.balances[ask.card_number])

    def _purchase(self, ask: Ask) -> Outcome:
        if ask.key in self.undone:
            return Outcome(CareRefusal.REVERSED.code)
        stop = self._stop(ask)
        if stop:
            return Outcome(stop)
        if ask.provider_code != DESIGNATED:
            return Outcome(AccountRefusal.NOT_DESIGNATED.code)
        if self.balances[ask.card_number] < ask.amount_fen:
            return Outcome(AccountRefusal.BALANCE_SHORT.code)
        self.balances[ask.card_number] -= ask.amount_fen
        self.paid[ask.key] = (ask.card_number, ask.amount_fen)
        number = f"{ask.key.msg_no % 10**6:06d}"
        return Outcome("accepted", number, self.balances[ask.card_number])
