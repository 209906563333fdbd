"""`minka up` from nothing to a running city and back, and `minka demo`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from minka.bench.people import invent
from minka.store.cluster import discard, running

MINKA = [sys.executable, "-c", "from minka.doors.cli import main; main()"]
READY_WITHIN_S = 150
STOPPED_WITHIN_S = 40


@dataclass(frozen=True, slots=True)
class Town:
    """A city that runs for these tests."""

    home: Path
    port: int
    process: subprocess.Popen[str]
    board: str

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """A command on the same home."""
        return subprocess.run(
            [*MINKA, *words],
            input=given,
            capture_output=True,
            text=True,
            env=_environment(self.home),
            timeout=120,
            check=False,
        )

    def url(self) -> str:
        """The address of the running register."""
        found = running(self.home / "database")
        assert found is not None, "the database runs"
        return found.url()


def _environment(home: Path) -> dict[str, str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MINKA_")}
    binaries = {n: t for n, t in os.environ.items() if n == "MINKA_PG_BINDIR"}
    return {**clean, **binaries, "MINKA_HOME": str(home)}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """One city for the module, from an empty folder."""
    home = Path(tempfile.mkdtemp(prefix="minka-up-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [*MINKA, "up", "--port", str(port), "--home", str(home), "--instant"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(home),
    )
    board = _board(process)
    yield Town(home, port, process, board)
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOPPED_WITHIN_S)
    process.kill()
    discard(home / "database")
    shutil.rmtree(home)


def _board(process: subprocess.Popen[str]) -> str:
    """What is printed until the city is ready."""
    assert process.stdout is not None
    lines: list[str] = []
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        line = process.stdout.readline()
        if not line:
            break
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    raise AssertionError(f"the city is not ready: {''.join(lines)}")


def test_it_prints_addresses_and_log_ins(town: Town) -> None:
    """A newcomer finds every address and log-in on one board, and the page answers."""
    assert f"http://127.0.0.1:{town.port}/" in town.board
    assert "r1-hotline" in town.board
    address = f"http://127.0.0.1:{town.port}/staff/account/login/"
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.status == 200


def test_the_city_is_furnished(town: Town) -> None:
    """L1: three hundred people with active cards, and every place with address and hours."""
    with psycopg.connect(town.url()) as connection:
        people = connection.execute("select count(*) from person").fetchone()
        active = connection.execute("select count(*) from card where status = 'active'").fetchone()
        bare = connection.execute(
            "select count(*) from place where address = '' or hours = '' or directions = ''"
            " or longitude is null"
        ).fetchone()
        drift = connection.execute("select count(*) from card_drift").fetchone()
    assert people == active
    assert people is not None
    assert people[0] >= 300
    assert bare == (0,)
    assert drift == (0,)


def test_a_second_start_on_the_same_home_says_where_it_runs(town: Town) -> None:
    """One folder is one city."""
    said = town.run("up", "--home", str(town.home), "--port", "1")
    assert said.returncode == 6
    assert f"http://127.0.0.1:{town.port}" in said.stderr
    assert "下一步" in said.stderr


def test_staff_can_log_in(town: Town) -> None:
    """A password that is made here and now, and a second factor that can be asked for."""
    code = town.run("staff", "code", "r1-hotline").stdout.strip()
    assert len(code) == 6
    assert code.isdigit()
    assert town.run("staff", "password", "--home", str(town.home)).stdout.strip() in town.board
    assert town.run("staff", "code", "nobody").returncode == 3
    logins = json.loads(town.run("staff", "list").stdout)
    assert {"r1-counter", "r3-medical", "r5-bank"} <= {each["login"] for each in logins}


def test_a_card_is_lost_found_stopped_and_replaced_from_the_command_line(town: Town) -> None:
    """A1, A9, H9: reported, stopped at the bank, replaced, made by the factory, collected."""
    someone = next(p for p in invent({"R1": "990100"}) if p.serial == 3)
    number, name = someone.number.reveal(), someone.name.reveal()
    report = town.run("loss", "report", "R1", "--name", name, given=number)
    assert report.returncode == 0, report.stderr
    receipt = json.loads(report.stdout)["receipt"]
    assert _until(lambda: _bank(town, receipt) == "confirmed")
    place = ("--place", "R1-SERVICEPOINT-1")
    paper = ("--paper", "resident_id")
    applied = town.run("replace", "apply", "R1", "--formal-loss", *place, *paper, given=number)
    assert applied.returncode == 0, applied.stderr
    case = json.loads(applied.stdout)["replacement"]
    assert _until(lambda: _status(town, case["receipt"]) == "ready")
    collected = town.run("replace", "collect", case["slip"], *place, *paper, given=number)
    assert collected.returncode == 0, collected.stderr
    activated = town.run("replace", "activate", case["receipt"], given=number)
    assert activated.returncode == 0, activated.stderr
    again = town.run("replace", "collect", case["slip"], *place, *paper, given=number)
    assert again.returncode == 4
    assert name not in report.stdout + applied.stdout + collected.stdout


def _bank(town: Town, receipt: str) -> str:
    found: str = json.loads(town.run("receipt", receipt).stdout)["card"]["bank"]
    return found


def _status(town: Town, receipt: str) -> str:
    found: str = json.loads(town.run("receipt", receipt).stdout)["application"]["status"]
    return found


def _until(done: object) -> int:
    """One once a condition holds, within a minute; nought when it never does."""
    assert callable(done)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if done():
            return 1
        time.sleep(0.5)
    return 0


def test_the_clock_can_be_turned_and_put_back(town: Town) -> None:
    """Ten days pass in a moment, and come back."""
    assert json.loads(town.run("clock", "+10d").stdout)["shift_s"] == 10 * 24 * 60 * 60
    assert json.loads(town.run("clock", "reset").stdout)["shift_s"] == 0
    assert town.run("clock", "sideways").returncode == 2


def test_logs_hold_nobodys_name_or_number(town: Town) -> None:
    """P13: what the parts wrote is searched for every invented person's number and telephone."""
    text = "".join(file.read_text("utf-8", "replace") for file in (town.home / "logs").iterdir())
    for person in invent({"R1": "990100"}):
        assert person.number.reveal() not in text
        assert person.phone.reveal() not in text
    assert "password" not in text.lower()


def test_it_stops_cleanly_when_asked(town: Town) -> None:
    """SIGTERM ends every part and the database; nothing listens any more."""
    town.process.send_signal(signal.SIGTERM)
    assert town.process.wait(STOPPED_WITHIN_S) == 0
    assert running(town.home / "database") is None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", town.port)) != 0


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_demo_tells_the_whole_story(language: str, tmp_path: Path) -> None:
    """A1, A6, A7, H6, H7, H9, A14: every step is there, and its instants are in order and exact."""
    said = subprocess.run(
        [*MINKA, "demo", "--json", "--lang", language],
        capture_output=True,
        text=True,
        env=_environment(tmp_path),
        timeout=180,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    steps = [each["step"] for each in told if "step" in each]
    wanted = ["reported", "refused", "stops", "bank", "turned", "works", "again", "replaced"]
    wanted += ["final", "made", "no_papers", "collected", "activated", "old_refused", "for_ever"]
    positions = [steps.index(name) for name in wanted]
    assert positions == sorted(positions)
    assert all("…" not in each["text"] and "{" not in each["text"] for each in told)
