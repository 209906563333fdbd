"""Unknown outcomes are cleared up for ever until both books agree (P6, P8, P9; I10)."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from minka.bench.kit_faults import Fault, When
from minka.client import Ask, Refused, Seal, State, Success, Unknown, settled
from tests.client.ward import FIRST, Ward, got, line, visit_fields, ward

QUIET = {Fault.CARD_BLOCKED, Fault.REFUND_ELSEWHERE, Fault.DAY_CUT}
LATE_MS = {Fault.LATE_REPLY: 600, Fault.LATE_DELIVERY: 400, Fault.SLOW: 50}


def repaired(here: Ward) -> None:
    """Repair until nothing is open."""
    for _ in range(40):
        if not here.client.log.in_state(State.OPEN) + here.client.log.in_state(State.REVERSING):
            return
        here.client.repair()
        time.sleep(0.1)
    raise AssertionError("something stays open")


@pytest.mark.parametrize("ask", list(Ask))
@pytest.mark.parametrize("fault", [each for each in Fault if each not in QUIET])
def test_after_every_fault_both_books_agree(tmp_path: Path, fault: Fault, ask: Ask) -> None:
    """Whatever happens to a settlement's message, it nets to zero or is booked on both sides."""
    with ward(tmp_path, ask=ask) as here:
        bill = here.bill()
        quoted = got(here.client.pre_settle(bill))
        here.fault(f"{fault.title}:2207#1~{LATE_MS.get(fault, 0)}ms")
        found = here.client.settle(bill, quoted)
        if fault.when is When.AFTER:
            assert isinstance(found, Unknown)
            assert here.booked() == 0, "nothing is booked on an unknown outcome"
        if fault is Fault.LATE_DELIVERY:
            time.sleep(0.5)
        repaired(here)
        assert here.agree()
        assert here.stands(bill) in (0, bill.total_fen)
        assert here.stands(bill) == (bill.total_fen if _booked(here, bill.number) else 0)


def _booked(here: Ward, number: str) -> bool:
    standing = here.client.log.standing(number)
    return standing is not None and standing.state is State.SUCCESS


@pytest.mark.parametrize("infno", ["2102", "2208", "2401"])
@pytest.mark.parametrize("ask", list(Ask))
def test_every_reversible_transaction_is_repaired(tmp_path: Path, infno: str, ask: Ask) -> None:
    """A purchase, a refund and an admission whose answers are lost."""
    from tests.client import test_visits as visits

    with ward(tmp_path, ask=ask) as here:
        done = settled(got(here.settle(here.bill())).output)
        here.fault(f"lost_reply:{infno}#1")
        if infno == "2102":
            here.client.settle_purchase(visits.purchase(here, "PH1"))
        elif infno == "2208":
            assert isinstance(here.client.refund(done), Unknown)
        else:
            with pytest.raises(AssertionError, match="Unknown"):
                visits.admit(here, "I1")
        repaired(here)
        assert here.agree()
        if infno == "2208":
            assert isinstance(here.client.refund(done), Success)
            assert here.platform.books.net() == 0 == here.booked()


def test_a_reversal_overtakes_its_original(tmp_path: Path) -> None:
    """The tombstone refuses what comes late (P9)."""
    with ward(tmp_path) as here:
        bill = here.bill()
        quoted = got(here.client.pre_settle(bill))
        here.fault("late_delivery:2207#1~600ms")
        found = here.client.settle(bill, quoted)
        assert isinstance(found, Unknown)
        assert isinstance(here.client.reverse(found.msgid), Refused)
        time.sleep(0.8)
        assert here.stage.heard[-2].answer["err_msg"] == "该报文已先被冲正"
        assert here.stands(bill) == 0 == here.booked()
        assert isinstance(here.settle(bill), Success)


def test_an_unanswered_reversal_is_the_same_message_again(tmp_path: Path) -> None:
    """Never a double reversal (section 5, rule 5)."""
    with ward(tmp_path, ask=Ask.REVERSE) as here:
        bill = here.bill()
        quoted = got(here.client.pre_settle(bill))
        here.fault("lost_reply:2207#1", "lost_reply:2601#1+3")
        assert isinstance(here.client.settle(bill, quoted), Unknown)
        repaired(here)
        reversals = [each for each in here.stage.heard if each.infno == "2601"]
        assert len(reversals) == 4
        assert len({each.raw for each in reversals}) == 1
        assert here.stands(bill) == 0 == here.booked()


