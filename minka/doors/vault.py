"""Which vault stands behind the doors, as the settings say; production refuses a stand-in (J5).

``MINKA_VAULT`` names the vault's own settings file (``kind`` = soft, pkcs11 or sdf; see
``devices.vault_settings``). Without it there is a soft vault in ``MINKA_HOME/vault`` that opens
itself, for demonstrations; ``MINKA_PRODUCTION`` forbids it, at the start of every door.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

from minka.devices.vault_open import open_custody, open_vault
from minka.devices.vault_settings import (
    SETTINGS_NAME,
    BadSettings,
    Duty,
    Kind,
    Opening,
    VaultSettings,
    read_settings,
)
from minka.doors import settings as surroundings
from minka.keys.vault import KeyVault, VaultCustody, VaultGone

_DEMO = """# The vault of a demonstration: its keys stand in a process of this machine.
# For a real city: kind = "pkcs11" or "sdf", duty = "production", and the machine's own table.
kind = "soft"
duty = "drill"
opening = "itself"
folder = "."
"""


class StandInUsed(Exception):
    """Production was asked for, and only a stand-in is there: a sentence with its next step."""


def settings_file() -> Path:
    """Where the vault's settings are, whether the file exists or not."""
    given = surroundings.current()
    return given.vault or given.home.absolute() / "vault" / SETTINGS_NAME


def vault_settings() -> VaultSettings:
    """The settings of the vault; ``BadSettings`` for a file that does not hold together."""
    path = settings_file()
    if path.exists():
        return read_settings(path)
    if surroundings.current().vault is not None:
        raise BadSettings(f"{path}: there is no such file")
    return VaultSettings(folder=path.parent, duty=Duty.DRILL, opening=Opening.ITSELF)


def demo_file() -> Path:
    """The settings file of a demonstration's vault, written when there is none yet."""
    path = settings_file()
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(_DEMO, "utf-8")
    return path


def refuse_stand_in() -> None:
    """``StandInUsed`` when production is asked for and the settings name a stand-in; asks nobody.

    A machine that is none (a token in software) is found out by the vault's own process and by
    whoever connects to it.
    """
    if not surroundings.current().production:
        return
    try:
        found = vault_settings()
    except BadSettings as why:
        raise StandInUsed(f"加密机的设置读不懂 · The vault's settings do not hold: {why}") from None
    if found.kind is Kind.SOFT or found.duty is not Duty.PRODUCTION:
        raise StandInUsed(
            f"正式运行不能用软件加密机（{found.kind.value}，{found.duty.value}）。"
            "下一步：MINKA_VAULT 指向 duty = production 的 pkcs11 或 sdf 设置文件"
            " · Production does not run on a stand-in for the vault. Next: let MINKA_VAULT name a"
            " settings file with duty = production and kind = pkcs11 or sdf."
        )


def vault_id() -> str:
    """The vault as the inventory names it: its kind, and the name of its token or folder."""
    try:
        found = vault_settings()
    except BadSettings:
        return "none:none"
    named = found.pkcs11.token if found.pkcs11 else found.folder.resolve().name
    letters = [c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in named]
    return f"{found.kind.value}:{''.join(letters)[:24] or 'vault'}"


def the_vault() -> KeyVault:
    """The vault's door for the running system; a vault that is down says so when asked."""
    return _vault_at(settings_file())


def the_custody() -> VaultCustody:
    """The vault's other door, for acts of two people and ceremonies."""
    return _custody_at(settings_file())


@cache
def _vault_at(_path: Path) -> KeyVault:
    return open_vault(_known())


@cache
def _custody_at(_path: Path) -> VaultCustody:
    return open_custody(_known())


def _known() -> VaultSettings:
    """The settings; a file nobody can read is a vault that is not there, and no more than that."""
    try:
        return vault_settings()
    except BadSettings as why:
        raise VaultGone(str(why)) from None


def run_vault() -> None:
    """Become the vault's own process."""
    path = demo_file() if surroundings.current().vault is None else settings_file()
    command = [sys.executable, "-m", "minka.devices.vault_process", str(path)]
    os.execv(sys.executable, command)
