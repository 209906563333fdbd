"""`minka reader`: the local card-reader service, and the readers of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minka.doors.cli_say import Json, Lang, fault, print_json, wants_json

if TYPE_CHECKING:
    from minka.devices.pcsc_reader import Readers
    from minka.doors.reader.hsm import VaultServices
    from minka.doors.reader.settings import ReaderSettings

reader = typer.Typer(help="The local card-reader service. 本机读卡服务", no_args_is_help=True)

File = Annotated[
    Path | None, typer.Option("--settings", help="YAML of settings; see docs/reader.md.")
]
Virtual = Annotated[
    list[str] | None,
    typer.Option(help="A virtual reader without pcscd, NAME=PORT; may be repeated."),
]


@reader.command()
def serve(
    *,
    settings: File = None,
    page: Annotated[
        list[str] | None, typer.Option(help="Origin of a web page that may call; repeated.")
    ] = None,
    virtual: Virtual = None,
    sam: Annotated[str, typer.Option(help="Name of the reader that holds the PSAM.")] = "",
    demo: Annotated[
        bool, typer.Option("--demo", help="The demo city's virtual cards and keys.")
    ] = False,
    lang: Lang = "zh-hans",
) -> None:
    """Serve pages and programs of this machine until ended. 启动读卡服务。"""
    import asyncio

    from minka.devices.pcsc_reader import ReaderFault

    told = _settings(settings, lang, page=page, virtual=virtual, sam=sam)
    try:
        readers, services = _demo(told) if demo else (open_readers(told), None)
    except ReaderFault as why:
        fault(str(why), "minka reader list", "cli.unavailable", lang=lang)
    try:
        asyncio.run(_serve(readers, told, services))
    except OSError as taken:
        fault(f"端口被占用：{taken.strerror} · a port is taken", "docs/reader.md", lang=lang)
    except KeyboardInterrupt:
        readers.close()


def _demo(settings: ReaderSettings) -> tuple[Readers, VaultServices | None]:
    from minka.doors.reader.demo import DemoReaders, demo_services

    return DemoReaders(), demo_services(settings)


async def _serve(
    readers: Readers, settings: ReaderSettings, services: VaultServices | None
) -> None:
    """Serves until the process is told to end, and lets every card go then."""
    import asyncio
    import signal

    from minka.doors.reader.serve import Service

    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with Service(readers, settings, services=services) as service:
        for name, port in service.ports.items():
            scheme = "http" if name == "http" else "ws"
            typer.echo(f"{name} {scheme}://127.0.0.1:{port}")
        await over.wait()


@reader.command(name="list")
def list_(*, settings: File = None, json: Json = None, lang: Lang = "zh-hans") -> None:
    """The readers of this machine, and whether a card is in each. 列出读卡器。"""
    from minka.devices.pcsc import PcscReaders
    from minka.devices.pcsc_reader import ReaderFault

    try:
        readers = PcscReaders()
        found = [{"name": n, "card": readers.present(n)} for n in readers.names()]
    except ReaderFault as why:
        fault(
            f"读卡器不可用 · no readers: {why}", "apt install pcscd", "cli.unavailable", lang=lang
        )
    if wants_json(json):
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['name']}  {'有卡 · card' if each['card'] else '无卡 · empty'}")
    if not found:
        typer.echo("没有读卡器 · no reader")


def open_readers(settings: ReaderSettings) -> Readers:
    """The readers of PC/SC where it is installed, and the virtual ones that are set."""
    from minka.devices.pcsc import PcscReaders
    from minka.devices.pcsc_loopback import LoopbackReaders
    from minka.devices.pcsc_reader import NotInstalled
    from minka.devices.pcsc_several import SeveralReaders

    kinds: list[Readers] = []
    if settings.virtual_ports:
        kinds.append(LoopbackReaders(settings.virtual_ports))
    try:
        kinds.append(PcscReaders())
    except NotInstalled:
        if not kinds:
            raise
    return SeveralReaders(kinds)


def _settings(
    file: Path | None,
    lang: str,
    *,
    page: list[str] | None,
    virtual: list[str] | None,
    sam: str,
) -> ReaderSettings:
    """The file and the variables, and over them what the command line says."""
    from minka.doors.reader.settings import ReaderSettings, read_settings

    try:
        told = read_settings(file)
        more: dict[str, object] = {}
        if page:
            more["open_pages"] = [*told.open_pages, *page]
        if virtual:
            more["virtual_ports"] = told.virtual_ports | dict(map(_named_port, virtual))
        if sam:
            more["sam_reader"] = sam
        return ReaderSettings.model_validate(told.model_dump() | more)
    except (ValueError, OSError) as why:
        fault(f"设置有误 · settings: {why}", "docs/reader.md", lang=lang)


def _named_port(text: str) -> tuple[str, int]:
    name, _, port = text.rpartition("=")
    return name, int(port)
