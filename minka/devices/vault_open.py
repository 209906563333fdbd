"""How the rest of Minka comes by a vault: open its port, or start its process.

``open_vault(settings)`` never fails because the vault is down: the first operation does, with
``VaultGone``. ``vault_settings.drill_settings(folder)`` gives a soft vault for demonstrations.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import IO

from minka.devices.vault_client import CustodyClient, VaultClient
from minka.devices.vault_settings import VaultSettings, as_json
from minka.devices.vault_wire import MachineFacts
from minka.keys.vault import VaultGone
from minka.kit.clock import monotonic_ns

STARTS_WITHIN_MS = 15_000


def open_vault(settings: VaultSettings) -> VaultClient:
    """The vault's ``KeyVault``, for the doors and desks."""
    return VaultClient(settings)


def open_custody(settings: VaultSettings) -> CustodyClient:
    """The vault's ``VaultCustody``, for a ceremony alone."""
    return CustodyClient(settings)


def start_vault(settings: VaultSettings, log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """The vault's process, once it answers; ``VaultGone`` otherwise.

    It ends when told (``terminate``), and when its starter ends or forgets it, whose end of its
    standard input it watches. Its environment is this process's own, so that ``SOFTHSM2_CONF`` and
    the like reach the machine.
    """
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "minka.devices.vault_process", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=log)
    if process.stdin is None:
        raise VaultGone("no way to tell the process its settings")
    with suppress(BrokenPipeError):
        process.stdin.write(as_json(settings) + b"\n")
        process.stdin.flush()
    until = monotonic_ns() + STARTS_WITHIN_MS * 1_000_000
    while process.poll() is None and monotonic_ns() < until:
        with suppress(VaultGone):
            _answers(settings)
            return process
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    process.kill()
    process.wait()
    raise VaultGone("the vault's process did not start")


def _answers(settings: VaultSettings) -> MachineFacts:
    client = CustodyClient(settings)
    try:
        return client.machine()
    finally:
        client.close()
