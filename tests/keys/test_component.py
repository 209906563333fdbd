"""Any component too few reveals nothing usable, and all of them bring the key back (T15).

Ten thousand subsets of XOR components and as many of SLIP-39 shares: with one too few, nothing that
can be computed of them has the key's check value, and what can be computed agrees with the key in
as many bits as chance has it. Everything is drawn from SHAKE-256 of a name, so runs repeat.
"""

from __future__ import annotations

import hashlib
from functools import reduce
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import Share, combine_mnemonics, split_ems
from shamir_mnemonic.shamir import EncryptedMasterSecret, RawShare, _interpolate

from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.octets import xor
from minka.keys.component import (
    SECRET_AT,
    ShareFault,
    component_check,
    components,
    joined,
    restored,
    share_fill,
    shares,
    value_at,
)

SM4 = BlockCipher.SM4
SUBSETS = 10_000


def _drawn(label: str, length: int) -> bytes:
    return hashlib.shake_256(label.encode()).digest(length)


def _like_chance(agreeing: int, bits: int) -> bool:
    """Whether as many bits agree as a fair coin gives, within five standard deviations."""
    return abs(2 * agreeing - bits) ** 2 <= 25 * bits


@given(
    key=st.sampled_from([8, 16, 24, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    parts=st.integers(2, 16),
    data=st.data(),
)
def test_all_components_bring_the_key_back_in_any_order(
    key: bytes, parts: int, data: st.DataObject
) -> None:
    """T15: XOR of all of them, each as long as the key."""
    size = len(key) * (parts - 1)
    made = components(key, parts, data.draw(st.binary(min_size=size, max_size=size)))
    assert (len(made), {len(part) for part in made}) == (parts, {len(key)})
    assert joined(tuple(data.draw(st.permutations(made)))) == key


def test_no_subset_of_all_but_one_component_has_the_keys_check_value() -> None:
    """T15: 2,000 keys in five parts, every four of them: 0 of 10^4 give a candidate that fits.

    Candidates are the XOR of the four and each part alone; a fault that made a part the key itself,
    or left one without effect, would be seen.
    """
    tried, fitting, agreeing = 0, 0, 0
    for number in range(SUBSETS // 5):
        key = _drawn(f"key {number}", 16)
        made = components(key, 5, _drawn(f"fill {number}", 64))
        wanted = check_value(SM4, key)
        assert check_value(SM4, joined(made)) == wanted
        for four in combinations(made, 4):
            tried += 1
            guess = reduce(xor, four)
            fitting += sum(check_value(SM4, each) == wanted for each in (guess, *four))
            agreeing += 128 - int.from_bytes(xor(guess, key)).bit_count()
    assert (tried, fitting) == (SUBSETS, 0)
    # Four of five leave out each part once; the bits of the left-out parts are the fair coins.
    assert _like_chance(agreeing, 128 * SUBSETS)


def test_every_key_is_possible_when_one_component_is_missing() -> None:
    """T15: for any four parts and any key there is a fifth part: the four decide nothing."""
    four = [_drawn(f"part {number}", 16) for number in range(4)]
    for number in range(1000):
        any_key = _drawn(f"any {number}", 16)
        fifth = reduce(xor, four, any_key)
        assert joined((*four, fifth)) == any_key


def test_no_subset_of_too_few_shares_has_the_secrets_check_value() -> None:
    """T15: 84 secrets of 16 holders, every two of the three that are needed: 0 of 10^4 fit.

    The candidates are the straight line through the two at the secret's place and each value alone;
    they are compared as SLIP-39 shares them, enciphered, so that no key stretching hides a match.
    """
    tried, fitting, agreeing = 0, 0, 0
    for number in range(84):
        label = f"shared {number}"
        made = shares(_drawn(label, 16), 3, 16, _drawn(label + " fill", share_fill(16, 3)))
        points = {each.index: each.value for each in map(Share.from_mnemonic, made)}
        sealed = value_at(dict(list(points.items())[:3]), SECRET_AT)
        wanted = check_value(SM4, sealed)
        for two in combinations(points, 2):
            tried += 1
            line = value_at({at: points[at] for at in two}, SECRET_AT)
            guesses = (line, *(points[at] for at in two))
            fitting += sum(check_value(SM4, each) == wanted for each in guesses)
            agreeing += 128 - int.from_bytes(xor(line, sealed)).bit_count()
    assert tried >= SUBSETS
    assert fitting == 0
    # Pairs of one secret hang together, so the coins are fewer than the bits: 2 of 100 is fair.
    assert abs(2 * agreeing - 128 * tried) < 128 * tried // 25


def test_too_few_shares_are_refused_and_any_that_suffice_are_taken() -> None:
    """T15: of five holders every pair is refused, every three bring the secret back."""
    secret = _drawn("secret", 32)
    made = shares(secret, 3, 5, _drawn("secret fill", share_fill(32, 3)))
    for pair in combinations(made, 2):
        with pytest.raises(ShareFault):
            restored(pair)
    for three in combinations(made, 3):
        assert restored(three) == secret
        assert combine_mnemonics(three) == secret


@settings(max_examples=25, deadline=None)
@given(data=st.data(), length=st.sampled_from([16, 32]), holders=st.integers(2, 16))
def test_our_split_is_that_of_the_library(data: st.DataObject, length: int, holders: int) -> None:
    """T15: every share's value lies on the curve the library draws through the others."""
    needed = data.draw(st.integers(2, holders))
    size = share_fill(length, needed)
    secret = data.draw(st.binary(min_size=length, max_size=length))
    made = shares(secret, needed, holders, data.draw(st.binary(min_size=size, max_size=size)))
    raw = [RawShare(s.index, s.value) for s in map(Share.from_mnemonic, made)]
    first = raw[:needed]
    assert all(_interpolate(first, each.x) == each.data for each in raw)
    chosen = data.draw(st.permutations(made))[:needed]
    assert restored(tuple(chosen)) == secret


def test_shares_of_the_library_are_taken_too() -> None:
    """T15: a backup made by any SLIP-39 program opens here."""
    secret = _drawn("theirs", 16)
    sealed = EncryptedMasterSecret.from_master_secret(secret, b"", 77, True, 0)
    (group,) = split_ems(1, [(3, 5)], sealed)
    assert restored(tuple(share.mnemonic() for share in group[1:4])) == secret


def test_wrong_shares_are_refused_without_a_word_of_them() -> None:
    """T15, P13: changed, mixed, repeated, of another passphrase; the fault holds none of it."""
    one = shares(_drawn("one", 16), 2, 3, _drawn("one fill", share_fill(16, 2)))
    other = shares(_drawn("other", 16), 2, 3, _drawn("other fill", share_fill(16, 2)))
    words = one[1].split()
    changed = " ".join([*words[:-1], "zero" if words[-1] != "zero" else "year"])
    for wrong in ((one[0], changed), (one[0], other[1]), (one[0], one[0]), (one[0], "minka"), ()):
        with pytest.raises(ShareFault) as caught:
            restored(wrong)
        assert not set(str(caught.value).split()) & set(words)
    assert restored(one[:2], b"another") != _drawn("one", 16)


def test_splits_that_make_no_sense_are_bugs() -> None:
    """T15: one part, too many, too few random bytes, a short secret."""
    for parts, fill in ((1, 0), (17, 256), (3, 31), (3, 33)):
        with pytest.raises(ValueError, match="2 to 16 parts"):
            components(bytes(16), parts, bytes(fill))
    for size, needed, holders in ((16, 1, 3), (16, 4, 3), (16, 2, 17), (14, 2, 3), (17, 2, 3)):
        with pytest.raises(ValueError, match="2 to 16 holders"):
            shares(bytes(size), needed, holders, bytes(99))
    with pytest.raises(ValueError, match="random bytes"):
        shares(bytes(16), 2, 3, bytes(99))


def test_a_component_has_a_check_value_of_its_own() -> None:
    """T15: what stands on a custodian's envelope, of each of five parts another."""
    made = components(_drawn("key", 16), 5, _drawn("fill", 64))
    assert len({component_check(SM4, part) for part in made}) == 5
    assert {len(component_check(SM4, part)) for part in made} == {5}
    assert {len(component_check(BlockCipher.TRIPLE_DES, part)) for part in made} == {3}
