"""The port to a PIN pad: who asks the holder for a PIN, and what may come of it.

| what happens | code |
|---|---|
| the holder presses cancel, or there is nobody to ask | -31 |
| nothing is pressed in time | -32 |
| too few or too many digits, or no digits | -33 |
| the new PIN is not entered twice alike | -34 |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from minka.doors.reader.codes import Code, Stop


@dataclass(frozen=True, slots=True)
class Ask:
    """What the pad shows (in Simplified Chinese), and how many digits it takes."""

    title: str
    fewest: int
    most: int
    patience_s: float


PRESENT = "请输入密码"
OLD = "请输入原密码"
NEW = "请输入新密码"
AGAIN = "请再次输入新密码"


class PinPad(Protocol):
    """Where a holder enters a PIN."""

    def ask(self, ask: Ask) -> str:
        """The digits; ``Stop`` -31 when cancelled, -32 when nothing came in time."""


@dataclass(frozen=True, slots=True)
class CallbackPad:
    """A vendor's pad: a callback that is given title, most digits and seconds.

    It answers the digits, or None for cancel; ``TimeoutError`` says that nobody pressed anything.
    """

    callback: Callable[[str, int, float], str | None]

    def ask(self, ask: Ask) -> str:
        """The digits the callback gives."""
        try:
            found = self.callback(ask.title, ask.most, ask.patience_s)
        except TimeoutError:
            raise Stop(Code.PIN_TIMED_OUT) from None
        if found is None:
            raise Stop(Code.PIN_CANCELLED)
        return found


@dataclass(slots=True)
class GivenPins:
    """PINs that came with a request, as some dialects send them; they are asked for in turn."""

    pins: Sequence[str]
    _rest: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._rest = iter(self.pins)

    def __repr__(self) -> str:
        return "GivenPins(…)"

    def ask(self, ask: Ask) -> str:
        """The next PIN of the request; a new one is not asked for twice."""
        found = next(self._rest, None)
        if found is None:
            raise Stop(Code.PIN_CANCELLED)
        return found


class NoPad:
    """No pad is there: whoever is asked has cancelled."""

    def ask(self, ask: Ask) -> str:
        """Always -31."""
        raise Stop(Code.PIN_CANCELLED)


def entered(pad: PinPad, ask: Ask) -> bytes:
    """A PIN as the card takes it: packed digits, filled with F; -33 for a wrong length."""
    digits = pad.ask(ask)
    if not (digits.isascii() and digits.isdigit() and ask.fewest <= len(digits) <= ask.most):
        raise Stop(Code.PIN_LENGTH)
    return packed(digits)


def packed(digits: str) -> bytes:
    """Digits two to a byte; an odd one is filled with F."""
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


def digits_of(pin: bytes) -> str:
    """The digits of a packed PIN."""
    return pin.hex().rstrip("f")
