"""The real pcscd with virtual readers: the service over it, from the command line (J4, J2, I5).

PC/SC keeps one daemon's address for the life of a process, so what speaks with the daemon is a
process of its own: `minka reader serve` itself, and a few lines for what it does not show.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from minka.bench.card_slot import Slot
from minka.bench.pcscd import Pcscd
from minka.bench.psam_maker import Terminal as SamTerminal
from minka.bench.psam_maker import sam_cells, sam_from
from minka.bench.vpcd import VirtualReader
from minka.devices.pcsc_reader import NotInstalled
from minka.doors.reader.hsm import VaultServices, Who
from minka.doors.reader.settings import ReaderSettings
from tests.card.world import AREA, HISTORICAL, new_card
from tests.reader.command import MINKA, PATIENCE_S, serving, socket
from tests.reader.serving import ask, hear, say
from tests.reader.world import BASIC, WHICH, BenchVault


@pytest.fixture(scope="module")
def daemon() -> Iterator[Pcscd]:
    """A pcscd of this module's own; ``NoPcscd`` says what is missing, and fails the tests."""
    with Pcscd() as running:
        yield running


def environment(daemon: Pcscd) -> Mapping[str, str]:
    """Where a program finds the daemon."""
    return daemon.environment()


def until(line: ClientConnection, event: str) -> Any:
    """The next event of a kind."""
    while (found := hear(line)).get("event") != event:
        pass
    return found


def test_a_session_through_the_real_pcscd(daemon: Pcscd) -> None:
    """J4, I5: insertion told, card listed and read with the province's services, removal told."""
    with serving([], environment(daemon)) as at, socket(at["own"]) as line:
        assert say(line, act="watch")["ok"]
        card = VirtualReader(Slot(new_card()), daemon.port)
        card.insert()
        told = until(line, "inserted")
        listed = say(line, act="list")["readers"]
        assert listed[0] == {"name": told["reader"], "card": True}
        assert listed[1]["card"] is False
        _read_with_services(at["function"])
        card.remove()
        assert until(line, "removed")["reader"] == told["reader"]
        assert say(line, act="call", function="iGetCardType", arguments=["3"])["code"] == -2


def _read_with_services(address: str) -> None:
    settings = ReaderSettings(terminal_without_sam="990100000001")
    services = VaultServices(BenchVault(), settings)
    with socket(address) as line:
        first = say(line, func="iReadCardBas_HSM_Step1", **{"in": ["3"]})["out"][0]
        key = services.internal(first)
        read = say(line, func="iReadCardBas_HSM_Step2", **{"in": [key]})["out"][0]
        assert read.split("|")[:9] == BASIC.split("|")[:9]
        who = Who(AREA, HISTORICAL.hex())
        step = ["3", WHICH, "DF01EF06|23|24|$"]
        first = say(line, func="iWriteCard_HSM_Step1", **{"in": step})["out"][0]
        data = "DF01EF06|示例市幸福路１号|990100|$"
        key = services.external(who, first)
        assert say(line, func="iWriteCard_HSM_Step2", **{"in": [key, data]})["ret"] == 0
        first = say(line, func="iReadCard_HSM_Step1", **{"in": step})["out"][0]
        key = services.external(who, first)
        assert say(line, func="iReadCard_HSM_Step2", **{"in": [key]})["out"] == [data]


def test_a_pin_is_changed_and_a_purchase_made_with_the_module(daemon: Pcscd) -> None:
    """J4: card and PSAM in two readers of pcscd; bizcode changes the PIN, a page enters it."""
    sam = sam_from(sam_cells(SamTerminal()))
    with (
        VirtualReader(Slot(new_card()), daemon.port),
        VirtualReader(Slot(sam), daemon.port + 1),
        serving(["--sam", _second(daemon)], environment(daemon)) as at,
        socket(at["bizcode"]) as biz,
        socket(at["own"]) as pad,
        socket(at["function"]) as line,
    ):
        body = {"pOldPIN": "123456", "pNewPIN": "654321"}
        assert say(biz, bizcode="1012", body=body)["recode"] == "0"
        assert say(pad, act="pad")["ok"]
        pay = "10.00|5.00|20240102030405|"
        line.send(json.dumps({"func": "iDoDebit", "in": ["3", WHICH, pay]}))
        pad.send(json.dumps({"act": "pin", "id": hear(pad)["ask"], "pin": "654321"}))
        done = hear(line)
        assert done["ret"] == 0
        assert done["out"][0].split("|")[2:7] == [
            "990100000001",
            "20240102030405",
            "0",
            "1000",
            "500",
        ]


