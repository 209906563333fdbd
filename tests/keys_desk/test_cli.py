"""`minka keys` as custodians use it: I1, K3, J5, P12, P13; a drill that leaves nothing."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from minka.doors import cli_given
from minka.doors import settings as surroundings
from minka.doors.cli import main
from minka.doors.vault import StandInUsed, refuse_stand_in
from tests.keys_desk.ward import STAFF, Ward, gone


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
def minka(ward: Ward, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command against this module's ward."""
    monkeypatch.setattr(cli_given, "office", lambda: ward.office)

    def run(*words: str, text: str = "--json") -> Said:
        try:
            main(["keys", *words, text])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def typed(part: str) -> Iterator[str]:
    """A descriptor from which a part is read once."""
    reading, writing = os.pipe()
    os.write(writing, part.encode() + b"\n")
    os.close(writing)
    yield str(reading)
    os.close(reading)


def signed(minka: Run, proposed: Said) -> Mapping[str, Any]:
    """The facts of a proposal once the guard has signed it."""
    assert proposed.code == 0, proposed.err
    first = proposed.json
    said = minka("sign", str(first["act_id"]), first["content_hash"], "--operator", "guard")
    assert said.code == 0, said.err
    found: Mapping[str, Any] = said.json
    return found


def test_a_ceremony_from_the_command_line(minka: Run, ward: Ward, tmp_path: Path) -> None:
    """I1, P13: start, enter, compare, import, close, record; parts come by a descriptor alone."""
    people = ["--custodians", "cust1 cust2", "--witness", "witness", "--purpose", "tac"]
    started = minka("ceremony", "start", "CLI1", "--operator", "keeper", *people)
    number = str(signed(minka, started)["ceremony_no"])
    for part, who in enumerate(("cust1", "cust2"), 1):
        component = secrets.token_hex(16)
        for descriptor in typed(component):
            entered = minka("ceremony", "enter", number, "--operator", who, "--fd", descriptor)
        assert entered.code == 0, entered.err
        assert component not in entered.out + entered.err
        check = entered.json["check_value"]
        seen = minka("ceremony", "compare", number, str(part), check, "--operator", "witness")
        assert seen.json["verdict"] == "same"
    key = signed(minka, minka("ceremony", "import", number, "--operator", "keeper"))
    compared = [number, "0", key["check_value"], "--operator", "witness"]
    assert minka("ceremony", "compare", *compared).code == 0
    assert minka("ceremony", "close", number, "--operator", "witness").json["how"] == "closed"
    shown = minka("ceremony", "show", number).json
    assert shown["state"] == "closed"
    assert len(shown["entered"]) == len(shown["people"]) - 3 == 2
    listed = [each["ceremony_no"] for each in minka("ceremony", "list").json]
    assert int(number) in listed
    for language in ("zh-hans", "zh-hant", "en"):
        out = tmp_path / f"{language}.pdf"
        main_record(number, out, language)
        assert out.read_bytes().startswith(b"%PDF-")


def main_record(number: str, out: Path, language: str) -> None:
    """The record printed; this command has no JSON."""
    with pytest.raises(SystemExit) as ended:
        main(["keys", "record", number, "--out", str(out), "--lang", language])
    assert not ended.value.code


def test_a_part_is_never_an_argument(minka: Run, ward: Ward) -> None:
    """P13: no option takes it, standard input that is no terminal is not read by itself."""
    number = str(ward.opened())
    part = secrets.token_hex(16)
    as_word = minka("ceremony", "enter", number, part, "--operator", "cust1")
    assert as_word.code == 2
    unseen = minka("ceremony", "enter", number, "--operator", "cust1")
    assert unseen.code == 2
    assert "--fd" in unseen.err


def test_a_value_that_differs_ends_in_an_exit_code(minka: Run, ward: Ward) -> None:
    """I1: 4, refused; the finding is on record."""
    number = ward.opened()
    assert ward.enter(number, "cust1", secrets.token_hex(16)).accepted
    said = minka("ceremony", "compare", str(number), "1", "0000000000", "--operator", "witness")
    assert said.code == 4
    assert said.json["verdict"] == "differs"
    given_up = minka("ceremony", "close", str(number), "--abandon", "--operator", "witness")
    assert given_up.json["how"] == "abandoned"


def test_a_key_from_proposal_to_rotation(minka: Run, ward: Ward) -> None:
    """I1, X47: list, show with reasons, propose, sign, rotate; unknown things end with 2 and 3."""
    fields = ["--set", "name=CLI2", "--set", "purpose=tac", "--set", "use_limit=5"]
    made = signed(minka, minka("propose", "generate_key", "--operator", "keeper", *fields))
    number = str(made["key_no"])
    activated = minka("propose", "activate_key", "--key-no", number, "--operator", "keeper")
    waiting = minka("waiting").json
    assert [each["act"] for each in waiting] == ["activate_key"]
    signed(minka, activated)
    shown = minka("show", number, "--role", "key_keeper").json
    assert shown["standing"] == "active"
    assert shown["acts"]["suspend_key"] == "yes"
    assert "cannot be moved" in shown["acts"]["resume_key"]
    assert [each["act"] for each in shown["events"]] == ["generate_key", "activate_key"]
    guard = minka("show", number, "--role", "security_administrator").json
    assert guard["acts"]["rotate_key"].startswith("You are not entitled")
    until = ["--verifies-until", "2050-01-01", "--operator", "keeper"]
    rotated = signed(minka, minka("rotate", number, *until))
    assert rotated["successor"]["version"] == 2
    names = [(each["name"], each["version"]) for each in minka("list").json]
    assert {("CLI2", 1), ("CLI2", 2)} <= set(names)
    assert minka("show", "999999").code == 3
    assert minka("propose", "rob_the_bank", "--operator", "keeper").code == 2
    assert minka("propose", "generate_key", "--set", "x", "--operator", "keeper").code == 2
    own = minka(
        "propose", "limit_key", "--key-no", number, "--set", "use_limit=9", "--operator", "keeper"
    ).json
    refused = minka(
        "sign",
        str(own["act_id"]),
        own["content_hash"],
        "--operator",
        "keeper",
        "--role",
        "key_keeper",
    )
    assert refused.code == 4
    for text in ("zh-hans", "en"):
        for words in (["list"], ["show", number], ["waiting"], ["ceremony", "list"]):
            assert minka(*words, "--lang", text, text="--text").code == 0


