"""`minka keys ceremony`: parts typed unseen, check values compared, a record printed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from minka.doors import cli_given as given
from minka.doors.cli_keys_propose import proposed
from minka.doors.cli_say import (
    Json,
    Lang,
    fault,
    print_json,
    show_answer,
    show_facts,
    wants_json,
)
from minka.kit.secret import Clear

if TYPE_CHECKING:
    from minka.desk.office import Office

ceremony = typer.Typer(help="A key made of parts. 密钥仪式", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Number of the ceremony (仪式编号).")]
Fd = Annotated[
    int | None,
    typer.Option("--fd", help="File descriptor the part is read from, one line; never shown."),
]


def typed_unseen(prompt: str, descriptor: int | None, lang: str) -> Clear:
    """A secret from a descriptor, or typed without echo; never from an argument."""
    if descriptor is not None:
        with os.fdopen(os.dup(descriptor), "r", encoding="utf-8") as source:
            return Clear(source.readline().strip())
    if not sys.stdin.isatty():
        fault(
            "要在终端上输入，或用 --fd · type it at a terminal, or give --fd", "--fd 3", lang=lang
        )
    import getpass

    return Clear(getpass.getpass(prompt).strip())


@ceremony.command()
def start(
    name: Annotated[str, typer.Argument(help="Name of the key: IRK, UK1DF01 …")],
    *,
    operator: given.Operator,
    custodians: Annotated[str, typer.Option(help="Staff numbers, each of one part: S1 S2 S3.")],
    witness: Annotated[str, typer.Option(help="Staff number of the witness.")],
    purpose: Annotated[str, typer.Option(help="internal, external, message, tac …")],
    version: Annotated[int, typer.Option(help="Version of the key.")] = 1,
    algorithm: Annotated[str, typer.Option(help="sm4 or triple_des.")] = "sm4",
    tier: Annotated[str, typer.Option(help="ministry, province, city …")] = "city",
    part_checks: Annotated[str, typer.Option(help="Check values on the envelopes.")] = "",
    key_check: Annotated[str, typer.Option(help="Check value the sender says.")] = "",
    held_for: Annotated[str, typer.Option(help="Who gains by it: a staff number.")] = "",
    role: given.Role = "key_keeper",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Propose a ceremony; it begins when a second person has signed."""
    content = {
        "name": name,
        "version": str(version),
        "algorithm": algorithm,
        "tier": tier,
        "purpose": purpose,
        "custodians": custodians,
        "witness": witness,
        "part_checks": part_checks,
        "key_check": key_check,
        "held_for": held_for,
    }
    proposed("start_ceremony", content, given.request(key, operator, role), json, lang=lang)


@ceremony.command()
def enter(
    ceremony_no: Number,
    *,
    operator: given.Operator,
    descriptor: Fd = None,
    role: given.Role = "key_custodian",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Enter your own part, unseen; its check value comes back, to be read to the witness."""
    from minka.desk.keys_ceremony import EnterPart, enter_part

    part = typed_unseen("分量 Part (hex): ", descriptor, lang)
    request = given.request(key, operator, role)
    answer = enter_part(given.office(), request, EnterPart(ceremony_no), part)
    show_answer(answer, json, lang, f"minka keys ceremony compare {ceremony_no} …")


@ceremony.command()
def compare(
    ceremony_no: Number,
    part: Annotated[int, typer.Argument(help="Number of the part; 0 is the whole key.")],
    check_value: Annotated[str, typer.Argument(help="The check value as it was read to you.")],
    *,
    operator: given.Operator,
    role: given.Role = "auditor",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The witness puts the value he was read beside the vault's."""
    from minka.desk.keys_ceremony import ComparePart, compare_part

    command = ComparePart(ceremony_no, part, check_value)
    answer = compare_part(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)
    if answer.facts.get("verdict") != "same":
        fault("校验值不符 · the check values differ", "--abandon", "keys.differs", lang=lang)


@ceremony.command("import")
def import_(
    ceremony_no: Number,
    *,
    operator: given.Operator,
    role: given.Role = "key_keeper",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Propose to combine the parts into a key; two people sign."""
    content = {"ceremony_no": str(ceremony_no)}
    proposed("import_key", content, given.request(key, operator, role), json, lang=lang)


@ceremony.command()
def close(
    ceremony_no: Number,
    *,
    operator: given.Operator,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Give it up instead; no key is to be used.")
    ] = False,
    role: given.Role = "auditor",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The witness ends the ceremony; the record is then printed and signed."""
    from minka.desk.keys_ceremony import CloseCeremony, close_ceremony

    command = CloseCeremony(ceremony_no, "abandoned" if abandon else "closed")
    answer = close_ceremony(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang, f"minka keys record {ceremony_no} --out record.pdf")


@ceremony.command("list")
def list_(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Every ceremony, the newest first."""
    from minka.desk.keys_look import ceremonies

    found = ceremonies(given.office())
    if wants_json(json):
        print_json(found)
        return
    for each in found:
        typer.echo(
            f"{each['ceremony_no']:>6} {each['name']} v{each['version']}"
            f" {each['entered']}/{each['parts']} {each['how'] or ''}"
        )


@ceremony.command()
def show(ceremony_no: Number, *, json: Json = None, lang: Lang = "zh-hans") -> None:
    """One ceremony: its people, its parts' check values, what the witness found."""
    from minka.desk.keys_ceremony import record_in
    from minka.desk.keys_look import ceremony as look

    office = given.office()
    view = look(office, ceremony_no)
    if view is None:
        _unknown(ceremony_no, lang)
    with office.register.act() as connection:
        record = record_in(connection, ceremony_no)
    told = {**record.facts, "state": view.held.ceremony.state.value, "record_hash": record.hash}
    if wants_json(json):
        print_json(told)
        return
    show_facts(told, lang)


def printed(office: Office, ceremony_no: int, lang: str) -> bytes:
    """The record of a ceremony as a PDF."""
    from minka.desk.keys_ceremony import record_in
    from minka.desk.keys_look import ceremony as look
    from minka.doors.papers.ceremony import ceremony_record
    from minka.doors.papers.press import press
    from minka.doors.settings import current

    view = look(office, ceremony_no)
    if view is None:
        _unknown(ceremony_no, lang)
    with office.register.act() as connection:
        record = record_in(connection, ceremony_no)
    found = current()
    cities = {"zh-hant": found.city_zh_hant, "en": found.city_en}
    city = cities.get(lang, found.city_zh_hans)
    return press(ceremony_record(view, record, city, lang))


def _unknown(ceremony_no: int, lang: str) -> NoReturn:
    sentence = f"没有仪式 {ceremony_no} · no ceremony {ceremony_no}"
    fault(sentence, "minka keys ceremony list", "cli.not_found", lang=lang)
