"""The city a visitor is in: its law today, its names, its hotline, and its frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from minka.desk import wording
from minka.desk.preview import now
from minka.desk.rules import hotline_of
from minka.doors.office import office
from minka.kit.clock import CHINA
from minka.kit.words import Words
from minka.law.region import RegionLaw
from minka.law.terms import UnknownTermError, term

View = Callable[..., HttpResponse]


class City:
    """One region on the day of the visit."""

    def __init__(self, region: str) -> None:
        try:
            self.at: datetime = now(office())
            self.law: RegionLaw = office().law(region, self.at)
        except KeyError:
            raise Http404 from None
        self.id = region
        self.hotline = hotline_of(self.law)

    def frame(self) -> dict[str, Any]:
        """What the page's frame shows of the city."""
        return {
            "city": self,
            "city_name": say(self.law.names),
            "hotline": self.hotline,
            "home": f"/{self.id}/",
        }


def in_city(view: View) -> View:
    """Give a view its city; an unknown one is a page that does not exist."""

    @wraps(view)
    def entered(request: HttpRequest, region: str, **more: str) -> HttpResponse:
        return view(request, City(region), **more)

    return entered


def page(
    request: HttpRequest,
    city: City,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A citizen's page in the frame of the city; never kept by caches."""
    whole = {**city.frame(), **(context or {})}
    response = render(request, f"citizen/{template}.html", whole, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def say(words: Words) -> str:
    """Words in the visitor's language."""
    return words.say(get_language() or "zh-hans")


def said(kind: str, code: str) -> str:
    """A term in the visitor's language; an unknown code stands for itself."""
    try:
        return say(term(kind, code))
    except UnknownTermError:
        return code


def listed(kind: str, codes: Iterable[str]) -> str:
    """Several terms as one list, joined as the visitor's language joins."""
    return say(wording.joined(wording.named(kind, code) for code in codes))


def day_text(instant: datetime | None) -> str:
    """The day of an instant in China."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d") if instant else "—"
