"""Staff accounts: made by an administrator, two factors, and pages that ask for a role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from minka.doors import settings as surroundings
from minka.store.models import Operator

Rest = ParamSpec("Rest")
Page: TypeAlias = Callable[Concatenate["StaffRequest", Rest], HttpResponse]


class StaffRequest(HttpRequest):
    """A request whose sender is known to be on duty."""

    operator: Operator


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Log-in rules for staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for himself."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again before factors change, but not to make the first one."""
        user = self.request.user
        if app == "allauth.mfa" and user.is_authenticated and not is_mfa_enabled(user):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


def on_duty(*roles: str) -> Callable[[Page[Rest]], Page[Rest]]:
    """A page for these roles of ``Operator.ROLES`` (none given: any role).

    Strangers go to the log-in, staff without a second factor to where they make one; another
    role, no role or an ended one is 403. The page finds ``request.operator``.
    """

    def guard(page: Page[Rest]) -> Page[Rest]:
        @wraps(page)
        def guarded(
            request: StaffRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponse:
            if not _has_two_factors(request):
                messages.warning(request, _("请先设置第二道验证，再开始办理业务。"))
                return redirect("mfa_index")
            request.operator = _operator(request, roles)
            return page(request, *args, **kwargs)

        return login_required(guarded)

    return guard


def _has_two_factors(request: HttpRequest) -> bool:
    return not surroundings.current().second_factor or bool(is_mfa_enabled(request.user))


def _operator(request: HttpRequest, roles: tuple[str, ...]) -> Operator:
    try:
        operator: Operator = request.user.operator  # type: ignore[union-attr]
    except Operator.DoesNotExist:
        raise PermissionDenied from None
    ended = operator.valid_until is not None and operator.valid_until < localdate()
    if ended or (roles and operator.role not in roles):
        raise PermissionDenied
    return operator


def staff_context(request: StaffRequest) -> dict[str, Any]:
    """What staff_base.html shows of who is logged in; add your ``staff_links``."""
    return {
        "staff_name": request.operator.staff_number,
        "staff_role": request.operator.get_role_display(),
    }
