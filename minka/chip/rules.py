"""Who may read a file: everybody, the holder by PIN, a terminal by key, either, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

PIN = "PIN"
"""How the PIN stands among the names of what was shown."""


@dataclass(frozen=True, slots=True)
class Free:
    """No condition."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The PIN, and nothing else will do."""


@dataclass(frozen=True, slots=True)
class Key:
    """External authentication under a key."""

    key: str


@dataclass(frozen=True, slots=True)
class PinOr:
    """The PIN or external authentication under a key: either is enough."""

    key: str


@dataclass(frozen=True, slots=True)
class PinAnd:
    """The PIN and external authentication under a key: both."""

    key: str


AccessRule: TypeAlias = Free | Pin | Key | PinOr | PinAnd


def read_rule(text: str) -> AccessRule:
    """A rule as the tables write it: ``free``, ``PIN``, ``RKSSSE``, ``PIN or RK1DF01``."""
    match text.split():
        case ["free"]:
            return Free()
        case ["PIN"]:
            return Pin()
        case ["PIN", "or", key]:
            return PinOr(key)
        case ["PIN", "and", key]:
            return PinAnd(key)
        case [key]:
            return Key(key)
        case _:
            raise ValueError(f"no access rule: {text!r}")


def written(rule: AccessRule) -> str:
    """The reverse of ``read_rule``."""
    match rule:
        case Free():
            return "free"
        case Pin():
            return "PIN"
        case Key(key):
            return key
        case PinOr(key):
            return f"PIN or {key}"
        case PinAnd(key):
            return f"PIN and {key}"


def satisfied(rule: AccessRule, shown: frozenset[str]) -> bool:
    """Whether what has been shown is enough: the names of keys, and ``PIN``.

    The virtual card and the reader ask the same question here.
    """
    match rule:
        case Free():
            return True
        case Pin():
            return PIN in shown
        case Key(key):
            return key in shown
        case PinOr(key):
            return PIN in shown or key in shown
        case PinAnd(key):
            return PIN in shown and key in shown


def key_of(rule: AccessRule) -> str | None:
    """The key a rule names, None for a rule without one."""
    return None if isinstance(rule, Free | Pin) else rule.key
