"""The soft vault's own life: shares open it, its file is sealed, its counts survive (I1, T15)."""

from __future__ import annotations

import itertools
import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from minka.devices.vault_house import SoftHouse
from minka.devices.vault_keeping import Tampered
from minka.devices.vault_settings import Duty, Opening, VaultSettings
from minka.devices.vault_wire import Lock
from minka.keys.component import restored
from minka.keys.vault import KeyName, KeyPath, KeyReason, KeyRefused, KeyTerms, Purpose, VaultGone
from tests.devices.vaults import FACTORS, ROOT, Stand, enter, soft

KEY, ZMK = KeyName("PUK"), KeyName("ZMK")
PATH = KeyPath(KEY, FACTORS)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A soft vault that waits for its custodians."""
    made = Stand(VaultSettings(folder=tmp_path / "vault", duty=Duty.DRILL))
    made.start()
    yield made
    made.end()


def _asked(stand: Stand) -> bytes:
    return stand.vault.external_authentication(PATH, bytes(8), bytes(8))


def _refused(stand: Stand) -> KeyReason:
    with pytest.raises(KeyRefused) as found:
        _asked(stand)
    return found.value.reason


def test_three_of_five_custodians_open_it_and_two_do_not(stand: Stand) -> None:
    """T15: every three of five, in any order; two leave it shut and tell nothing."""
    custody = stand.custody
    assert custody.machine().lock is Lock.EMPTY
    assert _refused(stand) is KeyReason.SEALED
    shares = custody.initialise(3, 5)
    assert len(set(shares)) == 5
    enter(custody, KEY, Purpose.EXTERNAL)
    answer = _asked(stand)
    for chosen in itertools.permutations(shares, 3):
        if chosen[0] > chosen[1]:
            continue  # Half of the sixty orders are enough.
        assert custody.seal().lock is Lock.SEALED
        assert _refused(stand) is KeyReason.SEALED
        assert custody.unseal(chosen[0]).shares_needed == 2
        assert custody.unseal(chosen[0]).shares_needed == 2
        assert custody.unseal(chosen[1]).lock is Lock.SEALED
        assert _refused(stand) is KeyReason.SEALED
        assert custody.unseal(chosen[2]).lock is Lock.OPEN
        assert _asked(stand) == answer
    with pytest.raises(KeyRefused):
        custody.initialise(3, 5)


def test_a_foreign_or_misread_share_makes_all_begin_again(stand: Stand, tmp_path: Path) -> None:
    """T15: a share of another vault, a wrong word, a share of another threshold."""
    other = Stand(VaultSettings(folder=tmp_path / "other", duty=Duty.DRILL))
    other.start()
    try:
        foreign = other.custody.initialise(3, 5)
    finally:
        other.end()
    custody = stand.custody
    shares = custody.initialise(3, 5)
    enter(custody, KEY, Purpose.EXTERNAL)
    custody.seal()
    misread = " ".join([*shares[0].split()[:-1], "academic"])
    for wrong in (misread, "no share at all", ""):
        with pytest.raises(KeyRefused):
            custody.unseal(wrong)
    custody.unseal(shares[0])
    custody.unseal(foreign[1])
    with pytest.raises(KeyRefused):
        custody.unseal(foreign[2])
    assert custody.machine().shares_needed == 0
    for share in foreign[:2]:
        custody.unseal(share)
    with pytest.raises(KeyRefused):
        custody.unseal(foreign[2])
    for share in shares[2:]:
        custody.unseal(share)
    assert custody.machine().lock is Lock.OPEN


@pytest.mark.parametrize("numbers", [(0, 5), (1, 5), (6, 5), (2, 17), (-1, -1)])
def test_a_threshold_that_means_nothing_is_refused(stand: Stand, numbers: tuple[int, int]) -> None:
    """T15: never one alone, never more than there are; the vault stays empty."""
    with pytest.raises(KeyRefused):
        stand.custody.initialise(*numbers)
    assert stand.custody.machine().lock is Lock.EMPTY


def test_the_master_key_is_nowhere_but_in_the_shares(stand: Stand) -> None:
    """T15, P13: no file of the folder holds the master key or a root, in clear or in hex."""
    custody = stand.custody
    master = restored(custody.initialise(2, 3)[:2])
    enter(custody, KEY, Purpose.EXTERNAL)
    custody.seal()
    whole = b"".join(path.read_bytes() for path in _files(stand))
    assert len(whole) > 100
    for secret in (master, ROOT, ROOT[:8], ROOT[8:]):
        assert secret not in whole
        assert secret.hex().encode() not in whole.lower()


def test_counts_survive_a_stop_exactly_and_a_kill_never_too_low(tmp_path: Path) -> None:
    """I1: cards are counted exactly whatever happens; single uses never under their number."""
    stand = soft(tmp_path / "vault")
    stand.start()
    try:
        enter(stand.custody, KEY, Purpose.EXTERNAL)
        enter(stand.custody, ZMK, Purpose.TRANSPORT)
        stand.vault.diversify_and_wrap(KEY, FACTORS[:2], [bytes(8)] * 10, ZMK)
        assert stand.stop() == 0
        stand.start()
        assert stand.vault.facts(KEY).used == 10
        stand.vault.diversify_and_wrap(KEY, FACTORS[:2], [bytes(8)] * 5, ZMK)
        stand.kill()
        stand.start()
        assert stand.vault.facts(KEY).used == 15
        for _ in range(3):
            _asked(stand)
        assert stand.vault.facts(KEY).used == 18
        stand.kill()
        stand.start()
        after_kill = stand.vault.facts(KEY).used
        assert after_kill >= 18
        assert stand.stop() == 0
        stand.start()
        assert stand.vault.facts(KEY).used == after_kill
    finally:
        stand.end()


def test_a_limited_key_is_never_used_once_more_than_it_may(tmp_path: Path) -> None:
    """I1: ten uses, kills between; ten answers in all and not one more."""
    stand = soft(tmp_path / "vault")
    stand.start()
    try:
        terms = KeyTerms(uses=10)
        enter(stand.custody, KEY, Purpose.EXTERNAL, ROOT, terms)
        answers = 0
        for _ in range(3):
            with suppress(KeyRefused):
                for _ in range(4):
                    _asked(stand)
                    answers += 1
            stand.kill()
            stand.start()
        assert _refused(stand) is KeyReason.COUNTER_SPENT
        assert answers == 10
    finally:
        stand.end()


def test_a_changed_file_does_not_open(tmp_path: Path) -> None:
    """T17, I1: one bit anywhere in the sealed file, a cut file, none at all in it."""
    settings = soft(tmp_path).settings
    house = SoftHouse(settings)
    house.vault().generate(KEY, Purpose.EXTERNAL)
    house.close()
    whole = settings.keys_file.read_bytes()
    spoilt = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for content in (*spoilt, whole[:-1], whole[:30], whole[:5], b""):
        settings.keys_file.write_bytes(content)
        with pytest.raises(Tampered):
            SoftHouse(settings)
    stand = Stand(settings)
    with pytest.raises(VaultGone):
        stand.start()
    settings.keys_file.write_bytes(whole)
    assert SoftHouse(settings).vault().facts(KEY).used == 0


def test_the_process_protects_its_memory_as_far_as_it_may(stand: Stand) -> None:
    """P13: no core dump, and no other process of the same user reads its memory."""
    protection = stand.custody.machine().protection
    assert {"no core dumps", "not to be debugged"} <= set(protection)
    assert stand.process is not None
    pid = stand.process.pid
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    if os.geteuid():
        with pytest.raises(PermissionError):
            Path(f"/proc/{pid}/mem").open("rb").close()
    if "memory is not swapped" in protection and not os.geteuid():
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        locked = next(line for line in status.splitlines() if line.startswith("VmLck"))
        assert int(locked.split()[1]) > 1000


def test_custody_is_not_asked_for_at_the_doors_socket(stand: Stand) -> None:
    """K3, T15: a running door cannot make, combine, unwrap or destroy a key."""
    stand.custody.initialise(2, 2)
    through_the_door = stand.custody
    through_the_door._path = stand.settings.socket
    for attempt in (
        lambda: through_the_door.generate(KEY, Purpose.EXTERNAL),
        lambda: through_the_door.add_component("c", KEY, ROOT),
        lambda: through_the_door.destroy(KEY),
        through_the_door.inventory,
        through_the_door.seal,
        lambda: through_the_door.initialise(2, 2),
    ):
        with pytest.raises(VaultGone, match="not a question"):
            attempt()
    assert stand.custody.machine().lock is Lock.OPEN


NOBODY = 65534


@contextmanager
def _reachable() -> Iterator[Path]:
    """A folder that every user can pass through, as the tests' own folders are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _as_nobody(asks: Callable[[], object]) -> bool:
    """Whether another user's process is answered."""
    child = os.fork()
    if child == 0:
        os.setuid(NOBODY)
        try:
            asks()
        except VaultGone:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("friends", [(), (NOBODY,)])
