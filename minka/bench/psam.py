"""A virtual PSAM: the terminal's own secure module, as a second chip (card-chip §14).

Its files hang under one environment for each algorithm; both are reachable by SELECT at any time.
Ours, where no open source says it: the SM4 environment (``DDF2``, ``sx3.sh.社会保障``, algorithm
code 03, 16-byte session factors); MAC answers of a whole block also for SM4 (the host XORs its
words); the terminal's sequence goes up with INIT, so that no two MAC1 ever share one.

| command | APDU |
|---|---|
| INITIALIZE ENVIRONMENT | BF EC 00 00 01, first byte of the card's identification code |
| EXTERNAL AUTHENTICATION | 00 82 00, number of an own key (00 the folder's master) |
| CREATE KEY, CHANGE KEY | 84 D4 00/01, key file |
| DELIVERY SESSION KEY | BF DE, usage, id, factors (card, city, province), session factor |
| CIPHER DATA | 80 FA |
| INIT SAM FOR PURCHASE | 80 70 01 00 |
| CREDIT SAM FOR PURCHASE | 80 72 00 00 04 |
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from minka.bench import card_auth, card_files
from minka.bench.card_core import Answers, Chip, Commands, Order, Random, Says, Traits
from minka.bench.card_image import (
    HISTORICAL,
    KEY,
    KEY_COUNT,
    KEYS,
    LEFT_AT,
    LIMIT_AT,
    MOST_KEYS,
    VALUE_AT,
)
from minka.bench.card_memory import Memory
from minka.bench.card_secure import deciphered_with, session_of
from minka.bench.card_tree import Kind, Node
from minka.chip import status
from minka.chip.atr import contact_atr
from minka.cipher import card_key
from minka.cipher.card_key import MAC_BYTES, Algorithm
from minka.cipher.octets import xor

APPLICATION = 0xDF01
SEQUENCE_FILE, TERMINAL_FILE = 0x0019, 0x0016
KEY_FILES = range(0x11, 0x14)
OWN = 0x80
"""A shown key of the PSAM's own stands in the rights with this bit, for 0 means never."""
TYPES = 0x1F
PURCHASE, MAC, ENCIPHER, BOTH = 2, 6, 7, 8
ONLY, FIRST_MAC, NEXT_MAC, LAST_MAC, MORE_CIPHER, LAST_CIPHER = 5, 7, 3, 1, 2, 0
CODES: Mapping[int, tuple[Algorithm, int]] = MappingProxyType(
    {
        0: (Algorithm.TRIPLE_DES, 16),
        1: (Algorithm.TRIPLE_DES, 8),
        2: (Algorithm.SSF33, 16),
        3: (Algorithm.SM4, 16),
    }
)
"""Algorithm codes of a key record, and the key's bytes; 03 is inferred."""
BEIJING = 0x11
HEAD, CHANGED = 8, 3
TRIES = 15
INIT_FIXED = 28


@dataclass(frozen=True, slots=True)
class SamKey:
    """A key record of the PSAM; its bytes stay out of every repr."""

    place: int
    usage: int
    algorithm: Algorithm
    value: bytes

    def __repr__(self) -> str:
        return f"SamKey({self.usage:02X})"

    @property
    def levels(self) -> int:
        """Factors still to apply."""
        return self.usage >> 5

    @property
    def type(self) -> int:
        """What it may be used for."""
        return self.usage & TYPES


@dataclass(slots=True)
class Running:
    """A session key at work: whose type it has, and the chain of a MAC that goes on."""

    type: int
    algorithm: Algorithm
    key: bytes
    chain: bytes = b""
    message: bytes = b""
    """Of a purchase: the amounts that MAC2 must be over."""


