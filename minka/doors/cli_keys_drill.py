"""`minka keys drill`: a ceremony rehearsed on what is thrown away, told step by step, timed."""

from __future__ import annotations

from typing import Any

import typer

from minka.doors.cli_say import Json, Lang, fault, print_json, wants_json


def drill(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Rehearse a ceremony and a rotation with invented people; no real key, nothing is left."""
    from minka.doors.keys_drill import CAST, DrillFault, Rehearsal, Step, rehearsal_room
    from minka.store.postgres import ClusterFault

    quiet = wants_json(json)
    steps: list[dict[str, Any]] = []

    def tell(step: Step) -> None:
        role, name = CAST[step.who]
        does = step.does.say(lang)
        told = {"at_ms": step.at_ms, "who": step.who, "post": role, "does": does}
        steps.append({**told, "aloud": step.aloud})
        if not quiet:
            typer.echo(f"{step.at_ms / 1000:7.1f} s  {name.say(lang)}  {does}")
            if step.aloud:
                typer.echo(f"           {step.aloud}")

    typer.echo("演练：一次性的登记库和软件加密机 · a drill, on what is thrown away", err=True)
    try:
        with rehearsal_room() as office:
            Rehearsal(office, tell, lang).run()
    except (DrillFault, ClusterFault) as why:
        fault(f"演练没有做完 · the drill stopped: {why}", "minka doctor", "keys.drill", lang=lang)
    if quiet:
        print_json({"steps": steps, "took_ms": steps[-1]["at_ms"], "left_behind": 0})
    else:
        typer.echo("演练结束，什么也没有留下 · done; nothing is left behind", err=True)
