"""`minka claim`, `minka lending`: the expense of a loss period, and signs that a card is lent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_given as given
from minka.doors.cli_account_given import fen_of, person_of
from minka.doors.cli_say import Json, Lang, fault, print_json, show_answer, show_facts, wants_json
from minka.kit.fen import yuan

if TYPE_CHECKING:
    from minka.care.claim_pay import ClaimLine

claim = typer.Typer(help="Expenses of a loss period. 丢卡期间费用报销", no_args_is_help=True)
lending = typer.Typer(help="Signs that a card is lent. 用卡异常", no_args_is_help=True)

Region = Annotated[str, typer.Argument(help="The region whose rules apply: R6 …")]
Receipt = Annotated[str, typer.Argument(help="Number of the claim (E-…).")]
SignCode = Annotated[str, typer.Argument(help="Number of the sign (W-…).")]
Role = Annotated[str, typer.Option("--role", help="medical_staff or reviewer.")]
_CLASSES = {"甲": 1, "乙": 2, "丙": 3, "A": 1, "B": 2, "C": 3}


@claim.command()
def known(*, number: given.Number = "", json: Json = None, lang: Lang = "zh-hans") -> None:
    """What the register knows of a person's loss: its time, expenses in it, claims."""
    from minka.desk.reimburse_facts import state_of
    from minka.desk.reimburse_look import prefilled

    found = prefilled(given.office(), person_of(number, lang))
    if found is None or found.lost is None or found.time is None:
        fault(
            "没有可以报销的丢卡期间 · no loss period",
            "minka loss report",
            "cli.not_found",
            lang=lang,
        )
    facts = {
        "receipt": found.lost.case.receipt,
        "since": found.time.since.isoformat(),
        "until": found.time.until.isoformat() if found.time.until else "",
        "expenses": [
            f"{each.day.isoformat()} {each.provider_name} {yuan(each.total_fen)}"
            for each in found.expenses
        ],
        "claims": [f"{each['receipt']} {state_of(each)}" for each in found.claims],
        "rule": found.terms.rule_ref,
        "assumed": list(found.terms.assumed),
    }
    _print(facts, json, lang)


