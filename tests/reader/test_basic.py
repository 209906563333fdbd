"""Basic reading: the eleven fields, and the two steps with an encryption machine (J4, K3)."""

from __future__ import annotations

import pytest

from minka.bench.card_core import Answers as CardAnswers
from minka.bench.card_core import Honesty, Traits
from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape, plan, value_place
from minka.cipher.card_key import Algorithm
from minka.doors.reader.codes import CONTINUE_WITH_HSM, Code
from tests.card.world import CODE, DES, HOLDER, ISSUER, SM4, blank, new_card
from tests.reader.world import BASIC, Counter

STEP1 = (
    "990100|00990102038699990100000001|03|990100D15600000500000001FFFFFFFF|"
    "EF29A2F6437822DB|F15AB2860CFFBDC4|9803B48B1CA07F9A|627A5E52859FB32D|MINKA0000001|"
)
STEP2_KEY = "D7D92A2430921CEFF15AB2860CFFBDC4|44810CBCDEBBA1A8627A5E52859FB32D|"
"""Rows 7 to 12 of the session of card-chip §13, as its HSM string writes them."""

SECOND = Shape(version="2.0", algorithm=Algorithm.TRIPLE_DES)
FIRST = Shape(version="1.0", algorithm=Algorithm.TRIPLE_DES)


def test_the_eleven_fields_are_the_example_of_the_reference() -> None:
    """J4: the whole flow gives card-chip's own strings, character for character."""
    counter = Counter()
    assert counter.out("iReadCardBas_HSM_Step1", "3") == STEP1
    assert counter.services.internal(STEP1) == STEP2_KEY
    assert counter.out("iReadCardBas_HSM_Step2", STEP2_KEY) == BASIC


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
def test_both_algorithms_end_in_the_same_card(shape: Shape) -> None:
    """K3: 3DES and SM4 cards differ in the proofs and in nothing that is read."""
    counter = Counter(new_card(shape))
    first = counter.out("iReadCardBas_HSM_Step1", "1")
    assert first.split("|")[2] == f"{shape.algorithm.value:02d}"
    assert counter.out("iReadCardBas_HSM_Step2", counter.services.internal(first)) == BASIC


@pytest.mark.parametrize("shape", [SECOND, FIRST], ids=["2.0", "1.0"])
def test_older_cards_have_no_external_pair(shape: Shape) -> None:
    """J4: EF06 of cards before 3.0 is free to read, so the machine makes one proof only."""
    issuer = ISSUER | {"03": f"{shape.version}"}
    made = blank(contents={"SSSEEF05": issuer, "SSSEEF06": holder(shape.version)})
    counter = Counter(card_from(make(shape, made)))
    first = counter.out("iReadCardBas_HSM_Step1", "3")
    assert first.split("|")[6:8] == ["", ""]
    key = counter.services.internal(first)
    assert key.count("|") == 1
    out = counter.out("iReadCardBas_HSM_Step2", key).split("|")
    assert out[4] == "测试甲"
    assert out[6] == shape.version


def holder(version: str) -> dict[str, object]:
    """The holder's items that a version has."""
    return {tag: value for tag, value in HOLDER.items() if version != "1.0" or tag != "4E"}


def test_step1_writes_algorithms_and_device_as_set() -> None:
    """J4: the two forms seen in the field are a setting (card-chip §15.1)."""
    counter = Counter(hsm_forms="name", step1_device="empty")
    assert counter.out("iReadCardBas_HSM_Step1", "3").split("|")[2::6] == ["SM4", ""]
    out = Counter(step1_device="absent").out("iReadCardBas_HSM_Step1", "3")
    assert len(out.split("|")) == 9  # eight fields and what follows the last bar


def test_a_card_that_cannot_prove_itself_differs() -> None:
    """K3, T10: a copy knows no key: what it answers is not what the machine computes (-25)."""
    cells = bytearray(make(SM4, blank()))
    place = value_place(plan(SM4).key("IRK"))
    cells[place : place + 16] = bytes(16)
    counter = Counter(card_from(bytes(cells), traits=Traits(honesty=Honesty.CLONE)))
    key = counter.services.internal(counter.out("iReadCardBas_HSM_Step1", "3"))
    assert counter.code("iReadCardBas_HSM_Step2", key) == Code.HSM_DIFFERS


def test_a_wrong_external_proof_costs_a_try() -> None:
    """J4: the card counts the failure, and the code is minus its word: 63C5, 63C4."""
    counter = Counter()
    for left in (5, 4):
        first = counter.out("iReadCardBas_HSM_Step1", "3")
        inner = counter.services.internal(first).split("|")[0]
        wrong = f"{inner}|{'00' * 16}|"
        assert counter.code("iReadCardBas_HSM_Step2", wrong) == -(0x63C0 | left)


