"""SELECT, READ and UPDATE of a virtual chip (card-chip §12.1): folders, records, plain files.

Where the standard is silent the card does this, and only here: a file selected by its short
identifier becomes the current one; a record keeps its tag when it is rewritten; READ commands take
the fifth byte as Le and no more, for T=0 sends a reading card nothing else.
"""

from __future__ import annotations

from minka.bench.card_core import Chip, CyclicOne, Order, Says
from minka.bench.card_records import Records, records_of
from minka.bench.card_secure import opened
from minka.bench.card_tree import FOLDERS, Kind, Need, Node
from minka.chip import status
from minka.chip.fci import DIRECTORY_SFI, ChipAlgorithm, Fci

WIDEST = 256
NEXT_NAME = 0x02


def select(chip: Chip, order: Order) -> bytes:
    """Make a folder or file current; a folder asked for by name says what it is."""
    if not order.whole or len(order.data) != order.p3:
        raise Says(status.WRONG_LENGTH)
    if order.p1 == 0x04:
        return _select_name(chip, order)
    if order.p1 not in (0x00, 0x02) or order.p2:
        raise Says(status.WRONG_PARAMETERS)
    if len(order.data) not in ((0, 2) if order.p1 == 0 else (2,)):
        raise Says(status.WRONG_LENGTH)
    _select_number(chip, int.from_bytes(order.data) if order.data else 0x3F00, order.p1)
    folder = chip.session.folder
    is_bank = folder.kind is Kind.ROOT and folder.entry.name and chip.session.file is None
    return fci(chip, folder) if is_bank else b""


def read_record(chip: Chip, order: Order) -> bytes:
    """One record, or as many whole ones as an answer holds."""
    records = _records(chip, order)
    _may_read(chip, records.node)
    answer = records.read(order.p1, order.p2 & 7)
    return _fit(answer, order.p3)


def update_record(chip: Chip, order: Order) -> bytes:
    """Rewrite a record, append one to a linear file, add one to a cyclic file."""
    if not order.whole or len(order.data) != order.p3 or not order.data:
        raise Says(status.WRONG_LENGTH)
    records = _records(chip, order)
    _may_write(chip, records.node)
    data = opened(chip, order)
    mode, number = order.p2 & 7, order.p1
    if (
        records.node.kind is Kind.CYCLIC
        and (mode, number) == (4, 1)
        and chip.traits.cyclic_one is CyclicOne.ADDS
    ):
        mode, number = 3, 0
    chip.memory.write(*records.update(number, mode, data))
    return b""


def read_binary(chip: Chip, order: Order) -> bytes:
    """Bytes of a plain file."""
    node, offset = _plain(chip, order)
    _may_read(chip, node)
    if offset >= node.entry.size:
        raise Says(status.OUTSIDE)
    rest = node.entry.size - offset
    wanted = order.p3 or min(rest, WIDEST)
    if wanted > rest:
        raise Says(status.LENGTH_IS << 8 | rest)
    return bytes(chip.memory.cells[node.start + offset : node.start + offset + wanted])


def update_binary(chip: Chip, order: Order) -> bytes:
    """Write bytes into a plain file, all or none of them."""
    if not order.whole or len(order.data) != order.p3 or not order.data:
        raise Says(status.WRONG_LENGTH)
    node, offset = _plain(chip, order)
    _may_write(chip, node)
    data = opened(chip, order)
    if offset + len(data) > node.entry.size:
        raise Says(status.OUTSIDE)
    chip.memory.write((node.start + offset, data))
    return b""


def get_response(chip: Chip, order: Order) -> bytes:
    """What waits after 61xx."""
    order.asks(0, 0)
    waiting = chip.session.waiting
    if not waiting:
        raise Says(status.INVALID_DATA)
    if order.p3 == 0 or order.p3 > len(waiting):
        raise Says(status.LENGTH_IS << 8 | len(waiting))
    chip.session.waiting = waiting[order.p3 :]
    return waiting[: order.p3]


