"""Mappings are data: complete, checked with a cure, and laid over one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from minka.doors.files import mapping, page
from minka.doors.files.mapping import FIELDS, REQUIRED
from minka.doors.files.refusals import FileFault, FileRefusal


@pytest.mark.parametrize("name", mapping.names())
@pytest.mark.parametrize("kind", FIELDS)
def test_every_mapping_reads_the_head_it_writes(name: str, kind: str) -> None:
    """What goes out in a dialect can come in again in it."""
    chosen = mapping.dialect(kind, name)
    assert chosen.missing(chosen.head()) == []
    assert len(set(map(mapping.plain, chosen.head()))) == len(chosen.head())
    assert all((chosen.about.zh_hans, chosen.about.zh_hant, chosen.about.en))


def test_minka_has_a_column_for_every_field() -> None:
    """Nothing the register gives is left out; a birth date is only ever checked."""
    for kind, fields in FIELDS.items():
        columns = set(mapping.dialect(kind, "minka").part.fields)
        assert columns == set(fields) - set(mapping.NEVER_WRITTEN)


def test_the_first_mapping_that_fits_is_taken() -> None:
    """Nobody has to name the dialect of a usual file."""
    heads = {
        "minka": ("number", "name"),
        "aac": ("aac002", "AAC003 ", "AAC001"),
        "chinese": ("姓名", "身份证号"),
        "pinyin": ("xm", "shbzhm"),
    }
    for name, head in heads.items():
        assert mapping.fitting("persons", head).name == name


def test_a_head_that_fits_nothing_names_what_is_missing() -> None:
    """By the column's own name, in the nearest dialect."""
    with pytest.raises(FileFault) as fault:
        mapping.fitting("persons", ("AAC003", "MOBILE"))
    assert fault.value.refused.reason is FileRefusal.COLUMNS
    assert fault.value.refused.facts == {"mapping": "aac", "columns": "AAC002"}
    assert set(REQUIRED["persons"]) == {"number", "name"}


def test_a_partners_mapping_extends_another(tmp_path: Path) -> None:
    """Another state table over the same column names."""
    path = tmp_path / "partner.yaml"
    path.write_text(
        """
extends: aac
cards:
  fields: {card_number: [KAHAO]}
  codes:
    - column: AAZ502
      required: true
      values: {"2": {status: active, lost: provisional}, "3": {status: active, lost: formal}}
""",
        encoding="utf-8",
    )
    chosen = mapping.dialect("cards", str(path))
    assert chosen.part.fields["number"] == ("AAC002", "AAC007")
    assert chosen.part.fields["card_number"] == ("KAHAO",)
    state = next(c for c in chosen.part.codes if c.column == "AAZ502")
    assert set(state.values) == {"2", "3"}
    assert any(c.column == "AAZ163" for c in chosen.part.codes)
    assert chosen.date_form == "%Y%m%d"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("persons: {fields: {nummer: [x]}}", "persons.nummer"),
        ("persons: {fields: {number: 5}}", "persons.fields.number"),
        ("personen: {}", "personen"),
        ("persons: [", "YAML"),
    ],
)
def test_a_wrong_mapping_names_file_key_and_cure(tmp_path: Path, text: str, key: str) -> None:
    """What, where, and after which model to correct it."""
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileFault) as fault:
        mapping.dialect("persons", str(path))
    refused = fault.value.refused
    assert refused.reason is FileRefusal.BAD_MAPPING
    assert refused.facts["mapping"] == "wrong.yaml"
    assert refused.facts["key"] == key
    assert "minka.yaml" in refused.say("en")


def test_an_unknown_mapping_lists_the_known() -> None:
    """Before anything is read."""
    with pytest.raises(FileFault) as fault:
        mapping.dialect("persons", "nobody")
    assert "aac" in fault.value.refused.say("zh-hans")


def test_the_page_about_files_is_what_the_code_says(project: Path) -> None:
    """docs/files.md names every column, code and refusal."""
    assert (project / "docs" / "files.md").read_text(encoding="utf-8") == page.written()
