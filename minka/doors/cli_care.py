"""`minka care`: what insurance pays of a bill, computed from a file by the pure rule alone."""

from __future__ import annotations

import json as json_module
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors.cli_explain import explained
from minka.doors.cli_say import Json, Lang, fault, print_json, wants_json
from minka.kit.fen import from_yuan, yuan
from minka.kit.words import Words

if TYPE_CHECKING:
    from minka.care.bill import Bill
    from minka.care.lines import LineSplit
    from minka.care.plan import Plan
    from minka.care.split import Split, Used
    from minka.law.benefits import Benefits

care = typer.Typer(help="Bills and who bears them. 费用分担", no_args_is_help=True)
care.registered_commands += explained.registered_commands


@care.callback()
def care_() -> None:
    """Bills and who bears them. 费用分担"""


VISITS = ("inpatient", "outpatient", "pharmacy", "chronic")
CLASSES = {"甲": 1, "乙": 2, "丙": 3}

RULES = {
    "missing": Words("缺少此项", "缺少此項", "it is missing"),
    "unknown": Words("没有此项", "沒有此項", "there is no such field"),
    "twice": Words("写了两次", "寫了兩次", "it is written twice"),
    "object": Words("应为一个对象", "應為一個物件", "it must be an object"),
    "lines": Words(
        "应为至少一行费用的列表", "應為至少一行費用的列表", "it must be a list of at least one line"
    ),
    "text": Words("应为非空文字", "應為非空文字", "it must be a text"),
    "amount": Words(
        "应为以元为单位、至多两位小数的十进制文字，如“50000.00”",
        "應為以元為單位、至多兩位小數的十進位文字，如「50000.00」",
        'it must be a decimal text in yuan with at most two decimals, like "50000.00"',
    ),
    "not_negative": Words("不能小于零", "不能小於零", "it must not be below zero"),
    "ratio": Words(
        "应在0与1之间、至多四位小数，如0.1",
        "應在0與1之間、至多四位小數，如0.1",
        "it must be between 0 and 1 with at most four decimals, like 0.1",
    ),
    "date": Words(
        "应为日期，如2026-05-04", "應為日期，如2026-05-04", "it must be a date like 2026-05-04"
    ),
    "number": Words("应为整数", "應為整數", "it must be a whole number"),
    "count": Words("应为从1起的整数", "應為從1起的整數", "it must be a whole number from 1 on"),
    "yes_no": Words("应为true或false", "應為true或false", "it must be true or false"),
    "level": Words("应为1、2或3", "應為1、2或3", "it must be 1, 2 or 3"),
    "class": Words("应为甲、乙或丙", "應為甲、乙或丙", "it must be 甲, 乙 or 丙"),
    "visit": Words(
        f"应为{'、'.join(VISITS)}之一",
        f"應為{'、'.join(VISITS)}之一",
        f"one of {', '.join(VISITS)}",
    ),
    "sound": Words(
        "各行相加后不能有小于零的部分",
        "各行相加後不能有小於零的部分",
        "added up, no part of the bill may be below zero",
    ),
    "json": Words("不是有效的JSON（{why}）", "不是有效的JSON（{why}）", "it is not JSON ({why})"),
    "file": Words("读不到这个文件", "讀不到這個檔案", "the file cannot be read"),
    "law": Words(
        "没有适用的待遇规定（{why}）", "沒有適用的待遇規定（{why}）", "no benefits apply ({why})"
    ),
}
"""What a field must be, as a refusal says it."""

FIELDS = (
    *("region", "date", "scheme", "person_type", "provider_level", "visit_type", "lines"),
    *("admission_no", "in_scope_before", "fund_paid_before", "account_balance", "use_account"),
)
LINE_FIELDS = ("class", "amount", "limit_amount", "self_pay_ratio")


class WrongField(Exception):
    """A field that breaks a rule of ``RULES``."""

    def __init__(self, field: str, rule: str, **facts: object) -> None:
        super().__init__(field, rule)
        self.field, self.rule, self.facts = field, rule, facts

    def say(self, lang: str) -> str:
        """Field and rule in one sentence."""
        return f"{self.field}: {RULES[self.rule].say(lang, **self.facts)}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A bill as asked, checked field by field; fen and ten-thousandths."""

    region: str
    day: date
    scheme: int
    person_type: int
    level: int
    visit: str
    admission: int
    scope_before: int
    fund_before: int
    balance: int
    use_account: int
    lines: tuple[tuple[int, int, int | None, int | None], ...]
    """Class, amount, limit of the line, ratio."""


