"""General reading and writing, by PIN and by encryption machine (J4, K3, C6)."""

from __future__ import annotations

import pytest

from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape, plan
from minka.chip.filespec import CardFile, Item, Kind, Structure, specification
from minka.chip.rules import key_of
from minka.cipher.card_key import Algorithm
from minka.doors.reader.codes import Code
from minka.doors.reader.hsm import Who
from tests.card.world import AREA, DES, HISTORICAL, ISSUER, SM4, blank, new_card
from tests.reader.world import WHICH, Counter

WHO = Who(AREA, HISTORICAL.hex())
FILES = [
    f
    for f in specification("3.0").files()
    if f.write_key is not None and f.application not in ("DF05", "DF06")
]


def opened(counter: Counter, first: str) -> str:
    """The machine's answer to a Step 1."""
    return counter.services.external(WHO, first)


def write(counter: Counter, files: str, data: str) -> int:
    """A write by the machine; the code of its second step."""
    first = counter.out("iWriteCard_HSM_Step1", "3", WHICH, files)
    return counter.code("iWriteCard_HSM_Step2", opened(counter, first), data)


def read(counter: Counter, files: str) -> str:
    """A read by the machine, with the PIN where that is asked besides."""
    first = counter.call("iReadCard_HSM_Step1", "3", WHICH, files)
    if first.code == Code.NO_HSM_NEEDED:
        return counter.out("iReadCard", "3", "1", WHICH, files, pins=["123456"])
    return counter.out("iReadCard_HSM_Step2", opened(counter, first.out), pins=["123456"])


def test_the_example_of_the_reference() -> None:
    """J4: SSSEEF05|05|06|07|$ mirrors the address, values in place of tags."""
    out = Counter().out("iReadCard", "3", "1", WHICH, "SSSEEF05|05|06|07|$")
    assert out == "SSSEEF05|20240101|20340101|M00000019|$"


def test_the_environment_may_be_written_3f00() -> None:
    """J4: one client writes 3F00EF06 for SSSEEF06."""
    counter = Counter()
    assert read(counter, "3F00EF06|08|09|$") == "SSSEEF06|990101199001010019|测试甲|$"


def test_several_files_come_in_the_order_asked() -> None:
    """J4: files end with $, an empty item is nothing between two bars."""
    counter = Counter()
    files = "DF01EF0A|37|$SSSEEF05|07|05|$DF01EF08|2B|$"
    out = counter.out("iReadCard", "3", "1", WHICH, files, pins=["123456"])
    assert out == "DF01EF0A||$SSSEEF05|M00000019|20240101|$DF01EF08||$"


def test_the_first_step_names_key_and_challenges() -> None:
    """J4: alg, address, factor, original; the later challenge is the factor (card-chip §12.4)."""
    counter = Counter()
    out = counter.out("iReadCard_HSM_Step1", "3", WHICH, "SSSEEF06|08|$")
    alg, address, factor, original, end = out.split("|")
    assert (alg, address, end) == ("03", "demo-3049", "")
    assert (original, factor) == ("F15AB2860CFFBDC4", "EF29A2F6437822DB")
    other = Counter(hsm_address_form="address_and_sam")
    assert (
        other.out("iReadCard_HSM_Step1", "3", WHICH, "DF01EF05|20|$").split("|")[1] == "demo-31052E"
    )


def test_a_free_file_needs_no_machine() -> None:
    """J4: -2204; the caller uses the PSAM function instead."""
    assert Counter().code("iReadCard_HSM_Step1", "3", WHICH, "SSSEEF05|05|$") == -2204


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_file_is_written_and_read_back(shape: object, file: CardFile) -> None:
    """C6, K3: under its own key every file of 3.0 takes what is written, and gives it again."""
    counter = Counter(new_card(shape))  # type: ignore[arg-type]
    address, data = written(file)
    assert write(counter, address, data) == 0
    assert read(counter, address) == data


def written(file: CardFile) -> tuple[str, str]:
    """An address with all items of a file, and something to write into each."""
    if file.structure is Structure.TRANSPARENT:
        return f"{file.name}|$", f"{file.name}|{('A5' * file.size)}|$"
    if file.structure is Structure.CYCLIC:
        return f"{file.name}|01|$", f"{file.name}|{'1F' * file.items[0].length}|$"
    tags = [item for item in file.items for _ in range(item.repeat) if item.tag not in NAMES_IT]
    texts = [sample(item, turn) for turn, item in enumerate(tags)]
    marks = "".join(f"{item.mark}|" for item in tags)
    return f"{file.name}|{marks}$", f"{file.name}|" + "".join(f"{t}|" for t in texts) + "$"


