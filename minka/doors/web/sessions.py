"""Two kinds of session: strangers carry an encrypted cookie, staff have a row that can be ended.

The loss door must work with nothing but the register behind it, so a stranger's draft lives in
the visitor's own browser; it holds an identity number while it is being typed, hence encrypted.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.sessions.backends import db, signed_cookies
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

STAFF_PREFIX = "/staff/"


class SealedStore(signed_cookies.SessionStore):
    """A session kept whole in the visitor's cookie, encrypted and dated by the server's key."""

    def load(self) -> dict[str, Any]:
        """The session's content; a forged, foreign or aged cookie is an empty session."""
        try:
            text = _seal().decrypt(str(self.session_key or ""), ttl=settings.SESSION_COOKIE_AGE)
            loaded: dict[str, Any] = json.loads(text)
        except InvalidToken:
            self.create()
            return {}
        return loaded

    def _get_session_key(self) -> str:
        content = json.dumps(dict(self.items()), separators=(",", ":"), ensure_ascii=False)
        return _seal().encrypt(content.encode()).decode("ascii")


@cache
def _seal() -> Fernet:
    digest = sha256(b"minka visitor session" + str(settings.SECRET_KEY).encode()).digest()
    return Fernet(urlsafe_b64encode(digest))


@dataclass(frozen=True, slots=True)
class _Kind:
    cookie: str
    store: type[SessionBase]


_VISITOR = _Kind("minka_visit", SealedStore)
_STAFF = _Kind(settings.SESSION_COOKIE_NAME, db.SessionStore)


def _kind(request: HttpRequest) -> _Kind:
    return _STAFF if request.path.startswith(STAFF_PREFIX) else _VISITOR


class DoorSessionMiddleware(MiddlewareMixin):
    """Give the request the session of its door, and keep what changed in it."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session; nothing is read before it is asked for."""
        kind = _kind(request)
        request.session = kind.store(request.COOKIES.get(kind.cookie))

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write a changed session; forget an emptied one."""
        session, kind = getattr(request, "session", None), _kind(request)
        if session is None:
            return response
        if session.accessed:
            patch_vary_headers(response, ("Cookie",))
        if kind.cookie in request.COOKIES and session.is_empty():
            response.delete_cookie(kind.cookie, samesite="Lax")
        elif session.modified and response.status_code < 500 and not session.is_empty():
            _keep(session, kind, response)
        return response


def _keep(session: SessionBase, kind: _Kind, response: HttpResponseBase) -> None:
    session.save()
    response.set_cookie(
        kind.cookie,
        str(session.session_key),
        max_age=None if session.get_expire_at_browser_close() else session.get_expiry_age(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
