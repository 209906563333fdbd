"""The core of a virtual chip: commands in, answers out, and what it remembers until power-off.

A user card and a PSAM are this core with their own tables of commands. It runs in the caller's
thread, knows no clock and takes its random numbers from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TypeAlias

from minka.bench.card_image import (
    DIRECTORY,
    DIRECTORY_END,
    KEY,
    KEY_COUNT,
    KEYS,
    LIFE,
    LIMIT_AT,
    PIN_LENGTH,
    VALUE_AT,
    Life,
    Usage,
)
from minka.bench.card_memory import Memory, WornOut
from minka.bench.card_tree import BLOCKED_AT, ENTRY, Node, Tree, read_tree
from minka.chip import status
from minka.cipher.card_key import Algorithm, HsmOnly

Random: TypeAlias = Callable[[int], bytes]
"""So many random bytes."""

NEVER_LOCKS = 0x80
"""Set in a key's limit when failures do not lock it (LK, BK: card-chip §12.3)."""
TRIES = 0x0F


class Says(Exception):
    """The chip answers a status word and no data."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


class Answers(Enum):
    """How a command that brings data gets its answer."""

    AT_ONCE = "at_once"
    WAITING = "waiting"
    """As T=0 wants it: 61xx, and GET RESPONSE fetches."""


class CyclicOne(Enum):
    """What writing record 1 of a cyclic file does; drivers in the field use it for adding."""

    REPLACES = "replaces"
    ADDS = "adds"


class Honesty(Enum):
    """Whether the chip is what it says: a clone knows no key and lets everybody in."""

    GENUINE = "genuine"
    CLONE = "clone"


@dataclass(frozen=True, slots=True)
class Traits:
    """How one chip differs from another of the same content (card-chip §20)."""

    answers: Answers = Answers.AT_ONCE
    cyclic_one: CyclicOne = CyclicOne.REPLACES
    honesty: Honesty = Honesty.GENUINE
    counter_step: int = 1
    """1 for a sound purchase counter, 0 for a stuck one, more for one that skips."""


class Purse(IntEnum):
    """Where a medical transaction stands (card-chip §12.6)."""

    IDLE = 0
    LOAD = 1
    PURCHASE = 2


@dataclass(slots=True)
class Session:
    """What a chip forgets when the power goes."""

    folder: Node
    file: Node | None = None
    pointer: int = 0
    """The current record's number, 0 before any was read by its identifier."""
    rights: frozenset[int] = frozenset()
    """The keys shown, as in P2 of EXTERNAL AUTHENTICATION."""
    pin_shown: int = 0
    challenge: bytes = b""
    waiting: bytes = b""
    purse: Purse = Purse.IDLE
    pending: bytes = b""
    """What an INITIALIZE left for the command after it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key in the chip's memory; its bytes stay out of every repr."""

    place: int
    usage: Usage
    algorithm: Algorithm
    limit: int
    left: int
    version: int
    value: bytes

    def __repr__(self) -> str:
        return f"Key({self.usage.name}, version {self.version})"

    @property
    def tries(self) -> int:
        """What a failure would leave of a key that never locks, or leaves of another."""
        return self.limit & TRIES if self.limit & NEVER_LOCKS else max(self.left - 1, 0)


class Order:
    """One command as it came: header, data and expected length, with nothing decided yet."""

    __slots__ = ("cla", "data", "ins", "le", "p1", "p2", "p3", "whole")

    def __init__(self, raw: bytes) -> None:
        if len(raw) < 4:
            raise Says(status.WRONG_LENGTH)
        self.cla, self.ins, self.p1, self.p2 = raw[:4]
        self.p3 = raw[4] if len(raw) > 4 else 0
        self.data = raw[5 : 5 + self.p3]
        rest = len(raw) - 5 - self.p3
        self.le: int | None = raw[-1] if rest == 1 else None
        self.whole = rest in (0, 1) or len(raw) <= 5
        """Whether Lc agreed with the data, or there were none."""

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2 P3, where a MAC begins."""
        return bytes((self.cla, self.ins, self.p1, self.p2, self.p3))

    def takes(self, *lengths: int, gives: int = 0) -> None:
        """Refuse other lengths of data, or an expected length that is not the answer's."""
        if not self.whole or len(self.data) not in lengths or len(self.data) != self.p3:
            raise Says(status.WRONG_LENGTH)
        if self.le not in (None, 0, gives) and gives:
            raise Says(status.WRONG_LENGTH)

    def asks(self, p1: int, p2: int) -> None:
        """Refuse other parameters."""
        if (self.p1, self.p2) != (p1, p2):
            raise Says(status.WRONG_PARAMETERS)


Command: TypeAlias = Callable[["Chip", Order], bytes]
Commands: TypeAlias = Mapping[int, tuple[frozenset[int], Command]]
"""By INS: the classes it may come with, and what it does."""

KEEPS_PURSE = frozenset({0x28, 0x26, 0x2E})
"""INITIALIZE, GET BALANCE, GET TRANSACTION PROOF: any other command ends a transaction begun."""

ANSWERS_WHILE_BLOCKED = frozenset({0xA4, 0x16})
"""SELECT leaves a blocked application; CARD BLOCK says for itself that it is out of place."""


