"""``minka care explain``: a settlement told to a person, step by step, from the stored trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors.cli_say import Json, Lang, fault, print_json, wants_json
from minka.kit.fen import yuan
from minka.kit.words import Words

if TYPE_CHECKING:
    from minka.desk.account_look import SettlementView

explained = typer.Typer()
UNKNOWN = Words(
    "没有这个结算编号。请核对二十六位的结算编号（setl_id）。",
    "沒有這個結算編號。請核對二十六位的結算編號（setl_id）。",
    "There is no such settlement. Check the 26 digits of its number (setl_id).",
)


@explained.command()
def explain(
    setl_id: Annotated[str, typer.Argument(metavar="SETL_ID", help="26 digits.")],
    *,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Tell who bears what of a settlement, and why, as its stored trace says."""
    from minka.desk import account_look
    from minka.doors.office import office
    from minka.doors.web.account_trace import sentences

    view = account_look.settlement(office(), setl_id)
    if view is None:
        fault(UNKNOWN.say(lang), "minka account statement --help", "cli.not_found", lang=lang)
    told = sentences(view, lang)
    if wants_json(json):
        print_json(_shown(view, told))
        return
    typer.echo(f"{setl_id}  {view.at:%Y-%m-%d %H:%M}  {view.provider_name}  {view.rule_ref}")
    for sentence in told:
        typer.echo(f"  {sentence}")


def _shown(view: SettlementView, told: list[str]) -> dict[str, Any]:
    from minka.care.trace import decode

    steps = decode(view.trace) if view.trace else ()
    return {
        "setl_id": view.ref,
        "kind": view.kind,
        "at": view.at.isoformat(),
        "rule": view.rule_ref,
        "amounts": {name: yuan(fen) for name, fen in view.amounts.items()},
        "steps": [
            {
                "code": step.code,
                "of": yuan(step.of_fen),
                "ratio": f"{step.ratio_e4 // 100}.{step.ratio_e4 % 100:02d}%",
                "amount": yuan(step.amount_fen),
            }
            for step in steps
        ],
        "sentences": told,
    }
