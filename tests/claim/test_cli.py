"""The commands about claims and signs, as a clerk types them (H5, K8)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from minka.desk.office import Office
from minka.doors.cli_claim import claim, lending
from tests.claim.ward import build, insured, lose, settled, today

PAPERS = ("--paper", "resident_id", "--paper", "expense_invoice")


@pytest.fixture(scope="module", autouse=True)
def _ward(database_url: str) -> None:
    build(database_url)


@pytest.fixture(autouse=True)
def _here(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands work on the module's register."""
    monkeypatch.setattr("minka.doors.cli_given.office", lambda: office)


def said(group: Any, *words: str, given: str = "") -> Result:
    """One command."""
    return CliRunner().invoke(group, list(words), input=given)


def facts(result: Result) -> dict[str, Any]:
    """What a command printed for a programme."""
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_claim_from_the_command_line(office: Office) -> None:
    """H5: known, filed, reviewed line by line, paid; a second payment ends with exit code 4."""
    someone = insured(office)
    lose(office, someone)
    number = f"{someone.number.reveal()}\n"
    assert facts(said(claim, "known", "--json", given=number))["expenses"] == []
    bill = ("--provider", "H99070000001", "--invoice", "CLI-1", "--total", "2000.00")
    day = ("--paid", today().isoformat(), "--role", "counter_clerk")
    filed = facts(said(claim, "file", "R6", *bill, *day, *PAPERS, "--json", given=number))
    code = filed["receipt"]
    assert code in said(claim, "waiting", "R6").stdout
    lines = ("--line", "甲:1500.00", "--line", "乙:500.00:10:450.00")
    found = facts(said(claim, "review", code, *lines, *PAPERS, "--json"))
    assert found["people"] == 1
    paid = facts(said(claim, "pay", code, "--json"))
    assert paid["fund_fen"] == found["fund_fen"]
    assert facts(said(claim, "show", code, "--json"))["state"] == "paid"
    again = said(claim, "pay", code)
    assert (again.exit_code, "已报销" in again.output) == (4, True)


@pytest.mark.parametrize(
    ("words", "said_so"),
    [
        (("review", "E-1", "--line", "丁:1"), "看不懂明细"),
        (("refuse", "E-1", "--reason", "no"), "没有这个原因"),
        (("show", "E-0000-0000-0"), "没有这份申请"),
    ],
)
def test_what_is_mistyped_is_said(words: tuple[str, ...], said_so: str) -> None:
    """ux.md 8: a sentence and the next step."""
    result = said(claim, *words)
    assert result.exit_code != 0
    assert said_so in result.output


def test_signs_from_the_command_line(office: Office, database_url: str) -> None:
    """K8: followed, listed, decided."""
    someone = insured(office)
    with office.register.act() as connection:
        row = connection.execute("select register_now() as at").fetchone()
    assert row is not None
    at: datetime = row["at"]
    for nth in range(9):
        settled(database_url, someone, at - timedelta(hours=5) + timedelta(minutes=20 * nth))
    assert facts(said(lending, "follow", "--json"))["signs"] == 1
    listed = json.loads(said(lending, "signs", "R6", "--json").stdout)
    assert [(each["kind"], each["verdict"]) for each in listed] == [("velocity", "open")]
    choice = ("--verdict", "dismissed", "--reason", "own_illness")
    decided = facts(said(lending, "decide", listed[0]["receipt"], *choice, "--json"))
    assert decided["verdict"] == "dismissed"
    wrong = said(lending, "decide", "W-1", "--verdict", "maybe", "--reason", "resold")
    assert "结论或依据不对" in wrong.output
