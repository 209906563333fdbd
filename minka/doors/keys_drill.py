"""A drill: a whole ceremony and a rotation on a register and a vault that are thrown away.

Everything is the real thing but the people, the database and the vault, which live in a folder of
their own and are gone when the drill ends. The city's register and vault are not even opened.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.field import SoftFieldKeys
from minka.desk.act import Answer, Request
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.keys_ceremony import (
    CloseCeremony,
    ComparePart,
    EnterPart,
    close_ceremony,
    compare_part,
    enter_part,
)
from minka.desk.keys_look import inventory
from minka.desk.keys_words import act_name
from minka.desk.office import Office
from minka.devices.vault_open import open_custody, open_vault, start_vault
from minka.devices.vault_settings import Duty, Opening, VaultSettings
from minka.keys.spoken import grouped
from minka.kit.clock import wall
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.law.book import read
from minka.store.cluster import discard, start
from minka.store.connection import Register

_MIGRATE = "import sys; from minka.doors.schema import migrate; migrate(sys.argv[1])"
CAST: Mapping[str, tuple[str, Words]] = {
    "D1": ("key_keeper", Words("演练甲（提出）", "演練甲（提出）", "Drill A, proposes")),
    "D2": ("security_administrator", Words("演练乙（批准）", "演練乙（批准）", "Drill B, signs")),
    "D3": ("key_custodian", Words("演练丙（分管）", "演練丙（分管）", "Drill C, custodian")),
    "D4": ("key_custodian", Words("演练丁（分管）", "演練丁（分管）", "Drill D, custodian")),
    "D5": ("key_custodian", Words("演练戊（分管）", "演練戊（分管）", "Drill E, custodian")),
    "D6": ("auditor", Words("演练己（见证）", "演練己（見證）", "Drill F, witness")),
}
"""Who takes part: invented people, each in the post of his duty."""
CUSTODIANS = ("D3", "D4", "D5")


class DrillFault(Exception):
    """A step that did not go as it must; the words name it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one person did, when (milliseconds from the start), and what was said aloud."""

    at_ms: int
    who: str
    does: Words
    aloud: str = ""


@contextmanager
def rehearsal_room() -> Iterator[Office]:
    """An office on a register and a vault of its own, both deleted in the end."""
    folder = Path(tempfile.mkdtemp(prefix="minka-drill-"))
    folder.chmod(0o711)
    try:
        cluster = start(folder / "database", settings={"fsync": "off"})
        subprocess.run([sys.executable, "-c", _MIGRATE, cluster.url()], check=True)
        _hire(cluster.url())
        with _a_vault(folder / "vault") as settings:
            vault, custody = open_vault(settings), open_custody(settings)
            register = Register(cluster.url(), wait_s=5)
            yield Office(
                register=register,
                book=read,
                keys=SoftFieldKeys(secrets.token_bytes(32)),
                vault=lambda: vault,
                custody=lambda: custody,
                vault_id="soft:drill",
            )
            register.close()
    finally:
        discard(folder / "database")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _a_vault(folder: Path) -> Iterator[VaultSettings]:
    settings = VaultSettings(folder=folder, duty=Duty.DRILL, opening=Opening.ITSELF)
    process = start_vault(settings)
    try:
        yield settings
    finally:
        process.terminate()
        process.wait(timeout=10)


def _hire(url: str) -> None:
    with psycopg.connect(url) as connection:
        for number, (role, _) in CAST.items():
            connection.execute(
                "with u as (insert into auth_user (password, is_superuser, username, first_name,"
                " last_name, email, is_staff, is_active, date_joined)"
                " values ('!', false, %(number)s, '', '', '', false, true, clock_timestamp())"
                " returning id) insert into operator (staff_number, role, region, user_id)"
                " select %(number)s, %(role)s, 'R1', id from u",
                {"number": number, "role": role},
            )


@dataclass(slots=True)
class Rehearsal:
    """The drill as it goes on: every step is told as soon as it was done."""

    office: Office
    tell: Callable[[Step], None]
    language: str = "zh-hans"
    began: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """The whole ceremony, then activation, rotation, and the end of the old version."""
        ceremony_no = self._opened()
        for part, who in enumerate(CUSTODIANS, 1):
            self._part(ceremony_no, part, who)
        key = self._signed("import_key", {"ceremony_no": ceremony_no})
        self._closed(ceremony_no, key)
        number = str(key["key_no"])
        self._signed("activate_key", {"key_no": number})
        until = wall() + timedelta(days=3650)
        self._signed("rotate_key", {"key_no": number, "verifies_until": until.isoformat()})
        self._signed("deactivate_key", {"key_no": number, "reason": "drill"})
        self._must_not("destroy_key", {"key_no": number}, "keys.still_needed")
        self._signed("compromise_key", {"key_no": number, "reason": "drill"})
        self._signed("destroy_key", {"key_no": number, "reason": "drill"})
        states = sorted(view.known.record.state.value for view in inventory(self.office))
        if states != ["active", "destroyed"]:
            raise DrillFault(f"the drill's inventory ends with {states}")

    def _opened(self) -> int:
        content = {
            "name": "DRILL",
            "purpose": "transport",
            "tier": "city",
            "custodians": " ".join(CUSTODIANS),
            "witness": "D6",
        }
        opened = self._signed("start_ceremony", content)
        self._must_not("import_key", {"ceremony_no": opened["ceremony_no"]}, "keys.not_this_step")
        number: int = opened["ceremony_no"]
        return number

    def _signed(self, act: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        first = self._proposed(act, content)
        own = self._sign(first, "D1")
        if own.accepted:
            raise DrillFault(f"{act}: the proposer signed alone")
        answer = self._accepted(act, self._sign(first, "D2"))
        name = act_name(act)
        said = answer.facts.get("check_value", "")
        self._told(
            "D2",
            Words(
                f"批准并办理：{name.zh_hans}",
                f"批准並辦理：{name.zh_hant}",
                f"signs, and it is done: {name.en}",
            ),
            self._words(said),
        )
        return answer.facts

    def _must_not(self, act: str, content: Mapping[str, Any], code: str) -> None:
        answer = self._sign(self._proposed(act, content), "D2")
        if answer.code != code:
            raise DrillFault(f"{act} was to be refused with {code}, not {answer.code}")
        self._told("D2", Words(*(f"✗ {answer.say(tag)}" for tag in ("zh-hans", "zh-hant", "en"))))

    def _proposed(self, act: str, content: Mapping[str, Any]) -> Answer:
        said = {name: str(value) for name, value in content.items()}
        first = self._accepted(act, propose(self.office, _by("D1"), Propose(act, said)))
        name = act_name(act)
        self._told(
            "D1",
            Words(f"提出：{name.zh_hans}", f"提出：{name.zh_hant}", f"proposes: {name.en}"),
            self._words(first.facts["content_hash"]),
        )
        return first

    def _sign(self, first: Answer, who: str) -> Answer:
        command = Approve(first.facts["act_id"], first.facts["content_hash"])
        return approve(self.office, _by(who), command)

    def _part(self, ceremony_no: int, part: int, who: str) -> None:
        component = secrets.token_bytes(16)
        entered = enter_part(self.office, _by(who), EnterPart(ceremony_no), Clear(component.hex()))
        check = self._accepted("enter", entered).facts["check_value"]
        self._told(
            who,
            Words(f"录入第{part}个分量", f"錄入第{part}個分量", f"enters part {part}, unseen"),
            self._words(check),
        )
        envelope = check_value(BlockCipher.SM4, component).hex()
        self._compared(ceremony_no, part, envelope)

    def _compared(self, ceremony_no: int, part: int, check: str) -> None:
        command = ComparePart(ceremony_no, part, check)
        answer = self._accepted("compare", compare_part(self.office, _by("D6"), command))
        if answer.facts["verdict"] != "same":
            raise DrillFault(f"part {part}: the check values differ")
        which = Words("整把密钥", "整把密鑰", "the whole key")
        if part:
            which = Words(f"第{part}个分量", f"第{part}個分量", f"part {part}")
        self._told(
            "D6",
            Words(
                f"核对{which.zh_hans}：相符", f"核對{which.zh_hant}：相符", f"compares {which.en}"
            ),
        )

    def _closed(self, ceremony_no: int, key: Mapping[str, Any]) -> None:
        self._compared(ceremony_no, 0, str(key["check_value"]))
        command = CloseCeremony(ceremony_no)
        ended = self._accepted("close", close_ceremony(self.office, _by("D6"), command))
        self._told(
            "D6",
            Words("结束仪式，读出记录", "結束儀式，讀出記錄", "closes, reads the record aloud"),
            self._words(ended.facts["record_hash"].removeprefix("sm3:")),
        )

    def _accepted(self, what: str, answer: Answer) -> Answer:
        if not answer.accepted:
            raise DrillFault(f"{what}: {answer.code}")
        return answer

    def _words(self, fingerprint: str) -> str:
        return grouped(bytes.fromhex(fingerprint), self.language) if fingerprint else ""

    def _told(self, who: str, does: Words, aloud: str = "") -> None:
        at_ms = round((time.monotonic() - self.began) * 1000)
        self.tell(Step(at_ms, who, does, aloud))


def _by(who: str) -> Request:
    return Request(f"drill:{secrets.token_hex(12)}", "cli", who, CAST[who][0])
