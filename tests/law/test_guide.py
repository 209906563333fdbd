"""Guide, checklist, script, words and commands say what the book says (B2, H11, A1, E2)."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from minka.doors.cli_rules import rules
from minka.kit.clock import CHINA
from minka.kit.words import Words
from minka.law.book import REGIONS, Book, read
from minka.law.explain import as_data, changes, explain, topics
from minka.law.guide import Duty, checklist, folder, markdown, page, script
from minka.law.lines import lines
from minka.law.papers import AllOf, missing
from minka.law.reading import FORMS, fields_of
from minka.law.region import Source
from minka.law.terms import UnknownTermError, term, vocabulary

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 15, tzinfo=CHINA)
LANGUAGES = ("zh-hans", "zh-hant", "en")
REGION_IDS = ("R1", "R1b", "R2", "R3", "R4", "R5", "R6", "V1", "V2")
STALE = "docs/regions is stale: run `minka rules guide docs/regions`"


@pytest.fixture(scope="module")
def book() -> Book:
    """The book with the demo overlay."""
    return read()


def test_the_pages_in_docs_are_those_of_the_book(book: Book) -> None:
    """``docs/regions`` is generated; a changed rule without its page fails here (H11)."""
    laws = tuple(book.on(region, DAY) for region in book.regions)
    pages = folder(laws, AT, book.workdays())
    committed = {f.name: f.read_text(encoding="utf-8") for f in (ROOT / "docs/regions").iterdir()}
    assert sorted(committed) == sorted(pages), STALE
    assert [name for name in pages if committed[name] != pages[name]] == [], STALE


@pytest.mark.parametrize("region", REGION_IDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_says_every_rule_and_marks_what_is_assumed(
    book: Book, region: str, language: str
) -> None:
    """Each spoken field stands on the page, with its phrase or with the mark."""
    law = book.on(region, DAY)
    guide = page(law, AT, book.workdays())
    text = markdown(guide, language)
    mark = term("source", "assumed").say(language)
    for entry, section in zip(law.entries(), guide.sections, strict=True):
        assert f"`{entry.ref}`" in text
        for line, item in zip(lines(entry, AT, book.workdays()), section.items, strict=True):
            assert item.words.say(language) in text
            assert line.cite in text
            assert (not line.cite) <= item.marked
            told = item.example.say(language) if item.example else ""
            assert line.due_text in told
    assert (mark in text) == any(item.marked for s in guide.sections for item in s.items)


def test_a_guide_follows_its_rule(book: Book) -> None:
    """Another period gives another page (A6)."""
    law = book.on("R1", DAY)
    assert "2026-12-02 15:00" in markdown(page(law, AT, book.workdays()), "en")
    later = datetime(2026, 11, 23, 15, tzinfo=CHINA)
    assert "2026-12-02 15:00" not in markdown(page(law, later, book.workdays()), "en")


@pytest.mark.parametrize("region", REGION_IDS)
@pytest.mark.parametrize("actor", ["holder", "agent", "employer_clerk"])
def test_the_checklist_is_the_rules_papers_and_facts(book: Book, region: str, actor: str) -> None:
    """B2: the clerk sees exactly the papers that the desk will ask for, and asks the facts."""
    for entry in book.on(region, DAY).entries():
        steps = checklist(entry, actor)
        seen = tuple(step.need for step in steps if step.duty is Duty.SEE)
        papers = entry.value("papers_self" if actor == "holder" else "papers_agent")
        wanted = papers.items if isinstance(papers, AllOf) else (papers,)
        assert seen == (wanted if papers is not None else ())
        facts = entry.value("facts_stated")
        asked = [step.code for step in steps if step.duty is Duty.ASK and step.code != "condition"]
        assert asked[: len(facts.names)] == list(facts.names) if facts else asked == []


def test_the_checklist_of_r1_06(book: Book) -> None:
    """A8: the own ID card, and the declaration that the card cannot be found."""
    entry = book.on("R1", DAY).entry("R1-06")
    said = [(step.duty.value, step.words.zh_hans) for step in checklist(entry)]
    assert said == [("see", "查验：居民身份证"), ("ask", "请声明：本人确定卡无法找回")]
    need = checklist(entry)[0].need
    assert need is not None
    assert missing(need, ()) == (need,)


def test_the_hotline_script_of_r1(book: Book) -> None:
    """A1: two facts, then number and computed instants, never the ten days themselves."""
    law = book.on("R1", DAY)
    entry = law.loss(channel="hotline")
    assert entry is not None
    steps = script(law, entry)
    codes = ["greeting", "name", "id_number", "taken", "stops", "bank", "release", "found"]
    assert [step.code for step in steps] == codes
    assert not any("10" in step.words.say(lang) for step in steps for lang in LANGUAGES)
    assert (
        steps[6]
        .words.say("zh-hans", lapses_at="2026-12-02 15:00")
        .startswith("挂失有效至2026-12-02 15:00")
    )


def test_the_hotline_script_of_r3(book: Book) -> None:
    """E2, E3: four facts, more if needed, then the staff confirm; nothing lapses."""
    law = book.on("R3", DAY)
    codes = [step.code for step in script(law, law.entry("R3-01"))]
    facts = ["name", "id_number", "card_number", "employer_name", "further_facts"]
    assert codes == ["greeting", *facts, "confirm", "taken", "stops", "bank", "none", "found"]


def test_scripts_of_the_invented_regions(book: Book) -> None:
    """The bank's own end is said in V1, the cancellation in V2."""
    v1, v2 = book.on("V1", DAY), book.on("V2", DAY)
    assert "bank_lapse" in [step.code for step in script(v1, v1.entry("V1-01"))]
    assert "cancel" in [step.code for step in script(v2, v2.entry("V2-02"))]
    assert "final" in [step.code for step in script(v2, v2.entry("V2-05"))]


