"""The book through years and regions: dated lines, the overlay, how an act finds its rule."""

from __future__ import annotations

from datetime import date, datetime
from time import perf_counter

import pytest

from minka.kit.clock import CHINA
from minka.kit.fen import Fen
from minka.kit.workdays import Standing
from minka.law.book import REGIONS, Book, Gaps, Source, parse, read
from minka.law.gaps import Answer, gaps, needed, points
from minka.law.history import canonical
from minka.law.region import AGENTS
from minka.law.values import Fee, Until, Verdict, Where

DAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 15, 33, 7, tzinfo=CHINA)


@pytest.fixture(scope="module")
def book() -> Book:
    """The book with the demo overlay."""
    return read()


def own_files() -> dict[str, str]:
    """The rule files of Minka by name."""
    names = [*REGIONS.glob("*/*.yaml"), *REGIONS.glob("*.yaml")]
    return {str(n.relative_to(REGIONS)): n.read_text(encoding="utf-8") for n in names}


SEVEN_FROM_MARCH = ("2021-01-22: 10 days", "2021-01-22: 10 days\n      2027-03-01: 7 days")


@pytest.fixture(scope="module")
def changed() -> Book:
    """The book with one dated line more: ten days become seven on 1 March 2027."""
    files = own_files()
    assert files["R1/loss.yaml"].count(SEVEN_FROM_MARCH[0]) == 1
    files["R1/loss.yaml"] = files["R1/loss.yaml"].replace(*SEVEN_FROM_MARCH)
    return parse(files)


@pytest.mark.parametrize("entry_id", ["R1-01", "R1-02", "R1-03", "R1-04", "R1-05", "R1-A1"])
def test_one_dated_line_changes_every_report(changed: Book, entry_id: str) -> None:
    """A6: acts of February lapse after ten days, acts of March after seven, by the same file."""
    before = changed.on("R1", date(2027, 2, 28)).entry(entry_id)
    after = changed.on("R1", date(2027, 3, 1)).entry(entry_id)
    assert before.leaf("lapse_period").value.value == 10
    assert after.leaf("lapse_period").value.value == 7
    assert after.leaf("lapse_period").readings == ("O1-1", "O1-2")
    assert after.leaf("lapse_period").since == date(2027, 3, 1)


def test_the_old_phrase_does_not_prove_the_new_value(changed: Book) -> None:
    """A later value stands without the founding phrase, which says ten days."""
    before = changed.on("R1", date(2027, 2, 28)).entry("R1-01").leaf("lapse_period")
    after = changed.on("R1", date(2027, 3, 1)).entry("R1-01").leaf("lapse_period")
    assert (before.cite, after.cite) == ("預掛失的有效時間為10天", "")


def test_a_later_value_can_bring_its_own_phrase() -> None:
    """The notice that changes the rule is cited beside its date."""
    files = own_files()
    new = f"{SEVEN_FROM_MARCH[1]}\n    cites:\n      2027-03-01: 预挂失有效期为7天"
    files["R1/loss.yaml"] = files["R1/loss.yaml"].replace(SEVEN_FROM_MARCH[0], new)
    leaf = parse(files).on("R1", date(2027, 3, 1)).entry("R1-05").leaf("lapse_period")
    assert leaf.cite == "预挂失有效期为7天"


def test_an_act_stores_which_version_ruled_it(changed: Book, book: Book) -> None:
    """The reference names entry, date and content; it finds that version again and no other."""
    before = changed.on("R1", date(2027, 2, 28)).entry("R1-01")
    after = changed.on("R1", date(2027, 3, 1)).entry("R1-01")
    assert before.ref.startswith("R1-01@2021-01-22#")
    assert after.ref.startswith("R1-01@2027-03-01#")
    assert changed.cited(before.ref) == before
    assert changed.cited(after.ref) == after
    assert changed.cited(before.ref[:-1] + "x") is None
    assert changed.cited("R9-01@2021-01-22#00000000") is None
    assert book.on("R1", DAY).entry("R1-01").ref == before.ref


def test_a_rule_can_begin_and_end() -> None:
    """F1: 現階段 is temporary by its own words; an entry keeps its dates."""
    files = own_files()
    file = files["R4/replace.yaml"]
    dated = "  kind: replace\n  valid_from: 2022-01-01\n  valid_to: 2028-01-01\n"
    files["R4/replace.yaml"] = file.replace("  kind: replace\n", dated, 1)
    changed = parse(files, Gaps.LEFT)
    days = [date(2021, 12, 31), date(2022, 1, 1), date(2027, 12, 31), date(2028, 1, 1)]
    stood = [any(e.id == "R4-01" for e in changed.on("R4", day).entries()) for day in days]
    assert stood == [False, True, True, False]


