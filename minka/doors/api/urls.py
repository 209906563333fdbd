"""Addresses of the API; any other address below /api/ is a problem too."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from minka.doors.api.app import api
from minka.doors.api.guard import guarded, no_such_address

app_name = "api"

urlpatterns = [
    URLPattern(each.pattern, guarded(each.callback), each.default_args, each.name)
    for each in api.urls[0]
    if isinstance(each, URLPattern) and each.name != "api-root"
]
urlpatterns.append(re_path(r"^", guarded(no_such_address)))
