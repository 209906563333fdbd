"""Whose case is open on a screen: an opaque handle in the address, the person in the session.

The session's row holds the register's own number of a person, never a citizen number or a name.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.http import Http404, HttpRequest

CASES = "staff_cases"
MOST = 20
"""Cases a session remembers; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A person's case as one member of staff has opened it."""

    handle: str
    person_id: int
    by: str
    """How the person was found: ``number`` (read or stated), ``receipt``, ``ticket``, ``queue``."""
    matched: tuple[str, ...] = ()
    """Facts the caller stated that agreed."""
    differs: tuple[str, ...] = ()
    """Further facts that did not agree."""
    receipt: str = ""
    """The receipt made or asked about in this case."""
    also: tuple[str, ...] = ()
    """Further receipts of the same act."""
    ticket: str = ""


def open_case(request: HttpRequest, person_id: int, by: str, **more: Any) -> Case:
    """Open a case under a fresh handle."""
    return keep(request, Case(handle=secrets.token_urlsafe(9), person_id=person_id, by=by, **more))


def keep(request: HttpRequest, case: Case) -> Case:
    """Remember a case, or what has become of it."""
    kept = {k: v for k, v in _all(request).items() if k != case.handle}
    kept[case.handle] = asdict(case)
    request.session[CASES] = dict(list(kept.items())[-MOST:])
    return case


def the_case(request: HttpRequest, handle: str) -> Case:
    """The case of a handle of this session; another's handle is a page that does not exist."""
    found = _all(request).get(handle)
    if found is None:
        raise Http404
    tuples = {name: tuple(found[name]) for name in ("matched", "differs", "also")}
    return Case(**{**found, **tuples})


def _all(request: HttpRequest) -> Mapping[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = request.session.get(CASES, {})
    return kept