def test_before_the_text_nothing_is_known(book: Book) -> None:
    """Before 2021-01-22 no rule is known to stand."""
    law = book.on("R1", date(2021, 1, 21))
    assert law.entries() == ()
    assert law.loss(channel="hotline") is None


def test_unknown_region(book: Book) -> None:
    """A region without rules is a mistake of the caller."""
    with pytest.raises(KeyError):
        book.on("R9", DAY)


def test_the_law_of_a_day_is_made_once(book: Book) -> None:
    """Days between two changes share one object, so asking costs nothing."""
    assert book.on("R1", DAY) is book.on("R1", date(2026, 11, 23))


def test_reading_is_quick() -> None:
    """The whole book is read in a blink (best of three on a busy machine)."""
    times = []
    for _ in range(3):
        began = perf_counter()
        read()
        times.append(perf_counter() - began)
    assert min(times) < 0.3


DUES = [
    ("R1", "R1-01", "lapse_period", "2026-12-02T15:33:07", "2026-12-02"),
    ("R1", "R1-A1", "lapse_period", "2026-12-02T15:33:07", "2026-12-02"),
    ("R1", "R1-07", "promise", "2026-12-11T00:00:00", "2026-12-11"),
    ("R3", "R3-01", "stop_deadline", "2026-11-22T16:33:07", "2026-11-22"),
    ("R3", "R3-03", "resume_deadline", "2026-11-22T16:33:07", "2026-11-22"),
    ("R3", "R3-05", "promise", "2026-11-26T00:00:00", "2026-11-25"),
    ("R5", "R5-04", "promise", "2026-11-29T00:00:00", "2026-11-29"),
    ("R6", "R6-01", "lapse_period", "2026-11-23T15:33:07", "2026-11-23"),
    ("R6", "R6-06", "promise", "2026-11-22T15:33:07", "2026-11-22"),
    ("V1", "V1-04", "lapse_period", "2026-11-29T15:33:07", "2026-11-29"),
    ("V1", "V1-04", "bank_lapse_period", "2026-11-27T15:33:07", "2026-11-27"),
    ("V2", "V2-01", "lapse_period", "2026-11-26T00:00:00", "2026-11-25"),
    ("V2", "V2-02", "lapse_period", "2026-12-07T15:33:07", "2026-12-07"),
]


@pytest.mark.parametrize(("region", "entry_id", "field", "end", "day"), DUES)
def test_what_a_person_is_told(
    book: Book, region: str, entry_id: str, field: str, end: str, day: str
) -> None:
    """The computed instants of each region for one report on 22 November 2026 at 15:33:07."""
    due = book.on(region, DAY).entry(entry_id).due(field, AT, book.workdays(region))
    assert due is not None
    assert due.at == datetime.fromisoformat(end).replace(tzinfo=CHINA)
    assert (due.day.isoformat(), due.firmness) == (day, Standing.FIRM)


def test_forty_five_working_days_reach_into_the_unpublished_year(book: Book) -> None:
    """R4-03 (F4): the date is told, and told to be provisional, until the notice comes."""
    entry = book.on("R4", DAY).entry("R4-03")
    due = entry.due("promise", AT, book.workdays())
    assert due is not None
    assert due.firmness is Standing.PROVISIONAL
    loaded = book.with_year(2027, [date(2027, 1, 1)], [])
    again = entry.due("promise", AT, loaded.workdays())
    assert again is not None
    assert (again.day - due.day).days > 0


def test_local_days_of_one_region() -> None:
    """A region may rest on a day of its own; the others work."""
    files = own_files()
    files["V2/region.yaml"] += "local_days: {2026: {rest: [2026-11-23], work: [2026-11-22]}}\n"
    days = parse(files)
    assert not days.workdays("V2").is_workday(date(2026, 11, 23))
    assert days.workdays("V2").is_workday(date(2026, 11, 22))
    assert days.workdays("V1").is_workday(date(2026, 11, 23))
    assert days.workdays().is_workday(date(2026, 11, 23))


def test_variety_seen_elsewhere_can_be_said(book: Book) -> None:
    """Two parts apart, renewal, cancellation, a fee by reason, withdrawal where reported."""
    v1, v2 = book.on("V1", DAY), book.on("V2", DAY)
    assert v1.entry("V1-04").value("renewable") == "by_another_report"
    fee = v1.entry("V1-07").value("fee")
    assert [fee.due("lost"), fee.due("damaged"), fee.due("stolen")] == [2000, 1000, 0]
    assert fee.due("lost", waiver="low_income") == Fen(0)
    assert fee.due("lost", waiver="rich") == 2000
    assert v2.entry("V2-02").value("lapse_action") == "cancel"
    assert v2.entry("V2-01").value("lapse_action") == "release"
    assert v2.entry("V2-06").value("withdrawal").where is Where.WHERE_REPORTED
    assert v1.invented
    assert not book.on("R1", DAY).invented


