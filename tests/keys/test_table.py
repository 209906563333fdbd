"""The table of card keys and the script of a card, against the file specification (K3, I1)."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from minka.chip.keys import BENCH, NUMBERS, owner
from minka.cipher.card_key import Algorithm
from minka.cipher.recipe import Root, recipes
from minka.keys.script import ENVIRONMENT, INFORMATIVE, STANDARD, key_script, roots
from minka.keys.table import (
    CardVersion,
    KeyRow,
    Level,
    PsamPlace,
    TableFault,
    key_row,
    key_table,
    keys_on,
    read_key_table,
    with_settings,
)
from minka.keys.vault import Purpose

TEXT = files("minka.keys").joinpath("keys.csv").read_text(encoding="utf-8")
SPEC = list(
    csv.DictReader(
        files("minka.chip")
        .joinpath("data/card-filespec.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
)
HISTORICAL = bytes.fromhex("00990102038699990100000001")


def _asked(version: CardVersion) -> set[tuple[str, str]]:
    """Application and key of every rule of the file specification for one version."""
    found = set()
    for line in SPEC:
        if version in line["version"].split("/"):
            words = f"{line['read_rule']} {line['write_key']}".split()
            found |= {(line["df"], w) for w in words if w[:2] in ("UK", "RK")}
    return found


@pytest.mark.parametrize("version", CardVersion)
def test_every_key_a_file_asks_for_is_in_the_table_and_the_other_way_round(
    version: CardVersion,
) -> None:
    """K3: no file without its key, no reading or updating key without a file, in its own DF."""
    in_table = {(r.df, r.name) for r in keys_on(version) if r.name[:2] in ("UK", "RK")}
    assert in_table == _asked(version)
    assert len(in_table) == {"1.0": 19, "2.0": 44, "3.0": 44}[version]


@pytest.mark.parametrize("row", key_table(), ids=lambda row: f"{row.name}-{row.since.value}")
def test_every_row_holds_together(row: KeyRow) -> None:
    """K3: the name ends in its application; what is unknown is named so; lengths fit purposes."""
    assert (
        row.name.endswith(row.df)
        or row.df == ENVIRONMENT
        or row.name in ("DPK", "DLK", "DTK", "DSK")
    )
    assert row.length == (8 if row.purpose is Purpose.MESSAGE else 16)
    # Bit 8 of the id says application; the environment's ids have it not (card-chip 9.1).
    if row.card_id is not None:
        assert (row.card_id >> 7 == 1) is row.is_application
    assert ("gap" in row.mark or "ours" in row.mark) == bool(row.assumed)
    for place in (row.psam_p9, row.psam_seen):
        if place is not None:
            assert place.levels in (1, 2, 3)
            assert 0x01 <= place.id <= 0xBF


def test_the_chip_room_gives_every_key_the_same_number() -> None:
    """K3: two rooms that may not know each other: same numbers, same ones marked as the bench's."""
    rows = [r for r in key_table() if r.card_id is not None]
    assert {r.name: r.card_id for r in rows} == dict(NUMBERS)
    assert {r.name for r in rows if "card_id" in r.assumed} == set(BENCH)
    assert [r.name for r in rows if owner(r.name) != r.df] == []


def test_what_no_source_says_stays_configuration() -> None:
    """K3: the gaps of card-chip §22, each with a value of the bench that is called so."""
    gaps = {row.name for row in key_table() if "gap" in row.mark}
    assert gaps == {
        *("RKSSSE", "STKDF07", "DSK", "STKDF05", "STKDF06", "LKDF06"),
        *(f"UK{n}DF01" for n in "789AB"),
        *(f"{kind}{n}DF07" for kind in ("RK", "UK") for n in "123"),
        *("UK1DF05", "RK1DF06", "UK1DF06", "UK2DF06"),
    }
    own = with_settings(key_table(), {"RKSSSE": {"level": "P"}, "STKDF07": {"card_id": "8F"}})
    assert (key_row("RKSSSE", own).level, key_row("RKSSSE", own).assumed) == (
        Level.PROVINCE,
        frozenset(),
    )
    changed = key_row("STKDF07", own)
    assert (changed.card_id, changed.assumed) == (0x8F, frozenset({"level"}))
    assert key_row("STKDF07").card_id == 0x82


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"RKDF99": {"level": "P"}}, "no such key"),
        ({"RKSSSE": {"purpose": "tac"}}, "only card_id and level"),
        ({"RKSSSE": {"card_id": "06"}}, "taken"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    settings: dict[str, dict[str, str]], why: str
) -> None:
    """K3: an area's own table cannot put two keys in one place."""
    with pytest.raises(TableFault, match=why):
        with_settings(key_table(), settings)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("level=M\n", "\n"), "every"),
        (("SSSE,05,P", "SSSE,06,P"), "taken"),
        (("SSSE,05,P", "SSSE,05,Q"), "BK"),
        (("external,16", "reading,16"), "reading"),
    ],
)
def test_a_table_with_a_mistake_is_not_read(change: tuple[str, str], why: str) -> None:
    """K3: said by the key's name when it is read."""
    assert change[0] in TEXT
    with pytest.raises(TableFault, match=why):
        read_key_table(TEXT.replace(*change))