def _second(daemon: Pcscd) -> str:
    """The name of the second reader, from the command that lists them."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        words = [*MINKA, "reader", "list", "--json"]
        listed = subprocess.run(
            words, check=True, capture_output=True, text=True, env=environment(daemon)
        )
        found = json.loads(listed.stdout)
        if [each["card"] for each in found] == [True, True]:
            return str(found[1]["name"])
    raise AssertionError("the cards were not noticed")


CHILD = """
import sys, threading
from minka.devices.pcsc import PcscReaders
from minka.devices.pcsc_reader import NoCard, ReaderGone

readers = PcscReaders()
first, second = readers.names()
try:
    readers.connect(second)
except NoCard:
    print("empty")
try:
    readers.connect("Nobody 00")
except ReaderGone:
    print("unknown")
card = readers.connect(first)
print(card.atr.hex())
print(card.reset().hex())
print(card.transmit(bytes.fromhex("0020000003123456")).hex())
order = []

def other():
    found = readers.connect(first)
    order.append("other")
    found.transmit(bytes.fromhex("0084000008"))
    found.close()

waiting = threading.Thread(target=other)
waiting.start()
waiting.join(1)
for _ in range(20):
    assert card.transmit(bytes.fromhex("0084000008"))[-2:].hex() == "9000"
order.append("ours")
card.close()
card.close()
waiting.join(10)
print(*order)
print("pull", flush=True)
sys.stdin.readline()
try:
    readers.connect(first)
except NoCard:
    print("removed")
"""


def test_what_a_connection_says(daemon: Pcscd) -> None:
    """J4: empty slot, unknown reader, warm reset, nobody between, a removed card."""
    card = VirtualReader(Slot(new_card()), daemon.port)
    card.insert()
    _second_free(daemon)
    words = [sys.executable, "-c", CHILD]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(daemon)
    ) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(7)]
        card.remove()
        time.sleep(1)
        rest, _ = child.communicate("\n")
    atr = "3b6d0000" + HISTORICAL.hex()
    assert said == ["empty", "unknown", atr, atr, "9000", "ours other", "pull"]
    assert rest.split() == ["removed"]


def _second_free(daemon: Pcscd) -> None:
    """Waits until the daemon has noticed the one card."""
    end = time.monotonic() + PATIENCE_S
    words = [*MINKA, "reader", "list", "--json"]
    while time.monotonic() < end:
        listed = subprocess.run(
            words, check=True, capture_output=True, text=True, env=environment(daemon)
        )
        if [each["card"] for each in json.loads(listed.stdout)] == [True, False]:
            return
    raise AssertionError("the card was not noticed")


def test_a_daemon_that_ends_is_told() -> None:
    """J4: its readers are detached, a function finds no reader (-11), the service goes on."""
    with Pcscd() as own:
        told = environment(own)
        with serving([], told) as at, socket(at["own"]) as line:
            ask(line, act="watch")
            assert ask(line, act="list")["ok"]
            own.__exit__(None, None, None)
            until(line, "detached")
            found = ask(line, act="call", function="iGetCardType", arguments=["3"])
            assert found["code"] == -11


def test_without_pyscard_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """J4: the reader part is an extra; nothing fails at import."""
    from minka.devices import pcsc

    monkeypatch.setitem(sys.modules, "smartcard", None)
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    assert not pcsc.is_installed()
    with pytest.raises(NotInstalled, match=r"minka\[reader\]"):
        pcsc.PcscReaders()


def test_virtual_readers_serve_where_pcscd_is_not() -> None:
    """J4: `--virtual NAME=PORT` gives a demo a reader; a card calls there and is read."""
    own = {"PCSCLITE_CSOCK_NAME": "/nowhere", "PATH": ""}
    port = free_port()
    with (
        serving(["--virtual", f"Desk={port}"], own) as at,
        socket(at["own"]) as line,
        VirtualReader(Slot(new_card()), port),
    ):
        ask(line, act="watch")
        end = time.monotonic() + PATIENCE_S
        while ask(line, act="list")["readers"] != [{"name": "Desk", "card": True}]:
            assert time.monotonic() < end
        said = ask(line, act="call", function="iGetCardType", arguments=["3"], clear=True)
        assert said["out"] == "3.00|03|"


def free_port() -> int:
    """A port that is free now."""
    import socket as sockets

    with sockets.create_server(("127.0.0.1", 0)) as ear:
        port: int = ear.getsockname()[1]
        return port
