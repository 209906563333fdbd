"""`minka care split FILE`: the pure rule alone, from a file (issue 3, point 2; D2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from minka.doors.cli_care import FIELDS, LINE_FIELDS, care
from minka.kit.fen import from_yuan

EXAMPLE: dict[str, Any] = {
    "region": "demo-city-A",
    "date": "2026-05-04",
    "scheme": "310",
    "person_type": "11",
    "provider_level": "3",
    "visit_type": "inpatient",
    "admission_no": 1,
    "in_scope_before": "0.00",
    "fund_paid_before": "0.00",
    "account_balance": "5000.00",
    "use_account": True,
    "lines": [
        {"class": "甲", "amount": "30000.00", "limit_amount": None, "self_pay_ratio": "0"},
        {"class": "乙", "amount": "17000.00", "limit_amount": "15000.00", "self_pay_ratio": 0.1},
        {"class": "丙", "amount": "3000.00", "limit_amount": None, "self_pay_ratio": 1},
    ],
}


def run(bill: Any, *words: str) -> Result:
    """The command with a bill on standard input."""
    text = bill if isinstance(bill, str) else json.dumps(bill, ensure_ascii=False)
    return CliRunner().invoke(care, ["split", "-", *words], input=text)


def answer(**changes: Any) -> dict[str, Any]:
    """The JSON answer to the example with changes."""
    made = run({**EXAMPLE, **changes}, "--json")
    assert made.exit_code == 0, made.output
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def line(amount: str, cls: str = "甲", limit: str | None = None, ratio: Any = 0) -> dict[str, Any]:
    """One line of a bill."""
    return {"class": cls, "amount": amount, "limit_amount": limit, "self_pay_ratio": ratio}


def outpatient(amount: str, **changes: Any) -> dict[str, Any]:
    """One outpatient line after the deductible."""
    before = {"visit_type": "outpatient", "in_scope_before": "1800.00", "fund_paid_before": "0"}
    return answer(**{**before, "lines": [line(amount)], **changes})


def test_example_a() -> None:
    """6.3 A in the interface's names."""
    told = answer()
    expected = {
        "medfee_sumamt": "50000.00",
        "fulamt_ownpay_amt": "3000.00",
        "overlmt_selfpay": "2000.00",
        "preselfpay_amt": "1500.00",
        "inscp_scp_amt": "43500.00",
        "act_pay_dedc": "1300.00",
        "hifp_pay": "36720.00",
        "hifob_pay": "0.00",
        "fund_pay_sumamt": "36720.00",
        "psn_part_amt": "13280.00",
        "acct_pay": "5000.00",
        "psn_cash_pay": "8280.00",
        "balc": "0.00",
    }
    assert {name: told[name] for name in expected} == expected
    assert told["setl_proc_info"][1] == {
        "step": "bracket_1",
        "of": "28700.00",
        "ratio": "0.8500",
        "amount": "24395.00",
    }
    assert told["rule"].startswith("demo-city-A@2023-01-01#")


def test_example_b() -> None:
    """6.3 B: the line of 4.52."""
    told = answer(lines=[line("4.52", "乙", ratio="0.05")])
    assert (told["preselfpay_amt"], told["inscp_scp_amt"]) == ("0.23", "4.29")
    assert told["lines"][0]["preselfpay_amt"] == "0.23"


def test_the_account_is_asked_or_left() -> None:
    """What the account keeps is said too."""
    told = answer(use_account=False)
    assert (told["acct_pay"], told["psn_cash_pay"], told["balc"]) == ("0.00", "13280.00", "5000.00")
    told = answer(account_balance="20000.01")
    assert (told["acct_pay"], told["psn_cash_pay"], told["balc"]) == ("13280.00", "0.00", "6720.01")


def test_the_year_before_counts() -> None:
    """Deductible by what came before; second admission; the cap of the year; 2022 and 2023."""
    assert outpatient("100.00")["hifp_pay"] == "70.00"
    assert outpatient("100.00", in_scope_before="1750.00")["act_pay_dedc"] == "50.00"
    assert outpatient("100.00", person_type="12")["hifp_pay"] == "85.00"
    assert outpatient("100.00", fund_paid_before="20000", date="2022-12-31")["hifp_pay"] == "0.00"
    assert outpatient("100.00", fund_paid_before="20000", date="2023-01-01")["hifp_pay"] == "60.00"
    assert answer(admission_no="2")["act_pay_dedc"] == "650.00"
    capped = answer(fund_paid_before="490000.00")
    assert (capped["hifp_pay"], capped["hifob_pay"]) == ("10000.00", "0.00")


def test_another_city_shows_its_sum_with_the_account() -> None:
    """10: whether fund_pay_sumamt holds the account is the city's."""
    told = answer(region="demo-city-B", lines=[line("5000.00")])
    paid = from_yuan(told["hifp_pay"]) + from_yuan(told["acct_pay"])
    assert from_yuan(told["fund_pay_sumamt"]) == paid
    assert told["acct_pay"] != "0.00"


def test_a_person_reads_sentences_and_a_table() -> None:
    """Without JSON: the explanation, then the amounts, in the language asked for."""
    made = run(EXAMPLE, "--text", "--lang", "en")
    assert made.exit_code == 0
    assert "Pool, inpatient, part 1: 28700.00 × 85% = 24395.00 yuan." in made.stdout
    assert "psn_cash_pay" in made.stdout
    assert "8280.00" in made.stdout


