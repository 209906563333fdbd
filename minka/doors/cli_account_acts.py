"""`minka account`: the acts on an individual account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer

from minka.doors import cli_given as given
from minka.doors.cli_account_given import fen_of, person_of, provider_of
from minka.doors.cli_say import Json, Lang, fault, print_json, show_answer, wants_json
from minka.kit.fen import yuan

acts = typer.Typer()

Hold = Annotated[str, typer.Argument(help="The hold's number (L…).")]
Amount = Annotated[str, typer.Argument(help="Amount in yuan: 12.50.")]


@acts.command()
def allocate(
    area: Annotated[int, typer.Argument(help="Number of the pooling area (统筹区编号).")],
    month: Annotated[str, typer.Argument(help="2026-11.")],
    *,
    scheme: Annotated[int, typer.Option(help="险种 scheme.")] = 310,
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Credit a month to everybody of a pooling area; who has it already is passed over."""
    from minka.desk.allocate import AllocateMonth, allocate_month

    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        fault(f"看不懂月份 {month} · not a month: {month}", "2026-11", lang=lang)
    command = AllocateMonth(area, first, scheme)
    done = allocate_month(given.office(), given.request(key, operator, "medical_staff"), command)
    if done.refused is not None:
        show_answer(done.refused, json, lang)
    told = {"people": done.people, "fen": done.fen, "rule": done.ref, "mark": done.mark}
    if wants_json(json):
        print_json(told)
        return
    typer.echo(f"{done.people} 人 people, {yuan(done.fen)} 元; {done.ref} ({done.mark})")


@acts.command()
def hold(
    provider: Annotated[str, typer.Argument(help="Code of the provider (定点机构编码).")],
    amount: Amount,
    *,
    number: given.Number = "",
    days: Annotated[int, typer.Option(help="For how many days at most.")] = 7,
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Hold money for a provider; it is posted, released, or runs out."""
    from minka.desk.hold import HoldMoney, hold_money
    from minka.store import cards

    office, person_id = given.office(), person_of(number, lang)
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
    until = now + timedelta(days=days)
    command = HoldMoney(person_id, provider_of(provider, lang), fen_of(amount, lang), until)
    answer = hold_money(office, given.request(key, operator, ""), command)
    show_answer(answer, json, lang, f"minka account post {answer.facts.get('ref', '')} {amount}")


@acts.command()
def post(
    hold_: Hold,
    amount: Amount,
    *,
    number: given.Number = "",
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Pay a provider out of a hold; the rest is free again."""
    from minka.desk.hold import PostHold, post_hold

    command = PostHold(person_of(number, lang), hold_, fen_of(amount, lang))
    show_answer(post_hold(given.office(), given.request(key, operator, ""), command), json, lang)


@acts.command()
def release(
    hold_: Hold,
    *,
    number: given.Number = "",
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Give a hold back."""
    from minka.desk.hold import ReleaseHold, release_hold

    command = ReleaseHold(person_of(number, lang), hold_)
    show_answer(release_hold(given.office(), given.request(key, operator, ""), command), json, lang)


@acts.command("open")
def open_(
    amount: Amount,
    *,
    source: Annotated[str, typer.Option(help="Where the figure is from.")],
    number: given.Number = "",
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Enter what the account held in the register it came from, once."""
    from minka.desk.ledger import OpenBalance, open_balance

    command = OpenBalance(person_of(number, lang), fen_of(amount, lang), source)
    show_answer(open_balance(given.office(), given.request(key, operator, ""), command), json, lang)


@acts.command("close-day")
def close_day_(
    day: Annotated[str, typer.Argument(help="2026-11-21.")],
    *,
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Write into the books what every fund and provider stands at, at the end of a day."""
    from minka.desk.ledger import CloseDay, close_day

    try:
        closed = date.fromisoformat(day)
    except ValueError:
        fault(f"看不懂日期 {day} · not a day: {day}", "2026-11-21", lang=lang)
    answer = close_day(given.office(), given.request(key, operator, ""), CloseDay(closed))
    show_answer(answer, json, lang, "minka verify")


@acts.command()
def propose(
    act: Annotated[
        str, typer.Argument(help="adjust_account, correct_entry, move_account, close_account.")
    ],
    *,
    operator: given.Operator,
    number: given.Number = "",
    amount: Annotated[str, typer.Option(help="Of an adjustment, in yuan, with its sign.")] = "",
    entry: Annotated[str, typer.Option(help="Of a correction: L….")] = "",
    to: Annotated[str, typer.Option(help="area:NUMBER, person:NUMBER or outside.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    role: given.Role = "medical_staff",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Put an act on an account before a second person."""
    from minka.desk.approval import Propose
    from minka.desk.approval import propose as put_before
    from minka.desk.ledger_signed import PERFORM

    if act not in PERFORM:
        fault(f"没有这项业务 {act} · no such act", " ".join(PERFORM), lang=lang)
    content = {
        "person_id": str(person_of(number, lang)),
        "entry": entry,
        "to": to,
        "reason": reason,
    }
    content["amount_fen"] = str(fen_of(amount, lang)) if amount else ""
    command = Propose(act, {name: text for name, text in content.items() if text})
    answer = put_before(given.office(), given.request(key, operator, role), command)
    told = f"{answer.facts.get('act_id', '')} {answer.facts.get('content_hash', '')}"
    show_answer(answer, json, lang, f"minka account approve {told}")


@acts.command()
def approve(
    act_id: Annotated[int, typer.Argument(help="Number of the proposal.")],
    content_hash: Annotated[str, typer.Argument(help="The hash that was shown with it.")],
    *,
    operator: given.Operator,
    role: given.Role = "reviewer",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Sign as the second person; the act is carried out in the same commit."""
    from minka.desk.approval import Approve
    from minka.desk.approval import approve as sign

    command = Approve(act_id, content_hash)
    answer = sign(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)
