"""The commands `minka import` and `minka export`, as a person and as a programme use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from minka.doors.files.refusals import FileRefusal, RowRefusal
from tests.files.tables import card, number, person, table

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def minka(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the command against this module's register."""
    home = tmp_path_factory.getbasetemp() / "files-home"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        script = "import sys; from minka.doors.cli import main; main(sys.argv[1:])"
        return subprocess.run(
            [sys.executable, "-c", script, *words],
            env={**os.environ, "MINKA_DATABASE_URL": database_url, "MINKA_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_register_goes_through_the_command_line(minka: Run, tmp_path: Path) -> None:
    """Dry run, import, refused rows, cards, export; standard output is JSON and nothing else."""
    rows = [{**person(n), **card(n, f"N0000{n:03d}0")} for n in range(1, 4)]
    path = table(tmp_path / "a.csv", [*rows, person(9, name="?")])
    rehearsed = minka("import", "persons", str(path), "--dry-run", "--json")
    told = json.loads(rehearsed.stdout)
    assert (rehearsed.returncode, told["added"], told["refused"]) == (4, 3, 1)
    assert (told["dry_run"], told["run"]) == (True, None)
    refused = tmp_path / "refused.csv"
    done = minka("import", "persons", str(path), "--json", "--refused", str(refused))
    told = json.loads(done.stdout)
    assert (done.returncode, told["added"], told["refusals"]) == (4, 3, {"name": 1})
    assert refused.read_text(encoding="utf-8-sig").count("\n") == 2
    assert number(1) not in done.stdout + done.stderr
    shown = minka("import", "cards", str(path), "--text", "--lang", "en")
    assert "3 added" in shown.stdout
    assert "Line 5" in shown.stderr
    for kind, count in (("persons", 3), ("cards", 3), ("agencies", 0)):
        target = tmp_path / f"{kind}.xlsx"
        gone = minka("export", kind, str(target), "--reason", "检查", "--json")
        assert gone.returncode == 0, gone.stderr
        assert json.loads(gone.stdout) == {"kind": kind, "file": target.name, "rows": count}
        assert target.stat().st_mode & 0o777 == 0o600


def test_a_refused_file_is_a_sentence_and_exit_code_4(minka: Run, tmp_path: Path) -> None:
    """What, why and what next, in three languages for programmes."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"number,name\n1,\x81\xff\n")
    done = minka("import", "persons", str(path), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["code"]) == (4, "doors.encoding")
    assert set(told["sentence"]) == {"zh-hans", "zh-hant", "en"}
    assert "Traceback" not in done.stderr
    missing = minka("import", "persons", str(tmp_path / "none.csv"), "--text", "--lang", "en")
    assert missing.returncode == 4
    assert "none.csv cannot be opened" in missing.stderr
    assert minka("export", "persons", str(path)).returncode == 2, "a reason is asked for"


def test_a_register_that_is_away_says_so(tmp_path: Path, minka: Run) -> None:
    """Exit code 6, a sentence, no trace."""
    path = table(tmp_path / "a.csv", [person(1)])
    script = "import sys; from minka.doors.cli import main; main(sys.argv[1:])"
    nowhere = {**os.environ, "MINKA_DATABASE_URL": "postgresql://x@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-c", script, "import", "persons", str(path), "--text"],
        env={**nowhere, "MINKA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 6, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("reason", [*RowRefusal, *FileRefusal], ids=lambda r: r.name)
def test_every_refusal_says_what_to_do_next_in_three_languages(
    reason: RowRefusal | FileRefusal,
) -> None:
    """Two sentences at least: what is wrong, and the cure."""
    words = reason.words
    assert all(text.endswith(("。", ".")) for text in (words.zh_hans, words.zh_hant, words.en))
    assert words.zh_hans.count("。") >= 2
    assert words.zh_hant.count("。") >= 2
    assert words.en.count(". ") >= 1
    assert words.zh_hans != words.zh_hant
