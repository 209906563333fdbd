"""Who is logged in, what he may open, and the frame his pages stand in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

from allauth.account.authentication import get_authentication_records
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from minka.desk.act import Request
from minka.desk.preview import now
from minka.desk.rules import hotline_of
from minka.doors import settings as surroundings
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest, on_duty
from minka.doors.web.parts import Text
from minka.doors.web.staff.menu import navigation
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.law.region import RegionLaw
from minka.law.terms import UnknownTermError, term
from minka.store.models import Operator

ROLE_NAMES: Mapping[str, Text] = {
    "hotline_agent": _("热线坐席"),
    "counter_clerk": _("窗口经办"),
    "medical_staff": _("医保工作人员"),
    "bank_clerk": _("银行经办"),
    "employer_clerk": _("单位经办人"),
    "reviewer": _("复核人员"),
    "factory": _("制卡中心"),
    "reference_clerk": _("基础数据维护"),
    "key_keeper": _("密钥管理员"),
    "key_custodian": _("密钥分管人"),
    "security_administrator": _("安全管理员"),
    "auditor": _("审计员"),
}
ORIGINS = {
    "hotline_agent": "hotline",
    "bank_clerk": "bank",
    "employer_clerk": "employer",
    "counter_clerk": "counter",
    "medical_staff": "counter",
}
"""The door a role's requests come through; any other role works in the office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A member of staff on duty: number, role, and where or for whom he works."""

    staff_number: str
    role: str
    region: str
    place_id: str = ""
    place_kind: str = ""
    place_name: str = ""
    bank_id: str = ""
    employer_id: str = ""
    employer_name: str = ""
    person_id: int = 0
    today: RegionLaw = field(repr=False)

    @property
    def role_name(self) -> Text:
        """The role in the language of the page."""
        return ROLE_NAMES.get(self.role, self.role)

    def request(self, key: str = "", *, caller: str = "") -> Request:
        """A desk request of this member of staff; without a key, one that is never repeated."""
        return Request(
            key=key or fresh_key(self.role),
            origin=ORIGINS.get(self.role, "office"),
            actor=self.staff_number,
            role=self.role,
            caller=Clear(caller),
        )

    def law(self) -> RegionLaw:
        """The law of the region today."""
        return self.today


def fresh_key(letter: str) -> str:
    """A new idempotency key, one for each form that is drawn."""
    return f"staff-{letter}-{secrets.token_urlsafe(18)}"


Rest = ParamSpec("Rest")
View: TypeAlias = Callable[Concatenate[StaffRequest, Who, Rest], HttpResponse]
Guarded: TypeAlias = Callable[..., HttpResponse]


def for_roles(*roles: str) -> Callable[[View[Rest]], Guarded]:
    """A page for these roles (none given: any role); the page gets ``request`` and ``Who``.

    Beside the checks of ``on_duty``, the second factor must have been used in this very session.
    """

    def guard(view: View[Rest]) -> Guarded:
        @wraps(view)
        def known(
            request: StaffRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponse:
            if not used_second_factor(request):
                again = urlencode({"next": request.path})
                return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{again}")
            return view(request, who_is(request.operator), *args, **kwargs)

        return _whole_pages(on_duty(*roles)(known))

    return guard


def _whole_pages(guarded: Callable[..., HttpResponse]) -> Guarded:
    """A part of a page is never answered by the log-in page: the whole page goes there instead."""

    @wraps(guarded)
    def answered(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        response = guarded(request, *args, **kwargs)
        target = response.headers.get("Location", "")
        if "HX-Request" in request.headers and "/staff/account/" in target:
            response = HttpResponse(status=200, headers={"HX-Redirect": target})
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed since, with the second factor."""
    if not surroundings.current().second_factor:
        return True
    records = get_authentication_records(request, request.user)
    return any(each.get("method") == "mfa" for each in records)


def who_is(operator: Operator) -> Who:
    """The member of staff behind a log-in; one whose region has no rules may open nothing."""
    place, employer = operator.place, operator.employer
    try:
        today = office().law(operator.region, now(office()))
    except KeyError:
        raise PermissionDenied from None
    return Who(
        staff_number=operator.staff_number,
        role=operator.role,
        region=operator.region,
        place_id=place.place_id if place else "",
        place_kind=place.kind if place else "",
        place_name=_name_of(place) if place else "",
        bank_id=operator.bank_id or "",
        employer_id=operator.employer_id or "",
        employer_name=employer.name if employer else "",
        person_id=operator.person_id or 0,
        today=today,
    )


def _name_of(place: Any) -> str:
    return str(place.name_en if language() == "en" and place.name_en else place.name)


def page(
    request: HttpRequest,
    who: Who,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of ``templates/staff/`` in the frame of who is logged in; never kept by caches."""
    law = who.law()
    frame = {
        "who": who,
        "city_name": say(law.names),
        "hotline": hotline_of(law),
        "staff_links": navigation(request, who.role),
        "staff_name": who.staff_number,
        "staff_role": who.role_name,
    }
    whole = {**frame, **(context or {})}
    response = render(request, f"staff/{template}.html", whole, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def language() -> str:
    """The language of the page."""
    return get_language() or "zh-hans"


def say(words: Words) -> str:
    """Words in the language of the page."""
    return words.say(language())


def said(kind: str, code: str) -> str:
    """A term in the language of the page; an unknown code stands for itself."""
    try:
        return say(term(kind, code))
    except UnknownTermError:
        return code