NAMES_IT = (0x01, 0x03, 0x07)
"""Items that say which card this is: the next function would take it for another one."""


def sample(item: Item, turn: int) -> str:
    """A value that fills an item."""
    match item.kind:
        case Kind.TEXT:
            return "民" * (item.length // 2) or "7"
        case Kind.DIGITS:
            return "20240102"[: 2 * item.length].ljust(2 * item.length, "1")
        case _:
            return f"{turn + 1:02X}" * item.length


def test_an_inner_item_is_read_out_of_its_record() -> None:
    """C6: tag 58 of a degree lies inside tag 40; a repeated tag asks for the next record."""
    counter = Counter()
    record = "57033130305803" + "123456" + "5928" + "民大".encode("gbk").ljust(40, b"\0").hex()
    other = record.replace("123456", "654321")
    data = f"DF01EF15|{record.upper()}|{other.upper()}|$"
    assert write(counter, "DF01EF15|40|40|$", data) == 0
    assert read(counter, "DF01EF15|57|58|58|59|$") == "DF01EF15|100|123456|654321|民大|$"


def test_a_record_by_its_number_and_a_cyclic_record_by_its_fields() -> None:
    """J4: both notations of a repeated item; a cyclic record as bytes or as fields, as set."""
    counter = Counter(cyclic_output="fields")
    data = "DF01EF15|" + "|".join(f"{n:02X}" * 52 for n in (1, 2, 3)) + "|$"
    assert write(counter, "DF01EF15|40|40|40|$", data) == 0
    assert read(counter, "DF01EF15|4003|4001|$") == f"DF01EF15|{'03' * 52}|{'01' * 52}|$"
    changed = f"DF01EF15|{'07' * 52}|$"
    assert write(counter, "DF01EF15|4002|$", changed) == 0
    assert read(counter, "DF01EF15|40|40|$") == f"DF01EF15|{'01' * 52}|{'07' * 52}|$"
    for day in ("20240101", "20240202"):
        record = f"{'313031'}{day}{day}{day}990100"
        assert write(counter, "DF02EF16|01|$", f"DF02EF16|{record}|$") == 0
    out = "101,20240202,20240202,20240202,990100"
    assert read(counter, "DF02EF16|01|$") == f"DF02EF16|{out}|$"


def test_what_an_empty_value_does_is_a_setting() -> None:
    """J4: it empties the item, or leaves it as it is."""
    files, data = "DF01EF06|23|24|$", "DF01EF06|路|990100|$"
    for form, kept in (("blank", ""), ("skip", "路")):
        counter = Counter(empty_write=form)
        assert write(counter, files, data) == 0
        assert write(counter, files, "DF01EF06||990200|$") == 0
        assert read(counter, files) == f"DF01EF06|{kept}|990200|$"


def test_nothing_is_written_when_one_value_is_wrong() -> None:
    """K3: a request is checked whole before the first command that writes."""
    counter = Counter()
    before = bytes(counter.slot.card.memory.cells)
    first = counter.out("iWriteCard_HSM_Step1", "3", WHICH, "DF01EF06|23|24|$")
    long = "路" * 41
    key = opened(counter, first)
    assert counter.code("iWriteCard_HSM_Step2", key, f"DF01EF06|{long}|990100|$") == -42
    assert bytes(counter.slot.card.memory.cells) == before


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("DF01EF06|地址|99010X|$", Code.BAD_CHARACTER),
        ("DF01EF06|地址|$", Code.WRONG_ARGUMENT),
        ("DF01EF05|地址|990100|$", Code.WRONG_ARGUMENT),
        ("DF01EF06|𠀀|990100|$", Code.BAD_CHARACTER),
        ("DF01EF06|地址|99010099|$", Code.BAD_LENGTH),
        ("", Code.WRONG_ARGUMENT),
    ],
)
def test_a_bad_write_is_named(data: str, code: int) -> None:
    """J4: characters, lengths and order of what a caller gives."""
    assert write(Counter(), "DF01EF06|23|24|$", data) == code


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ("", Code.WRONG_ARGUMENT),
        ("EF06|08|$", Code.WRONG_ARGUMENT),
        ("SSSEEF06|8|$", Code.WRONG_ARGUMENT),
        ("DF01EF77|01|$", -27266),
        ("SSSEEF05|77|$", -27267),
    ],
)
def test_a_bad_address_is_named(files: str, code: int) -> None:
    """J4: an address that is none, a file and an item that the card's version has not."""
    assert Counter().code("iReadCard", "3", "1", WHICH, files) == code


