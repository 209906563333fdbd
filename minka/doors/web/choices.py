"""What the visitor chose: language and way of showing, kept in cookies and set by plain links."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

YEAR = 365 * 24 * 60 * 60
MODE_COOKIE = "minka_mode"
KIOSK_PREFIX = "/kiosk/"


class Mode(StrEnum):
    """How pages are shown; the value is also the ``?mode=`` of the link that chooses it."""

    STANDARD = "standard"
    ELDER = "elder"
    CONTRAST = "contrast"
    ELDER_CONTRAST = "elder-contrast"

    @property
    def html_class(self) -> str:
        """The classes of the html element."""
        return "" if self is Mode.STANDARD else self.value.replace("-", " ")

    def toggled(self, part: Mode) -> Mode:
        """The mode after switching ELDER or CONTRAST on or off."""
        parts = set(self.html_class.split()) ^ {part.value}
        return Mode("-".join(sorted(parts, reverse=True)) or "standard")


def mode_of(request: HttpRequest) -> Mode:
    """The mode in the visitor's cookie; anything unknown is the standard mode."""
    try:
        return Mode(request.COOKIES.get(MODE_COOKIE, Mode.STANDARD))
    except ValueError:
        return Mode.STANDARD


def link(request: HttpRequest, **chosen: str) -> str:
    """The address of this same page with a choice in its query."""
    query = request.GET.copy()
    for name, value in chosen.items():
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


class ChoiceMiddleware(MiddlewareMixin):
    """Turn ``?lang=en`` or ``?mode=elder`` into a cookie and the same page without it."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Redirect when a known choice is in the query of a page that is being read."""
        chosen = _chosen(request)
        if request.method not in ("GET", "HEAD") or not chosen:
            return None
        rest = [(k, v) for k, values in request.GET.lists() for v in values]
        rest = [(k, v) for k, v in rest if k not in ("lang", "mode")]
        # A path of two slashes would be read as another host.
        path = "/" + request.path.lstrip("/")
        response = HttpResponseRedirect(f"{path}?{urlencode(rest)}" if rest else path)
        for cookie, value in chosen.items():
            response.set_cookie(
                cookie, value, YEAR, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
            )
        return response

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Tell caches that pages differ by cookie."""
        patch_vary_headers(response, ("Cookie",))
        return response


def _chosen(request: HttpRequest) -> dict[str, str]:
    given = request.GET
    chosen = {}
    if given.get("lang") in dict(settings.LANGUAGES):
        chosen[settings.LANGUAGE_COOKIE_NAME] = given["lang"]
    if given.get("mode") in set(Mode):
        chosen[MODE_COOKIE] = given["mode"]
    return chosen
