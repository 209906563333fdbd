"""The split of one line (6.1, steps 1 to 4; 6.2, invariants 1 and 4; D2)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest

from minka.care.bill import Bill, add_up
from minka.care.lines import LineClass, LineSplit, line_limit, split_line

A, B, C = LineClass.A, LineClass.B, LineClass.C


def test_example_b() -> None:
    """6.3 B: 4.52 at 0.05 is 0.226, half-up 0.23; in scope 4.29."""
    assert split_line(452, B, 500) == LineSplit(0, 0, 23, 429)


@pytest.mark.parametrize(
    ("amount", "ratio", "first"),
    [(10, 500, 1), (9, 500, 0), (30, 500, 2), (29, 500, 1), (1, 5_000, 1), (1, 4_999, 0)],
)
def test_half_a_fen_goes_up(amount: int, ratio: int, first: int) -> None:
    """Convention of 6.1: half-up to two places per line."""
    assert split_line(amount, B, ratio).self_pay_first == first


@pytest.mark.parametrize(
    ("cls", "expected"),
    [(A, (0, 2_000, 0, 8_000)), (B, (0, 2_000, 800, 7_200)), (C, (10_000, 0, 0, 0))],
)
def test_class_limit_and_ratio(cls: LineClass, expected: tuple[int, ...]) -> None:
    """The limit holds for 甲 and 乙, the ratio for 乙 alone, 丙 is the person's own."""
    assert split_line(10_000, cls, 1_000, limit_fen=8_000) == expected


@pytest.mark.parametrize(
    ("unit_limit_e6", "quantity_e4", "fen"),
    [
        (1_500_000, 100_000, 1_500),
        (82_500, 30_000, 25),
        (82_500, 100_000, 83),
        (333_333, 25_000, 83),
        (1_500_000, -100_000, 1_500),
        (0, 10_000, 0),
    ],
)
def test_a_limit_is_of_one_unit(unit_limit_e6: int, quantity_e4: int, fen: int) -> None:
    """6.1: the limit of the line is limit x quantity; six and four decimals, half-up."""
    assert line_limit(unit_limit_e6, quantity_e4) == fen
    line = split_line(2_000, A, quantity_e4=quantity_e4, unit_limit_e6=unit_limit_e6)
    assert line.over_limit == 2_000 - fen


def test_a_return_is_the_mirror() -> None:
    """A line of a negative amount takes back exactly what its positive one took."""
    random = Random(4)
    for _ in range(2_000):
        amount, limit = random.randint(0, 10**7), random.choice((None, random.randint(0, 10**7)))
        cls, ratio = random.choice((A, B, C)), random.randint(0, 10_000)
        taken = split_line(amount, cls, ratio, limit_fen=limit)
        back = split_line(-amount, cls, ratio, limit_fen=limit)
        assert add_up((taken, back)) == Bill(0, 0, 0, 0, 0)
        assert sum(taken) == amount
        over = taken.over_limit
        share = (Decimal(amount - over) * ratio / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
        assert taken.self_pay_first == (share if cls is B else 0)


def test_parts_re_add() -> None:
    """Invariant 1, and what makes a bill unsound."""
    bill = add_up([split_line(100, A), split_line(50, B, 1_000), split_line(7, C)])
    assert bill == Bill(157, 7, 0, 5, 145)
    assert bill.sound
    assert bill.negated() == Bill(-157, -7, 0, -5, -145)
    assert not add_up([split_line(100, C), split_line(-50, A)]).sound
