"""`minka loss`: report, confirm, withdraw, freeze, unfreeze."""

from __future__ import annotations

from typing import Annotated

import typer

from minka.doors import cli_given as given
from minka.doors.cli_say import Json, Lang, show_answer

loss = typer.Typer(help="Loss reports. 挂失", no_args_is_help=True)

Region = Annotated[str, typer.Argument(help="The region whose rules apply: R1, R6 …")]
Channel = Annotated[str, typer.Option("--channel", help="hotline, counter, kiosk, web, sms …")]
Force = Annotated[str, typer.Option("--force", help="provisional or formal; empty: by the rule.")]


@loss.command()
def report(
    region: Region,
    *,
    channel: Channel = "hotline",
    number: given.Number = "",
    name: given.Name = "",
    card_number: given.CardNumber = "",
    computer_number: given.Computer = "",
    employer_name: given.EmployerName = "",
    reason: Annotated[str, typer.Option(help="lost, stolen, damaged, demagnetised.")] = "lost",
    force: Force = "",
    place: given.PlaceId = "",
    kiosk: Annotated[str, typer.Option(help="Number of the terminal.")] = "",
    actor: given.Actor = "holder",
    agent_name: given.AgentName = "",
    agent_number: given.AgentNumber = "",
    relation: given.Relation = "",
    employer: Annotated[str, typer.Option(help="Number of the clerk's employer.")] = "",
    paper: given.Papers = None,
    document: given.Documents = None,
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "hotline_agent",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Report a card lost; it is stopped when this answers, unless the rule waits for staff."""
    from minka.desk.loss import ReportLoss, report_loss

    command = ReportLoss(
        region=region,
        channel=channel,
        number=given.identity(number),
        stated=given.stated(
            name=name,
            card_number=card_number,
            card_computer_number=computer_number,
            employer_name=employer_name,
        ),
        reason=reason,
        force=force,
        actor=actor,
        agent=given.agent(agent_name, agent_number, relation),
        employer_id=employer,
        place_id=place,
        kiosk_id=kiosk,
        papers=given.papers(paper),
        documents=tuple(document or ()),
    )
    answer = report_loss(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang, f"minka receipt {answer.facts.get('receipt', '')}")


@loss.command()
def confirm(
    receipt: Annotated[str, typer.Argument(help="Receipt of the report (G-…).")],
    *,
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "medical_staff",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Confirm a report that takes effect only with the staff's word."""
    from minka.desk.confirm import ConfirmReport, confirm_report
    from minka.kit.codes import read_code

    command = ConfirmReport(read_code(receipt) or receipt)
    answer = confirm_report(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang, f"minka receipt {receipt}")


@loss.command()
def withdraw(
    region: Region,
    *,
    channel: Channel = "counter",
    number: given.Number = "",
    place: given.PlaceId = "",
    paper: given.Papers = None,
    found_card: Annotated[str, typer.Option(help="Number read from the found card.")] = "",
    actor: given.Actor = "holder",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "counter_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Take back the report of a card that was found; a formal one never."""
    from minka.desk.withdraw import WithdrawLoss, withdraw_loss

    command = WithdrawLoss(
        region=region,
        channel=channel,
        number=given.identity(number),
        place_id=place,
        papers=given.papers(paper),
        found_card_number=found_card,
        actor=actor,
    )
    answer = withdraw_loss(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)


@loss.command()
def freeze(
    region: Region,
    *,
    number: given.Number = "",
    name: given.Name = "",
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The holder stops the own card in seconds, without a loss report."""
    _freeze("freeze", region, (number, name), (key, operator, json, lang))


@loss.command()
def unfreeze(
    region: Region,
    *,
    number: given.Number = "",
    name: given.Name = "",
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """And starts it again."""
    _freeze("unfreeze", region, (number, name), (key, operator, json, lang))


def _freeze(
    what: str, region: str, who: tuple[str, str], how: tuple[str, str, object, str]
) -> None:
    from minka.desk.withdraw import FreezeCard, freeze_card

    command = FreezeCard(region, given.identity(who[0]), what, given.stated(name=who[1]))
    answer = freeze_card(given.office(), given.request(how[0], how[1], ""), command)
    show_answer(answer, how[2], how[3])
