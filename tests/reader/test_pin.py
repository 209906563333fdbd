"""The holder's PIN: verify, change, reset and unblock with an encryption machine (J4, K3, K5)."""

from __future__ import annotations

import pytest

from minka.bench.card_plan import Shape
from minka.doors.reader.codes import Code, sentence
from minka.doors.reader.hsm import Who
from minka.doors.reader.pinpad import AGAIN, NEW, OLD, PRESENT, CallbackPad
from minka.doors.reader.terminal import Terminal
from tests.card.world import AREA, DES, HISTORICAL, SM4, new_card
from tests.reader.world import WHICH, Answers, Counter

WHO = Who(AREA, HISTORICAL.hex())
BOTH = pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])


def locked(counter: Counter) -> Counter:
    """A card whose PIN was wrong until it locked."""
    while counter.code("iVerifyPIN", "3", pins=["111111"]) != Code.PIN_LOCKED:
        pass
    return counter


def reset(counter: Counter, *pins: str) -> int:
    """A reset in three steps; the code of the last."""
    first = counter.out("iReloadPIN_HSM_Step1", "3", WHICH)
    second = counter.out(
        "iReloadPIN_HSM_Step2", counter.services.external(WHO, first), pins=pins * 2
    )
    return counter.code("iReloadPIN_HSM_Step3", counter.services.message(WHO, second))


def test_a_right_pin_is_verified_and_a_wrong_one_says_the_tries() -> None:
    """J4: 0; -51 with the tries that are left; -52 when there are none."""
    counter = Counter()
    assert counter.code("iVerifyPIN", "3", pins=["123456"]) == 0
    seen = [counter.call("iVerifyPIN", "3", pins=["111111"]) for _ in range(6)]
    assert [o.out for o in seen] == ["5", "4", "3", "2", "1", ""]
    assert [o.code for o in seen] == [Code.PIN_WRONG] * 5 + [Code.PIN_LOCKED]
    assert counter.code("iVerifyPIN", "3", pins=["123456"]) == Code.PIN_LOCKED


def test_a_pin_is_changed() -> None:
    """J4: old, new, and the new one again; then only the new one is right."""
    pad = Answers("123456", "87654321", "87654321")
    counter = Counter(pad=pad)
    assert counter.code("iChangePIN", "3") == 0
    assert [ask.title for ask in pad.asked] == [OLD, NEW, AGAIN]
    assert {(ask.fewest, ask.most) for ask in pad.asked} == {(4, 12)}
    assert counter.code("iVerifyPIN", "3", pins=["123456"]) == Code.PIN_WRONG
    assert counter.code("iVerifyPIN", "3", pins=["87654321"]) == 0


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((-31,), Code.PIN_CANCELLED),
        ((-32,), Code.PIN_TIMED_OUT),
        (("123",), Code.PIN_LENGTH),
        (("1234567890123",), Code.PIN_LENGTH),
        (("12345六",), Code.PIN_LENGTH),
        (("123456", "654321", "654312"), Code.PINS_DIFFER),
        (("123456", "000000", "000000"), Code.BACK_TO_INITIAL_PIN),
        (("111111", "654321", "654321"), Code.PIN_WRONG),
    ],
)
def test_what_goes_wrong_at_the_pad(answers: tuple[str | int, ...], code: int) -> None:
    """J4: cancel, nothing pressed, too short, too long, not alike, the initial PIN, a wrong one."""
    counter = Counter(pad=Answers(*answers), initial_pin="000000")
    assert counter.code("iChangePIN", "3") == code


def test_without_a_pad_nobody_can_be_asked() -> None:
    """J4: -31, and the card was not asked either."""
    assert Counter().code("iVerifyPIN", "3") == Code.PIN_CANCELLED


def test_a_vendors_pad_is_called_back_with_title_and_length() -> None:
    """J4: a callback of title, most digits and seconds; None cancels, TimeoutError is too late."""
    counter = Counter()
    seen: list[tuple[str, int, float]] = []

    def late(title: str, most: int, patience_s: float) -> str | None:
        seen.append((title, most, patience_s))
        raise TimeoutError

    settings, readers = counter.settings, counter.readers
    counter.driver.terminal = Terminal(settings, readers, CallbackPad(late))
    assert counter.code("iVerifyPIN", "3") == Code.PIN_TIMED_OUT
    assert seen == [(PRESENT, 12, 30.0)]
    counter.driver.terminal = Terminal(settings, readers, CallbackPad(lambda *_: None))
    assert counter.code("iVerifyPIN", "3") == Code.PIN_CANCELLED
    counter.driver.terminal = Terminal(settings, readers, CallbackPad(lambda *_: "123456"))
    assert counter.code("iVerifyPIN", "3") == 0


@BOTH
@pytest.mark.parametrize("pin", ["654321", "12345678", "1234", "1357913"])
def test_a_locked_pin_is_reset_in_three_steps(shape: Shape, pin: str) -> None:
    """K3: PUK is shown, the new PIN goes enciphered and under a MAC; old and locked is past."""
    counter = locked(Counter(new_card(shape)))
    assert reset(counter, pin) == 0
    assert counter.code("iVerifyPIN", "3", pins=[pin]) == 0


