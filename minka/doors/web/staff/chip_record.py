"""Record what is true of a person, so that his card learns it (C2, C3, C4, C6, C7, C8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.chip.codes import table, tables_of
from minka.chip.filespec import Item
from minka.chip.values import Meaning, meaning_of
from minka.desk.chip_fact import RecordFact, record_fact
from minka.desk.chip_items import Place, may_write, place_of
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff.cases import the_case
from minka.doors.web.staff.chip import HOME, ROLES
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page
from minka.kit.secret import Clear

OFFERED = (
    "DF01EF07.29",
    "DF03EF19.79",
    "DF03EF07.70",
    "DF03EF07.6C",
    "DF03EF07.6F",
    "DF02EF05.43",
    "DF02EF05.44",
    "DF02EF07.-",
    "DF04EF05.81",
    "DF04EF05.84",
    "DF03EF06.47",
    "DF03EF06.48",
    "DF03EF06.67",
)
"""What a desk records by hand; the rest comes from the insurance's own systems."""
WHOLE = "whole"


class FactForm(forms.Form):
    """The value, part by part, and the day on which it was true."""

    on = forms.DateField(
        label=gettext_lazy("哪一天的情况"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": gettext_lazy("请填日期。")},
    )

    def __init__(self, place: Place, data: Any = None) -> None:
        super().__init__(data)
        self.place = place
        parts = place.item.parts or (place.item,)
        made = {_name(place, part): _field(place, part) for part in parts}
        self.fields = {**made, "on": self.fields["on"]}

    def values(self) -> dict[str, Clear]:
        """What was typed, by part."""
        parts = self.place.item.parts
        typed = {
            (part.mark if parts else ""): Clear(str(self.cleaned_data[_name(self.place, part)]))
            for part in parts or (self.place.item,)
        }
        return {mark: text for mark, text in typed.items() if text.reveal()}


def _name(place: Place, part: Item) -> str:
    return f"p{part.mark.replace('#', 'n')}" if place.item.parts else WHOLE


def _field(place: Place, part: Item) -> forms.Field:
    label = part.name_en if language() == "en" else part.name_zh
    coded = tables_of(place.file, part)
    needed = not place.item.parts
    if len(coded) == 1:
        return forms.ChoiceField(label=label, choices=_codes(coded[0][1]), required=needed)
    dated = meaning_of(part) is Meaning.DATE
    widget = forms.DateInput(attrs={"type": "date"}) if dated else forms.TextInput()
    return forms.CharField(label=label, required=needed, max_length=80, widget=widget)


def _codes(name: str) -> list[tuple[str, str]]:
    """The codes of a table as choices, in the page's language where the table has it."""
    english = language() == "en"
    spoken = table(name).items()
    return [("", "—"), *((code, f"{code} {(english and en) or zh}") for code, (zh, en) in spoken)]


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ROLES)
def record(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """Choose an item, then its value; what is recorded waits for the card."""
    case = the_case(request, handle)
    offered = [p for p in map(place_of, OFFERED) if may_write(who.role, p)]
    asked = str(request.POST.get("item") or request.GET.get("item") or "")
    place = next((p for p in offered if p.address == asked), None)
    if asked and place is None:
        raise Http404
    form = FactForm(place, request.POST if request.method == "POST" else None) if place else None
    wrong = ""
    if form is not None and form.is_bound and form.is_valid():
        on: date = form.cleaned_data["on"]
        command = RecordFact(case.person_id, asked, form.values(), on)
        answer = record_fact(office(), who.request(str(request.POST.get("key", ""))), command)
        if answer.accepted:
            messages.success(request, _("已登记，下次插卡时写入卡内。"))
            return HttpResponseRedirect(f"{HOME}{handle}/")
        wrong = answer.say(language())
    context = {
        "handle": handle,
        "offered": [(p.address, p.name(language())) for p in offered],
        "place": place.address if place else "",
        "name": place.name(language()) if place else "",
        "form": form,
        "key": fresh_key("f"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    bad = bool(wrong) or bool(form is not None and form.errors)
    return page(request, who, "chip/record", context, status=422 if bad else 200)


urlpatterns = [path("chip/<str:handle>/record/", record, name="staff_chip_record")]
