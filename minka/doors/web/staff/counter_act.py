"""One act at the counter: its form by law, the paper beside it, and the answer of the desk."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from minka.desk import screen
from minka.desk.act import Answer
from minka.desk.apply import apply_replacement, lose_and_replace
from minka.desk.collect import activate_card, collect_card, withdraw_application
from minka.desk.look import PersonFile, receipted
from minka.desk.loss import report_loss
from minka.desk.photo import SubmitPhoto, submit_photo
from minka.desk.withdraw import withdraw_loss
from minka.doors.office import office
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff import checklist, preview
from minka.doors.web.staff.cases import Case, the_case
from minka.doors.web.staff.counter import CLERKS, HOME, done, of_the_case, printed, the_file
from minka.doors.web.staff.deed_form import DeedForm
from minka.doors.web.staff.deed_words import buttons, sentences, titles
from minka.doors.web.staff.deeds import Deed, deed, minor
from minka.doors.web.staff.readout import consequences
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, said
from minka.kit.secret import Clear

MISSING = ("loss.papers_missing", "issue.papers_missing")

_DESKS: dict[str, Callable[..., Answer]] = {
    "pre": report_loss,
    "formal": report_loss,
    "employer": report_loss,
    "lose": lose_and_replace,
    "replace": apply_replacement,
    "withdraw": withdraw_loss,
    "collect": collect_card,
    "activate": activate_card,
    "cancel": withdraw_application,
}


def _chosen(request: StaffRequest, who: Who, case: Case, code: str) -> tuple[PersonFile, Deed]:
    """The act of an address, for who comes and why; one the law does not know here is no page."""
    given = request.POST if request.method == "POST" else request.GET
    file = the_file(case)
    actor, reason = str(given.get("actor", "")), str(given.get("reason", ""))
    found = deed(who, file, code, actor=actor, reason=reason)
    if found is None:
        raise Http404
    return file, found


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CLERKS)
def act(request: StaffRequest, who: Who, handle: str, code: str) -> HttpResponse:
    """The form of an act, and the act itself."""
    case = the_case(request, handle)
    file, chosen = _chosen(request, who, case, code)
    if request.method != "POST":
        return _draw(request, who, (case, file), DeedForm(chosen, case))
    form = DeedForm(chosen, case, request.POST, request.FILES)
    if not form.is_valid():
        return _draw(request, who, (case, file), form, status=422)
    answer = _ask_desk(request, who, file, form)
    if answer.accepted:
        return done(request, who, case, answer, sentence=sentences()[code])
    wrong = [Wrong(message=answer.say(language()))]
    context = {"wrong_list": wrong, "lacking": answer.code in MISSING}
    return _draw(request, who, (case, file), form, status=422, **context)


def _ask_desk(request: StaffRequest, who: Who, file: PersonFile, form: DeedForm) -> Answer:
    """Hand in the photo if there is one, then do the act under the key of the drawn form."""
    number = file.person.number if form.case.by == "number" else Clear(form.value("id_number"))
    photo, photo_code = form.cleaned_data.get("photo"), ""
    if photo is not None:
        image = Clear(base64.b64encode(photo.read()).decode("ascii"))
        kept = submit_photo(office(), who.request(), SubmitPhoto(who.region, number, image))
        if not kept.accepted:
            return kept
        photo_code = str(kept.facts["photo_code"])
    key = str(request.POST.get("key") or "") or fresh_key("c")
    command = form.command(who, number, photo_code=photo_code)
    return _DESKS[form.deed.code](office(), who.request(key), command)


def _draw(
    request: StaffRequest,
    who: Who,
    whose: tuple[Case, PersonFile],
    form: DeedForm,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    case, file = whose
    chosen = form.deed
    whole = {
        **of_the_case(who, case, file),
        "form": form,
        "deed": chosen,
        "title": titles()[chosen.code],
        "button": buttons()[chosen.code],
        "papers": _paper_lines(form),
        "others": _other_fields(form),
        "actors": [(actor, said("actor", actor)) for actor in chosen.actors],
        "reasons": [(reason, said("reason", reason)) for reason in chosen.reasons],
        "consequences": _consequences(chosen, file),
        "minor": minor(file),
        "compares": chosen.code in ("collect", "replace", "lose"),
        "has_photo": screen.has_photo(office(), case.person_id),
        "back": f"{HOME}{case.handle}/",
        "drawn": [preview.drawn(_paper(request, who, file, form))],
        **context,
    }
    return page(request, who, "counter/act", whole, status=status)


def _consequences(chosen: Deed, file: PersonFile) -> list[tuple[str, str]]:
    view = file.in_hand()
    if chosen.loss is None or view is None:
        return []
    return consequences(chosen.loss, view, screen.beside(office(), view.card, file.at).bank)


def _paper_lines(form: DeedForm) -> list[list[Any]]:
    """The fields of the checklist, one list for each line of it."""
    return [[form[name] for name in checklist.fields(need)] for need in form.needs]


def _other_fields(form: DeedForm) -> list[Any]:
    """Every field that is not of the checklist, in the order of the form."""
    ticked = {name for need in form.needs for name in checklist.fields(need)}
    return [field for field in form if field.name not in ticked]


def _paper(request: StaffRequest, who: Who, file: PersonFile, form: DeedForm) -> Sheet:
    """What will be printed; of a card that is handed over, the slip it is compared with."""
    if form.deed.application is not None:
        found = receipted(office(), form.deed.application.receipt)
        assert found is not None, "a running application has its receipt"
        kind = "slip" if preview.PAPERS["slip"](found) else "acceptance"
        return preview.masked(preview.sheet_of(request, who, found, kind), file.person)
    if form.is_bound:
        form.is_valid()
    given = getattr(form, "cleaned_data", {})
    seen = checklist.shown(form.needs, given)
    chosen = {"waiver": str(given.get("waiver") or "")}
    return preview.before(who, file, form.deed, seen=seen, given=chosen)


@require_POST
@for_roles(*CLERKS)
def beside(request: StaffRequest, who: Who, handle: str, code: str) -> HttpResponse:
    """The paper as the form stands now, while it is being filled in."""
    case = the_case(request, handle)
    file, chosen = _chosen(request, who, case, code)
    form = DeedForm(chosen, case, request.POST)
    drawn = [preview.drawn(_paper(request, who, file, form))]
    return page(request, who, "counter/paper", {"drawn": drawn, "case": case})


@require_POST
@for_roles(*CLERKS)
def notice(request: StaffRequest, who: Who, handle: str, code: str) -> HttpResponse:
    """The one-time notice: everything still missing for this act, in one click."""
    case = the_case(request, handle)
    _file, chosen = _chosen(request, who, case, code)
    form = DeedForm(chosen, case, request.POST)
    form.is_valid()
    left, whole = checklist.lacking(chosen.papers, form.papers(), form.documents())
    head = preview.letterhead(request, who)
    return printed(sheets.one_time_notice(head, titles()[code], left, whole), "notice")


_ACT = "counter/<str:handle>/<slug:code>/"
urlpatterns = [
    path(f"{_ACT}notice/", notice, name="counter_notice"),
    path(f"{_ACT}paper/", beside, name="counter_paper"),
    path(_ACT, act, name="counter_act"),
]
