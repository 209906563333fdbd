"""The terminal itself: set-up, six ways in, a ticket, places, help, and the wipe at the end."""

from __future__ import annotations

import secrets
from datetime import date

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk.act import Request
from minka.desk.queue import TakeTicket, take_ticket, waiting_at
from minka.desk.summon import CallStaff, call_staff
from minka.doors.office import office
from minka.doors.web.choices import MODE_COOKIE
from minka.doors.web.citizen.city import said
from minka.doors.web.citizen.lost import language
from minka.doors.web.faults import AWAY
from minka.doors.web.faults import page as fault_page
from minka.doors.web.kiosk import reader
from minka.doors.web.kiosk.terminal import (
    Stand,
    at_terminal,
    bound,
    is_setup_code,
    on_file,
    page,
)
from minka.doors.web.parts import Tile, Weight
from minka.kit.clock import CHINA
from minka.store.models import Kiosk, Place

MOST_PLACES = 6


@at_terminal
@require_safe
def home(request: HttpRequest, stand: Stand) -> HttpResponse:
    """At most six tiles; whoever comes home has left, so nothing is remembered."""
    request.session.flush()
    return page(request, stand, "home", {"tiles": tiles(stand)})


def tiles(stand: Stand) -> list[Tile]:
    """The ways in; a bank hall gives tickets where other places take cards back."""
    lost = Tile(
        title=_("挂失"),
        hint=_("卡丢了，马上停用"),
        url="/kiosk/lost/",
        icon="lost",
        weight=Weight.DANGER,
    )
    found = Tile(title=_("解挂"), hint=_("卡找到了"), url="/kiosk/found/", icon="found")
    queue = Tile(title=_("取号"), hint=_("到窗口办理"), url="/kiosk/ticket/", icon="list")
    rest = [
        Tile(title=_("补卡"), hint=_("要带什么、哪天领"), url="/kiosk/replace/", icon="replace"),
        Tile(title=_("进度"), hint=_("卡到哪了"), url="/kiosk/progress/", icon="search"),
        Tile(title=_("打印"), hint=_("再打一份单据"), url="/kiosk/papers/", icon="print"),
        Tile(title=_("网点"), hint=_("去哪里办"), url="/kiosk/places/", icon="place"),
    ]
    return [queue, lost, *rest] if stand.terminal.kind == "bank" else [lost, found, *rest]


class SetupForm(forms.Form):
    """Which terminal this is, and the code from the back office."""

    kiosk = forms.CharField(label=gettext_lazy("终端编号"), max_length=20)
    code = forms.CharField(
        label=gettext_lazy("登记码"),
        help_text=gettext_lazy("后台“自助终端”页面上当天的登记码。"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Make this browser a registered terminal; a demonstration city needs no code."""
    try:
        if request.method == "POST":
            return _bind(request)
        form = SetupForm(initial={"kiosk": request.GET.get("kiosk", "")})
        return render(request, "kiosk/setup.html", {"form": form, "demo": _demo_kiosks()})
    except AWAY:
        return fault_page(request, 503)


def _bind(request: HttpRequest) -> HttpResponse:
    form = SetupForm(request.POST)
    if form.is_valid():
        kiosk_id, typed = form.cleaned_data["kiosk"].strip(), form.cleaned_data["code"]
        allowed = is_setup_code(kiosk_id, typed) or (reader.demo_readers() and not typed)
        terminal = on_file(kiosk_id) if allowed else None
        if terminal is not None:
            return bound(HttpResponseRedirect("/kiosk/"), terminal)
        form.add_error("code", _("终端编号或登记码不对，或终端已停用。请到后台核对当天的登记码。"))
    shown = {"form": form, "demo": _demo_kiosks()}
    return render(request, "kiosk/setup.html", shown, status=422)


def _demo_kiosks() -> list[Kiosk]:
    if reader.demo_readers() != "yes":
        return []
    listed = Kiosk.objects.filter(active=True).select_related("place")
    return list(listed.order_by("place__region", "kiosk_id")[:40])


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, stand: Stand) -> HttpResponse:
    """A queue ticket of the hall, with the ID card where one is tapped (G14)."""
    if request.method != "POST":
        waiting = (
            waiting_at(office(), stand.terminal.place_id) if stand.terminal.gives_tickets else None
        )
        shown = {"waiting": waiting, "cards": reader.demo_cards(stand)}
        return page(request, stand, "ticket", shown)
    reading = reader.take(request, stand)
    business = "other" if request.POST.get("business") == "other" else "card"
    file = reader.person(stand, reading) if reading else None
    number = file.person.number if file else None
    command = TakeTicket(stand.terminal.place_id, business, number)
    answer = take_ticket(office(), _request(stand), command)
    if not answer.accepted:
        return page(request, stand, "refused", {"why": answer.say(language(request))}, status=422)
    return page(request, stand, "ticket_taken", {"facts": answer.facts})


@at_terminal
@require_safe
def places(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Where the city's card business is done, this place's district first."""
    law = stand.city.law
    named = [entry.value("place") for entry in law.entries() if entry.value("place")]
    kinds = {kind for each in named for kind in each.kinds} - {"hospital", "pharmacy"}
    today = stand.city.at.astimezone(CHINA).date()
    found = [
        p for p in Place.objects.filter(region=stand.region, kind__in=kinds) if _open(p, today)
    ]
    here = Place.objects.filter(place_id=stand.terminal.place_id).first()
    found.sort(key=lambda place: (here is None or place.district != here.district, place.place_id))
    return page(request, stand, "places", {"found": [_shown(p) for p in found[:MOST_PLACES]]})


def _open(place: Place, today: date) -> int:
    begun = place.open_from is None or place.open_from <= today
    return int(begun and (place.open_until is None or today < place.open_until))


def _shown(place: Place) -> dict[str, str]:
    english = place.name_en if get_language() == "en" else ""
    return {
        "name": english or place.name,
        "kind": said("place", place.kind),
        "address": place.address,
        "hours": place.hours,
        "phone": place.phone,
        "directions": place.directions,
    }


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Call a member of staff; the page says so only when the call is on record."""
    if request.method != "POST":
        return page(request, stand, "staff", {"called": ""})
    answer = call_staff(office(), _request(stand), CallStaff(stand.terminal.kiosk_id))
    return page(request, stand, "staff", {"called": "yes" if answer.accepted else ""})


def _request(stand: Stand) -> Request:
    key = f"kiosk-{secrets.token_urlsafe(18)}"
    return Request(key=key, origin="kiosk", actor=stand.terminal.kiosk_id)


@require_http_methods(["GET", "HEAD", "POST"])
def wipe(request: HttpRequest) -> HttpResponse:
    """Forget the person, the language and the colours; the terminal stays what it is."""
    request.session.flush()
    response = HttpResponseRedirect("/kiosk/")
    for name in (MODE_COOKIE, settings.LANGUAGE_COOKIE_NAME):
        response.delete_cookie(name, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