def test_only_the_list_is_reversed(tmp_path: Path) -> None:
    """An upload, a registration or a question whose answer is lost is never taken back."""
    with ward(tmp_path, ask=Ask.REVERSE) as here:
        bill = here.bill()
        here.fault("lost_reply")
        here.client.person(here.credential())
        here.client.pre_settle(bill)
        here.client.upload(FIRST, [line("late99", bill.mdtrt_id, 100)])
        here.client.register(FIRST, here.credential(), **visit_fields("late98"))
        here.fault()
        repaired(here)
        assert not [each for each in here.stage.heard if each.infno == "2601"]
        with pytest.raises(ValueError, match="reversed"):
            here.client.reverse(here.client.log.in_state(State.DROPPED)[0].msgid)


def test_a_settlement_that_succeeded_is_not_reversed(tmp_path: Path) -> None:
    """After a success money goes back by refund alone (section 5, rule 8)."""
    with ward(tmp_path) as here:
        bill = here.bill()
        done = got(here.settle(bill))
        assert isinstance(here.client.reverse(done.msgid), Success)
        assert here.stands(bill) == bill.total_fen == here.booked()


def test_a_refused_reversal_is_held_for_the_reconciliation(tmp_path: Path) -> None:
    """Nobody guesses: the bill stays closed until the day's proof (section 5, rule 4)."""
    with ward(tmp_path, ask=Ask.REVERSE) as here:
        bill = here.bill()
        quoted = got(here.client.pre_settle(bill))
        here.fault("timeout_before_commit:2207#1", "refused:2601#1")
        found = here.client.settle(bill, quoted)
        here.client.repair()
        assert isinstance(here.client.settle(bill, quoted), Unknown)
        assert here.client.log.in_state(State.HELD)[0].msgid == found.msgid
        here.client.absent(found.msgid)
        assert isinstance(here.client.settle(bill, quoted), Success)
        assert here.agree()


def test_repair_runs_in_many_places_at_once(tmp_path: Path) -> None:
    """Ten threads with two clients on one file: one settlement, one booking."""
    from minka.client import Client

    with ward(tmp_path) as here:
        bills = [here.bill() for _ in range(5)]
        quoted = [got(here.client.pre_settle(bill)) for bill in bills]
        here.fault("lost_reply:2207#1+5")
        for bill, quote in zip(bills, quoted, strict=True):
            assert isinstance(here.client.settle(bill, quote), Unknown)
        other = Client(here.client.site, here.path, here.identity)
        got(other.sign_in("2"))
        threads = [
            threading.Thread(target=client.repair)
            for client in (here.client, other)
            for _ in range(5)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        repaired(here)
        other.close()
        assert [here.stands(bill) for bill in bills] == [bill.total_fen for bill in bills]
        assert here.agree()


def test_the_same_bytes_are_asked_with(tmp_path: Path) -> None:
    """The same key with other content would be an error (P6)."""
    with ward(tmp_path) as here:
        bill = here.bill()
        quoted = got(here.client.pre_settle(bill))
        here.fault("lost_reply:2207#1+2")
        here.client.settle(bill, quoted)
        here.again().repair()
        repaired(here)
        asked = [each for each in here.stage.heard if each.infno == "2207"]
        assert len(asked) == 3
        assert len({each.raw for each in asked}) == 1
        assert len({each.headers["x-tif-nonce"] for each in asked}) == 3


def test_a_site_without_seals_still_ends(tmp_path: Path) -> None:
    """A plain national gateway has no seal on its answers."""
    from dataclasses import replace

    from minka.client import Client

    with ward(tmp_path) as here:
        plain = replace(here.client.site, seal=Seal.NONE, first_seq=5_000)
        client = Client(plain, tmp_path / "plain.db", here.identity)
        here.client = client
        bill = here.bill()
        here.fault("broken_json:2207#1")
        assert isinstance(here.settle(bill), Unknown)
        repaired(here)
        assert here.stands(bill) == bill.total_fen == here.booked()
