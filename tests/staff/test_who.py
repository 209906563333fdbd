"""Who may open what: every address of the desks by every role, and nobody without two factors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import localdate

from minka.bench.places import place_id
from minka.doors.web.staff.urls import urlpatterns
from minka.store.models import Operator
from tests.staff.desk import Clerk, Hall, staff_cookie

ROLES = [role for role, _name in Operator.ROLES]
NOBODY = "nobodys-case"
FILL = {
    "handle": NOBODY,
    "code": "lose",
    "kind": "slip",
    "which": "slip",
    "receipt": "B-0000-0000-0",
}

HOTLINE = {"hotline_agent"}
COUNTER = {"counter_clerk"}
SEERS = {
    *("hotline_agent", "counter_clerk", "medical_staff", "reviewer", "auditor", "bank_clerk"),
}
ALLOWED = {
    "hotline/": HOTLINE,
    "hotline/receipt/": HOTLINE,
    "hotline/<str:handle>/": HOTLINE,
    "hotline/<str:handle>/withdraw/": HOTLINE,
    "hotline/<str:handle>/story/": HOTLINE,
    "counter/": COUNTER,
    "counter/find/": COUNTER,
    "counter/call/": COUNTER,
    "counter/<str:handle>/": COUNTER,
    "counter/<str:handle>/pay/": COUNTER,
    "counter/<str:handle>/make/": COUNTER,
    "counter/<str:handle>/photo/": COUNTER,
    "counter/<str:handle>/pdf/<slug:kind>/<str:code>/": COUNTER,
    "counter/<str:handle>/<slug:code>/": COUNTER,
    "counter/<str:handle>/<slug:code>/notice/": COUNTER,
    "counter/<str:handle>/<slug:code>/paper/": COUNTER,
    "case/<str:handle>/reveal/": SEERS,
    "confirm/": {"hotline_agent", "medical_staff", "counter_clerk"},
    "": set(ROLES),
}
"""Which roles get past the door of each address of the frame, the hotline and the counter."""
POSTED = {
    "hotline/receipt/",
    "hotline/<str:handle>/withdraw/",
    "counter/find/",
    "counter/call/",
    "counter/<str:handle>/pay/",
    "counter/<str:handle>/make/",
    "counter/<str:handle>/<slug:code>/notice/",
    "counter/<str:handle>/<slug:code>/paper/",
    "case/<str:handle>/reveal/",
}


def address(pattern: str) -> str:
    """An address of a pattern, about a case that nobody has opened."""
    for kind in ("str", "slug", "int", "path", "uuid"):
        for name, value in FILL.items():
            pattern = pattern.replace(f"<{kind}:{name}>", value)
    return f"/staff/{pattern}"


def known() -> set[str]:
    """Every pattern of the staff pages that takes no further kind of argument."""
    return {str(each.pattern) for each in urlpatterns}


@pytest.mark.parametrize("role", ROLES)
def test_every_address_by_every_role(hall: Hall, role: str) -> None:
    """G13, P15: past the door or 403, by the table above."""
    where = {"place_id": place_id("R1", "service_point")} if role == "counter_clerk" else {}
    clerk = Clerk(hall.staff(role, **where))
    for pattern, roles in ALLOWED.items():
        send = clerk.client.post if pattern in POSTED else clerk.client.get
        status = send(address(pattern)).status_code
        assert (status != 403) is (role in roles), (pattern, role, status)
        assert status < 500, (pattern, role, status)


def test_the_table_knows_every_address_of_these_desks() -> None:
    """A new address of these desks must be entered above."""
    ours = ("hotline/", "counter/", "case/", "confirm/")
    assert {p for p in known() if p.startswith(ours) or p == ""} == set(ALLOWED)


def test_nobody_gets_in_without_a_log_in(hall: Hall) -> None:
    """Every staff address sends a stranger to the log-in, whatever its method."""
    stranger = Client(HTTP_HOST="localhost")
    for pattern in known():
        if "<" in address(pattern):
            continue
        for send in (stranger.get, stranger.post):
            answer = send(address(pattern))
            assert answer.status_code in (302, 405), (pattern, answer.status_code)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/staff/account/login/"), pattern


def test_without_a_second_factor_nothing_can_be_done(hall: Hall) -> None:
    """Led to where a factor is made; no address of the desks opens."""
    clerk = Clerk(hall.staff("hotline_agent", factor="no"), factors=1)
    for path in ("", "hotline/", "confirm/"):
        answer = clerk.raw(path)
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/staff/account/2fa/"
    assert "设置第二道验证" in clerk.get("hotline/").text


def test_a_factor_that_was_not_used_must_be_used(hall: Hall) -> None:
    """A session opened by the password alone is asked for the factor, and comes back."""
    clerk = Clerk(hall.staff("hotline_agent"), factors=1)
    answer = clerk.raw("hotline/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/staff/account/2fa/reauthenticate/?next=")
    assert "%2Fstaff%2Fhotline%2F" in answer.headers["Location"]


def test_a_part_of_a_page_never_holds_the_log_in(hall: Hall) -> None:
    """An ended session sends the whole page to the log-in, not a log-in into a column."""
    stranger = Client(HTTP_HOST="localhost")
    answer = stranger.get("/staff/hotline/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].startswith("/staff/account/login/")
    assert answer.content == b""


def test_an_ended_post_is_refused(hall: Hall) -> None:
    """G13: valid_until has passed."""
    login = hall.staff("hotline_agent", valid_until=localdate() - timedelta(days=1))
    assert Clerk(login).raw("hotline/").status_code == 403


def test_a_user_without_a_post_is_refused(hall: Hall) -> None:
    """A log-in alone opens nothing."""
    user = User.objects.create(username="without-post", password="!")
    client = Client(HTTP_HOST="localhost")
    staff_cookie(client, user, 2)
    assert client.get("/staff/").status_code in (302, 403)
    assert client.get("/staff/hotline/").status_code in (302, 403)


def test_each_role_comes_to_its_desk(hall: Hall) -> None:
    """The way in leads to the first desk of the role; the menu shows no other's."""
    page = hall.agent().get("")
    assert page.url == "/staff/hotline/"
    assert page.has("当前来电")
    assert "/staff/counter/" not in page.text
    assert hall.clerk().get("").url == "/staff/counter/"
