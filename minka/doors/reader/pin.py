"""The holder's PIN: verify, change, reset and unblock, by PSAM or by encryption machine.

Reset and unblock go in the order of card-chip §11.2: the key PUK is shown, a new challenge is
taken, and a command under secure messaging (STK) is sent, its PIN enciphered, its bytes protected.
"""

from __future__ import annotations

from enum import Enum

from minka.chip.apdu import Command, parse_command
from minka.chip.keys import PUK
from minka.doors.reader.basic import algorithm_text
from minka.doors.reader.card import CardInHand
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.forms import HEX, fields, hexed
from minka.doors.reader.general import address, outer_fields, shown_by_machine
from minka.doors.reader.open_file import pin_stop, show_key, show_pin, verify
from minka.doors.reader.pinpad import AGAIN, NEW, OLD, PRESENT, digits_of, packed
from minka.doors.reader.sam import Plain, Session
from minka.doors.reader.terminal import Terminal

STK = "STKSSSE"
"""The environment's key of secure messaging, as the table of keys calls it."""


class Repair(Enum):
    """What is done to a PIN with the issuer's keys, by the command's first four bytes."""

    RELOAD = bytes.fromhex("84240001")
    UNBLOCK = bytes.fromhex("84240000")


def verify_pin(terminal: Terminal, card: CardInHand) -> str:
    """Asks for the PIN and shows it to the card; with -51 the output is the tries that are left."""
    verify(card, terminal.pin(PRESENT))
    return ""


def change_pin(terminal: Terminal, card: CardInHand) -> str:
    """Old PIN, then the new one twice."""
    old = terminal.pin(OLD)
    new = new_pin(terminal)
    answer = card.send(Command(0x80, 0x5E, 0x01, data=old + b"\xff" + new))
    if not answer.ok:
        raise pin_stop(answer.sw)
    return ""


def new_pin(terminal: Terminal, most: int | None = None) -> bytes:
    """A new PIN entered twice alike (-34), and not the one all cards begin with (-36)."""
    once = terminal.pin(NEW, most=most)
    if terminal.pin(AGAIN, most=most) != once:
        raise Stop(Code.PINS_DIFFER)
    initial = terminal.settings.initial_pin
    if initial and once == packed(initial):
        raise Stop(Code.BACK_TO_INITIAL_PIN)
    return once


def not_initial(terminal: Terminal, pin: bytes) -> None:
    """-35 for a PIN that only opens a new card."""
    initial = terminal.settings.initial_pin
    if initial and pin == packed(initial):
        raise Stop(Code.INITIAL_PIN)


def paid_for(terminal: Terminal, card: CardInHand) -> None:
    """The PIN before a payment: shown, and not the initial one."""
    if not terminal.settings.initial_pin:
        return show_pin(terminal, card)
    pin = terminal.pin(PRESENT)
    not_initial(terminal, pin)
    return verify(card, pin)


def repair(terminal: Terminal, card: CardInHand, what: Repair) -> str:
    """Reset or unblock with the terminal's PSAM."""
    plain = None if what is Repair.UNBLOCK else new_pin(terminal)
    show_key(terminal, card, PUK)
    factor = card.challenge()
    with terminal.sam() as sam:
        sam.open(card.algorithm)
        session = Session(card.algorithm, factor)
        made = sam.message(
            terminal.sam_key(STK), terminal.factors(card), session, Plain(what.value, plain)
        )
    card.must(parse_command(made))
    return ""


def step1(terminal: Terminal, card: CardInHand) -> str:
    """What the machine needs to make the proof for PUK."""
    card.kept["key"] = PUK.encode()
    return outer_fields(terminal, card, PUK)


def step2(terminal: Terminal, card: CardInHand, what: Repair, key: str) -> str:
    """Shows PUK, then gives what is to be secured: ``alg|STK address|factor|header|new PIN|``."""
    plain = b""
    if what is Repair.RELOAD:
        plain = new_pin(terminal, terminal.settings.hsm_pin_digits)
    shown_by_machine(card, key)
    header = what.value + bytes([length(card, what)])
    card.kept["header"] = header
    return fields(
        algorithm_text(terminal, card),
        address(terminal, card, STK),
        hexed(card.challenge()),
        hexed(header),
        digits_of(plain),
    )


def length(card: CardInHand, what: Repair) -> int:
    """Lc: one block of enciphered PIN and the MAC, or the MAC alone."""
    return 4 if what is Repair.UNBLOCK else card.algorithm.block + 4


def step3(card: CardInHand, key: str) -> str:
    """Sends the secured command; a machine may leave its header away."""
    text = key.rstrip("|")
    header = card.kept["header"]
    if len(text) == 2 * header[-1]:
        text = hexed(header) + text
    if not HEX.fullmatch(text):
        raise Stop(Code.BAD_CHARACTER)
    command = bytes.fromhex(text) if not len(text) % 2 else b""
    if len(command) != 5 + header[-1]:
        raise Stop(Code.BAD_LENGTH)
    if command[:5] != header:
        raise Stop(Code.NOT_LAWFUL)
    card.must(parse_command(command))
    return ""
