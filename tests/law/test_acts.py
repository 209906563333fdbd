"""How an act finds its rule: by channel, force, place, class, reason and actor."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from minka.kit.clock import CHINA
from minka.law.book import Book, Entry, RegionLaw, read

DAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 15, 33, 7, tzinfo=CHINA)


@pytest.fixture(scope="module")
def book() -> Book:
    """The book with the demo overlay."""
    return read()


LOSSES: list[tuple[str, dict[str, Any], str | None]] = [
    ("R1", {"channel": "hotline"}, "R1-01"),
    ("R1", {"channel": "counter"}, "R1-02"),
    ("R1", {"channel": "counter", "force": "provisional"}, "R1-02"),
    ("R1", {"channel": "counter", "force": "formal"}, "R1-06"),
    ("R1", {"channel": "counter", "place": "hospital"}, None),
    ("R1", {"channel": "kiosk"}, "R1-03"),
    ("R1", {"channel": "kiosk", "place": "service_point"}, "R1-03"),
    ("R1", {"channel": "kiosk", "place": "hospital"}, "R1-04"),
    ("R1", {"channel": "kiosk", "place": "hospital", "place_class": 3}, "R1-04"),
    ("R1", {"channel": "kiosk", "place": "hospital", "place_class": 2}, "R1-04"),
    ("R1", {"channel": "kiosk", "place": "hospital", "place_class": 1}, None),
    ("R1", {"channel": "kiosk", "place": "pharmacy"}, None),
    ("R1", {"channel": "hotline", "force": "formal"}, None),
    ("R1", {"channel": "web"}, "R1-A1"),
    ("R1", {"channel": "sms"}, "R1-A2"),
    ("R1", {"channel": "employer_online"}, None),
    ("R1", {"channel": "hotline", "actor": "agent"}, None),
    ("R1", {"channel": "counter", "actor": "guardian"}, "R1-02"),
    ("R1b", {"channel": "counter", "force": "formal"}, "R1b-03"),
    ("R1b", {"channel": "kiosk"}, None),
    ("R2", {"channel": "hotline"}, "R2-01"),
    ("R2", {"channel": "employer_online", "actor": "employer_clerk"}, "R2-02"),
    ("R2", {"channel": "employer_online", "actor": "holder"}, None),
    ("R2", {"channel": "web", "actor": "holder"}, "R2-03"),
    ("R2", {"channel": "employer_counter", "actor": "employer_clerk"}, "R2-04"),
    ("R2", {"channel": "counter", "force": "formal"}, "R2-A1"),
    ("R3", {"channel": "hotline", "actor": "insured_person"}, "R3-01"),
    ("R3", {"channel": "hotline", "actor": "holder"}, "R3-01"),
    ("R3", {"channel": "counter", "place": "city_centre"}, "R3-02"),
    ("R3", {"channel": "counter", "place": "street_centre"}, None),
    ("R4", {"channel": "bank_counter", "place": "service_bank"}, "R4-02"),
    ("R4", {"channel": "hotline"}, None),
    ("R5", {"channel": "bank_counter"}, "R5-03"),
    ("R5", {"channel": "bank_hall"}, None),
    ("R6", {"channel": "hotline"}, "R6-01"),
    ("R6", {"channel": "counter", "actor": "agent"}, "R6-03"),
    ("V1", {"channel": "sms"}, "V1-02"),
    ("V2", {"channel": "kiosk"}, "V2-02"),
]


@pytest.mark.parametrize(("region", "known", "entry_id"), LOSSES)
def test_a_report_finds_its_rule(
    book: Book, region: str, known: dict[str, Any], entry_id: str | None
) -> None:
    """A5 among them: a terminal in a hospital below class two has no rule."""
    found = book.on(region, DAY).loss(**known)
    assert (found.id if found else None) == entry_id


@pytest.mark.parametrize(
    ("region", "known", "entry_id"),
    [
        ("R1", {}, "R1-07"),
        ("R1", {"reason": "damaged"}, None),
        ("R2", {"actor": "holder"}, "R2-05"),
        ("R2", {"actor": "agent"}, "R2-06"),
        ("R3", {"place": "district_centre", "reason": "damaged"}, "R3-04"),
        ("R3", {"place": "service_point"}, "R3-05"),
        ("R3", {"place": "city_centre"}, None),
        ("R4", {"reason": "demagnetised"}, "R4-03"),
        ("R5", {}, "R5-04"),
        ("R6", {}, "R6-06"),
        ("R6", {"actor": "agent"}, "R6-06"),
        ("R6", {"reason": "old_card_exchange"}, "R6-04"),
        ("V1", {"reason": "stolen"}, "V1-07"),
    ],
)
def test_a_replacement_finds_its_rule(
    book: Book, region: str, known: dict[str, str], entry_id: str | None
) -> None:
    """E11, F1, H2: place, reason and actor lead to the entry."""
    found = book.on(region, DAY).replace(**known)
    assert (found.id if found else None) == entry_id


@pytest.mark.parametrize(
    ("region", "withdraw", "collect"),
    [
        ("R1", "R1-09", "R1-08"),
        ("R1b", "R1b-A1", "R1b-05"),
        ("R2", "R2-A3", "R2-A2"),
        ("R3", "R3-03", "R3-06"),
        ("R4", "R4-A1", "R4-A2"),
        ("R5", "R5-A2", "R5-A1"),
        ("R6", "R6-A1", None),
        ("V1", "V1-06", "V1-08"),
        ("V2", "V2-06", "V2-08"),
    ],
)
def test_withdrawal_and_collection(
    book: Book, region: str, withdraw: str, collect: str | None
) -> None:
    """A14, E7, E14: each region has its way back; R6 hands the card over at once (H9)."""
    law = book.on(region, DAY)
    found, new = law.withdrawal(), law.collect()
    assert found is not None
    assert found.id == withdraw
    assert (new.id if new else None) == collect


def lapse(law: RegionLaw, entry_id: str) -> Entry | None:
    """The lapse rule of a loss rule."""
    return law.lapse(law.entry(entry_id))


def test_a_report_finds_its_end(book: Book) -> None:
    """A7, H7: the end of a pre-loss is one rule for all channels; a formal loss has none."""
    r1, r6 = book.on("R1", DAY), book.on("R6", DAY)
    assert lapse(r1, "R1-04") == r1.entry("R1-05")
    assert lapse(r6, "R6-01") == r6.entry("R6-02")
    assert lapse(r1, "R1-06") is None
    assert lapse(r6, "R6-03") is None
    b = book.on("R1b", DAY)
    assert lapse(b, "R1b-01") == b.entry("R1b-01")


def test_in_r2_and_r3_a_report_does_not_lapse(book: Book) -> None:
    """O2-1: assumed provisional, without an end of its own; there is no instant to tell."""
    for region, entry_id in (("R2", "R2-01"), ("R3", "R3-01")):
        entry = book.on(region, DAY).entry(entry_id)
        assert entry.value("force") == "provisional"
        assert entry.due("lapse_period", AT, book.workdays()) is None
        assert entry.value("lapse_action") == "none"
