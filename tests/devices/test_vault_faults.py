"""What goes wrong with a machine: every fault is ``VaultGone`` in time, and it passes (T16, J5).

The bound is the client's patience; here one second, on a machine that other tests share.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from minka.devices.vault_channel import Hello
from minka.devices.vault_open import open_vault, start_vault
from minka.devices.vault_settings import Duty, Opening, VaultSettings, as_json
from minka.devices.vault_wire import Lock
from minka.keys.vault import KeyName, KeyPath, Purpose, VaultGone
from tests.devices.vaults import DES, FACTORS, MAKERS, ROOT, Stand, device, enter, soft, token

KEY = KeyName("PUK", 1, DES)
PATH = KeyPath(KEY, FACTORS)
ANSWER = bytes.fromhex("1D4B84DBC0CAD967")
BOUND_S = 3.0


def _ask(stand: Stand) -> bytes:
    return stand.vault.external_authentication(
        PATH, bytes.fromhex("0102030405060708"), bytes.fromhex("1112131415161718")
    )


def _gone(stand: Stand) -> float:
    """How long until the vault counts as gone."""
    begun = time.monotonic()
    with pytest.raises(VaultGone):
        _ask(stand)
    return time.monotonic() - begun


def _impatient(stand: Stand, **more: int) -> Stand:
    given = {"patience_ms": 1000, **more}
    stand.settings = msgspec.structs.replace(stand.settings, **given)
    stand.start()
    enter(stand.custody, KEY, Purpose.EXTERNAL, ROOT)
    assert _ask(stand) == ANSWER
    return stand


@pytest.fixture
def stands() -> Iterator[list[Stand]]:
    """Whatever a test starts is ended."""
    made: list[Stand] = []
    yield made
    for stand in made:
        stand.end()


@pytest.mark.parametrize("kind", list(MAKERS))
def test_a_killed_process_is_gone_at_once_and_back_when_started(
    kind: str, tmp_path: Path, stands: list[Stand]
) -> None:
    """T16: kill -9; the same client then connects anew by itself."""
    stand = _impatient(MAKERS[kind](tmp_path / kind))
    stands.append(stand)
    vault = stand.vault
    used = vault.facts(KEY).used
    stand.kill()
    assert _gone(stand) < BOUND_S
    with pytest.raises(VaultGone):
        vault.facts(KEY)
    stand.start()
    assert vault.facts(KEY).used >= used
    assert _ask(stand) == ANSWER


def test_a_token_taken_away_is_gone_and_comes_back(tmp_path: Path, stands: list[Stand]) -> None:
    """T16: the token's directory moved away in the middle of use, and back."""
    stand = _impatient(token(tmp_path))
    stands.append(stand)
    for _ in range(2):
        stand.tokens.rename(tmp_path / "away")
        assert _gone(stand) < BOUND_S
        assert _gone(stand) < BOUND_S
        assert stand.custody.machine().lock is Lock.SEALED
        (tmp_path / "away").rename(stand.tokens)
        assert _ask(stand) == ANSWER
    assert stand.process is not None
    assert stand.process.poll() is None


def test_a_wrong_pin_is_tried_once(tmp_path: Path, stands: list[Stand]) -> None:
    """J5: a token locks itself after a few wrong PINs, so the same one is not tried again."""
    stand = token(tmp_path)
    stands.append(stand)
    own = stand.settings.pkcs11
    assert own is not None
    own.pin_file.write_text("000000")
    stand.start()
    before = _tried(stand)
    words = [_words(stand) for _ in range(3)]
    assert before == "the token refused this PIN before" or words[0] == before
    assert words[1:] == ["the token refused this PIN before"] * 2
    own.pin_file.write_text("314159")
    assert stand.custody.machine().lock is Lock.OPEN


def _tried(stand: Stand) -> str:
    return _words(stand)


def _words(stand: Stand) -> str:
    with pytest.raises(VaultGone) as found:
        stand.vault.facts(KEY)
    return str(found.value).partition(": ")[2]


