"""The real web door as the thing that is killed: granian, its workers, and clients over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench.crowd import Holder
from minka.bench.errands import PLACE_KIND, REGION, BrokenOffError, Errand, Told, Window
from minka.bench.part import web_command
from minka.store import api_clients
from minka.store.api_clients import Client

PARTNER = "kill"
PLACE = f"{REGION}-{PLACE_KIND}"
_PATIENCE_S = 60
_AWAY = 503
_CLIENT = Client(
    PARTNER,
    frozenset({"loss:report", "loss:withdraw", "card:use"}),
    frozenset({REGION}),
    role="hotline_agent",
)


def asked_of(errand: Errand) -> tuple[str, dict[str, Any]]:
    """The path and body of an errand."""
    holder = Holder(errand.serial)
    whom = {"request_key": errand.key, "region": REGION, "id_number": holder.number.reveal()}
    if errand.act == "report":
        stated = {"name": holder.name.reveal()}
        return "/api/v1/loss-reports", {**whom, "channel": "hotline", "stated": stated}
    if errand.act == "use":
        use = {"amount_fen": 100, "provider_id": "errand", "card_number": holder.card_number}
        return "/api/v1/card-uses", {"request_key": errand.key, **use}
    found = {"place_id": PLACE, "papers": [{"kind": "resident_id"}]}
    card = {"found_card_number": holder.card_number}
    return "/api/v1/loss-withdrawals", {**whom, "channel": "counter", **found, **card}


class WebWindow:
    """A client of the API; it asks again while it is told that nothing was done."""

    def __init__(self, port: int, token: str) -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def take(self, errand: Errand) -> Told:
        """See ``errands.Window.take``."""
        path, body = asked_of(errand)
        while True:
            status, said = self._post(path, json.dumps(body))
            if status != _AWAY:
                mark = said.get("receipt") or said.get("use_id") or ""
                return Told(said.get("code", "accepted"), str(mark) if status == 201 else "")
            time.sleep(0.05)

    def _post(self, path: str, body: str) -> tuple[int, dict[str, Any]]:
        try:
            self._line.request("POST", path, body, self._headers)
            response = self._line.getresponse()
            said = response.read()
            return response.status, json.loads(said)
        except (OSError, HTTPException, ValueError) as fault:
            raise BrokenOffError from fault

    def close(self) -> None:
        """See ``errands.Window.close``."""
        self._line.close()


@dataclass(slots=True)
class Web:
    """Granian with the web door, in a process group of its own that dies at once."""

    database_url: str
    home: Path
    secret: bytes
    token: str
    prefix: str = f"{PARTNER}:"
    _process: subprocess.Popen[bytes] | None = None
    _port: int = field(default=0)

    def window(self) -> Window:
        """See ``kill.Target.window``."""
        return WebWindow(self._port, self.token)

    def kill(self) -> None:
        """Kill granian and every worker."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def revive(self) -> None:
        """See ``kill.Target.revive``."""
        self._port = _free_port()
        ours = {
            "MINKA_DATABASE_URL": self.database_url,
            "MINKA_HOME": str(self.home),
            "MINKA_FIELD_SECRET": self.secret.hex(),
        }
        kept = {name: each for name, each in os.environ.items() if not name.startswith("MINKA_")}
        with (self.home / "web.log").open("ab") as log:
            self._process = subprocess.Popen(
                web_command(self._port, workers=1),
                env=kept | ours,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._await()

    def _await(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            with suppress(OSError, HTTPException):
                line = HTTPConnection("127.0.0.1", self._port, timeout=10)
                line.request("GET", "/static/web/emblem.svg")
                if line.getresponse().status == 200:
                    return
            time.sleep(0.05)
        words = (self.home / "web.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"the web door does not answer: {words}")

    def url(self) -> str:
        """See ``kill.Target.url``."""
        return self.database_url


@contextmanager
def web(database_url: str, secret: bytes) -> Iterator[Web]:
    """A running web door with a partner enrolled; gone in the end."""
    with psycopg.connect(database_url, row_factory=dict_row) as owner:
        token = api_clients.add(owner, _CLIENT)
    with tempfile.TemporaryDirectory(prefix="minka-web-") as home:
        target = Web(database_url, Path(home), secret, token)
        try:
            target.revive()
            yield target
        finally:
            target.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
