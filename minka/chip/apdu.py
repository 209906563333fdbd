"""Commands to a card and its answers: the four short cases of ISO 7816-4, and the T=0 chain.

| case | bytes |
|---|---|
| 1 | CLA INS P1 P2 (sent with a zero, as T=0 wants) |
| 2 | CLA INS P1 P2 Le |
| 3 | CLA INS P1 P2 Lc data |
| 4 | CLA INS P1 P2 Lc data Le (T=0 sends case 3 and fetches what 61xx promises) |
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from minka.chip.connection import CardConnection

OK = 0x9000
WHOLE = 256
"""The expected length that Le 00 means."""
MOST_DATA = 255
MOST_FETCHES = 64
"""GET RESPONSE is not repeated without end for a card that always has more."""


class ApduFault(Exception):
    """Bytes that are no command, or an answer without its two status bytes."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command; ``expected`` is None without Le, else 1 to 256 bytes (256 is written 00)."""

    cla: int
    ins: int
    p1: int = 0
    p2: int = 0
    data: bytes = b""
    expected: int | None = None

    def __bytes__(self) -> bytes:
        """The short form; a command without data and Le gets a zero as its fifth byte."""
        header = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            header += bytes((len(self.data),)) + self.data
            return header if self.expected is None else header + bytes((self.expected % WHOLE,))
        return header + bytes(((self.expected or 0) % WHOLE,))

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2 and the length byte of its data."""
        return bytes((self.cla, self.ins, self.p1, self.p2, len(self.data)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a card answered: data, and its status word."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Whether the word is 9000."""
        return self.sw == OK

    def __bytes__(self) -> bytes:
        return self.data + self.sw.to_bytes(2)


def parse_command(command: bytes) -> Command:
    """A command of 4 to 261 bytes; ``ApduFault`` when its lengths do not agree."""
    if len(command) < 4:
        raise ApduFault("a command has four bytes or more")
    made = Command(*command[:4])
    rest = command[4:]
    if not rest:
        return made
    if len(rest) == 1:
        return replace(made, expected=rest[0] or WHOLE)
    length, data = rest[0], rest[1:]
    if not length or len(data) not in (length, length + 1):
        raise ApduFault("Lc does not agree with the data")
    expected = None if len(data) == length else data[-1] or WHOLE
    return replace(made, data=data[:length], expected=expected)


def parse_answer(answer: bytes) -> Answer:
    """An answer of two bytes or more; ``ApduFault`` for a shorter one."""
    if len(answer) < 2:
        raise ApduFault("an answer has two status bytes")
    return Answer(answer[:-2], int.from_bytes(answer[-2:]))


def send(connection: CardConnection, command: Command) -> Answer:
    """The card's answer with 61xx fetched and 6Cxx asked again; ``CardGone`` comes through.

    A case 4 command goes without its Le, as T=0 does. 61xx after data goes on, so an answer of more
    than 256 bytes arrives whole.
    """
    sent = replace(command, expected=None) if command.data else command
    answer = parse_answer(connection.transmit(bytes(sent)))
    if answer.sw >> 8 == 0x6C:
        again = replace(command, expected=answer.sw & 0xFF or WHOLE)
        answer = parse_answer(connection.transmit(bytes(again)))
    collected = answer.data
    for _ in range(MOST_FETCHES):
        if answer.sw >> 8 != 0x61:
            break
        answer = _fetch(connection, answer.sw & 0xFF or WHOLE)
        collected += answer.data
    return Answer(collected, answer.sw)


def _fetch(connection: CardConnection, length: int) -> Answer:
    """GET RESPONSE, once more with the right length when the card names another."""
    answer = parse_answer(connection.transmit(bytes(Command(0x00, 0xC0, expected=length))))
    if answer.sw >> 8 == 0x6C:
        right = Command(0x00, 0xC0, expected=answer.sw & 0xFF or WHOLE)
        answer = parse_answer(connection.transmit(bytes(right)))
    return answer
