"""Broken rule files: each mistake names file, key and cure, and all are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from minka.law.book import Gaps, LawFault, parse, read
from minka.law.faults import Flaw

REGION = """
id: X1
names: {zh_hans: 甲, zh_hant: 甲, en: A}
card_name: 社会保障卡
card_kind: social_security_card
"""
LAPSE = """
X1-01:
  kind: lapse
  lapse_period:
    cite: 預掛失的有效時間為10天
    since:
      2021-01-22: 10 days
  lapse_action:
    cite: 超過有效時限自動解掛
    since:
      2021-01-22: release
"""
OTHER = """
X1-02:
  kind: lapse
  lapse_period:
    cite: 預掛失的有效時間為10天
    see: X1-01
  lapse_action:
    cite: 超過有效時限自動解掛
    see: X1-01
"""


def files(lapse: str = LAPSE, region: str = REGION, assumed: str = "") -> dict[str, str]:
    """A region of one entry, with or without an overlay."""
    made = {"X1/region.yaml": region, "X1/loss.yaml": lapse}
    return {**made, "X1/assumed.yaml": assumed} if assumed else made


def swap(old: str, new: str, text: str = LAPSE) -> str:
    """A text with one thing changed, which must be there."""
    assert old in text
    return text.replace(old, new, 1)


def assume(fields: str, target: str = "X1-01") -> str:
    """An overlay of one assumption."""
    return f"assumed:\n  - for: [{target}]\n    note: why\n    {fields}\n"


CASES: dict[Flaw, tuple[dict[str, str], str, str, str]] = {
    Flaw.NO_FILES: (
        {},
        ".",
        "-",
        "This folder holds no rule files; name one that holds <REGION>/<topic>.yaml.",
    ),
    Flaw.NOT_YAML: (
        files(swap("  kind: lapse", "  kind: [lapse")),
        "X1/loss.yaml",
        "-",
        "Line 4 is not valid YAML (did not find expected ',' or ']'); correct that line.",
    ),
    Flaw.TWICE: (
        files(swap("10 days", "10 days\n      2021-01-22: 7 days")),
        "X1/loss.yaml",
        "2021-01-22",
        "This key is written twice (line 8); keep one of them.",
    ),
    Flaw.NO_REGION_FILE: (
        {"X1/loss.yaml": LAPSE},
        "X1/region.yaml",
        "-",
        "The region has no region.yaml; add one with its id, names and card_name.",
    ),
    Flaw.MISSING_KEY: (
        files(region=swap("card_name: 社会保障卡\n", "", REGION)),
        "X1/region.yaml",
        "card_name",
        "This key is missing; add it.",
    ),
    Flaw.UNKNOWN_KEY: (
        files(swap("    since:", "    from: 2021\n    since:")),
        "X1/loss.yaml",
        "X1-01.lapse_period.from",
        (
            "There is no such key; remove it or write one of: cite, since, cites, see, inferred,"
            " unvalued, note."
        ),
    ),
    Flaw.WRONG_TYPE: (
        files(swap("kind: lapse", "kind: 3")),
        "X1/loss.yaml",
        "X1-01.kind",
        (
            "The value here has the wrong type (Input should be 'loss', 'lapse', 'withdraw',"
            " 'replace', 'collect', 'balance', 'query', 'pin', 'use', 'claim' or 'statement');"
            " rewrite it as asked."
        ),
    ),
    Flaw.WRONG_VALUE: (
        files(swap("10 days", "ten days")),
        "X1/loss.yaml",
        "X1-01.lapse_period.2021-01-22",
        "Cannot be read as `lapse_period`: 'ten days'; write it like: 10 days.",
    ),
    Flaw.UNKNOWN_TERM: (
        files(swap("release", "let_go")),
        "X1/loss.yaml",
        "X1-01.lapse_action.2021-01-22",
        "No term `let_go` of kind lapse_action; use one of terms.yaml, or add it there first.",
    ),
    Flaw.NOT_OF_KIND: (
        files(LAPSE + "  silent: [promise]\n"),
        "X1/loss.yaml",
        "X1-01.promise",
        "An entry of kind lapse has no such field; move it to an entry that has.",
    ),
    Flaw.NEITHER: (
        files(LAPSE.partition("  lapse_action")[0]),
        "X1/loss.yaml",
        "X1-01.lapse_action",
        "The field has no value and is not listed as silent; give one or list it.",
    ),
    Flaw.BOTH: (
        files(LAPSE + "  silent: [lapse_period]\n"),
        "X1/loss.yaml",
        "X1-01.lapse_period",
        "The field has a value and is listed as silent too; remove one of the two.",
    ),
    Flaw.NO_VALUE: (
        files(swap("    since:\n      2021-01-22: release\n", "")),
        "X1/loss.yaml",
        "X1-01.lapse_action",
        "The field has no value; write since (date: value), see, or unvalued.",
    ),
    Flaw.NO_PHRASE: (
        files(swap("    cite: 預掛失的有效時間為10天\n", "")),
        "X1/loss.yaml",
        "X1-01.lapse_period",
        "The value names no source; write the exact phrase as cite.",
    ),
    Flaw.NO_TARGET: (
        files(LAPSE + swap("see: X1-01", "see: X1-09", OTHER)),
        "X1/loss.yaml",
        "X1-02.lapse_period",
        "`see` points to X1-09, which has no such field; point to an entry that has.",
    ),
    Flaw.SAME_ID: (
        files(assumed="entries:" + LAPSE.replace("\n", "\n  ")),
        "X1/assumed.yaml",
        "entries.X1-01",
        "The entry id X1-01 is used already; choose another.",
    ),
    Flaw.NOTHING_TO_ASSUME: (
        files(assumed=assume("values: {lapse_action: cancel}")),
        "X1/assumed.yaml",
        "assumed.0.X1-01.lapse_action",
        "The text gives a value here, so none may be assumed; remove the assumption.",
    ),
    Flaw.NO_ENTRY: (
        files(assumed=assume("values: {again: allowed}", "X1-07")),
        "X1/assumed.yaml",
        "assumed.0.for",
        "There is no entry X1-07; name one of this region.",
    ),
    Flaw.UNKNOWN_POINT: (
        files(assumed=assume("values: {again: allowed}\n    answers: [O9-9]")),
        "X1/assumed.yaml",
        "assumed.0.answers",
        "There is no open point O9-9; name one of open.yaml.",
    ),
}


def test_the_smallest_book_is_whole() -> None:
    """What the cases break is sound before."""
    book = parse(files(LAPSE + OTHER, assumed=assume("values: {again: allowed}")))
    assert book.regions == ("X1",)


@pytest.mark.parametrize("flaw", list(Flaw), ids=lambda flaw: flaw.name)
def test_each_mistake_names_file_key_and_cure(flaw: Flaw) -> None:
    """Every sentence of ``Flaw`` is said for a file that has that mistake."""
    broken, file, key, cure = CASES[flaw]
    with pytest.raises(LawFault) as caught:
        parse(broken)
    fault = next(fault for fault in caught.value.faults if fault.flaw is flaw)
    assert (fault.file, fault.key, fault.cure()) == (file, key, cure)
    assert fault.say() == f"{file}: {key}: {cure}"
    assert fault.say() in str(caught.value)


@pytest.mark.parametrize("flaw", list(Flaw), ids=lambda flaw: flaw.name)
def test_each_sentence_is_whole_in_three_languages(flaw: Flaw) -> None:
    """No place in a sentence stays unfilled."""
    with pytest.raises(LawFault) as caught:
        parse(CASES[flaw][0])
    fault = next(fault for fault in caught.value.faults if fault.flaw is flaw)
    said = {fault.cure(language) for language in ("zh-hans", "zh-hant", "en")}
    assert len(said) == 3
    assert not any("…" in sentence or "{" in sentence for sentence in said)


def test_all_mistakes_are_told_at_once() -> None:
    """Three mistakes in two files come in one answer; the first one heads it."""
    broken = files(
        swap("10 days", "ten days", swap("release", "let_go")),
        assumed=assume("values: {}", "X1-07"),
    )
    with pytest.raises(LawFault) as caught:
        parse(broken)
    assert [fault.flaw.name for fault in caught.value.faults] == [
        "WRONG_VALUE",
        "UNKNOWN_TERM",
        "NO_ENTRY",
    ]
    assert caught.value.file == "X1/loss.yaml"
    assert caught.value.key == "X1-01.lapse_period.2021-01-22"


@pytest.mark.parametrize(
    ("fields", "flaw"),
    [
        ("readings: {lapse_period: {calendar: lunar}}", Flaw.WRONG_VALUE),
        ("readings: {lapse_period: {colour: red}}", Flaw.UNKNOWN_KEY),
        ("readings: {again: {calendar: civil}}", Flaw.NO_VALUE),
        ("readings: {promise: {calendar: civil}}", Flaw.NOT_OF_KIND),
        ("values: {promise: 3 days}", Flaw.NOT_OF_KIND),
        ("values: {again: perhaps}", Flaw.UNKNOWN_TERM),
        ("see: {again: X1-01}", Flaw.NO_TARGET),
    ],
)
def test_an_assumption_is_checked_like_a_rule(fields: str, flaw: Flaw) -> None:
    """A wrong reading is no reading."""
    with pytest.raises(LawFault) as caught:
        parse(files(assumed=assume(fields)))
    assert flaw in {fault.flaw for fault in caught.value.faults}


def test_a_reading_fills_only_what_the_wording_leaves_open() -> None:
    """Where the text names the start, no other may be read into it."""
    named = swap("10 days", "10 days from report")
    fields = "readings: {lapse_period: {start: acceptance}}"
    with pytest.raises(LawFault) as caught:
        parse(files(named, assumed=assume(fields)))
    assert [fault.flaw for fault in caught.value.faults] == [Flaw.NOTHING_TO_ASSUME]
    parse(files(assumed=assume(fields)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("10 days", "[10 days]"),
        ("10 days", "10"),
        ("kind: lapse", "kind: lapse\n  valid_from: soon"),
        ("kind: lapse", "kind: lapse\n  role: leading"),
        ("2021-01-22: 10 days", "last spring: 10 days"),
    ],
)
def test_odd_values_are_faults_and_no_crash(old: str, new: str) -> None:
    """Whatever stands in a file, the answer is a fault with its place."""
    with pytest.raises(LawFault) as caught:
        parse(files(swap(old, new)))
    assert caught.value.key.startswith("X1-01")


@pytest.mark.parametrize(
    ("broken", "key", "known"),
    [
        (files(region=REGION + "colour: red\n"), "colour", "id, names, card_name"),
        (files(region=swap("en: A", "en: A, fr: A", REGION)), "names.fr", "zh_hans, zh_hant, en"),
        (files(assumed="colour: red\n"), "colour", "names, administrative_code, assumed, entries"),
        (files(assumed=assume("value: {}")), "assumed.0.value", "for, values, see, readings"),
    ],
)
def test_an_unknown_key_is_told_the_known_ones(
    broken: dict[str, str], key: str, known: str
) -> None:
    """The cure lists the keys of the very place."""
    with pytest.raises(LawFault) as caught:
        parse(broken)
    assert caught.value.key == key
    assert known in caught.value.cure


@pytest.mark.parametrize("text", ["- a\n- b", "word", "3"])
def test_a_topic_is_a_mapping(text: str) -> None:
    """A list or a word is no topic."""
    with pytest.raises(LawFault) as caught:
        parse(files(text))
    assert caught.value.faults[0].flaw is Flaw.WRONG_TYPE


def test_an_empty_topic_is_empty() -> None:
    """A file without content breaks nothing."""
    assert parse(files(""), Gaps.LEFT).regions == ("X1",)


def test_an_empty_folder(tmp_path: Path) -> None:
    """A folder without rules says so."""
    with pytest.raises(LawFault, match="no rule files"):
        read(tmp_path)
