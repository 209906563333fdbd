"""One masked field shown by one deliberate click, on record before it is seen."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from minka.desk.look import file_of_person
from minka.desk.reveal import FIELDS, SEERS, Reveal, clear_text, reveal
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.staff.cases import the_case
from minka.doors.web.staff.shown import facts
from minka.doors.web.staff.who import Who, for_roles, page


@require_POST
@for_roles(*SEERS)
def show(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The field of a case, clear; the whole page without JavaScript, else only its line."""
    case, field = the_case(request, handle), str(request.POST.get("field", ""))
    file = file_of_person(office(), case.person_id)
    masked = next((f for f in facts(file) if f.field == field), None) if file else None
    if masked is None or field not in FIELDS:
        raise Http404
    answer = reveal(office(), who.request(), Reveal(case.person_id, field, masked.reason))
    if not answer.accepted:
        raise Http404
    fact = replace(masked, shown=clear_text(office(), case.person_id, field))
    shown = {"fact": fact, "revealed": field, "case": case, "back": _back(who, handle)}
    part = request.headers.get("HX-Request") == "true"
    return page(request, who, "fact" if part else "revealed", shown)


def _back(who: Who, handle: str) -> str:
    desk = "hotline" if who.role == "hotline_agent" else "counter"
    return f"/staff/{desk}/{handle}/"


urlpatterns = [path("case/<str:handle>/reveal/", show, name="staff_reveal")]
