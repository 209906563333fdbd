"""The driver functions with a PSAM in the terminal: roots of every level, every code (J4, K3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minka.bench.card_image import KEY, KEY_COUNT, KEYS, MOST_KEYS
from minka.bench.card_keys import root
from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape
from minka.bench.psam import Psam, record_slot
from minka.bench.psam_maker import CODES, Terminal, key_at_level, sam_cells, sam_from
from minka.cipher.card_key import Algorithm
from minka.devices.pcsc_reader import PoweredCard
from minka.doors.reader.codes import CONTINUE_WITH_HSM, Code, Stop
from minka.doors.reader.sam import Purchase, Sam, SamKey, Session
from tests.card.world import DES, HOLDER, ISSUER, SM4, blank, new_card
from tests.reader.test_pin import locked
from tests.reader.world import BASIC, CONTACT, SAM, WHICH, Counter, InProcess

RKSSSE_ID = 0x0B
"""Where our module keeps RKSSSE when it is given it: no open source says (card-chip §9.2)."""
SECOND_DES = Shape(version="2.0", algorithm=Algorithm.TRIPLE_DES)
SECOND_SM4 = Shape(version="2.0")
SHAPES = pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])


def module(level: int = 1, *, terminal: Terminal | None = None) -> Psam:
    """A PSAM whose roots stand so many levels above a card, RKSSSE with them."""
    told = terminal or Terminal(level=level)
    cells = bytearray(sam_cells(told))
    for index, algorithm in enumerate(told.algorithms):
        value = key_at_level("RKSSSE", algorithm, told)
        head = bytes((told.level << 5 | 7, RKSSSE_ID, 0, CODES[algorithm, 16])) + bytes(4)
        count = cells[KEY_COUNT]
        assert count < MOST_KEYS
        place = KEYS + KEY * count
        cells[place : place + KEY] = record_slot(12 * index + 4, 0x11, head + value)
        cells[KEY_COUNT] = count + 1
    return sam_from(bytes(cells))


def counter(shape: Shape = SM4, level: int = 1, sam: Psam | None = None, **more: object) -> Counter:
    """A counter with a card and a module, told where RKSSSE lies."""
    told = {"sam_keys": {"RKSSSE": [f"67{RKSSSE_ID:02X}"]}, **more}
    issuer = ISSUER | {"03": shape.version}
    older = blank(contents={"SSSEEF05": issuer, "SSSEEF06": HOLDER})
    card = new_card(shape) if shape.version == "3.0" else card_from(make(shape, older))
    return Counter(card, sam=sam or module(level), **told)  # type: ignore[arg-type]


@SHAPES
@pytest.mark.parametrize("level", [1, 2, 3], ids=["city", "province", "national"])
def test_the_basic_reading_with_a_module_of_any_level(shape: Shape, level: int) -> None:
    """J4: one, two and three factors are tried; the terminal number is the module's own."""
    assert counter(shape, level).out("iReadCardBas", "3") == BASIC


@pytest.mark.parametrize("shape", [SECOND_SM4, SECOND_DES], ids=["SM4", "3DES"])
def test_a_card_before_3_needs_the_internal_proof_only(shape: Shape) -> None:
    """J4: a module as the field has it, without RKSSSE, reads generations 1 and 2."""
    found = counter(shape, sam=sam_from(sam_cells(Terminal())))
    assert found.out("iReadCardBas", "3").split("|")[4] == "测试甲"


def test_a_module_without_rkssse_sends_a_3_0_card_to_the_machine() -> None:
    """J4: -2203, whether it is not told where it lies or does not find it."""
    plain = sam_from(sam_cells(Terminal()))
    assert Counter(sam=plain).code("iReadCardBas", "3") == Code.SAM_WITHOUT_KEY
    assert counter(sam=plain).code("iReadCardBas", "3") == Code.SAM_WITHOUT_KEY
    assert Code.SAM_WITHOUT_KEY in CONTINUE_WITH_HSM


def test_a_module_that_does_not_compute_sm4() -> None:
    """J4: -2202 by the settings, or 6A80 and the like from the module itself."""
    found = counter(sam_environments={"1": "3F00"})
    assert found.code("iReadCardBas", "3") == Code.SAM_ALGORITHM
    only = Terminal(algorithms=(Algorithm.TRIPLE_DES,))
    assert counter(sam=module(terminal=only)).code("iReadCardBas", "3") in CONTINUE_WITH_HSM


def test_a_module_of_another_citys_root() -> None:
    """T10: its session keys are not the card's: the card's proof differs (-21)."""
    other = Terminal(area="990200")
    assert counter(sam=module(terminal=other)).code("iReadCardBas", "3") == Code.CARD_NOT_GENUINE


@SHAPES
def test_files_are_read_and_written_by_key(shape: Shape) -> None:
    """J4: iAuthType 2 opens by RK; writing opens by UK; both by the module."""
    found = counter(shape)
    data = "DF01EF06|示例市幸福路１号|990100|$"
    assert found.out("iWriteCard", "3", WHICH, "DF01EF06|23|24|$", data) == ""
    assert found.out("iReadCard", "3", "2", WHICH, "DF01EF06|23|24|$") == data
    several = "DF01EF09|2E|$DF02EF06|3A|$SSSEEF06|09|$"
    written = "DF01EF09|示例公司|$DF02EF06|1234567|$SSSEEF06|测试乙|$"
    assert found.out("iWriteCard", "3", WHICH, several, written) == ""
    assert found.out("iReadCard", "3", "2", WHICH, several) == written
    assert found.out("iReadCardBas", "3").split("|")[4] == "测试乙"