def test_scripts_speak_three_languages_and_leave_places_for_instants(book: Book) -> None:
    """Every sentence of every script fills with the desk's instants and nothing else."""
    places = {"receipt", "accepted_at", "stops_by", "bank_stops_by", "lapses_at", "bank_lapses_at"}
    for region in book.regions:
        law = book.on(region, DAY)
        for entry in law.entries("loss"):
            for step in script(law, entry):
                for language in LANGUAGES:
                    left = set(re.findall(r"\{(\w+)\}", step.words.say(language)))
                    assert left <= places


def test_every_field_and_kind_has_words() -> None:
    """No field, kind or source without its three words; no term twice the same by mistake."""
    for name in FORMS:
        assert term("field", name).en
    for kind in ("loss", "lapse", "withdraw", "replace", "collect", "statement"):
        assert term("kind", kind).zh_hans
        assert set(fields_of(kind)) <= set(FORMS)
    for source in Source:
        assert term("source", source.value).en


def test_every_term_is_said_three_times() -> None:
    """Simplified, traditional, English: none empty, English without Chinese."""
    for kind, terms in vocabulary().items():
        for code, words in terms.items():
            assert isinstance(words, Words)
            assert words.zh_hans, (kind, code)
            assert words.zh_hant, (kind, code)
            assert words.en, (kind, code)
            assert words.en.isascii(), (kind, code)


def test_terms_are_known_by_kind() -> None:
    """An unknown code is a mistake of the caller."""
    assert term("paper", "resident_id").zh_hant == "居民身份證"
    with pytest.raises(UnknownTermError):
        term("paper", "sword")
    with pytest.raises(UnknownTermError):
        term("weapon", "resident_id")


def test_explanation_as_data(book: Book) -> None:
    """The instants by name, the phrase, the version of the rule and the marks."""
    (told,) = explain(book.on("R1", DAY), "R1-01", AT, book.workdays())
    data = as_data(told, "en")
    assert data["instants"]["lapses_at"] == {
        "at": "2026-12-02T15:00:00+08:00",
        "day": "2026-12-02",
        "text": "2026-12-02 15:00",
        "standing": "firm",
        "assumed": True,
    }
    assert data["fields"]["lapse_period"]["phrase"] == "預掛失的有效時間為10天"
    assert data["fields"]["lapse_period"]["open_points"] == ["O1-1", "O1-2"]
    assert data["fields"]["force"]["assumed"] is False
    assert data["rule"] == told.entry.ref
    assert explain(book.on("R1", DAY), "weather", AT, book.workdays()) == ()
    assert {"loss", "R1-01"} <= set(topics(book.on("R1", DAY)))


