"""`minka keys vault`: the vault's own process, and the custodians who open it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from minka.doors.cli_keys_ceremony import Fd, typed_unseen
from minka.doors.cli_say import Json, Lang, fault, print_json, show_facts, wants_json

if TYPE_CHECKING:
    from minka.devices.vault_client import CustodyClient

vault = typer.Typer(help="The vault itself. 加密机", no_args_is_help=True)


@vault.command()
def run() -> None:
    """Be the vault's process until told to end (MINKA_VAULT names its settings)."""
    from minka.doors.vault import refuse_stand_in, run_vault

    refuse_stand_in()
    run_vault()


@vault.command()
def status(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Which machine it is, whether it is open, and whether it is only a stand-in."""
    _say(_asked(_custody().machine, lang), json, lang)


@vault.command()
def initialise(
    *,
    needed: Annotated[int, typer.Option(help="Shares that open it.")] = 3,
    custodians: Annotated[int, typer.Option(help="Shares that are made.")] = 5,
    lang: Lang = "zh-hans",
) -> None:
    """Make the master key of a new soft vault; each custodian sees his share once, alone."""
    shares = _asked(lambda: _custody().initialise(needed, custodians), lang)
    for number, share in enumerate(shares, 1):
        typer.prompt(f"{number}/{len(shares)} · Enter", default="", show_default=False)
        typer.echo(share)
        typer.prompt("抄好后按回车，屏幕会清空 · Enter clears the screen", default="")
        click.clear()


@vault.command()
def unseal(*, descriptor: Fd = None, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Enter one custodian's share, unseen; the vault opens when enough were entered."""
    share = typed_unseen("分管词 Share: ", descriptor, lang)
    _say(_asked(lambda: _custody().unseal(share.reveal()), lang), json, lang)


@vault.command()
def seal(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Close the vault: its keys are forgotten until custodians open it again."""
    _say(_asked(_custody().seal, lang), json, lang)


def _custody() -> CustodyClient:
    from minka.devices.vault_open import open_custody
    from minka.doors.vault import vault_settings

    return open_custody(vault_settings())


def _asked(question: Any, lang: str) -> Any:
    from minka.devices.vault_settings import BadSettings
    from minka.keys.vault import KeyRefused, VaultGone

    try:
        return question()
    except (VaultGone, BadSettings) as why:
        step = "minka keys vault run"
        fault(f"加密机没有应答 · the vault: {why}", step, "cli.unavailable", lang=lang)
    except KeyRefused as why:
        fault(f"加密机拒绝 · refused: {why.reason.value}", "minka keys vault status", "keys.no")


def _say(machine: Any, json: Json, lang: str) -> None:
    told = {
        "kind": machine.kind,
        "maker": machine.maker,
        "lock": machine.lock.value,
        "shares_needed": machine.shares_needed,
        "stand_in": machine.stand_in,
    }
    print_json(told) if wants_json(json) else show_facts(told, lang)
