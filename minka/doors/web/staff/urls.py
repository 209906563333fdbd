"""Addresses under /staff/: each desk brings its own, and its entries of the work menu."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

from minka.doors.web.staff.menu import NAVIGATION

DESKS = (
    "hotline",
    "counter",
    "counter_act",
    "confirm",
    "reveal",
    "bank",
    "employer",
    "medical",
    "claims",
    "lending",
    "balance",
    "chip",
    "chip_record",
    "chip_cases",
    "questions",
    "review",
    "factory",
    "keys",
    "keys_ceremony",
    "audit",
    "office_back",
    "home",
)
"""Modules of this package with ``urlpatterns`` and, for the menu, ``NAV``; absent ones are left."""

urlpatterns: list[URLPattern | URLResolver] = []

for _name in DESKS:
    if find_spec(f"minka.doors.web.staff.{_name}"):
        _desk = import_module(f"minka.doors.web.staff.{_name}")
        urlpatterns += _desk.urlpatterns
        NAVIGATION += getattr(_desk, "NAV", ())
