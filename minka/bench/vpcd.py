"""The way of a virtual card into the real pcscd: the wire protocol of vsmartcard-vpcd, card's side.

Every message is two bytes of length and a payload, both ways. One byte is control: 0 power off,
1 power on, 2 reset (no reply), 4 what is the answer to reset; anything else is a command. Without
TCP_QUICKACK before every read the system waits 44 ms for each answer (card-chip §19).

| slot | port of pcscd's driver |
|---|---|
| first ("Virtual PCD 00 00") | 35963 |
| second ("Virtual PCD 00 01") | 35964 |
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from minka.bench.card_slot import Slot
from minka.chip.connection import CardGone

FIRST_PORT, SECOND_PORT = 35963, 35964
LONGEST_WAIT = 10.0
POWER_OFF, POWER_ON, RESET, ASK_ATR = 0, 1, 2, 4


class ReaderGone(Exception):
    """Nobody listens where pcscd's virtual reader should."""


class VirtualReader:
    """A slot of pcscd's virtual reader with a card in it; ``serve`` until the reader hangs up.

    As a context it serves in a thread of its own, and takes the card out at the end.
    """

    def __init__(self, slot: Slot, port: int = FIRST_PORT, host: str = "127.0.0.1") -> None:
        self.slot = slot
        self.address = (host, port)
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.insert()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.remove()

    def insert(self) -> None:
        """Put the card in: connect, and answer the reader in a thread."""
        self._connect()
        self.slot.insert()
        self._thread = threading.Thread(target=self.serve, name="virtual card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card out: hang up, which the reader sees as a removal."""
        self.slot.remove()
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(LONGEST_WAIT)
        self._line = self._thread = None

    def serve(self) -> None:
        """Answer the reader until it hangs up or the card is gone."""
        if self._line is None:
            self._connect()
        line = self._line
        assert line is not None
        with line:
            while (message := _receive(line)) is not None:
                try:
                    answer = self._answer(message)
                except CardGone:
                    return
                if answer is not None:
                    line.sendall(len(answer).to_bytes(2) + answer)

    def _answer(self, message: bytes) -> bytes | None:
        match message:
            case b"\x00":
                return None
            case b"\x01" | b"\x02":
                self.slot.reset()
                return None
            case b"\x04":
                return self.slot.atr
            case _:
                return self.slot.transmit(message)

    def _connect(self) -> None:
        try:
            self._line = socket.create_connection(self.address, timeout=LONGEST_WAIT)
        except OSError as fault:
            raise ReaderGone(f"nothing listens at port {self.address[1]}") from fault
        self._line.settimeout(None)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _receive(line: socket.socket) -> bytes | None:
    """One message, None when the reader hung up."""
    head = _exactly(line, 2)
    return _exactly(line, int.from_bytes(head)) if head else None


def _exactly(line: socket.socket, length: int) -> bytes | None:
    got = b""
    while len(got) < length:
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            more = line.recv(length - len(got))
        except OSError:
            return None
        if not more:
            return None
        got += more
    return got
