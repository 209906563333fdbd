"""Challenge, authentication and PIN of a virtual card (card-chip §12.1, §12.3).

A try is written down in the same way and with the same number of bytes whether it was right or
wrong, before anything is answered: whoever cuts the power meanwhile learns nothing.
"""

from __future__ import annotations

import hmac

from minka.bench.card_core import NEVER_LOCKS, TRIES, Chip, Honesty, Key, Order, Says
from minka.bench.card_image import (
    LEFT_AT,
    PIN,
    PIN_BLOCK,
    PIN_LEFT,
    PIN_LENGTH,
    PIN_LIMIT,
    Usage,
)
from minka.bench.card_memory import Write
from minka.bench.card_secure import MESSAGE_KEY, checked, deciphered, session_key
from minka.chip import status
from minka.cipher import card_key
from minka.cipher.card_key import MAC_BYTES

PUK = 0x06
SHOWN = frozenset({Usage.ENCIPHER, Usage.MASTER, Usage.STARTING})
"""Keys that EXTERNAL AUTHENTICATION takes; those of messages and money it does not know."""
LONGEST_PIN = 8
SEPARATOR = b"\xff"
PIN_BYTES = range(2, LONGEST_PIN + 1)


def get_challenge(chip: Chip, order: Order) -> bytes:
    """A random number that is good once."""
    order.asks(0, 0)
    if order.data or order.p3 not in (4, 8, 16):
        raise Says(status.WRONG_LENGTH)
    chip.session.challenge = chip.random(order.p3)
    return chip.session.challenge


def internal_authentication(chip: Chip, order: Order) -> bytes:
    """What only this card answers to a factor and original data."""
    order.takes(16, 17, gives=8)
    if order.p1:
        raise Says(status.WRONG_PARAMETERS)
    key = chip.key(order.p2, Usage.ENCIPHER, _version(order)) if not order.p2 & 0x7F else None
    if key is None:
        raise Says(status.NO_KEY)
    own = session_key(key, order.data[:8])
    return card_key.authentication(key.algorithm, own, order.data[8:16])


def external_authentication(chip: Chip, order: Order) -> bytes:
    """Show a key: eight bytes of it for the card's latest challenge, and the original data."""
    if order.p1:
        raise Says(status.WRONG_PARAMETERS)
    order.takes(16, 17)
    key = _shown_key(chip, order)
    if not key.left:
        raise Says(status.METHOD_BLOCKED)
    challenge = chip.take_challenge()
    own = session_key(key, challenge)
    wanted = card_key.authentication(key.algorithm, own, order.data[8:16])
    good = hmac.compare_digest(wanted, order.data[:8])
    if chip.traits.honesty is Honesty.CLONE:
        good = True
    chip.memory.write(left_after(key, key.limit & TRIES if good else key.tries))
    rights = chip.session.rights
    chip.session.rights = rights | {order.p2} if good else rights - {order.p2}
    if not good:
        raise Says(status.TRIES << 4 | key.tries)
    return b""


def left_after(key: Key, tries: int) -> Write:
    """The tries left of a key, written; a key that never locks keeps its own."""
    kept = key.limit & TRIES if key.limit & NEVER_LOCKS else tries
    return key.place + LEFT_AT, bytes((kept,))


def verify(chip: Chip, order: Order) -> bytes:
    """Show the PIN; without data, ask how many tries are left."""
    order.asks(0, 0)
    cells = chip.memory.cells
    if not order.p3:
        if not cells[PIN_LENGTH]:
            return b""
        raise Says(status.TRIES << 4 | cells[PIN_LEFT])
    order.takes(*PIN_BYTES)
    if not cells[PIN_LENGTH]:
        raise Says(status.NO_CHALLENGE)
    _try(chip, order.data)
    return b""


def change_pin(chip: Chip, order: Order) -> bytes:
    """Replace the old PIN by a new one; either may be empty."""
    order.asks(1, 0)
    order.takes(*range(3, 2 * LONGEST_PIN + 2))
    old, bar, new = order.data.partition(SEPARATOR)
    if not bar or not _is_pin(new) or not _is_pin(old):
        raise Says(status.WRONG_DATA)
    if bool(old) != bool(chip.memory.cells[PIN_LENGTH]):
        raise Says(status.WRONG_DATA)
    writes = [_new_pin(chip, new)]
    if old:
        _try(chip, old, *writes)
    else:
        chip.memory.write(*writes)
    return b""


