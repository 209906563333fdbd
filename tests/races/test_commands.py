"""The commands of the proofs: JSON to read, and an exit code that tells whether the proof held."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner, Result

from minka.doors.cli_bench import proofs


def run(*words: str) -> Result:
    """One command of the proofs."""
    return CliRunner().invoke(proofs, list(words))


def test_race_prints_the_two_keys_and_fails_for_a_wrong_build(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issue's own keys; a build with ``now()`` ends with exit code 1."""
    monkeypatch.setenv("MINKA_DATABASE_URL", database_url)
    safe = run("race", "--cards", "6", "--clock-steps", "--json")
    assert safe.exit_code == 0, safe.output
    report = json.loads(safe.stdout)
    assert (report["used_at_or_after_effective"], report["committed_after_ack"]) == (0, 0)
    assert (report["tried"], report["reports"], report["clock"]) == (36, 6, "steps")
    assert report["approved"] + report["refused"] == 36
    wrong = run("race", "--cards", "16", "--design", "now", "--json")
    assert wrong.exit_code == 1, wrong.output


def test_sequences_and_worlds_print_json() -> None:
    """What was covered, and that nothing was broken."""
    tried = run("sequences", "--length", "6", "--desks", "0", "--region", "R1", "--json")
    assert tried.exit_code == 0, tried.output
    report = json.loads(tried.stdout)
    assert report["violations"] == 0
    assert report["covered"][0]["sequences"] == 12_204_240
    worlds = run("simulate", "--worlds", "5", "--json")
    assert json.loads(worlds.stdout)["worlds"] == 5
    assert worlds.exit_code == 0
    assert run("simulate", "--worlds", "5", "--mutant", "formal_lapses").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("race", "--design", "fast"),
        ("race", "--clock", "sundial"),
        ("kill", "--what", "everything"),
        ("simulate", "--mutant", "ninja"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(words: tuple[str, ...]) -> None:
    """Exit code 2, and what could have been said."""
    result = run(*words)
    assert result.exit_code == typer.BadParameter("").exit_code == 2
    assert "choose one of" in result.output
