"""Card terminals at the lanes: the PIN's counter before any money.

A key that was answered gets its answer before a PIN is tried. A try is committed before the
purchase, whatever that comes to, and a wrong one with its answer, so that it is counted once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from minka.care.decide import Ask as CareAsk
from minka.care.decide import Credential
from minka.care.entry import Entry
from minka.care.refusals import CareRefusal
from minka.care.split import AccountUse
from minka.desk import till
from minka.desk.settle_job import Job, Task, Verdict
from minka.desk.settle_job import Outcome as Settled
from minka.desk.settle_think import NO_ASK, REASONS
from minka.doors.host.ledger import ACCEPTED, Ask, Busy, Key, Outcome
from minka.doors.insurance.core import Core
from minka.store.connection import RegisterAway

T = TypeVar("T")
REVERSAL = 400


class OutcomeUnknown(Exception):
    """Nobody knows whether it stands; the terminal is told to reverse."""


@dataclass(slots=True)
class Books:
    """``Ledger`` over the lanes of a settlement process."""

    core: Core

    async def balance(self, ask: Ask) -> Outcome:
        """The balance of the card's individual account; a stopped card tells nothing."""
        told = await self._by_hand(lambda: till.balance(self.core.office, _question(ask)))
        return Outcome(told.code or ACCEPTED, balance_fen=told.balance_fen)

    async def purchase(self, ask: Ask) -> Outcome:
        """Pay the provider from the individual account."""
        holder = await self._holder(ask)
        if holder is None:
            return Outcome(CareRefusal.CARD_UNKNOWN.code)
        job = self._job(ask, holder.person_id, Task.PURCHASE, till.PURCHASE)
        if holder.opens and not holder.known and ask.pin is not None:
            office, question = self.core.office, _question(ask)
            told = await self._by_hand(lambda: till.try_pin(office, question, holder))
            if told.code:
                job.task, job.reason = Task.REFUSE, REASONS[told.code]
        return _told(await self._settled(job))

    async def reverse(self, ask: Ask, original: Key) -> Outcome:
        """Undo the purchase of a key, or make sure that it never happens."""
        holder = await self._holder(ask)
        if holder is None:
            return Outcome(CareRefusal.CARD_UNKNOWN.code)
        job = self._job(ask, holder.person_id, Task.REVERSE, REVERSAL)
        job.ask = NO_ASK
        job.of_msg_no, job.of_origin_no = original
        return _told(await self._settled(job))

    def _job(self, ask: Ask, person_id: int, task: Task, infno: int) -> Job:
        card = ask.card_number.encode()
        shown = CareAsk(Credential.CARD, card, ask.amount_fen, None, AccountUse.YES, 0)
        provider = self.core.book.by_code.get(ask.provider_code)
        job = Job(task, *ask.key, person_id, infno, shown, content_hash=ask.content_hash[:16])
        job.provider_no = provider.provider_no if provider else -1
        return job

    async def _settled(self, job: Job) -> Settled:
        lane = self.core.lanes[job.person_id % len(self.core.lanes)]
        lane.put(job)
        found = await job.answer
        if found.verdict is Verdict.BUSY:
            raise Busy
        if found.verdict is Verdict.UNKNOWN:
            raise OutcomeUnknown
        return found

    async def _holder(self, ask: Ask) -> till.Holder | None:
        return await self._by_hand(lambda: till.holder_of(self.core.office, _question(ask)))

    async def _by_hand(self, work: Callable[[], T]) -> T:
        try:
            return await self.core.by_hand(work)
        except RegisterAway as away:
            raise Busy from away


def _question(ask: Ask) -> till.Question:
    pin = ask.pin
    return till.Question(
        *ask.key,
        ask.terminal,
        ask.content_hash[:16],
        ask.card_number,
        None if pin is None else pin.value,
    )


def _told(found: Settled) -> Outcome:
    if found.verdict is Verdict.REFUSED:
        return Outcome(found.code)
    entry = found.entry
    return Outcome(ACCEPTED, _auth_code(entry), entry.balance if entry else None)


def _auth_code(entry: Entry | None) -> str:
    """Six characters by which a slip is found again."""
    return f"{entry.msg_no % 1_000_000:06d}" if entry else ""
