"""Addresses of the web door; a portal that is not there yet simply has none."""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from minka.doors import settings as surroundings
from minka.doors.web import style

PREFIXES = {"citizen": "", "staff": "staff/", "kiosk": "kiosk/"}

# The back office asks for the same two factors as every other staff page.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/account/", include("allauth.urls")),
    path("staff/admin/", admin.site.urls),
]
urlpatterns += [
    path(PREFIXES[name], include(f"minka.doors.web.{name}.urls"))
    for name in settings.PORTALS
    if find_spec(f"minka.doors.web.{name}.urls")
]
if find_spec("minka.doors.api") and find_spec("minka.doors.api.urls"):
    urlpatterns.append(path("api/", include("minka.doors.api.urls")))
    urlpatterns.append(path("problems/", include("minka.doors.api.pages")))
if settings.DEBUG or surroundings.current().style_page:
    urlpatterns.append(path("style/", style.show, name="style"))
    urlpatterns.append(path("style/<slug:which>/", style.show, name="style"))

handler400 = "minka.doors.web.faults.bad_request"
handler403 = "minka.doors.web.faults.forbidden"
handler404 = "minka.doors.web.faults.not_found"
handler500 = "minka.doors.web.faults.server_fault"
