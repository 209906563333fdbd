"""A reader without pcscd: one TCP port of this machine at which a virtual card calls.

It speaks the reader's side of vpcd's wire (card-chip §19.1): every message is two bytes of length
and a payload, both ways; from the reader one byte is a control (0 power off, 1 power on, 2 reset,
without a reply; 4 asks for the answer to reset), anything else a command. The card is the TCP
client, so a card that can call pcscd's virtual reader can call here unchanged. A call is an
insertion, its end a removal. A port listens on loopback alone.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from queue import Empty, SimpleQueue

from minka.chip.connection import CardGone
from minka.devices.pcsc_reader import (
    CardBusy,
    Change,
    Happening,
    MuteCard,
    NoCard,
    PoweredCard,
    ReaderGone,
)

LOOPBACK = "127.0.0.1"
POWER_OFF, POWER_ON, RESET, ATR = b"\0", b"\1", b"\2", b"\4"
PATIENCE_S = 30.0
"""How long a virtual card may take for one command."""


class LoopbackCard:
    """A virtual card under power."""

    def __init__(self, slot: _Slot, line: socket.socket) -> None:
        self._slot, self._line, self._open = slot, line, True
        self._send(POWER_ON)
        self.atr = self._answer_to_reset()

    def _answer_to_reset(self) -> bytes:
        self._send(ATR)
        found = self._receive()
        if not found:
            raise MuteCard("no answer to reset")
        return found

    def transmit(self, command: bytes) -> bytes:
        """The card's answer as it came."""
        self._send(command)
        return self._receive()

    def reset(self) -> bytes:
        """A warm reset, and the answer to it."""
        self._send(RESET)
        self.atr = self._answer_to_reset()
        return self.atr

    def transaction(self) -> AbstractContextManager[None]:
        """The card is held all the time."""
        return nullcontext()

    def close(self) -> None:
        """Power off and let go."""
        if self._open:
            self._open = False
            with suppress(CardGone):
                self._send(POWER_OFF)
            self._slot.free()

    def _send(self, payload: bytes) -> None:
        try:
            self._line.sendall(struct.pack(">H", len(payload)) + payload)
        except OSError as gone:
            raise CardGone("the virtual card hung up") from gone

    def _receive(self) -> bytes:
        (length,) = struct.unpack(">H", self._exactly(2))
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            try:
                piece = self._line.recv(count - len(found))
            except OSError as gone:
                raise CardGone("the virtual card does not answer") from gone
            if not piece:
                raise CardGone("the virtual card hung up")
            found += piece
        return found


class _Slot:
    """One port and the card that called there last; a watch notices when it hangs up."""

    def __init__(self, name: str, port: int, tell: SimpleQueue[Change | None]) -> None:
        self.name, self._tell = name, tell
        self._ear = socket.create_server((LOOPBACK, port))
        self.port: int = self._ear.getsockname()[1]
        self._line: socket.socket | None = None
        self._held = threading.Lock()
        threading.Thread(target=self._listen, name=f"slot {name}", daemon=True).start()

    @property
    def occupied(self) -> bool:
        return self._line is not None

    def open(self) -> LoopbackCard:
        if not self._held.acquire(timeout=1):
            raise CardBusy(self.name)
        line = self._line
        if line is None:
            self._held.release()
            raise NoCard(self.name)
        try:
            return LoopbackCard(self, line)
        except (CardGone, MuteCard):
            self._held.release()
            raise

    def free(self) -> None:
        with suppress(RuntimeError):
            self._held.release()

    def close(self) -> None:
        with suppress(OSError):
            self._ear.shutdown(socket.SHUT_RDWR)
        self._ear.close()
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._ear.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.settimeout(PATIENCE_S)
            self._line = line
            self._tell.put(Change(self.name, Happening.INSERTED, self._greet()))
            self._until_it_hangs_up(line)
            self._line = None
            self._tell.put(Change(self.name, Happening.REMOVED))
            line.close()

    def _greet(self) -> bytes:
        try:
            card = self.open()
        except (CardGone, MuteCard, NoCard, CardBusy):
            return b""
        try:
            return card.atr
        finally:
            card.close()

    def _until_it_hangs_up(self, line: socket.socket) -> None:
        """Polls for the end of the call without taking a byte from whoever speaks with it."""
        import select

        poll = select.poll()
        poll.register(line, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        while self._ear.fileno() >= 0:
            if poll.poll(1000):
                return


class LoopbackReaders:
    """Virtual readers by name, each at a port of this machine; port 0 takes a free one."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._tell: SimpleQueue[Change | None] = SimpleQueue()
        try:
            self._slots = {name: _Slot(name, port, self._tell) for name, port in ports.items()}
        except OSError as taken:
            raise ReaderGone(f"a port of a virtual reader is taken: {taken.strerror}") from taken
        self._closed = False

    def names(self) -> tuple[str, ...]:
        """The readers, in the order given."""
        return tuple(self._slots)

    def port(self, reader: str) -> int:
        """Where a card calls to be inserted."""
        return self._slot(reader).port

    def present(self, reader: str) -> bool:
        """Whether a card has called."""
        return self._slot(reader).occupied

    def connect(self, reader: str) -> PoweredCard:
        """The card that called, powered."""
        return self._slot(reader).open()

    def _slot(self, reader: str) -> _Slot:
        if self._closed or reader not in self._slots:
            raise ReaderGone(f"no reader named {reader}")
        return self._slots[reader]

    def changes(self) -> Iterator[Change]:
        """Calls and their ends; one listener at a time."""
        yield from (Change(name, Happening.ATTACHED) for name in self._slots)
        while not self._closed:
            try:
                found = self._tell.get(timeout=0.5)
            except Empty:
                continue
            if found is not None:
                yield found

    def close(self) -> None:
        """Ends the ports, the calls and ``changes``."""
        self._closed = True
        self._tell.put(None)
        for slot in self._slots.values():
            slot.close()