def test_a_file_is_read(tmp_path: Path) -> None:
    """From a path, with a mark at its beginning too; a path that is not there is said so."""
    file = tmp_path / "bill.json"
    file.write_text(json.dumps(EXAMPLE), encoding="utf-8-sig")
    made = CliRunner().invoke(care, ["split", str(file), "--json"])
    assert json.loads(made.stdout)["psn_cash_pay"] == "8280.00"
    gone = CliRunner().invoke(care, ["split", str(tmp_path / "none"), "--text"])
    assert gone.exit_code == 2
    assert "读不到" in gone.output


WITHOUT = object()
WRONG: list[tuple[str, Any, str, str, int]] = [
    ("region", WITHOUT, "region", "missing", 2),
    ("region", 7, "region", "law", 4),
    ("region", "demo-city-Z", "region", "law", 4),
    ("region", [], "region", "text", 2),
    ("date", "2017-12-31", "date", "law", 4),
    ("date", "2026-02-30", "date", "date", 2),
    ("date", "20260504", "date", "date", 2),
    ("scheme", "320", "scheme", "law", 4),
    ("scheme", "xyz", "scheme", "number", 2),
    ("scheme", None, "scheme", "missing", 2),
    ("person_type", "16", "person_type", "law", 4),
    ("provider_level", "4", "provider_level", "level", 2),
    ("visit_type", "dentist", "visit_type", "visit", 2),
    ("admission_no", 0, "admission_no", "count", 2),
    ("admission_no", 1.5, "admission_no", "count", 2),
    ("in_scope_before", "-1.00", "in_scope_before", "not_negative", 2),
    ("fund_paid_before", "12,5", "fund_paid_before", "amount", 2),
    ("account_balance", "1.234", "account_balance", "amount", 2),
    ("account_balance", "1e3", "account_balance", "amount", 2),
    ("account_balance", True, "account_balance", "amount", 2),
    ("use_account", "perhaps", "use_account", "yes_no", 2),
    ("use_account", {}, "use_account", "yes_no", 2),
    ("acount_balance", "1.00", "acount_balance", "unknown", 2),
    ("lines", WITHOUT, "lines", "missing", 2),
    ("lines", [], "lines", "lines", 2),
    ("lines", {"class": "甲"}, "lines", "lines", 2),
    ("lines", ["甲"], "lines[0]", "object", 2),
    ("lines", [line("1"), line("x")], "lines[1].amount", "amount", 2),
    ("lines", [line("1", "丁")], "lines[0].class", "class", 2),
    ("lines", [line("1", "乙", ratio="1.5")], "lines[0].self_pay_ratio", "ratio", 2),
    ("lines", [line("1", "乙", ratio="0.01234")], "lines[0].self_pay_ratio", "ratio", 2),
    ("lines", [line("1", "乙", ratio=True)], "lines[0].self_pay_ratio", "ratio", 2),
    ("lines", [line("1", limit="-1")], "lines[0].limit_amount", "not_negative", 2),
    ("lines", [{"class": "甲"}], "lines[0].amount", "missing", 2),
    ("lines", [{**line("1"), "prise": 1}], "lines[0].prise", "unknown", 2),
    ("lines", [line("1"), line("-2")], "lines", "sound", 2),
]


@pytest.mark.parametrize(("name", "value", "field", "rule", "code"), WRONG)
def test_a_wrong_field_is_named_with_its_rule(
    name: str, value: Any, field: str, rule: str, code: int
) -> None:
    """Field and rule in JSON, a sentence for people in three languages, nothing computed."""
    bill = {key: given for key, given in {**EXAMPLE, name: value}.items() if given is not WITHOUT}
    made = run(bill, "--json")
    assert made.exit_code == code, made.output
    told = json.loads(made.stdout)
    assert (told["verdict"], told["field"], told["rule"]) == ("refused", field, rule)
    said = {run(bill, "--text", "--lang", lang).output for lang in ("zh-hans", "zh-hant", "en")}
    assert len(said) == 3
    assert all(field in text for text in said)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "json"),
        ("{", "json"),
        ("[" * 100_000, "json"),
        ("[]", "object"),
        ("null", "object"),
        ('{"region": "a", "region": "b"}', "twice"),
        ('{"account_balance": NaN, "region": "x"}', "missing"),
    ],
)
def test_what_is_no_bill(text: str, rule: str) -> None:
    """Broken text ends in a sentence, never in a trace of the program."""
    made = run(text, "--json")
    assert made.exit_code == 2
    assert json.loads(made.stdout)["rule"] == rule


def test_ratios_and_amounts_may_be_numbers() -> None:
    """A ratio as number or text, with zeros at its end; amounts read digit by digit."""
    for ratio in (0.1, "0.1", "0.10000", "0.1000"):
        assert answer(lines=[line("10.00", "乙", ratio=ratio)])["preselfpay_amt"] == "1.00"
    assert answer(lines=[line("10.00", "乙", ratio=None)])["preselfpay_amt"] == "1.00"
    text = json.dumps(EXAMPLE).replace('"30000.00"', "30000.00")
    assert json.loads(run(text, "--json").stdout)["medfee_sumamt"] == "50000.00"


def test_a_return_line_takes_back() -> None:
    """A negative line is the mirror of the one it returns."""
    lines = [line("10.00", "乙", "8.00", "0.1"), line("-10.00", "乙", "8.00", "0.1"), line("5.00")]
    told = answer(lines=lines)
    assert (told["medfee_sumamt"], told["inscp_scp_amt"], told["overlmt_selfpay"]) == (
        *("5.00", "5.00"),
        "0.00",
    )


def test_the_help_names_every_field() -> None:
    """Whoever writes a file finds each name in the help."""
    said = CliRunner().invoke(care, ["split", "--help"], terminal_width=200).output
    assert [name for name in (*FIELDS, *LINE_FIELDS) if name not in said] == []
