"""Keep the word lists whole: ``python -m minka.doors.web.translate [--check] [NAME…]``.

Pages are written in Simplified Chinese, so the message is its own source text. This tool reads the
marked texts out of templates and Python, brings each application's ``locale`` up to date, writes
Traditional Chinese by OpenCC and our glossary, and names what still lacks its English. With
``--check`` it changes nothing and fails when a list is not whole. Names (``web``, ``citizen``, …)
keep it to those applications, so that several people can work at once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent
GLOSSARY = WEB / "locale" / "glossary.txt"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
}
_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
HEADER = """msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals};\\n"

"""


def main(arguments: list[str]) -> int:
    """Update or check every application; exit status 1 when something is missing."""
    checking = "--check" in arguments
    wrong: list[str] = []
    shared = _messages(WEB)
    names = {name for name in arguments if not name.startswith("-")}
    for application in [p for p in _applications() if not names or p.name in names]:
        messages = _messages(application)
        if application != WEB:
            messages = {key: None for key in messages if key not in shared}
        for locale, fill in (("en", _english), ("zh_Hant", _traditional)):
            path = application / "locale" / locale / "LC_MESSAGES" / "django.po"
            text = _text(_catalogue(path, locale, messages, fill))
            if not checking:
                _write(path, text)
            elif not path.exists() or path.read_text("utf-8") != text:
                wrong.append(f"{path.relative_to(WEB)}: not up to date; run this without --check")
            wrong += _missing(path, text, locale)
    print("\n".join(wrong) or "translations: whole")
    return 1 if wrong else 0


def _applications() -> list[Path]:
    """The shared folder and each portal: whatever has templates or Python of its own."""
    portals = [p for p in sorted(WEB.iterdir()) if (p / "__init__.py").exists()]
    return [WEB, *(p for p in portals if p.name not in ("templatetags", "locale"))]


def _messages(application: Path) -> dict[tuple[str | None, str | tuple[str, str]], None]:
    """The marked texts of an application, without those of the portals inside it, in order."""
    others = [p for p in _applications() if p not in (WEB, application)]
    found: dict[tuple[str | None, str | tuple[str, str]], None] = {}
    for path in sorted([*application.rglob("*.py"), *application.rglob("*.html")]):
        if not any(path.is_relative_to(other) for other in others):
            found |= dict.fromkeys(_marked(path))
    return found


def _marked(path: Path) -> Iterator[tuple[str | None, Any]]:
    source = path.read_text("utf-8")
    if path.suffix == ".html":
        source = _as_python(source, path)
    for _line, text, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
        yield context, text


def _as_python(template: str, path: Path) -> str:
    """A template as Python calls, by Django's own reader; what is not a call becomes X."""
    from django.utils.translation.template import templatize

    lines = templatize(template, origin=str(path)).splitlines()
    return "\n".join(line.strip() for line in lines)


def _catalogue(path: Path, locale: str, messages: Any, fill: Any) -> Catalog:
    """The new list: every marked text, with what was already known or can be made."""
    known = _read(path, locale)
    catalogue = Catalog(locale=locale)
    for context, text in messages:
        old = known.get(text[0] if isinstance(text, tuple) else text, context)
        catalogue.add(text, fill(text, old), context=context)
    return catalogue


def _read(path: Path, locale: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _english(text: str | tuple[str, str], old: Message | None) -> Any:
    empty = ("", "") if isinstance(text, tuple) else ""
    return old.string if old and isinstance(old.string, type(empty)) else empty


def _traditional(text: str | tuple[str, str], old: Message | None) -> Any:
    return (traditional(text[0]),) if isinstance(text, tuple) else traditional(text)


def traditional(text: str) -> str:
    """Traditional Chinese of one text: OpenCC's Taiwan words, then our glossary decides."""
    made: str = _converter().convert(text)
    for wrong, right in _glossary():
        made = made.replace(wrong, right)
    return made


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2twp")


@cache
def _glossary() -> list[tuple[str, str]]:
    lines = GLOSSARY.read_text("utf-8").splitlines()
    pairs = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return [(wrong, right) for wrong, right in pairs]


def _text(catalogue: Catalog) -> str:
    """The list as a file that does not change when nothing changed: sorted, no dates, no places."""
    body = BytesIO()
    write_po(body, catalogue, no_location=True, omit_header=True, sort_output=True, width=1000)
    header = HEADER.format(locale=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    return header.replace(";;", ";") + body.getvalue().decode("utf-8").strip() + "\n"


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _missing(path: Path, text: str, locale: str) -> list[str]:
    catalogue = read_po(BytesIO(text.encode()), locale=locale)
    place = path.relative_to(WEB)
    empty = [m.id for m in catalogue if m.id and not all(_strings(m))]
    torn = [m.id for m in catalogue if m.id and not _keeps_places(m)]
    return [
        *(f"{place}: no translation of {text!r}" for text in empty),
        *(f"{place}: other places to fill in than {text!r}" for text in torn),
    ]


def _keeps_places(message: Message) -> bool:
    """Whether each translation has the same ``%(name)s`` and ``{name}`` as its source."""
    source = message.id if isinstance(message.id, str) else message.id[0]
    wanted = set(_PLACES.findall(source))
    return all(set(_PLACES.findall(text)) == wanted for text in _strings(message) if text)


def _strings(message: Message) -> tuple[str, ...]:
    given = message.string
    return tuple(given) if isinstance(given, list | tuple) else (given or "",)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
