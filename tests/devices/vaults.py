"""Vaults of every kind in processes of their own, with the keys of the vectors in them."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from minka.cipher.card_key import Algorithm
from minka.cipher.octets import xor
from minka.devices.vault_client import CustodyClient, VaultClient
from minka.devices.vault_open import open_custody, open_vault, start_vault
from minka.devices.vault_settings import (
    Duty,
    Kind,
    Opening,
    Pkcs11Settings,
    SdfSettings,
    VaultSettings,
)
from minka.keys.vault import KeyFacts, KeyName, KeyTerms, Purpose

ROOT = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
TRANSPORT_KEY = bytes.fromhex("5A4B3C2D1E0F60718293A4B5C6D7E8F9")
FACTORS = tuple(
    bytes.fromhex(factor) for factor in ("3939303030307368", "3939303130307378", "8699990100000001")
)
PIN = "314159"
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
TEST_3DES = {"DES3.ecb": 0x80000301, "DES3.cbc": 0x80000302}
"""Numbers of the tests' own device (sdf/device.c)."""

DES, SM4 = Algorithm.TRIPLE_DES, Algorithm.SM4


@dataclass
class Stand:
    """One vault: its settings, its process, and whoever asks it."""

    settings: VaultSettings
    process: subprocess.Popen[bytes] | None = None
    fault: Path = field(default_factory=Path)
    tokens: Path = field(default_factory=Path)

    def start(self, log: IO[bytes] | None = None) -> None:
        """Its process runs and answers; what it says goes where ours goes, or into a log."""
        self.process = start_vault(self.settings, log)

    def stop(self) -> int:
        """Told to end; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(20)

    def kill(self) -> None:
        """Killed in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    @property
    def vault(self) -> VaultClient:
        """A new client of the running doors."""
        return open_vault(self.settings)

    @property
    def custody(self) -> CustodyClient:
        """A new client of the ceremony."""
        return open_custody(self.settings)

    def end(self) -> None:
        """Nothing of it runs any more."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


Maker = Callable[[Path], Stand]


def soft(folder: Path) -> Stand:
    """A soft vault that opens itself."""
    return Stand(VaultSettings(folder=folder, duty=Duty.DRILL, opening=Opening.ITSELF))


def token(folder: Path, mechanisms: dict[str, int] | None = None) -> Stand:
    """A fresh SoftHSM token in the folder; this process's environment then names it."""
    needs(SOFTHSM, "softhsm2")
    tokens = folder / "tokens"
    tokens.mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tokens}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    words = f"--init-token --free --label minka --so-pin 27182818 --pin {PIN}"
    subprocess.run(["softhsm2-util", *words.split()], check=True, stdout=subprocess.DEVNULL)
    pin_file = folder / "pin"
    pin_file.write_text(f"{PIN}\n")
    own = Pkcs11Settings(
        library=SOFTHSM, token="minka", pin_file=pin_file, mechanisms=mechanisms or {}
    )
    settings = VaultSettings(folder=folder / "vault", kind=Kind.PKCS11, duty=Duty.DRILL, pkcs11=own)
    return Stand(settings, tokens=tokens)


def device(folder: Path) -> Stand:
    """The tests' own SDF library, with a file that says what is wrong with it."""
    folder.mkdir(parents=True, exist_ok=True)
    fault = folder / "fault"
    os.environ["MINKA_SDF_FAULT"] = str(fault)
    own = SdfSettings(library=sdf_library(folder), algorithms=TEST_3DES)
    settings = VaultSettings(folder=folder / "vault", kind=Kind.SDF, duty=Duty.DRILL, sdf=own)
    return Stand(settings, fault=fault)


MAKERS: dict[str, Maker] = {"soft": soft, "pkcs11": token, "sdf": device}


def sdf_library(folder: Path, *flags: str) -> Path:
    """The C library of ``tests/devices/sdf``, built into a folder."""
    compiler, crypto = shutil.which("gcc"), ctypes.util.find_library("crypto")
    needs(Path(compiler or "/gcc"), "gcc")
    sources = sorted(str(path) for path in (Path(__file__).parent / "sdf").glob("*.c"))
    built = folder / f"libsdf{len(flags)}.so"
    strict = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", *flags]
    command = ["gcc", *strict, *sources, "-o", str(built), f"-l:{crypto}"]
    subprocess.run(command, check=True)
    return built


def needs(path: Path, package: str) -> None:
    """A component of the machine; without it the test is skipped here and fails in CI."""
    if path.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{package} is not installed")
    pytest.skip(f"{package} is not installed")


def enter(
    custody: CustodyClient,
    key: KeyName,
    purpose: Purpose,
    value: bytes = ROOT,
    terms: KeyTerms | None = None,
) -> KeyFacts:
    """A known key in a vault, by two components."""
    other = bytes((7 * place + 1) & 0xFF for place in range(len(value)))
    custody.add_component("test", key, other)
    custody.add_component("test", key, xor(other, value))
    given = terms or KeyTerms(bits=8 * len(value))
    return custody.combine("test", key, purpose, 2, terms=given)
