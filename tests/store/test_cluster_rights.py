"""Who may open our own PostgreSQL: folders, passwords, users; nothing is ever opened wider."""

from __future__ import annotations

import logging
import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minka.store import cluster as clusters
from minka.store.cluster import Cluster, ClusterFault
from minka.store.postgres import SHARED_HOME, find_programs, server_account
from tests.store.clusters import AS_ROOT, mode, new_folder, query

needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become other users")


@pytest.fixture(scope="module")
def stopped() -> Iterator[Path]:
    """The folder of a cluster that was started and stopped again."""
    with new_folder() as place:
        clusters.start(place).stop()
        yield place


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One running cluster for the module."""
    with new_folder() as place:
        yield clusters.start(place)


@pytest.mark.parametrize(
    ("part", "bits", "sentence"),
    [
        ("", 0o777, "Others may write in the folder .*chmod go-w"),
        ("", 0o511, "You may not write in your own folder .*chmod u.rwx"),
        ("data", 0o755, "stand open to others .*chmod 700"),
        ("password", 0o644, "Others may read the password .*chmod 600"),
    ],
)
def test_wrong_rights_are_told_with_their_cure(
    stopped: Path, part: str, bits: int, sentence: str
) -> None:
    """What stands open is refused, never mended behind the owner's back."""
    path = stopped / part
    right = mode(path)
    path.chmod(bits)
    try:
        with pytest.raises(ClusterFault, match=sentence):
            clusters.start(stopped)
        assert mode(path) == bits
    finally:
        path.chmod(right)


def test_data_of_another_version_are_told(stopped: Path) -> None:
    """Data are opened only by the version that wrote them."""
    written_by = stopped / "data" / "PG_VERSION"
    version = written_by.read_text()
    written_by.write_text("9\n")
    try:
        with pytest.raises(ClusterFault, match="were written by PostgreSQL 9, but only version"):
            clusters.start(stopped)
    finally:
        written_by.write_text(version)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """A path that is taken is told so."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ClusterFault, match="is a file"):
        clusters.start(tmp_path / "taken")
    with pytest.raises(ClusterFault, match="cannot be made: Not a directory"):
        clusters.start(tmp_path / "taken" / "database")


def test_no_parent_is_opened(caplog: pytest.LogCaptureFixture) -> None:
    """In a parent that only we may enter the cluster still runs, and the parent stays shut.

    Root's server has a user of its own, so its data find another home and a sentence says where.
    """
    parent = Path(tempfile.mkdtemp(prefix="minka-test-"))
    with caplog.at_level(logging.WARNING):
        cluster = clusters.start(parent / "project" / "database")
    try:
        assert query(cluster.url(), "SELECT 1") == [(1,)]
        assert mode(parent) == 0o700
        assert (cluster.home.parent == SHARED_HOME) == AS_ROOT
        assert (str(cluster.home) in caplog.text) == AS_ROOT
        assert clusters.running(cluster.folder) == cluster
    finally:
        clusters.discard(cluster.folder)
    assert not cluster.home.exists()
    (parent / "project").rmdir()
    parent.rmdir()


def as_user(name: str, act: Callable[[], None]) -> str:
    """Do something as another user in a child process; what it raised, or nothing."""
    entry = pwd.getpwnam(name)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            act()
        except BaseException as error:  # noqa: BLE001 - a forked child must never return
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    return text


@needs_root
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_an_ordinary_user_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any right of root: start, attach, refuse a second start, crash, stop."""
    monkeypatch.setenv("MINKA_PG_BINDIR", str(find_programs(server_account(), major=None).bindir))
    nobody = pwd.getpwnam("nobody")
    with new_folder() as folder:
        folder.mkdir(mode=0o700)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)

        def whole_life() -> None:
            cluster = clusters.start(folder)
            assert clusters.running(folder) == cluster
            assert Path(f"/proc/{cluster.pid()}").stat().st_uid == nobody.pw_uid
            with pytest.raises(ClusterFault, match="already running"):
                clusters.start(folder)
            os.kill(cluster.pid(), 9)
            again = clusters.start(folder)
            assert query(again.url(), "SELECT 1") == [(1,)]
            again.stop()

        assert as_user("nobody", whole_life) == ""
        assert mode(folder) == 0o700
        with pytest.raises(ClusterFault, match="belongs to user nobody and you are root"):
            clusters.start(folder)


@needs_root
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_another_users_cluster_is_not_ours(cluster: Cluster) -> None:
    """Who may not read the password is told whose cluster it is."""
    told = as_user("nobody", lambda: print(clusters.running(cluster.folder)))
    assert told.startswith("ClusterFault: ")
    assert "belongs to somebody else" in told
    told = as_user("nobody", lambda: print(clusters.start(cluster.folder)))
    assert "belongs to user root and you are nobody" in told
