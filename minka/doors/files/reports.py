"""What a file's arrival is told as: a summary, and a file of only the refused rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from minka.doors.files.refusals import RowRefusal, say
from minka.doors.files.runs import Arrival, Mode
from minka.doors.files.sheets import new_file
from minka.doors.files.source import unescaped
from minka.kit.words import Language, Words
from minka.store.bulk import RowEnd

REASON = Words("拒绝原因", "拒絕原因", "reason for refusal")
SHOWN = 20
"""Refused rows that the summary shows one by one; the file has them all."""


def write_refused(arrival: Arrival, path: Path, language: str) -> int:
    """The refused rows as they came, with a reason at the end; gives how many.

    The file can be corrected and brought in as it is: the reason's column is not read.
    """
    ends = {end.line: end for end in arrival.refused}
    with new_file(path) as write:
        write([*arrival.table.head, REASON.say(language)])
        for line, cells in arrival.table.rows() if ends else ():
            if line in ends:
                write([*map(unescaped, cells), sentence(ends[line], language)])
    return len(ends)


def sentence(end: RowEnd, language: str) -> str:
    """Why a row was refused."""
    return say(end.code, end.facts or {}, language)


def summary(arrival: Arrival, *, language: str = "") -> dict[str, Any]:
    """The arrival as plain JSON; sentences in one language, or in all three without one."""
    counts = arrival.counts
    return {
        "kind": arrival.order.kind,
        "file": arrival.order.path.name,
        "mapping": arrival.dialect.name,
        "encoding": arrival.table.encoding.removesuffix("-sig") or "xlsx",
        "run": arrival.run.run_id if arrival.run else None,
        "dry_run": arrival.order.mode is Mode.DRY,
        "rows": arrival.rows,
        "added": counts["added"],
        "added_now": arrival.added_now,
        "known": counts["known"],
        "repeated": counts["repeated"],
        "refused": counts["refused"],
        "warned": counts["warned"],
        "refusals": dict(Counter(end.code for end in arrival.refused).most_common()),
        "first_refused": [_told(end, language) for end in arrival.refused[:SHOWN]],
        "ignored_columns": list(arrival.ignored),
    }


def _told(end: RowEnd, language: str) -> dict[str, Any]:
    spoken = [language] if language else [each.value for each in Language]
    return {
        "line": end.line,
        "code": end.code,
        "sentence": {tag: sentence(end, tag) for tag in spoken},
    }


def codes() -> tuple[str, ...]:
    """Every code a row can be refused with."""
    return tuple(each.name.lower() for each in RowRefusal)