def test_only_the_own_user_and_named_friends_are_answered(friends: tuple[int, ...]) -> None:
    """T16: the kernel says who asks, even where every file mode is open; and a friend of the
    running doors is none of the ceremony's."""
    if os.geteuid():
        pytest.skip("only root can ask as another user")
    with _reachable() as folder:
        settings = VaultSettings(folder=folder / "vault", duty=Duty.DRILL, friends=friends)
        stand = Stand(settings)
        stand.start()
        try:
            assert _as_nobody(stand.vault.machine) is bool(friends)
            for path in (settings.folder, settings.socket, settings.custody_socket):
                path.chmod(0o777)
            assert _as_nobody(stand.vault.machine) is bool(friends)
            assert not _as_nobody(stand.custody.machine)
            assert stand.vault.machine().lock is Lock.EMPTY
        finally:
            stand.end()


def test_a_drill_opens_itself_and_production_never_does(tmp_path: Path) -> None:
    """J5: the one file that opens a demonstration belongs to a drill alone."""
    stand = soft(tmp_path / "vault")
    stand.start()
    assert stand.custody.machine().lock is Lock.OPEN
    assert stand.settings.drill_file.stat().st_mode & 0o777 == 0o600
    stand.end()
    with pytest.raises(VaultGone):
        Stand(
            msgspec.structs.replace(stand.settings, duty=Duty.PRODUCTION, opening=Opening.ITSELF)
        ).start()


def _files(stand: Stand) -> list[Path]:
    return [path for path in stand.settings.folder.iterdir() if path.is_file()]
