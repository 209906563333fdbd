"""docs/chip.md: the files of a card, its keys, commands' words and codes, made from the code.

``python -m minka.chip.pages docs/chip.md`` writes the file anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from minka.chip import codes, keys, status
from minka.chip.faults import CardReason
from minka.chip.filespec import VERSIONS, Application, CardFile, Item, Specification, specification
from minka.chip.rewritten import JOINS
from minka.chip.rules import written as written_rule
from minka.chip.values import Remark, meaning_of

_HEAD = """\
# The chip: files, items, keys and words

<!-- Written by `python -m minka.chip.pages docs/chip.md`; do not edit. -->

The files of a social security card, in the three versions of its specification. A tag is followed
by h (for hexadecimal); lengths are in bytes. "×3" is an item that may stand three times. Digits are
packed and filled with F, text is GBK and filled with 00. A rule is what must be shown before a file
is read: nothing, the holder's PIN, or external authentication under the key that is named. Every
write asks for its key.

The master is `minka/chip/data/card-filespec.csv`; `chip.filespec.specification` gives it as
values. Settings, because sources differ or are silent: the size of the reserved files and of the
fingerprints, the meaning of an empty version, what is shown first where PIN and key are asked for,
how a record is added to a cyclic file, and the key numbers marked so below.
"""

_READING = """\
## Reading a card that is not as the standard has it

- The card's own length byte is trusted; the table is used to write and to warn.
- A text that stands in several items is read in one piece: {joins}.
- A version 1.0 card may hold a version 2.0 item under an old tag; a last byte of EEh tells.
- A wrong check character of a card number is a hint and nothing more.

| what is unusual | 说明 |
|---|---|
"""


def written() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_versions(), *_keys(), *_reading(), *_words(), *_codes()])


def _versions() -> Iterator[str]:
    third, second, first = (specification(version) for version in reversed(VERSIONS))
    yield from _version(third, "## Versions 2.0 and 3.0\n")
    for new, old in zip(third.files(), second.files(), strict=True):
        if new != old:
            yield (
                f"Version 2.0 differs in one file: {old.name} is read with "
                f"`{written_rule(old.read)}`.\n"
            )
    yield from _version(first, "## Version 1.0\n")


def _version(card: Specification, title: str) -> Iterator[str]:
    yield title
    for application in card.applications:
        yield from _application(application)


def _application(application: Application) -> Iterator[str]:
    name = application.aid.hex().upper() or "no AID"
    yield f"### {application.name} {application.label_zh} ({application.label_en}), {name}\n"
    yield "| file | structure | read | write | bytes | items |"
    yield "|---|---|---|---|---|---|"
    for file in application.files:
        yield _file(file)
    yield ""


def _file(file: CardFile) -> str:
    items = "<br>".join(_item(item) for item in file.items)
    cells = (
        f"{file.fid:04X}",
        f"{file.structure.value}, {file.standing.value}",
        written_rule(file.read),
        file.write_key or "the card alone",
        str(file.size),
        items,
    )
    return f"| {' | '.join(cells)} |"


def _item(item: Item, depth: str = "") -> str:
    mark = f"{item.mark}h" if item.tag else item.mark
    times = f" ×{item.repeat}" if item.repeat > 1 else ""
    own = f"{depth}{mark} {item.name_zh} {item.name_en}, {item.length} {meaning_of(item).value}"
    return "<br>".join([own + times, *(_item(part, f"{depth}· ") for part in item.parts)])


def _keys() -> Iterator[str]:
    yield "## Keys\n"
    yield "| key | of | number in a command | from |"
    yield "|---|---|---|---|"
    for name, number in keys.NUMBERS.items():
        source = "open sources" if name in keys.KNOWN else "a setting; the bench's own"
        yield f"| {name} | {keys.owner(name)} | {number:02X}h | {source} |"
    yield ""


def _reading() -> Iterator[str]:
    joins = "; ".join(
        f"{file} " + ", ".join("+".join(f"{tag:02X}h" for tag in group) for group in groups)
        for file, groups in JOINS.items()
    )
    yield _READING.format(joins=joins).rstrip("\n")
    for remark in Remark:
        yield f"| {remark.value.en} | {remark.value.zh_hans} |"
    yield ""


def _words() -> Iterator[str]:
    yield "## Status words\n"
    yield "| word | 说明 | what it says |"
    yield "|---|---|---|"
    for sw, words in status.MEANINGS.items():
        yield f"| {sw:04X} | {words.zh_hans} | {words.en} |"
    for family, example in (("61xx", 0x6110), ("63Cx", 0x63C3), ("6Cxx", 0x6C10)):
        yield f"| {family} | {status.meaning(example)} | {status.meaning(example, 'en')} |"
    yield "\n| reason | 说明 | what it says |"
    yield "|---|---|---|"
    for reason in CardReason:
        yield f"| `{reason.code}` | {reason.words.zh_hans} | {reason.words.en} |"
    yield ""


def _codes() -> Iterator[str]:
    yield "## Codes\n"
    for name, items in _users().items():
        yield f"- {items}: " + ", ".join(_code(c, *words) for c, words in codes.table(name).items())
    yield ""


def _code(code: str, chinese: str, english: str) -> str:
    return f"{code} {chinese}" + (f" ({english})" if english else "")


def _users() -> dict[str, str]:
    """Each table of codes with the items that use it."""
    used: dict[str, dict[str, None]] = {}
    for file in specification("3.0").files():
        for item in file.items:
            for part in (item, *item.parts):
                for _, name in codes.tables_of(file, part):
                    used.setdefault(name, {})[f"**{part.name_zh}** {part.name_en}"] = None
    return {name: "; ".join(items) for name, items in used.items()}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
