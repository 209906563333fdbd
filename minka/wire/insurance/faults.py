"""What can be wrong with a message: each rule in three languages, and where it was broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from minka.kit.outcome import Reason
from minka.kit.words import Words


class Rule(Reason):
    """The rules of the interface, in the order in which a field is held against them."""

    TOO_LARGE = Words(
        "报文超过{limit}字节，没有读取。请分批发送。",
        "報文超過{limit}位元組，沒有讀取。請分批發送。",
        "The message has more than {limit} bytes and was not read. Send it in parts.",
    )
    BROKEN = Words(
        "报文不是完整的JSON，没有读取。请检查编码和括号。",
        "報文不是完整的JSON，沒有讀取。請檢查編碼和括號。",
        "The message is not whole JSON and was not read. Check its encoding and brackets.",
    )
    UNKNOWN_TRANSACTION = Words(
        "没有这个交易编号，什么也没有办理。请核对infno。",
        "沒有這個交易編號，什麼也沒有辦理。請核對infno。",
        "There is no such transaction, so nothing was done. Check infno.",
    )
    OBJECT = Words(
        "{name}（{where}）应是一个对象；请用花括号。",
        "{name}（{where}）應是一個物件；請用花括號。",
        "{name} ({where}) must be an object; use braces.",
    )
    LIST = Words(
        "{name}（{where}）应是不空的数组；请用方括号。",
        "{name}（{where}）應是不空的陣列；請用方括號。",
        "{name} ({where}) must be a list with something in it; use brackets.",
    )
    MANDATORY = Words(
        "{name}（{where}）必填，现为空；请补填。",
        "{name}（{where}）必填，現為空；請補填。",
        "{name} ({where}) is mandatory and empty; fill it in.",
    )
    TEXT = Words(
        "{name}（{where}）应是字符串；请加引号。",
        "{name}（{where}）應是字串；請加引號。",
        "{name} ({where}) must be a text; put it in quotation marks.",
    )
    LENGTH = Words(
        "{name}（{where}）最长{limit}个字符，现已超过；请缩短。",
        "{name}（{where}）最長{limit}個字元，現已超過；請縮短。",
        "{name} ({where}) has more than {limit} characters; shorten it.",
    )
    NUMBER = Words(
        "{name}（{where}）应是普通写法的数字，不用指数；请改写。",
        "{name}（{where}）應是普通寫法的數字，不用指數；請改寫。",
        "{name} ({where}) must be a plain number, without an exponent; write it so.",
    )
    DIGITS = Words(
        "{name}（{where}）最多{limit}位数字，现已超过；请核对。",
        "{name}（{where}）最多{limit}位數字，現已超過；請核對。",
        "{name} ({where}) has more than {limit} digits; check it.",
    )
    DECIMALS = Words(
        "{name}（{where}）最多{scale}位小数，现已超过；请先按规定舍入。",
        "{name}（{where}）最多{scale}位小數，現已超過；請先按規定捨入。",
        "{name} ({where}) has more than {scale} decimals; round it by the rule first.",
    )
    DATE = Words(
        "{name}（{where}）应是yyyy-MM-dd的日期；请改写。",
        "{name}（{where}）應是yyyy-MM-dd的日期；請改寫。",
        "{name} ({where}) must be a date yyyy-MM-dd; write it so.",
    )
    DATETIME = Words(
        "{name}（{where}）应是yyyy-MM-dd HH:mm:ss的时间；请改写。",
        "{name}（{where}）應是yyyy-MM-dd HH:mm:ss的時間；請改寫。",
        "{name} ({where}) must be a time yyyy-MM-dd HH:mm:ss; write it so.",
    )
    MSGID = Words(
        "{name}（{where}）应是机构编号12位、时间14位、序号4位；请改写。",
        "{name}（{where}）應是機構編號12位、時間14位、序號4位；請改寫。",
        "{name} ({where}) must be institution (12), time (14), sequence (4); write it so.",
    )
    CODE = Words(
        "{name}（{where}）的值不在字典中；可以用：{values}。",
        "{name}（{where}）的值不在字典中；可以用：{values}。",
        "The value of {name} ({where}) is not in the dictionary; you can use: {values}.",
    )
    PATTERN = Words(
        "{name}（{where}）不合本地写法{pattern}；请改写。",
        "{name}（{where}）不合本地寫法{pattern}；請改寫。",
        "{name} ({where}) is not written as this area wants it, {pattern}; change it.",
    )
    TWICE = Words(
        "报文中有重复的键，前一个值不合规则；每个键请只写一次。",
        "報文中有重複的鍵，前一個值不合規則；每個鍵請只寫一次。",
        "A key stands twice and its first value breaks a rule; write each key once.",
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the node (with the line's place), the field, its names, never its value."""

    node: str
    field: str
    names: Words
    rule: Rule
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def name_zh(self) -> str:
        """The field's Chinese name, as the interface writes it."""
        return self.names.zh_hans

    @property
    def where(self) -> str:
        """Node and field, such as ``feedetail[3].cnt``."""
        place = "" if self.node in ("", "(root)") else self.node
        return ".".join(part for part in (place, self.field) if part)

    def say(self, language: str = "zh-hans") -> str:
        """The rule's sentence about this field in one language."""
        name = self.names.say(language)
        return self.rule.words.say(language, name=name, where=self.where, **self.facts)

    @property
    def words(self) -> Words:
        """The sentence in all three languages."""
        return Words(self.say("zh-hans"), self.say("zh-hant"), self.say("en"))


NO_NAMES = Words("", "", "")

LONGEST_TEXT = 200
"""Characters of ``err_msg``."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A message that is not acted on: what could be read of its head, and all that is wrong."""

    infno: str
    msgid: str
    faults: tuple[Fault, ...]

    def say(self, language: str = "zh-hans") -> str:
        """The first faults that fit into ``err_msg``."""
        said = ""
        for each in self.faults:
            longer = f"{said} {each.say(language)}".strip()
            if said and len(longer) > LONGEST_TEXT:
                break
            said = longer
        return said[:LONGEST_TEXT]


def whole(rule: Rule, infno: str = "", **facts: object) -> Faulty:
    """A message refused as a whole, with no field to blame."""
    return Faulty(infno, "", (Fault("", "", NO_NAMES, rule, facts),))
