"""The outbound log: written before it leaves, one id once, one bill once (I9, X1)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from minka.cipher.field import SoftFieldKeys
from minka.client.figures import Settled
from minka.client.log import Booking, Draft, OutboundLog, State
from minka.kit.clock import CHINA
from minka.kit.fen import Fen

KEYS = SoftFieldKeys(b"the outbound log's secret of the tests")
CODE = "H99010000001"
BUSY = timedelta(seconds=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=CHINA)

WRITER = """
import sys
from datetime import timedelta
from minka.cipher.field import SoftFieldKeys
from minka.client.log import Draft, OutboundLog
log = OutboundLog(sys.argv[1], SoftFieldKeys(b"the outbound log's secret of the tests"))
for _ in range(200):
    sent, _ = log.write(Draft("2207", lambda m, n: b"{}"), "H99010000001", timedelta(seconds=1))
    print(sent.msgid)
"""


def draft(bill: str = "", infno: str = "2207", undoes: str = "") -> Draft:
    """A message that repeats its own id."""
    return Draft(infno, lambda msgid, _: json.dumps({"msgid": msgid}).encode(), "P1", bill, undoes)


def test_two_processes_and_four_threads_never_share_an_id(tmp_path: Path) -> None:
    """10 000 numbers a second, safe across threads and processes (section 1.5)."""
    path = tmp_path / "log.db"
    log = OutboundLog(path, KEYS)
    others = [
        subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ours: list[str] = []

    def write() -> None:
        ours.extend(log.write(draft(), CODE, BUSY)[0].msgid for _ in range(100))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    theirs = [line for other in others for line in other.communicate(timeout=60)[0].split()]
    assert len(ours + theirs) == 800
    assert len(set(ours + theirs)) == 800
    assert all(len(msgid) == 30 and msgid.startswith(CODE) for msgid in ours + theirs)


def test_the_sequence_goes_over_into_the_next_second() -> None:
    """A second has its share of numbers, no more."""
    log = OutboundLog(":memory:", KEYS, clock=lambda: NOON, share=(40, 42))
    ids = [log.write(draft(), CODE, BUSY)[0].msgid[12:] for _ in range(4)]
    assert ids == [
        *("202603011200000040", "202603011200000041", "202603011200000042"),
        "202603011200010040",
    ]


def test_a_clock_set_back_gives_no_id_twice() -> None:
    """The last number given is remembered, not the time."""
    clock = [NOON]
    log = OutboundLog(":memory:", KEYS, clock=lambda: clock[0])
    first = log.write(draft(), CODE, BUSY)[0].msgid
    clock[0] -= timedelta(hours=1)
    assert log.write(draft(), CODE, BUSY)[0].msgid > first


def test_the_file_holds_nothing_clear(tmp_path: Path) -> None:
    """Requests hold names and numbers of patients; a stolen file tells none (P13)."""
    path = tmp_path / "log.db"
    log = OutboundLog(path, KEYS)
    secret = "张样例 11990119810101"
    sent, _ = log.write(Draft("1101", lambda *_: secret.encode()), CODE, BUSY)
    log.end(sent.msgid, State.REFUSED, answer=secret.encode())
    read = log.read(sent.msgid)
    assert read is not None
    assert read.request.decode() == read.answer.decode() == secret
    held = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"11990119810101" not in held
    assert "张样例".encode() not in held


def test_a_bill_has_one_message_that_may_stand() -> None:
    """The second call finds the first; after a refusal the bill is free again."""
    log = OutboundLog(":memory:", KEYS)
    first, is_new = log.write(draft("B1"), CODE, BUSY)
    again, is_again = log.write(draft("B1"), CODE, BUSY)
    assert (is_new, is_again, again.msgid) == (True, False, first.msgid)
    log.end(first.msgid, State.REFUSED, answer=b"no")
    other, is_other = log.write(draft("B1"), CODE, BUSY)
    assert is_other
    assert other.msgid != first.msgid


def test_a_message_has_one_reversal() -> None:
    """However many decide to reverse it, the same 2601 is sent (section 5, rule 5)."""
    log = OutboundLog(":memory:", KEYS)
    sent, _ = log.write(draft("B1"), CODE, BUSY)
    undoing = [log.write(draft(infno="2601", undoes=sent.msgid), CODE, BUSY) for _ in range(3)]
    assert {each.msgid for each, _ in undoing} == {undoing[0][0].msgid}
    assert [is_new for _, is_new in undoing] == [True, False, False]


ALLOWED = {
    (State.OPEN, State.SUCCESS),
    (State.OPEN, State.REFUSED),
    (State.OPEN, State.DROPPED),
    (State.OPEN, State.REVERSING),
    (State.REVERSING, State.REVERSED),
    (State.REVERSING, State.HELD),
    (State.HELD, State.REVERSED),
}


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("after", list(State))
def test_only_the_moves_of_the_table_are_made(before: State, after: State) -> None:
    """What is being taken back can no longer succeed, and an end is an end (P9)."""
    log = OutboundLog(":memory:", KEYS)
    sent, _ = log.write(draft("B1"), CODE, BUSY)
    way = {
        State.OPEN: (),
        State.REVERSED: (State.REVERSING, State.REVERSED),
        State.HELD: (State.REVERSING, State.HELD),
    }.get(before, (before,))
    for step in way:
        assert log.end(sent.msgid, step) is step
    allowed = (before, after) in ALLOWED or before is after
    assert log.end(sent.msgid, after) is (after if allowed else before)


def booking(setl_id: str, fen: int, of: str = "") -> Booking:
    """A settlement or a refund of so much."""
    settled = Settled(
        *(setl_id, "M1", "P1", "2026-03-01 12:00:00", Fen(fen), Fen(fen), Fen(0), Fen(0), Fen(0)),
        *("310", "11", "990100"),
    )
    return Booking(settled, "refund" if of else "settlement", of)


def test_success_and_booking_are_one_commit() -> None:
    """A number booked before is not booked twice: the message stays open instead."""
    import sqlite3

    log = OutboundLog(":memory:", KEYS)
    first, second = (log.write(draft(bill), CODE, BUSY)[0].msgid for bill in ("B1", "B2"))
    log.end(first, State.SUCCESS, booking=booking("S1", 100))
    with pytest.raises(sqlite3.IntegrityError):
        log.end(second, State.SUCCESS, booking=booking("S1", 100))
    found = log.read(second)
    assert found is not None
    assert found.state is State.OPEN
    assert [row["total_fen"] for row in log.booked("2026-03-01")] == [100]


def test_a_refund_frees_its_bill() -> None:
    """After the money is back the bill may be settled anew."""
    log = OutboundLog(":memory:", KEYS)
    sent, _ = log.write(draft("B1"), CODE, BUSY)
    log.end(sent.msgid, State.SUCCESS, booking=booking("S1", 100))
    assert not log.write(draft("B1"), CODE, BUSY)[1]
    back, _ = log.write(draft("refund S1", "2208"), CODE, BUSY)
    log.end(back.msgid, State.SUCCESS, booking=booking("S2", -100, "S1"))
    assert log.write(draft("B1"), CODE, BUSY)[1]
    assert sum(row["total_fen"] for row in log.booked("2026-03-01")) == 0


def test_one_of_many_may_send() -> None:
    """The right to send is taken once and runs out (repair may run in many places)."""
    clock = [NOON]
    log = OutboundLog(":memory:", KEYS, clock=lambda: clock[0])
    sent, _ = log.write(draft("B1"), CODE, BUSY)
    assert not log.claim(sent.msgid, BUSY)
    clock[0] += BUSY
    assert [log.claim(sent.msgid, BUSY) for _ in range(3)] == [True, False, False]
    assert log.waiting() == []
    log.rest(sent.msgid)
    assert [each.msgid for each in log.waiting()] == [sent.msgid]
