"""A case that can be bookmarked: where it stands, what happened, what comes next, its papers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minka.cards.card import AtLapse, Force, Standing, Status
from minka.cards.words import PROGRESS
from minka.desk import wording
from minka.desk.look import ApplicationView, CardView, Receipted, receipted
from minka.desk.preview import withdraw_form
from minka.desk.tale import Event
from minka.doors.office import office
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet, press
from minka.doors.web.citizen.city import City, in_city, listed, page, say
from minka.doors.web.citizen.forms import LastFourForm, ReceiptForm
from minka.doors.web.citizen.lost import MINE, language
from minka.doors.web.parts import (
    Action,
    CardFace,
    Line,
    LineState,
    Step,
    StepState,
    Tone,
    Weight,
    Wrong,
)
from minka.doors.web.parts import Status as Panel
from minka.kit.codes import read_code
from minka.law.papers import AllOf

TONES = {
    Standing.USABLE: Tone.GOOD,
    Standing.PROVISIONAL_LOSS: Tone.WAIT,
    Standing.FORMAL_LOSS: Tone.SHUT,
    Standing.CANCELLED: Tone.SHUT,
}
_STATES = {
    "done": LineState.DONE,
    "pending": LineState.PENDING,
    "failed": LineState.FAILED,
    "planned": LineState.AHEAD,
}
ELSEWHERE = {
    "dispute": "question",
    "statement": "statement",
    "claim": "reimburse",
    "reimbursement": "reimburse",
    "lending": "warning",
}
"""Receipts that have pages of their own."""
LADDER = (Status.ORDERED, Status.MADE, Status.READY, Status.SEALED, Status.ACTIVE)


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, city: City) -> HttpResponse:
    """Where is my card: one field, the receipt or the slip."""
    if request.method != "POST":
        return page(request, city, "find", {"form": ReceiptForm()})
    form = ReceiptForm(request.POST)
    if form.is_valid():
        code = read_code(form.cleaned_data["receipt"])
        found = receipted(office(), code) if code else None
        if found is not None and found.file.person.region == city.id:
            if found.kind in ELSEWHERE:
                return HttpResponseRedirect(f"/{city.id}/{ELSEWHERE[found.kind]}/{found.code}/")
            return HttpResponseRedirect(f"/{city.id}/case/{found.code}/")
        form.add_error("receipt", _("没有查到这个编号。请核对，或带证件到网点查询。"))
    return page(request, city, "find", {"form": form}, status=422)


@in_city
@require_safe
def show(request: HttpRequest, city: City, code: str) -> HttpResponse:
    """The case of a receipt; nothing on it says more than masked."""
    found = the_case(city, code)
    view = _card_of(found)
    shown = {
        "found": found,
        "is_new": request.GET.get("new") == "1" and found.code in request.session.get(MINE, []),
        "already": request.GET.get("already") == "1",
        "mine": found.code in request.session.get(MINE, []),
        "lines": lines(found),
        "face": face(view, city) if view else None,
        "panel": panel(view, city) if view else None,
        "formal": view is not None and view.standing is Standing.FORMAL_LOSS,
        "steps": ladder(found.application) if found.application else [],
        "application": found.application,
        "who": say(found.application.plain.who) if found.application else "",
        "bank_pending": bool(view and view.stops and view.stops.bank == "pending"),
        "withdrawable": view is not None and view.standing is Standing.PROVISIONAL_LOSS,
        "refresh": any(each.state == "pending" for each in found.file.events),
    }
    return page(request, city, "case", shown)


def the_case(city: City, code: str) -> Receipted:
    """The case of a code in this city; anything else does not exist."""
    plain = read_code(code)
    found = receipted(office(), plain) if plain else None
    if (
        found is None
        or found.file.person.region != city.id
        or found.kind in ("document", *ELSEWHERE)
    ):
        raise Http404
    return found


def _card_of(found: Receipted) -> CardView | None:
    if found.report is not None:
        card_id = found.report["card_id"]
    elif found.application is not None:
        card_id = found.application.old_card_id
    else:
        return found.file.in_hand()
    return next((v for v in found.file.cards if v.card.card_id == card_id), None)


def lines(found: Receipted) -> list[Line]:
    """The timeline of the case: the two stops apart, each with its own instant."""
    about = {found.code}
    if found.application is not None:
        about |= {found.application.receipt}
    return [line(each) for each in found.file.events if each.receipt in about]


def line(event: Event) -> Line:
    """One event as a line of the timeline."""
    pending = event.state == "pending"
    return Line(
        state=_STATES[event.state],
        what=say(event.words),
        at=None if pending else event.at,
        note=_("还没有得到确认。") if pending else "",
    )


def face(view: CardView, city: City) -> CardFace:
    """The picture of the card with the stripe of its standing."""
    return CardFace(
        name="",
        number=view.number_mask,
        city=say(city.law.names),
        stripe=say(view.plain.name),
        tone=TONES.get(view.standing, Tone.PLAIN),
    )


def panel(view: CardView, city: City) -> Panel:
    """Where the card stands: sentence, who acts, by when, one button."""
    release = _("到时卡恢复使用")
    cancel = _("到时卡被注销")
    block = view.block
    until = block.until_at if block else None
    label = cancel if block and block.at_lapse is AtLapse.CANCEL else release
    return Panel(
        sentence=say(view.plain.sentence),
        tone=TONES.get(view.standing, Tone.PLAIN),
        who=say(view.plain.who),
        until=until,
        until_label=label if until else "",
        action=_action(view, city),
        code=view.standing.value,
    )


def _action(view: CardView, city: City) -> Action | None:
    home = f"/{city.id}"
    if view.standing is Standing.PROVISIONAL_LOSS:
        return Action(label=_("找不到了：正式挂失并补卡"), url=f"{home}/replace/")
    if view.standing is Standing.FROZEN:
        return Action(label=_("恢复使用"), url=f"{home}/freeze/", weight=Weight.SECONDARY)
    if view.standing is Standing.FORMAL_LOSS and view.block and view.block.force is Force.FORMAL:
        return Action(label=_("怎么补卡、领卡"), url=f"{home}/replace/", weight=Weight.SECONDARY)
    return None


def ladder(application: ApplicationView) -> list[Step]:
    """The replacement as at most six steps."""
    accepted = Step(label=_("已受理"), state=StepState.DONE, at=application.accepted_at)
    if application.status not in LADDER:
        return [accepted, Step(label=say(application.plain.name), state=StepState.STUCK)]
    reached = LADDER.index(application.status)
    return [
        accepted,
        *(
            Step(
                label=say(PROGRESS[status].name),
                state=StepState.DONE
                if place < reached or (status is Status.ACTIVE and reached == place)
                else StepState.NOW
                if place == reached
                else StepState.AHEAD,
            )
            for place, status in enumerate(LADDER)
        ),
    ]


def _step(place: int, reached: int) -> StepState:
    if place < reached or reached == len(LADDER) - 1:
        return StepState.DONE
    return StepState.NOW if place == reached else StepState.AHEAD


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, city: City, code: str) -> HttpResponse:
    """The paper of the case as PDF; for whoever reported it, or knows the last four."""
    found = the_case(city, code)
    mine = request.session.get(MINE, [])
    if found.code not in mine:
        form = LastFourForm(request.POST if request.method == "POST" else None)
        if not (form.is_valid() and _is_last4(found, form.cleaned_data["last4"])):
            if form.is_bound and form.is_valid():
                form.add_error("last4", _("与登记不一致，请核对。"))
            status = 422 if form.is_bound else 200
            return page(request, city, "paper", {"form": form, "found": found}, status=status)
        request.session[MINE] = [*mine, found.code][-5:]
    response = HttpResponse(press(_sheet(request, city, found)), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.code}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_last4(found: Receipted, typed: str) -> bool:
    return found.file.person.number.reveal()[-4:] == typed.strip().upper()


def _sheet(request: HttpRequest, city: City, found: Receipted) -> Sheet:
    head = sheets.Letterhead(
        city=city.law.names,
        hotline=city.hotline,
        language=language(request),
        status_url=request.build_absolute_uri(f"/{city.id}/case/"),
    )
    if found.kind == "loss":
        return sheets.loss_receipt(head, found)
    if found.kind == "slip":
        return sheets.collection_slip(head, found, bring(city))
    return sheets.acceptance(head, found)


def bring(city: City) -> list[str]:
    """What to bring to collect a card, in the visitor's language."""
    entry = city.law.collect()
    tree = entry.value("papers_self") if entry else None
    if tree is None:
        return []
    parts = tree.items if isinstance(tree, AllOf) else (tree,)
    return [say(wording.papers(part)) for part in parts]


@in_city
@require_safe
def found_it(request: HttpRequest, city: City) -> HttpResponse:
    """I found it: where to withdraw, with what, and why it ends with a formal loss."""
    terms = withdraw_form(office(), city.id)
    shown: dict[str, object] = {"terms": terms, "wrong_list": list[Wrong]()}
    if terms is not None:
        places = terms.places.kinds if terms.places else ()
        shown["places"] = listed("place", places)
        shown["channels"] = listed("channel", terms.channels)
        shown["papers"] = [say(each["words"]) for each in wording.items(terms.papers)]
        shown["online"] = "web" in terms.channels
    return page(request, city, "found", shown)
