"""`minka replace`: apply, pay, make, stock, collect, activate, withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from minka.doors import cli_given as given
from minka.doors.cli_say import Json, Lang, fault, show_answer

if TYPE_CHECKING:
    from minka.desk.act import Answer, Request
    from minka.desk.apply import ApplyReplacement

replace = typer.Typer(help="Replacements, to the holder's hand. 补卡换卡", no_args_is_help=True)

Region = Annotated[str, typer.Argument(help="The region whose rules apply: R1, R6 …")]
Receipt = Annotated[str, typer.Argument(help="Receipt of the application (B-…).")]


@replace.command()
def apply(
    region: Region,
    *,
    place: given.PlaceId = "",
    channel: Annotated[str, typer.Option(help="counter, bank_counter …")] = "counter",
    number: given.Number = "",
    name: given.Name = "",
    reason: Annotated[str, typer.Option(help="lost, stolen, damaged, demagnetised …")] = "lost",
    formal_loss: Annotated[
        bool, typer.Option("--formal-loss", help="Formal loss in the same visit and commit.")
    ] = False,
    actor: given.Actor = "holder",
    agent_name: given.AgentName = "",
    agent_number: given.AgentNumber = "",
    relation: given.Relation = "",
    paper: given.Papers = None,
    document: given.Documents = None,
    photo: Annotated[str, typer.Option(help="Code of the photo; empty: the one on file.")] = "",
    waiver: Annotated[str, typer.Option(help="Reason for no fee, such as low_income.")] = "",
    bank: Annotated[str, typer.Option(help="Bank of the new card, where it changes.")] = "",
    collect_at: Annotated[str, typer.Option(help="Place of collection; empty: here.")] = "",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Apply for a replacement; with --formal-loss both happen or neither."""
    from minka.desk.apply import ApplyReplacement

    if not place:
        fault("没有说在哪个网点 · no place was given", "--place NUMBER", lang=lang)
    command = ApplyReplacement(
        region=region,
        channel=channel,
        number=given.identity(number),
        place_id=place,
        reason=reason,
        stated=given.stated(name=name),
        actor=actor,
        agent=given.agent(agent_name, agent_number, relation),
        papers=given.papers(paper),
        documents=tuple(document or ()),
        photo_code=photo,
        waiver=waiver,
        bank_id=bank,
        collect_at=collect_at,
    )
    asked = given.request(key, operator, role)
    answer = _lost_too(asked, command) if formal_loss else _applied(asked, command)
    show_answer(answer, json, lang, "minka receipt B-…, minka replace pay B-…")


def _applied(asked: Request, command: ApplyReplacement) -> Answer:
    from minka.desk.apply import apply_replacement

    return apply_replacement(given.office(), asked, command)


def _lost_too(asked: Request, command: ApplyReplacement) -> Answer:
    """Formal loss and replacement as one case, with the same papers."""
    from minka.desk.apply import LoseAndReplace, lose_and_replace
    from minka.desk.loss import ReportLoss

    loss = ReportLoss(
        region=command.region,
        channel=command.channel,
        number=command.number,
        stated=command.stated,
        reason=command.reason,
        force="formal",
        actor=command.actor,
        agent=command.agent,
        place_id=command.place_id,
        papers=command.papers,
        documents=command.documents,
    )
    return lose_and_replace(given.office(), asked, LoseAndReplace(loss, command))


@replace.command()
def pay(
    receipt: Receipt,
    *,
    means: Annotated[str, typer.Option(help="cash, qr or card.")] = "cash",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Take the fee, once."""
    from minka.desk.collect import PayFee, pay_fee

    asked = given.request(key, operator, role)
    show_answer(pay_fee(given.office(), asked, PayFee(receipt, means)), json, lang)


@replace.command()
def make(
    receipt: Receipt,
    *,
    key: given.Key = "",
    operator: given.Operator = "factory",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The factory made the card."""
    _advance("make", receipt, (key, operator), (json, lang))


@replace.command()
def stock(
    receipt: Receipt,
    *,
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The place of collection booked the card in."""
    _advance("stock", receipt, (key, operator), (json, lang))


def _advance(move: str, receipt: str, who: tuple[str, str], how: tuple[object, str]) -> None:
    from minka.desk.collect import AdvanceCard, advance_card

    asked = given.request(who[0], who[1], "factory")
    show_answer(advance_card(given.office(), asked, AdvanceCard(receipt, move)), how[0], how[1])


@replace.command()
def collect(
    slip: Annotated[str, typer.Argument(help="The collection slip (S-…).")],
    *,
    place: given.PlaceId = "",
    number: given.Number = "",
    paper: given.Papers = None,
    actor: given.Actor = "holder",
    agent_name: given.AgentName = "",
    agent_number: given.AgentNumber = "",
    relation: given.Relation = "",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Hand a finished card over, once."""
    from minka.desk.collect import CollectCard, collect_card

    command = CollectCard(
        slip=slip,
        place_id=place,
        number=given.identity(number),
        papers=given.papers(paper),
        actor=actor,
        agent=given.agent(agent_name, agent_number, relation),
    )
    answer = collect_card(given.office(), given.request(key, operator, role), command)
    after = f"minka replace activate {answer.facts.get('receipt', '')}"
    show_answer(answer, json, lang, after)


@replace.command()
def activate(
    receipt: Receipt,
    *,
    number: given.Number = "",
    actor: given.Actor = "holder",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Bring the collected card to life; the card it replaces dies in the same commit."""
    from minka.desk.collect import ActivateCard, activate_card

    command = ActivateCard(receipt, given.identity(number), actor)
    show_answer(
        activate_card(given.office(), given.request(key, operator, role), command), json, lang
    )


@replace.command()
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
    """Take an application back; a paid fee goes back too."""
    from minka.desk.collect import WithdrawApplication, withdraw_application

    command = WithdrawApplication(receipt, given.identity(number))
    answer = withdraw_application(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)
