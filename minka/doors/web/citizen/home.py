"""The way in: which city, which situation; where to go; what the rules are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from minka.care.reimburse import claim_entry
from minka.desk import wording
from minka.desk.preview import now, replace_form
from minka.doors.office import office
from minka.doors.web.citizen.city import City, day_text, in_city, listed, page, said, say
from minka.doors.web.parts import Tile, Weight
from minka.kit.fen import yuan
from minka.law.guide import page as guide_page
from minka.law.guide import title as guide_title
from minka.store.models import Place


@require_safe
def cities(request: HttpRequest) -> HttpResponse:
    """Choose a city; with one city there is nothing to choose."""
    book = office().book()
    if len(book.regions) == 1:
        return HttpResponseRedirect(f"/{book.regions[0]}/")
    at = now(office())
    found = [
        Tile(title=say(law.names), url=f"/{region}/", hint=law.card_name)
        for region in book.regions
        for law in (office().law(region, at),)
    ]
    return render(request, "citizen/cities.html", {"tiles": found})


@in_city
@require_safe
def home(request: HttpRequest, city: City) -> HttpResponse:
    """The situations a visitor comes with, in his own words."""
    here = f"/{city.id}"
    tiles = [
        Tile(
            title=_("卡丢了"),
            hint=_("马上停用，不用登录"),
            url=f"{here}/lost/",
            icon="lost",
            weight=Weight.DANGER,
        ),
        Tile(title=_("卡到哪了"), hint=_("凭受理编号查进度"), url=f"{here}/case/", icon="clock"),
        Tile(title=_("找回来了"), hint=_("撤销挂失"), url=f"{here}/found/", icon="found"),
        Tile(
            title=_("补卡、换卡"),
            hint=_("要带什么、什么时候能领"),
            url=f"{here}/replace/",
            icon="card",
        ),
        Tile(
            title=_("先停一停"),
            hint=_("自己暂停、恢复用卡，或启用新卡"),
            url=f"{here}/freeze/",
            icon="warning",
        ),
        Tile(
            title=_("查余额、明细"),
            hint=_("个人账户的划入和支出，有疑问可以问"),
            url=f"{here}/account/",
            icon="list",
        ),
        Tile(title=_("去哪里办"), hint=_("网点地址和时间"), url=f"{here}/places/", icon="home"),
    ]
    if claim_entry(city.law) is not None:
        paid = Tile(
            title=_("丢卡时自己付了钱"),
            hint=_("报销丢卡期间最近一次费用"),
            url=f"{here}/reimburse/",
            icon="list",
        )
        tiles.insert(-1, paid)
    return page(request, city, "home", {"tiles": tiles})


@in_city
@require_safe
def places(request: HttpRequest, city: City) -> HttpResponse:
    """Service points from the same data the counters use, by kind and district."""
    open_now = Place.objects.filter(region=city.id)
    kind, district = request.GET.get("kind", ""), request.GET.get("district", "")
    found = open_now.filter(kind=kind) if kind else open_now
    found = found.filter(district=district) if district else found
    today = city.at.date()
    shown = [
        {"place": each, "kind": said("place", each.kind)}
        for each in found.select_related("bank")[:200]
        if (each.open_until is None or each.open_until >= today)
        and (each.open_from is None or each.open_from <= today)
    ]
    context = {
        "found": shown,
        "kind": kind,
        "district": district,
        "kinds": [
            (k, said("place", k)) for k in sorted(set(open_now.values_list("kind", flat=True)))
        ],
        "districts": sorted(set(open_now.values_list("district", flat=True))),
    }
    return page(request, city, "places", context)


@in_city
@require_safe
def guide(request: HttpRequest, city: City) -> HttpResponse:
    """The city's rules as the law files say them: computed instants, phrase, what is assumed."""
    workdays = office().book().workdays(city.id)
    made = guide_page(city.law, city.at, workdays)
    sections = [
        {
            "title": say(section.title),
            "entry": section.entry,
            "items": [
                {
                    "label": say(item.label),
                    "words": say(item.words),
                    "example": say(item.example) if item.example else "",
                    "cite": item.cite,
                    "assumed": item.marked,
                }
                for item in section.items
            ],
            "silent": say(wording.joined(section.silent)),
        }
        for section in made.sections
    ]
    return page(request, city, "guide", {"sections": sections, "title": say(made.title)})


@in_city
@require_safe
def replace(request: HttpRequest, city: City) -> HttpResponse:
    """A replacement: where, with what, by when, at what price; every value computed today."""
    offers: list[dict[str, Any]] = []
    for entry in city.law.entries("replace"):
        kinds = entry.value("place").kinds if entry.value("place") else ()
        if entry.role != "whole" or not kinds:
            continue
        reasons = entry.value("reasons") or ("lost",)
        form = replace_form(office(), city.id, place=kinds[0], reason=reasons[0])
        if form is None or any(each["rule"] == form.terms.rule_ref for each in offers):
            continue
        agent = entry.value("papers_agent")
        offers.append(
            {
                "rule": form.terms.rule_ref,
                "places": listed("place", kinds),
                "reasons": listed("reason", form.reasons),
                "papers": [say(each["words"]) for each in wording.items(form.terms.papers)],
                "agent": [say(each["words"]) for each in wording.items(agent)] if agent else [],
                "day": day_text(form.promised_at),
                "on_the_spot": form.terms.on_the_spot(),
                "provisional": form.provisional == "yes",
                "fee": yuan(form.fee_fen) if form.fee_fen else "",
                "assumed": bool(form.terms.assumed),
            }
        )
    return page(request, city, "replace", {"offers": offers})


@in_city
@require_safe
def by_agent(request: HttpRequest, city: City) -> HttpResponse:
    """What somebody else must bring to act for the holder, act by act, from the law."""
    acts = [
        {
            "title": say(guide_title(entry)),
            "papers": [say(each["words"]) for each in wording.items(entry.value("papers_agent"))],
        }
        for entry in city.law.entries()
        if entry.value("papers_agent") is not None
    ]
    return page(request, city, "by_agent", {"acts": acts})
