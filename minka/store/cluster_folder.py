"""The folder of a cluster: its rights, its lock, its password, and the sign that a server lives.

No permission of an existing folder is ever changed: what stands open is refused with the cure, and
what the server's user cannot reach is put elsewhere.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import pwd
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from minka.store.postgres import SHARED_HOME, Account, ClusterFault

log = logging.getLogger(__name__)

_DYING_SECONDS = 1  # a killed server takes a moment to be gone
_LET_GO_SECONDS = 20  # the children of a killed server notice it within seconds


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A live server of ours, as its ``postmaster.pid`` tells."""

    pid: int
    port: int
    ready: bool


def postmaster(data: Path) -> Postmaster | None:
    """The live server of a data folder; None when there is none, or only a dead one's file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    pid = int(lines[0]) if lines else 0
    if pid <= 0 or not serves(pid, data):
        return None
    port = int(lines[3]) if len(lines) > 3 else 0
    return Postmaster(pid, port, ready=len(lines) > 7 and lines[7].strip() == "ready")


def serves(pid: int, data: Path) -> bool:
    """Whether a live process is a server of this data and not a stranger with a reused number."""
    proc = Path("/proc")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, and not ours to signal
    if not (proc / "self").exists():
        return True
    try:
        state = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        words = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    named = Path(os.fsdecode(words[0])).name in ("postgres", "postmaster")
    at = words.index(b"-D") + 1 if b"-D" in words else None
    same = at is None or Path(os.fsdecode(words[at])).resolve() == data.resolve()
    return state not in "ZX" and named and same


def lives(pid: int) -> bool:
    """Whether a process runs at all, whatever it is; one that has only just been forked does."""
    try:
        stat = (Path("/proc") / str(pid) / "stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def forget_stranger(data: Path) -> None:
    """Remove a dead server's ``postmaster.pid`` whose number now belongs to another program.

    PostgreSQL itself clears away a file whose process is gone, but not this one. We hold the lock,
    so no server of ours lives.
    """
    if postmaster(data) is None:
        (data / "postmaster.pid").unlink(missing_ok=True)


def opened(folder: Path, account: Account) -> Path:
    """The folder, made if need be. Faults: not a folder of ours, or open to others' writing."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o700 if account.is_us else 0o711)
        known = folder.stat()
    except OSError as error:
        raise ClusterFault(
            f"The folder {folder} cannot be made: {error.strerror}. Choose another MINKA_HOME."
        ) from None
    if not folder.is_dir():
        raise ClusterFault(f"{folder} is a file; a database needs a folder of its own there.")
    if known.st_uid != os.geteuid():
        raise ClusterFault(
            f"The folder {folder} belongs to user {_name(known.st_uid)} and you are"
            f" {_name(os.geteuid())}. Start Minka as {_name(known.st_uid)}, or set MINKA_HOME."
        )
    if known.st_mode & 0o022:
        raise ClusterFault(
            f"Others may write in the folder {folder} (mode {known.st_mode & 0o777:04o})."
            f" Run `chmod go-w {folder}` and start again."
        )
    if known.st_mode & 0o700 != 0o700:
        raise ClusterFault(
            f"You may not write in your own folder {folder} (mode {known.st_mode & 0o777:04o})."
            f" Run `chmod u+rwx {folder}` and start again."
        )
    return folder


def check_data(data: Path, account: Account) -> None:
    """Faults: the data belong to another user than the server's, or stand open to others."""
    known = data.stat()
    if known.st_uid != account.uid:
        raise ClusterFault(
            f"The data in {data} belong to user {_name(known.st_uid)}, but the server would run"
            f" as {account.name}. Start Minka as the user who made them, or set MINKA_HOME."
        )
    if known.st_mode & 0o027:
        raise ClusterFault(
            f"The data in {data} stand open to others (mode {known.st_mode & 0o777:04o}) and"
            f" PostgreSQL refuses that. Run `chmod 700 {data}` and start again."
        )


def locked(folder: Path) -> int:
    """The folder's lock as an open file for the server to inherit. Faults: a server holds it."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    data = recorded_home(folder) / "data"
    if until(lambda: _grasped(lock), seconds=_DYING_SECONDS):
        return lock
    until(lambda: _grasped(lock) or postmaster(data) is not None, seconds=_LET_GO_SECONDS)
    if _grasped(lock):
        return lock
    os.close(lock)
    live = postmaster(data)
    who = f"process {live.pid}, port {live.port}" if live else "or is just being started"
    raise ClusterFault(
        f"The database in {folder} is already running ({who}). Use it, or stop it first."
    )


def _grasped(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def recorded_home(folder: Path) -> Path:
    """Where the data of a folder lie: in itself, unless it records another place."""
    return Path(_record(folder).get("home", str(folder)))


def recorded_port(folder: Path) -> int:
    """The port the server had when it last started; 0 when it never did."""
    return int(_record(folder).get("port", "0"))


def record(folder: Path, home: Path, *, port: int) -> None:
    """Keep the home and the port for the next command and the next start."""
    known = {"port": str(port)} | ({"home": str(home)} if home != folder else {})
    draft = folder / "cluster.json.new"
    draft.write_text(json.dumps(known) + "\n")
    draft.replace(folder / "cluster.json")


def _record(folder: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads((folder / "cluster.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return known


def chosen_home(folder: Path, account: Account) -> Path:
    """The home recorded, else the folder if the server's user can reach it, else a new place."""
    home = recorded_home(folder)
    if home != folder or account.enters(folder):
        return home
    SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix=f"{folder.parent.name.lstrip('.')}-", dir=SHARED_HOME))
    home.chmod(0o711)
    record(folder, home, port=0)
    log.warning(
        "The server runs as %s, who cannot reach %s; its data lie in %s.",
        account.name,
        folder,
        home,
    )
    return home


def password(folder: Path) -> str:
    """The owner's password, made at random the first time. Faults: others may read it."""
    path = folder / "password"
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise ClusterFault(
                f"Others may read the password in {path}. Run `chmod 600 {path}`; if they may"
                " have read it, change it too."
            ) from None
        return path.read_text().strip()
    with os.fdopen(made, "w") as file:
        file.write(secrets.token_urlsafe(24) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path.read_text().strip()


def not_ours(folder: Path, error: PermissionError) -> ClusterFault:
    """The sentence for a cluster of somebody else."""
    return ClusterFault(
        f"The database in {folder} belongs to somebody else ({error.filename} cannot be read by"
        f" {_name(os.geteuid())}). Use the user who started it, or set MINKA_HOME."
    )


def delete(path: Path) -> None:
    """Delete a file, or a folder with all in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def until(answer: Callable[[], bool], *, seconds: int) -> bool:
    """Ask again and again until the answer is yes, at most so long; the last answer."""
    deadline = time.monotonic() + seconds
    while not answer():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"
