"""Papers as answers of a page: whose paper it is, and a PDF that no cache keeps."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from minka.desk import wording
from minka.desk.look import Receipted
from minka.desk.rules import hotline_of
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet, press
from minka.law.papers import AllOf
from minka.law.region import RegionLaw

CASES = ("loss", "application", "slip")
"""Kinds of receipt that have a paper of their own."""


def as_pdf(made: Sheet | bytes, name: str) -> HttpResponse:
    """A sheet, or one that is pressed already, as an answer that no cache keeps."""
    content = made if isinstance(made, bytes) else press(made)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def letterhead(request: HttpRequest, law: RegionLaw, *, to: str = "case") -> sheets.Letterhead:
    """Whose paper it is, and where the code to scan leads: a ``case``, or a ``statement``."""
    return sheets.Letterhead(
        city=law.names,
        hotline=hotline_of(law),
        language=get_language() or "zh-hans",
        status_url=request.build_absolute_uri(f"/{law.id}/{to}/"),
    )


def case_sheet(request: HttpRequest, law: RegionLaw, found: Receipted) -> Sheet:
    """The paper that a receipt of ``CASES`` stands for."""
    head = letterhead(request, law)
    if found.kind == "loss":
        return sheets.loss_receipt(head, found)
    if found.kind == "slip":
        return sheets.collection_slip(head, found, bring(law))
    return sheets.acceptance(head, found)


def bring(law: RegionLaw) -> Sequence[str]:
    """What to bring to collect a card, in the language of the page."""
    entry = law.collect()
    tree = entry.value("papers_self") if entry else None
    if tree is None:
        return ()
    parts = tree.items if isinstance(tree, AllOf) else (tree,)
    return [wording.papers(part).say(get_language() or "zh-hans") for part in parts]
