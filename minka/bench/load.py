"""The load: a process of its own that settles bills over HTTP as fast as it is told, and counts.

Raw sockets, keep-alive, answers matched in order. Closed loop for rate: each connection has so many
messages under way. Open loop for latency: messages leave when they are due whether or not the
server keeps up, and their time counts from when they were due.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any, Protocol, cast

from minka.bench.load_city import Town
from minka.bench.load_messages import Message, Till, make
from minka.client.gateway import mac_of

UNANSWERED, SETTLED, REFUSED, BUSY, OTHER = range(5)
"""What came of a message."""
CHECK_EVERY = 64
"""One answer in so many is proved by its seal after the run."""
_TICK_S = 0.001


@dataclass(frozen=True, slots=True)
class Order:
    """What one run of the load is to do."""

    host: str
    port: int
    tills: Sequence[Till]
    town: Town
    bills: Sequence[int]
    first: int
    """The second from which keys count; see load_messages.msg_no."""
    connections: int = 64
    depth: int = 1
    """Messages under way on one connection in a closed loop."""
    per_s: int = 0
    """Messages a second in an open loop; 0 for a closed one."""
    stop_after_s: int = 0
    """Stop sending after so many seconds; 0 sends every message."""


@dataclass(slots=True)
class Tally:
    """What one run saw; ``came`` and ``micros`` by place of the message."""

    bills: array[int] = field(default_factory=lambda: array("q"))
    came: bytes = b""
    micros: array[int] = field(default_factory=lambda: array("q"))
    nanoseconds: int = 0
    own_micros: int = 0
    """Processor time of the load itself, between the first message and the last answer."""
    broken: int = 0
    proved: int = 0
    forged: int = 0
    strange: str = ""
    """The first answer that was neither a settlement nor a refusal."""

    def count(self, what: int) -> int:
        """How many messages ended so."""
        return self.came.count(what)

    @property
    def answered(self) -> int:
        """Messages with any answer."""
        return len(self.came) - self.count(UNANSWERED)

    def per_s(self, what: int = SETTLED) -> int:
        """Messages that ended so, in a second."""
        return self.count(what) * 10**9 // max(self.nanoseconds, 1)

    def settled_bills(self) -> set[int]:
        """Bills that the server said are settled."""
        return {bill for bill, end in zip(self.bills, self.came, strict=True) if end == SETTLED}

    def latencies(self) -> list[int]:
        """Microseconds of every answered message."""
        pairs = zip(self.micros, self.came, strict=True)
        return [micros for micros, end in pairs if end != UNANSWERED]


class _Run:
    """The messages of a run, the next to send, and what came back."""

    def __init__(self, order: Order, messages: Sequence[Message]) -> None:
        self.order, self.messages = order, messages
        self.next = 0
        self.last = len(messages)
        self.sent = array("q", bytes(8 * len(messages)))
        self.micros = array("q", bytes(8 * len(messages)))
        self.came = bytearray(len(messages))
        self.samples: list[tuple[int, bytes]] = []
        self.broken = 0
        self.strange = ""
        self.open = 0
        self.over = asyncio.Event()

    def take(self, most: int) -> range:
        """The next messages to send."""
        begin = self.next
        self.next = min(begin + most, self.last)
        return range(begin, self.next)

    def note(self, place: int, answer: bytes, now: int) -> None:
        """Write down what came of a message."""
        self.micros[place] = (now - self.sent[place]) // 1000
        self.came[place] = end = end_of(answer)
        if end >= BUSY and not self.strange:
            self.strange = answer[:600].decode(errors="replace")
        if place % CHECK_EVERY == 0:
            self.samples.append((place, answer))


def end_of(answer: bytes) -> int:
    """What came of a message, by its answer."""
    if b'"infcode":0' in answer or b'"infcode":"0"' in answer:
        return SETTLED
    if b'"infcode":-1' in answer or b'"infcode":"-1"' in answer:
        return next((end for words, end in _NOT_REFUSED if words in answer), REFUSED)
    return BUSY if answer.startswith((b"HTTP/1.1 503", b"HTTP/1.1 429")) else OTHER


_NOT_REFUSED = (("平台正忙".encode(), BUSY), ("未知".encode(), OTHER))
"""Sentences that say nothing was decided yet, or that nobody knows."""


class _Wire(asyncio.Protocol):
    """One connection: answers come in the order of the requests."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._waiting: deque[int] = deque()
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass
        self._run.open += 1

    def send(self, places: range, due: int = 0) -> None:
        """Send some messages in one go; their time counts from ``due``, or from now."""
        if not places:
            return
        run, now = self._run, due or time.monotonic_ns()
        for place in places:
            run.sent[place] = now
            self._waiting.append(place)
        if self._transport is not None:
            self._transport.write(b"".join([run.messages[p].raw for p in places]))

    @property
    def idle(self) -> int:
        """One when nothing is under way."""
        return int(not self._waiting)

    def data_received(self, data: bytes) -> None:
        run, now, done = self._run, time.monotonic_ns(), 0
        buffer, begin = self._rest + data if self._rest else data, 0
        while True:
            end = answer_end(buffer, begin)
            if not end:
                break
            run.note(self._waiting.popleft(), buffer[begin:end], now)
            begin, done = end, done + 1
        self._rest = buffer[begin:]
        if done and not run.order.per_s:
            self.send(run.take(done))
        if not self._waiting and run.next == run.last:
            run.over.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._run.open -= 1
        self._run.broken += len(self._waiting)
        self._waiting.clear()
        self._run.over.set()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def answer_end(buffer: bytes, begin: int) -> int:
    """Where the answer that begins here ends; 0 while it is not whole."""
    head = buffer.find(b"\r\n\r\n", begin)
    if head < 0:
        return 0
    at = buffer.find(b"ontent-length:", begin, head)
    if at < 0:
        at = buffer.find(b"ontent-Length:", begin, head)
    length = int(buffer[at + 14 : buffer.find(b"\r", at)])
    end = head + 4 + length
    return end if end <= len(buffer) else 0


