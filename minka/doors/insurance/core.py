"""A message on its way through the door: known sender, checked content, its handler, its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
import structlog

from minka.desk.care_book import CareBook, Provider
from minka.desk.office import Office
from minka.desk.settle_job import Job, Outcome
from minka.desk.settle_lane import Lane
from minka.doors.insurance.http import Request
from minka.doors.insurance.sessions import Client, Session, SessionRefusal, Sessions, seal
from minka.kit.clock import CHINA
from minka.kit.outcome import Reason, Refused
from minka.wire.insurance import answer
from minka.wire.insurance.answer import Stamp
from minka.wire.insurance.area import Area, HexCase
from minka.wire.insurance.faults import Faulty
from minka.wire.insurance.figures import instant17
from minka.wire.insurance.output import Outputs
from minka.wire.insurance.registry import Registry, registry

T = TypeVar("T")
log = structlog.get_logger("minka.insurance")
_encode = msgspec.json.Encoder().encode
DECIDED, AT_THE_GATE, BUSY, UNDECIDED = 200, 401, 503, 500
"""HTTP statuses: what becomes of a message stands only in an answer with 200 (reference: 1.5).

At the gate and when busy nothing was done with this delivery; an earlier one of the same message
may have been settled all the same. Undecided: nobody knows, and asking again will tell.
"""
LOOKS = 3
"""How often the register is asked for sessions before a message is answered that we are busy."""
HANDS = 3
"""Threads for everything that is no settlement; more would only take the turn from the lanes."""


@dataclass(slots=True)
class Dialect:
    """An area's way to speak, ready for use."""

    registry: Registry
    outputs: Outputs
    hexcase: HexCase

    @property
    def area(self) -> Area:
        """The settings of the area."""
        return self.registry.area


@dataclass(slots=True, eq=False)
class Call:
    """One request that passed the door, and how it is answered."""

    core: Core
    request: Request
    dialect: Dialect
    received: str
    client: Client
    provider: Provider
    session: Session | None = None
    message: Any = None

    @property
    def key(self) -> tuple[int, int]:
        """The request's key: the last eighteen digits of its msgid, and whose message it is."""
        return int(self.message.msgid[12:]), self.provider.provider_no

    def content_hash(self) -> bytes:
        """What the key is bound to: the transaction and all it says."""
        said = self.message.infno.encode() + _encode(self.message.input)
        return sha256(said).digest()[:16]

    def say(self, output: object = None) -> None:
        """Answer with success."""
        self._send(answer.success(self.dialect.area, self._stamp(), output))

    def refuse(
        self, reason: Reason, facts: Mapping[str, Any] | None = None, status: int = DECIDED
    ) -> None:
        """Answer with a refusal in words."""
        self.fail(reason.words.say("zh-hans", **(facts or {})), status)

    def fail(self, words: str, status: int = DECIDED) -> None:
        """Answer with an error text; only ``DECIDED`` says what becomes of the message for ever."""
        self._send(answer.failure(self.dialect.area, self._stamp(), words), status)

    def busy(self) -> None:
        """Nothing was booked now; whether it was under an earlier delivery can be asked again."""
        self.refuse(SessionRefusal.BUSY, None, BUSY)

    def _stamp(self) -> Stamp:
        return Stamp(self.received, self.core.instant(), self.core.next_serial())

    def _send(self, body: bytes, status: int = DECIDED) -> None:
        now = int(time.time())
        self.request.reply(body, seal(self.session, self.request.headers, body, now), status)


Handler = Callable[[Call], None]


