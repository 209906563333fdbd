"""Diversification recipes are data: factors, roots, and an area that deviates (K3, K1)."""

from __future__ import annotations

import pytest

from minka.cipher.card_key import Algorithm, derive
from minka.cipher.recipe import RecipeFault, Root, Step, read_recipes, recipes

HISTORICAL = bytes.fromhex("00990102038699990100000001")
AREA = "990100"
PROVINCE, CITY, CARD = b"990000sh", b"990100sx", bytes.fromhex("8699990100000001")
ROOT = bytes.fromhex("00112233445566778899AABBCCDDEEFF")

NATIONAL = """
national:
  source: a test
  mark: self-made
  factors:
    province: {area_digits: 2, then: 0000sh}
    city: {area_digits: 6, then: sx}
    card: {historical: [6, 13]}
  roots:
    ministry: [province, city, card]
    province: [city, card]
    city: [card]
"""


@pytest.mark.parametrize(
    ("root", "wanted"),
    [
        (Root.MINISTRY, (PROVINCE, CITY, CARD)),
        (Root.PROVINCE, (CITY, CARD)),
        (Root.CITY, (CARD,)),
    ],
)
def test_a_roots_holder_says_how_many_factors_follow(root: Root, wanted: tuple[bytes, ...]) -> None:
    """K3: ministry three, province two, city one; the shared ones are all but the card's."""
    recipe = recipes().of(AREA)
    assert recipe.factors(root, AREA, HISTORICAL) == wanted
    assert recipe.shared(root, AREA) == wanted[:-1]
    assert recipe.card(HISTORICAL) == CARD


def test_three_levels_down_is_the_same_from_wherever_one_begins() -> None:
    """K3: the province's own derivation of the ministry's root gives the same card key."""
    recipe = recipes().of(AREA)
    whole = derive(Algorithm.SM4, ROOT, *recipe.factors(Root.MINISTRY, AREA, HISTORICAL))
    assert whole.hex().upper() == "E543D66BC2C1F4A7F4EEFF0AB5335D01"
    provincial = derive(Algorithm.SM4, ROOT, PROVINCE)
    city = derive(Algorithm.SM4, provincial, CITY)
    for root, key in ((Root.PROVINCE, provincial), (Root.CITY, city)):
        assert derive(Algorithm.SM4, key, *recipe.factors(root, AREA, HISTORICAL)) == whole


def test_every_factor_has_eight_bytes_and_another_value() -> None:
    """K3: one area, one card, one key: factors of 100 areas and 1,000 cards are all different."""
    recipe = recipes().national
    areas = [f"99{number:04}" for number in range(100)]
    cities = {recipe.shared(Root.PROVINCE, area)[0] for area in areas}
    cards = {recipe.card(bytes(9) + number.to_bytes(4)) for number in range(1000)}
    assert (len(cities), len(cards)) == (100, 1000)
    assert {len(factor) for factor in cities | cards} == {8}


def test_an_area_says_only_what_differs() -> None:
    """K3: configuration of an operator; the longest beginning of the area code counts."""
    given = read_recipes(
        NATIONAL + "areas:\n"
        '  "9901": {source: its key plan, mark: operator,'
        " factors: {city: {area_digits: 4, then: sxsx}}}\n"
        '  "990101": {source: its key plan, mark: operator, roots: {city: [city, card]}}\n'
    )
    assert given.of("990200") is given.national
    assert given.of("990199").shared(Root.PROVINCE, "990199") == (b"9901sxsx",)
    assert given.of("990101").shared(Root.CITY, "990101") == (b"990101sx",)
    assert given.of("990199").mark == "operator"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("0000sh", "00sh"), "eight bytes"),
        (("[6, 13]", "[5, 13]"), "eight bytes"),
        (("[6, 13]", "[7, 14]"), "eight bytes"),
        (("city: [card]", "city: [card, city]"), "comes last"),
        (("    city: [card]\n", ""), "missing"),
        (("city: [card]", "town: [card]"), "town"),
        (("mark: self-made", ""), "mark"),
        (("national:", "country:"), "national and areas"),
    ],
)
def test_a_recipe_that_makes_no_key_is_refused(change: tuple[str, str], why: str) -> None:
    """K3: said by name when it is read, not on the first card."""
    with pytest.raises(RecipeFault, match=why):
        read_recipes(NATIONAL.replace(*change))


@pytest.mark.parametrize("area", ["9901", "99010x", "9901000", "９９０１００"])
def test_what_is_no_area_makes_no_factor(area: str) -> None:
    """K3: six digits and nothing else."""
    with pytest.raises(RecipeFault):
        recipes().national.shared(Root.PROVINCE, area)


def test_what_is_no_answer_to_reset_makes_no_factor() -> None:
    """K3: thirteen historical bytes; the last eight of a whole ATR would be another card's."""
    with pytest.raises(RecipeFault):
        recipes().national.factors(Root.CITY, AREA, b"\x3b\x6d\0\0" + HISTORICAL)


def test_the_shipped_recipe_names_its_source() -> None:
    """K3: every recipe says where it is written and how sure that is."""
    national = recipes().national
    assert (national.mark, set(national.templates)) == ("confirmed", set(Step))
    assert national.source