@pytest.mark.parametrize("fault", ["hardfail", "short", "slow 60000"])
def test_a_device_in_trouble_is_gone_in_time_and_comes_back(
    fault: str, tmp_path: Path, stands: list[Stand]
) -> None:
    """T16: the device fails, gives half an answer, or none for a minute."""
    stand = _impatient(device(tmp_path), machine_ms=2000)
    stands.append(stand)
    stand.fault.write_text(fault)
    assert _gone(stand) < BOUND_S
    stand.fault.write_text("")
    if fault.startswith("slow"):  # The process ends itself; whoever keeps it starts it again.
        assert stand.process is not None
        assert stand.process.wait(10) == -signal.SIGALRM
        stand.start()
    assert _ask(stand) == ANSWER


def test_a_device_without_its_key_wrapping_key_is_gone(tmp_path: Path, stands: list[Stand]) -> None:
    """J5: what was remembered under a KEK that is no longer there cannot be used."""
    stand = _impatient(device(tmp_path))
    stands.append(stand)
    stand.fault.write_text("nokek")
    stand.kill()
    stand.start()
    assert _gone(stand) < BOUND_S
    stand.fault.write_text("")
    assert _ask(stand) == ANSWER


def test_a_device_whose_mac_is_cut_short_is_asked_for_the_chain(
    tmp_path: Path, stands: list[Stand]
) -> None:
    """J5: makers cut SDF_CalculateMAC to four bytes; the card's MAC needs all sixteen."""
    stand = _impatient(device(tmp_path))
    stands.append(stand)
    name = KeyName("DTK")
    enter(stand.custody, name, Purpose.TAC, ROOT)
    whole = stand.vault.transaction_code(KeyPath(name, FACTORS), b"message")
    stand.fault.write_text("mac4")
    assert stand.vault.transaction_code(KeyPath(name, FACTORS), b"message") == whole


@pytest.mark.parametrize("says", [b"", b"x" * 31, b"x" * 32, b"x" * 40, b"\xff" * 64])
def test_half_an_answer_is_no_answer(says: bytes, tmp_path: Path) -> None:
    """T16: something else listens there: it hangs up, babbles, or says nothing more."""
    settings = VaultSettings(folder=tmp_path, duty=Duty.DRILL, patience_ms=500)
    with _listening(settings.socket) as listener:
        threading.Thread(target=_babble, args=(listener, says), daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(VaultGone):
            open_vault(settings).facts(KEY)
        assert time.monotonic() - begun < BOUND_S


@pytest.mark.parametrize("kept", [0, 3, 10])
def test_an_answer_cut_in_the_middle_is_no_answer(kept: int, tmp_path: Path) -> None:
    """T16: the true channel, but its frame ends early; and one whose bytes were changed."""
    settings = VaultSettings(folder=tmp_path, duty=Duty.DRILL, patience_ms=500)
    for changed in (b"", b"!"):
        settings.socket.unlink(missing_ok=True)
        with _listening(settings.socket) as listener:
            answering = threading.Thread(target=_half, args=(listener, kept, changed), daemon=True)
            answering.start()
            with pytest.raises(VaultGone):
                open_vault(settings).facts(KEY)
            answering.join(5)


def test_a_slow_client_stops_nobody(tmp_path: Path, stands: list[Stand]) -> None:
    """J5: fifty who send half a frame and wait, while another is served as ever."""
    stand = _impatient(soft(tmp_path))
    stands.append(stand)
    slow = []
    for length in range(50):
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(stand.settings.socket))
        line.sendall(bytes(length))
        slow.append(line)
    begun = time.monotonic()
    for _ in range(50):
        assert _ask(stand) == ANSWER
    assert time.monotonic() - begun < BOUND_S
    for line in slow:
        line.close()


def test_many_clients_at_once_get_each_their_own_answer(
    tmp_path: Path, stands: list[Stand]
) -> None:
    """J5: eight threads of one client object, 800 questions, none mixed up, each counted."""
    stand = _impatient(soft(tmp_path), patience_ms=10000)
    stands.append(stand)
    vault = stand.vault
    before = vault.facts(KEY).used
    wrong: list[int] = []

    def ask(number: int) -> None:
        challenge = number.to_bytes(8)
        first = vault.external_authentication(PATH, challenge, challenge)
        rest = {vault.external_authentication(PATH, challenge, challenge) for _ in range(99)}
        wrong.extend([number] * (rest != {first}))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert vault.facts(KEY).used == before + 800


