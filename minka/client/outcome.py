"""The three outcomes of a message, and why one may be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words

LATER = Retry.LATER


class Why(Reason):
    """Why nobody can say yet whether the platform did it (interface, section 1.5)."""

    TIME_OUT = (
        Words(
            "平台没有及时回答。不要重复收费，系统会自动查询。",
            "平台沒有及時回答。不要重複收費，系統會自動查詢。",
            "The platform did not answer in time. Do not charge again; it is being asked.",
        ),
        LATER,
    )
    BROKEN = (
        Words(
            "与平台的连接中断。不要重复收费，系统会自动查询。",
            "與平台的連線中斷。不要重複收費，系統會自動查詢。",
            "The connection to the platform broke. Do not charge again; it is being asked.",
        ),
        LATER,
    )
    EMPTY = (
        Words("平台的回答是空的。", "平台的回答是空的。", "The answer of the platform was empty."),
        LATER,
    )
    UNREADABLE = (
        Words("平台的回答无法读懂。", "平台的回答無法讀懂。", "The answer could not be read."),
        LATER,
    )
    MIDDLEWARE = (
        Words(
            "回答来自中间系统，不是平台本身。",
            "回答來自中間系統，不是平台本身。",
            "A system in between answered, not the platform itself.",
        ),
        LATER,
    )
    INCOMPLETE = (
        Words(
            "平台说成功，却没有给出必需的内容。",
            "平台說成功，卻沒有給出必需的內容。",
            "The platform said yes but left out what must be there.",
        ),
        LATER,
    )
    UNCLEAR = (
        Words(
            "平台的回答既不是成功，也不是说明了原因的拒绝。",
            "平台的回答既不是成功，也不是說明了原因的拒絕。",
            "The answer was neither a yes nor a refusal that gives its reason.",
        ),
        LATER,
    )
    NOT_PROVED = (
        Words(
            "回答的签名不对，不能相信。",
            "回答的簽名不對，不能相信。",
            "The answer does not carry the platform's seal, so it is not believed.",
        ),
        LATER,
    )
    ANOTHERS = (
        Words(
            "收到的是另一笔报文的回答。",
            "收到的是另一筆報文的回答。",
            "What came is the answer to another message.",
        ),
        LATER,
    )
    NOT_LOOKED_AT = (
        Words(
            "平台入口没有受理这次发送：{said}",
            "平台入口沒有受理這次發送：{said}",
            "This delivery was turned away at the platform's gate: {said}",
        ),
        LATER,
    )
    SYSTEM_ERROR = (
        Words("平台系统错误。", "平台系統錯誤。", "A system error of the platform."),
        LATER,
    )
    UNDER_REPAIR = (
        Words(
            "这张账单还有一笔结果不明的报文，先查清再办。",
            "這張帳單還有一筆結果不明的報文，先查清再辦。",
            "This bill has a message whose outcome is open; it is cleared up first.",
        ),
        LATER,
    )
    HELD = (
        Words(
            "冲正没有被接受，等当日对账查清。",
            "沖正沒有被接受，等當日對帳查清。",
            "The reversal was not accepted; the day's reconciliation will show.",
        ),
        LATER,
    )
    SENT_MEANWHILE = (
        Words(
            "这笔报文正在发送，请稍候。",
            "這筆報文正在發送，請稍候。",
            "This message is on its way; wait a moment.",
        ),
        LATER,
    )


@dataclass(frozen=True, slots=True)
class Success:
    """The platform did it: book it.

    ``output`` is the answer's output, numbers as ``Decimal``; ``warning`` is text that came with
    it; ``doubts`` name sums that do not add up, which a person should see.
    """

    msgid: str
    infno: str
    output: Mapping[str, Any] = field(repr=False)
    warning: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform did nothing: book nothing, show the message, correct, send anew."""

    msgid: str
    infno: str
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say: book nothing, charge nothing again; ``repair`` finds out."""

    msgid: str
    infno: str
    why: Why
    facts: Mapping[str, Any] = field(default_factory=dict)

    def say(self, language: str = "zh-hans") -> str:
        """The sentence for the clerk."""
        return self.why.words.say(language, **self.facts)


Outcome = Success | Refused | Unknown
