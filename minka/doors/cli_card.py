"""`minka card`, `minka person`, `minka receipt`: the register, masked; and chips in readers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_card_chip, cli_card_file, cli_card_pin
from minka.doors import cli_given as given
from minka.doors.cli_say import (
    Json,
    Lang,
    fault,
    print_json,
    show_answer,
    show_facts,
    shown,
    wants_json,
)

if TYPE_CHECKING:
    from minka.desk.look import ApplicationView, CardView, PersonFile
    from minka.desk.tale import Event

card = typer.Typer(help="A card now and at any instant. 查卡", no_args_is_help=True)
person = typer.Typer(help="The file of a person. 查人", no_args_is_help=True)

CardNumber = Annotated[str, typer.Argument(help="Number of the card.")]


def _found_card(card_number: str, lang: str) -> tuple[int, int]:
    from minka.store.connection import row

    with given.office().register.act() as connection:
        found = row(connection, "cards.by_number", card_number=card_number.strip().upper())
    if found is None:
        fault("没有这张卡 · no such card", "minka person show", "cli.not_found", lang=lang)
    return found["person_id"], found["card_id"]


@card.command("show")
def card_show(card_number: CardNumber, *, json: Json = None, lang: Lang = "zh-hans") -> None:
    """A card as it stands now, its two stops apart."""
    person_id, card_id = _found_card(card_number, lang)
    view = next(v for v in _file(person_id).cards if v.card.card_id == card_id)
    _show({"card": _card_data(view, lang)}, json, lang)


@card.command()
def standing(
    card_number: CardNumber,
    *,
    at: Annotated[str, typer.Option(help="2026-11-22T15:00, China time; empty: now.")] = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The standing of a card at any instant, past too."""
    from minka.cards.words import STANDINGS
    from minka.store import cards

    person_id, card_id = _found_card(card_number, lang)
    with given.office().register.act() as connection:
        instant = _instant(at, lang) if at else cards.now(connection, given.office().fence())
        found = cards.standing(connection, person_id, card_id, instant)
    if wants_json(json):
        print_json({"standing": found.value, "at": instant.isoformat()})
        return
    typer.echo(f"{shown(instant)}  {STANDINGS[found].name.say(lang)}")