def test_a_forked_process_asks_on_lines_of_its_own(tmp_path: Path, stands: list[Stand]) -> None:
    """J5: a web server forks its workers after a first question."""
    stand = _impatient(soft(tmp_path))
    stands.append(stand)
    vault = stand.vault
    facts = vault.facts(KEY)
    child = os.fork()
    if child == 0:
        os._exit(0 if vault.facts(KEY) == facts else 1)
    same = [vault.facts(KEY) == facts for _ in range(20)]
    assert os.waitpid(child, 0)[1] == 0
    assert all(same)


def test_a_folder_may_have_a_long_name(tmp_path: Path, stands: list[Stand]) -> None:
    """J5: a socket's address holds 107 bytes, an operator's folders may be deeper than that."""
    stand = _impatient(soft(tmp_path / ("a" * 60) / ("b" * 60)))
    stands.append(stand)
    assert len(str(stand.settings.socket)) > 140
    assert stand.stop() == 0
    assert not stand.settings.socket.exists()


def test_a_vault_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """I1: a demonstration that is killed leaves no process with keys behind."""
    settings = soft(tmp_path).settings
    child = os.fork()
    if child == 0:
        start_vault(settings)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    until = time.monotonic() + 20
    while settings.socket.exists() and time.monotonic() < until:
        time.sleep(0.05)
    with pytest.raises(VaultGone):
        open_vault(settings).machine()


def test_production_does_not_start_on_a_stand_in(tmp_path: Path) -> None:
    """J5: neither the soft vault nor a soft token, and the process says why."""
    soft_one = VaultSettings(folder=tmp_path / "soft", duty=Duty.PRODUCTION)
    soft_token = token(tmp_path / "token").settings
    for settings, word in (
        (soft_one, "soft vault"),
        (msgspec.structs.replace(soft_token, duty=Duty.PRODUCTION), "SoftHSM"),
    ):
        command = [sys.executable, "-m", "minka.devices.vault_process", "-"]
        done = subprocess.run(
            command, input=as_json(settings), capture_output=True, check=False, timeout=30
        )
        assert done.returncode == 3
        assert word in done.stderr.decode()
        with pytest.raises(VaultGone):
            start_vault(settings)


def test_a_production_client_does_not_use_a_stand_in(tmp_path: Path, stands: list[Stand]) -> None:
    """J5: even when somebody put a drill's vault in the folder of production."""
    stand = _impatient(soft(tmp_path))
    stands.append(stand)
    production = msgspec.structs.replace(
        stand.settings, duty=Duty.PRODUCTION, opening=Opening.SHARES
    )
    with pytest.raises(VaultGone, match="stand-in"):
        open_vault(production).facts(KEY)


def test_one_folder_has_one_process(tmp_path: Path, stands: list[Stand]) -> None:
    """I1: two writers of one sealed file would lose counts; the second does not start."""
    stand = _impatient(soft(tmp_path))
    stands.append(stand)
    command = [sys.executable, "-m", "minka.devices.vault_process", "-"]
    done = subprocess.run(
        command, input=as_json(stand.settings), capture_output=True, check=False, timeout=30
    )
    assert done.returncode == 3
    assert _ask(stand) == ANSWER


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def _babble(listener: socket.socket, says: bytes) -> None:
    line, _ = listener.accept()
    line.recv(32)
    line.sendall(says)
    if len(says) != 32:
        line.close()
    else:
        time.sleep(2)


def _half(listener: socket.socket, kept: int, changed: bytes) -> None:
    line, _ = listener.accept()
    hello = Hello()
    channel = hello.as_server(line.recv(32))
    line.sendall(hello.public)
    line.recv(4096)
    frame = channel.frame(b"\x81\xa5value\xc0")
    line.sendall(frame[:-1] + changed if changed else frame[:kept])
    line.close()
