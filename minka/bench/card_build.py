"""How a virtual chip comes to its files and keys, and to the next step of its life.

The published commands end where a factory begins; these are ours, in the form of the PSAM's
CREATE KEY (card-chip §14.2, §18.1). A master key guards them: the maker's transport key on a blank
chip, then the environment's, then each folder's own.

| command | APDU | data |
|---|---|---|
| CREATE FILE | 80 E0 00 00 Lc | kind, identifier 2, need, read key, write key, size 2, record, |
| | | records, algorithm, name; after EXTERNAL AUTHENTICATION with the master key (01) |
| CREATE KEY | 84 D4 00 00 Lc | enciphered (usage, number, version, algorithm, limit, 000000, |
| | | key), MAC |
| CHANGE KEY | 84 D4 01 00 Lc | enciphered (usage, number, version, key), MAC |
| SET PIN | 80 F0 01 00 Lc | limit, PIN; after the master key |
| SET LIFE | 80 F0 00 state | after the master key; only onward |

A CREATE KEY or CHANGE KEY needs no other proof than its MAC under the master key and the latest
challenge. The environment's master key is replaced last, so that a card that failed on the way can
be done again.
"""

from __future__ import annotations

import hmac

from minka.bench.card_auth import LONGEST_PIN, PIN_BYTES
from minka.bench.card_core import Chip, Key, Order, Says
from minka.bench.card_image import (
    DIRECTORY,
    FREE,
    KEY,
    KEY_COUNT,
    KEYS,
    LIFE,
    LIMIT_AT,
    MOST_KEYS,
    PIN_BLOCK,
    VALUE_AT,
    Life,
    Usage,
)
from minka.bench.card_secure import deciphered
from minka.bench.card_tree import ENTRIES, ENTRY, FOLDERS, Entry, Kind, Need
from minka.chip import status
from minka.cipher import card_key
from minka.cipher.card_key import MAC_BYTES, Algorithm

MASTER = 0x01
SHORTEST_ENTRY = 11
NEW_KEY, CHANGED_KEY = 8, 3
"""Bytes before the key itself."""
LAST_BUILT = Life.PERSONALISED
"""CREATE FILE and CREATE KEY end with it."""


def create_file(chip: Chip, order: Order) -> bytes:
    """A folder below the environment, or a file in the current folder."""
    order.asks(0, 0)
    order.takes(*range(SHORTEST_ENTRY, SHORTEST_ENTRY + 16))
    _builds(chip)
    entry = _entry(chip, order.data)
    number = len(chip.tree.nodes)
    renewed = entry.kind is Kind.ENVIRONMENT and entry.fid == chip.tree.nodes[0].fid
    if not renewed and _is_taken(chip, entry):
        raise Says(status.NO_FILE)
    cells = chip.memory.cells
    start = int.from_bytes(cells[FREE])
    end = start + entry.room
    if end > len(cells) or number == ENTRIES:
        raise Says(status.NO_SPACE)
    place = DIRECTORY + ENTRY * (0 if renewed else number)
    chip.memory.write((place, entry.written(start)), (FREE.start, end.to_bytes(3)))
    chip.look()
    folder = chip.session.folder.number
    chip.session.folder = chip.tree.nodes[folder]
    return b""


def load_key(chip: Chip, order: Order) -> bytes:
    """CREATE KEY (P1 00) and CHANGE KEY (P1 01)."""
    if order.p1 not in (0, 1) or order.p2:
        raise Says(status.WRONG_PARAMETERS)
    order.takes(*range(MAC_BYTES + 8, MAC_BYTES + 41, 8))
    master = master_key(chip)
    if chip.memory.cells[LIFE] > LAST_BUILT and not order.p1:
        raise Says(status.CONDITIONS)
    plain = key_load(chip, order, master)
    if order.p1:
        _change_key(chip, plain)
    else:
        _create_key(chip, plain)
    chip.look()
    return b""


def key_load(chip: Chip, order: Order, master: Key) -> bytes:
    """The plain data of a key load: MAC over the challenge, then opened (§11.1, rule 7)."""
    data, given = order.data[:-MAC_BYTES], order.data[-MAC_BYTES:]
    challenge = chip.take_challenge()
    wanted = card_key.mac(
        master.algorithm, master.value, order.header + data, challenge[: master.algorithm.block]
    )
    if not hmac.compare_digest(wanted, given):
        raise Says(status.MESSAGE_WRONG)
    return deciphered(master, master.value, data)


