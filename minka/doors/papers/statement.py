"""The statement of an account on paper (PDF/UA, A4) and as a table file (CSV).

The same lines and sums stand on both: each movement with its instant, kind, number, provider, what
came in or went out, the balance after it, and the shares of the whole bill.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import typst

from minka.desk.account_look import Movement
from minka.desk.statement import UNSPENT, Statement
from minka.doors.papers.press import qr_svg
from minka.doors.papers.sheets import Letterhead
from minka.doors.papers.statement_words import label
from minka.doors.papers.words import label as paper_label
from minka.kit.clock import CHINA, china_text
from minka.kit.fen import yuan

_TEMPLATE = Path(__file__).with_name("statement.typ")
_LANGUAGES = {"zh-hans": ("zh", "cn"), "zh-hant": ("zh", "tw"), "en": ("en", "gb")}
_HEADS = ("at", "what", "provider", "in", "out", "balance", "total", "fund", "cash")
BOM = "\ufeff"
"""Tells a spreadsheet that the file is UTF-8."""
_AMOUNT = re.compile(r"-?\d+\.\d\d")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%", "＝", "＋", "－", "＠")


class Size(StrEnum):
    """How large the print is."""

    STANDARD = "standard"
    ELDER = "elder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose statement it is, and under which number it is on record."""

    name: str
    """As written: it is the holder's own paper."""
    number_mask: str
    card_mask: str
    code: str
    check: str
    issued_at: str
    has_bank: str = "no"
    """``yes`` when the card has a bank part: the paper then warns of lending it (K8)."""


def cells(made: Statement, language: str) -> Iterator[tuple[str, ...]]:
    """Every line as texts, in the order of the heads; amounts in yuan."""
    for each in made.movements:
        yield (
            each.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            f"{each.words.say(language)} {each.ref}",
            each.provider_name or label("treasury", language),
            yuan(each.amount_fen) if each.amount_fen > 0 else "",
            yuan(-each.amount_fen) if each.amount_fen < 0 else "",
            yuan(each.balance_fen),
            *_bill(each),
        )


def _bill(each: Movement) -> tuple[str, ...]:
    """The whole bill, what funds paid and what was paid in cash; empty where nothing was billed."""
    if each.kind in UNSPENT or not each.total_fen:
        return ("", "", "")
    return yuan(each.total_fen), yuan(each.fund_fen), yuan(each.cash_fen)


def totals(made: Statement, language: str) -> tuple[str, ...]:
    """The last line: every column's sum."""
    billed = [yuan(made.sum_of(part)) for part in ("total_fen", "fund_fen", "cash_fen")]
    moved = (yuan(made.in_fen), yuan(made.out_fen), yuan(made.closing_fen))
    return (label("sum", language), "", "", *moved, *billed)


def heads(language: str) -> tuple[str, ...]:
    """The titles of the columns."""
    return tuple(label(name, language) for name in _HEADS)


def printed(made: Statement, owner: Owner, head: Letterhead, size: Size) -> bytes:
    """The statement as a tagged PDF (PDF/UA-1); large print for those who want it."""
    language = head.language
    lang, region = _LANGUAGES.get(language, ("zh", "cn"))
    content = {
        "title": label("title", language),
        "kind": label("kind", language),
        "city": head.city.say(language),
        "lang": lang,
        "region": region,
        "size": size.value,
        "number": owner.code,
        "number_label": label("number", language),
        "rows": _rows(made, owner, language),
        "sums": _sums(made, language),
        "heads": heads(language),
        "lines": [list(line) for line in cells(made, language)],
        "totals": totals(made, language),
        "empty": label("empty", language),
        "notes": _notes(owner, language),
        "footer": f"{label('ask', language)} {head.hotline}",
        "qr": qr_svg(f"{head.status_url}{owner.code}/"),
        "qr_words": label("scan", language),
    }
    made_pdf: bytes = typst.compile(
        _template(),
        sys_inputs={"sheet": json.dumps(content, ensure_ascii=False)},
        format="pdf",
        pdf_standards=["ua-1"],
    )
    return made_pdf


def _rows(made: Statement, owner: Owner, language: str) -> list[tuple[str, str]]:
    said: Mapping[str, str] = {
        "name": owner.name,
        "id_number": owner.number_mask,
        "card": owner.card_mask or "—",
        "period": f"{china_text(made.since)} – {china_text(made.until)}",
        "issued": owner.issued_at,
        "check": owner.check,
    }
    return [(label(name, language), value) for name, value in said.items()]


def _sums(made: Statement, language: str) -> list[tuple[str, str]]:
    amounts = {
        "opening": made.opening_fen,
        "in": made.in_fen,
        "out": made.out_fen,
        "closing": made.closing_fen,
    }
    return [(label(name, language), yuan(amount)) for name, amount in amounts.items()]


def _notes(owner: Owner, language: str) -> list[str]:
    notes = [label(name, language) for name in ("adds", "purpose", "doubt")]
    return [*notes, *([paper_label("lend", language)] if owner.has_bank == "yes" else [])]


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def as_csv(made: Statement, owner: Owner, language: str) -> bytes:
    """The statement as UTF-8 with BOM, as spreadsheets read it; no cell is a formula.

    Masked: no name, no whole number. Source of the escape: OWASP ASVS 1.2.10.
    """
    out = io.StringIO(newline="")
    sheet = csv.writer(out, lineterminator="\r\n")
    rows = [
        *(pair for pair in _rows(made, owner, language) if pair[1] != owner.name),
        *_sums(made, language),
        heads(language),
        *cells(made, language),
        totals(made, language),
        *([note] for note in _notes(owner, language)),
    ]
    for each in rows:
        sheet.writerow([harmless(text) for text in each])
    return (BOM + out.getvalue()).encode()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain amounts stay numbers."""
    if text.startswith(_FORMULA) and not _AMOUNT.fullmatch(text):
        return f"'{text}"
    return text
