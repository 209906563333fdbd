"""Broken rules of fields, each named with the field and put into words, never with the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minka.doors.api.problems import Refusal, refusal
from minka.doors.api.refusals import DoorRefusal
from minka.kit.words import Words

_OTHER = Words("不合要求，请改正。", "不合要求，請改正。", "This breaks its rule; correct it.")

RULES: Mapping[str, Words] = {
    "missing": Words("缺少，请补上。", "缺少，請補上。", "This is missing; add it."),
    "extra_forbidden": Words(
        "没有这个字段，请去掉。", "沒有這個欄位，請去掉。", "There is no such field; remove it."
    ),
    "string_type": Words("应是文字。", "應是文字。", "This must be a text."),
    "string_pattern_mismatch": Words(
        "写法不对，应符合 {pattern}。",
        "寫法不對，應符合 {pattern}。",
        "This is not written as {pattern} says.",
    ),
    "int_type": Words("应是整数。", "應是整數。", "This must be a whole number."),
    "greater_than_equal": Words(
        "不能小于 {ge}。", "不能小於 {ge}。", "This must be at least {ge}."
    ),
    "less_than_equal": Words("不能大于 {le}。", "不能大於 {le}。", "This must be at most {le}."),
    "literal_error": Words(
        "应是其中之一：{expected}。",
        "應是其中之一：{expected}。",
        "This must be one of {expected}.",
    ),
    "datetime_type": Words(
        "应是带时区的时刻，如 2026-01-01T08:00:00+08:00。",
        "應是帶時區的時刻，如 2026-01-01T08:00:00+08:00。",
        "This must be an instant with its offset, such as 2026-01-01T08:00:00+08:00.",
    ),
    "too_long": Words(
        "太多，最多 {max_length} 项。", "太多，最多 {max_length} 項。", "At most {max_length}."
    ),
    "citizen_number_area": Words(
        "证件号码前两位不是地区编号，请核对。",
        "證件號碼前兩位不是地區編號，請核對。",
        "The first two digits of the ID number are no area; check them.",
    ),
    "citizen_number_birth_date": Words(
        "证件号码里的出生日期不对，请核对第7到14位。",
        "證件號碼裡的出生日期不對，請核對第7到14位。",
        "The date of birth in the ID number is no date; check digits 7 to 14.",
    ),
    "citizen_number_check": Words(
        "证件号码校验位不对，可能抄错一位，请核对。",
        "證件號碼校驗位不對，可能抄錯一位，請核對。",
        "The check digit of the ID number is wrong; a digit may be miscopied, check it.",
    ),
}
"""Rule -> words; the rules not named here say only that the field breaks its rule."""

_SAME = {
    "timezone_aware": "datetime_type",
    "datetime_parsing": "datetime_type",
    "datetime_from_date_parsing": "datetime_type",
    "datetime_object_invalid": "datetime_type",
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "model_attributes_type": "object_type",
    "model_type": "object_type",
    "dict_type": "object_type",
}


def not_valid(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    """The refusal that lists every broken rule, in the order of the fields."""
    return refusal(DoorRefusal.NOT_VALID, errors=[_error(each) for each in errors])


def broken(field: str, rule: str) -> Refusal:
    """The refusal of one field by one rule that spans fields."""
    return refusal(DoorRefusal.NOT_VALID, errors=[{"field": field, "rule": rule, "words": _OTHER}])


def _error(error: Mapping[str, Any]) -> dict[str, Any]:
    rule = _SAME.get(error["type"], error["type"])
    facts = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, (str, int))}
    words = RULES.get(rule, _OTHER)
    return {"field": _pointer(error["loc"]), "rule": rule, "words": words, "facts": facts}


def _pointer(loc: Sequence[Any]) -> str:
    """A JSON pointer into the body; a query value or part of the address by its kind and name."""
    kind, *steps = loc
    inside = steps[1:] if kind == "body" else [kind, *steps]
    return "".join(f"/{str(step)[:60]}" for step in inside) or "/"
