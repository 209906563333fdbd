"""`minka card fact, pending, device, upload, cases, end`: the file (C2, C6, C7, T10, X30)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from minka.desk.office import Office
from minka.doors import cli_given
from minka.doors.cli import main
from minka.doors.cli_say import Code
from tests.chip_use.cards import with_vault
from tests.chip_use.town import TILL, Holder, bought, now, set_up_till, settle

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def minka(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command against this module's register: its exit code, and its JSON."""
    monkeypatch.setattr(cli_given, "office", lambda: with_vault(office))

    def run(*words: str) -> tuple[int, Any]:
        try:
            main(["card", *words, "--json"])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        out = capsys.readouterr().out
        return code, json.loads(out) if out.strip() else None

    return run


@pytest.fixture(scope="module")
def holder(office: Office) -> Holder:
    """Somebody with a chip since more than the second that a till writes, and a till."""
    set_up_till(office)
    made = settle(office)
    sleep(1.1)
    return made


def test_facts_become_pending_writes(minka: Run, holder: Holder) -> None:
    """A status, a skill with body and date, a job: recorded by a post, waiting for the card."""
    who = ("--number", holder.resident.number.reveal(), "--on", "2026-10-31", "--role", "reviewer")
    assert minka("fact", "DF01EF07.29", "3", *who)[0] == 0
    skill = ("5B=3", "5C=示例鉴定中心", "5D=2026-05-20", "5E=Z0001")
    assert minka("fact", "DF02EF05.43", *skill, *who)[0] == 0
    job = ("#1=2-02-10", "#2=2012-03-01", "#3=2019-08-31", "#4=示例机械厂")
    assert minka("fact", "DF02EF07.-", *job, *who)[0] == 0
    _, told = minka("pending", holder.resident.card_number)
    assert [w["item"] for w in told["writes"]] == ["DF01EF07.29", "DF02EF05.43", "DF02EF07.-"]
    assert minka("fact", "DF01EF07.29", "Q", *who)[0] == Code.REFUSED
    assert minka("fact", "SSSEEF06.09", "甲", *who)[0] == Code.REFUSED
    assert minka("fact", "DF01EF07.29", "3", *who[:2], "--on", "soon")[0] == Code.USAGE


def slip(holder: Holder, office: Office, seq: int, **other: int) -> dict[str, Any]:
    """A purchase as a terminal's file has it."""
    made = bought(holder, seq, now(office), **other)
    told = {name: getattr(made, name) for name in type(made).__slots__}
    hexed = {"id_code": made.id_code.hex(), "tac": made.tac.hex()}
    instants = ("claimed_at", "list_at", "synced_at")
    return {**told, **hexed, **{name: told[name].isoformat() for name in instants}}


def test_a_file_of_purchases(minka: Run, holder: Holder, office: Office, tmp_path: Path) -> None:
    """Brought in, answered line by line, looked into, ended (T10, P8)."""
    purchases = [slip(holder, office, 1), slip(holder, office, 2, account_fen=30_000)]
    file = tmp_path / "batch.json"
    told = {"device_no": TILL, "batch_no": "f1", "purchases": purchases}
    file.write_text(json.dumps(told), "utf-8")
    code, answered = minka("upload", str(file), "--role", "medical_staff")
    assert code == 0
    assert [r["outcome"] for r in answered["records"]] == ["posted", "disputed"]
    _, listed = minka("cases", "--region", "R1")
    case = next(c for c in listed["cases"] if c["terminal"] == TILL and not c["ended"])
    ends = ("--region", "R1", "--reason", "not allowed", "--verdict")
    number = str(case["case_id"])
    assert minka("end", number, *ends, "refused", "--role", "reviewer")[0] == Code.REFUSED
    ending = (*ends, "refused", "--role", "medical_staff", "--operator", "D7")
    assert minka("end", number, *ending)[0] == 0
    assert minka("end", number, *ends, "perhaps")[0] == Code.USAGE
    file.write_text("{", "utf-8")
    assert minka("upload", str(file))[0] == Code.USAGE


def test_devices_are_registered_and_changed(minka: Run, holder: Holder) -> None:
    """A PSAM comes, is lost, and the list says where everything is (X30)."""
    assert holder.card_id
    given = ("--region", "R1", "--role", "security_administrator", "--place", "P2")
    assert minka("device", "990100000077", "--kind", "psam", *given)[0] == 0
    assert minka("device", "990100000077", "--kind", "psam", *given)[0] == Code.REFUSED
    lost = ("--state", "lost", "--reason", "stolen")
    assert minka("device", "990100000077", *lost, *given)[0] == 0
    assert minka("device", "990100000078", *given)[0] == Code.REFUSED
    assert minka("device", "990100000077", *given[:2], *lost)[0] == Code.REFUSED
    assert minka("device", "990100000077", "--kind", "fridge", *given)[0] == Code.USAGE
    _, told = minka("devices", "--region", "R1")
    mine = next(d for d in told["devices"] if d["device_no"] == "990100000077")
    assert (mine["state"], mine["place"]) == ("丢失", "P2")
