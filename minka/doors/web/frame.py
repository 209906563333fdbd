"""What every page's frame shows: city, hotline, and the links that choose language and mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minka.doors import settings as surroundings
from minka.doors.web.choices import KIOSK_PREFIX, Mode, link, mode_of
from minka.kit.words import Words

_TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}


@dataclass(frozen=True, slots=True)
class Link:
    """A choice in the frame: its label, its address, whether it is the present one."""

    label: str
    url: str
    current: bool = False
    lang: str = ""


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of base.html; reads cookies and settings, never the database."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "html_lang": _TAGS.get(language, "zh-Hans"),
        "html_class": _html_class(request),
        "city_name": _city().say(language),
        "hotline": surroundings.current().hotline,
        "language_links": _language_links(request, language),
        "mode_links": _mode_links(request),
    }


def _html_class(request: HttpRequest) -> str:
    mode = mode_of(request)
    if not request.path.startswith(KIOSK_PREFIX):
        return mode.html_class
    return "kiosk contrast" if "contrast" in mode else "kiosk"


def _city() -> Words:
    given = surroundings.current()
    return Words(given.city_zh_hans, given.city_zh_hant, given.city_en)


def _language_links(request: HttpRequest, language: str) -> list[Link]:
    return [
        Link(label, link(request, lang=code), code == language, _TAGS[code])
        for code, label in settings.LANGUAGES
    ]


def _mode_links(request: HttpRequest) -> list[Link]:
    mode = mode_of(request)
    elder = _("标准版") if Mode.ELDER in mode else _("长辈版")
    contrast = _("普通配色") if Mode.CONTRAST in mode else _("高对比度")
    links = [
        Link(elder, link(request, mode=mode.toggled(Mode.ELDER))),
        Link(contrast, link(request, mode=mode.toggled(Mode.CONTRAST))),
    ]
    return links[1:] if request.path.startswith(KIOSK_PREFIX) else links
