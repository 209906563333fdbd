"""The C library through ctypes, against the service, and under the address sanitizer (J4, J2)."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from minka.bench.card_slot import Slot
from minka.doors.reader.codes import Code
from minka.doors.reader.hsm import Who
from minka.doors.reader.pinpad import CallbackPad
from tests.card.world import AREA, HISTORICAL, new_card
from tests.reader.serving import Running, serving
from tests.reader.world import BASIC, WHICH, Counter

NATIVE = Path(__file__).parents[2] / "native"
SHORT, LONG = 1024, 20480
WHO = Who(AREA, HISTORICAL.hex())


def make(folder: Path, target: str) -> Path:
    """A target of the Makefile, built by the machine's own compiler with every warning an error."""
    made = folder / target
    subprocess.run(["make", "-s", "-C", str(NATIVE), f"OUT={folder}", str(made)], check=True)
    return made


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The library, built anew."""
    found = ctypes.CDLL(str(make(tmp_path_factory.mktemp("native"), "libminkacard.so")))
    for name in ("iReadCardBas", "ICC_Reader_Open"):
        getattr(found, name).restype = ctypes.c_long
    return found


@pytest.fixture
def counter() -> Counter:
    """A counter with the card of the reference."""
    return Counter()


@pytest.fixture
def running(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The service, where the library looks for it."""
    with serving(counter.readers, counter.settings, services=counter.services) as service:
        monkeypatch.setenv("MINKA_READER_HTTP_PORT", str(service.ports["http"]))
        yield service


def call(
    library: ctypes.CDLL, name: str, *arguments: int | str, room: int = LONG
) -> tuple[int, str]:
    """A function as a HIS calls it: the code, and pOut out of GBK."""
    function = getattr(library, name)
    function.restype = ctypes.c_long
    out = ctypes.create_string_buffer(b"\xee" * room, room)
    given = [a.encode("gbk") if isinstance(a, str) else a for a in arguments]
    return function(*given, out), out.value.decode("gbk")


def test_a_his_reads_the_card_unchanged(
    library: ctypes.CDLL, running: Running, counter: Counter
) -> None:
    """J4: Step 1, the province, Step 2: the eleven fields in GBK, by the names of always."""
    assert call(library, "iReadCardBas", 3) == (Code.NO_SAM, "")
    code, first = call(library, "iReadCardBas_HSM_Step1", 3, room=SHORT)
    assert code == 0
    key = counter.services.internal(first)
    assert call(library, "iReadCardBas_HSM_Step2", key, room=SHORT) == (0, BASIC)
    files = "SSSEEF05|05|06|07|$"
    out = "SSSEEF05|20240101|20340101|M00000019|$"
    assert call(library, "iReadCard", 3, 1, WHICH, files) == (0, out)
    assert call(library, "iGetCardType", 3, room=SHORT) == (0, "3.00|03|")


def test_text_in_gbk_is_written_and_read(
    library: ctypes.CDLL, running: Running, counter: Counter
) -> None:
    """J4: Chinese characters go both ways; a photograph fills the long buffer."""
    for files, data in (
        ("DF01EF06|23|24|$", "DF01EF06|示例市幸福路１号镕|990100|$"),
        ("SSSEEF08|$", f"SSSEEF08|{'5A' * 4096}|$"),
    ):
        first = call(library, "iWriteCard_HSM_Step1", 3, WHICH, files)[1]
        key = counter.services.external(WHO, first)
        assert call(library, "iWriteCard_HSM_Step2", key, data, room=SHORT)[0] == 0
        first = call(library, "iReadCard_HSM_Step1", 3, WHICH, files)[1]
        key = counter.services.external(WHO, first)
        assert call(library, "iReadCard_HSM_Step2", key) == (0, data)


def test_an_output_that_does_not_fit_is_not_written(library: ctypes.CDLL, running: Running) -> None:
    """J4: more than the buffer's rule is -42 and an empty string, never half of it."""
    files = "SSSEEF05|01|02|03|04|05|06|07|$" * 200
    assert call(library, "iReadCard", 3, 1, WHICH, files) == (Code.BAD_LENGTH, "")


def test_the_tries_come_with_a_wrong_pin(library: ctypes.CDLL, counter: Counter) -> None:
    """J4: -51, and pOut says how many are left."""
    with serving(
        counter.readers, counter.settings, pad=CallbackPad(lambda *_: "111111")
    ) as service:
        os.environ["MINKA_READER_HTTP_PORT"] = str(service.ports["http"])
        try:
            assert call(library, "iVerifyPIN", 3, room=SHORT) == (Code.PIN_WRONG, "5")
        finally:
            del os.environ["MINKA_READER_HTTP_PORT"]


