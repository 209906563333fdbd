"""`minka account`: an individual account now and at any instant, and the acts on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_given as given
from minka.doors.cli_account_acts import acts
from minka.doors.cli_account_given import instant_of, no_account, person_of
from minka.doors.cli_say import (
    Json,
    Lang,
    fault,
    print_json,
    shown,
    wants_json,
)
from minka.kit.fen import yuan

if TYPE_CHECKING:
    from minka.desk.account_look import Movement
    from minka.desk.account_origin import Source

account = typer.Typer(help="An individual account. 个人账户", no_args_is_help=True)
account.registered_commands += acts.registered_commands

At = Annotated[str, typer.Option("--at", help="2026-11-22T15:00, China time; empty: now.")]


@account.command()
def balance(
    *, number: given.Number = "", at: At = "", json: Json = None, lang: Lang = "zh-hans"
) -> None:
    """The balance now, or at any instant of the past."""
    from minka.desk import account_look

    instant = instant_of(at, lang) if at else None
    found = account_look.balance(given.office(), person_of(number, lang), instant)
    if found is None:
        no_account(lang)
    if wants_json(json):
        print_json(
            {
                "balance_fen": found.fen,
                "held_fen": found.held_fen,
                "free_fen": found.free_fen,
                "as_of": found.as_of.isoformat(),
            }
        )
        return
    typer.echo(f"{yuan(found.fen)} 元  {shown(found.as_of)}")
    if found.held_fen:
        typer.echo(f"  预占 held {yuan(found.held_fen)}  可用 free {yuan(found.free_fen)}")


@account.command("at")
def atinstant_of(
    instant: Annotated[str, typer.Argument(help="2026-11-22T15:00, China time.")],
    *,
    number: given.Number = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The balance at an instant of the past."""
    balance(number=number, at=instant, json=json, lang=lang)


@account.command("of")
def of_kind(
    kind: Annotated[str, typer.Argument(help="pooling_fund, treasury, provider_payable, …")],
    owner: Annotated[int, typer.Argument(help="A fund: area * 1000 + scheme. Else the provider.")],
    *,
    at: At = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The balance of a fund or a provider, now or at any instant of the past."""
    from minka.accounts.chart import DERIVED, Account
    from minka.desk.account_derived import derived

    kinds = {each.name.lower(): each for each in sorted(DERIVED)}
    if kind not in kinds:
        fault(f"没有这种账户 {kind} · no such kind", " ".join(kinds), lang=lang)
    instant = instant_of(at, lang) if at else None
    fen, as_of = derived(given.office(), Account(kinds[kind], owner), instant)
    if wants_json(json):
        print_json({"balance_fen": fen, "as_of": as_of.isoformat()})
        return
    typer.echo(f"{yuan(fen)} 元  {shown(as_of)}")


@account.command()
def statement(
    *,
    number: given.Number = "",
    month: Annotated[str, typer.Option(help="2026-11; empty: the running month.")] = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """A month of an account: its movements and its sums."""
    from minka.accounts.statement import Line, figures
    from minka.desk import account_look

    person_id, office = person_of(number, lang), given.office()
    now = account_look.balance(office, person_id)
    if now is None:
        no_account(lang)
    since, until = _month(month, now.as_of, lang)
    before = account_look.balance(office, person_id, since - timedelta(microseconds=1))
    found = account_look.movements(office, person_id, since, until, limit=100_000)
    assert before is not None, "an account that is there was there"
    lines = [
        Line(each.kind, each.amount_fen, each.total_fen, each.fund_fen, each.cash_fen)
        for each in found
        if each.kind not in ("hold", "release")
    ]
    sums = figures(before.fen, lines)
    told = {
        "opening_fen": sums.opening_fen,
        "credited_fen": sums.credited_fen,
        "debited_fen": sums.debited_fen,
        "closing_fen": sums.closing_fen,
        "by_kind": dict(sums.by_kind),
        "spent_fen": sums.spent_fen,
        "fund_fen": sums.fund_fen,
        "cash_fen": sums.cash_fen,
    }
    if wants_json(json):
        print_json({"since": since, "until": until, **told, "movements": [*map(_movement, found)]})
        return
    for each in reversed(found):
        typer.echo(_line(each, lang))
    typer.echo(f"{yuan(sums.opening_fen)} + {yuan(sums.credited_fen)} - {yuan(sums.debited_fen)}")
    typer.echo(f"= {yuan(sums.closing_fen)} 元")


@account.command()
def lineage(
    *,
    number: given.Number = "",
    ref: Annotated[str, typer.Option(help="One payment alone, by its number.")] = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Which credits paid which payment, the oldest money first; and what is left of each."""
    from minka.desk.account_origin import origins

    found = origins(given.office(), person_of(number, lang))
    if found is None:
        no_account(lang)
    payments = [each for each in found.payments if not ref or each.ref == ref]
    if ref and not payments:
        fault("没有这笔支付 · no such payment", "minka account lineage", "cli.not_found", lang=lang)
    if wants_json(json):
        told = [
            {
                "ref": each.ref,
                "at": each.at.isoformat(),
                "kind": each.words.say(lang),
                "provider": each.provider_name,
                "amount_fen": each.amount_fen,
                "sources": [_source(source, lang) for source in each.sources],
            }
            for each in payments
        ]
        print_json({"payments": told, "left": [_source(each, lang) for each in found.left]})
        return
    for each in payments:
        head = f"{shown(each.at)}  {yuan(each.amount_fen):>12}  {each.words.say(lang)}"
        typer.echo(f"{head} {each.provider_name} {each.ref}")
        for source in each.sources:
            typer.echo(f"    {_told(source, lang)}")
    if not ref:
        typer.echo("余额来源 · what is left")
        for source in found.left:
            typer.echo(f"    {_told(source, lang)}")


def _month(typed: str, now: datetime, lang: str) -> tuple[datetime, datetime]:
    from minka.kit.clock import CHINA

    text = typed or f"{now.astimezone(CHINA):%Y-%m}"
    since = instant_of(f"{text}-01T00:00", lang)
    return since, (since + timedelta(days=32)).replace(day=1)


def _movement(each: Movement) -> dict[str, Any]:
    return {
        "ref": each.ref,
        "at": each.at.isoformat(),
        "kind": each.kind,
        "amount_fen": each.amount_fen,
        "balance_fen": each.balance_fen,
        "provider": each.provider_name,
        "total_fen": each.total_fen,
        "fund_fen": each.fund_fen,
        "cash_fen": each.cash_fen,
    }


def _line(each: Movement, lang: str) -> str:
    sums = f"{yuan(each.amount_fen):>12} {yuan(each.balance_fen):>12}"
    return f"{shown(each.at)} {sums}  {each.words.say(lang)} {each.provider_name} {each.ref}"


def _source(source: Source, lang: str) -> dict[str, Any]:
    return {
        "ref": source.ref,
        "at": source.at.isoformat(),
        "kind": source.words.say(lang),
        "amount_fen": source.amount_fen,
    }


def _told(source: Source, lang: str) -> str:
    return (
        f"{yuan(source.amount_fen):>12}  {source.words.say(lang)} {shown(source.at)} {source.ref}"
    )
