"""Key blocks: exchanged with a second library, and nothing opens that was changed by a bit (K3).

TR-31 in 3DES and AES is compared with psec; our SM4 form with the same rules written out here over
the hand-written SM4 of ``reference``.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minka.cipher.key_block import (
    BlockFault,
    Export,
    Form,
    Header,
    fill_bytes,
    read_header,
    unwrap,
    wrap,
)
from tests.cipher import reference

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from psec import tr31

pytestmark = pytest.mark.filterwarnings("ignore:.*TripleDES.*")

UNDER = {Form.TDES: (16, 24), Form.AES: (16, 24, 32), Form.SM4: (16,)}
LABEL = (("LB", "UK1DF01"),)
EXAMPLE = (
    "40128114X01E0200LB0BUK1DF01PB050549E3CE46B4328BE5F79B9AEFD78285E"
    "B378E2B60C46A2F3F64BA4B71031C4D0A790761FF18B8B7722E3768B5D689BD0"
)
"""Made by this module and checked by hand-written SM4: self-made."""


def _drawn(label: str, length: int) -> bytes:
    return hashlib.shake_256(label.encode()).digest(length)


def _header(form: Form, optional: tuple[tuple[str, str], ...] = LABEL) -> Header:
    return Header(form, "K0", "T", "B", "07", Export.TRUSTED, optional)


def _made(form: Form, length: int, key: bytes) -> str:
    fill = _drawn("fill", fill_bytes(form, key, 32))
    return wrap(_header(form), _drawn("under", length), key, fill)


@pytest.mark.parametrize("optional", [(), LABEL, (("KS", "00604B120F929280"), ("LB", "A B"))])
@pytest.mark.parametrize(
    ("form", "length"), [(f, n) for f in (Form.TDES, Form.AES) for n in UNDER[f]]
)
def test_another_library_reads_ours_and_we_read_its(
    form: Form, length: int, optional: tuple[tuple[str, str], ...]
) -> None:
    """K3: TR-31 versions B and D, with and without optional blocks, keys of 8 to 24 bytes."""
    under, header = _drawn("under", length), _header(form, optional)
    theirs = tr31.Header(form.letter, "K0", "T", "B", "07", "E")
    for name, body in optional:
        theirs.blocks[name] = body
    for size in (8, 16, 24):
        key = _drawn("key", size)
        ours = wrap(header, under, key, _drawn("fill", fill_bytes(form, key)))
        assert tr31.unwrap(under, ours)[1] == key
        assert unwrap(tr31.wrap(under, theirs, key), under) == (header, key)


def _by_hand(block: str, under: bytes) -> bytes:
    """Version 4 opened with nothing but the hand-written SM4: the key and its length."""
    tail = bytes.fromhex("00 0100 0080".replace(" ", ""))
    sealing = reference.cmac("sm4", under, b"\x01\x00\x00" + tail)
    proving = reference.cmac("sm4", under, b"\x01\x00\x01" + tail)
    header, start = read_header(block)
    body = bytes.fromhex(block[start:])
    sealed, proof = body[:-16], body[-16:]
    # The hand-written cipher goes forwards only: the block is made anew from what it held.
    clear = unwrap(block, under)[1]
    whole = (8 * len(clear)).to_bytes(2) + clear + _drawn("fill", len(sealed) - 2 - len(clear))
    assert reference.cmac("sm4", proving, block[:start].encode() + whole) == proof
    state, made = proof, b""
    for at in range(0, len(whole), 16):
        mixed = bytes(a ^ b for a, b in zip(state, whole[at : at + 16], strict=True))
        state = reference.sm4(sealing, mixed)
        made += state
    assert made == sealed
    assert header.form is Form.SM4
    return clear


def test_our_form_is_what_its_page_says() -> None:
    """K3: two keys by CMAC-SM4 with a counter, a CMAC over header and key, a chain from it."""
    for size in (8, 16, 24):
        key = _drawn("key", size)
        fill = _drawn("fill", fill_bytes(Form.SM4, key))
        under = _drawn("under", 16)
        assert _by_hand(wrap(_header(Form.SM4), under, key, fill), under) == key


def test_an_example_of_our_form_stays_as_it_is() -> None:
    """K3: self-made; blocks on file must open for ever."""
    under = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    header = Header(Form.SM4, "11", "4", "X", "01", Export.TRUSTED, LABEL)
    block = wrap(header, under, bytes(range(16)), bytes(14))
    assert block == EXAMPLE
    assert unwrap(EXAMPLE, under) == (header, bytes(range(16)))


@pytest.mark.parametrize(("form", "length"), [(f, n) for f in Form for n in UNDER[f]])
def test_not_one_bit_can_be_changed(form: Form, length: int) -> None:
    """K3, P13: every bit of every character flipped; and every shortening and lengthening."""
    under, block = _drawn("under", length), _made(form, length, _drawn("key", 16))
    raw, opened = block.encode("ascii"), 0
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            opened += _opens(changed.decode("latin-1"), under)
    opened += sum(_opens(block[:cut], under) for cut in range(len(block)))
    opened += sum(_opens(block + extra, under) for extra in ("0", "00", "0" * 16, "0" * 32))
    assert opened == 0
    assert _opens(block, under)


def _opens(block: str, under: bytes) -> bool:
    try:
        unwrap(block, under)
    except BlockFault:
        return False
    return True


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    "change",
    [
        {"usage": "K1"},
        {"algorithm": "A"},
        {"mode": "E"},
        {"version": "08"},
        {"export": Export.NEVER},
        {"optional": (("LB", "RK1DF01"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_word_of_the_header_is_bound(form: Form, change: dict[str, object]) -> None:
    """K3: usage, algorithm, mode, version, exportability and name cannot be exchanged."""
    length = UNDER[form][0]
    under, key = _drawn("under", length), _drawn("key", 16)
    block = _made(form, length, key)
    header, start = read_header(block)
    clear_bytes = (len(block) - start) // 2 - form.cipher.block
    other = replace(header, **change).written(clear_bytes)  # type: ignore[arg-type]
    assert len(other) == start
    assert not _opens(other + block[start:], under)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=120) | st.binary(max_size=120).map(lambda b: b.decode("latin-1")))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    """K3: whatever comes in, it is refused by the one fault and by no other."""
    for start in ("", "B0080K0TB00E0000", "D0112K0TB00E0100", "40112K0TB00E0500LB"):
        assert not _opens(start + text, _drawn("under", 16))


def test_a_key_of_another_block_opens_nothing() -> None:
    """K3: the wrong transport key, and the right one in another form."""
    block = _made(Form.SM4, 16, _drawn("key", 16))
    assert not _opens(block, _drawn("other", 16))
    assert not _opens("D" + block[1:], _drawn("under", 16))


def test_short_keys_are_hidden_among_long_ones() -> None:
    """K3: with ``hide_to`` a block does not tell whether it holds 8, 16 or 32 bytes."""
    lengths = {len(_made(Form.SM4, 16, _drawn("key", size))) for size in (8, 16, 24, 32)}
    assert len(lengths) == 1


@pytest.mark.parametrize("form", Form)
def test_what_does_not_fit_is_not_wrapped(form: Form) -> None:
    """K3: too few random bytes, a transport key of a wrong length, a header beyond all measure."""
    under, key = _drawn("under", UNDER[form][0]), _drawn("key", 16)
    fill = _drawn("fill", fill_bytes(form, key))
    with pytest.raises(ValueError, match="last block"):
        wrap(_header(form), under, key, fill[:-1])
    with pytest.raises(ValueError, match="wraps no other"):
        wrap(_header(form), b"12345678", key, fill)
    with pytest.raises(ValueError, match="at most"):
        wrap(_header(form, tuple(("LB", "x" * 240) for _ in range(41))), under, key, fill)
    with pytest.raises(ValueError, match="251"):
        wrap(_header(form, (("LB", "x" * 252),)), under, key, fill)
