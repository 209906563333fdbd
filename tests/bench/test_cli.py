"""The command line: quick help, exit codes, JSON for programmes, sentences for people."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from minka.doors.cli import COMMANDS, load
from minka.doors.cli_calendar import read_notices
from minka.doors.cli_say import WORDS, Code, exit_code

MINKA = [sys.executable, "-c", "from minka.doors.cli import main; main()"]


def run(*words: str, url: str = "", given: str = "") -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, with an empty home."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MINKA_")}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**clean, "MINKA_HOME": str(Path(folder) / "home")}
        if url:
            environment["MINKA_DATABASE_URL"] = url
        return subprocess.run(
            [*MINKA, *words],
            input=given,
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=False,
        )


def test_help_is_quick() -> None:
    """ux.md 8: help in under half a second of computing, because nothing heavy is imported."""
    run("--help")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = run("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert shown.returncode == 0
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_of_the_table_is_there_and_explains_itself(name: str) -> None:
    """Each name leads to a command whose help has a sentence, and so has each of its own."""
    command = load(name)
    assert command.help
    for inner in getattr(command, "commands", {}).values():
        assert inner.help, f"{name} {inner.name} does not say what it does"


def test_without_a_register_a_command_says_what_to_do() -> None:
    """Exit code 6, a sentence, and the next step; nothing is started by accident."""
    said = run("card", "show", "M00000019")
    assert said.returncode == Code.UNAVAILABLE
    assert "下一步：minka up" in said.stderr
    assert said.stdout == ""


def test_a_register_that_does_not_answer_is_not_a_yes() -> None:
    """The loss door says within seconds that nothing was done."""
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    said = run("loss", "report", "R1", "--name", "某", url=url, given="x\n")
    assert said.returncode == Code.UNAVAILABLE
    assert "什么也没有办成" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["frob"], Code.USAGE),
        (["loss", "report"], Code.USAGE),
        (["card", "show", "M99999999"], Code.NOT_FOUND),
        (["receipt", "G-0000-0000-0"], Code.NOT_FOUND),
        (["loss", "report", "R99", "--number", "1"], Code.NOT_FOUND),
        (["loss", "report", "R1", "--number", "1", "--name", "某"], Code.REFUSED),
        (["loss", "report", "R1", "--number", "1", "--paper", "toy"], Code.USAGE),
        (["paper", "issue", "toy", "--number", "1"], Code.USAGE),
        (["clock", "+10d"], Code.USAGE),
    ],
)
def test_exit_codes(words: Sequence[str], code: Code, database_url: str) -> None:
    """2 usage, 3 not found, 4 refused by rule; never a traceback."""
    said = run(*words, url=database_url)
    assert said.returncode == code, said.stderr
    assert "Traceback" not in said.stderr
    assert said.stderr


def test_output_is_json_when_nobody_reads_it(database_url: str) -> None:
    """A pipe gets JSON with the code of the refusal; standard error has the sentence."""
    said = run("loss", "report", "R1", "--name", "某", url=database_url, given="123\n")
    data = json.loads(said.stdout)
    assert data["code"] == "loss.not_verified"
    assert said.returncode == Code.REFUSED
    assert "下一步：" in said.stderr
    english = run(
        *("loss", "report", "R1", "--name", "x", "--lang", "en", "--text"),
        url=database_url,
        given="123\n",
    )
    assert "Next: " in english.stderr
    assert english.stdout == ""


def test_the_number_is_never_said_back(database_url: str) -> None:
    """An identity number read from standard input shows nowhere."""
    number = "110000198503101234"
    said = run("loss", "report", "R1", "--name", "某", url=database_url, given=f"{number}\n")
    assert number not in said.stdout + said.stderr


def test_a_bench_register_alone_has_its_clock_turned(database_url: str) -> None:
    """A city's own register needs --bench, so that no clerk turns its clock by accident."""
    refused = run("clock", "+1d", url=database_url)
    assert refused.returncode == Code.USAGE
    turned = run("clock", "+1d", "--bench", "--json", url=database_url)
    assert json.loads(turned.stdout)["shift_s"] == 24 * 60 * 60
    reset = run("clock", "reset", "--bench", "--json", url=database_url)
    assert json.loads(reset.stdout)["shift_s"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "2027:\n  rest: [2027-01-01]\n  work: [2027-02-07]\n",
        "2027-01-01,off\n2027-02-07,extra\n",
        "day,kind\n2027-01-01,rest\n2027-02-07,work\n",
    ],
)
def test_a_notice_is_read_in_either_form(text: str) -> None:
    """A10: YAML as the law's own calendar, or lines of day and kind."""
    assert read_notices(text) == {2027: ((date(2027, 1, 1),), (date(2027, 2, 7),))}


@pytest.mark.parametrize("text", ["", "holidays", "2027-01-01,party\n", "2027: nothing\n"])
def test_a_file_that_is_no_notice_is_refused(text: str) -> None:
    """Nothing is loaded from a file that cannot be read."""
    with pytest.raises((ValueError, AttributeError)):
        read_notices(text)


def test_a_notice_is_loaded_once(database_url: str, tmp_path: Path) -> None:
    """A10: the same notice twice loads no day twice; another one for the year is refused."""
    file = tmp_path / "2027.csv"
    file.write_text("2027-01-01,off\n2027-02-07,extra\n")
    first = run("calendar", "load", str(file), url=database_url)
    assert json.loads(first.stdout)["days"] == 2
    again = run("calendar", "load", str(file), url=database_url)
    assert json.loads(again.stdout)["days"] == 0
    file.write_text("2027-01-04,off\n")
    other = run("calendar", "load", str(file), url=database_url)
    assert other.returncode == Code.REFUSED


def test_every_exit_code_has_its_refusals() -> None:
    """Unknown things are 3, rules are 4; every word of a fact has three languages."""
    assert exit_code("issue.slip_unknown") == Code.NOT_FOUND
    assert exit_code("loss.papers_missing") == Code.REFUSED
    assert all(len(words) == 3 and all(words) for words in WORDS.values())
