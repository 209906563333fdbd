"""Which terminal asks: bound once by a code from the back office, known by a signed cookie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac

from minka.desk.queue import HALLS
from minka.doors.office import office
from minka.doors.web.citizen.city import City
from minka.doors.web.faults import AWAY
from minka.kit.clock import CHINA, wall
from minka.kit.codes import code, read_code
from minka.store.connection import row

P = ParamSpec("P")
COOKIE = "minka_kiosk"
PATH = "/kiosk/"
YEAR = 365 * 24 * 60 * 60
_SALT = "minka.kiosk"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A registered terminal and where it stands."""

    kiosk_id: str
    place_id: str
    region: str
    kind: str
    hospital_class: int | None
    name: str

    @property
    def gives_tickets(self) -> str:
        """``yes`` where the hall has a queue."""
        return "yes" if self.kind in HALLS else ""


@dataclass(frozen=True, slots=True)
class Stand:
    """One visit at a terminal: the terminal, and the law of its city today."""

    terminal: Terminal
    city: City

    @property
    def region(self) -> str:
        """The region the terminal stands in."""
        return self.terminal.region


StandView = Callable[Concatenate[HttpRequest, Stand, P], HttpResponse]
View = Callable[..., HttpResponse]


def at_terminal(view: StandView[P]) -> View:
    """Give a view its terminal; a stranger is sent to the set-up, a lost register is said aloud."""

    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        known = terminal_of(request)
        if known is None:
            return HttpResponseRedirect(f"{PATH}setup/")
        try:
            current = on_file(known.kiosk_id)
            if current is None:
                return forgotten(HttpResponseRedirect(f"{PATH}setup/"))
            return view(request, Stand(current, City(current.region)), *args, **kwargs)
        except AWAY:
            return away(request, known)

    return entered


def terminal_of(request: HttpRequest) -> Terminal | None:
    """The terminal of the cookie; a forged or foreign cookie is no terminal."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=YEAR)
    except signing.BadSignature:
        return None
    return Terminal(**kept)


def on_file(kiosk_id: str) -> Terminal | None:
    """The terminal as the register has it now; None for an unknown or retired one."""
    with office().register.act() as connection:
        found = row(connection, "reference.kiosk", id=kiosk_id)
    return Terminal(kiosk_id=kiosk_id, **found) if found else None


def bound(response: HttpResponse, terminal: Terminal) -> HttpResponse:
    """The answer that makes this browser the terminal."""
    response.set_cookie(
        COOKIE,
        signing.dumps(asdict(terminal), salt=_SALT),
        max_age=YEAR,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def forgotten(response: HttpResponse) -> HttpResponse:
    """The answer after which this browser is no terminal any more."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")
    return response


def setup_code(kiosk_id: str, day: date | None = None) -> str:
    """The code that binds a terminal, good for a day and the next; shown in the back office."""
    on = day or wall().astimezone(CHINA).date()
    return code("K", salted_hmac(f"{_SALT}.setup", f"{kiosk_id} {on}").digest())


def is_setup_code(kiosk_id: str, typed: str) -> bool:
    """Whether the typed code binds this terminal today."""
    today = wall().astimezone(CHINA).date()
    good = [setup_code(kiosk_id, today), setup_code(kiosk_id, today - timedelta(days=1))]
    return any(constant_time_compare(read_code(typed) or "", each) for each in good)


def page(
    request: HttpRequest,
    stand: Stand,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of the terminal in the frame of its city; never kept by caches."""
    whole = {**stand.city.frame(), "stand": stand, **(context or {})}
    response = render(request, f"kiosk/{template}.html", whole, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def away(request: HttpRequest, terminal: Terminal) -> HttpResponse:
    """The register is away: nothing was done, nothing is kept for later, here is the telephone."""
    frame = City(terminal.region).frame()
    response = render(request, "kiosk/away.html", frame, status=503)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = "10"
    return response
