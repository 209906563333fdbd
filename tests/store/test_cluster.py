"""Our own PostgreSQL: first start, second start, attach, stop, programs (issue: Database)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from minka.store import cluster as clusters
from minka.store.cluster import Cluster, ClusterFault
from tests.store.clusters import AS_ROOT, ROOT, mode, new_folder, query, run, setting

DEBIAN = sorted(str(bindir) for bindir in Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for one test's own cluster."""
    with new_folder() as place:
        yield place


@pytest.fixture(scope="module", params=["", *DEBIAN], ids=lambda bindir: bindir or "as found")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """One running cluster for the module, of the wheel's and of each Debian PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch, new_folder() as place:
        if request.param:
            patch.setenv("MINKA_PG_BINDIR", request.param)
        yield clusters.start(place)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("password_encryption", "scram-sha-256"),
    ],
)
def test_first_start_is_durable_and_closed(cluster: Cluster, name: str, value: str) -> None:
    """What a laptop runs is as durable as production, and only loopback reaches it."""
    assert setting(cluster, name) == value


def test_sorting_does_not_depend_on_the_machine(cluster: Cluster) -> None:
    """The locale is C wherever the cluster was made."""
    words = "SELECT datcollate, datctype FROM pg_database WHERE datname = 'minka'"
    assert query(cluster.url(), words) == [("C", "C")]


def test_only_the_password_opens(cluster: Cluster) -> None:
    """There is no trusted way in, not even for the owner's name."""
    stranger = cluster.url().replace(cluster.password, "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)


def test_password_is_the_owners_alone(cluster: Cluster) -> None:
    """The password lies 0600 and shows in no representation."""
    assert mode(cluster.folder / "password") == 0o600
    assert (cluster.folder / "password").stat().st_uid == os.geteuid()
    assert cluster.password not in repr(cluster)


def test_server_is_not_root_and_its_data_are_its_own(cluster: Cluster) -> None:
    """The server runs as its own user and nobody else may enter the data."""
    assert Path(f"/proc/{cluster.pid()}").stat().st_uid != 0
    assert mode(cluster.home / "data") == 0o700
    assert mode(cluster.folder) == (0o711 if AS_ROOT else 0o700)


def test_second_start_is_refused(cluster: Cluster) -> None:
    """A second start on a live folder says who is there; the first goes on."""
    with pytest.raises(ClusterFault, match=f"already running .process {cluster.pid()}, port"):
        clusters.start(cluster.folder)
    assert query(cluster.url(), "SELECT 1") == [(1,)]


def test_another_command_finds_it(cluster: Cluster) -> None:
    """A second terminal attaches to what runs."""
    words = "import sys, pathlib; from minka.store.cluster import running"
    words += "; print(running(pathlib.Path(sys.argv[1])).url())"
    said = subprocess.run(
        [sys.executable, "-c", words, str(cluster.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == cluster.url()


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    """A folder without a cluster, or no folder, is simply not running."""
    assert clusters.running(tmp_path) is None
    assert clusters.running(tmp_path / "nowhere") is None


def test_databases_are_made_copied_and_dropped(cluster: Cluster) -> None:
    """A copy of a template holds its rows; dropping ends open sessions; twice is no error."""
    name = 'odd "name"; with 汉字'
    clusters.create_database(cluster.url(), "pattern")
    run(cluster.url("pattern"), "CREATE TABLE kept AS SELECT 7 AS seven")
    clusters.create_database(cluster.url(), name, template="pattern")
    open_session = psycopg.connect(cluster.url(), dbname=name)
    assert open_session.execute("SELECT seven FROM kept").fetchall() == [(7,)]
    clusters.drop_database(cluster.url(), name)
    open_session.close()
    clusters.drop_database(cluster.url(), name)
    clusters.drop_database(cluster.url(), "pattern")


def test_faults_hide_the_password(cluster: Cluster) -> None:
    """A refused or failed statement is told without the address."""
    with pytest.raises(ClusterFault, match='database "minka" already exists') as refused:
        clusters.create_database(cluster.url(), "minka")
    nobody_there = cluster.url().replace(str(cluster.port), "1")
    with pytest.raises(ClusterFault, match="refused") as failed:
        clusters.create_database(nobody_there, "minka")
    assert cluster.password not in f"{refused.value} {failed.value}"


def test_log_holds_no_statement_and_no_row(cluster: Cluster) -> None:
    """Clear numbers of people never reach the server's log, even by errors (safety: P15)."""
    run(cluster.url(), "CREATE TABLE once (who text PRIMARY KEY)")
    run(cluster.url(), "INSERT INTO once VALUES ('marked person')")
    for words in ("INSERT INTO once VALUES ('marked person')", "SELECT 'marked person'::int"):
        with pytest.raises(psycopg.Error):
            run(cluster.url(), words)
    assert "marked person" not in (cluster.home / "server.log").read_text()


def test_settings_of_the_caller_win(folder: Path) -> None:
    """What a test or a city asks of PostgreSQL stands over our own choice."""
    cluster = clusters.start(
        folder, settings={"work_mem": "9MB", "application_name": r"it's \ here"}
    )
    assert setting(cluster, "work_mem") == "9MB"


def test_stop_is_quick_and_may_be_repeated(folder: Path) -> None:
    """An open session does not hold the stop up; the port stays the same at the next start."""
    cluster = clusters.start(folder)
    with psycopg.connect(cluster.url()):
        before = time.monotonic()
        cluster.stop()
        assert time.monotonic() - before < 10
    cluster.stop()
    assert clusters.running(folder) is None
    with pytest.raises(ClusterFault, match="is not running"):
        cluster.pid()
    assert clusters.start(folder) == cluster


def test_a_lost_wheel_is_replaced_by_debians(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the newest Debian PostgreSQL serves; without either a sentence says so."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    if not DEBIAN:
        with pytest.raises(ClusterFault, match="No PostgreSQL that runs"):
            clusters.start(folder)
        return
    version = int(setting(clusters.start(folder), "server_version_num")) // 10_000
    assert version == max(int(Path(bindir).parent.name) for bindir in DEBIAN)


def test_missing_programs_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong MINKA_PG_BINDIR is named, with the ways out."""
    monkeypatch.setenv("MINKA_PG_BINDIR", str(folder / "nowhere"))
    with pytest.raises(
        ClusterFault, match=r"No PostgreSQL that runs was found; looked in .*nowhere"
    ):
        clusters.start(folder)


def test_a_server_that_is_named_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """MINKA_DATABASE_URL always wins; nothing is started."""
    monkeypatch.setenv("MINKA_DATABASE_URL", "postgresql://elsewhere/minka")
    assert clusters.database_url() == "postgresql://elsewhere/minka"


def test_register_is_started_in_minkas_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a named server our own is started in MINKA_HOME, and found the second time."""
    monkeypatch.delenv("MINKA_DATABASE_URL", raising=False)
    monkeypatch.setenv("MINKA_HOME", str(folder.parent))
    url = clusters.database_url()
    assert clusters.database_url() == url
    assert query(url, "SELECT current_database()") == [("minka",)]
