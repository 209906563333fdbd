"""Starts, finds and stops Minka's own PostgreSQL on this machine.

A cluster is one folder, open to its owner alone (root lets the server's user pass through it):

    password       0600; the only way in, over TCP on the loopback address
    lock           held by every server process for as long as it lives
    cluster.json   the port, and the home below when it could not be here
    home           the folder itself, or a place of its own when the server's user cannot reach it
      server.conf, server.hba, server.log
      data/        0700, PostgreSQL's own

No folder's permissions are ever widened. The lock is the truth about life: the kernel lets go of
it when the last server process dies, however it dies, and so a second start can never slip in.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from minka.store import cluster_folder as place
from minka.store import server
from minka.store.postgres import ClusterFault, find_programs, server_account

__all__ = [
    "Cluster",
    "ClusterFault",
    "create_database",
    "database_url",
    "discard",
    "drop_database",
    "running",
    "start",
]

_READY_SECONDS = 300
_STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL of our own."""

    folder: Path
    port: int
    home: Path
    """Where data and log lie: ``folder``, unless the server's user cannot reach it."""
    password: str = field(repr=False)

    def url(self, database: str = "minka") -> str:
        """The address of one database, password included: never log it."""
        return f"postgresql://{server.OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def pid(self) -> int:
        """The server's process number. Faults: it no longer runs."""
        found = place.postmaster(self.home / "data")
        if found is None:
            raise ClusterFault(f"The database in {self.folder} is not running.")
        return found.pid

    def stop(self) -> None:
        """Stop the server within seconds, ending open sessions; nothing if it is stopped already.

        Faults: it belongs to somebody else; it outlives even an immediate shutdown.
        """
        data = self.home / "data"
        for kind in (signal.SIGINT, signal.SIGQUIT):
            found = place.postmaster(data)
            if found is None:
                return
            _signal(found.pid, kind)
            if place.until(lambda: place.postmaster(data) is None, seconds=_STOP_SECONDS):
                return
        raise ClusterFault(f"The database in {self.folder} does not stop; see its server.log.")


def start(folder: Path, *, settings: Mapping[str, str] = {}) -> Cluster:
    """Start the cluster in a folder, making both when they are not there; ready when it returns.

    ``settings`` are PostgreSQL's, over ours. The server outlives this process. Faults: it runs
    already; the folder, its rights, the programs or PostgreSQL itself stand in the way.
    """
    account = server_account()
    folder = place.opened(folder.absolute(), account)
    lock = place.locked(folder)
    try:
        home = place.chosen_home(folder, account)
        password = place.password(folder)
        programs = find_programs(account, major=server.data_major(home / "data"))
        site = server.Site(home, programs, account)
        if not site.data.exists():
            server.initialise(site, password)
        place.check_data(site.data, account)
        port = server.launch(site, settings, port=place.recorded_port(folder), lock=lock)
        place.record(folder, home, port=port)
    finally:
        os.close(lock)  # from here on the server alone holds it
    cluster = Cluster(folder, port, home, password)
    _ensure_database(cluster)
    return cluster


def running(folder: Path) -> Cluster | None:
    """The cluster of a folder if its server runs, waiting while it is still starting; else None.

    Faults: the folder is somebody else's.
    """
    folder = folder.absolute()
    try:
        home = place.recorded_home(folder)
        if not place.until(lambda: _settled(home / "data"), seconds=_READY_SECONDS):
            raise ClusterFault(f"The database in {folder} is still starting; try again later.")
        found = place.postmaster(home / "data")
        return Cluster(folder, found.port, home, place.password(folder)) if found else None
    except PermissionError as error:
        raise place.not_ours(folder, error) from None


def discard(folder: Path) -> None:
    """Stop the cluster of a folder and delete it with all its data."""
    found = running(folder)
    if found is not None:
        found.stop()
    home = place.recorded_home(folder)
    for part in ("data", "data.new", "server.conf", "server.hba", "server.log"):
        place.delete(home / part)
    for part in ("password", "lock", "cluster.json"):
        place.delete(folder / part)
    for emptied in {home, folder}:
        if emptied.is_dir() and not any(emptied.iterdir()):
            emptied.rmdir()


def create_database(cluster_url: str, name: str, *, template: str | None = None) -> None:
    """Make a database, empty or as a copy of ``template``. Faults: it is there, or no server."""
    words = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        words += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _administer(cluster_url, words)


def drop_database(cluster_url: str, name: str) -> None:
    """Delete a database if it is there, ending its sessions. Faults: no server."""
    words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    _administer(cluster_url, words)


def database_url() -> str:
    """The register's address: MINKA_DATABASE_URL, or our own cluster in MINKA_HOME, started.

    MINKA_HOME is ``.minka`` in the current folder unless set.
    """
    given = os.environ.get("MINKA_DATABASE_URL")
    if given:
        return given
    folder = Path(os.environ.get("MINKA_HOME") or ".minka") / "database"
    try:
        cluster = running(folder) or start(folder)
    except ClusterFault:
        beaten = running(folder)  # another command may have started it in the same moment
        if beaten is None:
            raise
        cluster = beaten
    return cluster.url()


def _settled(data: Path) -> bool:
    """Whether a server is ready or there is none at all."""
    found = place.postmaster(data)
    return found is None or found.ready


def _signal(pid: int, kind: signal.Signals) -> None:
    try:
        os.kill(pid, kind)
    except ProcessLookupError:
        pass  # gone by itself in the meantime
    except PermissionError:
        raise ClusterFault(
            f"The database's process {pid} belongs to somebody else and cannot be stopped."
        ) from None


def _ensure_database(cluster: Cluster) -> None:
    try:
        create_database(cluster.url("postgres"), "minka")
    except ClusterFault as fault:
        if not isinstance(fault.__cause__, psycopg.errors.DuplicateDatabase):
            raise


def _administer(cluster_url: str, words: sql.Composed) -> None:
    """Run one statement that stands outside any transaction. Faults name no address."""
    try:
        with psycopg.connect(cluster_url, dbname="postgres", autocommit=True) as connection:
            connection.execute(words)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise ClusterFault(f"PostgreSQL refused: {reason}") from error