@card.command()
def use(
    card_number: CardNumber,
    *,
    amount: Annotated[str, typer.Option(help="Amount in yuan.")] = "12.00",
    provider: Annotated[str, typer.Option(help="Number of the hospital.")] = "R1-HOSPITAL-3",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Use a card at a hospital, as its terminal would: it pays, or it is refused."""
    from minka.desk.use import UseCard, use_card
    from minka.kit.fen import from_yuan

    try:
        amount_fen = from_yuan(amount)
    except ValueError:
        fault(f"看不懂金额 {amount} · not an amount: {amount}", "--amount 12.00", lang=lang)
    command = UseCard(amount_fen, provider, card_number.strip().upper())
    show_answer(use_card(given.office(), given.request(key, "", ""), command), json, lang)


def _instant(text: str, lang: str) -> datetime:
    from minka.kit.clock import CHINA

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fault(f"看不懂时间 {text} · not an instant: {text}", "--at 2026-11-22T15:00", lang=lang)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


@person.command("show")
def person_show(*, number: given.Number = "", json: Json = None, lang: Lang = "zh-hans") -> None:
    """The file of a person: cards, replacements, and the story so far."""
    from minka.desk.look import file_of_number

    file = file_of_number(given.office(), given.identity(number))
    if file is None:
        fault(
            "没有查到这个人 · nobody of this number is on file",
            "核对号码 · check the number",
            "cli.not_found",
            lang=lang,
        )
    _show(_file_data(file, lang), json, lang)


def receipt(
    code: Annotated[str, typer.Argument(help="Any receipt: G-… B-… S-… R-… D-…")],
    *,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """What a receipt stands for, and how far it has got. 查回执"""
    from minka.desk.look import receipted

    found = receipted(given.office(), code)
    if found is None:
        fault(
            "没有查到这个编号 · no such receipt",
            "核对编号 · check its letters",
            "cli.not_found",
            lang=lang,
        )
    data: dict[str, Any] = {"code": found.code, "kind": found.kind}
    if found.report is not None:
        kept = ("channel", "form", "force", "reason", "accepted_at", "confirmed_at", "until_at")
        data["report"] = {k: found.report[k] for k in (*kept, "withdrawn_at", "rule_ref")}
    if found.application is not None:
        data["application"] = _application_data(found.application, lang)
    view = found.file.in_hand()
    if view is not None:
        data["card"] = _card_data(view, lang)
    data["events"] = [
        _event_data(e, lang) for e in found.file.events if e.receipt in (found.code, "")
    ]
    _show(data, json, lang)


def _file(person_id: int) -> PersonFile:
    from minka.desk.look import file_of_person

    file = file_of_person(given.office(), person_id)
    assert file is not None, "a card belongs to a person"
    return file


def _file_data(file: PersonFile, lang: str) -> dict[str, Any]:
    return {
        "name": file.person.name_mask,
        "number": file.person.number_mask,
        "region": file.person.region,
        "cards": [_card_data(view, lang) for view in file.cards],
        "applications": [_application_data(each, lang) for each in file.applications],
        "events": [_event_data(event, lang) for event in file.events],
    }


def _card_data(view: CardView, lang: str) -> dict[str, Any]:
    stops = view.stops
    return {
        "card": view.number_mask,
        "standing": view.standing.value,
        "words": view.plain.name.say(lang),
        "until_at": view.until_at,
        "social_stopped_at": stops.social_at if stops else None,
        "bank": stops.bank if stops else None,
        "bank_stopped_at": stops.bank_at if stops else None,
    }


def _application_data(view: ApplicationView, lang: str) -> dict[str, Any]:
    return {
        "receipt": view.receipt,
        "slip": view.slip,
        "status": view.status.value,
        "words": view.plain.name.say(lang),
        "accepted_at": view.accepted_at,
        "promised_at": view.promised_at,
        "promise": view.promise,
        "collect_at": view.collect_at,
        "fee_fen": view.fee_fen,
        "paid": view.paid,
    }


def _event_data(event: Event, lang: str) -> dict[str, Any]:
    return {
        "at": event.at,
        "kind": event.kind,
        "words": event.words.say(lang),
        "card": event.card_mask,
        "receipt": event.receipt,
        "state": event.state,
    }


def _show(data: dict[str, Any], json: Any, lang: str) -> None:
    if wants_json(json):
        print_json(data)
        return
    listed = {name: value for name, value in data.items() if isinstance(value, list)}
    show_facts({k: v for k, v in data.items() if k not in listed}, lang, "")
    for name, rows in listed.items():
        for each in rows:
            if name == "events":
                mark = "" if each["state"] == "done" else f" ({each['state']})"
                typer.echo(f"  {shown(each['at'])}  {each['card']}  {each['words']}{mark}")
            else:
                show_facts({name: each}, lang, "")


card.command("list")(cli_card_chip.list_readers)
card.command()(cli_card_chip.read)
card.command()(cli_card_chip.write)
card.command()(cli_card_chip.check)
card.command()(cli_card_chip.apdu)
card.command()(cli_card_chip.authenticate)
card.command()(cli_card_chip.log)
card.command()(cli_card_chip.block)
card.command("verify-pin")(cli_card_pin.verify_pin)
card.command("change-pin")(cli_card_pin.change_pin)
card.command()(cli_card_pin.unblock)
card.command()(cli_card_file.fact)
card.command("pending")(cli_card_file.pending_writes)
card.command()(cli_card_file.device)
card.command()(cli_card_file.devices)
card.command()(cli_card_file.upload)
card.command()(cli_card_file.cases)
card.command()(cli_card_file.end)
