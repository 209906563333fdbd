"""The switch as a process of its own on a town's register, and hospitals signed in at it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from minka.bench.care_city import Provider
from minka.bench.load_messages import Till
from minka.client.carrier import HttpCarrier
from minka.client.identity import Identity
from minka.client.site import Site
from minka.kit.clock import CHINA, wall

READY_WITHIN_S = 60
PATH = "/insurance"
_SERVE = """
import os, sys
from minka.doors.insurance.switch import Places, serve
from minka.doors.office import office
from minka.doors.insurance.workers import default_workers
port, host_port, workers = map(int, sys.argv[1:4])
places = Places(port=port, host_port=host_port, workers=workers or default_workers())
serve(office(), os.environ["MINKA_DATABASE_URL"], places, int)
"""


@dataclass(slots=True)
class Switch:
    """A switch that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where messages go."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    def kill(self) -> None:
        """Kill it with all its workers, without warning."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def command(port: int, host_port: int, workers: int = 0) -> list[str]:
    """The command line of the switch; ``host_port`` -1 leaves the host door shut."""
    return [sys.executable, "-c", _SERVE, str(port), str(host_port), str(workers)]


@contextmanager
def switch(
    url: str, secret: bytes, *, home: Path | None = None, host_port: int = -1, workers: int = 0
) -> Iterator[Switch]:
    """A switch over a register, its log beside it; ended with the block.

    ``workers`` nought takes one for each processor.
    """
    with tempfile.TemporaryDirectory(prefix="minka-switch-") as folder:
        running = start(url, secret, home or Path(folder), host_port=host_port, workers=workers)
        try:
            yield running
        finally:
            running.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(15)
            running.process.kill()
            running.process.wait()


def start(
    url: str, secret: bytes, home: Path, *, port: int = 0, host_port: int = -1, workers: int = 0
) -> Switch:
    """Start a switch; ready when this returns. ``RuntimeError`` with its last words otherwise."""
    port = port or free_port()
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("MINKA_")},
        "MINKA_DATABASE_URL": url,
        "MINKA_HOME": str(home),
        "MINKA_FIELD_SECRET": secret.hex(),
    }
    log = home / "switch.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command(port, host_port, workers),
            env=environment,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
        )
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return Switch(port, process, log)
        time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"the switch did not start: {log.read_text(errors='replace')[-2000:]}")


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on."""
    while True:
        first = free_port()
        with ExitStack() as held, suppress(OSError):
            for port in range(first, first + count):
                probe = held.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port))
            return first


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def sign_in(url: str, hospitals: Sequence[Provider], identity: Identity, secret: str) -> list[Till]:
    """A session of each hospital, begun with SM2 as any hospital begins it."""
    return [_till(url, each, identity, secret) for each in hospitals]


def _till(url: str, hospital: Provider, identity: Identity, secret: str) -> Till:
    paasid = f"bench_{hospital.provider_no}"
    site = Site(
        url,
        hospital.fixmedins_code,
        hospital.name,
        str(hospital.area),
        paasid=paasid,
        secret=secret,
    )
    carrier = HttpCarrier(site)
    came = carrier.carry(_sign_in(hospital, wall()), None, identity.sign)
    carrier.close()
    said = json.loads(came.body or b"{}")
    if str(said.get("infcode")) != "0":
        raise RuntimeError(f"sign-in was refused: {said or came}")
    sign_no = str(said["output"]["signinoutb"]["sign_no"])
    key = identity.session_key(said["output"])
    return Till(hospital.provider_no, hospital.fixmedins_code, paasid, secret, sign_no, key)


def _sign_in(hospital: Provider, now: datetime) -> bytes:
    here = now.astimezone(CHINA)
    message = {
        "infno": "9001",
        "msgid": f"{hospital.fixmedins_code}{here:%Y%m%d%H%M%S}9999",
        "mdtrtarea_admvs": str(hospital.area),
        "insuplc_admdvs": "",
        "recer_sys_code": "99",
        "dev_no": "",
        "dev_safe_info": "",
        "cainfo": "",
        "signtype": "HMAC-SM3",
        "infver": "V1.0",
        "opter_type": "1",
        "opter": "1",
        "opter_name": "收费员",
        "inf_time": f"{here:%Y-%m-%d %H:%M:%S}",
        "fixmedins_code": hospital.fixmedins_code,
        "fixmedins_name": hospital.name,
        "sign_no": "",
        "input": {"signIn": {"opter_no": "1", "mac": "00-00-00-00-00-00", "ip": "127.0.0.1"}},
    }
    return json.dumps(message, ensure_ascii=False).encode()