def set_life(chip: Chip, order: Order) -> bytes:
    """SET LIFE (P1 00) and SET PIN (P1 01)."""
    if order.p1 == 1 and not order.p2:
        return _set_pin(chip, order)
    if order.p1 or order.p2 not in tuple(Life):
        raise Says(status.WRONG_PARAMETERS)
    if order.p3:
        raise Says(status.WRONG_LENGTH)
    if MASTER not in chip.session.rights:
        raise Says(status.SECURITY)
    if order.p2 <= chip.memory.cells[LIFE]:
        raise Says(status.CONDITIONS)
    chip.memory.write((LIFE, bytes((order.p2,))))
    return b""


def master_key(chip: Chip) -> Key:
    """The current folder's master key, else the environment's or the maker's."""
    own = chip.key(MASTER | 0x80, Usage.MASTER) or chip.key(MASTER, Usage.MASTER)
    if own is None:
        raise Says(status.NO_KEY)
    return own


def key_slot(folder: int, head: bytes, value: bytes) -> bytes:
    """A key as it stands in memory; ``head``: usage, number, version, algorithm, limit."""
    usage, number, version, algorithm, limit = head[:5]
    front = bytes((folder, number, version, algorithm, usage, limit, limit & 0x0F, len(value)))
    return front + value.ljust(KEY - VALUE_AT, b"\0")


def _set_pin(chip: Chip, order: Order) -> bytes:
    order.takes(1, *(1 + length for length in PIN_BYTES))
    _builds(chip)
    limit, pin = order.data[0], order.data[1:]
    if not 1 <= limit <= 15:
        raise Says(status.WRONG_DATA)
    block = bytes((len(pin),)) + pin.ljust(LONGEST_PIN, b"\0") + bytes((limit, limit))
    chip.memory.write((PIN_BLOCK.start, block))
    return b""


def _builds(chip: Chip) -> None:
    if chip.memory.cells[LIFE] > LAST_BUILT:
        raise Says(status.CONDITIONS)
    if not chip.session.rights & {MASTER, MASTER | 0x80}:
        raise Says(status.SECURITY)


def _entry(chip: Chip, data: bytes) -> Entry:
    kind, need = data[0], data[3]
    if kind not in tuple(Kind)[2:] or need not in tuple(Need):
        raise Says(status.WRONG_DATA)
    folder = kind in FOLDERS
    entry = Entry(
        kind=Kind(kind),
        fid=int.from_bytes(data[1:3]),
        above=chip.tree.environment.number if folder else chip.session.folder.number,
        need=Need(need),
        read_key=data[4],
        write_key=data[5],
        size=int.from_bytes(data[6:8]),
        record=data[8],
        count=data[9],
        algorithm=data[10],
        name=data[11:],
    )
    if kind == Kind.CYCLIC and (entry.size != entry.record * entry.count or not entry.size):
        raise Says(status.WRONG_DATA)
    return entry


def _is_taken(chip: Chip, entry: Entry) -> int:
    if entry.kind in FOLDERS:
        return int(entry.fid in chip.tree.folders)
    return int(chip.tree.file(entry.above, entry.fid) is not None)


def _create_key(chip: Chip, plain: bytes) -> None:
    head, value = plain[:NEW_KEY], plain[NEW_KEY:]
    if len(head) < NEW_KEY or len(value) not in (8, 16) or head[5:] != bytes(3):
        raise Says(status.WRONG_DATA)
    if head[0] not in tuple(Usage) or head[3] not in tuple(Algorithm) or not head[4] & 0x0F:
        raise Says(status.WRONG_DATA)
    folder = chip.session.folder.number if head[1] & 0x80 else chip.tree.environment.number
    if chip.key(head[1], Usage(head[0]), head[2] or 0x100) or not head[2]:
        raise Says(status.WRONG_DATA)
    count = chip.memory.cells[KEY_COUNT]
    if count == MOST_KEYS:
        raise Says(status.NO_SPACE)
    place = KEYS + KEY * count
    slot = key_slot(folder, head, value)
    chip.memory.write((place, slot), (KEY_COUNT, bytes((count + 1,))))


def _change_key(chip: Chip, plain: bytes) -> None:
    """A new value and version in an old slot, with all its tries."""
    head, value = plain[:CHANGED_KEY], plain[CHANGED_KEY:]
    if len(value) not in (8, 16) or head[0] not in tuple(Usage) or not head[2]:
        raise Says(status.WRONG_DATA)
    old = chip.key(head[1], Usage(head[0]), head[2]) or chip.key(head[1], Usage(head[0]))
    if old is None:
        raise Says(status.NO_KEY)
    if len(value) != len(old.value):
        raise Says(status.WRONG_DATA)
    chip.memory.write(
        (old.place + 2, bytes((head[2],))),
        (old.place + LIMIT_AT, bytes((old.limit, old.limit & 0x0F))),
        (old.place + VALUE_AT, value),
    )
