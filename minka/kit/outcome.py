"""The two answers a decision can give: accepted with new facts, or refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, Self, TypeVar

from minka.kit.words import Words

T_co = TypeVar("T_co", covariant=True)


class Retry(Enum):
    """Whether the same request may be sent again unchanged."""

    NEVER = "never"
    LATER = "later"


class Reason(Enum):
    """A named refusal: a sentence that says what, why and what next, in three languages.

    Rooms subclass this with members in order of precedence; a member's value is its ``Words`` or
    ``(Words, Retry.LATER)``.
    """

    words: Words
    retry: Retry

    def __new__(cls, words: Words, retry: Retry = Retry.NEVER) -> Self:
        member = object.__new__(cls)
        member._value_ = (words.zh_hans, len(cls.__members__))
        member.words, member.retry = words, retry
        return member

    @property
    def code(self) -> str:
        """The stable public code, such as ``loss.already_lost``."""
        room = type(self).__module__.split(".")[1]
        return f"{room}.{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T_co]):
    """Yes: the new facts that must now be written down."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Refused:
    """No: the reason, and the facts (never clear personal data) that fill its sentence."""

    reason: Reason
    facts: Mapping[str, Any] = field(default_factory=dict)

    def say(self, language: str = "zh-hans") -> str:
        """The refusal as a sentence for the person."""
        return self.reason.words.say(language, **self.facts)
