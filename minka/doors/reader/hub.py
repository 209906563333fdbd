"""One card operation at a time: callers queue here, and a card between two steps has one owner.

A caller is a WebSocket, or a program that names itself. What a caller left half done keeps the
card under power for a while (``hold_s``); others wait behind it, and everybody waits ``patience_s``
at most: then the answer is -4, and whatever still runs ends without a listener. A log line names
the function, its code and its milliseconds, and never an argument or an output.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter
from typing import Protocol

from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.driver import Driver, Outcome
from minka.doors.reader.level import Level
from minka.doors.reader.pinpad import Ask, NoPad, PinPad
from minka.doors.reader.terminal import Terminal

log = logging.getLogger("minka.reader")

Act = Callable[["Caller", Terminal], Outcome]


class Caller:
    """Somebody who calls functions; the card a first step left is this caller's."""

    def __init__(self, terminal: Terminal) -> None:
        self.driver = Driver(terminal)
        self.level = Level()
        self.gone = threading.Event()

    @property
    def holds_a_card(self) -> bool:
        """Whether others have to wait."""
        return self.driver.holds_a_card or self.level.holds_a_card

    def close(self) -> None:
        """Lets every card go."""
        self.driver.close()
        self.level.close()


class Screen(Protocol):
    """A page or program that shows a PIN pad."""

    def ask(self, ask: Ask) -> Awaitable[str | None]:
        """The digits, or None for cancel."""


class Hub:
    """The queue before one terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.screen: Screen | None = None
        self.begun = 0
        """How many operations began."""
        self._hands = ThreadPoolExecutor(1, thread_name_prefix="card")
        self._turn = asyncio.Condition()
        self._busy = False
        self._owner: Caller | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def caller(self) -> Caller:
        """A new caller."""
        return Caller(self.terminal)

    async def call(
        self, caller: Caller, name: str, *arguments: str, pad: PinPad | None = None
    ) -> Outcome:
        """A driver function, or a reader-level one by its ICC_ name, in its turn."""

        def act(caller: Caller, terminal: Terminal) -> Outcome:
            if name.startswith("ICC_"):
                return caller.level.call(terminal, name, *arguments)
            caller.driver.terminal = terminal
            return caller.driver.call(name, *arguments)

        return await self.do(caller, name, act, pad)

    async def do(self, caller: Caller, name: str, act: Act, pad: PinPad | None = None) -> Outcome:
        """Anything that needs the card, in its turn; -4 when that does not end in time."""
        began = perf_counter()
        terminal = replace(self.terminal, pad=pad or self._pad())
        try:
            async with asyncio.timeout(self.terminal.settings.patience_s):
                await self._take_turn(caller)
                work = self._start(caller, act, terminal)
                outcome = await asyncio.shield(work)
        except TimeoutError:
            outcome = Outcome(Code.NO_ANSWER)
        except Exception as fault:
            log.warning("%s failed: %s", name, type(fault).__name__)
            outcome = Outcome(Code.UNKNOWN)
        log.info("%s %d %d ms", name, outcome.code, 1000 * (perf_counter() - began))
        return outcome

    def _start(self, caller: Caller, act: Act, terminal: Terminal) -> asyncio.Future[Outcome]:
        self.begun += 1
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._hands, act, caller, terminal)

        def ended(_: asyncio.Future[Outcome]) -> None:
            if not work.cancelled():
                work.exception()
            self._later(self._end_turn(caller))

        work.add_done_callback(ended)
        return work

    def _later(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_turn(self, caller: Caller) -> None:
        async with self._turn:
            await self._turn.wait_for(lambda: not self._busy and self._owner in (None, caller))
            self._busy = True
            if self._expiry is not None:
                self._expiry.cancel()
                self._expiry = None

    async def _end_turn(self, caller: Caller) -> None:
        if caller.gone.is_set() and caller.holds_a_card:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._hands, caller.close)
        async with self._turn:
            self._busy = False
            self._owner = caller if caller.holds_a_card else None
            if self._owner is not None:
                self._expiry = asyncio.get_running_loop().call_later(
                    self.terminal.settings.hold_s, lambda: self._later(self._expire(caller))
                )
            self._turn.notify_all()

    async def leave(self, caller: Caller) -> None:
        """Lets go of what a caller left half done, and takes nothing more from it: it hung up."""
        caller.gone.set()
        await self._expire(caller)

    async def _expire(self, caller: Caller) -> None:
        """Takes the card back from its owner."""
        async with self._turn:
            if self._owner is not caller:
                return
            await self._turn.wait_for(lambda: not self._busy)
            if self._owner is caller:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._hands, caller.close)
                self._owner = None
                self._turn.notify_all()

    def _pad(self) -> PinPad:
        if self.screen is None or not isinstance(self.terminal.pad, NoPad):
            return self.terminal.pad
        return _ScreenPad(self.screen, asyncio.get_running_loop())

    async def close(self) -> None:
        """Waits for what runs, then lets every card go."""
        if self._owner is not None:
            await self.leave(self._owner)
        self._hands.shutdown(wait=False)


class _ScreenPad:
    """A pad on a screen, asked from the thread that works with the card."""

    def __init__(self, screen: Screen, loop: asyncio.AbstractEventLoop) -> None:
        self._screen, self._loop = screen, loop

    def ask(self, ask: Ask) -> str:
        async def wait() -> str | None:
            return await asyncio.wait_for(self._screen.ask(ask), ask.patience_s)

        try:
            found = asyncio.run_coroutine_threadsafe(wait(), self._loop).result()
        except TimeoutError:
            raise Stop(Code.PIN_TIMED_OUT) from None
        if found is None:
            raise Stop(Code.PIN_CANCELLED)
        return found
