"""A story as text: who, where, what happens when, and what must come of it.

```
# Title
引用: A1 R1-01
城市: R1
人: 王某 银行 BANK1

2026-11-22 15:32 王某 热线挂失，报 姓名 身份证号码
=> 预挂失，到期 2026-12-02 15:32
```

A step is an instant (or ``+10天``, or nothing for the same instant), who, a verb, and groups of
words after commas; an expectation follows ``=>`` on the same line or the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.kit.clock import CHINA

_HEAD = re.compile(r"(引用|城市|人)\s*[:：]\s*(.*)")
_AT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)\s+")
_LATER = re.compile(r"\+(\d+)(天|小时|分钟|秒)\s+")
_UNITS = {"天": "days", "小时": "hours", "分钟": "minutes", "秒": "seconds"}
_COMMA = re.compile(r"\s*[，,]\s*")


KEYWORDS = (
    *("报", "带", "在", "由", "凭", "代办", "原因", "正式", "单位", "编号", "来电", "渠道"),
    *("减免", "新卡银行", "照片", "付", "旧卡", "休", "班"),
)
"""What a group of words after a comma may begin with."""


class StoryFault(Exception):
    """A story that cannot be read: the line, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of words: its keyword, and what follows it."""

    key: str
    words: tuple[str, ...] = ()

    def text(self) -> str:
        """The words after the keyword, as one text."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, and what must come of it."""

    line: int
    text: str
    at: datetime
    who: str
    verb: str
    groups: Sequence[Group]
    expected: Sequence[Group]

    def group(self, *keys: str) -> Group | None:
        """The first group with one of the keywords."""
        return next((group for group in self.groups if group.key in keys), None)


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a story, as its head introduces him."""

    name: str
    traits: tuple[str, ...] = ()

    def trait(self, key: str, otherwise: str = "") -> str:
        """The word after a keyword of the introduction."""
        if key not in self.traits[:-1]:
            return otherwise
        return self.traits[self.traits.index(key) + 1]


@dataclass(frozen=True, slots=True)
class Story:
    """A story that was read."""

    title: str
    cites: tuple[str, ...]
    region: str
    people: Sequence[Person]
    steps: Sequence[Step]


def read_story(text: str) -> Story:
    """A story from its text; ``StoryFault`` names the line that cannot be read."""
    reader = _Reader()
    for number, raw in enumerate(text.splitlines(), start=1):
        reader.line(number, raw.strip())
    if not reader.steps:
        raise StoryFault("没有一步 · the story has no step")
    return Story(
        title=reader.title,
        cites=tuple(reader.cites),
        region=reader.region,
        people=reader.people,
        steps=reader.steps,
    )


class _Reader:
    """Reads line by line; knows the instant that the story has come to."""

    def __init__(self) -> None:
        self.title, self.region = "", ""
        self.cites: list[str] = []
        self.people: list[Person] = []
        self.steps: list[Step] = []
        self.at: datetime | None = None

    def line(self, number: int, line: str) -> None:
        """Take one line."""
        head = _HEAD.fullmatch(line)
        if not line:
            return
        if line.startswith("#"):
            self.title = self.title or line.lstrip("# ")
        elif head:
            self._head(head[1], head[2].split())
        elif line.startswith("=>"):
            self._expect(number, line[2:])
        else:
            self._step(number, line)

    def _head(self, key: str, words: list[str]) -> None:
        if key == "引用":
            self.cites += words
        elif key == "城市":
            (self.region,) = words
        else:
            self.people.append(Person(words[0], tuple(words[1:])))

    def _expect(self, number: int, text: str) -> None:
        if not self.steps:
            raise StoryFault(f"第{number}行：前面没有步骤 · nothing happened before")
        last = self.steps[-1]
        more = tuple(_groups(text))
        self.steps[-1] = Step(
            *(last.line, last.text, last.at, last.who, last.verb),
            last.groups,
            (*last.expected, *more),
        )

    def _step(self, number: int, line: str) -> None:
        did, _, expected = line.partition("=>")
        rest = self._instant(number, did.strip())
        first, *others = _COMMA.split(rest)
        words = first.split()
        known = {person.name for person in self.people}
        who = words.pop(0) if words and words[0] in known else ""
        if not words:
            raise StoryFault(f"第{number}行：没有动作 · no act: {line}")
        assert self.at is not None, "an instant was read"
        inner = [Group("", tuple(words[1:]))] if words[1:] else []
        groups = (*inner, *(group for text in others for group in _groups(text)))
        _known(number, words[0], groups)
        self.steps.append(
            Step(
                line=number,
                text=did.strip(),
                at=self.at,
                who=who,
                verb=words[0],
                groups=groups,
                expected=tuple(_groups(expected)),
            )
        )

    def _instant(self, number: int, text: str) -> str:
        """Move to the step's instant; gives the rest of the line."""
        fixed, later = _AT.match(text), _LATER.match(text)
        if fixed:
            at = datetime.fromisoformat(fixed[1]).replace(tzinfo=CHINA)
            if self.at is not None and at < self.at:
                raise StoryFault(f"第{number}行：时间倒退 · time goes back: {text}")
            self.at = at
            return text[fixed.end() :]
        if self.at is None:
            raise StoryFault(f"第{number}行：第一步要有时间 · the first step needs an instant")
        if later:
            self.at += timedelta(**{_UNITS[later[2]]: int(later[1])})
            return text[later.end() :]
        return text


def _known(number: int, verb: str, groups: Sequence[Group]) -> None:
    """Refuse words that would be passed over: an unknown keyword, or words that need a comma."""
    for group in groups:
        takes_words = verb in ("缴费", "公布节假日", "交照片")
        if group.key not in KEYWORDS and not (takes_words and not group.key):
            raise StoryFault(
                f"第{number}行：看不懂 {group.key or group.text()}。有：{' '.join(KEYWORDS)}"
            )


def _groups(text: str) -> Iterator[Group]:
    for part in _COMMA.split(text.strip()):
        words = part.split()
        if words:
            yield Group(words[0], tuple(words[1:]))
