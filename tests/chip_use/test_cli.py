"""`minka card …` on a virtual card: read, compared, written, its PIN, its log (I5, L3, J4)."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minka.bench import chip_city
from minka.desk.office import Office
from minka.doors import at_reader, settings
from minka.doors.cli import main
from minka.doors.cli_say import Code
from minka.doors.settings import Settings
from tests.chip_use.cards import with_vault
from tests.desk.town import settle_in


class Said:
    """What a command said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture(scope="module")
def home(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the cards of two people."""
    folder = tmp_path_factory.mktemp("home")
    for _ in range(2):
        settle_in(office)
    assert len(chip_city.make_cards(office, folder, most=2)) == 2
    return folder


@pytest.fixture
def minka(
    office: Office, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command against this module's register and cards; ``typed`` is what is typed."""
    monkeypatch.setattr(at_reader, "office", lambda: with_vault(office))
    monkeypatch.setattr(settings, "current", lambda: Settings(home=home))

    def run(*words: str, typed: str = "", text: str = "--json") -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            main(["card", *words, text])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


ONE = ("--reader", "virtual:1")


def test_the_readers_are_listed(minka: Run) -> None:
    """Real readers where there are any, and the virtual ones (J4)."""
    names = [each["name"] for each in minka("list").json["readers"]]
    assert names[-2:] == ["virtual:1", "virtual:2"]
    assert "virtual:1" in minka("list", text="--text").out


def test_a_card_is_read_in_plain_words(minka: Run, home: Path) -> None:
    """Field by field, identity masked, bytes only on demand (I5)."""
    said = minka("read", *ONE).json
    assert (said["card"]["proof"], said["card"]["version"]) == ("proved", "3.0")
    by_item = {f"{f['file']}.{f['item']}": f for f in said["fields"]}
    assert by_item["DF01EF07.29"]["says"] == "在业"
    assert "raw" not in by_item["DF01EF07.29"]
    assert "*" in by_item["SSSEEF06.08"]["says"]
    assert "*" in by_item["SSSEEF06.09"]["says"]
    number = chip_city.virtual_cards(home)[0]
    assert number not in minka("read", *ONE, "--raw").out
    raw = minka("read", *ONE, "--raw", "--file", "DF01EF07", text="--text").out
    assert "29 01 31" in raw
    clear = minka("read", *ONE, "--clear", "--file", "SSSEEF05").out
    assert number in clear


@pytest.mark.parametrize(("lang", "word"), [("zh-hans", "在业"), ("en", "employed")])
def test_three_languages(minka: Run, lang: str, word: str) -> None:
    """The same card in the reader's language."""
    out = minka("read", *ONE, "--file", "DF01EF07", "--lang", lang, text="--text").out
    assert word in out


def test_card_and_file_side_by_side_then_written(minka: Run) -> None:
    """Every difference has its reason and one cure; the write cures it (L3, C2)."""
    said = minka("read", "--reader", "virtual:2", "--beside").json
    lines = {line["item"]: line for line in said["lines"]}
    status = lines["DF01EF07.29"]
    assert (status["card"], status["file"]) == ("在业", "退休")
    assert (status["difference"], bool(status["cure"])) == ("older", True)
    assert said["waiting"]
    text = minka("read", "--reader", "virtual:2", "--beside", text="--text").out
    assert "≠ DF01EF07.29" in text
    writes = minka("write", "--reader", "virtual:2").json["writes"]
    steps = {each["item"]: each["step"] for each in writes}
    assert steps["DF01EF07.29"] == "done"
    assert steps["DF03EF06.47"] == "refused"
    medical = ("--role", "medical_staff")
    assert minka("write", "--reader", "virtual:2", *medical).json["writes"][0]["step"] == "done"
    again = minka("read", "--reader", "virtual:2", "--beside").json
    assert {x["item"]: x for x in again["lines"]}["DF01EF07.29"]["difference"] == "same"
    assert again["waiting"] == []


def test_the_pin_is_typed_and_never_an_argument(minka: Run) -> None:
    """Tried, changed, spoilt and unblocked with the vault's keys; the tries are said."""
    assert minka("verify-pin", *ONE, typed="123456\n").json["result"] == "pin_right"
    wrong = minka("verify-pin", *ONE, typed="999999\n")
    assert wrong.code == Code.REFUSED
    assert "5" in wrong.err
    changed = minka("change-pin", *ONE, typed="123456\n654321\n654321\n")
    assert changed.json["result"] == "pin_changed"
    differ = minka("change-pin", *ONE, typed="654321\n111111\n222222\n")
    assert differ.code == Code.USAGE
    for _ in range(6):
        minka("verify-pin", *ONE, typed="000000\n")
    assert "锁定" in minka("verify-pin", *ONE, typed="654321\n").err
    minka("read", *ONE, "--beside")
    assert minka("unblock", *ONE).json["result"] == "pin_unblocked"
    assert minka("verify-pin", *ONE, typed="654321\n").json["result"] == "pin_right"
    reset = minka("unblock", *ONE, "--new-pin", typed="123456\n")
    assert reset.json["result"] == "pin_reset"
    assert minka("verify-pin", *ONE, typed="123456\n").json["result"] == "pin_right"
    for options in (minka("verify-pin", "--help"), minka("change-pin", "--help")):
        assert "--pin" not in options.out


def test_face_and_chip_before_the_hand_over(minka: Run) -> None:
    """One command says whether the card may go (C1)."""
    assert minka("check", *ONE).json == {"verdict": "equal", "differing": []}
    assert "一致" in minka("check", *ONE, text="--text").out


def test_keys_and_commands_for_experts(minka: Run) -> None:
    """The card proves itself, a key opens, and any command is sent as it is."""
    assert minka("authenticate", *ONE).json["words"] == "芯片认证通过"
    assert minka("authenticate", *ONE, "--key", "RK1DF01").json["key"] == "RK1DF01"
    name = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
    said = minka("apdu", name, "00B2010504", *ONE).json["answers"]
    assert [len(said), said[0]["sw"][:2] in ("61", "90")] == [2, True]
    assert all(each["means"] for each in said)
    assert minka("apdu", "zz", *ONE).code == Code.USAGE


def test_the_log_asks_for_the_pin(minka: Run) -> None:
    """The card's own list is the holder's (C5)."""
    assert minka("log", *ONE, typed="123456\n").json == {"log": []}
    assert minka("log", *ONE, typed="111111\n").code == Code.REFUSED


def test_a_card_is_blocked_only_on_the_registers_word(minka: Run) -> None:
    """A card that nothing stops is left alone, whatever is typed."""
    assert minka("block", *ONE).code == Code.USAGE
    assert minka("block", *ONE, "--yes").json["result"] == "usable"
    assert minka("authenticate", *ONE).json["proof"] == "proved"


def test_an_empty_reader_says_so(minka: Run) -> None:
    """No card, no reader, no virtual card in production: each a sentence and a next step."""
    gone = minka("read", "--reader", "virtual:99")
    assert (gone.code, "minka card list" in gone.err) == (Code.NOT_FOUND, True)


def test_production_has_no_virtual_cards(
    minka: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bench's keys are never used in earnest (J5)."""
    monkeypatch.setattr(settings, "current", lambda: Settings(home=home, production=True))
    assert minka("read", *ONE).code == Code.UNAVAILABLE
    assert "virtual" not in minka("list", text="--text").out
