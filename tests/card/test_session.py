"""The session of card-chip §13, byte for byte, on an SM4 and on a 3DES card (K1, L3)."""

from __future__ import annotations

import pytest

from minka.bench.card_plan import Shape
from minka.cipher.card_key import Algorithm
from tests.card.world import DES, SM4, new_card, session


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
def test_the_golden_session(shape: Shape) -> None:
    """K1: every answer is the one that two independent programs computed."""
    card = new_card(shape)
    for step in session(shape.algorithm):
        answer = card.apdu(step.command)
        assert answer.hex().upper() == step.answer.hex().upper(), f"{step.number} {step.what}"


def test_the_session_is_whole() -> None:
    """Thirty-three steps, six of them different for 3DES."""
    des, sm4 = list(session(Algorithm.TRIPLE_DES)), list(session(Algorithm.SM4))
    assert len(sm4) == 33
    assert sum(a != b for a, b in zip(des, sm4, strict=True)) == 6