def test_what_changes_between_two_days(book: Book) -> None:
    """Nothing changes in R1; another region is another law."""
    r1, r6 = book.on("R1", DAY), book.on("R6", DAY)
    assert changes(r1, book.on("R1", date(2030, 1, 1))) == ()
    assert ("R1-01", "force") in {(c.entry, c.field) for c in changes(r1, r6)}


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of ``minka rules``."""
    result = CliRunner().invoke(rules, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_command_explain() -> None:
    """Computed instants, phrase, rule and marks at a given time."""
    code, out, _ = run("explain", "R1", "replace", "--at", "2026-11-22T15:00", "--lang", "en")
    assert code == 0
    assert "→ 2026-12-11 「15個工作日後」 〔假定 assumed O1-7〕" in out
    assert "R1-07@2021-01-22#" in out
    code, out, _ = run("explain", "R6", "R6-01", "--at", "2026-11-22T15:00", "--json")
    told = json.loads(out)["rules"][0]
    assert told["instants"]["lapses_at"]["text"] == "2026-11-23 15:00"
    code, out, _ = run("explain", "R4", "R4-03", "--at", "2026-11-22T15:00")
    assert "〔暂定 provisional〕" in out


def test_command_explain_without_the_overlay() -> None:
    """The text alone: the ten days unmarked, nothing assumed."""
    code, out, _ = run("explain", "R1", "R1-01", "--at", "2026-11-22T15:00", "--text-only")
    assert code == 0
    assert "→ 2026-12-02 15:00" in out
    assert "assumed" not in out


def test_command_explain_unknown() -> None:
    """An unknown region or topic is not found (3), and a time that is none is a usage error (2)."""
    assert run("explain", "R9", "loss")[0] == 3
    code, _, err = run("explain", "R1", "weather")
    assert code == 3
    assert "R1-01" in err
    assert run("explain", "R1", "loss", "--at", "noon")[0] == 2


def test_command_list_and_check() -> None:
    """Regions with their rules; gaps with their marks."""
    _, out, _ = run("list")
    assert "R1-01" in out
    _, out, _ = run("list", "--json", "--lang", "en")
    assert [region["id"] for region in json.loads(out)] == list(REGION_IDS)
    code, out, _ = run("check", "--json")
    assert code == 0
    gaps = [gap for region in json.loads(out) for gap in region["gaps"]]
    assert {gap["answer"] for gap in gaps} == {"assumed"}
    _, out, _ = run("check", "--text-only")
    assert "空缺 open     R1-01.facts_stated" in out
    assert "O1-4" in out


def test_command_check_of_a_broken_folder(tmp_path: Path) -> None:
    """Exit 2, with file, key and cure."""
    region = tmp_path / "R1"
    region.mkdir()
    for name in (REGIONS / "R1").glob("*.yaml"):
        text = name.read_text(encoding="utf-8").replace("10 days", "ten days")
        (region / name.name).write_text(text, encoding="utf-8")
    code, _, err = run("check", str(tmp_path), "--lang", "en")
    assert code == 2
    assert "R1/loss.yaml: R1-05.lapse_period.2021-01-22: Cannot be read" in err


def test_command_diff_and_guide(tmp_path: Path) -> None:
    """Nothing changes between two days of one law; the pages are written."""
    assert run("diff", "R1", "2026-01-01", "2027-01-01") == (0, "", "")
    assert run("guide", str(tmp_path / "pages"))[0] == 0
    assert (tmp_path / "pages" / "R1.md").exists()


def test_command_seed_calendar() -> None:
    """The table of working days is what the published source says; unpublished years are not."""
    table = (ROOT / "minka/law/calendar.yaml").read_text(encoding="utf-8")
    for year in range(2021, 2027):
        code, out, _ = run("seed-calendar", str(year))
        assert code == 0
        assert yaml.safe_load(out)[year] == yaml.safe_load(table)[year]
    assert run("seed-calendar", "2099")[0] == 3