def test_known_rows_are_as_the_specification_says() -> None:
    """K3: card-chip §9.2, rows that real programs confirm."""
    irk, stk, uk4 = key_row("IRK"), key_row("STKSSSE"), key_row("UK4DF01")
    assert (irk.card_id, irk.level, irk.psam_p9) == (0, Level.MINISTRY, PsamPlace(0x67, 8))
    assert (stk.card_id, stk.length, stk.psam_seen) == (2, 8, PsamPlace(0x48, 9))
    assert (uk4.card_id, uk4.psam_p9, uk4.psam_seen) == (
        0x86,
        PsamPlace(0x27, 0x25),
        PsamPlace(0x47, 0x25),
    )
    assert [key_row("UK4DF01").psam_p9.levels, irk.psam_p9.levels] == [1, 3]  # type: ignore[union-attr]
    with pytest.raises(KeyError):
        key_row("UK9DF04")


@pytest.mark.parametrize("version", CardVersion)
@pytest.mark.parametrize("algorithm", [Algorithm.TRIPLE_DES, Algorithm.SM4])
def test_a_cards_script_loads_every_key_once_and_masters_last(
    version: CardVersion, algorithm: Algorithm
) -> None:
    """I1: the environment first, its master the very last, so that a failed card can be redone."""
    script = key_script(version, algorithm)
    keys = [r for r in keys_on(version) if r.df in STANDARD]
    assert sorted(load.key.name for load in script) == sorted(row.name for row in keys)
    masters = [load.is_master for load in script]
    assert masters == sorted(masters)
    assert script[-1].key.name == "MKSSSE"
    dfs = [load.df for load in script if not load.is_master]
    assert dfs == sorted(dfs, key=STANDARD.index)
    short = {load.key.name for load in script if load.length == 8}
    des = {row.name for row in keys if row.purpose is Purpose.MESSAGE}
    assert short == (des if algorithm is Algorithm.TRIPLE_DES else set())
    assert not {load.df for load in script} & set(INFORMATIVE)
    assert len(roots(script)) == len(script)


def test_informative_applications_are_made_on_request() -> None:
    """I1: DF05 and DF06 with their keys, after the standard ones."""
    script = key_script(CardVersion.V3, Algorithm.SM4, applications=(*STANDARD, *INFORMATIVE))
    assert {"UK1DF05", "UK2DF06", "MKDF05"} <= {load.key.name for load in script}


def test_a_loads_path_is_that_of_its_level_unless_the_vault_holds_another() -> None:
    """K3: ministry keys three factors, province keys two; what the vault holds is a setting."""
    recipe = recipes().national

    def levels(held: dict[str, Root] | None) -> dict[str, int]:
        script = key_script(CardVersion.V3, Algorithm.SM4, held=held)
        return {
            load.key.name: len(load.path(recipe, "990100", HISTORICAL).factors) for load in script
        }

    assert (levels(None)["IRK"], levels(None)["PUK"]) == (3, 2)
    own = levels({"*": Root.MINISTRY, "PUK": Root.CITY})
    assert (own["UKSSSE"], own["PUK"]) == (3, 1)


def test_a_path_names_the_version_of_its_root() -> None:
    """I1: a factory with the second version of every key derives from the second roots."""
    script = key_script(CardVersion.V2, Algorithm.TRIPLE_DES, version=2)
    path = script[0].path(recipes().national, "990100", HISTORICAL)
    assert (path.root.version, path.root.algorithm) == (2, Algorithm.TRIPLE_DES)