class Chip:
    """A powered or unpowered chip; ``power_on`` before the first command."""

    def __init__(
        self,
        memory: Memory,
        commands: Commands,
        *,
        atr: bytes,
        random: Random,
        traits: Traits | None = None,
    ) -> None:
        self.memory = memory
        self.commands = commands
        self.atr = atr
        self.random = random
        self.traits = traits or Traits()
        self.tree: Tree
        self.session: Session
        self._keys: dict[tuple[int, int], list[int]]
        self.power_on()

    def power_on(self) -> bytes:
        """Bring the memory in order, forget the last session, and answer to reset."""
        self.memory.power.restored()
        self.memory.recover()
        self.look()
        self.session = Session(self.tree.nodes[0])
        return self.atr

    def look(self) -> None:
        """Read folders, files and keys out of memory again; after each change of them."""
        cells = self.memory.cells
        self.tree = read_tree(bytes(cells[DIRECTORY:DIRECTORY_END]))
        self._keys = {}
        for place in range(KEYS, KEYS + KEY * cells[KEY_COUNT], KEY):
            self._keys.setdefault((cells[place], cells[place + 1]), []).append(place)

    def apdu(self, raw: bytes) -> bytes:
        """The answer to a command, data and two bytes; ``PowerCut`` comes through."""
        try:
            order = Order(raw)
            if self.memory.cells[LIFE] >= Life.BLOCKED:
                raise Says(status.NOT_SUPPORTED)
            answer = self._answer(order, self._command(order)(self, order))
            if order.ins not in KEEPS_PURSE:
                self.session.purse = Purse.IDLE
            return answer
        except Says as word:
            self.session.purse = Purse.IDLE
            return word.sw.to_bytes(2)
        except HsmOnly:
            return status.NOT_SUPPORTED.to_bytes(2)
        except WornOut:
            return self._worn(raw[1])

    def key(self, number: int, usage: Usage | None = None, version: int = 0) -> Key | None:
        """A key as P2 names it: of the environment, or with bit 7 of the current folder.

        Version 0 is the first group. Keys without a number (purchase, load, TAC) go by usage.
        """
        folder = self.session.folder.number if number & 0x80 else self.tree.environment.number
        found = (self.key_at(place) for place in self._keys.get((folder, number), ()))
        for key in found:
            if usage in (None, key.usage) and version in (0, key.version):
                return key
        return None

    def key_at(self, place: int) -> Key:
        """The key in a slot."""
        raw = self.memory.cells[place : place + KEY]
        return Key(
            place,
            Usage(raw[4]),
            Algorithm(raw[3]),
            raw[LIMIT_AT],
            raw[LIMIT_AT + 1],
            raw[2],
            bytes(raw[VALUE_AT : VALUE_AT + raw[7]]),
        )

    def slots(self, folder: int, number: int) -> tuple[int, ...]:
        """Where the keys of a folder with a number stand."""
        return tuple(self._keys.get((folder, number), ()))

    def numbers(self, usage: Usage) -> frozenset[int]:
        """The numbers of the current folder's keys of a usage."""
        own = [(n, at) for (f, n), at in self._keys.items() if f == self.session.folder.number]
        return frozenset(n for n, at in own if self.key_at(at[0]).usage is usage)

    def entry_place(self, node: Node) -> int:
        """Where a folder's or file's 32 bytes of the directory stand."""
        return DIRECTORY + ENTRY * node.number

    def is_blocked(self, folder: Node) -> int:
        """One for a folder that is blocked for good."""
        return self.memory.cells[self.entry_place(folder) + BLOCKED_AT]

    def holds_pin(self) -> int:
        """One when the PIN was shown since power-on, or the card has a blank PIN."""
        return self.session.pin_shown or int(not self.memory.cells[PIN_LENGTH])

    def take_challenge(self) -> bytes:
        """The latest challenge, which is used up by this; refused when there is none."""
        challenge, self.session.challenge = self.session.challenge, b""
        if not challenge:
            raise Says(status.NO_CHALLENGE)
        return challenge

    def _command(self, order: Order) -> Command:
        found = self.commands.get(order.ins)
        if found is None:
            raise Says(status.UNKNOWN_INS)
        classes, command = found
        if order.cla not in classes:
            raise Says(status.UNKNOWN_CLA)
        if order.ins not in ANSWERS_WHILE_BLOCKED and self.is_blocked(self.session.folder):
            raise Says(status.APPLICATION_BLOCKED)
        return command

    def _answer(self, order: Order, data: bytes) -> bytes:
        if order.ins == 0xC0:
            more = min(len(self.session.waiting), 0xFF)
            return data + (bytes((status.MORE, more)) if more else b"\x90\x00")
        self.session.waiting = b""
        if data and order.data and self.traits.answers is Answers.WAITING:
            self.session.waiting = data
            return bytes((status.MORE, len(data) & 0xFF))
        return data + b"\x90\x00"

    def _worn(self, ins: int) -> bytes:
        """VERIFY may not say that memory failed; it says that it cannot (card-chip §12.2)."""
        self.session.purse = Purse.IDLE
        return (status.NOT_SUPPORTED if ins == 0x20 else status.MEMORY).to_bytes(2)
