"""The kit: our client and platforms pass it, wrong ones do not (I9, I10; issue's forty cases)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from minka.bench import kit_client, kit_server
from minka.bench.kit_acts import ACTS, Act
from minka.bench.kit_books import Books
from minka.bench.kit_case import Verdict
from minka.bench.kit_driver import CommandDriver, own_command
from minka.bench.kit_faults import Fault, rule
from minka.bench.kit_own import OwnDriver
from minka.bench.kit_platform import Platform
from minka.bench.kit_serve import served, target
from minka.bench.kit_stage import Stage
from minka.bench.kit_target import target_json, target_of
from minka.client import Outcome, Refused, Unknown, messenger
from minka.client.judge import Asked, Carried, judge
from minka.client.log import OutboundLog

LEAST = 40


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of ours need not wait a second for each lost answer."""
    monkeypatch.setattr("minka.bench.kit_trial.PATIENCE_MS", 250)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A served quick platform."""
    made = served([])
    yield made
    made.stop()


def test_there_are_forty_cases_for_each_side() -> None:
    """At least forty named cases, each with its reason in three languages."""
    for table in (kit_server.CASES, kit_client.CASES):
        names = [each.name for each in table]
        assert len(names) >= LEAST
        assert len(set(names)) == len(names)
        for each in table:
            assert len({each.why.zh_hans, each.why.zh_hant, each.why.en}) >= 2
            assert each.why.en.endswith((".", "!"))
            assert each.why.zh_hans.endswith("。")


def test_the_quick_platform_passes_every_server_case(stage: Stage) -> None:
    """Eighty cases, none left out."""
    results = list(kit_server.check(target(stage.url, None)))
    assert [(each.name, each.seen) for each in results if each.verdict is not Verdict.PASSED] == []


@pytest.mark.parametrize("part", range(4))
def test_our_client_passes_every_client_case(part: int) -> None:
    """Sixty cases; only the crash needs a process of its own."""
    for each in kit_client.CASES[part::4]:
        (result,) = [
            found for found in kit_client.check(OwnDriver, each.name) if found.name == each.name
        ]
        wanted = Verdict.SKIPPED if "crash" in each.name else Verdict.PASSED
        assert (result.verdict, result.name) == (wanted, each.name), result


def test_our_client_is_killed_and_passes() -> None:
    """The crash case, through the driver's command."""
    results = list(kit_client.check(lambda setting: CommandDriver(own_command(), setting), "crash"))
    assert [each.verdict for each in results] == [Verdict.PASSED]


# Wrong platforms.


def _failed(stage: Stage, *parts: str) -> set[str]:
    known = target(stage.url, None)
    return {
        each.name
        for part in parts
        for each in kit_server.check(known, part)
        if each.verdict is Verdict.FAILED
    }


