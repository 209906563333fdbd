"""Card terminals at the lanes: the PIN's counter before any money.

A key that was answered gets its answer before a PIN is tried. A try is committed by itself,
whatever the purchase comes to; a refusal for the PIN is kept under the key like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from minka.care.decide import Ask as CareAsk
from minka.care.decide import Credential
from minka.care.entry import Entry
from minka.care.refusals import CareRefusal
from minka.care.split import AccountUse
from minka.desk.act import Desk, Request
from minka.desk.office import Office
from minka.desk.pin import count_try
from minka.desk.settle_job import Job, Task, Verdict
from minka.desk.settle_job import Outcome as Settled
from minka.desk.settle_think import NO_ASK
from minka.doors.host.ledger import ACCEPTED, Ask, Busy, Key, Outcome
from minka.doors.insurance.core import Core
from minka.kit.clock import CHINA
from minka.kit.outcome import Reason
from minka.law.pins import pin_law
from minka.store.connection import RegisterAway, Row, row
from minka.store.pins import PinKey

T = TypeVar("T")
PURCHASE, REVERSAL = 200, 400


class OutcomeUnknown(Exception):
    """Nobody knows whether it stands; the terminal is told to reverse."""


@dataclass(slots=True)
class Holder:
    """Whose card it is, and how it stands now."""

    person_id: int
    card_id: int
    region: str
    opens: int
    """One when the card may settle at this instant."""
    balance: int
    at: datetime
    known: int
    """One when the key was answered before."""


@dataclass(slots=True)
class Books:
    """``Ledger`` over the lanes of a settlement process."""

    core: Core

    async def balance(self, ask: Ask) -> Outcome:
        """The balance of the card's individual account; a stopped card tells nothing."""
        holder = await self._holder(ask)
        if holder is None:
            return Outcome(CareRefusal.CARD_UNKNOWN.code)
        if not holder.opens:
            return Outcome(CareRefusal.CARD_STOPPED.code)
        wrong = await self._tried(ask, holder)
        if wrong is not None:
            return Outcome(wrong.code)
        return Outcome(ACCEPTED, balance_fen=holder.balance)

    async def purchase(self, ask: Ask) -> Outcome:
        """Pay the provider from the individual account."""
        holder = await self._holder(ask)
        if holder is None:
            return Outcome(CareRefusal.CARD_UNKNOWN.code)
        job = self._job(ask, holder.person_id, Task.PURCHASE, PURCHASE)
        if holder.opens and not holder.known:
            wrong = await self._tried(ask, holder)
            if wrong is not None:
                job.task, job.reason = Task.REFUSE, wrong
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

    async def _holder(self, ask: Ask) -> Holder | None:
        return await self._by_hand(lambda: _holder(self.core.office, ask))

    async def _tried(self, ask: Ask, holder: Holder) -> Reason | None:
        pin = ask.pin
        if pin is None:
            return None
        key = PinKey(holder.person_id, holder.card_id)
        value = pin.value(key.holder)
        return await self._by_hand(lambda: _tried(self.core.office, ask, holder, (key, value)))

    async def _by_hand(self, work: Callable[[], T]) -> T:
        try:
            return await self.core.by_hand(work)
        except RegisterAway as away:
            raise Busy from away


def _holder(office: Office, ask: Ask) -> Holder | None:
    with office.register.act() as connection:
        found: Row | None = row(
            connection,
            "till.holder",
            card_number=ask.card_number,
            msg_no=ask.key.msg_no,
            origin_no=ask.key.origin_no,
            fence=office.fence(),
        )
    return Holder(**found) if found else None


def _tried(office: Office, ask: Ask, holder: Holder, tried: tuple[PinKey, bytes]) -> Reason | None:
    key, value = tried
    request = Request(f"till:{ask.key.origin_no}:{ask.key.msg_no}", f"host:{ask.terminal}")
    law = pin_law(holder.region, holder.at.astimezone(CHINA).date())
    with office.register.act() as connection:
        desk = Desk(connection, office, request, "TryPin", person_id=holder.person_id)
        refused = count_try(desk, key, value, law, at=holder.at)
    return refused.reason if refused else None


def _told(found: Settled) -> Outcome:
    if found.verdict is Verdict.REFUSED:
        return Outcome(found.code)
    entry = found.entry
    return Outcome(ACCEPTED, _auth_code(entry), entry.balance if entry else None)


def _auth_code(entry: Entry | None) -> str:
    """Six characters by which a slip is found again."""
    return f"{entry.msg_no % 1_000_000:06d}" if entry else ""
