"""Who stands outside the demo city: a bank of each name, the SMS centre, and one terminal."""

from __future__ import annotations

import secrets
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from minka.bench import bank, sms, terminal
from minka.bench.places import BANKS
from minka.bench.server import Server
from minka.doors.settings import write_once
from minka.store import api_clients
from minka.store.api_clients import Client

TOKEN_FILE = "terminal_token"
INSURANCE, HOST = 87, 583
"""How far above the web door's port the insurance and host doors listen: 8087 and 8583."""
FIRST = 101
"""The parties listen on the ports after the web's own and a hundred, where these are free."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parties listen, all on loopback."""

    banks: tuple[int, ...]
    sms: int
    terminal: int
    insurance: int = 0
    """The settlement process's own doors: the insurance interface and POS terminals."""
    host: int = 0

    def words(self) -> list[str]:
        """The ports as words of a command line."""
        return [str(port) for port in (*self.banks, self.sms, self.terminal)]

    def sms_endpoint(self) -> str:
        """The address of the SMS centre."""
        return f"http://127.0.0.1:{self.sms}{sms.PATH}"


def read_ports(words: list[str]) -> Ports:
    """The ports from the words of a command line."""
    *banks, texts, last = (int(word) for word in words)
    return Ports(tuple(banks), texts, last)


def choose_ports(web: int) -> Ports:
    """A free port for each party, and for the doors of the settlement process."""
    *banks, texts, last = (_free(web + FIRST + n) for n in range(len(BANKS) + 2))
    return Ports(tuple(banks), texts, last, _free(web + INSURANCE), _free(web + HOST))


def _free(wanted: int) -> int:
    """The wanted port if it is free, else any that is."""
    for port in (wanted if wanted < 2**16 else 0, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no port is free")


def introduce(ports: Ports) -> None:
    """Enter the demo banks' addresses where a bank has none of its own; Django must be set up."""
    from minka.store.models import Bank

    for (bank_id, *_), port in zip(BANKS, ports.banks, strict=True):
        known = Bank.objects.filter(bank_id=bank_id)
        demo = known.filter(endpoint="") | known.filter(endpoint__startswith="http://127.0.0.1:")
        demo.update(endpoint=f"http://127.0.0.1:{port}{bank.PATH}")


def open_all(ports: Ports, home: Path, web: str) -> list[Server]:
    """Start every party; each trusts only the house's signature."""
    from minka.doors.outbox.signing import house_key

    house = house_key(home).public
    banks: list[Server] = [bank.serve(port, house=house) for port in ports.banks]
    texts = sms.serve(ports.sms, house=house)
    source = terminal.Source(web, (home / TOKEN_FILE).read_text("ascii").strip())
    return [*banks, texts, terminal.serve(ports.terminal, source=source, house=house)]


def enrol_terminal(url: str, home: Path) -> None:
    """Give the terminal a token that opens the hot list, unless the one of the home still does."""
    path = home / TOKEN_FILE
    kept = path.read_text("ascii").strip() if path.exists() else ""
    client_id, _, secret = kept.partition(".")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        if kept and api_clients.find(connection, client_id, secret):
            return
        name = f"terminal-{secrets.token_hex(3)}"
        client = Client(name, frozenset({"hotlist:read"}), regions=frozenset({"R1"}))
        token = api_clients.add(connection, client, "示例终端")
    path.unlink(missing_ok=True)
    write_once(path, f"{token}\n")


def run(web: str, words: list[str]) -> None:
    """Stay with every party until the process is ended."""
    from minka.doors import settings

    open_all(read_ports(words), settings.current().home, web)
    threading.Event().wait()