def test_a_block_goes_to_a_file_of_its_owner(minka: Run, ward: Ward, tmp_path: Path) -> None:
    """K3: once, mode 0600, never over another file."""
    under = ward.key("activate_key", purpose="transport")
    key_no = ward.key("activate_key", export="under_transport")
    fields = ["--set", f"under_no={under}", "--set", "receiver=post:factory"]
    asked = ["export_key", "--key-no", str(key_no), "--operator", "keeper", *fields]
    first = minka("propose", *asked)
    signed(minka, first)
    out = tmp_path / "block"
    words = ["block", str(first.json["act_id"]), "--out", str(out), "--operator", "keeper"]
    taken = minka(*words)
    assert taken.json["bytes"] == out.stat().st_size
    assert out.stat().st_mode & 0o777 == 0o600
    assert minka(*words).code == 2
    out.unlink()
    assert minka(*words).code == 4
    assert not out.exists()


def test_register_and_vault_are_compared(minka: Run, ward: Ward) -> None:
    """I1: exit code 0 when they agree, 5 when not, 6 when the vault does not answer."""
    assert minka("check").code == 0
    found = ward.key("activate_key", name="CLILOST")
    assert found
    with ward.office.register.act() as connection:
        named = connection.execute("select name from crypto_key where key_no = %s", (found,))
        assert named.fetchone() is not None
    ward.vault.destroy(next(k.name for k in ward.vault.inventory() if k.name.name == "CLILOST"))
    said = minka("check")
    assert said.code == 5
    assert [each["name"] for each in said.json["differences"]] == ["CLILOST"]


def test_a_gone_vault_is_unavailable(
    minka: Run, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T16: said with exit code 6."""
    dark = replace(ward.office, vault=gone, custody=gone)
    monkeypatch.setattr(cli_given, "office", lambda: dark)
    assert minka("check").code == 6


def test_production_refuses_to_start_on_the_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J5: every door, with a sentence and exit code 6; a machine of its own is let in."""
    environment = {
        **os.environ,
        "MINKA_PRODUCTION": "1",
        "MINKA_HOME": str(tmp_path),
        "MINKA_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    }
    for words in (["serve"], ["worker"], ["switch"], ["keys", "list"], ["keys", "vault", "run"]):
        done = subprocess.run(
            [sys.executable, "-c", "from minka.doors.cli import main; main()", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 6, (words, done.stderr)
        assert "Production does not run on a stand-in" in done.stderr
    file = tmp_path / "vault.toml"
    machine = 'library = "/none.so"\ntoken = "city"\npin_file = "pin"\n'
    file.write_text(f'kind = "pkcs11"\nfolder = "."\n[pkcs11]\n{machine}', "utf-8")
    monkeypatch.setenv("MINKA_PRODUCTION", "1")
    monkeypatch.setenv("MINKA_VAULT", str(file))
    surroundings.current.cache_clear()
    try:
        refuse_stand_in()
        file.write_text(f'kind = "pkcs11"\nduty = "drill"\n[pkcs11]\n{machine}', "utf-8")
        with pytest.raises(StandInUsed):
            refuse_stand_in()
        file.write_text("kind = 'abacus'", "utf-8")
        with pytest.raises(StandInUsed):
            refuse_stand_in()
    finally:
        surroundings.current.cache_clear()


def test_a_drill_leaves_nothing(minka: Run, ward: Ward) -> None:
    """I1: everybody's step, timed, with invented people; register and vault are as they were."""
    before = (state(ward), sorted(k.name.name for k in ward.vault.inventory()), folders())
    said = minka("drill", "--lang", "en")
    assert said.code == 0, said.err
    steps = said.json["steps"]
    assert {each["who"] for each in steps} == {f"D{n}" for n in range(1, 7)}
    assert not {each["who"] for each in steps} & set(STAFF)
    assert [each["at_ms"] for each in steps] == sorted(each["at_ms"] for each in steps)
    told = " ".join(each["does"] for each in steps)
    for act in ("Rotate a key", "enters part 3", "compares the whole key", "Destroy a key"):
        assert act in told
    assert (state(ward), sorted(k.name.name for k in ward.vault.inventory()), folders()) == before


def state(ward: Ward) -> tuple[Any, ...]:
    """How many rows every table about keys and acts has."""
    tables = ("crypto_key", "key_event", "key_ceremony", "two_person_act", "request", "operator")
    with psycopg.connect(ward.url) as connection:
        return tuple(
            connection.execute(f"select count(*) from {table}").fetchone() for table in tables
        )


def folders() -> list[str]:
    """What drills left in the folder of temporary files."""
    return sorted(each.name for each in Path("/tmp").glob("minka-drill-*"))
