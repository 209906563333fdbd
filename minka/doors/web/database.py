"""The database address as Django wants it, read only when a connection is first asked for."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from minka.doors import settings

_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
_NOWHERE = "postgresql://127.0.0.1:1/minka"
"""Without an address nothing is reachable, and pages say so; building assets needs none."""


def databases() -> dict[str, dict[str, Any]]:
    """Django's ``DATABASES`` for ``MINKA_DATABASE_URL``; whoever starts the web sets it."""
    given = settings.Settings()
    url = given.database_url.get_secret_value() if given.database_url else _NOWHERE
    return {"default": _configuration(url, given.database_patience_ms)}


def _configuration(url: str, patience_ms: int) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    named = {_NAMES[key]: str(value) for key, value in parts.items() if key in _NAMES}
    options = {key: value for key, value in parts.items() if key not in _NAMES}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # connect_timeout is rounded up to two seconds; tcp_user_timeout ends a silent host sooner.
        "OPTIONS": {"connect_timeout": 1, "tcp_user_timeout": patience_ms} | options,
    }
