"""The virtual cards of the demo city as readers, and a province's services with the bench's keys.

For vendors who try their pages without a reader, a card or a key; refused in production.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext

from minka.chip.connection import CardConnection
from minka.devices.pcsc_reader import Change, Happening, PoweredCard, ReaderFault
from minka.doors import at_reader
from minka.doors.reader.hsm import VaultServices
from minka.doors.reader.settings import ReaderSettings


class DemoCard:
    """A virtual card under power; what was written is kept when it is let go."""

    def __init__(self, reader: str) -> None:
        self._stack = ExitStack()
        self._card: CardConnection = self._stack.enter_context(at_reader.powered(reader))

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        """The card's answer as it came."""
        return self._card.transmit(command)

    def reset(self) -> bytes:
        """A warm reset, and the answer to it."""
        return self._card.reset()

    def transaction(self) -> AbstractContextManager[None]:
        """The card is held all the time."""
        return nullcontext()

    def close(self) -> None:
        """Power off; a second time does nothing."""
        self._stack.close()


class DemoReaders:
    """One reader for each virtual card, with the card in it."""

    def __init__(self) -> None:
        self._over = threading.Event()
        if not self.names():
            raise ReaderFault("示例城市还没有虚拟卡 · the demo city has no virtual card yet")

    def names(self) -> tuple[str, ...]:
        """The readers."""
        seen = (each.name for each in at_reader.seen())
        return tuple(name for name in seen if name.startswith(at_reader.VIRTUAL))

    def present(self, reader: str) -> bool:
        """Whether there is such a card."""
        return reader in self.names()

    def connect(self, reader: str) -> PoweredCard:
        """The card, powered."""
        return DemoCard(reader)

    def changes(self) -> Iterator[Change]:
        """Every card as it is there; nothing happens after."""
        for name in self.names():
            yield Change(name, Happening.ATTACHED)
            yield Change(name, Happening.INSERTED)
        self._over.wait()

    def close(self) -> None:
        """Ends ``changes``."""
        self._over.set()


def demo_services(settings: ReaderSettings) -> VaultServices:
    """What the province of the demo city answers: the vault is the bench's own."""
    vault = importlib.import_module("minka.bench.chip_vault").BenchVault()
    return VaultServices(vault, settings)
