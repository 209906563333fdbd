"""Where is my card, and my papers again: by tapping the ID card, or by the number of a receipt."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk.look import PersonFile, receipted
from minka.doors.office import office
from minka.doors.web.citizen.case import ladder, panel
from minka.doors.web.citizen.lost import language
from minka.doors.web.kiosk import reader
from minka.doors.web.kiosk.lost import OWN, own, tap
from minka.doors.web.kiosk.terminal import Stand, at_terminal, page
from minka.doors.web.printed import as_pdf, case_sheet
from minka.kit.codes import read_code
from minka.kit.words import Words
from minka.store.connection import rows

MOST_PAPERS = 6
PAPERS = {
    "loss": Words("挂失单", "掛失單", "Loss receipt"),
    "application": Words("受理通知书", "受理通知書", "Notice of acceptance"),
    "slip": Words("领卡证明", "領卡證明", "Collection slip"),
}


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Where my card is: its standing, the replacement under way, and who must act."""
    return _of_card(request, stand, "progress")


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def papers(request: HttpRequest, stand: Stand) -> HttpResponse:
    """My papers, to print again."""
    return _of_card(request, stand, "papers")


def _of_card(request: HttpRequest, stand: Stand, template: str) -> HttpResponse:
    if request.method != "POST":
        return tap(request, stand, asks_receipt="yes")
    if request.POST.get("receipt"):
        return _of_receipt(request, stand, template)
    reading = reader.take(request, stand)
    file = reader.person(stand, reading) if reading else None
    if file is None:
        wrong = _("没有查到这个人在本市的卡。请核对证件，或呼叫工作人员。")
        return tap(request, stand, asks_receipt="yes", wrong=wrong)
    return page(request, stand, template, _shown(request, stand, file))


def _of_receipt(request: HttpRequest, stand: Stand, template: str) -> HttpResponse:
    code = read_code(request.POST["receipt"])
    found = receipted(office(), code) if code else None
    if found is None or found.file.person.region != stand.region or found.kind not in PAPERS:
        wrong = _("没有查到这个编号。请核对，或用身份证查询。")
        return tap(request, stand, asks_receipt="yes", wrong=wrong)
    shown = _shown(request, stand, found.file, only=found.code)
    return page(request, stand, template, shown)


def _shown(
    request: HttpRequest, stand: Stand, file: PersonFile, *, only: str = ""
) -> dict[str, Any]:
    """The case masked; whoever has but a receipt sees and prints that one paper."""
    view, running = file.in_hand(), file.running()
    listed = [] if only else own_papers(file)
    for code, _kind in listed:
        own(request, code)
    return {
        "person": file.person,
        "panel": panel(view, stand.city) if view else None,
        "number_mask": view.number_mask if view else "",
        "steps": ladder(running) if running else [],
        "running": running,
        "collect_at": running.collect_at if running else "",
        "listed": [(code, PAPERS[kind].say(language(request))) for code, kind in listed],
        "only": only,
    }


def own_papers(file: PersonFile) -> list[tuple[str, str]]:
    """The codes and kinds of a person's papers that a terminal prints, the newest first."""
    with office().register.act() as connection:
        found = rows(connection, "look.receipts_of_person", person_id=file.person.person_id)
    printable = [each for each in found if each["kind"] in PAPERS]
    newest = sorted(printable, key=lambda each: -int(each["fact_id"]))
    return [(each["code"], each["kind"]) for each in newest[:MOST_PAPERS]]


@at_terminal
@require_safe
def paper(request: HttpRequest, stand: Stand, code: str) -> HttpResponse:
    """One paper as PDF for the terminal's printer; only in the visit that was shown it."""
    found = receipted(office(), code) if code in request.session.get(OWN, []) else None
    if found is None or found.file.person.region != stand.region or found.kind not in PAPERS:
        raise Http404
    return as_pdf(case_sheet(request, stand.city.law, found), found.code)
