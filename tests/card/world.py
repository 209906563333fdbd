"""The card of card-chip §13 and what tests do with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from minka.bench.card_core import Chip, Random, Traits
from minka.bench.card_keys import Counted
from minka.bench.card_maker import Blank, card_from, make
from minka.bench.card_plan import Shape
from minka.bench.pcscd import NoPcscd, Pcscd
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear

AREA = "990100"
HISTORICAL = bytes.fromhex("00990102038699990100000001")
PIN = "123456"
CODE = "990100D15600000500000001FFFFFFFF"
ISSUER = {
    "01": CODE,
    "02": "3",
    "03": "3.00",
    "04": "915600000299010099010001",
    "05": date(2024, 1, 1),
    "06": date(2034, 1, 1),
    "07": "M00000019",
}
HOLDER = {
    "08": "990101199001010019",
    "09": "测试甲",
    "0A": "1",
    "0B": "01",
    "0C": "990100",
    "0D": date(1990, 1, 1),
}
SM4 = Shape()
DES = Shape(version="3.0", algorithm=Algorithm.TRIPLE_DES)


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the golden session."""

    number: int
    what: str
    command: bytes
    answer: bytes


def blank(**more: object) -> Blank:
    """What the factory is told of that card."""
    told: dict[str, object] = {
        "contents": {"SSSEEF05": ISSUER, "SSSEEF06": HOLDER, "DF04EF05": {"8F": "2"}},
        "pin": Clear(PIN),
    }
    return Blank(AREA, HISTORICAL, **{**told, **more})  # type: ignore[arg-type]


def new_card(
    shape: Shape = SM4, random: Random | None = None, traits: Traits | None = None
) -> Chip:
    """That card, powered, with the challenges of the session."""
    return card_from(make(shape, blank()), random or Counted(), traits)


def needs_pcscd() -> None:
    """A pcscd with virtual readers; without one a test is skipped here and fails in CI."""
    try:
        with Pcscd():
            return
    except NoPcscd as fault:
        if os.environ.get("CI") == "true":
            pytest.fail(str(fault))
        pytest.skip(str(fault))


def session(algorithm: Algorithm) -> Iterator[Step]:
    """The session's commands and answers for one algorithm."""
    text = (Path(__file__).parent / "session.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        number, command, answer, other_command, other_answer, what = line.split("|")
        if algorithm is Algorithm.TRIPLE_DES:
            command, answer = other_command or command, other_answer or answer
        yield Step(int(number), what, bytes.fromhex(command), bytes.fromhex(answer))
