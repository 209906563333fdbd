"""A key ward: an office with a soft vault, its staff, and acts of two people in one line."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.keys_ceremony import (
    CloseCeremony,
    ComparePart,
    EnterPart,
    close_ceremony,
    compare_part,
    enter_part,
)
from minka.desk.office import Office
from minka.devices.vault_house import SoftHouse
from minka.devices.vault_settings import Duty, Opening, VaultSettings
from minka.keys.vault import VaultGone
from minka.kit.secret import Clear
from tests.desk.staff import by, hire

KEEPER, GUARD, CUSTODIAN, WITNESS = (
    "key_keeper",
    "security_administrator",
    "key_custodian",
    "auditor",
)
STAFF = {
    **dict.fromkeys(("keeper", "keeper2"), KEEPER),
    **dict.fromkeys(("guard", "guard2"), GUARD),
    **dict.fromkeys(("cust1", "cust2", "cust3", "cust4"), CUSTODIAN),
    **dict.fromkeys(("witness", "witness2"), WITNESS),
}


class OneAtATime:
    """The vault's process asks one question at a time; so does this one."""

    def __init__(self, vault: Any) -> None:
        self._vault = vault
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._vault, name)

        def asked(*given: Any, **named: Any) -> Any:
            with self._lock:
                return found(*given, **named)

        return asked


def gone() -> Any:
    """A vault that does not answer."""
    raise VaultGone("pulled out")


@dataclass(slots=True)
class Ward:
    """The office, the vault behind it, and fresh names for keys."""

    office: Office
    url: str
    vault: Any
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def fresh(self, letter: str = "T") -> str:
        """A name no key has yet."""
        return f"{letter}{next(self._serial)}"

    def propose(self, act: str, who: str = "keeper", /, **content: object) -> Answer:
        """What becomes of a proposal."""
        said = {name: str(value) for name, value in content.items()}
        return propose(self.office, by(who, STAFF[who]), Propose(act, said))

    def sign(self, first: Answer, who: str = "guard", role: str = "") -> Answer:
        """What becomes of an approval."""
        assert first.accepted, first
        command = Approve(first.facts["act_id"], first.facts["content_hash"])
        return approve(self.office, by(who, role or STAFF[who]), command)

    def done(self, act: str, **content: object) -> Mapping[str, Any]:
        """The facts of an act that two people signed."""
        answer = self.sign(self.propose(act, **content))
        assert answer.accepted, answer
        return answer.facts

    def key(self, *path: str, **plan: object) -> int:
        """A key made inside, taken along a path of acts; its number."""
        planned: dict[str, Any] = {"name": self.fresh(), "purpose": "message", **plan}
        key_no: int = self.done("generate_key", **planned)["key_no"]
        for act in path:
            self.done(act, key_no=key_no)
        return key_no

    def state(self, key_no: int) -> str:
        """Its state in the register."""
        return str(self.one("select state from key_now where key_no = %s", key_no))

    def one(self, statement: str, *values: object) -> Any:
        """The first value of a statement, as the register's owner sees it."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute(statement, values).fetchone()
        return found[0] if found else None

    def opened(self, **plan: object) -> int:
        """A ceremony that two people signed; its number."""
        people = {"custodians": "cust1 cust2 cust3", "witness": "witness"}
        planned: dict[str, Any] = {
            "name": self.fresh("C"),
            "purpose": "transport",
            **people,
            **plan,
        }
        ceremony_no: int = self.done("start_ceremony", **planned)["ceremony_no"]
        return ceremony_no

    def enter(self, ceremony_no: int, who: str, part: str, role: str = "") -> Answer:
        """What becomes of a part."""
        asked = by(who, role or STAFF[who])
        return enter_part(self.office, asked, EnterPart(ceremony_no), Clear(part))

    def compare(self, ceremony_no: int, part: int, check: str, who: str = "witness") -> Answer:
        """What becomes of a comparison."""
        command = ComparePart(ceremony_no, part, check)
        return compare_part(self.office, by(who, STAFF[who]), command)

    def close(self, ceremony_no: int, how: str = "closed", who: str = "witness") -> Answer:
        """What becomes of the end of a ceremony."""
        return close_ceremony(self.office, by(who, STAFF[who]), CloseCeremony(ceremony_no, how))

    def entered(self, ceremony_no: int, parts: Mapping[str, str]) -> list[str]:
        """Every part entered and found right; their check values."""
        checks = []
        for who, part in parts.items():
            answer = self.enter(ceremony_no, who, part)
            assert answer.accepted, answer
            checks.append(answer.facts["check_value"])
            compared = self.compare(ceremony_no, answer.facts["part"], checks[-1])
            assert compared.facts["verdict"] == "same", compared
        return checks

    def turned(self, forward: timedelta) -> None:
        """Turn the register's clock."""
        with self.office.register.act() as connection:
            connection.execute("update clock_shift set shift = shift + %s", (forward,))


def parts_of(*who: str) -> dict[str, str]:
    """A fresh part of 128 bits for each."""
    return {each: secrets.token_hex(16) for each in who}


def ward_of(office: Office, url: str, folder: Path) -> Ward:
    """A ward on an office's register with a soft vault of its own."""
    settings = VaultSettings(folder=folder, duty=Duty.DRILL, opening=Opening.ITSELF)
    vault = OneAtATime(SoftHouse(settings).vault())
    for number, role in STAFF.items():
        hire(url, number, role)
    keyed = replace(office, vault=lambda: vault, custody=lambda: vault, vault_id="soft:test")
    return Ward(keyed, url, vault)
