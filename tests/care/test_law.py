"""The law of benefits: dated, marked, referenced; a wrong file names file, key and cure (X33)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import minka.law.benefits as law
from minka.law.benefit_leaves import CITY, SCHEME
from minka.law.benefits import LawFault, Mark, NoBenefits, benefits, parse, published
from minka.law.book import read
from tests.care.bills import the_plan

FOLDER = Path(law.__file__).with_name("benefits")
A = (FOLDER / "demo-city-A.yaml").read_text("utf-8")


def swapped(old: str, new: str, text: str = A) -> dict[str, str]:
    """Demo city A with one thing changed, which must be there."""
    assert old in text
    return {"demo-city-A.yaml": text.replace(old, new, 1)}


def test_a_value_stands_by_its_day() -> None:
    """6.1: the rule is chosen by the service date; its name says which version it is."""
    before, after = (benefits("demo-city-A", day) for day in (date(2022, 12, 31), date(2023, 1, 1)))
    assert (before.number(310, "outpatient.cap"), after.number(310, "outpatient.cap")) == (
        2_000_000,
        None,
    )
    assert before.ref.startswith("demo-city-A@2018-01-01#")
    assert after.ref.startswith("demo-city-A@2023-01-01#")
    assert before.ref != after.ref


def test_every_day_between_two_changes_has_the_same_law() -> None:
    """The same object, so that a plan made from it is kept; from the first day on for ever."""
    one = benefits("demo-city-A", date(2023, 1, 1))
    assert all(benefits("R1", date(2023, 1, 1) + timedelta(days=n)) is one for n in (0, 1, 900))
    assert the_plan(day=date(2024, 2, 29)) is the_plan(day=date(2025, 2, 28))
    with pytest.raises(NoBenefits, match="2018-01-01"):
        benefits("demo-city-A", date(2017, 12, 31))
    with pytest.raises(NoBenefits, match="demo-city-A"):
        benefits("nowhere", date(2026, 1, 1))


def test_every_city_of_the_rules_has_benefits() -> None:
    """R1 to V2 each name a demo city's, and both are used."""
    cities = {published().on(region, date(2026, 1, 1)).region for region in read().regions}
    assert cities == {"demo-city-A", "demo-city-B"}


def test_a_reference_is_of_the_content() -> None:
    """A changed value changes the rule's name; a changed note or mark does not."""
    day = date(2024, 1, 1)
    plain = parse({"demo-city-A.yaml": A}).on("demo-city-A", day).ref
    other = parse(swapped("value: 650,", "value: 651,")).on("demo-city-A", day).ref
    noted = parse(swapped("Level 1 stands for", "Level 1 means")).on("demo-city-A", day).ref
    assert plain == benefits("demo-city-A", day).ref == noted
    assert plain != other


def test_weak_values_are_marked() -> None:
    """House rule: what is weak or recalled is data and says so; nothing of 6.4 is confirmed."""
    standing = benefits("demo-city-A", date(2026, 1, 1)).leaves
    assert standing["310.outpatient.deductible.in_work"].mark is Mark.WEAK
    assert "28号" in standing["310.outpatient.deductible.in_work"].reference
    assert standing["310.inpatient.bracket_2.ratio"].mark is Mark.RECALLED
    assert standing["310.chronic.ratio.in_work"].mark is Mark.ASSUMED
    assert all(leaf.reference for leaf in standing.values())
    assert Mark.CONFIRMED not in {leaf.mark for leaf in standing.values()}


