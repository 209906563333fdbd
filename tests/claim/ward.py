"""A small invented ward: an area, providers with contracts, people with cover, staff on file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from minka.care.claim_pay import ClaimLine
from minka.desk.act import Answer
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.reimburse import FileClaim, file_claim
from minka.desk.reimburse_pay import ReviewClaim, review_claim
from minka.kit.clock import CHINA
from minka.law.papers import ShownPaper
from minka.store.care import begin_coverage
from tests.desk.staff import by, hire
from tests.desk.town import Resident, request, settle_in

AREA, EMPLOYEES, IN_WORK = 990_700, 310, 11
HOSPITAL, PHARMACY, STRANGER = 700_001, 700_501, 700_002
PAPERS = (ShownPaper("resident_id"), ShownPaper("expense_invoice"))
_PROVIDERS = (
    (HOSPITAL, "H99070000001", "hospital", 3, "示例医院"),
    (PHARMACY, "P99070000501", "pharmacy", 1, "示例药店"),
    (STRANGER, "H99070000002", "hospital", 2, "示例非定点医院"),
)


def build(url: str) -> None:
    """The area, three providers (one without contract), and staff."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into pooling_area values (%s, 'R6', 'demo-city-A', 'national', '示例统筹区')",
            (AREA,),
        )
        for number, code, kind, level, name in _PROVIDERS:
            connection.execute(
                "insert into provider values (%s, %s, %s, %s, %s, %s)",
                (number, code, AREA, kind, level, name),
            )
        for number in (HOSPITAL, PHARMACY):
            connection.execute(
                "insert into designation values (%s, %s, '2019-01-01')", (number, EMPLOYEES)
            )
    hire(url, "medical", "medical_staff")
    hire(url, "medical2", "medical_staff")
    hire(url, "reviewer", "reviewer")
    hire(url, "clerk", "counter_clerk")


def insured(office: Office, region: str = "R6") -> Resident:
    """A resident with a card and cover."""
    someone = settle_in(office, region)
    with office.register.act() as connection:
        cover = {"scheme": EMPLOYEES, "psn_type": IN_WORK, "area": AREA}
        begin_coverage(connection, someone.person_id, **cover, covered_from=date(2015, 1, 1))
    return someone


def lose(office: Office, someone: Resident, region: str = "R6") -> Answer:
    """Report the card lost by telephone."""
    command = ReportLoss(region, "hotline", someone.number, {"name": someone.name})
    answer = report_loss(office, request("hotline_agent"), command)
    assert answer.accepted, answer
    return answer


def today() -> date:
    """The day in China."""
    return datetime.now(CHINA).date()


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as the holder brings it; amounts in fen."""

    number: str
    total_fen: int = 500_000
    paid_on: date | None = None
    provider: str = "H99070000001"


def brought(office: Office, someone: Resident, invoice: Invoice, **more: Any) -> Answer:
    """The claim of an invoice at a counter."""
    command = FileClaim(
        "R6",
        "counter",
        someone.number,
        invoice.provider,
        invoice.number,
        invoice.paid_on or today(),
        invoice.total_fen,
        **{"papers": PAPERS, **more},
    )
    return file_claim(office, by("clerk", "counter_clerk"), command)


def reviewed(office: Office, receipt: str, total_fen: int = 500_000) -> Answer:
    """The review of a claim with one line of class 甲."""
    command = ReviewClaim(receipt, (ClaimLine(1, total_fen),), PAPERS)
    return review_claim(office, by("medical", "medical_staff"), command)


def ask(url: str, statement: str, *values: Any) -> list[Mapping[str, Any]]:
    """Rows of a statement, as the register's owner."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return list(connection.execute(statement.encode(), values).fetchall())


def uploaded(
    url: str, someone: Resident, at: datetime, total_fen: int, *, provider: int = HOSPITAL
) -> int:
    """A visit whose charges a hospital uploaded and nobody settled; gives its number."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select nextval('visit_no_seq'), nextval('fee_no_seq')")
        numbers = found.fetchone()
        assert numbers is not None
        connection.execute(
            "insert into visit values (%s, %s, %s, 1, 11, %s, 2, 0, 'OP1', %s, %s)",
            (numbers[0], someone.person_id, provider, EMPLOYEES, at, at),
        )
        day = at.astimezone(CHINA).date()
        connection.execute(
            "insert into fee_upload values (%s, %s, %s, '1', %s, %s, 0, %s, 0, 0, 0, %s, %s)",
            (numbers[0], someone.person_id, numbers[1], at, day, total_fen, total_fen, Jsonb([])),
        )
    number: int = numbers[0]
    return number


def hours(count: int) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def _zeros(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """A journal row that says nothing: every column that must have a value has an empty one."""
    empty = {"text": "", "bytea": b""}
    found = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_name = 'settlement' and is_nullable = 'NO'"
    )
    return {row["column_name"]: empty.get(row["data_type"], 0) for row in found}


def settled(
    url: str, someone: Resident, at: datetime, provider: int = HOSPITAL, **more: int
) -> int:
    """A settlement in the journal, paid in cash whole, linked to the one before; its message."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = connection.execute(
            "select nextval('fact_id_seq') as no, prev_msg_no, prev_origin_no, balance_fen"
            " from coverage where person_id = %s for update",
            (someone.person_id,),
        ).fetchone()
        assert found is not None
        values: dict[str, Any] = {
            **_zeros(connection),
            "person_id": someone.person_id,
            "msg_no": found["no"],
            "origin_no": provider,
            "at": at,
            "visit_no": found["no"],
            "bill_no": found["no"],
            "card_id": someone.card_id,
            "prev_msg_no": found["prev_msg_no"],
            "prev_origin_no": found["prev_origin_no"],
            "provider_no": provider,
            "area": AREA,
            "kind": 1,
            "basis": 1,
            "scheme": EMPLOYEES,
            "credential": 3,
            "balance": found["balance_fen"],
            "total": 100,
            "own_pay": 100,
            "cash": 100,
            **more,
        }
        names = ", ".join(values)
        places = ", ".join(f"%({name})s" for name in values)
        connection.execute(f"insert into settlement ({names}) values ({places})".encode(), values)
        connection.execute(
            "update coverage set prev_msg_no = %s, prev_origin_no = %s where person_id = %s",
            (found["no"], provider, someone.person_id),
        )
    number: int = found["no"]
    return number
