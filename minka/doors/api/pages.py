"""The page behind each problem's address, and docs/refusals.md made of all of them.

``python -m minka.doors.api.pages docs/refusals.md`` writes the file anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from minka.cards.refusals import UseRefusal
from minka.care.claim_refusals import ClaimRefusal
from minka.care.lending_refusals import LendingRefusal
from minka.desk.calendar import NoticeRefusal
from minka.desk.query_refusals import QueryRefusal
from minka.desk.queue import QueueRefusal
from minka.desk.refusals import DeskRefusal
from minka.doors.api.refusals import DoorRefusal
from minka.doors.api.statuses import STATUSES, TITLES
from minka.issue.refusals import IssueRefusal
from minka.kit.outcome import Reason, Retry
from minka.loss.refusals import LossRefusal

SPOKEN: tuple[type[Reason], ...] = (
    DoorRefusal,
    DeskRefusal,
    LossRefusal,
    IssueRefusal,
    UseRefusal,
    QueueRefusal,
    NoticeRefusal,
    QueryRefusal,
    ClaimRefusal,
    LendingRefusal,
)
"""Every list of refusals that a desk or this door may give, in the order of the pages."""

_HEAD = """# Refusals

<!-- Written by `python -m minka.doors.api.pages docs/refusals.md`; do not edit. -->

Each refusal is one problem type of the API: its address is `/problems/` and its code.
*Retryable* means that the same request, with the same key, may be sent again unchanged later;
every other refusal is the answer for ever.
"""


def reasons() -> Iterator[Reason]:
    """Every refusal, list by list, in order of precedence."""
    for each in SPOKEN:
        yield from each


def written() -> str:
    """docs/refusals.md."""
    parts = [_HEAD]
    for each in SPOKEN:
        parts.append(f"\n# {(each.__doc__ or '').partition(chr(10))[0]}\n")
        parts += [section(reason) for reason in each]
    return "".join(parts)


def section(reason: Reason) -> str:
    """One refusal: status, whether it may be sent again, and the sentence three times."""
    status = STATUSES[reason.code]
    again = "retryable" if reason.retry is Retry.LATER else "final"
    words = reason.words
    head = f"\n## {reason.code}\n\n{status} {TITLES[status].en} · {again}\n"
    return f"{head}\n- {words.zh_hans}\n- {words.zh_hant}\n- {words.en}\n"


def problem(request: HttpRequest, code: str) -> HttpResponse:
    """The page of one problem type, as plain text."""
    for reason in reasons():
        if reason.code == code:
            text = section(reason).strip().removeprefix("## ") + "\n"
            return HttpResponse(text, content_type="text/plain; charset=utf-8")
    raise Http404


urlpatterns = [path("<str:code>", problem, name="problem")]

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
