"""The way in for staff: each role comes to its own desk."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_safe

from minka.doors.web.accounts import StaffRequest
from minka.doors.web.staff.menu import navigation
from minka.doors.web.staff.who import Who, for_roles, page


@require_safe
@for_roles()
def home(request: StaffRequest, who: Who) -> HttpResponse:
    """To the first desk of the role; a role without one is told so."""
    links = navigation(request, who.role)
    return HttpResponseRedirect(links[0].url) if links else page(request, who, "home")


urlpatterns = [path("", home, name="staff_home")]
