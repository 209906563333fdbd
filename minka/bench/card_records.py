"""Record files in a chip's memory: one tagged record after another, or a ring of equal ones.

A linear file is two bytes of length in use and the records; a ring is the slot of the newest
record, how many there are, and the slots. Reading by identifier moves the pointer, reading by
number does not; record 1 of a ring is the newest (card-chip §4).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from minka.bench.card_core import Chip, Says
from minka.bench.card_memory import Write
from minka.bench.card_tree import Kind, Node
from minka.chip import status

FIRST, LAST, NEXT, PREVIOUS, NUMBER, ONWARD, BACK = range(7)
ANSWER = 256


def records_of(chip: Chip, node: Node) -> Records:
    """The records of a file, by its structure."""
    return Ring(chip, node) if node.kind is Kind.CYCLIC else Line(chip, node)


class Records(ABC):
    """What both structures share: which record a command means."""

    def __init__(self, chip: Chip, node: Node) -> None:
        self.chip, self.node = chip, node

    @abstractmethod
    def all(self) -> list[bytes]:
        """Every record in order of number."""

    @abstractmethod
    def numbers(self, held: list[bytes], identifier: int) -> list[int]:
        """The numbers of the records with an identifier; 0 is any."""

    @abstractmethod
    def update(self, p1: int, mode: int, data: bytes) -> tuple[Write, ...]:
        """The writes that an UPDATE RECORD comes to."""

    def read(self, p1: int, mode: int) -> bytes:
        """What a READ RECORD answers."""
        held = self.all()
        if mode in (ONWARD, BACK):
            start = self._number(held, p1 or self.chip.session.pointer)
            chosen = held[start - 1 :] if mode == ONWARD else held[start - 1 :][::-1]
            return _whole(chosen)
        return held[self.find(held, p1, mode) - 1]

    def find(self, held: list[bytes], p1: int, mode: int) -> int:
        """The number of the record meant; by identifier it becomes the current one."""
        session = self.chip.session
        if mode == NUMBER:
            return self._number(held, p1 or session.pointer)
        numbers = self.numbers(held, p1)
        after = [n for n in numbers if n > session.pointer]
        before = [n for n in numbers if n < (session.pointer or len(held) + 1)]
        chosen = {FIRST: numbers[:1], LAST: numbers[-1:], NEXT: after[:1], PREVIOUS: before[-1:]}
        if not chosen[mode]:
            raise Says(status.NO_RECORD)
        session.pointer = chosen[mode][0]
        return session.pointer

    @staticmethod
    def _number(held: list[bytes], number: int) -> int:
        if not 1 <= number <= len(held):
            raise Says(status.NO_RECORD)
        return number


class Line(Records):
    """A linear file of tagged records of any length."""

    def all(self) -> list[bytes]:
        """See ``Records.all``."""
        start, cells = self.node.start, self.chip.memory.cells
        used = int.from_bytes(cells[start : start + 2])
        raw = bytes(cells[start + 2 : start + 2 + used])
        held, at = [], 0
        while at < len(raw):
            end = at + 2 + raw[at + 1]
            held.append(raw[at:end])
            at = end
        return held

    def numbers(self, held: list[bytes], identifier: int) -> list[int]:
        """See ``Records.numbers``."""
        return [n for n, one in enumerate(held, 1) if identifier in (0, one[0])]

    def update(self, p1: int, mode: int, data: bytes) -> tuple[Write, ...]:
        """See ``Records.update``; what is not there is appended."""
        if mode in (ONWARD, BACK):
            raise Says(status.WRONG_PARAMETERS)
        if len(data) < 2 or len(data) != 2 + data[1] or data[0] in (0x00, 0xFF):
            raise Says(status.LENGTH_AGAINST_TLV)
        if mode != NUMBER and p1 not in (0, data[0]):
            raise Says(status.LENGTH_AGAINST_TLV)
        held = self.all()
        try:
            number = self.find(held, p1, mode)
        except Says:
            if not p1 and mode == NUMBER:
                raise
            number = len(held) + 1
        return self._put(held, number, data)

    def _put(self, held: list[bytes], number: int, data: bytes) -> tuple[Write, ...]:
        before = sum(map(len, held[: number - 1]))
        old = held[number - 1] if number <= len(held) else b""
        if old and old[0] != data[0]:
            raise Says(status.LENGTH_AGAINST_TLV)
        place = self.node.start + 2 + before
        if len(old) == len(data):
            return ((place, data),)
        after = b"".join(held[number:])
        used = before + len(data) + len(after)
        if used > self.node.entry.size:
            raise Says(status.NO_SPACE)
        return (self.node.start, used.to_bytes(2)), (place, data + after)


class Ring(Records):
    """A cyclic file of records of one length; a new one takes the oldest one's slot."""

    def all(self) -> list[bytes]:
        """See ``Records.all``; the newest first."""
        newest, held = self._counters()
        slots = (newest - back for back in range(held))
        return [self._slot(slot % self.node.entry.count) for slot in slots]

    def numbers(self, held: list[bytes], identifier: int) -> list[int]:
        """See ``Records.numbers``; records of a ring have no identifier."""
        return [] if identifier else list(range(1, len(held) + 1))

    def update(self, p1: int, mode: int, data: bytes) -> tuple[Write, ...]:
        """See ``Records.update``; ``PREVIOUS`` adds, as does record 1 of an empty ring."""
        if mode in (ONWARD, BACK):
            raise Says(status.WRONG_PARAMETERS)
        if len(data) != self.node.entry.record:
            raise Says(status.WRONG_LENGTH)
        newest, held = self._counters()
        if mode == PREVIOUS or not held:
            return self.added(data)
        number = self.find(self.all(), p1, mode)
        return ((self._place((newest - number + 1) % self.node.entry.count), data),)

    def added(self, data: bytes) -> tuple[Write, ...]:
        """The writes that put a new record in."""
        newest, held = self._counters()
        count = self.node.entry.count
        slot = (newest + 1) % count if held else 0
        return (self._place(slot), data), (
            self.node.start,
            bytes((slot, min(held + 1, count))),
        )

    def _counters(self) -> tuple[int, int]:
        start = self.node.start
        return self.chip.memory.cells[start], self.chip.memory.cells[start + 1]

    def _place(self, slot: int) -> int:
        return self.node.start + 2 + slot * self.node.entry.record

    def _slot(self, slot: int) -> bytes:
        place = self._place(slot)
        return bytes(self.chip.memory.cells[place : place + self.node.entry.record])


def _whole(chosen: list[bytes]) -> bytes:
    """As many whole records as one answer holds."""
    answer = b""
    for record in chosen:
        if len(answer) + len(record) > ANSWER:
            break
        answer += record
    return answer
