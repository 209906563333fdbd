"""How a file is opened: what its rule asks of the holder and of the terminal's keys."""

from __future__ import annotations

from enum import Enum, IntEnum

from minka.chip.apdu import Command
from minka.chip.filespec import CardFile
from minka.chip.rules import Pin, PinAnd, PinOr, key_of
from minka.chip.status import tries_left
from minka.doors.reader.card import CardInHand
from minka.doors.reader.codes import Code, Stop, of_status
from minka.doors.reader.pinpad import PRESENT
from minka.doors.reader.sam import Session
from minka.doors.reader.terminal import Terminal


class Auth(IntEnum):
    """iAuthType: what the caller means to show for files that take either."""

    PIN = 1
    KEY = 2


class Side(Enum):
    """Which of a file's two rules is asked."""

    READ = "read"
    WRITE = "write"


def find(card: CardInHand, name: str) -> CardFile:
    """A file of the card's version; -27266 when it has none of this name."""
    try:
        return card.specification.file(name)
    except KeyError:
        raise Stop(-0x6A82) from None


def key_for(file: CardFile, side: Side) -> str | None:
    """The key a file's rule names, None without one; -27010 where only the card itself writes."""
    if side is Side.READ:
        return key_of(file.read)
    if file.write_key is None:
        raise Stop(-0x6982)
    return file.write_key


def show_pin(terminal: Terminal, card: CardInHand) -> None:
    """The holder's PIN, asked for at the pad unless the card has none or was shown it."""
    if card.pin_shown:
        return
    asked = card.send(Command(0x00, 0x20))
    if asked.ok:
        card.pin_shown = True
        return
    if not tries_left(asked.sw):
        raise pin_stop(asked.sw)
    verify(card, terminal.pin(PRESENT))


def verify(card: CardInHand, pin: bytes) -> None:
    """VERIFY; -51 with the tries that are left, -52 when there are none."""
    answer = card.send(Command(0x00, 0x20, data=pin))
    if answer.ok:
        card.pin_shown = True
        return
    raise pin_stop(answer.sw)


def pin_stop(word: int) -> Stop:
    """The end of a function at which a PIN was refused."""
    left = tries_left(word)
    if left is None:
        return Stop(of_status(word))
    return Stop(Code.PIN_WRONG, str(left)) if left else Stop(Code.PIN_LOCKED)


def show_key(terminal: Terminal, card: CardInHand, key: str) -> None:
    """A key of the current application, by the terminal's PSAM."""
    if key in card.shown:
        return
    with terminal.sam() as sam:
        sam.open(card.algorithm)
        original, factor = card.challenge(), card.challenge()
        session = Session(card.algorithm, factor)
        proof = sam.proof(terminal.sam_key(key), terminal.factors(card), session, original)
    card.prove(key, proof, original)


def open_to_read(terminal: Terminal, card: CardInHand, file: CardFile, auth: Auth) -> None:
    """Shows what a file's rule asks; where the PIN or a key will do, what the caller chose."""
    key = key_for(file, Side.READ)
    rule = file.read
    if isinstance(rule, PinAnd):
        if terminal.settings.pin_and_key == "pin_first":
            show_pin(terminal, card)
        show_key(terminal, card, rule.key)
        show_pin(terminal, card)
    elif auth is Auth.KEY and key is not None:
        show_key(terminal, card, key)
    elif isinstance(rule, Pin | PinOr):
        show_pin(terminal, card)
