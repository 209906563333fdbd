"""PINs: tries and locks by law, no default, none that is guessed first: G1, T8."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product

import pytest

from minka.cards.pin import (
    PinStanding,
    PinState,
    account_digits,
    change,
    choose,
    report_lost,
    reset,
    set_first,
    try_pin,
)
from minka.cards.pin_refusals import PinRefusal
from minka.cards.pin_weak import Holder, Weakness, weakness
from minka.kit.outcome import Accepted, Refused
from minka.kit.secret import Clear
from minka.law.pins import PinLaw, pin_law

DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
RIGHT, WRONG = b"r" * 16, b"w" * 16
EVERYWHERE, R5 = pin_law("R1", DAY), pin_law("R5", DAY)
NOBODY = Holder()


def tried(state: PinState, values: list[bytes], law: PinLaw, at: datetime) -> list[str]:
    """The refusals of several tries one after another; empty for a right one."""
    said = []
    for value in values:
        outcome = try_pin(state, value, law, at)
        state = outcome.state
        said.append(outcome.refused.reason.name if outcome.refused else "")
    return said


def test_wrong_pins_lock_for_the_laws_time() -> None:
    """G1: five wrong ones lock for 24 hours (assumed); nothing is compared while it is locked."""
    state = PinState(value=RIGHT, version=1)
    said = tried(state, [WRONG] * 5 + [RIGHT], EVERYWHERE, NOON)
    assert said == ["PIN_WRONG"] * 4 + ["PIN_LOCKED", "PIN_LOCKED"]
    for _ in range(5):
        state = try_pin(state, WRONG, EVERYWHERE, NOON).state
    end = NOON + timedelta(hours=24)
    second = timedelta(seconds=1)
    assert state.standing_at(EVERYWHERE, end - second) is PinStanding.LOCKED
    assert state.standing_at(EVERYWHERE, end) is PinStanding.GOOD
    assert try_pin(state, RIGHT, EVERYWHERE, end).refused is None


def test_a_lock_that_ended_is_not_forgotten() -> None:
    """T8: whoever waits for the lock to end gets fifteen tries in all, not five a day for ever."""
    state, at, compared = PinState(value=RIGHT, version=1), NOON, 0
    for _ in range(40):
        before = state
        state = try_pin(state, WRONG, EVERYWHERE, at).state
        compared += state.version - before.version
        at += timedelta(hours=25)
    assert compared == 15
    assert state.standing_at(EVERYWHERE, at) is PinStanding.LOCKED_UNTIL_RESET


def test_a_region_may_lock_until_a_reset() -> None:
    """R5-11: three wrong ones (assumed), then only a reset opens it, whatever time goes by."""
    assert tried(PinState(RIGHT), [WRONG] * 4, R5, NOON) == [
        *("PIN_WRONG", "PIN_WRONG"),
        *("PIN_LOCKED_UNTIL_RESET", "PIN_LOCKED_UNTIL_RESET"),
    ]
    state = PinState(RIGHT, wrong=3, last_wrong_at=NOON)
    assert try_pin(state, RIGHT, R5, NOON + timedelta(days=900)).refused is not None


def test_a_right_pin_ends_the_row_and_writes_no_more_than_it_must() -> None:
    """A right PIN after wrong ones starts the row anew; one after none moves nothing."""
    state = PinState(RIGHT, wrong=2, last_wrong_at=NOON, version=7)
    after = try_pin(state, RIGHT, EVERYWHERE, NOON).state
    assert (after.wrong, after.last_wrong_at, after.version) == (0, None, 8)
    assert try_pin(after, RIGHT, EVERYWHERE, NOON).state is after
    left = try_pin(after, WRONG, EVERYWHERE, NOON).refused
    assert left is not None
    assert left.facts == {"left": 4}


def reason(outcome: Accepted[PinState] | Refused) -> str:
    """The name of a refusal, or empty."""
    return outcome.reason.name if isinstance(outcome, Refused) else ""


def test_there_is_no_default_pin() -> None:
    """T8: a card without a PIN opens to nothing at all, not even to an empty value."""
    none = PinState()
    for value in (RIGHT, b"", bytes(16)):
        refused = try_pin(none, value, EVERYWHERE, NOON).refused
        assert refused is not None
        assert refused.reason is PinRefusal.PIN_NOT_SET


def test_what_may_follow_what() -> None:
    """G8, G9, G10: first, change, lost, reset, each only where it belongs."""
    none, good = PinState(), PinState(RIGHT, version=1)
    lost = PinState(RIGHT, lost_at=NOON, version=2)
    table = [
        (set_first(none, RIGHT), ""),
        (set_first(good, WRONG), "PIN_ALREADY_SET"),
        (set_first(lost, WRONG), "PIN_LOST"),
        (change(good, WRONG), ""),
        (change(good, RIGHT), "PIN_SAME"),
        (report_lost(none, NOON), "PIN_NOT_SET"),
        (report_lost(good, NOON), ""),
        (report_lost(lost, NOON), "PIN_ALREADY_LOST"),
        (reset(none, WRONG), "PIN_NOT_SET"),
        (reset(good, WRONG), ""),
        (reset(lost, WRONG), ""),
        (reset(lost, RIGHT), "PIN_SAME"),
    ]
    assert [reason(outcome) for outcome, _ in table] == [expected for _, expected in table]


def test_a_lost_pin_is_of_no_use_and_a_reset_clears_all() -> None:
    """G10: from the report on nothing is compared; the new PIN starts without wrong tries."""
    state = PinState(RIGHT, wrong=4, last_wrong_at=NOON, version=5)
    gone = report_lost(state, NOON)
    assert isinstance(gone, Accepted)
    assert tried(gone.value, [RIGHT, WRONG], EVERYWHERE, NOON) == ["PIN_LOST", "PIN_LOST"]
    fresh = reset(gone.value, WRONG)
    assert isinstance(fresh, Accepted)
    assert fresh.value == PinState(WRONG, version=7)


def commonest() -> Iterator[str]:
    """PINs that are tried first, by habit: a list like the published ones, made by pattern.

    One digit; steps up and down; two digits; repeats; mirrors; pairs; halves of runs, keypad lines
    and lucky numbers; years with months; then birthdays from 1990 outwards.
    """
    digits = "0123456789"
    yield from (d * 6 for d in digits)
    for start, step in product(range(10), (1, 9, 2, 8)):
        yield "".join(str((start + i * step) % 10) for i in range(6))
    for a, b in product(digits, digits):
        yield from (a * 3 + b * 3, (a + b) * 3, a * 5 + b, a + b * 5)
    for a, b, c in product(digits, digits, digits):
        yield from (a + b + c + a + b + c, a + b + c + c + b + a, a + a + b + b + c + c)
    halves = "123 321 456 654 789 987 147 258 369 159 357 520 521 131 314 168 888 666 110".split()
    yield from (one + other for one, other in product(halves, halves))
    for year, month in product(range(1950, 2026), range(1, 13)):
        yield from (f"{year}{month:02d}", f"{month:02d}{year}")
    for distance in range(45):
        for year in {1990 - distance, 1990 + distance} & set(range(1945, 2026)):
            first = date(year, 1, 1)
            yield from ((first + timedelta(n)).strftime("%y%m%d") for n in range(365))


def test_no_pin_of_the_weak_list_is_accepted() -> None:
    """T8: 0 of 10,000; and the rules leave nine in ten PINs to choose from."""
    listed = list(islice(dict.fromkeys(commonest()), 10_000))
    assert len(listed) == 10_000
    assert "123456" in listed
    assert [pin for pin in listed if choose(Clear(pin), NOBODY, EVERYWHERE) is None] == []
    free = sum(weakness(Clear(f"{n:06d}"), NOBODY) is None for n in range(7, 10**6, 97))
    assert free > 9 * len(range(7, 10**6, 97)) // 10


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("000000", Weakness.FEW_DIGITS),
        ("112112", Weakness.FEW_DIGITS),
        ("123456", Weakness.STEPS),
        ("975319", Weakness.STEPS),
        ("384384", Weakness.REPEATED),
        ("384483", Weakness.MIRRORED),
        ("338844", Weakness.PAIRS),
        ("147369", Weakness.HALVES),
        ("520131", Weakness.HALVES),
        ("198703", Weakness.YEAR),
        ("031987", Weakness.YEAR),
        ("870314", Weakness.DATE),
        ("140387", Weakness.BIRTHDAY),
        ("031487", Weakness.BIRTHDAY),
        ("198714", Weakness.BIRTHDAY),
        ("140325", Weakness.DATE),
        ("703812", Weakness.OWN_NUMBER),
        ("940183", None),
    ],
)
def test_every_habit_is_told_apart(pin: str, why: Weakness | None) -> None:
    """T8: the refusal names the habit; what is the holder's own is refused for him alone."""
    holder = Holder(date(1987, 3, 14), (Clear("99010119870314703812"), Clear("T00000018")))
    assert weakness(Clear(pin), holder) is why
    if why in (Weakness.BIRTHDAY, Weakness.OWN_NUMBER):
        assert weakness(Clear(pin), NOBODY) is None


