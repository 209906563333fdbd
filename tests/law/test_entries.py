"""Every entry of the founding text answers exactly what ``golden.txt`` says, and nothing more."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from minka.law.book import REGIONS, Book, Gaps, Source, parse, read
from tests.law.plain import table

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared"
DAY = date(2026, 11, 22)

BLOCKS = {
    block.split()[0]: block.splitlines()
    for block in (HERE / "golden.txt").read_text(encoding="utf-8").split("\n\n")[1:]
    if block.strip()
}


def text_of(region: str) -> dict[str, str]:
    """The rule files of one region, without its overlay."""
    folder = REGIONS / region
    names = [name for name in folder.glob("*.yaml") if name.name != "assumed.yaml"]
    return {f"{region}/{name.name}": name.read_text(encoding="utf-8") for name in names}


@pytest.fixture(scope="module")
def text() -> Book:
    """The book of the founding text alone."""
    return read(gaps=Gaps.LEFT)


def region_of(entry_id: str) -> str:
    """The region an entry stands in: the fragment F5 with R5, the statements anywhere."""
    prefix = entry_id.partition("-")[0]
    return {"F5": "R5", "N": "R1"}.get(prefix, prefix)


@pytest.mark.parametrize("entry_id", BLOCKS)
def test_entry_says_exactly_what_the_text_says(text: Book, entry_id: str) -> None:
    """Values, readings between the lines and silence of R1-01 … R6-08, F5-01, N-01 … N-15."""
    assert table(text.on(region_of(entry_id), DAY).entry(entry_id)) == BLOCKS[entry_id]


def test_no_entry_is_missing_from_the_golden_table(text: Book) -> None:
    """68 rules and statements stand in the book of the text, each once in the table."""
    regions = [region for region in text.regions if region.startswith("R")]
    ids = {entry.id for region in regions for entry in text.on(region, DAY).entries()}
    assert ids == set(BLOCKS)


@pytest.mark.parametrize(
    ("file", "old", "new", "entry_id"),
    [
        ("R1/loss.yaml", "2021-01-22: 10 days", "2021-01-22: 9 days", "R1-01"),
        ("R1/replace.yaml", "after 15 working days", "within 15 working days", "R1-08"),
        ("R3/replace.yaml", "within 3 working days", "within 3 days", "R3-05"),
        ("R4/replace.yaml", "45 working days", "44 working days", "R4-03"),
        ("R5/replace.yaml", "after 7 days", "after 8 days", "R5-04"),
        ("R6/loss.yaml", "24 hours from report", "24 hours", "R6-01"),
        ("R6/replace.yaml", "25 yuan", "25.01 yuan", "R6-06"),
        ("R1/collect.yaml", "resident_id, household_book", "resident_id", "R1-08"),
        ("R2/loss.yaml", "resident_id, original and copy", "resident_id", "R2-04"),
    ],
)
def test_a_changed_rule_no_longer_fits_the_table(
    file: str, old: str, new: str, entry_id: str
) -> None:
    """The table is tied to the values: one changed number, bound or paper is seen."""
    region = file.split("/", maxsplit=1)[0]
    files = text_of(region)
    assert old in files[file]
    files[file] = files[file].replace(old, new)
    changed = parse(files, Gaps.LEFT).on(region, DAY).entry(entry_id)
    assert table(changed) != BLOCKS[entry_id]


def test_text_alone_assumes_nothing(text: Book) -> None:
    """Without the overlay no value of R1 to R6 is assumed, and none is read into the wording."""
    for region in ("R1", "R1b", "R2", "R3", "R4", "R5", "R6"):
        leaves = [leaf for e in text.on(region, DAY).entries() for leaf in e.leaves.values()]
        assert not any(leaf.marked for leaf in leaves)


def test_every_value_has_its_phrase(text: Book) -> None:
    """Each value of the text stands with the phrase it was read from."""
    for entry_id in BLOCKS:
        for name, leaf in text.on(region_of(entry_id), DAY).entry(entry_id).leaves.items():
            assert (leaf.value is None) or leaf.phrases, (entry_id, name)
            assert leaf.assumed is not Source.SILENT or leaf.value is None


def test_a_field_of_another_kind_is_no_field(text: Book) -> None:
    """A collection has no lapse period: asking for it is an error, not silence."""
    law = text.on("R1", DAY)
    assert law.entry("R1-06").leaf("lapse_period").assumed is Source.SILENT
    with pytest.raises(KeyError):
        law.entry("R1-08").leaf("lapse_period")
    with pytest.raises(KeyError):
        law.entry("R9-01")


def phrases(text: Book) -> set[str]:
    """Every phrase the book cites."""
    return {
        phrase
        for entry_id in BLOCKS
        for leaf in text.on(region_of(entry_id), DAY).entry(entry_id).leaves.values()
        for phrase in leaf.phrases
    }


def digest(phrase: str) -> str:
    """Twelve digits that know a phrase again without printing it."""
    return sha256(phrase.encode()).hexdigest()[:12]


def test_phrases_are_the_ones_found_in_the_text(text: Book) -> None:
    """``phrases.txt`` lists the digests of the phrases once found in the founding text."""
    known = (HERE / "phrases.txt").read_text(encoding="utf-8").split()
    assert sorted(map(digest, phrases(text))) == known


@pytest.mark.skipif(not SHARED.exists(), reason="the founding text is not beside the checkout")
def test_phrases_occur_character_by_character(text: Book) -> None:
    """With the founding text at hand: each phrase occurs in it."""
    source = (SHARED / "source/lost-card-guide.zh.txt").read_text(encoding="utf-8")
    assert [phrase for phrase in phrases(text) if phrase not in source] == []
    headings = [text.on(region, DAY).heading for region in text.regions]
    assert [heading for heading in headings if heading not in source] == []


NAMES = {
    "documents.self": "papers_self",
    "documents.agent": "papers_agent",
    "lapse.period": "lapse_period",
    "lapse.action": "lapse_action",
}


def master() -> dict[str, tuple[str, list[str], set[str], set[str]]]:
    """Kind, mission rows, fields and silent fields of each entry of the master copy."""
    page = (SHARED / "reference/city-rules.md").read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        block = re.split(r"^## ", block, flags=re.MULTILINE)[0]  # noqa: PLW2901
        head = re.match(r"((?:R\d+b?|F5)-\d+) ", block)
        kind = re.search(r"^Kind: (\w+)\. Mission: (.*)\.$", block, re.MULTILINE)
        if head and kind:
            rows = re.findall(r"^\| ([a-z_.]+) \| .* \| `.*` \|$", block, re.MULTILINE)
            silent = re.search(r"^Source silent: (.*)\.$", block, re.MULTILINE)
            quiet = silent[1].split(", ") if silent else []
            found[head[1]] = (
                kind[1],
                kind[2].split(),
                {NAMES.get(row, row) for row in rows},
                {NAMES.get(name, name) for name in quiet},
            )
    return found


OURS = {"same_visit_as", "certificate", "condition", "finish", "result", "duty"}
"""Fields that one cell of the master copy holds beside another field."""


@pytest.mark.skipif(not SHARED.exists(), reason="the master copy is not beside the checkout")
def test_fields_are_those_of_the_master_copy() -> None:
    """With the master copy at hand: same kinds, mission rows, fields and silences."""
    entries = master()
    assert set(entries) == {entry_id for entry_id in BLOCKS if not entry_id.startswith("N")}
    for entry_id, (kind, mission, fields, silent) in entries.items():
        head, *rows, last = BLOCKS[entry_id]
        assert head.split()[1] == kind
        assert head.split()[3:] == mission
        ours = {row.split()[0] for row in rows}
        assert ours >= fields, entry_id
        assert ours - fields <= OURS, entry_id
        quiet = {name for name in last.removeprefix("  silent:").strip().split(", ") if name}
        assert quiet == silent, entry_id
