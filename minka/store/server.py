"""Makes a cluster's data and launches PostgreSQL over them."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from minka.store import cluster_folder as place
from minka.store.postgres import Account, ClusterFault, Programs

OWNER = "minka"
"""The role that owns the register."""

_START_SECONDS = 300  # a crash under heavy load leaves minutes of journal to replay
_EXEC_SECONDS = 30
_TRIES = 4

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    # Every acknowledged commit is on the disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Two cores and a laptop's memory.
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "wal_buffers": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "1",
    "autovacuum_max_workers": "2",
    "jit": "off",
    # One way to read and write text and time, whatever the machine speaks.
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Statements and rows carry names and numbers of people: none of them reaches the log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}

_PASSING = {
    "Address already in use": "another program took its port",
    "pre-existing shared memory block": "the server before it is still going",
}
"""What the log says of a failed start that may succeed the next time."""


@dataclass(frozen=True, slots=True)
class Site:
    """One cluster about to run: where it lies, which programs, as whom."""

    home: Path
    programs: Programs
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "data"


def data_major(data: Path) -> int | None:
    """The major version that wrote the data; None when there are none yet."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def initialise(site: Site, password: str) -> None:
    """Make the data. They appear all at once: a start killed half way leaves only a draft.

    Faults: initdb refuses; its last line is quoted.
    """
    draft = site.home / "data.new"
    place.delete(draft)
    draft.mkdir(mode=0o700)
    site.account.own(draft)
    with tempfile.NamedTemporaryFile("w", dir=site.home) as secret:  # made 0600
        secret.write(password)
        secret.flush()
        site.account.own(Path(secret.name))
        words: list[str | Path] = [site.programs["initdb"], "-D", draft, "-U", OWNER]
        words += [f"--pwfile={secret.name}"]
        words += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"]
        said = site.account.run(words, cwd=site.home)
    if said.returncode != 0:
        lines = (said.stderr or said.stdout).strip().splitlines() or ["no reason given"]
        raise ClusterFault(f"PostgreSQL could not make its data in {draft}: {lines[-1]}")
    draft.rename(site.data)


def launch(site: Site, settings: Mapping[str, str], *, port: int, lock: int) -> int:
    """Start the server, on ``port`` if it is free; the port it has once it takes connections.

    The server inherits ``lock``. Faults: PostgreSQL's own last FATAL line, quoted.
    """
    reason = ""
    for _ in range(_TRIES):
        port = port if _is_free(port) else _free_port()
        _configure(site, dict(settings), port=port)
        place.forget_stranger(site.data)
        reason = _launch_once(site, lock)
        if not reason:
            return port
        if not any(words in reason for words in _PASSING):
            break
    raise ClusterFault(f"PostgreSQL did not start in {site.home}: {reason}")


def _launch_once(site: Site, lock: int) -> str:
    """Start the server and wait until it is ready; the reason why it is not, if it ended."""
    path = site.home / "server.log"
    with path.open("ab") as log:
        before = log.tell()
        pid = site.account.launch(
            [
                site.programs["postgres"],
                "-D",
                site.data,
                "-c",
                f"config_file={site.home}/server.conf",
            ],
            cwd=site.home,
            log=log.fileno(),
            keep=lock,
        )
    # On a busy machine the shell's child is not PostgreSQL yet: that is no failed start.
    place.until(lambda: place.serves(pid, site.data) or not place.lives(pid), seconds=_EXEC_SECONDS)
    place.until(
        lambda: not place.serves(pid, site.data) or _is_ready(site.data), seconds=_START_SECONDS
    )
    if _is_ready(site.data):
        return ""
    if place.serves(pid, site.data):
        return "it is still replaying its journal; try again later"
    with path.open("rb") as log:
        log.seek(before)
        lines = log.read().decode(errors="replace").splitlines()
    return next((line for line in reversed(lines) if "FATAL" in line), "it ended without a word")


def _is_ready(data: Path) -> bool:
    found = place.postmaster(data)
    return found is not None and found.ready


def _configure(site: Site, settings: dict[str, str], *, port: int) -> None:
    """Write the server's settings beside the data: initdb's choices, ours, the caller's."""
    rules = site.home / "server.hba"
    chosen = _SETTINGS | {"wal_compression": _compression(site)} | settings
    chosen |= {"port": str(port), "hba_file": str(rules)}
    lines = [f"include = {_quoted(str(site.data / 'postgresql.conf'))}"]
    lines += [f"{name} = {_quoted(value)}" for name, value in chosen.items()]
    _write(site, site.home / "server.conf", "\n".join(lines))
    _write(site, rules, "host all all 127.0.0.1/32 scram-sha-256")


def _write(site: Site, path: Path, text: str) -> None:
    path.write_text(f"# Written by Minka at every start.\n{text}\n")
    path.chmod(0o600 if site.account.is_us else 0o644)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _compression(site: Site) -> str:
    """lz4 where the programs were built with it; it costs least."""
    words: list[str | Path] = [site.programs["postgres"], "-D", site.data]
    words += ["-c", "wal_compression=lz4", "-C", "wal_compression"]
    said = site.account.run(words, cwd=site.home)
    return "lz4" if said.returncode == 0 else "on"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return port != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
