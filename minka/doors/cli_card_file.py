"""`minka card fact, pending, device, devices, upload, cases, end`: what the file knows of chips."""

from __future__ import annotations

import json as json_module
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_given as given
from minka.doors.cli_say import Json, Lang, fault, print_json, show_answer, shown, wants_json

if TYPE_CHECKING:
    from minka.desk.chip_offline_rules import Purchase

Region = Annotated[str, typer.Option("--region", help="Region, such as R1.")]
DeviceNo = Annotated[str, typer.Argument(help="Number of the device; a PSAM's: 12 digits.")]


def fact(
    item: Annotated[str, typer.Argument(help="File and tag: DF01EF07.29, DF02EF07.- …")],
    values: Annotated[
        list[str], typer.Argument(help="The value, or parts: 5B=3 5D=2026-05-20, '#2=2012-03-01'.")
    ],
    *,
    on: Annotated[str, typer.Option("--on", help="The day on which it was true.")],
    nth: Annotated[int, typer.Option("--nth", help="Which of several records.")] = 1,
    number: given.Number = "",
    operator: given.Operator = "",
    role: given.Role = "",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Record what is true of a person; his card learns it at its next contact. 登记"""
    from minka.desk.chip_fact import RecordFact, record_fact
    from minka.desk.look import file_of_number
    from minka.kit.secret import Clear

    desk = given.office()
    found = file_of_number(desk, given.identity(number))
    if found is None:
        fault("没有查到这个人 · nobody of this number", "--number", "cli.not_found", lang=lang)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        fault(f"看不懂日期 {on} · not a day", "--on 2026-10-31", lang=lang)
    parted = dict(each.partition("=")[::2] for each in values) if "=" in values[0] else {}
    typed = {mark: Clear(text) for mark, text in (parted or {"": " ".join(values)}).items()}
    command = RecordFact(int(found.person.person_id), item.upper(), typed, day, nth)
    show_answer(record_fact(desk, given.request(key, operator, role), command), json, lang)


def pending_writes(
    card_number: Annotated[str, typer.Argument(help="Number of the card.")],
    *,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """What a card still has to learn, and how far it got. 待写入"""
    from minka.desk.chip_write import pending
    from minka.store.connection import row

    desk = given.office()
    with desk.register.act() as connection:
        known = row(connection, "cards.by_number", card_number=card_number.strip().upper())
    if known is None:
        fault("没有这张卡 · no such card", "minka person show", "cli.not_found", lang=lang)
    found = pending(desk, known["person_id"], known["card_id"])
    told = [
        {
            "write_id": each.write_id,
            "item": each.place.address,
            "name": each.place.name(lang),
            "since": each.since_at,
            "step": each.step or "waits",
        }
        for each in found
    ]
    _listed({"writes": told}, json, ("item", "name", "since", "step"))


def device(
    device_no: DeviceNo,
    *,
    region: Region,
    state: Annotated[
        str, typer.Option("--state", help="stored, in_use, stopped, lost, ended.")
    ] = "in_use",
    kind: Annotated[
        str, typer.Option("--kind", help="reader, pos, kiosk, psam: a new device.")
    ] = "",
    place: given.PlaceId = "",
    provider: Annotated[int, typer.Option("--provider", help="Number of the provider.")] = 0,
    owner: Annotated[str, typer.Option("--owner", help="Whose it is.")] = "",
    version: Annotated[str, typer.Option("--version", help="Of its software.")] = "",
    key_set: Annotated[str, typer.Option("--key-set", help="Which keys it holds.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it is changed.")] = "",
    operator: given.Operator = "",
    role: given.Role = "",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Register a reader, terminal or PSAM (with --kind), or a change of it. 设备登记"""
    from minka.desk.chip_device import (
        KINDS,
        STATES,
        AddDevice,
        ChangeDevice,
        Held,
        add_device,
        change_device,
    )

    if (kind and kind not in KINDS) or state not in STATES:
        fault(f"没有这种设备或状态 · no such kind or state: {kind} {state}", "--help", lang=lang)
    held = Held(state, place, owner, version, key_set)
    desk, asked = given.office(), given.request(key, operator, role)
    if kind:
        added = AddDevice(region, device_no, kind, held, provider)
        show_answer(add_device(desk, asked, added), json, lang)
        return
    show_answer(change_device(desk, asked, ChangeDevice(device_no, held, reason)), json, lang)


def devices(*, region: Region, json: Json = None, lang: Lang = "zh-hans") -> None:
    """The registered devices, their state, keys and stop lists. 设备清单"""
    from minka.desk.chip_device import KINDS, STATES
    from minka.desk.chip_device import devices as listed

    told = [
        {
            "device_no": each["device_no"],
            "kind": KINDS[each["kind"]].say(lang),
            "state": STATES[each["state"]].say(lang),
            "place": each["place_id"],
            "owner": each["owner"],
            "key_set": each["key_set"],
            "list_version": each["list_version"],
            "list_at": each["list_at"],
        }
        for each in listed(given.office(), region)
    ]
    _listed({"devices": told}, json, ("device_no", "kind", "state", "place", "key_set"))


def upload(
    file: Annotated[Path, typer.Argument(help="JSON: device_no, batch_no, purchases.")],
    *,
    operator: given.Operator = "",
    role: given.Role = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Bring in what a terminal took without a line; the same file again is answered again. 上传"""
    from minka.desk.chip_offline import UploadOffline
    from minka.desk.chip_offline import upload as bring_in

    try:
        told = json_module.loads(file.read_text("utf-8"))
        purchases = tuple(_purchase(each) for each in told["purchases"])
        command = UploadOffline(str(told["device_no"]), str(told["batch_no"]), purchases)
    except (OSError, ValueError, KeyError, TypeError) as why:
        reason = f"文件看不懂 · the file cannot be understood: {type(why).__name__}"
        fault(reason, "minka card upload --help", lang=lang)
    desk = given.office()
    first, *each = bring_in(desk, given.request("", operator, role), command, desk.vault())
    if not first.accepted:
        show_answer(first, json, lang)
    lines = [
        {"line": place, **answer.facts}
        if answer.accepted
        else {"line": place, "outcome": answer.code, "findings": answer.say(lang)}
        for place, answer in enumerate(each)
    ]
    _listed({"records": lines}, json, ("line", "outcome", "findings"))


def _purchase(told: Any) -> Purchase:
    from minka.desk.chip_offline_rules import Purchase

    return Purchase(
        id_code=bytes.fromhex(told["id_code"]),
        card_seq=int(told["card_seq"]),
        terminal_seq=int(told["terminal_seq"]),
        account_fen=int(told["account_fen"]),
        self_fen=int(told["self_fen"]),
        pooled_fen=int(told["pooled_fen"]),
        claimed_at=_instant(told["claimed_at"]),
        tac=bytes.fromhex(told["tac"]),
        list_version=int(told["list_version"]),
        list_at=_instant(told["list_at"]),
        synced_at=_instant(told["synced_at"]),
    )


def _instant(text: str) -> datetime:
    from minka.kit.clock import CHINA

    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def cases(*, region: Region, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Purchases without a line that somebody must look into: whose, and by when. 脱网疑点"""
    from minka.desk.chip_case import POSTS, said
    from minka.desk.chip_case import cases as listed

    told = [
        {
            "case_id": each["case_id"],
            "finding": said(each["kind"]).say(lang),
            "owner": POSTS[each["owner"]].say(lang),
            "due_at": each["due_at"],
            "total_fen": each["total_fen"],
            "card_seq": each["card_seq"],
            "terminal": each["device_no"],
            "holder": each["number_mask"],
            "ended": each["verdict"],
        }
        for each in listed(given.office(), region)
    ]
    _listed({"cases": told}, json, ("case_id", "finding", "owner", "due_at", "ended"))


def end(
    case_id: Annotated[int, typer.Argument(help="Number of the case.")],
    *,
    region: Region,
    verdict: Annotated[str, typer.Option("--verdict", help="paid, refused, explained.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    operator: given.Operator = "",
    role: given.Role = "",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """End a case: its owner refuses or explains it, a reviewer has it paid. 处理疑点"""
    from minka.desk.chip_case import VERDICTS, EndCase, end_case

    if verdict not in VERDICTS:
        fault(f"没有这种结论：{verdict} · no such verdict", "--verdict refused", lang=lang)
    command = EndCase(region, case_id, verdict, reason)
    show_answer(end_case(given.office(), given.request(key, operator, role), command), json, lang)


def _listed(told: dict[str, list[dict[str, Any]]], json: Any, columns: tuple[str, ...]) -> None:
    if wants_json(json):
        print_json(told)
        return
    for rows in told.values():
        for each in rows:
            typer.echo("  " + "  ".join(shown(each[name]) for name in columns))
        if not rows:
            typer.echo("  —")