def test_a_platform_without_memory_of_ids_is_caught(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One key, one effect, one answer (P6)."""
    monkeypatch.setattr(Platform, "_once", lambda self, *words: self._act(*words))
    found = _failed(stage, "same_message", "storm", "sent_twice", "same_reversal")
    assert {"the_same_message_has_the_same_answer", "a_storm_of_copies_settles_once"} <= found


def test_a_platform_without_tombstones_is_caught(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reversal that overtakes its original (P9)."""

    def forgetful(act: Act) -> dict[str, object]:
        known = act.data["omsgid"] in act.books.answers
        return reverse(act) if known else {}

    reverse = ACTS["2601"]
    monkeypatch.setattr("minka.bench.kit_platform.ACTS", {**ACTS, "2601": forgetful})
    assert "a_reversal_may_come_first" in _failed(stage, "come_first")


def test_a_platform_that_pays_back_twice_is_caught(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refund and reversal of one settlement."""
    undo = Books.undo

    def careless(self: Books, entry: object, *words: str) -> object:
        found = undo(self, entry, *words)  # type: ignore[arg-type]
        entry.undone = ""  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(Books, "undo", careless)
    found = _failed(stage, "refund_happens_once", "refunded_settlement_is_not")
    assert found == {"a_refund_happens_once", "a_refunded_settlement_is_not_reversed"}


# Wrong clients.


def _client_failed(*parts: str) -> set[str]:
    return {
        each.name
        for part in parts
        for each in kit_client.check(OwnDriver, part)
        if each.verdict is Verdict.FAILED
    }


def test_a_client_that_takes_unknown_for_failed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mistake of every HIS that has two outcomes."""

    def hasty(asked: Asked, came: Carried, _open: Sequence[str]) -> Outcome:
        found = judge(asked, came)
        return Refused(found.msgid, found.infno, "?") if isinstance(found, Unknown) else found

    monkeypatch.setattr(messenger, "judge", hasty)
    found = _client_failed("unknown_after_lost_reply", "no_new_settlement")
    assert found == {"unknown_after_lost_reply", "no_new_settlement_while_one_is_open"}


def test_a_client_that_believes_everything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer whose seal is wrong is nobody's."""
    from minka.client.carrier import HttpCarrier

    monkeypatch.setattr(HttpCarrier, "_proved", lambda *_: True)
    assert _client_failed("forged_answer") == {"unknown_after_forged_answer"}


def test_a_client_that_gives_up_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repair that does nothing leaves the books apart."""
    monkeypatch.setattr(messenger.Messenger, "repair", lambda _: [])
    monkeypatch.setattr("minka.bench.kit_trial.REPAIRS", 2)
    assert _client_failed("does_not_give_up") == {"repair_does_not_give_up"}


def test_a_client_that_reverses_again_and_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new 2601 for each try."""
    from minka.client import Ask
    from minka.client.site import Site

    start, write = OwnDriver.__init__, OutboundLog.write

    def anew(self: OutboundLog, draft: object, *words: object) -> object:
        if getattr(draft, "undoes", ""):
            with self._act() as file:
                file.execute("update sent set undoes = '', state = 'refused' where undoes <> ''")
        return write(self, draft, *words)  # type: ignore[arg-type]

    def reversing(self: OwnDriver, setting: object) -> None:
        start(self, setting)  # type: ignore[arg-type]
        names = Site.__dataclass_fields__
        held = {name: getattr(self.client.site, name) for name in names}
        self.client.site = Site(**{**held, "ask": Ask.REVERSE})

    monkeypatch.setattr(OwnDriver, "__init__", reversing)
    assert _client_failed("double_reversal") == set()
    monkeypatch.setattr(OutboundLog, "write", anew)
    assert _client_failed("double_reversal") == {"there_is_no_double_reversal"}


# Faults, control and commands.


@pytest.mark.parametrize(
    ("text", "infno", "nth", "times", "chance", "delay"),
    [
        ("lost_reply", "", 1, 0, 10_000, 0),
        ("lost_reply:2207", "2207", 1, 0, 10_000, 0),
        ("lost_reply:2207#3", "2207", 3, 1, 10_000, 0),
        ("slow:2601#2+4@.25~800ms", "2601", 2, 4, 2_500, 800),
        ("busy@1", "", 1, 0, 10_000, 0),
    ],
)
def test_a_rule_is_read(
    text: str, infno: str, nth: int, times: int, chance: int, delay: int
) -> None:
    """Name, transaction, from which on and how many, chance, delay."""
    found = rule(text)
    assert (found.infno, found.nth, found.times) == (infno, nth, times)
    assert (found.chance_e4, found.delay_ms) == (chance, delay)


@pytest.mark.parametrize("text", ["", "nothing", "lost_reply:22", "lost_reply#x", "slow~8"])
def test_a_rule_that_is_none_names_those_there_are(text: str) -> None:
    """The error is a list to choose from."""
    with pytest.raises(ValueError, match="lost_reply"):
        rule(text)


def test_every_fault_says_what_happens() -> None:
    """In three languages."""
    assert all(each.words.zh_hans and each.words.zh_hant and each.words.en for each in Fault)


def test_the_control_switches_faults_and_tells_no_person(stage: Stage) -> None:
    """GET, POST, DELETE; the log names transactions, never people."""
    control = httpx.URL(stage.url).join("/kit/")
    assert httpx.post(control.join("faults"), json={"rule": "lost_reply:1101#1"}).status_code == 200
    assert httpx.post(control.join("faults"), json={"rule": "?"}).status_code == 422
    results = list(kit_server.check(target(stage.url, None), "a_person_is_found"))
    assert [each.verdict for each in results] == [Verdict.FAILED, Verdict.PASSED]
    log = httpx.get(control.join("log")).text
    assert "lost_reply" in log
    assert not any(who.id_number in log for who in target(stage.url, None).holders)
    assert httpx.delete(control.join("faults")).json() == []
    assert httpx.get(control.join("nothing")).status_code == 404


def test_a_stage_stands_before_any_platform(stage: Stage) -> None:
    """The faults work on another's platform by its URL."""
    before = served(["lost_reply:2207#1"], upstream=stage.url)
    known = target_of(target_json(target(stage.url, None)) | {"url": before.url})
    results = list(kit_server.check(known, "a_settlement_adds_up"))
    again = list(kit_server.check(known, "a_settlement_adds_up"))
    before.stop()
    assert [each.verdict for each in results + again] == [Verdict.FAILED, Verdict.PASSED]


def minka(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The command in this process: its exit code and what it printed."""
    from minka.doors.cli import main

    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["kit", *words])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_the_commands(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """check, cases, faults; exit codes."""
    code, out = minka(capsys, "check", stage.url, "--case", "split", "--json")
    assert (code, json.loads(out)["passed"]) == (0, 1)
    stage.faults.rules = [rule("broken_json:2204")]
    code, out = minka(capsys, "check", stage.url, "--case", "split", "--lang", "en", "--text")
    assert code == 5
    assert "expected" in out
    assert "The platform splits each line" in out
    assert minka(capsys, "check")[0] == 2
    assert minka(capsys, "check", "http://127.0.0.1:9/insurance")[0] == 2
    file = tmp_path / "target.json"
    file.write_text(json.dumps(target_json(target(stage.url, None))), encoding="utf-8")
    stage.faults.rules = []
    assert minka(capsys, "check", stage.url, "--with", str(file), "--case", "split")[0] == 0
    assert len(json.loads(minka(capsys, "cases", "--json")[1])) >= 2 * LEAST
    told = {row["fault"] for row in json.loads(minka(capsys, "faults", "--json")[1])}
    assert told == {each.title for each in Fault}


def test_the_plug_in_names_each_case(stage: Stage, tmp_path: Path) -> None:
    """One test a case in the vendor's own run; a failure says why it matters."""
    stage.faults.rules = [rule("broken_json:2204")]
    words = ["-p", "minka.bench.kit_pytest", "-p", "no:cacheprovider", "-q", "-rA"]
    words += ["--rootdir", str(tmp_path), "--kit-url", stage.url, "--kit-case", "are_"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(tmp_path), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert done.returncode == 1, done.stdout
    assert "lines_are_split_without_loss" in done.stdout
    assert "平台拆分每条明细" in done.stdout
    assert "PASSED" in done.stdout
