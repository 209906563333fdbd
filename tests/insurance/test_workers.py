"""A switch of several processes on one port: what one knows all know, and none outlives the first.

Mission G1, safety P6 (one key, one effect, one answer), T8 (a replayed message).
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from minka.bench import load_city, settle_switch
from minka.bench.load import answer_end
from minka.bench.load_city import Town
from minka.bench.load_messages import Message, Till, first_second, make
from minka.bench.meter import children
from minka.bench.scratch import scratch_cluster
from minka.cipher.field import SoftFieldKeys
from minka.client.identity import Identity
from minka.doors.insurance.shared import SPAN_S, Full, Shared, memory
from minka.kit.clock import wall

TOWN = Town(people=500, bills=2000)
WORKERS = 3


@dataclass(frozen=True)
class Hall:
    """A switch with workers and its hospitals."""

    switch: settle_switch.Switch
    sign_in: Callable[[], list[Till]]
    messages: list[Message]


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    """Three workers over a small town."""
    secret, identity = secrets.token_bytes(32), Identity.new()
    with scratch_cluster() as cluster:
        hospitals = load_city.found(
            cluster.url(), SoftFieldKeys(secret), TOWN, public_key=identity.public_key
        )
        with settle_switch.switch(cluster.url(), secret, workers=WORKERS) as running:

            def sign_in() -> list[Till]:
                return settle_switch.sign_in(running.url, hospitals, identity, load_city.SECRET)

            tills = sign_in()
            made = make(tills, TOWN, range(1, 1500), first=first_second(wall()))
            yield Hall(running, sign_in, made)


def _ask(port: int, raw: bytes) -> tuple[int, dict[str, object]]:
    """One message on a connection of its own, which the kernel gives to any worker."""
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.settimeout(10)
        wire.sendall(raw)
        came = b""
        while not answer_end(came, 0):
            more = wire.recv(65536)
            assert more, came
            came += more
    return int(came.split(b" ", 2)[1]), json.loads(came.partition(b"\r\n\r\n")[2])


def _workers(hall: Hall) -> list[int]:
    return children(hall.switch.process.pid)


def test_a_session_begun_at_one_worker_is_known_to_all(hall: Hall) -> None:
    """K1, P6: whichever worker a connection falls to, the message is settled."""
    tills = hall.sign_in()
    messages = make(tills, TOWN, range(1500, 1560), first=first_second(wall()))
    came = [_ask(hall.switch.port, each.raw) for each in messages]
    assert {status for status, _ in came} == {200}
    assert sum(said["infcode"] == 0 for _, said in came) > 50  # a few people hold a lost card
    assert len({str(said["inf_refmsgid"]) for _, said in came}) == len(came)


def test_a_nonce_passes_once_at_all_workers_together(hall: Hall) -> None:
    """T8: one delivery on forty connections is taken by one worker and refused by the rest."""
    for message in hall.messages[:5]:
        statuses = [_ask(hall.switch.port, message.raw)[0] for _ in range(40)]
        assert sorted(statuses) == [200] + [401] * 39


def test_one_key_has_one_answer_at_every_worker(hall: Hall) -> None:
    """P6: under new nonces the same message gets the same settlement, wherever it falls."""
    bill = hall.messages[100].bill
    first = first_second(wall())
    tills = hall.sign_in()
    said = []
    for _ in range(30):
        again = next(m for m in make(tills, TOWN, [bill], first=first) if m.bill == bill)
        status, answer = _ask(hall.switch.port, again.raw)
        assert status == 200
        said.append(answer["output"]["setlinfo"]["setl_id"])  # type: ignore[index]
    assert len(set(said)) == 1


def test_a_worker_that_dies_is_started_again(hall: Hall) -> None:
    """The others go on meanwhile, and none of the messages is answered wrongly."""
    before = _workers(hall)
    assert len(before) == WORKERS - 1
    os.kill(before[0], signal.SIGKILL)
    until = time.monotonic() + 30
    while time.monotonic() < until and (
        len(_workers(hall)) < WORKERS - 1 or before[0] in _workers(hall)
    ):
        time.sleep(0.1)
    assert len(_workers(hall)) == WORKERS - 1
    assert before[0] not in _workers(hall)
    assert {_ask(hall.switch.port, each.raw)[0] for each in hall.messages[200:240]} == {200}


def test_no_worker_outlives_the_first(hall: Hall) -> None:
    """The last test of this module: it ends the switch."""
    orphans = _workers(hall)
    assert orphans
    hall.switch.process.kill()
    hall.switch.process.wait()
    until = time.monotonic() + 5
    while time.monotonic() < until and any(map(_lives, orphans)):
        time.sleep(0.05)
    assert not [pid for pid in orphans if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _nonce(number: int) -> str:
    return f"{number:032x}"


def test_nonces_are_kept_for_a_whole_span_and_then_let_go() -> None:
    """T8: refused while its time could still pass the gate; the memory does not grow for ever."""
    fd = memory(2, 512)
    one, two = (Shared(fd, me=me, workers=2, slots=512) for me in (0, 1))
    start = 1_000 * SPAN_S
    assert one.take(_nonce(1), start)
    assert not two.take(_nonce(1), start)
    assert not one.take(_nonce(1), start)
    assert not two.take(_nonce(1), start + SPAN_S)
    assert not one.take(_nonce(1), start + SPAN_S - 1)
    assert two.take(_nonce(2), start + SPAN_S)
    for span in range(2, 50):
        assert all(one.take(_nonce(1000 * span + n), start + span * SPAN_S) for n in range(400))
    os.close(fd)


def test_a_full_memory_says_so_instead_of_forgetting() -> None:
    """T8: what could not be remembered is not taken."""
    fd = memory(1, 512)
    only = Shared(fd, slots=512)
    assert all(only.take(_nonce(number), SPAN_S) for number in range(1, 411))
    again = Shared(fd, slots=512)  # a worker that was started again counts what it left
    for each in (only, again):
        with pytest.raises(Full):
            each.take(_nonce(411), SPAN_S)
    assert only.take(_nonce(999), 2 * SPAN_S)
    os.close(fd)


def test_a_change_at_one_worker_is_seen_by_all() -> None:
    """Two workers that change at once are both counted."""
    fd = memory(2, 512)
    one, two = (Shared(fd, me=me, workers=2, slots=512) for me in (0, 1))
    before = one.turn()
    one.changed()
    two.changed()
    assert one.turn() == two.turn() == before + 2
    os.close(fd)
