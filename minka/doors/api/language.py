"""The language a client asked for by ``Accept-Language``: one of Minka's three."""

from __future__ import annotations

from django.http import HttpRequest

from minka.kit.words import Language

_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def language_of(request: HttpRequest) -> Language:
    """The best of the three by weight; Simplified Chinese when none fits."""
    asked = request.headers.get("Accept-Language", "")[:400].lower()
    ranked = sorted((_weighed(part) for part in asked.split(",")), key=lambda each: -each[0])
    for weight, tag in ranked:
        known = _known(tag)
        if weight and known:
            return known
    return Language.ZH_HANS


def _weighed(part: str) -> tuple[int, str]:
    """A weight in thousandths, and the tag; a weight that is no number counts as one."""
    tag, _, parameters = part.strip().partition(";")
    text = parameters.replace(" ", "").removeprefix("q=")
    whole, _, rest = text.partition(".")
    digits = (whole + (rest + "000")[:3]) if text else "1000"
    return int(digits) if digits.isascii() and digits.isdigit() else 1000, tag.strip()


def _known(tag: str) -> Language | None:
    if tag.startswith(_TRADITIONAL):
        return Language.ZH_HANT
    if tag.startswith("zh") or tag == "*":
        return Language.ZH_HANS
    return Language.EN if tag.startswith("en") else None