def test_last_six_of_identity_card_and_telephone() -> None:
    """T8: what stands on the card or in the wallet is no PIN."""
    holder = Holder(None, (Clear("110000198503104825"), Clear("9402857361"), Clear("13805749263")))
    for pin in ("104825", "857361", "749263"):
        refused = choose(Clear(pin), holder, EVERYWHERE)
        assert refused is not None
        assert refused.reason is PinRefusal.PIN_WEAK
        assert "本人" in refused.say("zh-hans") or "PIN" in refused.say("en")


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "94018a", "９４０１８３", " 94018"])
def test_length_and_digits(pin: str) -> None:
    """Six plain digits."""
    refused = choose(Clear(pin), NOBODY, EVERYWHERE)
    assert refused is not None
    assert refused.reason is PinRefusal.PIN_LENGTH


def test_accounts_of_pin_blocks() -> None:
    """ISO 9564-1 for bank numbers; ours for card numbers, different for different cards."""
    assert account_digits("43219876543210987") == "987654321098"
    assert account_digits("T00000018") == "000290000001"
    numbers = [f"{letter}{n:07d}X" for letter in "AT" for n in range(200)]
    assert len({account_digits(number) for number in numbers}) == 400
    assert all(len(account_digits(n)) == 12 for n in (*numbers, "", "中文", "A"))
