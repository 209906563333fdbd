"""Readers of several kinds as one: those of PC/SC, and virtual ones beside them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from minka.devices.pcsc_reader import Change, PoweredCard, ReaderGone, Readers

LOOK_AGAIN_S = 0.5


class SeveralReaders:
    """Each reader belongs to the kind that names it; a kind whose daemon is gone has none."""

    def __init__(self, kinds: Sequence[Readers]) -> None:
        self._kinds = tuple(kinds)
        self._closed = threading.Event()

    def names(self) -> tuple[str, ...]:
        """The readers of every kind; ``ReaderGone`` when no kind answers at all."""
        found: list[str] = []
        gone: ReaderGone | None = None
        for kind in self._kinds:
            try:
                found += kind.names()
            except ReaderGone as why:
                gone = why
        if gone is not None and not found:
            raise gone
        return tuple(found)

    def present(self, reader: str) -> bool:
        """Whether a card is in a reader."""
        return self._kind(reader).present(reader)

    def connect(self, reader: str) -> PoweredCard:
        """The card in a reader, powered."""
        return self._kind(reader).connect(reader)

    def _kind(self, reader: str) -> Readers:
        for kind in self._kinds:
            try:
                if reader in kind.names():
                    return kind
            except ReaderGone:
                continue
        raise ReaderGone(f"no reader named {reader}")

    def changes(self) -> Iterator[Change]:
        """What happens at the readers of every kind."""
        told: SimpleQueue[Change] = SimpleQueue()
        for kind in self._kinds:
            threading.Thread(target=_pass_on, args=(kind, told), daemon=True).start()
        while not self._closed.is_set():
            try:
                yield told.get(timeout=LOOK_AGAIN_S)
            except Empty:
                continue

    def close(self) -> None:
        """Ends ``changes`` of every kind."""
        self._closed.set()
        for kind in self._kinds:
            kind.close()


def _pass_on(kind: Readers, told: SimpleQueue[Change]) -> None:
    for change in kind.changes():
        told.put(change)
