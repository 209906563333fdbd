"""What a card asks for before it opens: the card proven, the PIN, a key, each shown in its order.

The steps stand alone too (``external_challenges``, ``show_key``, ``send_secured``), because a
terminal with an encryption machine far away does them in two calls (card-chip §15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Never

from minka.chip import commands, keys, status
from minka.chip.apdu import parse_command
from minka.chip.faults import CardFault, CardReason, fault
from minka.chip.filespec import ENVIRONMENT
from minka.chip.rules import PIN, AccessRule, Free, Key, Pin, PinAnd, PinOr
from minka.chip.session import Authenticator, BothOrder, CardSession, Gate
from minka.kit.secret import Clear


@dataclass(frozen=True, slots=True)
class Challenges:
    """Two challenges of a card: the first is the original data, the latest the session's factor.

    A driver in the field takes them the other way round, and no key ever opens (card-chip §12.4).
    """

    original: bytes
    factor: bytes


def prove(session: CardSession, authenticator: Authenticator, *, random: bytes) -> None:
    """Internal authentication; ``CardFault`` when the card cannot prove that it is genuine (K2).

    ``random`` are 16 fresh bytes of the terminal's own: a copied card would repeat old answers.
    """
    factor, original = random[:8], random[8:16]
    if len(original) != 8:
        raise ValueError("sixteen random bytes are needed")
    if authenticator(factor, original) != internal_answer(session, factor, original):
        raise CardFault(CardReason.NOT_GENUINE)


def internal_answer(session: CardSession, factor: bytes, original: bytes) -> bytes:
    """What the card answers to internal authentication; the environment is entered first."""
    session.enter(ENVIRONMENT)
    return session.must(commands.internal_authentication(factor, original))


def external_challenges(session: CardSession) -> Challenges:
    """The two challenges of an external authentication, in their order."""
    original = session.challenge()
    return Challenges(original, session.challenge())


def show_key(session: CardSession, key: str, authentication: bytes, original: bytes) -> None:
    """External authentication with data that somebody made; the key's application is entered."""
    session.enter(keys.owner(key))
    number = keys.NUMBERS.get(key)
    if number is None:
        raise CardFault(CardReason.KEY_NEEDED, key=key)
    command = commands.external_authentication(number, authentication, original)
    answer = session.ask(command)
    if not answer.ok:
        _key_refused(answer.sw, key)
    session.shown.add(key)


def authenticate(session: CardSession, key: str, gate: Gate) -> None:
    """Show a key, unless it is still shown; ``CardFault`` when it is not here or refused."""
    session.enter(keys.owner(key))
    if key in session.shown:
        return
    authenticator = gate.keys.external(key)
    if authenticator is None:
        raise CardFault(CardReason.KEY_NEEDED, key=key)
    found = external_challenges(session)
    show_key(session, key, authenticator(found.factor, found.original), found.original)


def _key_refused(sw: int, key: str) -> Never:
    if sw == status.METHOD_BLOCKED:
        raise CardFault(CardReason.KEY_BLOCKED, sw, key=key)
    if status.tries_left(sw) is not None or sw == status.NO_KEY:
        raise CardFault(CardReason.KEY_REFUSED, sw, key=key)
    raise fault(sw, key=key)


def tries_of_pin(session: CardSession) -> int | None:
    """How often the PIN may still be tried; None when the card has none. No try is used up."""
    answer = session.ask(commands.query_pin())
    if answer.ok:
        return None
    tries = status.tries_left(answer.sw)
    if tries is None:
        raise fault(answer.sw)
    return tries


def verify(session: CardSession, pin: Clear) -> None:
    """Show the PIN; ``CardFault`` with the tries that are left. Works in any application."""
    _pin_answer(session.ask(commands.verify_pin(pin)).sw)
    session.shown.add(PIN)


def change_pin(session: CardSession, old: Clear, new: Clear) -> None:
    """Change the PIN by its holder."""
    _pin_answer(session.ask(commands.change_pin(old, new)).sw)


def _pin_answer(sw: int) -> None:
    if sw == status.OK:
        return
    if sw == status.METHOD_BLOCKED or sw == status.TRIES << 4:
        raise CardFault(CardReason.PIN_BLOCKED, sw)
    tries = status.tries_left(sw)
    if tries is not None:
        raise CardFault(CardReason.PIN_WRONG, sw, tries=tries)
    raise fault(sw)


def reload_pin(session: CardSession, new: Clear | None, gate: Gate) -> None:
    """A new PIN without the old one (None: a blank one): PUK is shown, the PIN goes enciphered."""
    plain = b"" if new is None else commands.pin_bytes(new)
    authenticate(session, keys.PUK, gate)
    _secured(session, keys.STK, commands.RELOAD_PIN, gate, plain=plain)


def unblock_pin(session: CardSession, gate: Gate) -> None:
    """The PIN's tries anew, the PIN as it was."""
    authenticate(session, keys.PUK, gate)
    _secured(session, keys.STK, commands.UNBLOCK_PIN, gate)


def block_application(session: CardSession, application: str, gate: Gate) -> None:
    """Block one application for good; nothing undoes it."""
    session.enter(application)
    authenticate(session, keys.blocking(application), gate)
    _secured(session, keys.messaging(application), commands.BLOCK_APPLICATION, gate)


def block_card(session: CardSession, gate: Gate) -> None:
    """Block the whole chip for good; nothing undoes it."""
    authenticate(session, keys.BK, gate)
    _secured(session, keys.STK, commands.BLOCK_CARD, gate)


def _secured(
    session: CardSession, key: str, header: bytes, gate: Gate, *, plain: bytes | None = None
) -> None:
    messenger = gate.keys.message(key)
    if messenger is None:
        raise CardFault(CardReason.KEY_NEEDED, key=key)
    send_secured(session, messenger(session.challenge(), header, plain or None))


def send_secured(session: CardSession, command: bytes) -> None:
    """A command that somebody secured, for the card's latest challenge."""
    session.must(parse_command(command))


def open_for_reading(session: CardSession, rule: AccessRule, gate: Gate) -> None:
    """Show what a rule asks for; where either is enough, a key before the holder's PIN."""
    match rule:
        case Free():
            return
        case Pin():
            _need_pin(session, gate)
        case Key(key):
            authenticate(session, key, gate)
        case PinOr(key):
            _need_either(session, key, gate)
        case PinAnd(key) if session.settings.both is BothOrder.KEY_FIRST:
            authenticate(session, key, gate)
            _need_pin(session, gate)
        case PinAnd(key):
            _need_pin(session, gate)
            authenticate(session, key, gate)


def _need_either(session: CardSession, key: str, gate: Gate) -> None:
    session.enter(keys.owner(key))
    if {PIN, key} & session.shown:
        return
    if gate.keys.external(key) is not None:
        authenticate(session, key, gate)
        return
    _need_pin(session, gate)


def _need_pin(session: CardSession, gate: Gate) -> None:
    """The PIN, unless it was shown since power-on; a card without a PIN needs none."""
    if PIN in session.shown:
        return
    if gate.pin is not None:
        verify(session, gate.pin)
        return
    if tries_of_pin(session) is not None:
        raise CardFault(CardReason.PIN_NEEDED)
    session.shown.add(PIN)
