"""A granian of our own for browser tests: a random port, its own home, ended with the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PATIENCE_S = 30.0
ANSWERS_ON = "/static/web/emblem.svg"
"""Served from memory: it tells that the server is there without asking the database."""


@dataclass(frozen=True, slots=True)
class Live:
    """A running server: its address without the last slash, and where it writes its log."""

    url: str
    log: Path


@contextmanager
def serving(home: Path, environment: Mapping[str, str]) -> Iterator[Live]:
    """Run the web door until the block ends; ``environment`` adds to or replaces ours."""
    port = _free_port()
    live = Live(f"http://127.0.0.1:{port}", home / f"granian-{port}.log")
    settings = {"MINKA_HOME": str(home), "MINKA_STYLE_PAGE": "true"} | dict(environment)
    with live.log.open("wb") as log:
        process = subprocess.Popen(
            _command(port), env=_surroundings() | settings, stdout=log, stderr=log
        )
    try:
        _await(process, live)
        yield live
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _surroundings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MINKA_")}


def _command(port: int) -> list[str]:
    target = "minka.doors.web.wsgi:application"
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "granian", *options, "--blocking-threads", "16", target]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], live: Live) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the server ended: {live.log.read_text()[-2000:]}")
        try:
            if httpx.get(live.url + ANSWERS_ON, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the server does not answer: {live.log.read_text()[-2000:]}")