class Psam(Chip):
    """The chip, with the session key it works with."""

    running: Running | None = None

    def power_on(self) -> bytes:
        """See ``Chip.power_on``; session keys are gone."""
        self.running = None
        return super().power_on()

    def sam_key(self, number: int, *, usage: int | None = None, type_: int | None = None) -> SamKey:
        """A key of the current application; 6A88 when there is none."""
        for place in self.slots(self.session.folder.number, number):
            found = self._sam_key(place)
            if usage in (None, found.usage) and type_ in (None, found.type):
                return found
        raise Says(status.NO_KEY)

    def _sam_key(self, place: int) -> SamKey:
        raw = self.memory.cells[place : place + KEY]
        value = bytes(raw[VALUE_AT : VALUE_AT + raw[7]])
        return SamKey(place, raw[4], CODES[raw[3]][0], value)

    def master(self) -> SamKey:
        """The current folder's master key."""
        return self.sam_key(0, usage=0)


def psam(memory: Memory, *, random: Random, traits: Traits | None = None) -> Psam:
    """A PSAM of a memory, powered; it lets answers wait, as T=0 does."""
    atr = contact_atr(bytes(memory.cells[HISTORICAL]))
    traits = traits or Traits(answers=Answers.WAITING)
    return Psam(memory, COMMANDS, atr=atr, random=random, traits=traits)


def initialize_environment(chip: Chip, order: Order) -> bytes:
    """Choose the environment by the first byte of a card's identification code."""
    order.asks(0, 0)
    order.takes(1)
    named = b"sx2" if order.data[0] == BEIJING else b"sx1"
    for node in chip.tree.nodes:
        if node.kind is Kind.ENVIRONMENT and node.entry.name.startswith(named):
            card_files.enter(chip, node)
            return b""
    raise Says(status.WRONG_DATA)


def external_authentication(chip: Chip, order: Order) -> bytes:
    """Show one of the PSAM's own keys; a failure costs a try and says 6982."""
    assert isinstance(chip, Psam)
    if order.p1 or order.p2 > 7:
        raise Says(status.WRONG_PARAMETERS)
    order.takes(16, 17)
    key = chip.sam_key(order.p2, type_=1 if order.p2 else 0)
    left = chip.memory.cells[key.place + LEFT_AT]
    if not left:
        raise Says(status.METHOD_BLOCKED)
    own = session_of(key.algorithm, key.value, chip.take_challenge())
    wanted = card_key.authentication(key.algorithm, own, order.data[8:16])
    good = hmac.compare_digest(wanted, order.data[:8])
    limit = chip.memory.cells[key.place + LIMIT_AT]
    chip.memory.write((key.place + LEFT_AT, bytes((limit if good else left - 1,))))
    if not good:
        raise Says(status.SECURITY)
    chip.session.rights |= {OWN | order.p2}
    return b""


def load_key(chip: Chip, order: Order) -> bytes:
    """CREATE KEY (P1 00) and CHANGE KEY (P1 01) into a key file whose own key was shown."""
    assert isinstance(chip, Psam)
    if order.p1 not in (0, 1) or order.p2 not in KEY_FILES:
        raise Says(status.WRONG_PARAMETERS)
    order.takes(*range(MAC_BYTES + 8, MAC_BYTES + 41, 8))
    if chip.tree.file(chip.session.folder.number, order.p2) is None:
        raise Says(status.NO_FILE)
    if OWN | (order.p2 & 3) not in chip.session.rights:
        raise Says(status.SECURITY)
    plain = _opened(chip, order, chip.master())
    if order.p1:
        _change(chip, plain)
    else:
        _create(chip, plain, order.p2)
    chip.look()
    return b""


def delivery_session_key(chip: Chip, order: Order) -> bytes:
    """Derive a card's key from the root here and make it ready under a session factor."""
    assert isinstance(chip, Psam)
    _in_application(chip)
    chip.running = None
    if not order.whole or len(order.data) != order.p3:
        raise Says(status.WRONG_LENGTH)
    key = chip.sam_key(order.p2, usage=order.p1)
    if key.type not in (MAC, ENCIPHER, BOTH):
        raise Says(status.CONDITIONS)
    block = key.algorithm.block
    levels, odd = divmod(len(order.data) - block, 8)
    if levels < 0 or odd or levels > 3:
        raise Says(status.WRONG_LENGTH)
    if levels != key.levels:
        raise Says(status.WRONG_DATA)
    own = _derived(key, order.data[: 8 * levels])
    ready = session_of(key.algorithm, own, order.data[8 * levels :])
    chip.running = Running(key.type, key.algorithm, ready)
    return b""


