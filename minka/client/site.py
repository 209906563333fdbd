"""Who sends, and how its area wants to be spoken to: every difference met is a setting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from minka.wire.insurance.area import NATIONAL


class Ask(Enum):
    """What the platform promises about a message that comes twice."""

    SAME_MSGID = "same_msgid"
    """It gives the same answer for ever, so an unknown outcome is found by asking again."""
    REVERSE = "reverse"
    """It promises nothing: an unknown outcome is taken back with 2601."""


class Hex(Enum):
    """Case of the gateway signature."""

    LOWER = "lower"
    UPPER = "upper"


class Seal(Enum):
    """How messages of a session are authenticated."""

    NONE = "none"
    MAC = "mac"


@dataclass(frozen=True, slots=True)
class Site:
    """A provider and its gateway.

    ``url`` is the one endpoint. ``first_seq`` and ``last_seq`` are this log's share of the 10 000
    sequence numbers of a second: hospital servers that keep logs of their own take disjoint shares.
    ``patience_ms`` is how long an answer is waited for. A refusal whose text holds one of
    ``open_words`` decided nothing (busy, system error, "send again"), so its outcome is unknown.
    ``dialect`` is the area's form of the interface, by which a message is checked before it is
    written; empty for none.
    """

    url: str
    fixmedins_code: str
    fixmedins_name: str
    area: str
    paasid: str = ""
    secret: str = ""
    recer_sys_code: str = "99"
    infver: str = "V1.0"
    opter: str = "1"
    opter_name: str = "收费员"
    opter_type: str = "1"
    ask: Ask = Ask.SAME_MSGID
    hex_case: Hex = Hex.LOWER
    seal: Seal = Seal.MAC
    patience_ms: int = 30_000
    dialect: str = NATIONAL
    open_words: tuple[str, ...] = ("未知", "重发", "系统异常", "系统错误")
    first_seq: int = 0
    last_seq: int = 9999

    def __post_init__(self) -> None:
        if len(self.fixmedins_code) != 12:
            raise ValueError("fixmedins_code has twelve characters")
        if not 0 <= self.first_seq <= self.last_seq <= 9999:
            raise ValueError("the share of the sequence lies within 0 to 9999")

    def __repr__(self) -> str:
        return f"Site({self.fixmedins_code} at {self.url})"
