"""The trace as stored, and as told to the person (X39; issue point 2: a trace that re-adds)."""

from __future__ import annotations

import re
from random import Random

import pytest

from minka.care.bill import Bill
from minka.care.plan import Extra, VisitKind
from minka.care.split import Split, Used, mirror
from minka.care.trace import CODES, Step, decode, encode
from minka.care.words import explain, percent
from minka.kit.fen import from_yuan
from tests.care.bills import any_bill, any_plan, any_used, in_scope, pay, the_plan

LANGUAGES = ("zh-hans", "zh-hant", "en")


def test_a_trace_is_small_and_comes_back() -> None:
    """Eleven bytes a step; nineteen where an amount is above 21 million yuan."""
    made = pay(the_plan(), in_scope(4_350_000))
    assert len(encode(made.trace)) == 1 + 11 * 4
    assert decode(encode(made.trace)) == made.trace
    large = (Step("civil", 2**40, 5_000, 2**39), Step("pool_cap", -(2**35), 10_000, -(2**35)))
    assert decode(encode(large)) == large
    assert len(encode(large)) == 1 + 19 * 2
    assert decode(encode(())) == ()


@pytest.mark.parametrize("stored", [b"", b"\x00", b"\x07abc", encode(())[:1] + b"abc"])
def test_what_is_no_trace_is_refused(stored: bytes) -> None:
    """Bytes of another make are not read as money."""
    with pytest.raises(ValueError, match="trace"):
        decode(stored)


def test_codes_are_numbered_for_ever() -> None:
    """Stored traces hold numbers: none may be given twice or changed."""
    numbers = {code: row.number for code, row in CODES.items()}
    assert len(set(numbers.values())) == len(numbers)
    assert {numbers[c] for c in ("deductible", "outpatient", "bracket_1", "large")} == {
        1,
        2,
        10,
        20,
    }
    assert {numbers[c] for c in ("serious_1", "civil", "pool_cap", "total_cap_large")} == {
        *(22, 30, 40, 43)
    }
    assert {row.part for row in CODES.values()} - {"none"} <= set(Split._fields)


def test_a_settlement_is_explained_to_the_person() -> None:
    """`minka care explain`: from the bill to what each side pays, in each language."""
    bill = Bill(5_000_000, 300_000, 200_000, 150_000, 4_350_000)
    made = pay(the_plan(), bill, account=500_000)
    parts = "全自费3000.00元，超限价2000.00元，先行自付1500.00元，符合政策范围43500.00元。"
    assert explain(made.trace, bill, made) == [
        f"医疗费总额50000.00元：{parts}",
        "起付线以内由个人先付：1300.00元。",
        "住院统筹第1段：28700.00元 × 85% = 24395.00元。",
        "住院统筹第2段：10000.00元 × 90% = 9000.00元。",
        "住院统筹第3段：3500.00元 × 95% = 3325.00元。",
        "基金合计支付36720.00元。",
        "个人负担13280.00元：个人账户5000.00元，家庭共济0.00元，现金8280.00元。",
    ]
    said = explain(made.trace, bill, made, "en")
    assert said[2] == "Pool, inpatient, part 1: 28700.00 × 85% = 24395.00 yuan."
    assert explain(made.trace, bill, made, "zh-hant")[1] == "起付線以內由個人先付：1300.00元。"


def test_a_stay_that_goes_on_says_what_was_counted_before() -> None:
    """Mid-stay: the bracket as a whole, less what an earlier bill had of it."""
    first = pay(the_plan(), in_scope(1_000_000))
    second = pay(the_plan(), in_scope(100_000), first.after)
    assert explain(second.trace, in_scope(100_000), second)[1:3] == [
        "住院统筹第1段：9700.00元 × 85% = 8245.00元。",
        "减去此前已计入的：住院统筹第1段：-8700.00元 × 85% = -7395.00元。",
    ]


def test_a_refund_says_that_it_is_one() -> None:
    """The mirror is told with its signs and not as something counted before."""
    bill, the = in_scope(1_000_000), the_plan()
    made = pay(the, bill)
    back = mirror(made, Used(), made.after)
    said = explain(back.trace, bill.negated(), back)
    assert said[0].startswith("这是退费")
    assert said[3] == "住院统筹第1段：-8700.00元 × 85% = -7395.00元。"


def test_caps_layers_and_what_nobody_pays_have_words() -> None:
    """Every code that a split can give has its sentence in three languages, all different."""
    seen = set()
    random = Random(7)
    extras = Extra.CIVIL | Extra.ENTERPRISE | Extra.ASSISTANCE
    plans = [
        the_plan(310, 11, 3, region="demo-city-B", extras=extras),
        the_plan(390, 15, 3, region="demo-city-B", extras=extras),
    ]
    for turn in range(4_000):
        region = random.choice(("demo-city-A", "demo-city-B"))
        the = plans[turn] if turn < len(plans) else any_plan(random, region)
        bill = in_scope(90_000_000) if turn < len(plans) else any_bill(random)
        made = pay(the, bill, any_used(random, the))
        seen |= {step.code for step in made.trace}
        texts = {language: explain(made.trace, bill, made, language) for language in LANGUAGES}
        assert "…" not in "".join(texts["zh-hans"] + texts["en"])
        assert len({tuple(text) for text in texts.values()}) == 3
    unused = {"bracket_4", "bracket_5", "bracket_6"}
    assert set(CODES) - seen <= unused, "a code no bill reaches is not tested"


def test_a_person_can_add_it_again() -> None:
    """The amounts printed in the steps re-add to the printed sum of the funds."""
    random = Random(8)
    for _ in range(300):
        the = any_plan(random, "demo-city-A", VisitKind.INPATIENT, VisitKind.OUTPATIENT)
        bill = any_bill(random)
        made = pay(the, bill, any_used(random, the))
        said = explain(made.trace, bill, made, "en")
        paid = [
            int(from_yuan(m[1])) for text in said if (m := re.search(r"= (-?[\d.]+) yuan", text))
        ]
        cut = [
            int(from_yuan(m[1])) for text in said if (m := re.search(r": ([\d.]+) yuan less", text))
        ]
        assert sum(paid) - sum(cut) == made.fund


@pytest.mark.parametrize(("ratio", "text"), [(8_500, "85%"), (8_750, "87.5%"), (10_000, "100%")])
def test_ratios_in_words(ratio: int, text: str) -> None:
    """As people write them."""
    assert percent(ratio) == text
