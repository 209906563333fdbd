"""The real switch behind the kit: it passes the cases, and a bad day ends with equal books (I9)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minka.bench import kit_server
from minka.bench.kit_case import Verdict
from minka.bench.kit_city import City
from minka.bench.kit_day import day
from minka.bench.kit_target import target_of

pytestmark = pytest.mark.nightly

WITHOUT_DATA = {"a_wrong_card_sn_is_refused"}
"""The register knows no identification codes of chips yet."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own."""
    made = City(tmp_path_factory.mktemp("city"))
    yield made
    made.close()


def test_the_switch_passes_every_server_case(city: City) -> None:
    """Gate, fields, money, the same again, refunds, reversals, pharmacy, stay."""
    results = list(kit_server.check(target_of(city.target)))
    assert [each for each in results if each.verdict is Verdict.FAILED] == []
    assert {each.name for each in results if each.verdict is Verdict.SKIPPED} == WITHOUT_DATA


@pytest.mark.parametrize("seed", range(4))
def test_a_bad_day_ends_with_equal_books(city: City, seed: int) -> None:
    """Visits, purchases, stays and refunds with a fault in every third message (P8, P9)."""
    found = day(city, bills=40, seed=seed)
    assert sum(found.faults.values()) > 20
    assert found.lines > 20
    assert found.open == 0
    assert found.differences == []
