"""`minka keys`: the inventory, acts of two people, ceremonies, a drill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_given as given
from minka.doors.cli_keys_ceremony import ceremony
from minka.doors.cli_keys_drill import drill
from minka.doors.cli_keys_propose import proposed
from minka.doors.cli_keys_vault import vault
from minka.doors.cli_say import Json, Lang, fault, print_json, show_answer, show_facts, wants_json

if TYPE_CHECKING:
    from minka.desk.keys_look import KeyView

keys = typer.Typer(help="Keys and their ceremonies. 密钥", no_args_is_help=True)
keys.add_typer(ceremony, name="ceremony")
keys.add_typer(vault, name="vault")
keys.command("drill")(drill)

KeyNo = Annotated[int, typer.Argument(help="Number of the key (密钥编号).")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A field of the content: name=IRK, use_limit=1000 …"),
]


@keys.command("list")
def list_(*, role: given.Role = "", json: Json = None, lang: Lang = "zh-hans") -> None:
    """The inventory: state, check value, counter; with --role, what that post may do now."""
    from minka.desk.keys_look import inventory

    views = inventory(given.office(), role)
    if wants_json(json):
        print_json([_told(view) for view in views])
        return
    for view in views:
        row, may = view.row, [legal.act for legal in view.acts if legal.may]
        limit = f"/{row['use_limit']}" if row["use_limit"] else ""
        state = _state(view, lang)
        typer.echo(
            f"{row['key_no']:>6} {row['name']} v{row['version']} {row['tier']} {row['purpose']}"
            f" {state} {row['check_value']} {row['used']}{limit} {' '.join(may) if role else ''}"
        )


def _state(view: KeyView, lang: str) -> str:
    from minka.keys.wording import STATES

    return STATES[view.standing].say(lang)


def _told(view: KeyView) -> dict[str, Any]:
    """A key as JSON: what the register knows, and each act with the reason why not."""
    acts = {legal.act: "yes" if legal.why_not is None else legal.why_not.en for legal in view.acts}
    return {**view.row, "standing": view.standing.value, "acts": acts}


@keys.command()
def show(
    key_no: KeyNo, *, role: given.Role = "", json: Json = None, lang: Lang = "zh-hans"
) -> None:
    """One key: what it is, what it admits now and why not, and every event with its signers."""
    from minka.desk.keys_look import events, key_view
    from minka.desk.keys_words import act_name

    office = given.office()
    view = key_view(office, key_no, role)
    if view is None:
        fault(f"没有密钥 {key_no} · no key {key_no}", "minka keys list", "cli.not_found", lang=lang)
    life = events(office, key_no)
    if wants_json(json):
        print_json({**_told(view), "events": life})
        return
    show_facts({**view.row, "standing": _state(view, lang)}, lang)
    for legal in view.acts:
        why = "✓" if legal.why_not is None else f"✗ {legal.why_not.say(lang)}"
        typer.echo(f"  {legal.name.say(lang)}: {why}")
    for each in life:
        signers = f"{each['proposed_by']} + {each['approved_by']}"
        named = act_name(each["act"]).say(lang)
        typer.echo(f"  {each['at']:%Y-%m-%d %H:%M} {named} → {each['to_state']} {signers}")


@keys.command()
def propose(
    act: Annotated[str, typer.Argument(help="generate_key, activate_key, destroy_key …")],
    *,
    operator: given.Operator,
    key_no: Annotated[int, typer.Option("--key-no", help="The key it is about.")] = 0,
    fields: Settings = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    role: given.Role = "key_keeper",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Put an act on keys before a second person, for 24 hours; this is the first signature."""
    content = {"key_no": str(key_no) if key_no else "", "reason": reason, **_fields(fields, lang)}
    proposed(act, content, given.request(key, operator, role), json, lang=lang)


def _fields(typed: list[str] | None, lang: str) -> dict[str, str]:
    found = {}
    for text in typed or ():
        name, equals, value = text.partition("=")
        if not equals:
            fault(f"要写成 名称=值：{text} · name=value: {text}", "--set name=IRK", lang=lang)
        found[name] = value
    return found


