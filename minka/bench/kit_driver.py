"""How the kit drives a vendor's software: acts as lines of JSON, each with its answer.

A driver is a small programme of the vendor's. It is started with one line of settings (``Setting``)
and then gets one act a line; it answers each with one line. ``python -m minka.bench.kit_own`` is
the driver of our own client and the example to copy; docs/kit.md lists the acts.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

Act = Mapping[str, Any]
ANSWER_S = 60


@dataclass(frozen=True, slots=True)
class Setting:
    """What a driver is told first; keys in hexadecimal, ``folder`` outlives a restart."""

    url: str
    fixmedins_code: str
    fixmedins_name: str
    area: str
    paasid: str
    secret: str
    public_key: str
    private_key: str
    patience_ms: int
    folder: str


class Driver(Protocol):
    """The vendor's software under trial."""

    def act(self, act: Act) -> dict[str, Any]:
        """Do one act and tell its outcome."""

    def close(self) -> None:
        """End it."""


@runtime_checkable
class MortalDriver(Driver, Protocol):
    """One that is a process of its own, and can be killed."""

    def kill_during(self, act: Act, seconds: float) -> None:
        """Begin an act, end the software by force after some time, start it anew."""


class Gone(OSError):
    """The driver ended or does not answer."""


class CommandDriver:
    """A driver by its command line."""

    def __init__(self, command: str, setting: Setting) -> None:
        self._command, self._setting = command, setting
        self._running = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        running = subprocess.Popen(
            shlex.split(self._command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._running = running
        self._write(asdict(self._setting))
        return running

    def _write(self, said: Act) -> None:
        assert self._running.stdin is not None
        self._running.stdin.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")

    def act(self, act: Act) -> dict[str, Any]:
        """See ``Driver.act``."""
        try:
            self._write(act)
        except OSError as why:
            raise Gone(f"the driver ended before {act.get('act')}") from why
        return self._answer(str(act.get("act")))

    def _answer(self, name: str) -> dict[str, Any]:
        assert self._running.stdout is not None
        there, _, _ = select.select([self._running.stdout], [], [], ANSWER_S)
        line = self._running.stdout.readline() if there else b""
        if not line:
            raise Gone(f"the driver gave no answer to {name}")
        found = json.loads(line)
        if not isinstance(found, dict):
            raise Gone(f"the driver's answer to {name} is no object")
        return found

    def kill_during(self, act: Act, seconds: float) -> None:
        """See ``MortalDriver.kill_during``."""
        self._write(act)
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self._running.send_signal(signal.SIGKILL)
        self._end()
        self._running = self._start()

    def _end(self) -> None:
        for pipe in (self._running.stdin, self._running.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._running.wait(5)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait(5)

    def close(self) -> None:
        """See ``Driver.close``."""
        self._end()


def own_command() -> str:
    """The command line of our own client's driver."""
    return f"{shlex.quote(sys.executable)} -m minka.bench.kit_own"


def folder() -> Path:
    """A fresh folder for one trial."""
    return Path(tempfile.mkdtemp(prefix=f"minka-kit-{os.getpid()}-"))
