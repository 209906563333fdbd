"""`minka client`: partners of the API are enrolled, shown, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from minka.doors.cli_say import Code, Json, Lang, fault, print_json, wants_json

if TYPE_CHECKING:
    from minka.store.connection import Connection

client = typer.Typer(help="Partners of the API. 接口调用方", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The partner's id: letters, digits, - and _.")]


@client.command()
def add(
    client_id: Id,
    *,
    scope: Annotated[list[str], typer.Option(help="What it may do; see docs/api.md.")],
    region: Annotated[list[str], typer.Option(help="Where it may act.")],
    name: Annotated[str, typer.Option(help="Its name.")] = "",
    role: Annotated[str, typer.Option(help="Role of its staff at our desks.")] = "",
    staff_number: Annotated[str, typer.Option(help="Whose own token it is.")] = "",
    employer: Annotated[str, typer.Option(help="Bound to this employer.")] = "",
    bank: Annotated[str, typer.Option(help="Bound to this bank.")] = "",
    place: Annotated[str, typer.Option(help="Bound to this place.")] = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Enrol a partner; its token is shown this once."""
    import psycopg

    from minka.doors.api.scopes import SCOPES
    from minka.store import api_clients

    unknown = sorted(set(scope) - set(SCOPES))
    if unknown:
        fault(f"没有这个权限：{unknown[0]} · no such scope", " ".join(SCOPES), lang=lang)
    try:
        partner = api_clients.Client(
            client_id,
            frozenset(scope),
            frozenset(region),
            role=role,
            staff_number=staff_number,
            employer_id=employer,
            bank_id=bank,
            place_id=place,
        )
        with _owner() as connection:
            token = api_clients.add(connection, partner, name)
    except (psycopg.errors.IntegrityError, ValueError) as why:
        fault(f"没有登记：{type(why).__name__} · not enrolled", "minka client list", lang=lang)
    if wants_json(json):
        print_json({"client_id": client_id, "token": token})
    else:
        typer.echo(f"{token}\n令牌只显示这一次 · the token is shown this once")


@client.command(name="list")
def list_(*, json: Json = None) -> None:
    """The partners, with what they may do."""
    from minka.store import api_clients

    with _owner() as connection:
        found = api_clients.listed(connection)
    if wants_json(json):
        print_json(found)
        return
    for each in found:
        state = "" if each["active"] else "（已停用 · ended）"
        typer.echo(f"{each['client_id']}  {each['name']}{state}  {each['regions']}")
        typer.echo(f"    {each['scopes']}")


@client.command()
def end(client_id: Id, *, lang: Lang = "zh-hans") -> None:
    """End a partner: its token opens nothing from now on."""
    from minka.store import api_clients

    with _owner() as connection:
        ended = api_clients.end(connection, client_id)
    if not ended:
        typer.echo("没有这个调用方 · no such partner", err=True)
        raise typer.Exit(Code.NOT_FOUND)
    typer.echo(f"{client_id} 已停用 · ended")


def _owner() -> Connection:
    import psycopg
    from psycopg.rows import dict_row

    from minka.store.cluster import database_url

    return psycopg.connect(database_url(), row_factory=dict_row)