@keys.command()
def waiting(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """The acts on keys that wait for a second person, each with its hash as words."""
    from minka.desk.keys_look import proposals
    from minka.desk.keys_words import act_name
    from minka.keys.spoken import grouped

    found = proposals(given.office())
    if wants_json(json):
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['act_id']} {act_name(each['act']).say(lang)} {each['proposed_by']}")
        typer.echo(f"  {' '.join(f'{k}={v}' for k, v in each['content'].items())}")
        typer.echo(f"  {each['content_hash']}")
        typer.echo(f"  {grouped(bytes.fromhex(each['content_hash']), lang)}")


@keys.command()
def sign(
    act_id: Annotated[int, typer.Argument(help="Number of the proposal.")],
    content_hash: Annotated[str, typer.Argument(help="The hash that was shown with it.")],
    *,
    operator: given.Operator,
    role: given.Role = "security_administrator",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Sign as the second person; the act is carried out in the same commit."""
    from minka.desk.approval import Approve, approve

    command = Approve(act_id, content_hash)
    answer = approve(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang, "minka keys list")


@keys.command()
def rotate(
    key_no: KeyNo,
    *,
    operator: given.Operator,
    verifies_until: Annotated[str, typer.Option(help="When the last old card ends: 2036-01-01.")],
    active_from: Annotated[str, typer.Option(help="Day of the change; at once without it.")] = "",
    successor: Annotated[int, typer.Option(help="A version a ceremony brought.")] = 0,
    role: given.Role = "key_keeper",
    key: given.Key = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Propose the next version of a key; old cards are verified with the old one until a day."""
    content = {
        "key_no": str(key_no),
        "verifies_until": verifies_until,
        "active_from": active_from,
        "successor": str(successor or ""),
    }
    proposed("rotate_key", content, given.request(key, operator, role), json, lang=lang)


@keys.command()
def block(
    act_id: Annotated[int, typer.Argument(help="Number of the approved export_key.")],
    out: Annotated[Path, typer.Option(help="The file the block is written to.")],
    *,
    operator: given.Operator,
    role: given.Role = "key_keeper",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Take out the block of an approved export, once; the register keeps its hash alone."""
    from minka.desk.keys_block import TakeBlock, take_block

    if out.exists():
        fault(f"{out} 已经有了 · it is there already", "--out NEW", lang=lang)
    request = given.request("", operator, role)
    answer, content = take_block(given.office(), request, TakeBlock(act_id))
    if content:
        out.touch(0o600, exist_ok=False)
        out.write_bytes(content)
    show_answer(answer, json, lang)


@keys.command()
def record(
    ceremony_no: Annotated[int, typer.Argument(help="Number of the ceremony.")],
    out: Annotated[Path, typer.Option(help="The PDF.")],
    *,
    lang: Lang = "zh-hans",
) -> None:
    """Print the record of a ceremony: people, check values, and its hash as words."""
    from minka.doors.cli_keys_ceremony import printed

    out.write_bytes(printed(given.office(), ceremony_no, lang))
    typer.echo(str(out))


@keys.command()
def check(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Compare register and vault key by key: presence, check value, state; counters too."""
    from minka.desk.keys_look import differences
    from minka.keys.vault import KeyRefused, VaultGone
    from minka.store.connection import rows

    office = given.office()
    try:
        found = differences(office)
    except (VaultGone, KeyRefused) as why:
        step = "minka keys vault status"
        fault(f"加密机没有应答 · the vault: {why}", step, "cli.unavailable", lang=lang)
    with office.register.act() as connection:
        drift = rows(connection, "keys.use_drift")
    told = [{"name": d.name, "version": d.version, "why": d.why.say(lang)} for d in found]
    if wants_json(json):
        print_json({"differences": told, "counters": drift})
    else:
        for each in told:
            typer.echo(f"{each['name']} v{each['version']}: {each['why']}")
        typer.echo(f"{len(told)} 处不同 differences, {len(drift)} 个计数不符 counters", err=True)
    if told or drift:
        raise typer.Exit(5)
