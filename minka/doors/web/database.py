"""The database address as Django wants it, read only when a connection is first asked for."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from minka.doors import settings
from minka.store.cluster import database_url

_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def databases() -> dict[str, dict[str, Any]]:
    """Django's ``DATABASES`` for the register's address."""
    patience_ms = settings.current().database_patience_ms
    return {"default": _configuration(database_url(), patience_ms)}


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