async def _drive(run: _Run) -> int:
    """Send everything; nanoseconds from the first message to the last answer."""
    order, loop = run.order, asyncio.get_running_loop()
    wires: list[_Wire] = []
    for _ in range(order.connections):
        _, wire = await loop.create_connection(lambda: _Wire(run), order.host, order.port)
        wires.append(wire)
    began = time.monotonic_ns()
    if order.stop_after_s:
        loop.call_later(order.stop_after_s, _stop, run)
    if order.per_s:
        await _pace(run, wires, began)
    else:
        for wire in wires:
            wire.send(run.take(order.depth))
    while run.next < run.last or not all(wire.idle for wire in wires):
        if not run.open:
            break
        run.over.clear()
        try:
            await asyncio.wait_for(run.over.wait(), 10)
        except TimeoutError:
            break
    took = time.monotonic_ns() - began
    for wire in wires:
        wire.close()
    return took


def _stop(run: _Run) -> None:
    run.last = min(run.last, run.next)
    run.over.set()


async def _pace(run: _Run, wires: Sequence[_Wire], began: int) -> None:
    """Each millisecond send what has become due, on the connections in turn."""
    per_s, turn = run.order.per_s, 0
    while run.next < run.last and run.open:
        due = (time.monotonic_ns() - began) * per_s // 10**9
        for place in run.take(max(0, due - run.next)):
            wires[turn].send(range(place, place + 1), began + place * 10**9 // per_s)
            turn = (turn + 1) % len(wires)
        await asyncio.sleep(_TICK_S)


def _run_on(loop: Callable[[], asyncio.AbstractEventLoop], run: _Run) -> int:
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_drive(run))


class Ready(Protocol):
    """Hears that the messages are made, and gives the word to send them."""

    def send(self, _pid: int) -> object:
        """Everything is made; told is the process that will send."""

    def recv(self) -> object:
        """Returns when they are to be sent."""


def drive(order: Order, ready: Ready | None = None) -> Tally:
    """Make the messages, wait for the word, send them, and prove a sample of the answers."""
    import uvloop

    messages = make(order.tills, order.town, order.bills, first=order.first)
    gc.collect()
    gc.freeze()
    if ready is not None:
        ready.send(os.getpid())
        ready.recv()
    run = _Run(order, messages)
    own = time.process_time_ns()
    with ThreadPoolExecutor(1) as hand:  # whoever calls may have a loop of his own
        took = hand.submit(_run_on, uvloop.new_event_loop, run).result()
    own = (time.process_time_ns() - own) // 1000
    proved, forged = _proved(run)
    kept = run.next
    return Tally(
        bills=array("q", (message.bill for message in messages[:kept])),
        came=bytes(run.came[:kept]),
        micros=run.micros[:kept],
        nanoseconds=took,
        own_micros=own,
        broken=run.broken,
        proved=proved,
        forged=forged,
        strange=run.strange,
    )


def _proved(run: _Run) -> tuple[int, int]:
    """How many of the sampled answers carry the session's seal, and how many do not."""
    good = sum(_is_sealed(run.messages[place], answer, run.order) for place, answer in run.samples)
    return good, len(run.samples) - good


def _is_sealed(message: Message, answer: bytes, order: Order) -> int:
    head, _, body = answer.partition(b"\r\n\r\n")
    named = dict(line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:])
    stamp = named.get(b"x-tif-timestamp", b"").strip().decode()
    code = named.get(b"x-minka-mac", b"").strip().decode()
    mac = mac_of(order.tills[message.till].key)
    assert mac is not None, "a session has a key"
    return int(mac.fits_hex(stamp, message.nonce.decode(), body, code=code))


def _be_the_load(order: Order, pipe: Pipe) -> None:
    pipe.send(drive(order, pipe))


@dataclass(slots=True)
class Load:
    """A load in a process of its own, its messages made and waiting for the word."""

    pid: int
    _child: Any
    _pipe: Pipe

    def go(self) -> None:
        """Begin."""
        self._pipe.send("go")

    def result(self) -> Tally:
        """Wait for the end."""
        tally: Tally = self._pipe.recv()
        self._child.join()
        return tally


@contextmanager
def load(order: Order) -> Iterator[Load]:
    """Start a process and let it make its messages; it is ended with the block."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    child = spawn.Process(target=_be_the_load, args=(order, there))
    child.start()
    there.close()
    try:
        yield Load(here.recv(), child, here)
    finally:
        if child.is_alive():
            child.terminate()
        child.join()
