"""The commands of the user card, as values (card-chip §12.1)."""

from __future__ import annotations

from minka.chip.apdu import WHOLE, Command
from minka.chip.faults import CardFault, CardReason
from minka.kit.secret import Clear

CHALLENGE_BYTES = 8
PIN_DIGITS = range(4, 17)

UNBLOCK_PIN = bytes.fromhex("8424000004")
RELOAD_PIN = bytes.fromhex("842400010C")
BLOCK_APPLICATION = bytes.fromhex("841E000104")
BLOCK_CARD = bytes.fromhex("8416000004")
"""Headers of the commands that go under secure messaging; their last byte is set anew."""

SELECT_MASTER = Command(0x00, 0xA4, 0x00, 0x00, b"\x3f\x00")


def select_name(name: bytes) -> Command:
    """SELECT an environment or an application by its name."""
    return Command(0x00, 0xA4, 0x04, 0x00, name)


def select_directory(fid: int) -> Command:
    """SELECT an application by its identifier."""
    return Command(0x00, 0xA4, 0x00, 0x00, fid.to_bytes(2))


def select_file(fid: int) -> Command:
    """SELECT a file of the current application."""
    return Command(0x00, 0xA4, 0x02, 0x00, fid.to_bytes(2))


def read_record(number: int, expected: int = WHOLE, *, sfi: int = 0) -> Command:
    """READ RECORD by number, in the current file or that of a short identifier."""
    return Command(0x00, 0xB2, number, sfi << 3 | 0b100, expected=expected)


def read_to_end(expected: int) -> Command:
    """READ RECORD from record 1 to the last, in the current file."""
    return Command(0x00, 0xB2, 1, 0b101, expected=expected)


def read_tag(tag: int, expected: int = WHOLE) -> Command:
    """READ RECORD: the first with an identifier, in the current file."""
    return Command(0x00, 0xB2, tag, 0b000, expected=expected)


def update_record(number: int, record: bytes) -> Command:
    """UPDATE RECORD by number, in the current file."""
    return Command(0x00, 0xDC, number, 0b100, record)


def add_record(record: bytes) -> Command:
    """UPDATE RECORD "previous": a new record of a cyclic file."""
    return Command(0x00, 0xDC, 0, 0b011, record)


def read_binary(offset: int, expected: int) -> Command:
    """READ BINARY from an offset below 8000h of the current file."""
    return Command(0x00, 0xB0, offset >> 8, offset & 0xFF, expected=expected)


def update_binary(offset: int, piece: bytes) -> Command:
    """UPDATE BINARY at an offset below 8000h of the current file."""
    return Command(0x00, 0xD6, offset >> 8, offset & 0xFF, piece)


def get_challenge(length: int = CHALLENGE_BYTES) -> Command:
    """GET CHALLENGE of 4, 8 or 16 bytes."""
    return Command(0x00, 0x84, expected=length)


def internal_authentication(factor: bytes, original: bytes) -> Command:
    """INTERNAL AUTHENTICATION under the issuer's key."""
    return Command(0x00, 0x88, data=factor + original)


def external_authentication(number: int, authentication: bytes, original: bytes) -> Command:
    """EXTERNAL AUTHENTICATION of the key with a number; the factor is the latest challenge."""
    return Command(0x00, 0x82, 0x00, number, authentication + original)


def query_pin() -> Command:
    """VERIFY without data: 9000 when no PIN is set, 63Cx with the tries left otherwise."""
    return Command(0x00, 0x20)


def verify_pin(pin: Clear) -> Command:
    """VERIFY; ``CardFault`` when the PIN has not 4 to 16 digits."""
    return Command(0x00, 0x20, data=pin_bytes(pin))


def change_pin(old: Clear, new: Clear) -> Command:
    """CHANGE PIN: the old, FF, the new."""
    return Command(0x80, 0x5E, 0x01, 0x00, pin_bytes(old) + b"\xff" + pin_bytes(new))


def pin_bytes(pin: Clear) -> bytes:
    """A PIN in packed digits, filled with F; ``CardFault`` when it is none."""
    digits = pin.reveal()
    if not (digits.isascii() and digits.isdecimal() and len(digits) in PIN_DIGITS):
        raise CardFault(CardReason.PIN_FORM)
    return bytes.fromhex(digits + "F" * (len(digits) % 2))
