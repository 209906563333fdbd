"""The vault as a process of its own: ``python -m minka.devices.vault_process SETTINGS.toml``.

``-`` in the place of the file reads the settings as a line of JSON from standard input, and ends
when that is closed. It ends with 0 when told to (SIGTERM), with 3 when its settings forbid it to
start, and by SIGALRM when the machine does not come back; whoever started it starts it again.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
from pathlib import Path

from minka.devices.vault_harden import harden
from minka.devices.vault_house import House, MachineHouse, SoftHouse, StandInRefused
from minka.devices.vault_keeping import Tampered
from minka.devices.vault_server import say, serve
from minka.devices.vault_settings import (
    BadSettings,
    Kind,
    VaultSettings,
    from_json,
    read_settings,
)
from minka.keys.vault import VaultGone

REFUSED = 3


def main(arguments: list[str]) -> int:
    """Serves until told to end; the exit code."""
    protection = harden()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        settings = _settings(arguments)
        with_lock = _only_one(settings)
        lifeline = sys.stdin.fileno() if arguments == ["-"] else None
        asyncio.run(serve(settings, _house(settings, protection), lifeline))
        os.close(with_lock)
    except (BadSettings, StandInRefused, Tampered, VaultGone, OSError) as fault:
        say(str(fault))
        return REFUSED
    return 0


def _settings(arguments: list[str]) -> VaultSettings:
    if len(arguments) != 1:
        raise BadSettings("one settings file, or - for standard input")
    if arguments[0] == "-":
        return from_json(sys.stdin.buffer.readline())
    return read_settings(Path(arguments[0]))


def _only_one(settings: VaultSettings) -> int:
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.friends:
        settings.folder.chmod(0o711)  # They must reach the socket; its files stay closed to them.
    descriptor = os.open(settings.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BadSettings("another process serves this vault") from None
    return descriptor


def _house(settings: VaultSettings, protection: tuple[str, ...]) -> House:
    match settings.kind:
        case Kind.SOFT:
            return SoftHouse(settings, protection)
        case Kind.PKCS11:
            from minka.devices.pkcs11_token import Token

            house = MachineHouse(settings, Token(settings).open)
        case Kind.SDF:
            from minka.devices.sdf_machine import Device

            house = MachineHouse(settings, Device(settings).open)
    house.machine()  # A stand-in is found out at once; a machine that is away may come later.
    return house


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