def test_without_external_proof_the_holder_stays_unread() -> None:
    """K3: on a 3.0 card EF06 asks for RKSSSE: 6982, -27010."""
    counter = Counter()
    first = counter.out("iReadCardBas_HSM_Step1", "3")
    inner = counter.services.internal(first).split("|")[0]
    assert counter.code("iReadCardBas_HSM_Step2", f"{inner}|") == -27010


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", Code.BAD_LENGTH),
        ("|", Code.BAD_LENGTH),
        ("00|", Code.BAD_LENGTH),
        ("x" * 32 + "|", Code.BAD_CHARACTER),
        ("0" * 32 + "|" + "0" * 30 + "|", Code.BAD_LENGTH),
        ("0" * 32 + "|", Code.HSM_DIFFERS),
    ],
)
def test_a_bad_step2_key_is_named(key: str, code: int) -> None:
    """J4: what the machine sends is checked before the card sees it."""
    counter = Counter()
    counter.out("iReadCardBas_HSM_Step1", "3")
    assert counter.code("iReadCardBas_HSM_Step2", key) == code


def test_a_step_needs_the_one_before() -> None:
    """J4: -12 without Step 1, after another function, and a second time."""
    counter = Counter()
    assert counter.code("iReadCardBas_HSM_Step2", STEP2_KEY) == Code.NOT_OPENED
    first = counter.out("iReadCardBas_HSM_Step1", "3")
    assert counter.code("iReadCard_HSM_Step2", "0" * 32) == Code.NOT_OPENED
    assert counter.code("iReadCardBas_HSM_Step2", counter.services.internal(first)) == -12


def test_without_a_module_the_caller_is_sent_to_the_machine() -> None:
    """J4: -2201, one of the five codes that mean: go on with the HSM functions."""
    assert Counter().code("iReadCardBas", "3") in CONTINUE_WITH_HSM
    assert {int(code) for code in CONTINUE_WITH_HSM} == {-2201, -2202, -2203, -27272, -24}


def test_older_cards_may_be_read_unproved_if_so_set() -> None:
    """J4: a driver in the field reads without PSAM and fills the terminal number with zeros."""
    made = blank(contents={"SSSEEF05": ISSUER | {"03": "2.0"}, "SSSEEF06": HOLDER})
    zeros = "0" * 12
    made_so = card_from(make(SECOND, made))
    counter = Counter(made_so, without_sam="read_unproved", terminal_without_sam=zeros)
    out = counter.out("iReadCardBas", "3").split("|")
    assert (out[2], out[9]) == ("M00000019", zeros)
    third = Counter(without_sam="read_unproved", terminal_without_sam=zeros)
    assert third.code("iReadCardBas", "3") == Code.NO_SAM


def test_a_card_that_answers_61xx_reads_the_same() -> None:
    """J4: T=0 cards make the reader fetch what is waiting (card-chip §20)."""
    counter = Counter(new_card(traits=Traits(answers=CardAnswers.WAITING)))
    first = counter.out("iReadCardBas_HSM_Step1", "3")
    assert counter.out("iReadCardBas_HSM_Step2", counter.services.internal(first)) == BASIC


def test_dates_in_characters_and_long_names_are_read() -> None:
    """J4: real cards hold an ASCII year, and a name that goes on in tag 4E (card-chip §20, §4)."""
    card = new_card()
    place = bytes(card.memory.cells).index(bytes.fromhex("050420240101"))
    card.memory.cells[place + 2 : place + 6] = b"2012"
    name = "测试" + "甲" * 13
    start = bytes(card.memory.cells).index(bytes.fromhex("091E"))
    card.memory.cells[start + 2 : start + 32] = name.encode("gbk")
    more = bytes(card.memory.cells).index(bytes.fromhex("4E14"))
    card.memory.cells[more + 2 : more + 22] = "乙丙".encode("gbk").ljust(20, b"\0")
    counter = Counter(card)
    first = counter.out("iReadCardBas_HSM_Step1", "3")
    out = counter.out("iReadCardBas_HSM_Step2", counter.services.internal(first)).split("|")
    assert out[7] == "2012"
    assert out[4] == name + "乙丙"


def test_the_type_of_a_card_names_version_and_algorithm() -> None:
    """J4: a vendor extension; its layout is the bench's own."""
    assert Counter().out("iGetCardType", "3") == "3.00|03|"


def test_the_identification_code_is_looked_at() -> None:
    """J4: a card without a code of sixteen bytes is refused (-20), a stranger is none of ours."""
    card = new_card()
    place = bytes(card.memory.cells).index(bytes.fromhex("0110" + CODE))
    card.memory.cells[place] = 0x31
    assert Counter(card).code("iReadCardBas_HSM_Step1", "3") == Code.BAD_IDENTIFICATION
