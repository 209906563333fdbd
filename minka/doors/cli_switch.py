"""``minka switch``: the settlement process with its doors."""

from __future__ import annotations

from typing import Annotated

import typer

from minka.doors.insurance.switch import Places, serve
from minka.doors.insurance.workers import default_workers
from minka.doors.office import office
from minka.store.cluster import database_url


def switch(
    port: Annotated[int, typer.Option(help="Port of the insurance door; 0 takes any.")] = 8087,
    host_port: Annotated[int, typer.Option(help="Port of the host door; 0 takes any.")] = 8583,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[
        int, typer.Option(help="Processes; 0 takes one for each processor, eight at most.")
    ] = 0,
) -> None:
    """Settle bills: the insurance interface and the POS host door, until ended. 结算交换。"""

    def ready(found: int) -> None:
        typer.echo(f"insurance http://{host}:{found}/insurance")

    places = Places(host, port, host_port, workers or default_workers())
    serve(office(), database_url(), places, ready)
