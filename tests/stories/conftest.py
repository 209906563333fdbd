"""A furnished register for every story, copied from one template."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minka.bench.story_house import House, furnished
from minka.law.book import Book
from minka.store.cluster import Cluster


@pytest.fixture(scope="session")
def house(cluster: Cluster, template: str, book: Book) -> Iterator[House]:
    """A server with a furnished template on it."""
    with furnished(cluster.url("postgres"), template, book) as made:
        yield made
