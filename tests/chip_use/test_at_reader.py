"""A PC/SC reader is used by its name, through the same commands as a virtual one (J4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from minka.bench import chip_city
from minka.bench.card_slot import Slot
from minka.desk.office import Office
from minka.devices.pcsc_reader import Change, NoCard, ReaderGone
from minka.doors import at_reader, settings
from minka.doors.settings import Settings
from tests.chip_use.cards import Bearer, bearer, with_vault


class Powered(Slot):
    """A virtual card as a PC/SC reader holds it."""

    closed = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nobody else speaks with the card."""
        yield

    def close(self) -> None:
        """Power off."""
        self.closed += 1


class TwoReaders:
    """Two readers, a card in the second."""

    def __init__(self, card: Powered) -> None:
        self.card = card

    def names(self) -> tuple[str, ...]:
        """See ``Readers``."""
        return ("Empty 00 00", "Full 00 01")

    def present(self, reader: str) -> bool:
        """See ``Readers``."""
        return reader.startswith("Full")

    def connect(self, reader: str) -> Powered:
        """See ``Readers``."""
        assert reader == "Full 00 01"
        return self.card

    def changes(self) -> Iterator[Change]:
        """See ``Readers``."""
        return iter(())

    def close(self) -> None:
        """See ``Readers``."""


@pytest.fixture
def card(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Bearer, Powered]:
    """A card in the second of two readers."""
    someone = bearer(office)
    held = Powered(someone.slot.card)
    monkeypatch.setattr(at_reader, "readers", lambda: TwoReaders(held))
    monkeypatch.setattr(at_reader, "office", lambda: with_vault(office))
    monkeypatch.setattr(settings, "current", lambda: Settings(home=tmp_path))
    return someone, held


@pytest.mark.parametrize("name", ["", "Full", "Full 00 01"])
def test_a_reader_is_found_by_its_name(card: tuple[Bearer, Powered], name: str) -> None:
    """By all of its name, a part of it, or because the card lies in it; and it is let go again."""
    with at_reader.powered(name) as held:
        assert held.atr == card[1].atr
    assert card[1].closed == 1


def test_readers_and_their_cards_are_listed(card: tuple[Bearer, Powered]) -> None:
    """Every reader, with or without a card."""
    assert card
    found = [(each.name, each.holds_card) for each in at_reader.seen()]
    assert found == [("Empty 00 00", False), ("Full 00 01", True)]


@pytest.mark.parametrize(
    ("name", "fault"), [("Empty", NoCard), ("Nowhere", ReaderGone), ("virtual:1", NoCard)]
)
def test_what_is_not_there_says_so(
    card: tuple[Bearer, Powered], name: str, fault: type[Exception]
) -> None:
    """An empty reader, an unknown one, a virtual card nobody made."""
    assert card
    with pytest.raises(fault), at_reader.powered(name):
        pass


def test_a_virtual_card_keeps_what_was_written(office: Office, tmp_path: Path) -> None:
    """Its file is the card: what was written is there the next time, private to its owner."""
    someone = bearer(office)
    folder = tmp_path / chip_city.FOLDER
    folder.mkdir()
    path = folder / f"{someone.card.card_number}.card"
    chip_city.keep_image(path, bytes(someone.slot.card.memory.cells))
    assert path.stat().st_mode & 0o077 == 0
    for pin, sw in (("123456", "9000"), ("123456", "63C5")):
        with chip_city.powered(tmp_path, "1") as slot:
            assert slot.transmit(bytes.fromhex(f"0020000003{pin}")).hex().upper() == sw
            slot.transmit(bytes.fromhex("805E010007123456FF654321"))
    with pytest.raises(chip_city.NoSuchVirtualCard), chip_city.powered(tmp_path, "2"):
        pass
