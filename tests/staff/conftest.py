"""Staff pages on a real register: the process's own office and Django's database on a fresh one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import django
import pytest

django.setup()

from django.db import connections  # noqa: E402  # needs Django's settings

from minka.desk.office import Office  # noqa: E402
from minka.doors import settings as surroundings  # noqa: E402
from minka.doors.office import office as opened  # noqa: E402
from minka.doors.web.database import databases  # noqa: E402
from tests.staff.desk import Hall  # noqa: E402


@pytest.fixture(scope="module")
def desk_office(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The one office of this process, on the module's register."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINKA_DATABASE_URL", database_url)
        patch.setenv("MINKA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("MINKA_FIELD_SECRET", "5a" * 32)
        # A browser test runs beside an event loop of its own; the tests wait for each other.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        surroundings.current.cache_clear()
        opened.cache_clear()
        before = dict(connections.settings["default"])
        connections.close_all()
        _forget()
        connections.settings["default"].update(databases()["default"])
        yield opened()
        opened().register.close()
        connections.close_all()
        _forget()
        connections.settings["default"].clear()
        connections.settings["default"].update(before)
    opened.cache_clear()
    surroundings.current.cache_clear()


def _forget() -> None:
    """Drop this thread's connection, if it has one."""
    with suppress(AttributeError):
        del connections["default"]


@pytest.fixture(scope="module")
def hall(desk_office: Office) -> Hall:
    """Places, staff and residents of the demo regions."""
    return Hall(desk_office)