@care.command()
def split(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON; - reads standard input.")],
    *,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Split one bill by the rule of its region and day; no register is needed.

    FILE: region, date, scheme, person_type, provider_level, visit_type (inpatient, outpatient,
    pharmacy, chronic), admission_no, in_scope_before, fund_paid_before, account_balance,
    use_account, lines [{class 甲|乙|丙, amount, limit_amount, self_pay_ratio}]. Amounts are decimal
    texts in yuan; limit_amount is for the whole line; self_pay_ratio counts for 乙.
    """
    try:
        asked = read(_text(file))
        answer, sentences = answered(asked, lang)
    except WrongField as wrong:
        if wants_json(json):
            facts = {"field": wrong.field, "rule": wrong.rule, "sentence": wrong.say(lang)}
            print_json({"verdict": "refused", "code": "care.wrong_field", **facts})
        code = "cli.refused" if wrong.rule == "law" else "usage"
        fault(wrong.say(lang), "minka care split --help", code, lang=lang)
    if wants_json(json):
        print_json(answer)
        return
    for sentence in sentences:
        typer.echo(sentence)
    for name, amount in answer.items():
        if isinstance(amount, str):
            typer.echo(f"  {name:<20} {amount:>16}")


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise WrongField(file, "file") from None


def read(text: str) -> Asked:
    """The bill of a JSON text; ``WrongField`` names the first field that is wrong, and why."""
    try:
        raw = json_module.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as why:
        raise WrongField("FILE", "json", why=str(why)) from None
    fields = _Fields(raw, "", FIELDS)
    return Asked(
        region=fields.words("region"),
        day=fields.day("date"),
        scheme=fields.number("scheme"),
        person_type=fields.number("person_type"),
        level=fields.one_of("provider_level", {"1": 1, "2": 2, "3": 3}, "level"),
        visit=fields.one_of("visit_type", dict(zip(VISITS, VISITS, strict=True)), "visit"),
        admission=fields.number("admission_no", "1", "count"),
        scope_before=fields.amount("in_scope_before", "0"),
        fund_before=fields.amount("fund_paid_before", "0"),
        balance=fields.amount("account_balance", "0"),
        use_account=fields.yes_no("use_account"),
        lines=tuple(_lines(fields.given("lines"))),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise WrongField(name, "twice")
        made[name] = value
    return made


def _lines(raw: Any) -> Iterator[tuple[int, int, int | None, int | None]]:
    if not isinstance(raw, list) or not raw:
        raise WrongField("lines", "lines")
    for at, each in enumerate(raw):
        line = _Fields(each, f"lines[{at}].", LINE_FIELDS)
        amount = _fen(line.given("amount"), f"{line.place}amount")
        limit = None if line.raw.get("limit_amount") is None else line.amount("limit_amount")
        yield line.one_of("class", CLASSES, "class"), amount, limit, line.ratio("self_pay_ratio")


class _Fields:
    """The fields of one object, each read by the rule that holds for it."""

    def __init__(self, raw: Any, place: str, known: tuple[str, ...]) -> None:
        if not isinstance(raw, Mapping):
            raise WrongField(place.rstrip(".") or "FILE", "object")
        for name in raw:
            if name not in known:
                raise WrongField(f"{place}{name}", "unknown")
        self.raw, self.place = raw, place

    def given(self, name: str, otherwise: Any = None) -> Any:
        found = self.raw.get(name)
        found = otherwise if found is None else found
        if found is None:
            raise WrongField(f"{self.place}{name}", "missing")
        return found

    def words(self, name: str) -> str:
        found = self.given(name)
        if not isinstance(found, str) or not found.strip():
            raise WrongField(f"{self.place}{name}", "text")
        return found.strip()

    def day(self, name: str) -> date:
        found = self.words(name)
        try:
            if len(found) != 10:
                raise ValueError(found)
            return date.fromisoformat(found)
        except ValueError:
            raise WrongField(f"{self.place}{name}", "date") from None

    def number(self, name: str, otherwise: str | None = None, rule: str = "number") -> int:
        found = self.given(name, otherwise)
        if not isinstance(found, str) or not re.fullmatch(r"[0-9]{1,6}", found.strip()):
            raise WrongField(f"{self.place}{name}", rule)
        if rule == "count" and int(found) < 1:
            raise WrongField(f"{self.place}{name}", rule)
        return int(found)

    def one_of(self, name: str, known: Mapping[str, Any], rule: str) -> Any:
        found = self.given(name)
        if not isinstance(found, str) or found not in known:
            raise WrongField(f"{self.place}{name}", rule)
        return known[found]

    def amount(self, name: str, otherwise: str | None = None) -> int:
        amount = _fen(self.given(name, otherwise), f"{self.place}{name}")
        if amount < 0:
            raise WrongField(f"{self.place}{name}", "not_negative")
        return amount

    def ratio(self, name: str) -> int | None:
        found = self.raw.get(name)
        if found is None:
            return None
        match = re.fullmatch(r"([01])(?:\.([0-9]{1,4})0*)?", str(found).strip())
        ratio = int(match[1] + (match[2] or "").ljust(4, "0")) if match else -1
        if not 0 <= ratio <= 10_000 or isinstance(found, bool):
            raise WrongField(f"{self.place}{name}", "ratio")
        return ratio

    def yes_no(self, name: str) -> int:
        found = self.given(name, "0")
        known = {True: 1, False: 0, "1": 1, "0": 0}
        if not isinstance(found, bool | str) or found not in known:
            raise WrongField(f"{self.place}{name}", "yes_no")
        return known[found]


def _fen(raw: Any, field: str) -> int:
    try:
        return int(from_yuan(raw))
    except (ValueError, AttributeError, TypeError):
        raise WrongField(field, "amount") from None


def answered(asked: Asked, lang: str) -> tuple[dict[str, Any], list[str]]:
    """The answer in the interface's names, and the same as sentences; ``WrongField``."""
    from minka.care.bill import add_up
    from minka.care.invariants import check
    from minka.care.plan import VisitKind, plan
    from minka.care.split import AccountUse, split
    from minka.care.words import explain
    from minka.law.benefits import NoBenefits, benefits, published

    if asked.region not in published().regions:
        raise WrongField("region", "law", why=f"{asked.region}; {', '.join(published().regions)}")
    try:
        law = benefits(asked.region, asked.day)
        kind = VisitKind[asked.visit.upper()]
        rule = plan(
            law, scheme=asked.scheme, psn_type=asked.person_type, level=asked.level, kind=kind
        )
    except NoBenefits as why:
        raise WrongField(_culprit(asked), "law", why=str(why)) from None
    lines = tuple(_line(law, line) for line in asked.lines)
    bill = add_up(lines)
    if not bill.sound:
        raise WrongField("lines", "sound")
    made = split(
        rule,
        bill,
        _used(asked, rule),
        account_fen=asked.balance,
        use_account=AccountUse(asked.use_account),
    )
    check(made, bill, rule)
    return _shown(asked, rule, (bill, lines), made), explain(made.trace, bill, made, lang)


def _culprit(asked: Asked) -> str:
    """The field for which there is no law."""
    from minka.law.benefits import NoBenefits, benefits

    try:
        law = benefits(asked.region, asked.day)
    except NoBenefits:
        return "date"
    return "person_type" if asked.scheme in law.schemes else "scheme"


def _line(law: Benefits, asked: tuple[int, int, int | None, int | None]) -> LineSplit:
    from minka.care.lines import split_line

    cls, amount, limit, ratio = asked
    share = law.self_pay_ratio_e4 if ratio is None else ratio
    return split_line(amount, cls, share, limit_fen=limit)


def _used(asked: Asked, rule: Plan) -> Used:
    """The accumulators of the year, from the two sums that are asked for."""
    from minka.care.split import Used

    pool = min(asked.fund_before, rule.pool_cap)
    return Used(
        op_deductible=min(asked.scope_before, rule.deductible),
        op_scope=asked.scope_before,
        op_fund=asked.fund_before,
        admissions=asked.admission - 1,
        pool_paid=pool,
        large_paid=asked.fund_before - pool,
        own_scope=max(asked.scope_before - asked.fund_before, 0),
    )


def _shown(
    asked: Asked, rule: Plan, bills: tuple[Bill, tuple[LineSplit, ...]], made: Split
) -> dict[str, Any]:
    bill, lines = bills
    fund = made.fund + (made.account if rule.counts_account else 0)
    amounts = {
        "medfee_sumamt": bill.total,
        "fulamt_ownpay_amt": bill.own_pay,
        "overlmt_selfpay": bill.over_limit,
        "preselfpay_amt": bill.self_pay_first,
        "inscp_scp_amt": bill.in_scope,
        "act_pay_dedc": made.deductible,
        "hifp_pay": made.pool,
        "cvlserv_pay": made.civil,
        "hifes_pay": made.enterprise,
        "hifmi_pay": made.serious,
        "hifob_pay": made.large,
        "maf_pay": made.assistance,
        "oth_pay": made.other,
        "fund_pay_sumamt": fund,
        "psn_part_amt": made.person_part,
        "hosp_part_amt": made.hospital,
        "acct_pay": made.account,
        "psn_cash_pay": made.cash,
        "balc": asked.balance - made.account,
    }
    return {
        **{name: yuan(amount) for name, amount in amounts.items()},
        "rule": rule.ref,
        "lines": [_line_shown(line) for line in lines],
        "setl_proc_info": [
            {
                "step": code,
                "of": yuan(of),
                "ratio": f"{ratio // 10_000}.{ratio % 10_000:04d}",
                "amount": yuan(amount),
            }
            for code, of, ratio, amount in made.trace
        ],
    }


def _line_shown(line: LineSplit) -> dict[str, str]:
    names = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    return dict(zip(names, map(yuan, line), strict=True))
