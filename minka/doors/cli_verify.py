"""`minka verify`: everything re-derived from the facts; what differs is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors import cli_given as given
from minka.doors.cli_say import Code, Json, Lang, print_json, wants_json

if TYPE_CHECKING:
    from minka.desk.verify import Verified


def verify(
    *,
    every: Annotated[
        int, typer.Option(min=0, help="Add one trace in so many again; 1: all, 0: none.")
    ] = 1,
    list_: Annotated[
        bool, typer.Option("--list", help="What each check compares, without looking.")
    ] = False,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Re-derive every balance, accumulator, link and status; exit code 5 when anything differs."""
    from minka.desk.verify import CHECKS
    from minka.desk.verify import verify as verify_register

    if list_:
        said = {name: words.say(lang) for name, words in CHECKS.items()}
        _say_list(said, json)
        return
    found = verify_register(given.office().register, every=every)
    if wants_json(json):
        print_json(_data(found))
    else:
        _say(found, lang)
    if found.differences:
        raise typer.Exit(Code.UNBALANCED)


def _say_list(said: dict[str, str], json: Any) -> None:
    if wants_json(json):
        print_json(said)
        return
    for name, words in said.items():
        typer.echo(f"{name:16} {words}")


def _data(found: Verified) -> dict[str, Any]:
    shown = ("check", "person_id", "ref", "found", "expected")
    return {
        "differences": found.differences,
        "settlements": found.settlements,
        "entries": found.entries,
        "accounts": found.accounts,
        "traces": found.traces,
        "checks": dict(found.counts),
        "shown": [{name: getattr(each, name) for name in shown} for each in found.shown],
    }


def _say(found: Verified, lang: str) -> None:
    from minka.desk.verify import CHECKS

    for name, times in found.counts.items():
        typer.echo(f"{times:>8}  {CHECKS[name].say(lang)}")
        for each in found.shown:
            if each.check == name:
                place = f"{each.person_id} {each.ref}".strip()
                typer.echo(f"          {place}: {each.found} ≠ {each.expected}")
    looked = f"{found.settlements} + {found.entries}, {found.accounts}, {found.traces}"
    sums = {
        "en": f"{found.differences} differences in {looked} (settlements + entries, accounts,"
        " traces)",
        "zh-hant": f"差異 {found.differences} 處（結算 + 帳目、帳戶、計算過程：{looked}）",
    }
    plain = f"差异 {found.differences} 处（结算 + 账目、账户、计算过程：{looked}）"
    typer.echo(sums.get(lang.lower(), plain))
