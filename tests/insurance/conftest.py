"""One settlement process for a module, on a register of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minka.desk.office import Office
from tests.insurance.hall import Ward, ward


@pytest.fixture(scope="module")
def here(
    office: Office, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ward]:
    """A city whose process runs."""
    with ward(office, database_url, tmp_path_factory.mktemp("ward")) as made:
        yield made