def enter(chip: Chip, folder: Node) -> None:
    """Make a folder current; rights, challenge and transaction of another one are forgotten."""
    session = chip.session
    if session.folder.number != folder.number:
        session.rights, session.challenge = frozenset(), b""
        session.purse = type(session.purse).IDLE
    session.folder, session.file, session.pointer = folder, None, 0
    if chip.is_blocked(folder):
        raise Says(status.APPLICATION_BLOCKED)


def fci(chip: Chip, folder: Node) -> bytes:
    """What a folder says of itself when it is selected by name."""
    if folder.kind is not Kind.ENVIRONMENT:
        return bytes(Fci(folder.entry.name))
    named = folder.entry.algorithm
    algorithm = ChipAlgorithm(named) if named else None
    return bytes(Fci(folder.entry.name, DIRECTORY_SFI, algorithm))


def _select_name(chip: Chip, order: Order) -> bytes:
    if order.p2 not in (0x00, NEXT_NAME):
        raise Says(status.WRONG_PARAMETERS)
    if not 5 <= len(order.data) <= 16:
        raise Says(status.WRONG_LENGTH)
    found = [node for node in chip.tree.named if node.entry.name.startswith(order.data)]
    if order.p2 == NEXT_NAME:
        found = [node for node in found if node.number > chip.session.folder.number]
    if not found:
        raise Says(status.NO_FILE)
    enter(chip, found[0])
    return fci(chip, found[0])


def _select_number(chip: Chip, fid: int, p1: int) -> None:
    session = chip.session
    folder = chip.tree.folder(fid, session.folder) if p1 == 0 else None
    if folder is not None:
        enter(chip, folder)
        return
    file = chip.tree.file(session.folder.number, fid)
    if chip.is_blocked(session.folder):
        raise Says(status.APPLICATION_BLOCKED)
    if file is None:
        raise Says(status.NO_FILE)
    session.file, session.pointer = file, 0


def _records(chip: Chip, order: Order) -> Records:
    if order.p2 & 7 == 7:
        raise Says(status.WRONG_PARAMETERS)
    if order.p1 == 0xFF or order.p2 >> 3 == 0x1F:
        raise Says(status.WRONG_PARAMETERS)
    node = _current(chip, order.p2 >> 3)
    if node.kind not in (Kind.TLV, Kind.CYCLIC):
        raise Says(status.WRONG_STRUCTURE)
    return records_of(chip, node)


def _plain(chip: Chip, order: Order) -> tuple[Node, int]:
    if order.p1 & 0x80:
        if order.p1 & 0x60 or not order.p1 & 0x1F:
            raise Says(status.WRONG_PARAMETERS)
        node, offset = _current(chip, order.p1 & 0x1F), order.p2
    else:
        node, offset = _current(chip, 0), order.p1 << 8 | order.p2
    if node.kind is not Kind.TRANSPARENT:
        raise Says(status.WRONG_STRUCTURE)
    return node, offset


def _current(chip: Chip, sfi: int) -> Node:
    """The current file, or the one of a short identifier, which becomes current."""
    session = chip.session
    if not sfi:
        if session.file is None:
            raise Says(status.NO_CURRENT_FILE)
        return session.file
    found = chip.tree.short.get((session.folder.number, sfi))
    if found is None or found.kind in FOLDERS:
        raise Says(status.NO_FILE)
    if found is not session.file:
        session.file, session.pointer = found, 0
    return found


def _may_read(chip: Chip, node: Node) -> None:
    need, session = node.entry.need, chip.session
    if need is Need.FREE:
        return
    key = node.entry.read_key in session.rights
    pin = need is not Need.KEY and chip.holds_pin()
    allowed = {
        Need.PIN: pin,
        Need.KEY: key,
        Need.PIN_OR_KEY: pin or key,
        Need.PIN_AND_KEY: pin and key,
    }
    if not allowed.get(need):
        raise Says(status.SECURITY)


def _may_write(chip: Chip, node: Node) -> None:
    key = node.entry.write_key
    if not key or key not in chip.session.rights:
        raise Says(status.SECURITY)


def _fit(answer: bytes, wanted: int) -> bytes:
    """The answer when Le names its length (00 is 256), else the word that says the length."""
    if (wanted or WIDEST) != len(answer):
        raise Says(status.LENGTH_IS << 8 | (len(answer) & 0xFF))
    return answer
