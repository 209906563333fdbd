"""A settlement explained to the person it was made for, step by step, in three languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minka.care.bill import Bill
from minka.care.split import Split
from minka.care.trace import CODES, Step
from minka.kit.fen import yuan
from minka.kit.words import Words

_BILL = Words(
    "医疗费总额{total}元：全自费{own_pay}元，超限价{over_limit}元，"
    "先行自付{self_pay_first}元，符合政策范围{in_scope}元。",
    "醫療費總額{total}元：全自費{own_pay}元，超限價{over_limit}元，"
    "先行自付{self_pay_first}元，符合政策範圍{in_scope}元。",
    "The bill is {total} yuan: {own_pay} outside the catalogue, {over_limit} over the price limit,"
    " {self_pay_first} paid first by the person, {in_scope} in scope.",
)
_REFUND = Words(
    "这是退费，金额都是负数。",
    "這是退費，金額都是負數。",
    "This is a refund: every amount is negative.",
)
_EARLIER = Words("减去此前已计入的：", "減去此前已計入的：", "Less what was counted before. ")
_FUND = Words(
    "基金合计支付{fund}元。", "基金合計支付{fund}元。", "All funds together pay {fund} yuan."
)
_HOSPITAL = Words(
    "医院负担{hospital}元。", "醫院負擔{hospital}元。", "The hospital bears {hospital} yuan."
)
_PERSON = Words(
    "个人负担{person}元：个人账户{account}元，家庭共济{mutual}元，现金{cash}元。",
    "個人負擔{person}元：個人帳戶{account}元，家庭共濟{mutual}元，現金{cash}元。",
    "The person bears {person} yuan: {account} from the account, {mutual} from the family's,"
    " {cash} in cash.",
)


_CUTS = ("_cap", "_cap_pool", "_cap_large")


def percent(ratio_e4: int) -> str:
    """``85%`` or ``87.5%``."""
    whole, rest = divmod(ratio_e4, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def step_words(step: Step, language: str, sign: int = 1) -> str:
    """One step as a sentence; what takes back an earlier part says so. A refund has sign -1."""
    code = CODES[step.code]
    said = code.words.say(
        language,
        of=yuan(step.of_fen),
        ratio=percent(step.ratio_e4),
        amount=yuan(step.amount_fen),
        cut=yuan(abs(step.amount_fen)),
    )
    takes_back = sign * step.of_fen < 0 and not step.code.endswith(_CUTS)
    return _EARLIER.say(language) + said if takes_back else said


def explain(
    trace: Iterable[Step], bill: Bill, split: Split, language: str = "zh-hans"
) -> list[str]:
    """The sentences that lead from the bill to what each side pays."""
    return list(_sentences(trace, bill, split, language))


def _sentences(trace: Iterable[Step], bill: Bill, split: Split, language: str) -> Iterator[str]:
    if bill.total < 0:
        yield _REFUND.say(language)
    yield _BILL.say(language, **{name: yuan(part) for name, part in bill._asdict().items()})
    for step in trace:
        yield step_words(step, language, -1 if bill.total < 0 else 1)
    yield _FUND.say(language, fund=yuan(split.fund))
    if split.hospital:
        yield _HOSPITAL.say(language, hospital=yuan(split.hospital))
    yield _PERSON.say(
        language,
        person=yuan(split.person_part),
        account=yuan(split.account),
        mutual=yuan(split.mutual_aid),
        cash=yuan(split.cash),
    )
