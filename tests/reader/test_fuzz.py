"""Whatever a caller sends, every function ends with a code, and the card is let go (J4, T15)."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from minka.bench.card_plan import Shape
from minka.doors.reader.codes import Code, Stop, sentence
from minka.doors.reader.dialects import BadRequest, biz_asked, function_asked, message
from minka.doors.reader.driver import FUNCTIONS
from minka.doors.reader.hsm import VaultServices
from minka.doors.reader.settings import ReaderSettings
from minka.keys.vault import KeyRefused
from tests.card.world import DES, HISTORICAL, SM4, new_card
from tests.reader.world import WHICH, BenchVault, Counter

FILES = (
    *("SSSEEF05|07|$", "SSSEEF06|08|09|$", "DF01EF15|40|4002|FFFF|57|$", "DF04EF08|01|$"),
    *("DF04EF08|FFFF|00|$", "SSSEEF08|$", "DF02EF07|01|$", "DF01EF06|23|24|$DF01EF08|2B|$", "$"),
    "DF77EF01|$",
)
LIKELY = {
    "iType": ("3", "1", "2", "4", "0"),
    "iAuthType": ("1", "2", "3"),
    "pCardInfo": (WHICH, WHICH, WHICH.lower(), "|"),
    "pFileAddr": FILES,
    "pWriteData": ("DF01EF06|路|990100|$", "DF01EF06|𠀀||$", "DF02EF07||$", *FILES),
    "pKey": ("0" * 32, f"{'0' * 32}|{'F' * 32}|", "00000001|20240102030405|00000000|", "0" * 50),
    "pPayInfo": ("1.00|2.00|20240102030405|", "1e9|1|20240102030405|", "0|0|"),
}
ALPHABET = "0123456789ABCDEFabcdef|$.-SDF 中𠀀\0\n"
PINS = ("123456", "1234", "", "12345六", "1" * 13)


def broken(rng: random.Random, found: str) -> str:
    """A string as it is, or cut, or with a character put in, or something else altogether."""
    match rng.randrange(8):
        case 0:
            return found[: rng.randrange(len(found) + 1)]
        case 1:
            place = rng.randrange(len(found) + 1)
            return found[:place] + rng.choice(ALPHABET) + found[place:]
        case 2:
            return "".join(rng.choices(ALPHABET, k=rng.choice((0, 1, 8, 32, 33, 400))))
        case _:
            return found


ROUNDS = pytest.mark.parametrize("rounds", [1500, pytest.param(100_000, marks=pytest.mark.nightly)])


@ROUNDS
@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
def test_every_call_ends_with_a_code(shape: Shape, rounds: int) -> None:
    """J4: random functions with random strings on one card; no exception, and a sentence each."""
    rng = random.Random(20260101)
    counter = Counter(new_card(shape))
    seen = set()
    for _ in range(rounds):
        name = rng.choice([*FUNCTIONS, "iNothing"])
        wanted = FUNCTIONS[name].arguments if name in FUNCTIONS else ("iType",)
        given = [broken(rng, rng.choice(LIKELY[each])) for each in wanted]
        outcome = counter.call(name, *given, pins=[rng.choice(PINS)] * 3)
        assert sentence(outcome.code)
        seen.add(int(outcome.code))
    assert {0, -11, -12, -13, -14, -20, -22, -33, -51, -2201, -27010} <= seen
    counter.driver.close()
    assert not counter.driver.holds_a_card


STRINGS = (
    "01|990100|{0}|03|{1}|{2}|{2}|{2}|{2}|",
    "01|990100|{0}|DES|{1}|{2}|{2}|||",
    "02|990100|{0}|03|demo-3042|{2}|{2}|",
    "03|990100|{0}|01|demo-1014|{2}|842400010C|123456|",
    "03|990100|{0}|01|demo-1014|{2}|8424000004||",
    "04|990100|{0}|00000001|03|demo-3350|00000000|0001|{2}|32|990100000001|20240102030405|",
    "05|",
)


@ROUNDS
def test_the_services_answer_or_stop(rounds: int) -> None:
    """J4: the other end of the Step strings, with one of its fields broken."""
    rng = random.Random(7)
    services = VaultServices(BenchVault(), ReaderSettings())
    answered, codes = 0, set()
    for _ in range(rounds):
        whole = rng.choice(STRINGS).format(HISTORICAL.hex(), "0" * 32, "0" * 16)
        try:
            answered += bool(services.answer(broken(rng, whole)))
        except Stop as stop:
            codes.add(Code(stop.code))
        except KeyRefused:
            codes.add(Code.UNKNOWN)
    assert answered > rounds // 3
    assert {Code.WRONG_ARGUMENT, Code.BAD_LENGTH, Code.BAD_CHARACTER, Code.NOT_SUPPORTED} <= codes


@ROUNDS
@pytest.mark.parametrize("read", [biz_asked, function_asked])
def test_messages_are_read_or_refused(
    read: Callable[[dict[str, object], ReaderSettings], object], rounds: int
) -> None:
    """J4: broken JSON, wrong types and unknown names in every place of a message."""
    rng = random.Random(11)
    settings = ReaderSettings()
    shapes = (
        '{{"bizcode":{0},"body":{1}}}',
        '{{"function":{0},"iType":{1},"pCardInfo":{0}}}',
        '{{"func":{0},"in":{1}}}',
        "{0}{1}",
    )
    values = (
        '"1002"',
        "1005",
        "null",
        "[]",
        '["3"]',
        "{}",
        '{"iType":[]}',
        '"iReadCardBas"',
        "1e999",
    )
    for _ in range(rounds):
        whole = rng.choice(shapes).format(rng.choice(values), rng.choice(values))
        try:
            read(message(whole), settings)
        except (Stop, BadRequest):
            continue
