"""A pcscd of one's own: the real daemon with the virtual reader, beside any other, for any user.

pcscd insists on a folder below /run that only root may make, and keeps one socket for the machine.
In a mount namespace of its own it gets an empty /run, and it takes a socket that was opened for it
(as systemd would open it); ``PCSCLITE_CSOCK_NAME`` then leads a program to that socket. No rights
are needed where user namespaces are allowed; where they are not, root or sudo starts it, and last a
pcscd that already runs serves.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from minka.bench.vpcd import FIRST_PORT

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET = "PCSCLITE_CSOCK_NAME"
USUAL_SOCKET = Path("/run/pcscd/pcscd.comm")
PATIENCE_S = 10.0
ADVICE = (
    "no pcscd with virtual readers: run `apt-get install -y --no-install-recommends pcscd"
    " vsmartcard-vpcd`, and where user namespaces are forbidden"
    " `sudo sysctl kernel.unprivileged_userns_clone=1` or `sudo pcscd --foreground`"
)
START = (
    "import os, socket, sys\n"
    "door = socket.socket(socket.AF_UNIX)\n"
    "door.bind(sys.argv[1])\n"
    "os.chmod(sys.argv[1], 0o666)\n"
    "door.listen(16)\n"
    "os.dup2(door.fileno(), 3)\n"
    "os.set_inheritable(3, True)\n"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n"
    "os.execv(sys.argv[2], ['pcscd', '--foreground', '--config', sys.argv[3]])\n"
)
"""Opens the socket and takes the place of itself by pcscd, so that it is meant for this process."""
EMPTY_RUN = ("sh", "-c", 'mount -t tmpfs none /run && exec "$0" "$@"')
WAYS: tuple[tuple[str, ...], ...] = (
    ("unshare", "-r", "-m", *EMPTY_RUN),
    ("unshare", "-m", *EMPTY_RUN),
    (),
    ("sudo", "-n", "unshare", "-m", *EMPTY_RUN),
    ("sudo", "-n"),
)
"""A user namespace, a mount namespace for root, root as it is, and both by sudo without asking."""


class NoPcscd(Exception):
    """No pcscd can be started and none runs; the text says what to do."""


class Pcscd:
    """A running daemon with two virtual readers; ``port`` is the first one's, the next follows."""

    def __init__(self) -> None:
        self.port = FIRST_PORT
        self._folder = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if not DRIVER.exists():
            raise NoPcscd(ADVICE)
        if not self._started():
            if not (USUAL_SOCKET.exists() and is_listening(FIRST_PORT)):
                raise NoPcscd(ADVICE)
            self.port = FIRST_PORT
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._process is not None:
            _end(self._process)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process, self._folder = None, ""

    def environment(self) -> Mapping[str, str]:
        """The environment in which a program finds this daemon."""
        own = {SOCKET: f"{self._folder}/pcscd.comm"} if self._folder else {}
        return {**os.environ, **own}

    def _started(self) -> int:
        """Start a daemon in the first way that works; one when its readers listen."""
        program = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            return 0
        for way in WAYS:
            self._folder = tempfile.mkdtemp(prefix="minka-pcscd-")
            self.port = free_pair()
            config = self._config()
            command = [*way, sys.executable, "-c", START, f"{self._folder}/pcscd.comm"]
            quiet = subprocess.DEVNULL
            with suppress(FileNotFoundError):
                self._process = subprocess.Popen(
                    [*command, program, config], stdout=quiet, stderr=quiet
                )
                if self._listens():
                    return 1
            self.__exit__(None, None, None)
        return 0

    def _config(self) -> str:
        """A folder that names the virtual reader at our own port; pcscd must be able to read it."""
        config = Path(self._folder) / "readers"
        config.mkdir()
        (config / "vpcd").write_text(
            f'FRIENDLYNAME "Minka bench"\nDEVICENAME /dev/null:0x{self.port:X}\n'
            f"LIBPATH {DRIVER}\nCHANNELID 0x{self.port:X}\n"
        )
        return str(config)

    def _listens(self) -> int:
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                return 0
            if is_listening(self.port) and is_listening(self.port + 1):
                return 1
            sleep(0.05)
        return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a daemon that we started; one that sudo started is ended by sudo."""
    if process.poll() is None:
        try:
            process.terminate()
        except PermissionError:
            subprocess.run(["sudo", "-n", "kill", str(process.pid)], check=False)
    process.wait(PATIENCE_S)


def is_listening(port: int) -> int:
    """One when something of this machine listens at a port; it is not called."""
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(name).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return 1
    return 0


def free_pair() -> int:
    """A port that is free together with the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("", port + 1))
            except (OSError, OverflowError):
                continue
            return port
