"""`minka up`: the register, the pretend city and every portal of it, until Ctrl-C.

One folder is one running city: a lock that the kernel lets go of says who runs, and no process
number is ever written down. The parts are children that the kernel ends with this process, and a
keeper stops the database when this process dies, however it dies (see part.py).
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from minka.bench.outside import Ports, choose_ports, enrol_terminal, introduce
from minka.bench.pos_city import add_terminals
from minka.kit.clock import CHINA, wall

READY_WITHIN_S = 60
STOP_WITHIN_S = 15
Tell = Callable[[str], None]


class UpFault(Exception):
    """Why the city does not start: a sentence that ends in the next step."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is started, and where."""

    home: Path
    port: int
    city: str = "yes"
    """``yes``, or ``no`` for a register without invented people."""
    factory: str = "soon"
    """``soon``, ``instant``, or ``none``: how ordered cards are made."""

    @property
    def url(self) -> str:
        """The address of the web door."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(slots=True)
class Running:
    """A city that runs: its plan, who stands outside, and its child processes by name."""

    plan: Plan
    ports: Ports
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def fallen(self) -> str:
        """The name of a child that has ended by itself, or nothing."""
        return next((name for name, p in self.children.items() if p.poll() is not None), "")


def log_of(home: Path) -> Any:
    """The city's own log: what started, fell and stopped, and nothing about people."""
    (home / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (home / "logs" / "up.log").open("a", encoding="utf-8")
    return structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
    )


@contextmanager
def city(plan: Plan, tell: Tell) -> Iterator[Running]:
    """Start everything; stop everything when the block is left. Faults: ``UpFault``."""
    home = plan.home.absolute()
    with ExitStack() as stack:
        stack.enter_context(_alone(home, plan.port))
        url = stack.enter_context(_register(home, tell))
        log = log_of(home)
        stack.callback(log.info, "stopped")
        ports = choose_ports(plan.port)
        os.environ.setdefault("MINKA_SMS_ENDPOINT", ports.sms_endpoint())
        _prepare(plan, (url, ports), tell)
        running = Running(plan, ports)
        stack.callback(_stop, running)
        for name, command in commands(plan, ports):
            running.children[name] = child(command, home / "logs" / f"{name}.log")
            log.info("started", part=name)
        _until_answering(running)
        if plan.city == "yes":
            from minka.bench.keys_city import make_keys
            from minka.doors.office import office

            log.info("keys", made=make_keys(office()))
            office().register.close()
        log.info("ready", port=plan.port)
        yield running


@contextmanager
def _alone(home: Path, port: int) -> Iterator[None]:
    """Hold the home for this process; the kernel lets go when it ends."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "up.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().strip()
            raise UpFault(
                f"这座城市已经在运行：{where}。下一步：打开这个地址，或先在那个窗口按 Ctrl-C。"
                f" · This city already runs at {where}. Open it, or press Ctrl-C there first."
            ) from None
        _free(port)
        file.truncate(0)
        file.write(f"http://127.0.0.1:{port}\n")
        file.flush()
        yield


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UpFault(
                f"端口 {port} 被别的程序占用。下一步：minka up --port {port + 1}"
                f" · Port {port} is taken. Next: minka up --port {port + 1}"
            ) from None


@contextmanager
def _register(home: Path, tell: Tell) -> Iterator[str]:
    """The register's address; our own server is stopped again with the city."""
    os.environ["MINKA_HOME"] = str(home)
    given = os.environ.get("MINKA_DATABASE_URL")
    if given:
        yield given
        return
    from minka.store.cluster import ClusterFault, running, start

    tell("数据库 · database")
    folder = home / "database"
    try:
        cluster = running(folder) or start(folder)
    except ClusterFault as fault:
        raise UpFault(f"{fault} 下一步：minka doctor · Next: minka doctor") from fault
    keeper = child(module("keep", str(folder)), home / "logs" / "keeper.log")
    os.environ["MINKA_DATABASE_URL"] = cluster.url()
    try:
        yield cluster.url()
    finally:
        os.environ.pop("MINKA_DATABASE_URL", None)
        cluster.stop()
        _await(keeper)


def _prepare(plan: Plan, where: tuple[str, Ports], tell: Tell) -> None:
    tell("数据表 · tables")
    from minka.doors.schema import migrate
    from minka.doors.vault import refuse_stand_in

    refuse_stand_in()
    url, ports = where
    migrate(url)
    if plan.city != "yes":
        return
    os.environ.setdefault("MINKA_DEMO_READERS", "true")
    from minka.bench.chip_city import make_cards
    from minka.bench.city import seed
    from minka.doors.office import office

    seed(office(), plan.home, tell=tell)
    introduce(ports)
    enrol_terminal(url, plan.home)
    add_terminals(url, wall().astimezone(CHINA).date())
    tell("芯片卡 · chip cards")
    make_cards(office(), plan.home)


def commands(plan: Plan, ports: Ports) -> Iterator[tuple[str, list[str]]]:
    """The processes of the city by name, those that are present."""
    if plan.city == "yes":
        yield "outside", module("outside", plan.url, *ports.words())
    yield "vault", module("vault")
    yield "worker", module("worker")
    yield "switch", module("switch", str(ports.insurance), str(ports.host))
    if plan.factory != "none":
        yield "factory", module("factory", plan.factory)
    yield "web", module("web", str(plan.port))


def module(act: str, *words: str) -> list[str]:
    """The command line of one part of the city as a process of its own."""
    return [sys.executable, "-m", "minka.bench.part", act, *words]


def child(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a part of the city; it is told when this process ends, and its pipe closes."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
        )


def _until_answering(running: Running) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        fallen = running.fallen()
        if fallen:
            log = running.plan.home / "logs" / f"{fallen}.log"
            raise UpFault(f"{fallen} 没有起来。下一步：看 {log} · {fallen} ended; see {log}")
        if all(map(_answers, (running.plan.port, running.ports.insurance))):
            return
        time.sleep(0.05)
    raise UpFault("网站在一分钟内没有应答。下一步：minka doctor · The web does not answer.")


def _answers(port: int) -> int:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return 1
    return 0


def _stop(running: Running) -> None:
    for process in reversed(running.children.values()):
        process.terminate()
    for process in running.children.values():
        _await(process)


def _await(process: subprocess.Popen[bytes]) -> None:
    """Wait for a child that was asked to end; the last resort is a signal it cannot refuse."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()


class Stopped(Exception):
    """Someone asked the city to stop."""


@contextmanager
def until_asked() -> Iterator[None]:
    """Turn SIGTERM and Ctrl-C into ``Stopped`` while the block runs."""

    def ask(number: int, frame: FrameType | None) -> None:
        raise Stopped

    kept = {n: signal.signal(n, ask) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, known in kept.items():
            signal.signal(number, known)