def test_what_may_be_taken_back(book: Book) -> None:
    """A14: in R1 never after formal loss. E7: in R3 until the re-issue is completed."""
    r1 = book.on("R1", DAY).entry("R1-09").value("withdrawal")
    assert r1.verdict("formal") is Verdict.REFUSED
    assert r1.verdict("provisional") is Verdict.ALLOWED
    r3 = book.on("R3", DAY).entry("R3-03").value("withdrawal")
    assert r3.until is Until.COMPLETION
    text = read(gaps=Gaps.LEFT).on("R1", DAY).entry("R1-09").value("withdrawal")
    assert text.verdict("provisional") is Verdict.SILENT


def test_no_region_lets_a_formal_loss_go(book: Book) -> None:
    """Whatever the region, a formal loss stands."""
    for region in book.regions:
        found = book.on(region, DAY).withdrawal()
        assert found is not None
        assert found.value("withdrawal").after_formal is Verdict.REFUSED


def test_assumed_values_are_marked_and_say_why(book: Book) -> None:
    """Every value the text does not give carries the mark; assumptions about R1-R6 say why."""
    text = read(gaps=Gaps.LEFT)
    for region in text.regions:
        spoken = {entry.id: entry for entry in text.on(region, DAY).entries()}
        for entry in book.on(region, DAY).entries():
            for name, leaf in entry.leaves.items():
                known = spoken[entry.id].leaf(name) if entry.id in spoken else None
                if leaf.value is None or (known and known.value == leaf.value):
                    continue
                assert leaf.marked, (entry.id, name)
                assert leaf.note or "-A" in entry.id, (entry.id, name)
                if known and known.value is not None:
                    assert leaf.assumed is known.assumed
                    assert leaf.readings or leaf.note, (entry.id, name)


def test_the_text_alone_leaves_gaps_and_the_demo_none(book: Book) -> None:
    """A demo city can run: no field a journey needs is silent; the text alone could not."""
    text = read(gaps=Gaps.LEFT)
    for region in book.regions:
        left = [gap for gap in gaps(book.on(region, DAY)) if gap.answer is Answer.OPEN]
        assert left == []
    open_fields = {f"{gap.entry}.{gap.field}" for gap in gaps(text.on("R1", DAY))}
    assert {"R1-01.facts_stated", "R1-08.deadline", "R1-07.fee"} <= open_fields


def test_open_points_are_answered_or_shown(book: Book) -> None:
    """O1-1 is answered by the demo, O1-8 stays open; the text alone answers none."""
    answers = {point.id: answer for point, answer in points(book.on("R1", DAY))}
    assert answers["O1-1"] is Answer.ASSUMED
    assert answers["O1-8"] is Answer.OPEN
    text = read(gaps=Gaps.LEFT)
    assert {answer for _, answer in points(text.on("R6", DAY))} == {Answer.OPEN}


def test_an_agents_entry_needs_the_agents_papers(book: Book) -> None:
    """B6: where only agents act, their papers are what the journey needs."""
    entry = book.on("R2", DAY).entry("R2-06")
    assert set(entry.value("actors")) <= AGENTS
    assert "papers_agent" in needed(entry)
    assert "papers_self" not in needed(entry)


def test_demo_cities_are_no_cities(book: Book) -> None:
    """Every demo city is called an example and has a code no region of China has."""
    for region in book.regions:
        law = book.on(region, DAY)
        assert law.names.zh_hans.startswith("示例")
        assert law.names.en.startswith("Example")
        assert law.administrative_code.startswith("99")
    assert len({book.on(r, DAY).administrative_code for r in book.regions}) == len(book.regions)


def test_source_is_true_only_when_assumed() -> None:
    """``if leaf.assumed`` asks for the mark."""
    assert [source for source in Source if source] == [Source.ASSUMED]


def test_a_reference_outlives_a_new_field_of_a_shape() -> None:
    """What stands at its default is not part of a reference; what is set is."""
    fee = Fee(Fen(2500))
    assert canonical(fee) == "Fee{amount_fen=2500}"
    assert canonical(Fee(Fen(2500), waived_for=("low_income",))) != canonical(fee)
    assert canonical((Verdict.SILENT, date(2026, 1, 1), None)) == "(silent,2026-01-01,None)"
