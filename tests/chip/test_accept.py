"""What a terminal checks before it goes on, and which applications a card has (card-chip §12.5)."""

from __future__ import annotations

from datetime import date

import pytest

from minka.chip.accept import Accepts, StopList, must_accept
from minka.chip.directory import Entry
from minka.chip.faults import CardFault, CardReason
from minka.chip.reading import applications, open_card
from tests.chip.cards import CODE, NUMBER, slot
from tests.chip.scripted import Scripted

TODAY = date(2024, 6, 1)
INSTITUTION = "915600000299010099010001"


def test_a_card_in_order() -> None:
    """Listed nowhere, of every kind that is taken, within its days."""
    session = open_card(slot())
    must_accept(session, TODAY)
    must_accept(session, TODAY, stops=StopList(frozenset({(bytes(16), NUMBER)}), [("A", "B")]))
    taken = Accepts(frozenset({INSTITUTION}), frozenset({"3"}), frozenset({"3"}))
    must_accept(session, TODAY, accepts=taken)


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2034, 1, 1)])
def test_both_days_are_included(day: date) -> None:
    """The first and the last day are days of the card."""
    must_accept(open_card(slot()), day)


@pytest.mark.parametrize(
    ("day", "stops", "accepts", "reason"),
    [
        (date(2023, 12, 31), None, None, CardReason.NOT_YET_VALID),
        (date(2034, 1, 2), None, None, CardReason.EXPIRED),
        (
            TODAY,
            StopList(frozenset({(bytes.fromhex(CODE), NUMBER)})),
            Accepts(classes=frozenset()),
            CardReason.STOPPED,
        ),
        (TODAY, StopList(ranges=[("M00000010", "M00000028")]), None, CardReason.STOPPED),
        (TODAY, None, Accepts(classes=frozenset({"1"})), CardReason.NOT_ACCEPTED),
        (TODAY, None, Accepts(versions=frozenset({"1", "2"})), CardReason.NOT_ACCEPTED),
        (TODAY, None, Accepts(institutions=frozenset()), CardReason.NOT_ACCEPTED),
    ],
)
def test_the_first_reason(
    day: date, stops: StopList | None, accepts: Accepts | None, reason: CardReason
) -> None:
    """Stopped before kind, kind before days."""
    with pytest.raises(CardFault) as caught:
        must_accept(open_card(slot()), day, stops=stops, accepts=accepts)
    assert caught.value.reason is reason


def test_all_applications_without_a_directory() -> None:
    """A card without a directory file is taken to have every application."""
    names = [found.name for found in applications(open_card(slot()))]
    assert names == ["SSSE", "DF01", "DF02", "DF03", "DF04", "DF07", "DF05", "DF06"]


def test_the_applications_of_a_directory() -> None:
    """With one, it has those that are named there; unnamed ones are left to be tried."""
    session = open_card(slot())
    medical = bytes(Entry(bytes.fromhex("D15600000503"), "社会保险信息区 2")).hex()
    session.connection = script = Scripted(f"00B201F400 -> {medical}9000", "00B202F400 -> 6A83")
    assert [found.name for found in applications(session)] == ["SSSE", "DF04", "DF05", "DF06"]
    script.done()
