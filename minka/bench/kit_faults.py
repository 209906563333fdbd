"""What can go wrong between a hospital and the platform, by name, and when it shall."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from minka.kit.words import Words


class When(Enum):
    """What the platform knows of a message whose answer went wrong."""

    BEFORE = "before"
    """It never got it."""
    AFTER = "after"
    """It has done it."""
    HONEST = "honest"
    """The answer is true, only its form is unusual."""
    WORLD = "world"
    """The message fares well; the world moves afterwards."""


class Fault(Enum):
    """A fault: its moment, and what happens."""

    CONNECTION_REFUSED = (When.BEFORE, "连接被拒绝", "連線被拒絕", "The connection is refused.")
    TIMEOUT_BEFORE_COMMIT = (
        When.BEFORE,
        "没有送达，也没有回答",
        "沒有送達，也沒有回答",
        "Nothing is delivered and nothing is answered.",
    )
    TIMEOUT_AFTER_COMMIT = (
        When.AFTER,
        "已经入账，一直没有回答",
        "已經入帳，一直沒有回答",
        "It is done, and the answer never comes.",
    )
    LOST_REPLY = (
        When.AFTER,
        "已经入账，回答前连接中断",
        "已經入帳，回答前連線中斷",
        "It is done, and the connection breaks before the answer.",
    )
    LATE_REPLY = (
        When.AFTER,
        "回答晚于等待时间",
        "回答晚於等待時間",
        "The answer comes after the patience.",
    )
    LATE_DELIVERY = (
        When.BEFORE,
        "连接中断，报文过一会儿才送达",
        "連線中斷，報文過一會兒才送達",
        "The connection breaks; the message is delivered a while later.",
    )
    DUPLICATE_DELIVERY = (
        When.HONEST,
        "同一报文送达两次",
        "同一報文送達兩次",
        "The same message is delivered twice.",
    )
    SLOW = (When.HONEST, "回答很慢", "回答很慢", "The answer is slow but in time.")
    BROKEN_JSON = (
        When.AFTER,
        "回答在中间断开",
        "回答在中間斷開",
        "The answer is cut in the middle.",
    )
    EMPTY_BODY = (When.AFTER, "回答是空的", "回答是空的", "The answer is empty.")
    MIDDLEWARE_SHAPE = (
        When.AFTER,
        "中间系统用自己的格式回答",
        "中間系統用自己的格式回答",
        "A system in between answers in its own shape.",
    )
    ERROR_PAGE = (
        When.AFTER,
        "网关返回错误网页",
        "閘道返回錯誤網頁",
        "A gateway answers with a page of HTML, status 502.",
    )
    WRONG_SIGNATURE = (
        When.AFTER,
        "回答的认证码不对",
        "回答的認證碼不對",
        "The answer's seal is wrong.",
    )
    FORGED_ANSWER = (
        When.AFTER,
        "回答的内容被改过",
        "回答的內容被改過",
        "The answer was changed on its way.",
    )
    ANSWER_OF_ANOTHER = (
        When.AFTER,
        "收到另一笔报文的回答",
        "收到另一筆報文的回答",
        "The answer of another message comes.",
    )
    YES_WITHOUT_NUMBER = (
        When.AFTER,
        "成功但没有必需的内容",
        "成功但沒有必需的內容",
        "A yes without what must be in it.",
    )
    INFCODE_AS_STRING = (
        When.HONEST,
        "infcode是字符串",
        "infcode是字串",
        "infcode comes as a string.",
    )
    ZERO_WITH_ERROR = (
        When.BEFORE,
        "infcode是0却带着错误说明",
        "infcode是0卻帶著錯誤說明",
        "infcode is 0 and err_msg holds an error: a refusal.",
    )
    REFUSED = (When.BEFORE, "业务拒绝", "業務拒絕", "A refusal with its reason.")
    BUSY = (When.BEFORE, "平台忙，没有办理", "平台忙，沒有辦理", "Busy, nothing booked.")
    DAY_CUT = (
        When.WORLD,
        "结算落在平台的下一天",
        "結算落在平台的下一天",
        "The platform's day changes just before.",
    )
    CARD_BLOCKED = (
        When.WORLD,
        "回答之后卡被挂失",
        "回答之後卡被掛失",
        "The card is reported lost just after the answer.",
    )
    REFUND_ELSEWHERE = (
        When.WORLD,
        "结算之后在另一边被退费",
        "結算之後在另一邊被退費",
        "The settlement is refunded on the other side afterwards.",
    )

    def __init__(self, when: When, zh_hans: str, zh_hant: str, en: str) -> None:
        self.when = when
        self.words = Words(zh_hans, zh_hant, en)

    @property
    def title(self) -> str:
        """The name on the command line."""
        return self.name.lower()


_RULE = re.compile(
    r"(?P<name>[a-z_]+)(?::(?P<infno>\w{4,6}))?(?:#(?P<nth>\d+)(?:\+(?P<times>\d+))?)?"
    r"(?:@(?P<chance>0?\.\d{1,4}|1))?(?:~(?P<delay>\d+)ms)?"
)


@dataclass(slots=True)
class Rule:
    """A fault and when it comes: for which transaction, from which time on, how often."""

    fault: Fault
    infno: str = ""
    nth: int = 1
    times: int = 0
    """How many in a row; 0 for ever."""
    chance_e4: int = 10_000
    delay_ms: int = 0
    met: int = 0

    def as_json(self) -> dict[str, Any]:
        """For the control endpoint."""
        return {
            "fault": self.fault.title,
            "infno": self.infno,
            "nth": self.nth,
            "times": self.times,
            "chance_e4": self.chance_e4,
            "delay_ms": self.delay_ms,
            "met": self.met,
        }


def rule(text: str) -> Rule:
    """``lost_reply:2207#1+1@0.5~800ms``: name, transaction, first time and how many, chance, delay.

    With ``#n`` alone it comes once. ``ValueError`` with the names there are.
    """
    match = _RULE.fullmatch(text)
    if match is None or match["name"].upper() not in Fault.__members__:
        raise ValueError(f"{text!r}: one of {' '.join(each.title for each in Fault)}")
    chance = match["chance"] or "1"
    return Rule(
        Fault[match["name"].upper()],
        match["infno"] or "",
        int(match["nth"] or 1),
        int(match["times"] or (1 if match["nth"] else 0)),
        10_000 if chance == "1" else int(chance.partition(".")[2].ljust(4, "0")),
        int(match["delay"] or 0),
    )


@dataclass(slots=True)
class Faults:
    """The rules in force; the first that applies is the fault of a delivery."""

    rules: list[Rule] = field(default_factory=list)
    chance: random.Random = field(default_factory=random.Random)
    seen: Counter[str] = field(default_factory=Counter)

    def of(self, infno: str) -> Rule | None:
        """The fault of this delivery, if any."""
        self.seen[infno] += 1
        hits = [each for each in self.rules if self._applies(each, infno)]
        return hits[0] if hits else None

    def _applies(self, each: Rule, infno: str) -> bool:
        if each.infno not in ("", infno):
            return False
        each.met += 1
        last = each.nth + each.times - 1 if each.times else each.met
        if not each.nth <= each.met <= last:
            return False
        return each.chance_e4 >= 10_000 or self.chance.randrange(10_000) < each.chance_e4
