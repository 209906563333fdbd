"""A key ward on a fresh register for each module."""

from __future__ import annotations

import pytest

from minka.desk.office import Office
from tests.keys_desk.ward import Ward, ward_of


@pytest.fixture(scope="module")
def ward(office: Office, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """Staff, register and soft vault."""
    return ward_of(office, database_url, tmp_path_factory.mktemp("vault"))
