"""The file tables hold together: sums, uniqueness, rules and keys (card-chip §5, §6)."""

from __future__ import annotations

import pytest

from minka.chip import keys
from minka.chip.filespec import (
    ENVIRONMENT_NAME,
    VERSIONS,
    Kind,
    Options,
    Standing,
    Structure,
    data_rows,
    specification,
)
from minka.chip.rules import Free, Key, Pin, PinAnd, PinOr, key_of, read_rule, satisfied, written

SIZES = {
    "SSSEEF05": 64,
    "SSSEEF06": 91,
    "SSSEEF07": 768,
    "SSSEEF08": 4096,
    "DF01EF05": 91,
    "DF01EF06": 173,
    "DF01EF07": 3,
    "DF01EF08": 3,
    "DF01EF09": 87,
    "DF01EF0A": 15,
    "DF01EF15": 165,
    **{f"DF01EF{n}": 296 for n in ("16", "17", "18", "19", "1A")},
    "DF02EF05": 436,
    "DF02EF06": 46,
    "DF02EF07": 340,
    "DF02EF09": 101,
    "DF02EF15": 83,
    "DF02EF16": 72,
    "DF03EF05": 43,
    "DF03EF06": 401,
    "DF03EF07": 34,
    "DF03EF15": 17,
    "DF03EF16": 8,
    "DF03EF17": 165,
    "DF03EF18": 25,
    "DF03EF19": 164,
    "DF04EF05": 182,
    "DF04EF06": 13,
    "DF04EF08": 840,
    "DF04EF15": 24,
    "DF05EF05": 506,
    "DF06EF05": 167,
    "DF06EF06": 217,
    "DF07EF05": 24,
    "DF07EF06": 83,
    "DF07EF07": 9,
}
"""Bytes of each file of versions 2.0 and 3.0 (card-chip §5)."""

SIZES_1 = {
    "SSSEEF05": 64,
    "SSSEEF06": 69,
    "SSSEEF07": 768,
    "DF01EF05": 87,
    "DF01EF06": 106,
    "DF01EF07": 6,
    "DF01EF08": 3,
    "DF01EF09": 93,
    "DF01EF0A": 18,
    "DF02EF05": 175,
    "DF02EF06": 45,
    "DF02EF07": 340,
    "DF02EF08": 92,
    "DF02EF09": 98,
    "DF03EF05": 44,
    "DF03EF06": 214,
    "DF03EF07": 47,
    "DF04EF05": 296,
    "DF04EF06": 18,
    "DF04EF08": 280,
}
"""Bytes of each file of version 1.0 (card-chip §6)."""


@pytest.mark.parametrize(("version", "sizes"), [("1.0", SIZES_1), ("2.0", SIZES), ("3.0", SIZES)])
def test_every_file_has_its_size(version: str, sizes: dict[str, int]) -> None:
    """The sum of a file's records is what the standard says, for every file of the version."""
    assert {file.name: file.size for file in specification(version).files()} == sizes


@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_of_the_table_is_an_item(version: str) -> None:
    """No row is lost: an item inside several stands once in each."""
    rows = [row for row in data_rows("card-filespec.csv") if version in row["version"].split("/")]
    wanted = sum(len(row["parent_tag"].split(";")) for row in rows)
    items = [item for file in specification(version).files() for item in file.items]
    assert wanted == sum(1 + len(item.parts) for item in items)


@pytest.mark.parametrize("version", VERSIONS)
def test_tags_and_files_stand_once(version: str) -> None:
    """A tag is unique in its file, a file in its application, and an application on the card."""
    card = specification(version)
    names = [application.name for application in card.applications]
    assert len(set(names)) == len(names)
    for application in card.applications:
        assert len({file.fid for file in application.files}) == len(application.files)
        assert len({file.sfi for file in application.files}) == len(application.files)
        for file in application.files:
            assert len({item.mark for item in file.items}) == len(file.items)
            for item in file.items:
                assert len({part.mark for part in item.parts}) == len(item.parts)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_item_of_items_is_as_long_as_they_are(version: str) -> None:
    """Nested items and fixed layouts fill their parent to the byte."""
    for file in specification(version).files():
        for item in file.items:
            assert (item.kind is Kind.NESTED) == bool(item.parts and item.tag)
            if item.parts:
                assert sum(part.record_bytes for part in item.parts) == item.length, file.name