def test_only_the_card_writes_its_records() -> None:
    """T10: DF04 EF08 has no key: -27010 before anything is asked of the card."""
    assert Counter().code("iWriteCard_HSM_Step1", "3", WHICH, "DF04EF08|01|$") == -27010


def test_a_file_with_pin_and_key_asks_for_both() -> None:
    """K3: DF04 EF06 is opened by the machine and the holder together."""
    counter = Counter()
    first = counter.out("iReadCard_HSM_Step1", "3", WHICH, "DF04EF06|90|$")
    code = counter.code("iReadCard_HSM_Step2", opened(counter, first), pins=["111111"])
    assert code == Code.PIN_WRONG
    first = counter.out("iReadCard_HSM_Step1", "3", WHICH, "DF04EF06|90|$")
    out = counter.out("iReadCard_HSM_Step2", opened(counter, first), pins=["123456"])
    assert out == "DF04EF06||$"


def test_an_old_card_that_was_rewritten_is_read_in_the_later_meaning() -> None:
    """J4: tag 90 of a 1.0 card ends in EE: it is the 2.0 flag, and 92 goes by it (annex C)."""
    shape = Shape(version="1.0", algorithm=Algorithm.TRIPLE_DES)
    issuer = ISSUER | {"03": "1.0"}
    counter = Counter(card_from(make(shape, blank(contents={"SSSEEF05": issuer}))))
    cells = counter.slot.card.memory.cells
    file = specification("1.0").file("DF04EF06")
    plans = plan(shape).places
    old = {0x90: "00012300", 0x92: "00000456", 0x93: "00000007"}
    new = {0x90: "31EEEEEE", 0x92: "00000456", 0x93: "3037EEEE"}
    for values, out in ((old, "00012300|00000456|00000007|"), (new, "1|00000456|07|")):
        for tag, value in values.items():
            place = plans["DF04EF06", file.number(tag)]
            cells[place : place + 4] = bytes.fromhex(value)
        assert read(counter, "DF04EF06|90|92|93|$") == f"DF04EF06|{out}$"


@pytest.mark.parametrize(
    "which",
    [f"{'0' * 32}|M00000019|", "990100D15600000500000001FFFFFFFF|M00000027|"],
    ids=["code", "number"],
)
@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("iReadCard", ("1", "SSSEEF05|05|$")),
        ("iReadCard_HSM_Step1", ("SSSEEF06|08|$",)),
        ("iWriteCard_HSM_Step1", ("DF01EF06|23|$",)),
        ("iWriteCard", ("DF01EF06|23|$", "DF01EF06|a|$")),
        ("iReloadPIN", ()),
        ("iReloadPIN_HSM_Step1", ()),
        ("iUnblockPIN", ()),
        ("iUnblockPIN_HSM_Step1", ()),
        ("iDoDebit", ("1.00|1.00|20240102030405|",)),
        ("iDoDebit_HSM_Step1", ("1.00|1.00|20240102030405|",)),
    ],
)
def test_another_card_is_never_touched(which: str, name: str, more: tuple[str, ...]) -> None:
    """T10, J4: every function reads code and number again and compares both (-22)."""
    counter = Counter()
    arguments = ("3", more[0], which, *more[1:]) if name == "iReadCard" else ("3", which, *more)
    assert counter.code(name, *arguments) == Code.NOT_THIS_CARD
    assert not counter.driver.holds_a_card


def test_keys_and_rules_of_the_files_are_the_tables() -> None:
    """C6: every file of the campaign names the key it is written under."""
    assert len(FILES) == 36
    assert {key_of(f.read) for f in FILES} >= {None, "RKSSSE", "RK1DF04", "RK3DF07"}
