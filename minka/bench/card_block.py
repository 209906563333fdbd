"""APPLICATION BLOCK and CARD BLOCK of a virtual card: for good, after LK or BK was shown.

A wrong MAC locks nothing here (card-chip §12.3): whoever must stop a card may try again.
"""

from __future__ import annotations

from minka.bench.card_core import Chip, Order, Says
from minka.bench.card_image import LIFE, Life, Usage
from minka.bench.card_secure import APPLICATION, MESSAGE_KEY, checked
from minka.bench.card_tree import BLOCKED_AT
from minka.chip import status
from minka.cipher.card_key import MAC_BYTES

BLOCK_CARD_KEY = 0x05
BLOCK_APPLICATION_KEYS = (0x83, 0x8F)
"""LKDF03 and LKDF04 bear 83; 8F is the bench's own for DF01 and DF02, where 83 is taken."""
PERMANENT = 1


def application_block(chip: Chip, order: Order) -> bytes:
    """End the current application; it answers 9303 from then on."""
    order.asks(0, PERMANENT)
    order.takes(MAC_BYTES)
    folder = chip.session.folder
    if folder.number == chip.tree.environment.number or not folder.number:
        raise Says(status.CONDITIONS)
    _authorised(chip, order, _lock_key(chip), MESSAGE_KEY | APPLICATION)
    chip.memory.write((chip.entry_place(folder) + BLOCKED_AT, b"\1"))
    return b""


def card_block(chip: Chip, order: Order) -> bytes:
    """End the whole card; it answers 6A81 from then on."""
    order.asks(0, 0)
    order.takes(MAC_BYTES)
    if chip.session.folder.number != chip.tree.environment.number:
        raise Says(status.CONDITIONS)
    _authorised(chip, order, BLOCK_CARD_KEY, MESSAGE_KEY)
    chip.memory.write((LIFE, bytes((Life.BLOCKED,))))
    return b""


def _lock_key(chip: Chip) -> int:
    """The key of the current folder that blocks it: one that opens no file."""
    files = chip.tree.files.values()
    own = [node.entry for node in files if node.entry.above == chip.session.folder.number]
    opens = {entry.write_key for entry in own} | {entry.read_key for entry in own}
    for number in BLOCK_APPLICATION_KEYS:
        if number not in opens and chip.key(number, Usage.ENCIPHER):
            return number
    raise Says(status.NO_KEY)


def _authorised(chip: Chip, order: Order, shown: int, message: int) -> None:
    key = chip.key(message, Usage.MESSAGE)
    if key is None or chip.key(shown) is None:
        raise Says(status.NO_KEY)
    if shown not in chip.session.rights:
        raise Says(status.SECURITY)
    checked(order, key, chip.take_challenge())
