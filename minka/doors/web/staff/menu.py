"""The work menu: entries that each desk brings, shown to the roles that may open them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from minka.doors.web.frame import Link
from minka.doors.web.parts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Nav:
    """An entry of the work menu, for the roles that may open it."""

    label: Text
    url: str
    roles: tuple[str, ...]


NAVIGATION: list[Nav] = []
"""Every entry there is; ``urls`` fills it when the addresses are read."""


def navigation(request: HttpRequest, role: str) -> list[Link]:
    """The menu of a role; the entry whose address begins the present one is current."""
    mine = [entry for entry in NAVIGATION if role in entry.roles]
    best = max((e.url for e in mine if request.path.startswith(e.url)), key=len, default="")
    return [Link(str(entry.label), entry.url, current=entry.url == best) for entry in mine]