@pytest.mark.parametrize("version", VERSIONS)
def test_structures(version: str) -> None:
    """Tags stand in files of items alone; only the card writes the medical log."""
    for file in specification(version).files():
        tagged = file.structure is Structure.TLV
        assert all(bool(item.tag) == tagged for item in file.items)
        assert (file.write_key is None) == (file.name == "DF04EF08")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_named_key_has_a_number(version: str) -> None:
    """A key that a file names belongs to the file's application and can be asked for."""
    for file in specification(version).files():
        for key in {file.write_key, key_of(file.read)} - {None}:
            assert key is not None
            assert keys.owner(key) == file.application
            assert bool(keys.NUMBERS[key] & 0x80) == (file.application != "SSSE")


def test_key_numbers_do_not_clash() -> None:
    """Two keys of one application have two numbers."""
    for name in ("SSSE", "DF01", "DF02", "DF03", "DF04", "DF05", "DF06", "DF07"):
        own = [n for key, n in keys.NUMBERS.items() if keys.owner(key) == name and key != "UKMF"]
        assert len(set(own)) == len(own)
    assert not keys.KNOWN.keys() & keys.BENCH.keys()


def test_third_generation_asks_for_a_key_before_the_name() -> None:
    """The one difference that is known between 2.0 and 3.0 (card-chip §1)."""
    second, third = specification("2.0"), specification("3.0")
    assert second.file("SSSEEF06").read == Free()
    assert third.file("SSSEEF06").read == Key("RKSSSE")
    differing = [a.name for a, b in zip(second.files(), third.files(), strict=True) if a != b]
    assert differing == ["SSSEEF06"]


def test_rules_of_the_medical_files() -> None:
    """One file for each kind of rule."""
    card = specification("3.0")
    assert card.file("DF04EF08").read == Pin()
    assert card.file("DF04EF06").read == PinAnd("RK1DF04")
    assert card.file("DF04EF05").read == PinOr("RK1DF04")


@pytest.mark.parametrize(
    ("rule", "opened_by", "shut_for"),
    [
        ("free", [""], []),
        ("PIN", ["PIN"], ["", "RK1DF01"]),
        ("RKSSSE", ["RKSSSE"], ["", "PIN"]),
        ("PIN or RK1DF01", ["PIN", "RK1DF01"], ["", "RK1DF02"]),
        ("PIN and RK1DF01", ["PIN RK1DF01"], ["", "PIN", "RK1DF01"]),
    ],
)
def test_rules(rule: str, opened_by: list[str], shut_for: list[str]) -> None:
    """A rule is read, written again as it was, and satisfied by what it names alone."""
    parsed = read_rule(rule)
    assert written(parsed) == rule
    assert all(satisfied(parsed, frozenset(shown.split())) for shown in opened_by)
    assert not any(satisfied(parsed, frozenset(shown.split())) for shown in shut_for)


def test_a_strange_rule_is_refused() -> None:
    """A table with a rule nobody knows does not load."""
    with pytest.raises(ValueError, match="no access rule"):
        read_rule("PIN xor RK1DF01")


def test_names_and_addresses() -> None:
    """A driver says 3F00EF06 or SSSEEF06; both are the same file."""
    card = specification("3.0")
    assert card.file("3F00EF06") is card.file("SSSEEF06")
    assert card.application("SSSE").aid == ENVIRONMENT_NAME
    assert ENVIRONMENT_NAME.hex().upper() == "7378312E73682EC9E7BBE1B1A3D5CF"
    assert card.application("DF04").aid.hex().upper() == "D15600000503"
    with pytest.raises(KeyError):
        card.file("DF04EF99")
    with pytest.raises(KeyError):
        specification("4.0")


def test_records_have_numbers() -> None:
    """Sex is record 3 of version 1.0 and record 4 since (card-chip §6)."""
    assert specification("1.0").file("SSSEEF06").number(0x0A) == 3
    assert specification("3.0").file("SSSEEF06").number(0x0A) == 4
    assert specification("3.0").file("DF02EF05").number(0x44) == 5
    with pytest.raises(KeyError):
        specification("3.0").file("DF02EF05").number(0x45)


def test_disputed_sizes_are_settings() -> None:
    """Reserved files of 128 bytes and fingerprints of 0x400 exist on real cards."""
    card = specification("2.0", Options(reserved_bytes=128, fingerprint_bytes=0x400))
    reserved = [file for file in card.files() if file.standing is Standing.RESERVED]
    assert {file.size for file in reserved} == {128}
    assert len(reserved) == 5
    assert card.file("SSSEEF07").size == 0x400
    assert card.file("SSSEEF08").size == 0x1000
