"""What is typed on the command line, turned into what the desk takes."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from minka.doors.cli_say import fault
from minka.kit.secret import Clear

if TYPE_CHECKING:
    from minka.desk.act import Request
    from minka.desk.loss import Agent
    from minka.desk.office import Office
    from minka.law.papers import ShownPaper

Number = Annotated[
    str,
    typer.Option(
        "--number",
        help="Identity number. Without it: asked for unseen, or one line of standard input."
        " Warning: a number given here stays in your shell's history.",
    ),
]
Name = Annotated[str, typer.Option("--name", help="The holder's name, as stated.")]
CardNumber = Annotated[str, typer.Option("--card-number", help="The card's number, as stated.")]
Computer = Annotated[str, typer.Option("--computer-number", help="医保卡电脑号, as stated.")]
EmployerName = Annotated[str, typer.Option("--employer-name", help="The employer, as stated.")]
Papers = Annotated[
    list[str] | None,
    typer.Option(
        "--paper",
        help="A paper shown: resident_id, household_book, agent:resident_id, resident_id+copy …",
    ),
]
Documents = Annotated[
    list[str] | None, typer.Option("--document", help="Code of a verifiable paper (D-…).")
]
Actor = Annotated[
    str, typer.Option("--actor", help="holder, agent_relative, agent_other, guardian, agent …")
]
AgentName = Annotated[str, typer.Option("--agent-name", help="The agent's name.")]
AgentNumber = Annotated[str, typer.Option("--agent-number", help="The agent's identity number.")]
Relation = Annotated[str, typer.Option("--relation", help="The agent's relation to the holder.")]
PlaceId = Annotated[str, typer.Option("--place", help="Number of the place (网点编号).")]
Key = Annotated[str, typer.Option("--key", help="Request key: the same key is done once.")]
Operator = Annotated[str, typer.Option("--operator", help="Staff number of who does this.")]
Role = Annotated[str, typer.Option("--role", help="hotline_agent, counter_clerk, medical_staff …")]


def identity(number: str) -> Clear:
    """The identity number: given, asked for unseen, or read from standard input."""
    if number and number != "-":
        return Clear(number)
    if sys.stdin.isatty():
        import getpass

        return Clear(getpass.getpass("身份证号码 Identity number: ").strip())
    line = sys.stdin.readline().strip()
    if not line:
        fault("没有身份证号码 · no identity number", "printf NUMBER | minka … , --number NUMBER")
    return Clear(line)


def office() -> Office:
    """The office of this machine; the command ends when there is no register at all yet."""
    import logging
    import os
    from pathlib import Path

    from minka.doors.office import office as opened

    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    home = Path(os.environ.get("MINKA_HOME") or ".minka")
    if not os.environ.get("MINKA_DATABASE_URL") and not (home / "database").exists():
        fault("还没有登记库 · there is no register here", "minka up", "cli.unavailable")
    return opened()


def request(key: str, operator: str, role: str) -> Request:
    """The request of a command; without a key it gets one of its own."""
    from minka.desk.act import Request

    return Request(key or f"cli:{secrets.token_hex(12)}", "cli", operator or "cli", role)


def stated(**facts: str) -> dict[str, Clear]:
    """The facts stated, those that were."""
    return {name: Clear(text) for name, text in facts.items() if text}


def papers(typed: list[str] | None) -> tuple[ShownPaper, ...]:
    """Papers from their codes: ``agent:`` before for whose, ``+copy`` after for a copy too."""
    return tuple(_paper(text) for text in typed or ())


def _paper(text: str) -> ShownPaper:
    from minka.law.papers import Copy, Owner, ShownPaper
    from minka.law.terms import UnknownTermError, term

    owner, _, rest = text.rpartition(":")
    kind, _, copy = rest.partition("+")
    try:
        term("paper", kind)
        whose = Owner(owner or "holder")
    except (UnknownTermError, ValueError):
        fault(f"没有这种材料：{text} · no such paper: {text}", "minka rules explain REGION loss")
    return ShownPaper(kind, Copy.ORIGINAL_AND_COPY if copy else Copy.ORIGINAL, whose)


def agent(name: str, number: str, relation: str) -> Agent | None:
    """The agent, when one acts."""
    from minka.desk.loss import Agent

    return Agent(Clear(name), Clear(number), relation) if name or number else None