@pytest.mark.parametrize(
    ("old", "new", "key", "cure"),
    [
        ("value: 1300, mark: weak, reference: outp", "value: 13.5, mark: weak, reference: outp",
         "310.outpatient.deductible.retired.2018-01-01.value", "1800.50"),
        ("value: 60, mark: recalled", "value: 160, mark: recalled",
         "310.outpatient.above.in_work.2023-01-01.value", "percent"),
        ("value: half_up", "value: half_even", "city.rounding.2018-01-01.value", "half_up | down"),
        ("{1: 90, 2: 70, 3: 70}", "{1: 90, 2: 70}",
         "310.outpatient.ratio.in_work.2018-01-01.value", "by level"),
        ("until: 2022-12-31", "until: 2023-06-30", "310.outpatient.cap.2023-01-01", "2023-06-30"),
        ("until: 2022-12-31", "until: 2017-12-31",
         "310.outpatient.cap.2018-01-01.until", "2018-01-01"),
        ("mark: weak", "mark: sure", "310.outpatient.deductible.in_work.2018-01-01.mark", "weak"),
        ("reference: lines", "reference: hearsay", "", ""),
        ("310.pharmacy.ratio.in_work", "310.pharmacy.rate.in_work",
         "310.pharmacy.rate.in_work", "pharmacy.ratio"),
        ("310.pharmacy.ratio.in_work", "320.pharmacy.ratio.in_work",
         "320.pharmacy.ratio.in_work", "no such key"),
        ("  310.outpatient.basis:\n    unit: choice", "  310.outpatient.basis:\n    unit: yuan",
         "310.outpatient.basis.unit", "choice"),
        ("retired: [12]", "retired: [11, 12]", "schemes.310.retired", "in_work"),
        ("value: 40000,", "value: 30000,", "310.inpatient.bracket_2.to (2018-01-01)", "3000000"),
        ("310.inpatient.deductible.later", "310.serious.from",
         "310.inpatient.deductible.later (in_work, 2018-01-01)", "missing"),
        ("310.large.to:", "310.cap.large:", "310.large.to (in_work, 2018-01-01)", "missing"),
        ("      2018-01-01: {value: half_up", "      2019-01-01: {value: half_up",
         "city.rounding (2018-01-01)", "missing"),
        ("region: demo-city-A", "region: demo-city-B", "region", "demo-city-A"),
        ("first_day: 2018-01-01\n", "", "first_day", "missing"),
        ("leaves:\n", "leaves:\n  city.rounding: {}\n", "city.rounding", "twice"),
        ("names: {", "names: [", "-", "YAML"),
        (A, "just words", "-", "mapping"),
        ("    unit: choice\n", "    5\n", "-", "YAML"),
        ("{value: half_up, mark: assumed, reference: convention}", "half_up",
         "city.rounding.2018-01-01", "mapping"),
    ],
)  # fmt: skip
def test_a_wrong_file_names_key_and_cure(old: str, new: str, key: str, cure: str) -> None:
    """A value that cannot be, two that overlap, one that lacks: each is said before any bill."""
    if not key:
        old, new = "mark: assumed, reference: demo", "mark: assumed, reference: hearsay"
        key, cure = "city.self_pay_ratio.2018-01-01.reference", "convention"
    with pytest.raises(LawFault) as broken:
        parse(swapped(old, new))
    told = {fault.key: fault for fault in broken.value.faults}
    assert key in told, sorted(told)
    assert told[key].file == "demo-city-A.yaml"
    assert cure in told[key].cure(), told[key].cure()


def test_a_city_that_names_no_file_is_told() -> None:
    """``regions.yaml`` may only point to what is there."""
    with pytest.raises(LawFault, match=r"regions\.R1"):
        parse({"demo-city-A.yaml": A, "regions.yaml": "regions: {R1: demo-city-Z}"})
    with pytest.raises(LawFault, match="regions"):
        parse({"demo-city-A.yaml": A, "regions.yaml": "- R1"})
    with pytest.raises(LawFault):
        parse({})


def test_both_cities_use_every_parameter() -> None:
    """A parameter that no file sets is not tested by any."""
    days = (date(2021, 1, 1), date(2026, 1, 1))
    keys = {k for c in ("demo-city-A", "demo-city-B") for d in days for k in benefits(c, d).leaves}
    unset = {f"inpatient.bracket_{n}.{part}" for n in (4, 5, 6) for part in ("to", "ratio")}
    for name in {*CITY, *SCHEME} - unset - {"serious.bracket_3.to"}:
        assert any(name in key for key in keys), name


def test_the_law_knows_a_default_share() -> None:
    """Where the catalogue names no ratio of class 乙; B changed it in 2025."""
    assert benefits("demo-city-A", date(2026, 1, 1)).self_pay_ratio_e4 == 1_000
    assert benefits("demo-city-B", date(2024, 12, 31)).self_pay_ratio_e4 == 750
    assert benefits("demo-city-B", date(2025, 1, 1)).self_pay_ratio_e4 == 500
