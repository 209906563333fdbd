"""`minka card list, read, write, apdu, authenticate, log, block`: the chip in a reader."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_card_words as words
from minka.doors.cli_say import Code, Json, Lang, fault, print_json, wants_json

if TYPE_CHECKING:
    from minka.desk.act import Request
    from minka.desk.chip_contact import Contact

Reader = Annotated[
    str,
    typer.Option("--reader", help="Name of a PC/SC reader, or virtual:1. Empty: the one in use."),
]
Role = Annotated[str, typer.Option("--role", help="The post that stands at the reader.")]
Operator = Annotated[str, typer.Option("--operator", help="Staff number of who does this.")]
Raw = Annotated[bool, typer.Option("--raw", help="The bytes beside the words.")]
Clear = Annotated[bool, typer.Option("--clear", help="Identity in clear: you answer for it.")]
AskPin = Annotated[bool, typer.Option("--pin", help="Ask for the card's PIN, unseen.")]


def asked_pin(question: str) -> Any:
    """A PIN typed unseen, or one line of standard input; never an argument."""
    import getpass
    import sys

    from minka.kit.secret import Clear as Hidden

    if sys.stdin.isatty():
        return Hidden(getpass.getpass(f"{question}: ").strip())
    return Hidden(sys.stdin.readline().strip())


def requests(operator: str, role: str) -> Callable[[], Request]:
    """Fresh requests of a post at this machine."""
    from minka.desk.act import Request

    def fresh() -> Request:
        return Request(f"cli:{secrets.token_hex(12)}", "cli", operator or "cli", role)

    return fresh


@contextmanager
def at_card(
    reader: str, lang: str, *, operator: str = "", role: str = "counter_clerk", pin: Any = None
) -> Iterator[Contact]:
    """The card in a reader, opened and tried; faults end the command with their sentence."""
    from minka.desk import chip_contact
    from minka.doors import at_reader

    with words.faults_told(lang), at_reader.powered(reader) as connection:
        desk = at_reader.office_at(reader)
        terminal = reader or "pcsc"
        yield chip_contact.meet(desk, connection, terminal, requests(operator, role), pin=pin)


def list_readers(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """The readers of this machine, and whether a card lies in each. 列出读卡器"""
    from minka.doors import at_reader

    found = at_reader.seen()
    if wants_json(json):
        print_json({"readers": [{"name": r.name, "card": int(r.holds_card)} for r in found]})
        return
    for each in found:
        state = words.word("card" if each.holds_card else "no_card", lang)
        typer.echo(f"  {each.name}  {state}")
    if not found:
        fault("没有读卡器 · no reader", "minka up", "cli.not_found", lang=lang)


def read(
    *,
    reader: Reader = "",
    file: Annotated[
        list[str] | None, typer.Option("--file", help="DF01EF07 …; without it, all you may see.")
    ] = None,
    beside: Annotated[
        bool, typer.Option("--beside", help="Keep the reading; show what is on file beside it.")
    ] = False,
    raw: Raw = False,
    clear: Clear = False,
    pin: AskPin = False,
    role: Role = "counter_clerk",
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Read a card in plain words, field by field. 读卡（卡内查询）"""
    from minka.desk import chip_contact

    typed = asked_pin("卡密码 PIN") if pin else None
    with at_card(reader, lang, operator=operator, role=role, pin=typed) as contact:
        found = chip_contact.read(contact, tuple(file or ()))
        if beside:
            _beside(contact, json, lang, clear=clear)
            return
        version = contact.card.version
        fields = _fields((found, version), lang, clear=clear, raw=raw)
        closed = [{"file": c.file, "why": c.fault.say(lang)} for c in contact.closed]
        told = {"card": words.about(contact, lang), "fields": fields, "closed": closed}
    if wants_json(json):
        print_json(told)
        return
    _show_card(told["card"])
    words.show_fields(fields)
    for each in closed:
        typer.echo(f"\n  {each['file']}: {each['why']}")


def _fields(found: Any, lang: str, *, clear: Any, raw: Any) -> list[dict[str, Any]]:
    from minka.desk.chip_items import blank
    from minka.desk.chip_read import said

    items, version = found
    told = [pair for each in items if (pair := said(each, version)) is not None]
    return [
        words.told(field, lang, clear=clear, raw=raw)
        for place, field in told
        if not blank(place, field.reading.raw)
    ]


def _show_card(told: Any) -> None:
    typer.echo(f"  {told['card_number']}  {told['version']} {told['algorithm']}  {told['words']}")


def _beside(contact: Contact, json: Any, lang: str, *, clear: Any) -> None:
    """Keep the reading, and show card and file side by side with every difference named."""
    from minka.desk import chip_contact
    from minka.desk.chip_look import side_by_side

    kept = chip_contact.keep(contact)
    if not kept.accepted:
        fault(kept.say(lang), "minka card read", kept.code, lang=lang)
    seen = side_by_side(
        contact.office, kept.facts["person_id"], contact.role, kept.facts["card_id"]
    )
    assert seen is not None, "a kept reading has a person"
    lines = [words.told_line(line, lang, clear=clear) for line in seen.lines]
    if wants_json(json):
        waiting = [
            {"item": w.place.address, "since": w.since_at, "step": w.step} for w in seen.waiting
        ]
        print_json({"card": words.about(contact, lang), "lines": lines, "waiting": waiting})
        return
    _show_card(words.about(contact, lang))
    words.show_lines(lines)


