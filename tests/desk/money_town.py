"""People with accounts, and journal rows written as the switch writes them, for the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from minka.care.trace import Step, encode
from minka.desk.office import Office
from minka.store.care import begin_coverage
from minka.store.connection import Connection
from tests.desk.town import Resident, settle_in

AREA, SCHEME = 990100, 310
HOSPITAL, PHARMACY = 1, 2
_messages = count(202611220900000001)

PARTS = (
    *("own_pay", "over_limit", "self_first", "in_scope", "deductible", "pool", "large", "serious"),
    *("civil", "enterprise", "assistance", "other", "hospital", "account", "cash"),
)


def found_area(office: Office) -> None:
    """One pooling area with a hospital and a pharmacy."""
    with office.register.act() as connection:
        connection.execute(
            "insert into pooling_area values (%s, 'R1', 'demo-city-A', '', '示例市')"
            " on conflict do nothing",
            (AREA,),
        )
        connection.execute("insert into benefit_rule (ref) values ('demo') on conflict do nothing")
        for number, kind in ((HOSPITAL, "hospital"), (PHARMACY, "pharmacy")):
            connection.execute(
                "insert into provider (provider_no, fixmedins_code, area, kind, level, name)"
                " values (%s, %s, %s, %s, 3, %s) on conflict do nothing",
                (number, f"H{number:011d}", AREA, kind, f"示例{kind}"),
            )


def insure(office: Office, *, psn_type: int = 11, area: int = AREA) -> Resident:
    """A person with a card and an account that is empty."""
    someone = settle_in(office)
    with office.register.act() as connection:
        begin_coverage(
            connection,
            someone.person_id,
            scheme=SCHEME,
            psn_type=psn_type,
            area=area,
            covered_from=date(2020, 1, 1),
        )
    return someone


@dataclass(frozen=True, slots=True)
class Settled:
    """The keys of a journal row."""

    msg_no: int
    origin_no: int

    @property
    def ref(self) -> str:
        """Its public number."""
        return f"{self.msg_no:018d}{self.origin_no:08d}"


def trace_of(amounts: dict[str, int]) -> bytes:
    """A trace that adds up to the amounts of a settlement."""
    rest = amounts["in_scope"] - amounts["deductible"]
    steps = [
        Step("deductible", amounts["deductible"], 10_000, amounts["deductible"]),
        Step("outpatient", rest, 0, amounts["pool"]),
        *(
            Step("serious_1" if part == "serious" else part, 0, 0, amounts[part])
            for part in ("large", "serious", "civil", "enterprise", "assistance")
        ),
    ]
    return encode(steps)


def settle(office: Office, person_id: int, *, origin_no: int = HOSPITAL, **given: int) -> Settled:
    """Write a settlement as the switch does: one compare-and-set on the coverage, one row.

    ``account`` and ``pool`` are what is paid from where; the rest of ``in_scope`` is cash.
    """
    with office.register.act() as connection:
        return settle_on(connection, person_id, origin_no=origin_no, **given)


def settle_on(connection: Connection, person_id: int, *, origin_no: int, **given: int) -> Settled:
    """The same in a transaction that is open."""
    amounts = dict.fromkeys(PARTS, 0) | {k: v for k, v in given.items() if k in PARTS}
    total = given.get("total", amounts["in_scope"])
    amounts["cash"] = total - sum(amounts[name] for name in PARTS[5:13]) - amounts["account"]
    sign = -1 if given.get("of_msg_no") else 1
    key = Settled(next(_messages), origin_no)
    row: dict[str, Any] = {
        **{name: value * sign for name, value in amounts.items()},
        "total": total * sign,
        "msg_no": key.msg_no,
        "origin_no": origin_no,
        "of_msg_no": None,
        "of_origin_no": None,
        "person_id": person_id,
        "kind": 1,
        "visit_no": 0,
        "bill_no": 0,
        "basis": 1,
        "admission": 0,
        "infno": 2207,
        "year": 2026,
        "round": 0,
        "nth": 0,
        "pooled": 0,
        "fee_upto": 0,
        "scheme": SCHEME,
        "credential": 3,
        "area": AREA,
        "rule_no": 1,
        "reason": "",
        "trace": trace_of(amounts),
        "content_hash": b"",
        "provider_no": origin_no,
        **{k: v for k, v in given.items() if k not in PARTS and k != "total"},
    }
    moved = connection.execute(
        "with old as (select * from coverage where person_id = %(person_id)s for update),"
        " moved as (update coverage c set balance_fen = c.balance_fen - %(account)s,"
        "  last_at = greatest(register_now(null), c.last_at + interval '1 microsecond'),"
        "  year = %(year)s, prev_msg_no = %(msg_no)s, prev_origin_no = %(origin_no)s,"
        "  op_deductible = c.op_deductible + %(deductible)s * (%(basis)s < 4)::int,"
        "  op_scope = c.op_scope + %(in_scope)s * (1 - %(pooled)s),"
        "  op_fund = c.op_fund + %(pool)s * (1 - %(pooled)s),"
        "  admissions = c.admissions + %(admission)s,"
        "  pool_paid = c.pool_paid + %(pool)s * %(pooled)s,"
        "  large_paid = c.large_paid + %(large)s * %(pooled)s,"
        "  own_scope = c.own_scope + %(in_scope)s - %(pool)s - %(large)s"
        " from old where c.person_id = old.person_id returning c.*)"
        " select m.last_at as at, m.balance_fen as balance, m.card_id, o.prev_msg_no,"
        "  o.prev_origin_no from moved m join old o using (person_id)",
        row,
    ).fetchone()
    assert moved is not None, "the person has an account"
    row |= moved
    names = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    connection.execute(f"insert into settlement ({names}) values ({values})", row)
    return key
