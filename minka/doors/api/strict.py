"""Reads a body strictly: UTF-8 JSON, one object, no double keys, no NaN, no deep nesting."""

from __future__ import annotations

import json
import re
from typing import Any, Never

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from minka.doors.api.problems import Refusal, refusal
from minka.doors.api.refusals import DoorRefusal
from minka.kit.words import Words

DEEPEST = 12
LONGEST_NUMBER = 18
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.S)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

NOT_UTF8 = Words("编码不是 UTF-8", "編碼不是 UTF-8", "it is not UTF-8")
NOT_COMPLETE = Words("语法不对或不完整", "語法不對或不完整", "its syntax is wrong or it breaks off")
NOT_OBJECT = Words("最外层不是对象", "最外層不是物件", "the outermost value is not an object")
TWICE = Words("同一个名字出现两次", "同一個名字出現兩次", "a name stands twice in one object")
NO_NUMBER = Words("有不能用的数字", "有不能用的數字", "it holds a number that is none")
TOO_DEEP = Words("嵌套太深", "巢狀太深", "it is nested too deeply")
BROKEN_TEXT = Words(
    "文字里有不能用的字符", "文字裡有不能用的字元", "a text holds a broken character"
)


class StrictParser(Parser):
    """Ninja's parser, made strict; query values given twice are refused too."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The object of a JSON body; ``Refusal`` says what is wrong with it."""
        if request.content_type != "application/json" or _charset(request) != "utf-8":
            raise refusal(DoorRefusal.WRONG_TYPE)
        return read(request.body)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The query's values by name."""
        found: dict[str, Any] = super().parse_querydict(data, list_fields, request)
        for name, values in data.lists():
            if name not in list_fields and len(values) > 1:
                raise unreadable(TWICE)
            if any(_is_broken(value) for value in values):
                raise unreadable(BROKEN_TEXT)
        return found


def unreadable(fault: Words) -> Refusal:
    """The refusal of a body that is not the JSON we read, with its fault in words."""
    made = refusal(DoorRefusal.NOT_JSON)
    spoken = {
        tag: DoorRefusal.NOT_JSON.words.say(tag, fault=fault.say(tag)) for tag in made.sentences
    }
    return Refusal(made.code, spoken)


def read(body: bytes) -> dict[str, Any]:
    """The object in a body of bytes; ``Refusal``."""
    if _depth(body) > DEEPEST:
        raise unreadable(TOO_DEEP)
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_whole,
        )
    except UnicodeDecodeError:
        raise unreadable(NOT_UTF8) from None
    except (json.JSONDecodeError, RecursionError):
        raise unreadable(NOT_COMPLETE) from None
    if not isinstance(value, dict):
        raise unreadable(NOT_OBJECT)
    return value


def _charset(request: HttpRequest) -> str:
    return (request.content_params or {}).get("charset", "utf-8").strip('"').lower()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise unreadable(TWICE)
    if any(_is_broken(text) for pair in pairs for text in pair):
        raise unreadable(BROKEN_TEXT)
    return found


def _is_broken(value: object) -> bool:
    """A text with half a character (a lone surrogate) or the character 0, here or in a list."""
    if isinstance(value, list):
        return any(_is_broken(each) for each in value)
    return isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)


def _no_number(text: str) -> Never:
    raise unreadable(NO_NUMBER)


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise unreadable(NO_NUMBER)
    return int(text)


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for bracket in _STRINGS.sub(b"", body).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
