"""A virtual reader without pcscd: a card calls, is read, pulled and put in again (J4)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from minka.bench.card_slot import Slot
from minka.bench.vpcd import VirtualReader
from minka.chip.connection import CardGone
from minka.cipher.card_key import Algorithm
from minka.devices.pcsc_loopback import LoopbackReaders
from minka.devices.pcsc_reader import CardBusy, Change, Happening, MuteCard, NoCard, ReaderGone
from minka.doors.reader.driver import Driver
from minka.doors.reader.pinpad import NoPad
from minka.doors.reader.settings import ReaderSettings
from minka.doors.reader.terminal import Terminal
from tests.card.world import new_card, session

READER = "Virtual 00"


@pytest.fixture
def readers() -> Iterator[LoopbackReaders]:
    """One virtual reader at a free port."""
    found = LoopbackReaders({READER: 0})
    yield found
    found.close()


def until(readers: LoopbackReaders, *, there: int) -> None:
    """Waits for a card to be noticed in the reader, or out of it."""
    end = time.monotonic() + 10
    while readers.present(READER) != bool(there):
        assert time.monotonic() < end, "nothing was noticed"
        time.sleep(0.01)


def test_the_golden_session_through_the_port(readers: LoopbackReaders) -> None:
    """J4: the same bytes as in process, thirty-three commands."""
    card = new_card()
    with VirtualReader(Slot(card), readers.port(READER)):
        until(readers, there=1)
        powered = readers.connect(READER)
        assert powered.atr == card.atr
        for step in session(Algorithm.SM4):
            assert powered.transmit(step.command) == step.answer, step.what
        assert powered.reset() == card.atr
        assert powered.transmit(bytes.fromhex("00B2080014")) != b"\x90\x00"
        powered.close()
        powered.close()


def test_power_goes_between_two_connections(readers: LoopbackReaders) -> None:
    """K3: what was shown on one connection is gone on the next."""
    with VirtualReader(Slot(new_card()), readers.port(READER)):
        until(readers, there=1)
        first = readers.connect(READER)
        first.transmit(bytes.fromhex("0020000003123456"))
        with pytest.raises(CardBusy):
            readers.connect(READER)
        first.close()
        second = readers.connect(READER)
        second.transmit(bytes.fromhex("00A4000002DF04"))
        second.transmit(bytes.fromhex("00A4020002EF08"))
        assert second.transmit(bytes.fromhex("00B2010400"))[-2:] == b"\x69\x82"
        second.close()


def test_comings_and_goings_are_told(readers: LoopbackReaders) -> None:
    """J4: attached, inserted with its answer to reset, removed, inserted again."""
    seen: list[Change] = []
    listener = threading.Thread(target=lambda: seen.extend(islice(readers.changes(), 4)))
    listener.start()
    card = VirtualReader(Slot(new_card()), readers.port(READER))
    card.insert()
    until(readers, there=1)
    powered = readers.connect(READER)
    powered.close()
    card.remove()
    until(readers, there=0)
    with pytest.raises(NoCard):
        readers.connect(READER)
    card.insert()
    listener.join(10)
    card.remove()
    happened = [change.happening for change in seen]
    assert happened == [
        Happening.ATTACHED,
        Happening.INSERTED,
        Happening.REMOVED,
        Happening.INSERTED,
    ]
    assert seen[1].atr == new_card().atr


def test_a_card_pulled_in_the_middle_is_gone(readers: LoopbackReaders) -> None:
    """J4: the command fails as on a real reader, and a new card works after it."""
    slot = Slot(new_card())
    card = VirtualReader(slot, readers.port(READER))
    card.insert()
    until(readers, there=1)
    powered = readers.connect(READER)
    slot.faults.pull_before(1)
    powered.transmit(bytes.fromhex("0084000008"))
    with pytest.raises(CardGone):
        powered.transmit(bytes.fromhex("0084000008"))
    powered.close()
    card.remove()
    until(readers, there=0)
    with VirtualReader(Slot(new_card()), readers.port(READER)):
        until(readers, there=1)
        driver = Driver(Terminal(ReaderSettings(), readers, NoPad()))
        assert driver.call("iGetCardType", "3").out == "3.00|03|"


def test_what_calls_and_is_no_card(readers: LoopbackReaders) -> None:
    """J4: a caller without an answer to reset is mute; the reader serves the next one."""
    with socket.create_connection(("127.0.0.1", readers.port(READER))) as line:
        threading.Thread(target=line.sendall, args=(b"\0\0" * 2,)).start()
        until(readers, there=1)
        with pytest.raises(MuteCard):
            readers.connect(READER)
    until(readers, there=0)
    with VirtualReader(Slot(new_card()), readers.port(READER)):
        until(readers, there=1)
        readers.connect(READER).close()


def test_unknown_readers_and_taken_ports(readers: LoopbackReaders) -> None:
    """J4: a name nobody has and a port somebody has are both no reader."""
    with pytest.raises(ReaderGone):
        readers.connect("Nobody")
    with pytest.raises(ReaderGone):
        LoopbackReaders({"Second": readers.port(READER)})
    readers.close()
    with pytest.raises(ReaderGone):
        readers.connect(READER)
