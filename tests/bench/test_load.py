"""The load generator itself: what it sends is well sealed, what it counts is what came (K8)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.cmac import CMAC

from minka.bench import load_city
from minka.bench.load import BUSY, OTHER, REFUSED, SETTLED, Order, drive, load
from minka.bench.load_city import Town
from minka.bench.load_messages import LATER, TWICE_EVERY, Till, first_second, make, msg_no

TOWN = Town(people=1_000, bills=1_000, blocked_e4=50)
KEY = b"k" * 16


@dataclass
class Platform:
    """A platform that proves every message and answers from the card alone."""

    port: int = 0
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seal_with: bytes = KEY

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, in order."""
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            named = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            body = await reader.readexactly(int(named["content-length"]))
            writer.write(self.answer(named, body))

    def answer(self, named: dict[str, str], body: bytes) -> bytes:
        """One answer, sealed."""
        stamp, nonce = named["x-tif-timestamp"], named["x-tif-nonce"]
        expected = hashlib.sha256(f"{stamp}secret{nonce}{stamp}".encode()).hexdigest()
        if named["x-tif-signature"] != expected or named["x-minka-mac"] != seal(
            KEY, stamp, nonce, body
        ):
            self.wrong.append(named["x-tif-nonce"])
        message = json.loads(body)
        self.seen.append(message["msgid"])
        person = int(message["input"]["data"]["psn_no"])
        code = -1 if load_city.is_blocked(person, TOWN) else 0
        said = json.dumps({"infcode": code}, separators=(",", ":")).encode()
        mac = seal(self.seal_with, stamp, nonce, said)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\nx-tif-timestamp: {stamp}\r\n"
        return f"{head}x-minka-mac: {mac}\r\n\r\n".encode() + said


def seal(key: bytes, stamp: str, nonce: str, body: bytes) -> str:
    """SM4-CMAC over time, nonce and body."""
    mac = CMAC(SM4(key))
    mac.update(f"{stamp}\n{nonce}\n".encode() + body)
    return mac.finalize().hex()


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform in a thread of its own."""
    made, loop, ready = Platform(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    yield made
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def tills() -> list[Till]:
    """A session at each hospital of the town."""
    return [
        Till(each.provider_no, each.fixmedins_code, "p", "secret", f"S{each.provider_no}", KEY)
        for each in load_city.hospitals_of(TOWN)
    ]


def order(platform: Platform, bills: int, **more: int) -> Order:
    """A run of so many bills against the platform."""
    first = first_second(datetime.now(UTC))
    return Order("127.0.0.1", platform.port, tills(), TOWN, range(bills), first, **more)


def test_every_message_is_sealed_and_answered(platform: Platform) -> None:
    """A closed loop with messages under way; what comes twice has one key (T9)."""
    tally = drive(order(platform, 400, connections=4, depth=8))
    assert platform.wrong == []
    assert len(tally.came) == 400 + 4 == len(platform.seen)
    assert len(set(platform.seen)) == 400
    assert (tally.count(BUSY), tally.count(OTHER), tally.broken) == (0, 0, 0)
    assert tally.count(REFUSED) == sum(
        load_city.is_blocked(load_city.holder_of(bill, TOWN), TOWN) for bill in tally.bills
    )
    assert tally.proved > 3
    assert tally.forged == 0
    assert tally.count(SETTLED) == len(tally.came) - tally.count(REFUSED) > 300


def test_an_open_loop_keeps_its_own_time(platform: Platform) -> None:
    """Messages leave when they are due, and a late answer counts from then."""
    tally = drive(order(platform, 300, connections=4, per_s=600))
    assert 400 < tally.nanoseconds // 10**6 < 5_000
    assert tally.answered == 303
    assert min(tally.latencies()) >= 0


def test_an_answer_without_the_seal_is_noticed(platform: Platform) -> None:
    """The sample proves answers; a platform with another key is found out."""
    platform.seal_with = b"z" * 16
    tally = drive(order(platform, 130, connections=2))
    assert (tally.proved, tally.forged > 1) == (0, True)


def test_it_stops_when_told(platform: Platform) -> None:
    """So a run lasts so many seconds and what was not sent is not counted."""
    tally = drive(order(platform, 1_000, connections=1, per_s=300, stop_after_s=1))
    assert 200 < len(tally.came) < 500
    assert tally.answered == len(tally.came)


def test_the_load_runs_beside(platform: Platform) -> None:
    """In a process of its own, which begins when told."""
    with load(order(platform, 100, connections=2)) as running:
        time.sleep(0.2)
        assert platform.seen == []
        running.go()
        assert running.result().answered == 101


def test_keys_are_unique_and_in_the_order_of_time() -> None:
    """A hospital's keys rise with time; no two bills of one hospital share one."""
    first = first_second(datetime(2026, 5, 4, 12, tzinfo=UTC))
    keys = [(msg_no(bill, first), load_city.provider_of(bill, TOWN)) for bill in range(200_000)]
    assert len(set(keys)) == 200_000
    assert [key for key, _ in keys] == sorted(key for key, _ in keys)
    assert str(keys[0][0]).startswith("20260504195955")


def test_one_in_a_hundred_comes_twice() -> None:
    """The second time with another nonce, after others."""
    first = first_second(datetime.now(UTC))
    made = make(tills(), TOWN, range(3 * TWICE_EVERY), first=first)
    places = [place for place, message in enumerate(made) if message.bill == TWICE_EVERY]
    assert len(places) == 2
    assert places[1] - places[0] >= LATER
    assert len({message.nonce for message in made}) == len(made) == 303