def cipher_data(chip: Chip, order: Order) -> bytes:
    """Encipher blocks, or chain them into a MAC, under the key that DELIVERY made ready."""
    assert isinstance(chip, Psam)
    running = chip.running
    if running is None or running.message:
        raise Says(status.INVALID_STATE)
    if order.p2 or order.p1 not in (ONLY, FIRST_MAC, NEXT_MAC, LAST_MAC, MORE_CIPHER, LAST_CIPHER):
        raise Says(status.WRONG_PARAMETERS)
    block = running.algorithm.block
    least = 2 * block if order.p1 in (ONLY, FIRST_MAC) else block
    size = len(order.data)
    if not order.whole or size != order.p3 or size % block or not least <= size <= 8 * block:
        raise Says(status.WRONG_LENGTH)
    if order.p1 in (MORE_CIPHER, LAST_CIPHER):
        return _enciphered(chip, running, order)
    return _chained(chip, running, order)


def init_for_purchase(chip: Chip, order: Order) -> bytes:
    """MAC1 for the card, and the terminal's sequence that it is bound to."""
    assert isinstance(chip, Psam)
    _in_application(chip)
    chip.running = None
    order.asks(1, 0)
    order.takes(*(INIT_FIXED + 8 * levels for levels in (1, 2, 3)), gives=8)
    random, count, amounts, kind = (
        order.data[:4],
        order.data[4:6],
        order.data[6:18],
        order.data[18:19],
    )
    when, version, code, factors = (
        order.data[19:26],
        order.data[26],
        order.data[27],
        order.data[28:],
    )
    try:
        key = chip.sam_key(version, type_=PURCHASE)
    except Says:
        raise Says(status.KEY_INDEX) from None
    if key.levels != len(factors) // 8 or key.algorithm != code:
        raise Says(status.WRONG_DATA)
    sequence = _sequence(chip)
    number = bytes(chip.memory.cells[sequence.start : sequence.start + 4])
    if number == b"\xff" * 4:
        raise Says(status.COUNTER_SPENT)
    own = session_of(key.algorithm, _derived(key, factors), random + count + number[2:])
    mac1 = card_key.mac(key.algorithm, own, amounts + kind + _terminal(chip) + when)
    chip.memory.write((sequence.start, (int.from_bytes(number) + 1).to_bytes(4)))
    chip.running = Running(PURCHASE, key.algorithm, own, message=amounts)
    return number + mac1


def credit_for_purchase(chip: Chip, order: Order) -> bytes:
    """The card's MAC2; 9302 when it is not of the purchase begun."""
    assert isinstance(chip, Psam)
    order.asks(0, 0)
    order.takes(MAC_BYTES)
    running, chip.running = chip.running, None
    if running is None or not running.message:
        raise Says(status.INVALID_STATE)
    wanted = card_key.mac(running.algorithm, running.key, running.message)
    if not hmac.compare_digest(wanted, order.data):
        raise Says(status.MAC_INVALID)
    return b""


def record_slot(folder: int, file: int, plain: bytes) -> bytes:
    """A key record as it stands in memory: usage, id, 00, algorithm, 00000000, key."""
    front = bytes((folder, plain[1], file, plain[3], plain[0], TRIES, TRIES, len(plain) - HEAD))
    return front + plain[HEAD:].ljust(KEY - VALUE_AT, b"\0")


def _enciphered(chip: Psam, running: Running, order: Order) -> bytes:
    if running.type not in (ENCIPHER, BOTH):
        raise Says(status.CONDITIONS)
    if order.p1 == LAST_CIPHER:
        chip.running = None
    return card_key.encipher(running.algorithm, running.key, order.data)


