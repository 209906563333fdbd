"""A sheet as data, and the press that turns it into a tagged PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import segno
import typst

_TEMPLATE = Path(__file__).with_name("sheet.typ")
_LANGUAGES = {"zh-hans": ("zh", "cn"), "zh-hant": ("zh", "tw"), "en": ("en", "gb")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything that stands on one paper; texts are in the language of the person."""

    title: str
    kind: str
    city: str
    language: str
    number: str = ""
    number_label: str = ""
    rows: Sequence[tuple[str, str]] = ()
    lines_title: str = ""
    lines: Sequence[tuple[str, str]] = ()
    items_title: str = ""
    items: Sequence[str] = ()
    box: str = ""
    notes: Sequence[str] = ()
    sign: Sequence[str] = ()
    footer: str = ""
    qr: str = ""
    """The text behind the code to scan; empty prints none."""
    qr_words: str = ""
    paper: str = "a5"


def press(sheet: Sheet) -> bytes:
    """The paper as a tagged PDF (PDF/UA-1)."""
    lang, region = _LANGUAGES.get(sheet.language, ("zh", "cn"))
    content = {**asdict(sheet), "lang": lang, "region": region, "qr": qr_svg(sheet.qr)}
    made: bytes = typst.compile(
        _template(),
        sys_inputs={"sheet": json.dumps(content, ensure_ascii=False)},
        format="pdf",
        pdf_standards=["ua-1"],
    )
    return made


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def qr_svg(text: str) -> str:
    """A text as a code to scan, in SVG; nothing for nothing."""
    if not text:
        return ""
    stream = io.BytesIO()
    segno.make(text, error="m").save(stream, kind="svg", border=2, xmldecl=False, nl=False)
    return stream.getvalue().decode()
