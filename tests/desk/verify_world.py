"""A small register in which everything happened that money can do, for the tests of verify."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from minka.desk.allocate import AllocateMonth, allocate_month
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.hold import HoldMoney, PostHold, hold_money, post_hold
from minka.desk.ledger import CloseDay, OpenBalance, close_day, open_balance
from minka.desk.office import Office
from minka.desk.withdraw import FreezeCard, freeze_card
from tests.desk.money_town import AREA, HOSPITAL, PHARMACY, Settled, found_area, insure, settle
from tests.desk.staff import by, hire
from tests.desk.town import Resident, request


@dataclass(frozen=True, slots=True)
class World:
    """Who is who."""

    patient: Resident
    """Outpatient and inpatient bills, one of them refunded."""
    saver: Resident
    """Allocations, holds that stand, were posted and ran out; an adjustment, corrected."""
    loser: Resident
    """Paid, then froze the card."""
    bill: Settled
    refunded: Settled
    refund: Settled
    stay: Settled
    purchase: Settled


def build(office: Office, url: str) -> World:
    """Let it all happen by the acts themselves."""
    found_area(office)
    with psycopg.connect(url) as connection:
        for provider in (HOSPITAL, PHARMACY):
            connection.execute(
                "insert into designation values (%s, 310, '2020-01-01')", (provider,)
            )
    hire(url, "medic", "medical_staff", "R1")
    hire(url, "checker", "reviewer", "R1")
    patient, saver, loser, heir, dead = (insure(office) for _ in range(5))
    for each in (patient, saver, loser, dead):
        opening = OpenBalance(each.person_id, 100_000, "old register")
        assert open_balance(office, request(), opening).accepted
    allocated = allocate_month(office, request(), AllocateMonth(AREA, datetime.now(UTC).date()))
    assert allocated.people == 5, allocated
    shift(url, "0 days")
    bills = care(office, patient)
    keep(office, saver)
    settle(office, loser.person_id, in_scope=2_000, account=500)
    freeze = FreezeCard("R1", loser.number, "freeze", {"name": loser.name})
    assert freeze_card(office, request(), freeze).accepted
    to_heir = {"person_id": str(dead.person_id), "to": f"person:{heir.person_id}", "reason": "d"}
    signed(office, "close_account", to_heir)
    shift(url, "3 days")
    day = datetime.now(UTC).date()
    assert close_day(office, request(), CloseDay(day + timedelta(days=1))).accepted
    settle(office, patient.person_id, in_scope=700, account=700, origin_no=PHARMACY)
    shift(url, "6 days")
    later = close_day(office, request(), CloseDay(day + timedelta(days=4)))
    assert later.accepted, later
    settle(office, patient.person_id, in_scope=300, account=300, origin_no=PHARMACY)
    return World(patient, saver, loser, *bills)


def shift(url: str, days: str) -> None:
    """Turn the register's clock."""
    with psycopg.connect(url) as connection:
        connection.execute("update clock_shift set shift = %s::interval", (days,))


def care(office: Office, patient: Resident) -> tuple[Settled, Settled, Settled, Settled, Settled]:
    """A bill that stands, one that was refunded with its refund, a stay, a purchase at a till."""
    who = patient.person_id
    first = {"in_scope": 10_000, "deductible": 4_000, "pool": 4_200, "account": 1_000}
    bill = settle(office, who, **first, **visit(office, who, 1, 10_000))
    second = {"in_scope": 6_000, "pool": 4_200, "account": 1_800}
    at_second = visit(office, who, 2, 6_000)
    refunded = settle(office, who, **second, **at_second)
    undoes = {"kind": 2, "of_msg_no": refunded.msg_no, "of_origin_no": HOSPITAL}
    refund = settle(office, who, **second, **at_second, **undoes)
    third = {"in_scope": 90_000, "deductible": 1_000, "pool": 70_000, "large": 5_000, "pooled": 1}
    at_third = visit(office, who, 3, 90_000, basis=4)
    stay = settle(office, who, **third, **at_third, admission=1)
    bought = {"basis": 0, "total": 900, "own_pay": 900, "account": 900, "rule_no": 0}
    return bill, refunded, refund, stay, settle(office, who, origin_no=PHARMACY, **bought)


def visit(
    office: Office, person_id: int, visit_no: int, in_scope: int, basis: int = 1
) -> dict[str, int]:
    """A visit at the hospital with its fees uploaded in two parts."""
    number = visit_no * 10
    with office.register.act() as connection:
        connection.execute(
            "insert into visit select %s, %s, %s, %s, 11, 310, 3, c.card_id, 'O1', c.last_at,"
            " c.last_at from coverage c where person_id = %s",
            (visit_no, person_id, HOSPITAL, basis, person_id),
        )
        for part, scope in ((0, in_scope // 2), (1, in_scope - in_scope // 2)):
            connection.execute(
                "insert into fee_upload select %s, %s, %s, 'B1', last_at, '2026-01-01', 0, %s, 0,"
                " 0, 0, %s, '[]' from coverage where person_id = %s",
                (visit_no, person_id, number + part, scope, scope, person_id),
            )
    return {"visit_no": visit_no, "bill_no": number, "fee_upto": number + 1, "basis": basis}


def keep(office: Office, saver: Resident) -> None:
    """Holds of every fate, and an adjustment that is corrected."""
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (1, 20))
    for fen, until in ((3_000, soon), (4_000, later), (5_000, later)):
        held = hold_money(office, request(), HoldMoney(saver.person_id, HOSPITAL, fen, until))
        assert held.accepted, held
    post = PostHold(saver.person_id, held.facts["ref"], 4_500)
    assert post_hold(office, request(), post).accepted
    named = {"person_id": str(saver.person_id), "reason": "wrong"}
    up = signed(office, "adjust_account", {**named, "amount_fen": "250"})
    signed(office, "correct_entry", {**named, "entry": up})


def signed(office: Office, name: str, content: dict[str, str]) -> str:
    """An act of two people; the number of its entry."""
    first = propose(office, by("medic", "medical_staff"), Propose(name, content))
    assert first.accepted, first
    command = Approve(first.facts["act_id"], first.facts["content_hash"])
    answer = approve(office, by("checker", "reviewer"), command)
    assert answer.accepted, answer
    return str(answer.facts["ref"])