def test_without_the_service_the_reader_is_not_connected(
    library: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J4: -11, and pOut is an empty string."""
    monkeypatch.setenv("MINKA_READER_HTTP_PORT", "9")
    assert call(library, "iReadCardBas", 3) == (Code.NO_READER, "")
    assert library.ICC_Reader_Open(b"AUTO") == Code.NO_READER


def test_null_pointers_are_answered(library: ctypes.CDLL, running: Running) -> None:
    """J4: -14 instead of a crash."""
    out = ctypes.create_string_buffer(LONG)
    assert library.iReadCardBas(3, None) == -14
    assert library.iReadCard(3, 1, None, b"", out) == -14
    assert library.iReadCardBas_HSM_Step2(None, out) == -14
    assert library.iWriteCard(3, b"", b"", None, out) == -14
    assert library.ICC_Reader_PowerOn(0, 1, None) == -14
    assert library.ICC_Reader_Libinfo(None) == -14
    assert library.ICC_Reader_Open(None) == -14


def test_the_reader_level_functions(library: ctypes.CDLL, running: Running) -> None:
    """J4: SSSE32 — open, power on, a command, status, power off, close; each code of its table."""
    answer = ctypes.create_string_buffer(258)
    assert library.ICC_Reader_PowerOn(0, 1, answer) == Code.NOT_OPENED
    assert library.ICC_Reader_Open(b"FLOPPY") == Code.WRONG_ARGUMENT
    assert library.ICC_Reader_Open(b"USB1") == 0
    assert library.ICC_Reader_GetStatus(0, 1) == Code.NOT_POWERED
    assert library.ICC_Reader_Application(0, 1, 5, b"\0" * 5, answer) == Code.NOT_POWERED
    assert library.ICC_Reader_PowerOn(0, 1, answer) == 17
    assert answer.raw[:17].hex() == "3b6d0000" + HISTORICAL.hex()
    assert library.ICC_Reader_GetStatus(0, 1) == 0
    select = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
    length = library.ICC_Reader_Application(0, 1, len(select), select, answer)
    assert answer.raw[:length].hex().upper().startswith("6F1C840F")
    assert answer.raw[length - 2 : length] == b"\x90\x00"
    assert library.ICC_Reader_PowerOn(0, 0x11, answer) == Code.WRONG_ARGUMENT
    assert library.ICC_Reader_PowerOff(0, 1) == 0
    assert library.ICC_Reader_GetStatus(0, 1) == Code.NOT_POWERED
    info = ctypes.create_string_buffer(33)
    assert library.ICC_Reader_Libinfo(info) == 0
    assert len(info.value) == 32
    assert library.ICC_Reader_Close(0) == 0
    assert library.ICC_Reader_GetStatus(0, 1) == Code.NOT_OPENED


def test_an_empty_slot_and_a_mute_answer(library: ctypes.CDLL, counter: Counter) -> None:
    """J4: -2 for no card, -4 for a card pulled under power."""
    slot = Slot(new_card())
    counter.readers.slots = {"A": None, "B": slot}
    with serving(counter.readers, counter.settings) as service:
        os.environ["MINKA_READER_HTTP_PORT"] = str(service.ports["http"])
        answer = ctypes.create_string_buffer(258)
        try:
            assert library.ICC_Reader_Open(b"AUTO") == 0
            assert library.ICC_Reader_PowerOn(0, 1, answer) == Code.NO_CARD
            assert library.ICC_Reader_PowerOn(0, 2, answer) == 17
            slot.remove()
            challenge = bytes.fromhex("0084000008")
            assert library.ICC_Reader_Application(0, 2, 5, challenge, answer) == Code.NO_ANSWER
        finally:
            del os.environ["MINKA_READER_HTTP_PORT"]


@pytest.mark.parametrize("rounds", [500, pytest.param(20_000, marks=pytest.mark.nightly)])
def test_long_and_broken_strings_overflow_nothing(
    tmp_path: Path, running: Running, rounds: int
) -> None:
    """J4: calls with strings of up to 70,000 bytes under the address sanitizer."""
    fuzz = [str(make(tmp_path, "fuzz")), str(rounds)]
    done = subprocess.run(fuzz, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{rounds} rounds\n", "")