def place(shape: Shape, number: str) -> str:
    """An address of the bench's table."""
    return f"demo-{3 if shape is SM4 else 1}{number}"


@BOTH
def test_the_strings_of_a_reset(shape: Shape) -> None:
    """J4: alg, STK address, factor, header, PIN; then 34 or 50 hexadecimal digits."""
    counter = Counter(new_card(shape))
    first = counter.out("iReloadPIN_HSM_Step1", "3", WHICH)
    assert first.split("|")[:2] == [f"{shape.algorithm.value:02d}", place(shape, "042")]
    key = counter.services.external(WHO, first)
    second = counter.out("iReloadPIN_HSM_Step2", key, pins=["654321"] * 2)
    _, address, factor, header, pin, end = second.split("|")
    assert (address, pin, end, len(factor)) == (place(shape, "014"), "654321", "", 16)
    assert header == ("8424000114" if shape is SM4 else "842400010C")
    third = counter.services.message(WHO, second)
    assert len(third) == (50 if shape is SM4 else 34)
    assert third.startswith(header)


@BOTH
def test_a_locked_pin_is_unblocked(shape: Shape) -> None:
    """K3: the try counter is full again, the PIN is the old one; the last field is empty."""
    counter = locked(Counter(new_card(shape)))
    first = counter.out("iUnblockPIN_HSM_Step1", "3", WHICH)
    second = counter.out("iUnblockPIN_HSM_Step2", counter.services.external(WHO, first))
    assert second.endswith("|8424000004||")
    third = counter.services.message(WHO, second)
    assert len(third) == 18
    assert counter.code("iUnblockPIN_HSM_Step3", third) == 0
    assert counter.code("iVerifyPIN", "3", pins=["123456"]) == 0


def test_a_machine_may_leave_the_header_away() -> None:
    """J4: one service answers secret and MAC alone with SM4; the driver puts the header before."""
    counter = Counter()
    first = counter.out("iReloadPIN_HSM_Step1", "3", WHICH)
    key = counter.services.external(WHO, first)
    second = counter.out("iReloadPIN_HSM_Step2", key, pins=["654321"] * 2)
    third = counter.services.message(WHO, second)
    assert counter.code("iReloadPIN_HSM_Step3", third[10:]) == 0
    assert counter.code("iVerifyPIN", "3", pins=["654321"]) == 0


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"), -27016),
        (lambda key: key[:-2], Code.BAD_LENGTH),
        (lambda key: "84240000" + key[8:], Code.NOT_LAWFUL),
        (lambda key: key[:-1] + "G", Code.BAD_CHARACTER),
    ],
    ids=["MAC", "short", "header", "character"],
)
def test_a_spoilt_command_changes_nothing(spoil: object, code: int) -> None:
    """K3: a MAC that is wrong by one digit is refused by the card (6988), the rest before it."""
    counter = Counter()
    first = counter.out("iReloadPIN_HSM_Step1", "3", WHICH)
    key = counter.services.external(WHO, first)
    second = counter.out("iReloadPIN_HSM_Step2", key, pins=["654321"] * 2)
    third = spoil(counter.services.message(WHO, second))  # type: ignore[operator]
    assert counter.code("iReloadPIN_HSM_Step3", third) == code
    assert counter.code("iVerifyPIN", "3", pins=["123456"]) == 0


def test_a_pin_too_long_for_the_machine_is_refused() -> None:
    """J4: a client in the field refuses PINs above eight digits on this way."""
    counter = Counter()
    key = counter.services.external(WHO, counter.out("iReloadPIN_HSM_Step1", "3", WHICH))
    assert counter.code("iReloadPIN_HSM_Step2", key, pins=["123456789"] * 2) == Code.PIN_LENGTH


def test_the_numbered_strings_of_one_machine() -> None:
    """J4: types 01 to 03 of card-chip §16 answer what the services answer."""
    counter = Counter()
    basic = counter.out("iReadCardBas_HSM_Step1", "3").removesuffix("MINKA0000001|")
    assert counter.services.answer(f"01|{basic}") == counter.services.internal(basic)
    first = counter.out("iReloadPIN_HSM_Step1", "3", WHICH)
    alg, rest = first.split("|", 1)
    who = f"{WHO.area}|{WHO.historical}"
    key = counter.services.answer(f"02|{who}|{alg}|{rest}")
    assert key == counter.services.external(WHO, first)
    second = counter.out("iReloadPIN_HSM_Step2", key, pins=["654321"] * 2)
    third = counter.services.answer(f"03|{who}|{second}")
    assert third == counter.services.message(WHO, second) + "|"
    assert counter.code("iReloadPIN_HSM_Step3", third) == 0


def test_no_sentence_names_a_pin_or_a_card() -> None:
    """K5: what a code says holds nothing of what was entered or read."""
    said = [sentence(code) for code in range(-40000, 1)]
    assert not [text for text in said if "123456" in text or "M0000" in text]
    counter = Counter()
    assert "123456" not in repr(counter.call("iVerifyPIN", "3", pins=["123456"]))