def change_or_unblock(chip: Chip, order: Order) -> bytes:
    """PIN UNBLOCK (P2 00) and PIN RELOAD (P2 01), after the PUK was shown."""
    if order.p1 or order.p2 not in (0, 1):
        raise Says(status.WRONG_PARAMETERS)
    block = 8 if order.p2 else 0
    order.takes(*([MAC_BYTES] if not block else range(MAC_BYTES, 3 * block + MAC_BYTES + 1, block)))
    key, puk = chip.key(MESSAGE_KEY, Usage.MESSAGE), chip.key(PUK)
    if key is None or puk is None:
        raise Says(status.NO_KEY)
    if PUK not in chip.session.rights:
        raise Says(status.SECURITY)
    if not order.p2 and not chip.memory.cells[PIN_LENGTH]:
        raise Says(status.CONDITIONS)
    try:
        data, own = checked(order, key, chip.take_challenge())
    except Says as word:
        _wrong_message(chip, puk, word)
        raise
    limit = chip.memory.cells[PIN_LIMIT]
    if not order.p2:
        chip.memory.write((PIN_LEFT, bytes((limit,))))
        return b""
    new = deciphered(key, own, data) if data else b""
    if not _is_pin(new):
        raise Says(status.WRONG_DATA)
    chip.memory.write(_new_pin(chip, new))
    chip.session.pin_shown = 0
    return b""


def _wrong_message(chip: Chip, puk: Key, word: Says) -> None:
    """A wrong MAC costs the PUK a try; at none it is locked and no longer shown."""
    if word.sw != status.MESSAGE_WRONG:
        return
    chip.memory.write(left_after(puk, puk.tries))
    if not puk.tries:
        chip.session.rights -= {PUK}


def _shown_key(chip: Chip, order: Order) -> Key:
    key = chip.key(order.p2, None, _version(order)) if order.p2 & 0x7F else None
    if key is None or key.usage not in SHOWN:
        raise Says(status.NO_KEY)
    return key


def _version(order: Order) -> int:
    """The seventeenth byte names a group; 00 names none, so it finds no key of its own."""
    return (order.data[16] or 0x100) if len(order.data) == 17 else 0


def _try(chip: Chip, pin: bytes, *also: Write) -> None:
    """Compare a PIN, write down what came of it, and answer 63Cx or go on."""
    cells = chip.memory.cells
    if not cells[PIN_LEFT]:
        raise Says(status.METHOD_BLOCKED)
    held = bytes(cells[PIN][: cells[PIN_LENGTH]])
    good = hmac.compare_digest(held, pin) or chip.traits.honesty is Honesty.CLONE
    left = cells[PIN_LIMIT] if good else cells[PIN_LEFT] - 1
    unchanged = bytes(cells[PIN_BLOCK])
    writes = (also or ((PIN_BLOCK.start, unchanged),)) if good else ((PIN_BLOCK.start, unchanged),)
    chip.memory.write(*writes, (PIN_LEFT, bytes((left,))))
    if not good:
        raise Says(status.TRIES << 4 | left)
    chip.session.pin_shown = 1


def _new_pin(chip: Chip, pin: bytes) -> Write:
    """The PIN block with a new PIN and all its tries."""
    limit = chip.memory.cells[PIN_LIMIT]
    block = bytes((len(pin),)) + pin.ljust(LONGEST_PIN, b"\0") + bytes((limit, limit))
    return PIN_BLOCK.start, block


def _is_pin(pin: bytes) -> bool:
    """Four to sixteen digits packed, an odd one filled with F; nothing is the blank PIN."""
    if not pin:
        return True
    digits = pin.hex()
    digits = digits[:-1] if digits.endswith("f") else digits
    return len(pin) in PIN_BYTES and digits.isdecimal() and len(digits) >= 4
