"""Cells read as values: what a text must look like to be a date, an instant, a name, a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from minka.doors.files.mapping import ColumnCodes, plain
from minka.doors.files.refusals import NUMBER_FAULTS, RowFault, RowRefusal
from minka.doors.files.source import LOST_DIGITS, unescaped
from minka.kit.clock import CHINA
from minka.kit.identity import fault, normal_form

_UNSEEN = " \t\r\n\u3000\u00a0\u200b\ufeff"
_BROKEN = re.compile("[\x00\x02-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_PHONE = re.compile(r"\+?\d{7,15}")
_INSTANT = re.compile(
    r"(\d{4})(?P<s>[-/.年]?)(\d{1,2})(?:(?P=s)|月)(\d{1,2})日?"
    r"(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})?)?"
)
NO_END = date(9999, 12, 31)
NAMES_KEPT = 65_536
"""Names that a process keeps sealed while it reads a file: most people share theirs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one file are read; goes to every worker."""

    kind: str
    head: tuple[str, ...]
    columns: Mapping[str, int]
    codes: tuple[ColumnCodes, ...]
    defaults: Mapping[str, str]
    regions: Mapping[str, str]
    """Region by its own name and by its administrative code."""
    card_kinds: Mapping[str, str]
    region: str = ""
    """For rows that name none."""
    column_names: Mapping[str, str] = field(default_factory=dict)
    """What each field is called in this file, for sentences."""

    def called(self, name: str) -> str:
        """What a field is called in the file."""
        return self.column_names.get(name, name)


@dataclass(frozen=True, slots=True)
class Cells:
    """One row's fields as clean text; never printed."""

    plan: Plan
    texts: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str:
        """A field's text, empty when there is none."""
        return self.texts.get(name, "")

    def needed(self, name: str) -> str:
        """A field's text; refuses an empty one."""
        text = self.texts.get(name, "")
        if not text:
            raise self.refusal(RowRefusal.EMPTY, name)
        return text

    def refusal(self, reason: RowRefusal, name: str) -> RowFault:
        """A refusal that names the field's column."""
        return RowFault(reason, column=self.plan.called(name))

    def number(self) -> str:
        """The citizen number in normal form; refuses by the part that is wrong."""
        number = normal_form(self.needed("number"))
        wrong = fault(number)
        if wrong is not None:
            raise RowFault(NUMBER_FAULTS[wrong])
        return number

    def region(self) -> str:
        """The region's id, from its name, its administrative code or the command; may be empty."""
        said = self.text("region")
        if not said:
            return self.plan.region
        found = self.plan.regions.get(said) or self.plan.regions.get(said[:6])
        if found is None:
            raise RowFault(RowRefusal.REGION)
        return found

    def day(self, name: str) -> date | None:
        """A date, or None without one; the year 9999 means none."""
        instant = self._instant(name)
        return _day(instant) if instant else None

    def instant(self, name: str) -> datetime | None:
        """An instant in China; a day alone is its first moment."""
        instant = self._instant(name)
        return instant if instant and instant.date() != NO_END else None

    def last_instant(self, name: str) -> datetime | None:
        """An instant until which something holds; a day alone holds to its end."""
        instant = self.instant(name)
        bare = len(re.sub(r"\D", "", self.text(name))) <= 8
        return instant + timedelta(days=1) if instant and bare else instant

    def _instant(self, name: str) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        instant = read_instant(text)
        if instant is None:
            raise self.refusal(RowRefusal.DATE, name)
        return instant

    def phone(self) -> str:
        """Telephone digits, with a plus where there is one; empty without any."""
        text = self.text("phone")
        if text.isascii() and text.isdigit() and 7 <= len(text) <= 15:
            return text
        text = re.sub(r"[\s()（）-]", "", unicodedata.normalize("NFKC", text))
        if text and not _PHONE.fullmatch(text):
            raise self.refusal(RowRefusal.PHONE, "phone")
        return text.removeprefix("+86")

    def limited(self, name: str, most: int) -> str:
        """A text no longer than the register's column."""
        text = self.text(name)
        if len(text) > most:
            raise RowFault(RowRefusal.TOO_LONG, column=self.plan.called(name), most=most)
        return text


def read_cells(plan: Plan, cells: list[str]) -> Cells:
    """A row's fields. Refusals: wrong width, broken characters, lost digits, unknown codes."""
    if len(cells) != len(plan.head):
        raise RowFault(RowRefusal.CELLS, found=len(cells), expected=len(plan.head))
    if _BROKEN.search("\n".join(cells)) or LOST_DIGITS in cells:
        _refuse_broken(plan, cells)
    texts = dict(plan.defaults)
    for name, at in plan.columns.items():
        cell = cells[at]
        text = clean(cell) if cell[:1] == "'" else cell.strip(_UNSEEN)
        if text:
            texts[name] = text
    for codes in plan.codes:
        texts.update(_coded(codes, clean(cells[codes.at])))
    return Cells(plan, texts)


def clean(cell: str) -> str:
    """A cell without its escape and its outer blanks."""
    return unescaped(cell).strip(_UNSEEN)


def _coded(codes: ColumnCodes, code: str) -> Mapping[str, str]:
    if not code and not codes.required:
        return {}
    if not code:
        raise RowFault(RowRefusal.EMPTY, column=codes.column)
    fills = codes.values.get(plain(code))
    if fills is None:
        raise RowFault(RowRefusal.CODE, column=codes.column)
    return fills


def _refuse_broken(plan: Plan, cells: list[str]) -> None:
    read = {*plan.columns.values(), *(codes.at for codes in plan.codes)}
    for at in sorted(read):
        if _BROKEN.search(cells[at]):
            raise RowFault(RowRefusal.BROKEN_TEXT, column=plan.head[at])
        if cells[at] == LOST_DIGITS:
            raise RowFault(RowRefusal.DIGITS_LOST, column=plan.head[at])


@lru_cache(maxsize=50_000)
def read_instant(text: str) -> datetime | None:
    """A date or instant in one of the spellings in use, in China's time; None for anything else."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    year, parted, month, day, hour, minute, second, fraction, zone = found.groups()
    if not parted and len(month + day) != 4:
        return None
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    micro = int((fraction or "0").ljust(6, "0"))
    try:
        instant = datetime(int(year), int(month), int(day), *clock, micro, tzinfo=CHINA)
        if not zone:
            return instant
        return datetime.fromisoformat(f"{instant:%Y-%m-%dT%H:%M:%S.%f}{zone}").astimezone(CHINA)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=50_000)
def _day(instant: datetime) -> date | None:
    """The day of an instant; the same object for the same day, which costs a pickle nothing."""
    day = instant.date()
    return day if day != NO_END else None


def is_name(name: str) -> int:
    """One when a written name holds nothing but letters, dots, hyphens and spaces."""
    return int(0 < len(name) <= 100 and all(_in_names(c) for c in name) and _has_letter(name))


def _has_letter(name: str) -> bool:
    return any(c not in " ·.-'’" for c in name)


def _in_names(character: str) -> bool:
    if "\u4e00" <= character <= "\u9fff" or character in " ·.-'’":
        return True
    if 0x20000 <= ord(character) <= 0x3FFFF:
        return True  # extensions newer than this Python's own tables
    return unicodedata.category(character) in ("Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Co")
