"""A PC/SC program that does as it is told by lines: the terminal's side in a process of its own.

| line | answer |
|---|---|
| ``readers`` | the readers' names, as JSON |
| ``connect n`` | the answer to reset of the card in reader n, in hex |
| ``send n HEX`` | the card's answer, in hex |
| ``present n`` | 1 when reader n has seen a card, else 0 |
| ``reset n`` | a warm reset; the answer to reset |
| ``loop n times HEX`` | nanoseconds that so many sendings took |

``!`` and a word begin an answer when the card or the reader is not there. PC/SC keeps one daemon's
address for the life of a process; that is why this is a process.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic, perf_counter_ns, sleep
from types import TracebackType
from typing import Any, Self

from minka.chip.connection import CardGone

PATIENCE_S = 20.0


class Line:
    """The caller's end: a started program, and one question at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "minka.bench.pcsc_line"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(environment),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._program.terminate()
        self._program.wait(10)

    def ask(self, line: str) -> str:
        """The answer to a line; ``CardGone`` for one that begins with ``!``."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(line + "\n")
        self._program.stdin.flush()
        answer = self._program.stdout.readline().strip()
        if answer.startswith("!") or not answer:
            raise CardGone(answer)
        return answer


def wait_until(line: Line, reader: int, present: int) -> None:
    """Wait until a reader has seen a card, or has seen that there is none; ``CardGone``."""
    until = monotonic() + PATIENCE_S
    while int(line.ask(f"present {reader}")) != present:
        if monotonic() > until:
            raise CardGone(f"reader {reader} does not notice")
        sleep(0.02)


class LineCard:
    """A card in one of the program's readers, as a ``CardConnection``."""

    def __init__(self, line: Line, reader: int) -> None:
        self._line, self._reader = line, reader
        self.atr = bytes.fromhex(line.ask(f"connect {reader}"))

    def transmit(self, command: bytes) -> bytes:
        """See ``CardConnection.transmit``."""
        return bytes.fromhex(self._line.ask(f"send {self._reader} {command.hex()}"))

    def apdu(self, command: bytes) -> bytes:
        """The same under the name a virtual card has for it."""
        return self.transmit(command)

    def reset(self) -> bytes:
        """See ``CardConnection.reset``."""
        self.atr = bytes.fromhex(self._line.ask(f"reset {self._reader}"))
        return self.atr

    def loop(self, times: int, command: bytes) -> int:
        """Nanoseconds that so many sendings of a command took."""
        return int(self._line.ask(f"loop {self._reader} {times} {command.hex()}"))


class _Program:
    def __init__(self) -> None:
        self.scard = scard = importlib.import_module("smartcard.scard")
        _, self.context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        self.cards: dict[int, Any] = {}

    def answer(self, words: list[str]) -> str:
        match words:
            case ["readers"]:
                return json.dumps(self._readers())
            case ["connect", reader]:
                return self._connect(int(reader))
            case ["send", reader, command]:
                return self._send(int(reader), list(bytes.fromhex(command)))
            case ["present", reader]:
                return self._present(int(reader))
            case ["reset", reader]:
                return self._reset(int(reader))
            case ["loop", reader, times, command]:
                return self._loop(int(reader), int(times), list(bytes.fromhex(command)))
        return "!unknown"

    def _readers(self) -> list[str]:
        return list(self.scard.SCardListReaders(self.context, [])[1])

    def _connect(self, reader: int) -> str:
        scard = self.scard
        code, card, protocol = scard.SCardConnect(
            self.context,
            self._readers()[reader],
            scard.SCARD_SHARE_SHARED,
            scard.SCARD_PROTOCOL_T0,
        )
        if code != scard.SCARD_S_SUCCESS:
            return f"!{code & 0xFFFFFFFF:08X}"
        assert protocol == scard.SCARD_PROTOCOL_T0
        self.cards[reader] = card
        return bytes(scard.SCardStatus(card)[4]).hex()

    def _send(self, reader: int, command: list[int]) -> str:
        scard = self.scard
        code, answer = scard.SCardTransmit(self.cards[reader], scard.SCARD_PCI_T0, command)
        return bytes(answer).hex() if code == scard.SCARD_S_SUCCESS else f"!{code & 0xFFFFFFFF:08X}"

    def _present(self, reader: int) -> str:
        scard = self.scard
        asked = [(self._readers()[reader], scard.SCARD_STATE_UNAWARE)]
        _, states = scard.SCardGetStatusChange(self.context, 0, asked)
        return str(int(bool(states[0][1] & scard.SCARD_STATE_PRESENT)))

    def _reset(self, reader: int) -> str:
        scard = self.scard
        code, _ = scard.SCardReconnect(
            self.cards[reader],
            scard.SCARD_SHARE_SHARED,
            scard.SCARD_PROTOCOL_T0,
            scard.SCARD_RESET_CARD,
        )
        if code != scard.SCARD_S_SUCCESS:
            return f"!{code & 0xFFFFFFFF:08X}"
        return bytes(scard.SCardStatus(self.cards[reader])[4]).hex()

    def _loop(self, reader: int, times: int, command: list[int]) -> str:
        scard, card = self.scard, self.cards[reader]
        began = perf_counter_ns()
        for _ in range(times):
            code, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T0, command)
            if code != scard.SCARD_S_SUCCESS or answer[-2:] != [0x90, 0x00]:
                return "!not answered"
        return str(perf_counter_ns() - began)


def main() -> None:
    """Answer lines until there are no more."""
    program = _Program()
    for line in sys.stdin:
        print(program.answer(line.split()), flush=True)


if __name__ == "__main__":
    main()
