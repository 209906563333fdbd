"""A visitor's draft travels in a cookie that only the server can read."""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from minka.doors.web.sessions import DoorSessionMiddleware, SealedStore


@pytest.fixture
def factory() -> RequestFactory:
    """Requests without a server."""
    import django

    django.setup()
    return RequestFactory()


def _visit(request: HttpRequest, act: Callable[[HttpRequest], object]) -> HttpResponseBase:
    """What the middleware answers when a page does this to the session."""
    door = DoorSessionMiddleware(_never)
    door.process_request(request)
    act(request)
    return door.process_response(request, HttpResponse())


def _never(request: HttpRequest) -> HttpResponse:
    raise AssertionError("the page is not asked here")


def _kept(factory: RequestFactory, **facts: str) -> str:
    """The cookie after a visit that wrote these facts."""
    response = _visit(factory.get("/"), lambda request: request.session.update(facts))
    return str(response.cookies["minka_visit"].value)


def test_a_draft_is_kept_and_cannot_be_read(factory: RequestFactory) -> None:
    """What was typed comes back; the cookie itself shows nothing of it."""
    cookie = _kept(factory, number="330102199001011234", name="王㼆")
    assert SealedStore(cookie).load() == {"number": "330102199001011234", "name": "王㼆"}
    assert cookie != _kept(factory, number="330102199001011234", name="王㼆")


def test_a_forged_draft_is_no_draft(factory: RequestFactory) -> None:
    """A cookie that was changed, or is none, opens an empty session."""
    cookie = _kept(factory, number="1")
    for forged in (cookie[:-2], cookie.swapcase(), "", "x", "王"):
        assert SealedStore(forged).load() == {}


def test_an_emptied_session_is_forgotten(factory: RequestFactory) -> None:
    """Wiping the session deletes the cookie."""

    request = factory.get("/")
    request.COOKIES["minka_visit"] = _kept(factory, number="1")
    response = _visit(request, lambda given: given.session.flush())
    assert response.cookies["minka_visit"]["max-age"] == 0


def test_staff_sessions_are_apart(factory: RequestFactory) -> None:
    """Staff have a cookie of their own, so a visit elsewhere never ends their session."""

    opened = {}
    for path in ("/", "/staff/"):
        request = factory.get(path)
        DoorSessionMiddleware(_never).process_request(request)
        opened[path] = type(request.session)
    assert opened == {"/": SealedStore, "/staff/": SessionStore}
