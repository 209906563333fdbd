"""A card in a reader of this machine, as the command line and the counter's page open it.

| reader | what |
|---|---|
| a name | a PC/SC reader of that name (or whose name holds it) |
| empty | the one PC/SC reader in which a card lies |
| virtual:ID | a virtual card of the demo city, with the bench's own keys; never in production |
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from minka.chip.connection import CardConnection
from minka.desk.office import Office
from minka.devices.pcsc import PcscReaders
from minka.devices.pcsc_reader import NoCard, NotInstalled, ReaderFault, ReaderGone, Readers
from minka.doors import settings as surroundings
from minka.doors.office import office

VIRTUAL = "virtual:"


@dataclass(frozen=True, slots=True)
class Seen:
    """A reader and whether a card lies in it."""

    name: str
    holds_card: bool


class NoVirtualCards(ReaderFault):
    """Virtual cards are for demonstrations."""


def readers() -> Readers:
    """The PC/SC readers; ``NotInstalled`` or ``ReaderGone`` when there is no way to them."""
    return PcscReaders()


def seen() -> list[Seen]:
    """Every reader there is: those of PC/SC, then the virtual ones."""
    found: list[Seen] = []
    try:
        real = readers()
        found = [Seen(name, real.present(name)) for name in real.names()]
    except (NotInstalled, ReaderGone):
        pass
    if not surroundings.current().production:
        numbers = _city().virtual_cards(surroundings.current().home)
        found += [Seen(f"{VIRTUAL}{place}", True) for place, _ in enumerate(numbers, start=1)]
    return found


@contextmanager
def powered(reader: str) -> Iterator[CardConnection]:
    """The card in a reader, under power until the block is left; ``ReaderFault`` without one."""
    if reader.startswith(VIRTUAL):
        with _virtual(reader.removeprefix(VIRTUAL)) as slot:
            yield slot
        return
    real = readers()
    with closing(real.connect(_chosen(real, reader))) as card, card.transaction():
        yield card


def office_at(reader: str) -> Office:
    """The office for a reader: a virtual card's keys are the bench's, a real one's the vault's."""
    if not reader.startswith(VIRTUAL):
        return office()
    vault = _bench("chip_vault").BenchVault()
    return replace(office(), vault=lambda: vault)


def _chosen(real: Readers, reader: str) -> str:
    names = real.names()
    fitting = [name for name in names if reader in name] if reader else list(names)
    if reader and not fitting:
        raise ReaderGone(reader)
    held = [name for name in fitting if real.present(name)]
    if not held:
        raise NoCard(reader)
    return reader if reader in held else held[0]


@contextmanager
def _virtual(name: str) -> Iterator[CardConnection]:
    city = _city()
    try:
        with city.powered(surroundings.current().home, name) as slot:
            yield slot
    except city.NoSuchVirtualCard:
        raise NoCard(f"{VIRTUAL}{name}") from None


def _city() -> Any:
    if surroundings.current().production:
        raise NoVirtualCards("MINKA_PRODUCTION")
    return _bench("chip_city")


def _bench(name: str) -> Any:
    """A module of the bench, by its name: no floor below the bench may import it."""
    return importlib.import_module(f"minka.bench.{name}")
