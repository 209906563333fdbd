"""`minka partner`: who may use the JSON API, with which scopes and for whom."""

from __future__ import annotations

from typing import Annotated

import typer

from minka.doors.cli_say import Json, Lang, fault, print_json, wants_json

partner = typer.Typer(help="Partners of the JSON API. 接口合作方", no_args_is_help=True)


@partner.command()
def add(
    client: Annotated[str, typer.Argument(help="Id of the partner: letters, digits, - and _.")],
    *,
    scope: Annotated[
        list[str], typer.Option("--scope", help="loss:report, issue:apply … (repeatable).")
    ],
    region: Annotated[list[str], typer.Option("--region", help="R1 … (repeatable).")],
    role: Annotated[str, typer.Option(help="Staff role of its people.")] = "",
    bank: Annotated[str, typer.Option(help="Number of its bank.")] = "",
    employer: Annotated[str, typer.Option(help="Number of its employer.")] = "",
    place: Annotated[str, typer.Option(help="Number of its place.")] = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Enrol a partner; its token is shown this once and kept nowhere."""
    import psycopg
    from psycopg.rows import dict_row

    from minka.doors.api.scopes import SCOPES
    from minka.store import api_clients
    from minka.store.cluster import database_url

    unknown = sorted(set(scope) - set(SCOPES))
    if unknown:
        fault(f"没有这种权限 · no such scope: {' '.join(unknown)}", " ".join(SCOPES), lang=lang)
    wanted = api_clients.Client(
        client_id=client,
        scopes=frozenset(scope),
        regions=frozenset(region),
        role=role,
        bank_id=bank,
        employer_id=employer,
        place_id=place,
    )
    try:
        with psycopg.connect(database_url(), row_factory=dict_row) as connection:
            token = api_clients.add(connection, wanted)
    except (AssertionError, psycopg.errors.IntegrityError):
        fault(f"这个编号不能用 · this id cannot be used: {client}", "minka partner add", lang=lang)
    if wants_json(json):
        print_json({"client": client, "token": token})
        return
    typer.echo(token)
    typer.echo("下一步：Authorization: Bearer TOKEN · 令牌只显示这一次 · shown this once", err=True)