@claim.command()
def file(
    region: Region,
    *,
    provider: Annotated[str, typer.Option(help="Code of the hospital or pharmacy.")],
    invoice: Annotated[str, typer.Option(help="Number of the invoice.")],
    total: Annotated[str, typer.Option(help="Its total in yuan: 256.40.")],
    paid: Annotated[str, typer.Option(help="Day of payment: 2026-11-22.")],
    treated: Annotated[str, typer.Option(help="Day of treatment, where it differs.")] = "",
    basis: Annotated[
        int, typer.Option(min=1, max=4, help="1 outpatient, 2 chronic, 3 pharmacy, 4 bed.")
    ] = 1,
    number: given.Number = "",
    name: given.Name = "",
    paper: given.Papers = None,
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Claim the latest expense of a loss."""
    from minka.desk.reimburse import FileClaim, file_claim

    command = FileClaim(
        region=region,
        channel="counter",
        number=given.identity(number),
        provider=provider,
        invoice_no=invoice,
        paid_on=_day(paid, lang),
        total_fen=fen_of(total, lang),
        treated_on=_day(treated, lang) if treated else None,
        basis=basis,
        stated=given.stated(name=name),
        papers=given.papers(paper),
    )
    answer = file_claim(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang, "minka claim review E-…")


@claim.command()
def waiting(region: Region, *, json: Json = None, lang: Lang = "zh-hans") -> None:
    """The claims of a region that wait for review or payment."""
    from minka.desk.reimburse_look import waiting_claims

    found = [
        {
            "receipt": each["receipt"],
            "accepted_at": each["accepted_at"].isoformat(),
            "total_fen": each["total_fen"],
            "reviewed": "yes" if each["reviewed"] else "no",
        }
        for each in waiting_claims(given.office(), region)
    ]
    _list(found, json, lang)


@claim.command()
def show(receipt: Receipt, *, json: Json = None, lang: Lang = "zh-hans") -> None:
    """A claim with its state and amounts."""
    from minka.desk.reimburse_look import claim_view

    found = claim_view(given.office(), receipt)
    if found is None:
        fault("没有这份申请 · no such claim", "minka claim waiting", "cli.not_found", lang=lang)
    row = found.claim
    facts = {
        "receipt": row["receipt"],
        "state": found.state,
        "accepted_at": row["accepted_at"].isoformat(),
        "provider": row["provider_name"],
        "total_fen": row["total_fen"],
        "fund_fen": row["reviewed_fen"],
        "people": found.people,
        "payment_receipt": row["payment_receipt"],
        "notes": [each["expense_key"] for each in found.notes],
    }
    _print(facts, json, lang)


@claim.command()
def review(
    receipt: Receipt,
    *,
    line: Annotated[
        list[str] | None,
        typer.Option(help="甲:1500.00, 乙:500.00:10 (self-pay %), 乙:500.00:10:450.00 (limit)."),
    ] = None,
    paper: given.Papers = None,
    key: given.Key = "",
    operator: given.Operator = "",
    role: Role = "medical_staff",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Split the invoice as care is split; says what the funds would pay, and by how many."""
    from minka.desk.reimburse_pay import ReviewClaim, review_claim

    lines = tuple(_line(text, lang) for text in line or ())
    command = ReviewClaim(receipt, lines, given.papers(paper))
    answer = review_claim(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang, "minka claim pay E-…")


@claim.command()
def pay(
    receipt: Receipt,
    *,
    key: given.Key = "",
    operator: given.Operator = "",
    role: Role = "medical_staff",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Pay a reviewed claim below the amount that needs two people."""
    from minka.desk.reimburse_pay import PayClaim, pay_claim

    asked = given.request(key, operator, role)
    show_answer(pay_claim(given.office(), asked, PayClaim(receipt)), json, lang)


@claim.command()
def refuse(
    receipt: Receipt,
    *,
    reason: Annotated[str, typer.Option(help="not_genuine, not_medical, not_holder …")],
    key: given.Key = "",
    operator: given.Operator = "",
    role: Role = "medical_staff",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Refuse a claim for a named reason."""
    from minka.desk.reimburse import REASONS, RefuseClaim, refuse_claim

    if reason not in REASONS:
        fault(f"没有这个原因 {reason} · no such reason", ", ".join(REASONS), lang=lang)
    asked = given.request(key, operator, role)
    show_answer(refuse_claim(given.office(), asked, RefuseClaim(receipt, reason)), json, lang)


@claim.command()
def withdraw(
    receipt: Receipt,
    *,
    number: given.Number = "",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Take an open claim back."""
    from minka.desk.reimburse import WithdrawClaim, withdraw_claim

    command = WithdrawClaim(receipt, given.identity(number))
    answer = withdraw_claim(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)


@lending.command()
def follow(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Read the journal to its end for signs of lending; the worker does it by itself."""
    from minka.desk.lending_watch import follow as one_step
    from minka.desk.reimburse_pay import note_later

    settlements = raised = 0
    while True:
        step = one_step(given.office())
        settlements, raised = settlements + step.settlements, raised + step.signs
        if step.caught_up:
            break
    noted = note_later(given.office())
    _print({"settlements": settlements, "signs": raised, "later_expenses": noted}, json, lang)


@lending.command()
def signs(region: Region, *, json: Json = None, lang: Lang = "zh-hans") -> None:
    """The signs of a region, the newest first."""
    from minka.desk.lending import signs as of_region

    found = [
        {
            "receipt": each["receipt"],
            "kind": each["kind"],
            "at": each["until_at"].isoformat(),
            "provider": each["provider_name"],
            "verdict": each["verdict"] or "open",
        }
        for each in of_region(given.office(), region)
    ]
    _list(found, json, lang)


@lending.command()
def decide(
    sign: SignCode,
    *,
    verdict: Annotated[str, typer.Option(help="confirmed or dismissed.")],
    reason: Annotated[str, typer.Option(help="other_patient, resold, own_illness …")],
    key: given.Key = "",
    operator: given.Operator = "",
    role: Role = "medical_staff",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Confirm or dismiss a sign, once; two people suspend settlement in the review room."""
    from minka.desk.lending import GROUNDS, VERDICTS, JudgeSign, judge_sign

    if verdict not in VERDICTS or reason not in GROUNDS:
        known_words = ", ".join((*VERDICTS, *GROUNDS))
        fault("结论或依据不对 · no such verdict or reason", known_words, lang=lang)
    command = JudgeSign(sign, verdict, reason)
    answer = judge_sign(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)


def _day(typed: str, lang: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        fault(f"看不懂日期 {typed} · not a day", "2026-11-22", lang=lang)


def _line(typed: str, lang: str) -> ClaimLine:
    from minka.care.claim_pay import ClaimLine

    cls, amount, ratio, limit = [*typed.split(":"), "", "", ""][:4]
    if cls not in _CLASSES or (ratio and not ratio.isdigit()):
        fault(f"看不懂明细 {typed} · not a line", "甲:1500.00", lang=lang)
    capped = fen_of(limit, lang) if limit else None
    return ClaimLine(_CLASSES[cls], fen_of(amount, lang), capped, int(ratio or 0) * 100)


def _print(facts: dict[str, Any], json: Any, lang: str) -> None:
    if wants_json(json):
        print_json(facts)
    else:
        show_facts(facts, lang)


def _list(found: list[dict[str, Any]], json: Any, lang: str) -> None:
    if wants_json(json):
        print_json(found)
        return
    for each in found:
        typer.echo("  ".join(str(value) for value in each.values()))
    if not found:
        typer.echo("没有。None." if lang != "en" else "None.")
