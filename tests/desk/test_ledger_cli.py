"""`minka account` and `minka verify`, as a programme and as a person use them: I6, X38, X39, P7."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from minka.desk.office import Office
from minka.doors import cli_given
from minka.doors.cli import main
from minka.doors.cli_say import Code
from minka.kit.clock import CHINA
from tests.desk.money_town import AREA, HOSPITAL, found_area, insure, settle
from tests.desk.staff import hire
from tests.desk.town import Resident

CODE = f"H{HOSPITAL:011d}"


class Said:
    """What a command said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def minka(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command against this module's register."""
    monkeypatch.setattr(cli_given, "office", lambda: office)

    def run(*words: str, text: str = "--json") -> Said:
        try:
            main([*words, text])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="module")
def someone(office: Office, database_url: str) -> Resident:
    """A person in an area with a designated hospital, and staff who may sign."""
    found_area(office)
    with psycopg.connect(database_url) as connection:
        connection.execute("insert into designation values (%s, 310, '2020-01-01')", (HOSPITAL,))
    hire(database_url, "medic", "medical_staff", "R1")
    hire(database_url, "checker", "reviewer", "R1")
    return insure(office)


def who(someone: Resident) -> tuple[str, str]:
    """The option that names a person."""
    return "--number", someone.number.reveal()


def test_an_account_from_opening_to_close(
    office: Office, minka: Run, someone: Resident, database_url: str
) -> None:
    """I6, X38, X39, P12: every act and every view, in one life of an account."""
    number = who(someone)
    opened = minka("account", "open", "100.00", "--source", "old", *number)
    assert (opened.code, opened.json["balance_fen"]) == (0, 10_000)
    month = f"{datetime.now(CHINA):%Y-%m}"
    assert minka("account", "allocate", str(AREA), month).json["people"] == 1
    held = minka("account", "hold", CODE, "60.00", *number).json
    paid = minka("account", "post", held["ref"], "50.00", *number)
    assert (paid.code, paid.json["balance_fen"]) == (0, 23_000)
    again = minka("account", "release", held["ref"], *number)
    assert (again.code, again.json["code"]) == (Code.REFUSED, "accounts.hold_ended")
    settle(office, someone.person_id, in_scope=8_000, account=8_000)
    now = minka("account", "balance", *number).json
    assert (now["balance_fen"], now["held_fen"]) == (15_000, 0)
    told = minka("account", "statement", *number).json
    assert [each["kind"] for each in told["movements"]] == [
        *("purchase", "post", "hold", "allocation", "opening"),
    ]
    assert (told["opening_fen"], told["closing_fen"], told["spent_fen"]) == (0, 15_000, 8_000)
    assert told["by_kind"] == {
        "purchase": -8_000,
        "post": -5_000,
        "allocation": 18_000,
        "opening": 10_000,
    }
    first = told["movements"][-1]["at"]
    assert minka("account", "at", first, *number).json["balance_fen"] == 10_000
    owed = minka("account", "of", "provider_payable", str(HOSPITAL)).json
    assert owed["balance_fen"] == 13_000
    assert minka("account", "of", "treasury", f"{AREA}310", "--at", first).json["balance_fen"] == (
        -10_000
    )
    early = datetime.fromisoformat(first) - timedelta(seconds=1)
    assert minka("account", "at", early.isoformat(), *number).json["balance_fen"] == 0
    origin = minka("account", "lineage", *number).json
    purchase = origin["payments"][0]
    assert [each["amount_fen"] for each in purchase["sources"]] == [5_000, 3_000]
    assert [each["amount_fen"] for each in origin["left"]] == [15_000]
    one = minka("account", "lineage", "--ref", purchase["ref"], *number).json
    assert one["payments"] == [purchase]
    proposal = minka(
        *("account", "propose", "close_account", "--to", "outside", "--reason", "moved away"),
        *("--operator", "medic", *number),
    ).json
    signed = minka(
        *("account", "approve", str(proposal["act_id"]), proposal["content_hash"]),
        *("--operator", "checker"),
    )
    assert (signed.code, signed.json["balance_fen"]) == (0, 0)
    assert minka("verify").json["differences"] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("balance", "--number", "110000198503109990"), Code.NOT_FOUND),
        (("allocate", "990100", "May"), Code.USAGE),
        (("allocate", "1", "2026-05"), Code.REFUSED),
        (("hold", "NOWHERE", "1.00"), Code.NOT_FOUND),
        (("hold", CODE, "much"), Code.USAGE),
        (("of", "purse", "1"), Code.USAGE),
        (("close-day", "yesterday"), Code.USAGE),
        (("close-day", "2999-01-01"), Code.REFUSED),
        (("balance", "--at", "noon"), Code.USAGE),
        (("lineage", "--ref", "1"), Code.NOT_FOUND),
        (("propose", "gift", "--operator", "medic"), Code.USAGE),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(
    minka: Run, someone: Resident, words: tuple[str, ...], code: Code
) -> None:
    """A sentence and a next step on standard error, never a traceback."""
    asks = words[0] in ("balance", "hold", "lineage", "propose") and "--number" not in words
    said = minka("account", *words, *(who(someone) if asks else ()))
    assert said.code == code
    assert "下一步" in said.err


def test_people_are_told_in_words(office: Office, minka: Run, someone: Resident) -> None:
    """The same without JSON."""
    other = who(insure(office))
    assert minka("account", "open", "12.34", "--source", "x", *other).code == 0
    assert minka("account", "hold", CODE, "2.34", *other).code == 0
    assert "12.34 元" in minka("account", "balance", *other, text="--text").out
    assert "可用 free 10.00" in minka("account", "balance", *other, text="--text").out
    assert "期初余额转入" in minka("account", "statement", *other, text="--text").out
    assert "12.34" in minka("account", "lineage", *other, text="--text").out
    assert "人 people" in minka("account", "allocate", str(AREA), "2026-01", text="--text").out


def test_verify_says_what_differs(minka: Run, someone: Resident, database_url: str) -> None:
    """P7: exit code 5, the check, the person, what stands there and what should."""
    assert "差异 0 处" in minka("verify", text="--text").out
    assert set(minka("verify", "--list").json) >= {"balance", "link"}
    assert "Nothing is undone twice" in minka("verify", "--list", "--lang", "en", text="--text").out
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "update coverage set op_fund = 7 where person_id = %s", (someone.person_id,)
        )
    said = minka("verify", "--every", "0")
    assert (said.code, said.json["checks"]["accumulators"]) == (Code.UNBALANCED, 1)
    assert said.json["shown"][0]["person_id"] == someone.person_id
    told = minka("verify", "--lang", "en", text="--text")
    assert "1 differences" in told.out
    assert "≠" in told.out
    assert datetime.now(UTC).year > 2025
