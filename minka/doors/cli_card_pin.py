"""`minka card verify-pin, change-pin, unblock`: the PIN on the chip; never typed as an argument."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from minka.doors import cli_card_words as words
from minka.doors.cli_card_chip import Operator, Reader, asked_pin, at_card
from minka.doors.cli_say import Json, Lang, fault, print_json, wants_json


def _tell(name: str, json: Any, lang: str, **more: Any) -> None:
    if wants_json(json):
        print_json({"result": name, **more})
        return
    typer.echo(f"  {words.word(name, lang)}")


def verify_pin(*, reader: Reader = "", json: Json = None, lang: Lang = "zh-hans") -> None:
    """Try the card's PIN; a wrong one uses up a try. 校验密码"""
    from minka.chip.gate import tries_of_pin, verify

    with at_card(reader, lang) as contact:
        if tries_of_pin(contact.session) is None:
            _tell("no_pin", json, lang)
            return
        verify(contact.session, asked_pin("卡密码 PIN"))
    _tell("pin_right", json, lang)


def change_pin(*, reader: Reader = "", json: Json = None, lang: Lang = "zh-hans") -> None:
    """Change the card's PIN by the old one. 修改密码"""
    from minka.chip.gate import change_pin as change

    with at_card(reader, lang) as contact:
        old, new = asked_pin("旧密码 old PIN"), asked_pin("新密码 new PIN")
        if asked_pin("再输一次 again").reveal() != new.reveal():
            why = "两次输入的新密码不同，没有修改 · the two new PINs differ, so nothing was changed"
            fault(why, "minka card change-pin", lang=lang)
        change(contact.session, old, new)
    _tell("pin_changed", json, lang)


def unblock(
    *,
    reader: Reader = "",
    new_pin: Annotated[
        bool, typer.Option("--new-pin", help="Set a new PIN too; it is asked for, unseen.")
    ] = False,
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Unblock a card's PIN with the vault's keys; the holder must have shown who he is. 解锁密码"""
    from minka.chip.gate import reload_pin, unblock_pin
    from minka.desk.chip_done import DoneAtCard, done_at_card

    with at_card(reader, lang, operator=operator) as contact:
        what = "pin_reset" if new_pin else "pin_unblocked"
        command = DoneAtCard(contact.session.card_number, contact.card, what)
        noted = done_at_card(contact.office, contact.new_request(), command)
        if not noted.accepted:
            fault(noted.say(lang), "minka card read", noted.code, lang=lang)
        if new_pin:
            reload_pin(contact.session, asked_pin("新密码 new PIN"), contact.gate)
        else:
            unblock_pin(contact.session, contact.gate)
    _tell(what, json, lang)