def write(
    *,
    reader: Reader = "",
    role: Role = "counter_clerk",
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Write what waits for this card, read it back, and settle what was torn. 写卡"""
    from minka.desk import chip_contact

    with at_card(reader, lang, operator=operator, role=role) as contact:
        chip_contact.read(contact)
        kept = chip_contact.keep(contact)
        if not kept.accepted:
            fault(kept.say(lang), "minka card read", kept.code, lang=lang)
        named = (kept.facts["person_id"], kept.facts["card_id"])
        done = [
            {
                "item": waiting.place.address,
                "name": waiting.place.name(lang),
                "step": answer.facts.get("step", "refused"),
                "words": words.word(answer.facts["step"], lang)
                if answer.accepted
                else answer.say(lang),
            }
            for waiting, answer in chip_contact.write(contact, *named)
        ]
        chip_contact.read(contact)
        chip_contact.keep(contact)
    if wants_json(json):
        print_json({"writes": done})
        return
    for each in done:
        typer.echo(f"  {each['item']}  {each['name']}: {each['words']}")
    if not done:
        typer.echo(f"  {words.word('nothing', lang)}")


def check(
    *,
    reader: Reader = "",
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Before a card is handed over: its chip and its face, byte for byte. 领卡前核对"""
    from minka.desk import chip_contact
    from minka.desk.chip_check import PRINTED, CheckCard, check_card

    with at_card(reader, lang, operator=operator) as contact:
        files = tuple(dict.fromkeys(item.partition(".")[0] for item in PRINTED))
        chip_contact.read(contact, files)
        command = CheckCard(chip_contact.as_reading(contact))
        answer = check_card(contact.office, contact.new_request(), command)
    if not answer.accepted:
        fault(answer.say(lang), "minka card read", answer.code, lang=lang)
    verdict, names = answer.facts["verdict"], [f[lang] for f in answer.facts["fields"]]
    if wants_json(json):
        print_json({"verdict": verdict, "differing": answer.facts["differing"]})
    else:
        typer.echo(f"  {words.word(verdict, lang)} {' '.join(names)}")
    if verdict != "equal":
        raise typer.Exit(Code.REFUSED)


def apdu(
    commands: Annotated[list[str], typer.Argument(help="Commands in hexadecimal, in their order.")],
    *,
    reader: Reader = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Send commands as they are: for experts; a card may be spoilt by it. 直接发指令"""
    from minka.chip.apdu import parse_answer
    from minka.chip.status import meaning
    from minka.doors import at_reader

    told = []
    with words.faults_told(lang), at_reader.powered(reader) as card:
        for text in commands:
            try:
                command = bytes.fromhex(text)
            except ValueError:
                fault(f"不是十六进制：{text} · not hexadecimal", "00A40000023F00", lang=lang)
            answer = parse_answer(card.transmit(command))
            said = {"sw": f"{answer.sw:04X}", "means": meaning(answer.sw, lang)}
            told.append({"command": text.upper(), "data": answer.data.hex().upper(), **said})
    if wants_json(json):
        print_json({"answers": told})
        return
    for each in told:
        typer.echo(f"  > {each['command']}\n  < {each['data']} {each['sw']}  {each['means']}")


def authenticate(
    *,
    reader: Reader = "",
    key: Annotated[
        str, typer.Option("--key", help="IRK proves the card; any other opens: RK1DF01, PUK …")
    ] = "IRK",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Let the card prove itself, or show it a key of the vault. 认证"""
    from minka.chip.gate import authenticate as show
    from minka.chip.keys import IRK

    with at_card(reader, lang) as contact:
        if key != IRK:
            show(contact.session, key, contact.gate)
        told = words.about(contact, lang)
    if key != IRK:
        told["words"] = words.word("key_opens", lang)
    if key == IRK and told["proof"] != "proved":
        fault(told["words"], "minka card list", "chip.not_genuine", lang=lang)
    if wants_json(json):
        print_json({**told, "key": key})
        return
    typer.echo(f"  {key}: {told['words']}")


def log(
    *,
    reader: Reader = "",
    raw: Raw = False,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The card's own list of medical transactions, the newest first; asks for the PIN. 卡内交易"""
    from minka.chip.reading import read_log

    pin = asked_pin("卡密码 PIN")
    with at_card(reader, lang, pin=pin if pin.reveal() else None) as contact:
        found = read_log(contact.session, contact.gate)
        told = [words.told(each, lang, clear=True, raw=raw) for each in found if each.parts]
    if wants_json(json):
        print_json({"log": told})
        return
    words.show_fields(told)


def block(
    *,
    reader: Reader = "",
    yes: Annotated[bool, typer.Option("--yes", help="Really: it has no way back.")] = False,
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Do with a stopped card what the register orders: refuse it, or block it for good. 锁卡"""
    from minka.desk import chip_contact

    if not yes:
        why = "锁定后不能恢复，没有做 · a block has no way back, so nothing was done"
        fault(why, "minka card block --yes", lang=lang)
    with at_card(reader, lang, operator=operator, role="counter_clerk") as contact:
        done = chip_contact.stamp(contact)
    if done is not None and not done.accepted:
        fault(done.say(lang), "minka card read", done.code, lang=lang)
    result = done.facts["result"] if done else "usable"
    if wants_json(json):
        print_json({"result": result})
        return
    typer.echo(f"  {words.word('refused_card' if result == 'refused' else result, lang)}")
