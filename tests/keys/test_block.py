"""Keys of the house in key blocks: all that binds them comes back, or nothing (K3)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minka.cipher.block_cipher import BlockCipher
from minka.cipher.card_key import Algorithm
from minka.cipher.key_block import Export, Form, Header, fill_bytes, wrap
from minka.keys.block import USAGES, Blocked, from_block, random_bytes, to_block
from minka.keys.vault import KeyName, KeyReason, KeyRefused, Purpose

UNDER = hashlib.sha256(b"under").digest()[:16]
KEY = hashlib.sha256(b"key").digest()[:16]


def _blocked(content: Blocked, cipher: BlockCipher = BlockCipher.SM4) -> bytes:
    fill = hashlib.shake_256(b"fill").digest(random_bytes(cipher, content.key))
    return to_block(content, cipher, UNDER, fill)


@settings(max_examples=60, deadline=None)
@given(
    name=st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,23}", fullmatch=True),
    version=st.integers(1, 99),
    algorithm=st.sampled_from(
        [(Algorithm.SM4, 16), (Algorithm.TRIPLE_DES, 16), (Algorithm.TRIPLE_DES, 8)]
    ),
    purpose=st.sampled_from(Purpose),
    export=st.sampled_from([Export.TRUSTED, Export.SENSITIVE]),
    cipher=st.sampled_from(BlockCipher),
)
def test_all_that_is_known_of_a_key_comes_back(
    name: str,
    version: int,
    algorithm: tuple[Algorithm, int],
    purpose: Purpose,
    export: Export,
    cipher: BlockCipher,
) -> None:
    """K3: every purpose and algorithm under every cipher."""
    named = KeyName(name, version, algorithm[0])
    content = Blocked(named, purpose, export, KEY[: algorithm[1]])
    assert from_block(_blocked(content, cipher), UNDER) == content


def test_no_two_purposes_share_a_usage() -> None:
    """K3: one key, one function; a block of one is never taken for another."""
    assert len({usage for usage, _ in USAGES.values()}) == len(Purpose)


def test_a_block_changed_by_one_bit_is_refused_with_one_reason() -> None:
    """K3: and so is one that was cut, is of another key, or is no block at all."""
    content = Blocked(KeyName("UK1DF01"), Purpose.EXTERNAL, Export.TRUSTED, KEY)
    good = _blocked(content)
    wrong = [
        good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :]
        for at in range(len(good))
        for bit in range(8)
    ]
    for block in (*wrong, good[:-2], b"", b"\xff" * 40):
        with pytest.raises(KeyRefused) as caught:
            from_block(block, UNDER)
        assert caught.value.reason is KeyReason.BAD_BLOCK
    with pytest.raises(KeyRefused):
        from_block(good, KEY)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (Blocked(KeyName("IRK"), Purpose.INTERNAL, Export.NEVER, KEY), KeyReason.NOT_EXPORTABLE),
        (
            Blocked(KeyName("IRK", 1, Algorithm.SSF33), Purpose.INTERNAL, Export.TRUSTED, KEY),
            KeyReason.ALGORITHM,
        ),
        (
            Blocked(KeyName("IRK", 100), Purpose.INTERNAL, Export.TRUSTED, KEY),
            KeyReason.UNKNOWN,
        ),
    ],
)
def test_what_may_not_leave_does_not(content: Blocked, reason: KeyReason) -> None:
    """K3: no key leaves that is not exportable, whoever asks."""
    with pytest.raises(KeyRefused) as caught:
        _blocked(content)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "header",
    [
        Header(Form.SM4, "P0", "4", "X", "01", Export.TRUSTED, (("LB", "IRK"),)),
        Header(Form.SM4, "10", "4", "N", "01", Export.TRUSTED, (("LB", "IRK"),)),
        Header(Form.SM4, "10", "R", "X", "01", Export.TRUSTED, (("LB", "IRK"),)),
        Header(Form.SM4, "10", "4", "X", "c1", Export.TRUSTED, (("LB", "IRK"),)),
        Header(Form.SM4, "10", "4", "X", "01", Export.TRUSTED, ()),
        Header(Form.SM4, "10", "D", "X", "01", Export.TRUSTED, (("LB", "IRK"),)),
    ],
    ids=["usage", "mode", "algorithm", "version", "no label", "length"],
)
def test_a_true_block_of_a_key_that_is_not_ours_is_refused(header: Header) -> None:
    """K3: proved by its MAC, and yet no key that this house has a use for."""
    block = wrap(header, UNDER, KEY, bytes(fill_bytes(Form.SM4, KEY)))
    with pytest.raises(KeyRefused) as caught:
        from_block(block.encode(), UNDER)
    assert caught.value.reason is KeyReason.BAD_BLOCK


def test_a_key_that_was_taken_out_is_not_printed() -> None:
    """P13: neither bytes nor hex of the key are in what a debugger or a log would show."""
    content = Blocked(KeyName("IRK"), Purpose.INTERNAL, Export.TRUSTED, KEY)
    shown = f"{content} {content!r}"
    assert KEY.hex() not in shown.lower()
    assert repr(KEY) not in shown
    assert "IRK" in shown
