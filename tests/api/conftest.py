"""The API on a fresh register: Django's test client, and partners with their tokens."""

from __future__ import annotations

from collections.abc import Iterator

import django
import pytest
from _pytest.nodeid import coerce_node_id

from minka.desk.office import Office
from minka.store.connection import Register

django.setup()

from minka.doors.api import desks  # noqa: E402  # needs Django's settings
from tests.api.asking import Asking, Partners  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each generated case the name of its operation, or parallel workers take them for one."""
    for item in items:
        if "[" in item.name and not item.nodeid.endswith(item.name):
            item._id = coerce_node_id(f"{item.nodeid.rpartition('::')[0]}::{item.name}")


@pytest.fixture
def desk_office(
    office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The test's office in the place of the process's own."""
    pulse = Register(database_url, size=1, wait_s=5)
    monkeypatch.setattr(desks, "pulse", desks.Pulse())
    monkeypatch.setattr(desks, "LOSS_WAIT_MS", 5000)
    monkeypatch.setattr(desks, "opened", lambda: desks.Desks(office, office, pulse))
    yield office
    pulse.close()


@pytest.fixture
def ask(desk_office: Office) -> Asking:
    """Asks the API as a client without a token would."""
    return Asking()


@pytest.fixture(scope="module")
def partners(database_url: str) -> Iterator[Partners]:
    """Enrols partners of the API in the module's register."""
    register = Register(database_url, size=1)
    yield Partners(database_url)
    register.close()