@dataclass(slots=True)
class Core:
    """The settlement process's one core: lanes for money, hands for the rest."""

    office: Office
    sessions: Sessions
    lanes: list[Lane] = field(default_factory=list)
    book: CareBook = field(default_factory=CareBook)
    handlers: dict[str, Handler] = field(default_factory=dict)
    serial: int = 0
    look: Callable[[], Awaitable[None]] | None = None
    """Brings sessions and reference data up to the register."""
    in_hand: int = 0
    """Messages that wait for a thread, or have one."""
    hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HANDS))
    _dialects: dict[str, Dialect] = field(default_factory=dict)
    _instant: tuple[int, str] = (0, "")
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def next_serial(self) -> int:
        """A number that no other answer of this switch has; each worker has its own series."""
        self.serial += self.sessions.shared.workers
        return self.serial

    def instant(self) -> str:
        """Now in seventeen digits; made once a millisecond."""
        now = time.time_ns() // 1_000_000
        if now != self._instant[0]:
            self._instant = now, instant17(datetime.fromtimestamp(now / 1000, UTC))
        return self._instant[1]

    def dialect(self, provider: Provider | None) -> Dialect:
        """How the area of a provider speaks; the national form for nobody's."""
        area = self.book.areas.get(provider.area) if provider else None
        name = area.overlay if area else "demo"
        found = self._dialects.get(name)
        if found is None:
            spoken = registry(name)
            outputs = Outputs(spoken)
            found = Dialect(spoken, outputs, spoken.area.signature_case)
            self._dialects[name] = found
        return found

    def receive(self, request: Request) -> None:
        """A request came: who is it, is it whole, may it be said; then its handler."""
        client = self.sessions.clients.get(request.headers.get("x-tif-paasid", ""))
        provider = self.book.providers.get(client.provider_no) if client else None
        dialect = self.dialect(provider)
        nobody = Client(0, "", "", b"")
        call = Call(self, request, dialect, self.instant(), client or nobody, provider or NOWHERE)
        self._guarded(self._received, call)

    def _guarded(self, step: Callable[[Call], None], call: Call) -> None:
        try:
            step(call)
        except Exception:
            log.exception("request_failed")
            call.fail("平台出错，结果未知。请用原报文编号重发或冲正。", UNDECIDED)

    def _received(self, call: Call) -> None:
        headers, body = call.request.headers, call.request.body
        passed = self.sessions.application(headers, call.dialect.hexcase, int(time.time()))
        if isinstance(passed, Refused):
            busy = passed.reason is SessionRefusal.BUSY
            return call.refuse(passed.reason, passed.facts, BUSY if busy else AT_THE_GATE)
        message = call.message = call.dialect.registry.read(body)
        if message.infno == "9001":  # a session first: what is said after it carries its seal
            return self._known(call)
        if self.sessions.turn != self.sessions.shared.turn():
            return self.later(self._after_a_look(call))
        return self._in_session(call)

    async def _after_a_look(self, call: Call) -> None:
        """A session began or ended somewhere: the register says which."""
        for _ in range(LOOKS):
            if self.look is not None and self.sessions.turn != self.sessions.shared.turn():
                await self.look()
        if self.sessions.turn != self.sessions.shared.turn():
            return call.busy()
        return self._guarded(self._in_session, call)

    def _in_session(self, call: Call) -> None:
        moment = datetime.fromtimestamp(time.time(), UTC)
        headers, body = call.request.headers, call.request.body
        session = self.sessions.session(call.client, headers, body, moment)
        if isinstance(session, Refused):
            return call.refuse(session.reason, None, AT_THE_GATE)
        call.session = session
        return self._known(call)

    def _known(self, call: Call) -> None:
        message = call.message
        if isinstance(message, Faulty):
            return call.fail(message.say())
        if not _is_own(call):
            return call.refuse(SessionRefusal.NOT_THE_SENDER)
        handler = self.handlers.get(message.infno)
        if handler is None:
            return call.fail(f"本平台不受理交易{message.infno}。请核对交易编号。")
        return handler(call)

    def settle(self, job: Job, told: Callable[[Outcome], None]) -> None:
        """Put a job into its lane; ``told`` is called once with the answer."""
        lane = self.lanes[job.person_id % len(self.lanes)]
        job.told = told
        lane.put(job)

    def later(self, work: Awaitable[None]) -> None:
        """Let something go on in the loop."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def by_hand(self, work: Callable[[], T]) -> T:
        """Do something that waits for the register on a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.hands, work)


NOWHERE = Provider(0, "", 0, "", 1, "", "", ())
"""Of a sender nobody knows."""


def _is_own(call: Call) -> int:
    """Whether the message names the institution that sent it."""
    message, code = call.message, call.provider.fixmedins_code
    return int(bool(code) and message.fixmedins_code == code and message.msgid[:12] == code)


def china(at: datetime) -> datetime:
    """An instant on China's clock."""
    return at.astimezone(CHINA)