def test_a_file_whose_key_no_module_holds() -> None:
    """J4: -27272, the fifth fall-back code; the caller goes on with the machine."""
    files = "DF07EF05|F0|$"
    assert counter().code("iReadCard", "3", "2", WHICH, files) == Code.KEY_NOT_FOUND
    assert counter().code("iWriteCard", "3", WHICH, files, "DF07EF05|01|$") == Code.KEY_NOT_FOUND


def test_a_file_with_pin_and_key_in_either_order() -> None:
    """J4: the order is a setting; both are shown, and neither alone is enough."""
    for order in ("pin_first", "key_first"):
        found = counter(pin_and_key=order)
        files = "DF04EF06|90|$"
        assert found.out("iReadCard", "3", "2", WHICH, files, pins=["123456"]) == "DF04EF06||$"
        code = found.code("iReadCard", "3", "2", WHICH, files, pins=["111111"])
        assert code == Code.PIN_WRONG


def test_a_key_is_not_shown_where_the_caller_chose_the_pin() -> None:
    """J4: iAuthType 1 on a file that only a key opens: the card says no (6982)."""
    assert counter().code("iReadCard", "3", "1", WHICH, "SSSEEF06|08|$") == -27010


@SHAPES
@pytest.mark.parametrize("pin", ["654321", "1234", "123456789012"])
def test_a_pin_is_reset_and_unblocked_by_the_module(shape: Shape, pin: str) -> None:
    """J4, K3: PUK shown, the new PIN enciphered and sealed by the module (card-chip §11.2)."""
    found = locked(counter(shape))
    assert found.code("iReloadPIN", "3", WHICH, pins=[pin] * 2) == 0
    assert found.code("iVerifyPIN", "3", pins=[pin]) == 0
    locked(found)
    assert found.code("iUnblockPIN", "3", WHICH) == 0
    assert found.code("iVerifyPIN", "3", pins=[pin]) == 0


@SHAPES
@pytest.mark.parametrize("level", [1, 3])
def test_a_purchase_with_the_module(shape: Shape, level: int) -> None:
    """J4, T10: MAC1 by the module, MAC2 checked by it, its own sequence in the output."""
    found = counter(shape, level)
    for sequence in (9, 10):
        pay = "10.00|5.00|20240102030405|"
        out = found.out("iDoDebit", "3", WHICH, pay, pins=["123456"]).split("|")
        assert out[2:8] == ["990100000001", "20240102030405", "0", "1000", "500", f"{sequence:08X}"]
    assert found.out("iReadDebitRecord", "3", pins=["123456"]).count("$") == 2


def test_the_module_is_powered_once_for_a_function() -> None:
    """J4: a real module takes its time to wake: proof, RKSSSE and number in one power-on."""
    found = counter()
    woken: list[str] = []
    connect = found.readers.connect

    class Counting(InProcess):
        def connect(self, reader: str) -> PoweredCard:
            woken.append(reader)
            return connect(reader)

    readers = Counting(found.readers.slots)
    found.driver.terminal = replace(found.driver.terminal, readers=readers)
    for _ in range(2):
        assert found.out("iReadCardBas", "3") == BASIC
    assert woken == [CONTACT, SAM] * 2


class Refusing:
    """A module that has every key at a level from which no factors lead down."""

    atr = b""

    def transmit(self, command: bytes) -> bytes:
        return b"\x6a\x80" if command[0] in (0xBF, 0x80) else b"\x90\x00"

    def reset(self) -> bytes:
        return b""


def test_a_module_of_no_level_that_fits() -> None:
    """J4: -24, after every level and number of factors was tried."""
    sam = Sam(Refusing(), {3: "DDF2"})
    sam.open(Algorithm.SM4)
    with pytest.raises(Stop) as stop:
        sam.proof(SamKey("IRK", ((0x67, 0x08),)), [bytes(8)] * 3, SESSION, bytes(8))
    assert stop.value.code == Code.SAM_LEVEL
    purchase = Purchase(bytes(4), bytes(2), bytes(12), b"2", "20240102030405", 1)
    with pytest.raises(Stop) as stop:
        sam.debit(purchase, Algorithm.SM4, [bytes(8)] * 3)
    assert stop.value.code == Code.SAM_LEVEL


SESSION = Session(Algorithm.SM4, bytes(8))


def test_a_module_that_is_pulled_out() -> None:
    """J4: -2201; the card is let go and the next function works."""
    found = counter()
    slot = found.readers.slots["Module 00"]
    assert slot is not None
    slot.remove()
    assert found.code("iReadCardBas", "3") == Code.NO_SAM
    assert found.out("iGetCardType", "3") == "3.00|03|"


def test_no_root_leaves_the_module() -> None:
    """K5: what passes between module, terminal and card holds no key of the bench."""
    found = counter()
    seen = bytearray()
    for slot in found.readers.slots.values():
        assert slot is not None
        plain = slot.transmit

        def listen(command: bytes, plain: object = plain) -> bytes:
            answer: bytes = plain(command)  # type: ignore[operator]
            seen.extend(command + answer)
            return answer

        slot.transmit = listen  # type: ignore[method-assign]
    assert found.out("iReadCardBas", "3") == BASIC
    assert len(seen) > 500
    for name in ("IRK", "RKSSSE"):
        assert root(name) not in seen
        assert key_at_level(name, Algorithm.SM4, Terminal()) not in seen