def _chained(chip: Psam, running: Running, order: Order) -> bytes:
    """CBC over the blocks; the first block of ONLY and FIRST is the initial value."""
    if running.type not in (MAC, BOTH):
        raise Says(status.CONDITIONS)
    block, data = running.algorithm.block, order.data
    if order.p1 in (ONLY, FIRST_MAC):
        running.chain, data = data[:block], data[block:]
    elif not running.chain:
        raise Says(status.INVALID_STATE)
    for at in range(0, len(data), block):
        mixed = xor(running.chain, data[at : at + block])
        running.chain = card_key.encipher(running.algorithm, running.key, mixed)
    if order.p1 in (FIRST_MAC, NEXT_MAC):
        return b""
    chip.running = None
    return running.chain


def _derived(key: SamKey, factors: bytes) -> bytes:
    """One card's key; in commands the factors stand card first, the root's side last."""
    ordered = [factors[at : at + 8] for at in range(0, len(factors), 8)][::-1]
    return card_key.derive(key.algorithm, key.value, *ordered)


def _opened(chip: Psam, order: Order, master: SamKey) -> bytes:
    data, given = order.data[:-MAC_BYTES], order.data[-MAC_BYTES:]
    start = chip.take_challenge()[: master.algorithm.block]
    wanted = card_key.mac(master.algorithm, master.value, order.header + data, start)
    if not hmac.compare_digest(wanted, given):
        raise Says(status.MESSAGE_WRONG)
    return deciphered_with(master.algorithm, master.value, data)


def _create(chip: Psam, plain: bytes, file: int) -> None:
    code = CODES.get(plain[3]) if len(plain) > HEAD else None
    if code is None or len(plain) - HEAD != code[1] or plain[2] or any(plain[4:HEAD]):
        raise Says(status.WRONG_DATA)
    folder = chip.session.folder.number
    for place in chip.slots(folder, plain[1]):
        if chip.memory.cells[place + 4] == plain[0]:
            raise Says(status.WRONG_DATA)
    count = chip.memory.cells[KEY_COUNT]
    if count == MOST_KEYS:
        raise Says(status.NO_SPACE)
    slot = record_slot(folder, file, plain)
    chip.memory.write((KEYS + KEY * count, slot), (KEY_COUNT, bytes((count + 1,))))


def _change(chip: Psam, plain: bytes) -> None:
    if len(plain) <= CHANGED or plain[2]:
        raise Says(status.WRONG_DATA)
    key = chip.sam_key(plain[1], usage=plain[0])
    if len(plain) - CHANGED != len(key.value):
        raise Says(status.WRONG_DATA)
    chip.memory.write((key.place + VALUE_AT, plain[CHANGED:]))


def _in_application(chip: Chip) -> None:
    if chip.session.folder.fid != APPLICATION:
        raise Says(status.CONDITIONS)


def _sequence(chip: Chip) -> Node:
    node = chip.tree.file(chip.session.folder.number, SEQUENCE_FILE)
    if node is None:
        raise Says(status.CONDITIONS)
    return node


def _terminal(chip: Chip) -> bytes:
    """The terminal's number, from the environment above."""
    node = chip.tree.file(chip.session.folder.entry.above, TERMINAL_FILE)
    if node is None:
        raise Says(status.CONDITIONS)
    return bytes(chip.memory.cells[node.start : node.start + 6])


PLAIN = frozenset({0x00})
CHOSEN = frozenset({0xBF})
SAM = frozenset({0x80})

COMMANDS: Commands = MappingProxyType(
    {
        0xA4: (PLAIN, card_files.select),
        0xB0: (PLAIN, card_files.read_binary),
        0xB2: (PLAIN, card_files.read_record),
        0xD6: (PLAIN, card_files.update_binary),
        0xDC: (PLAIN, card_files.update_record),
        0x84: (PLAIN, card_auth.get_challenge),
        0xC0: (PLAIN, card_files.get_response),
        0xEC: (CHOSEN, initialize_environment),
        0x82: (PLAIN, external_authentication),
        0xD4: (frozenset({0x84}), load_key),
        0xDE: (CHOSEN, delivery_session_key),
        0xFA: (SAM, cipher_data),
        0x70: (SAM, init_for_purchase),
        0x72: (SAM, credit_for_purchase),
    }
)
