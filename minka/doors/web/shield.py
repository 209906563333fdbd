"""What is turned away before a page sees it, and the policy every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from minka.doors.web.faults import page

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",  # The second factor's QR code is a data address.
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class PolicyMiddleware(MiddlewareMixin):
    """Strict content policy: nothing inline, nothing from another origin, no borrowed abilities."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the policies to an answer that has none of its own; pages stay in no cache."""
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response


class BodyMiddleware(MiddlewareMixin):
    """Refuse bodies that are too large (413) or that no form sends (415).

    A view that takes larger files says so: ``view.body_limit = 20 * 1024 * 1024``.
    """

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """A fault page, or None to go on."""
        limit = getattr(view, "body_limit", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if _length(request) > limit:
            return page(request, 413)
        if request.path.startswith("/api/") or request.method != "POST":
            return None
        if request.content_type not in FORM_TYPES:
            return page(request, 415)
        return None if _is_unicode(request) else page(request, 400)


def _is_unicode(request: HttpRequest) -> bool:
    """Whether a form is UTF-8; in another encoding a name would become somebody else's."""
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        return False
    if request.content_type != FORM_TYPES[0]:
        return True
    try:
        unquote_to_bytes(request.body).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
