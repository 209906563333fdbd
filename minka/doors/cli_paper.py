"""`minka paper`: papers that one office issues and another verifies by number."""

from __future__ import annotations

from typing import Annotated

import typer

from minka.doors import cli_given as given
from minka.doors.cli_say import Json, Lang, fault, show_answer

paper = typer.Typer(help="Papers that can be verified. 挂失单、证明信", no_args_is_help=True)


@paper.command()
def issue(
    kind: Annotated[
        str,
        typer.Argument(
            help="bank_loss_slip, bank_loss_notice, employer_letter or closeout_notice."
        ),
    ],
    *,
    by: Annotated[str, typer.Option(help="Who issues it: the bank, the employer.")] = "",
    employer: Annotated[str, typer.Option(help="Number of the issuing employer.")] = "",
    number: given.Number = "",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "bank_clerk",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Issue a paper about a person; its code works once."""
    from minka.desk.papers import KINDS, IssueDocument, issue_document

    if kind not in KINDS:
        fault(f"没有这种材料：{kind} · no such paper: {kind}", " ".join(KINDS), lang=lang)
    command = IssueDocument(
        kind, given.identity(number), by or employer or "cli", employer_id=employer
    )
    answer = issue_document(given.office(), given.request(key, operator, role), command)
    show_answer(answer, json, lang)


@paper.command()
def stamp(
    code: Annotated[str, typer.Argument(help="The paper's code (D-…).")],
    *,
    by: Annotated[str, typer.Option(help="The office that stamps.")] = "medical_office",
    key: given.Key = "",
    operator: given.Operator = "",
    role: given.Role = "medical_staff",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """The medical insurance office stamps an employer's letter."""
    from minka.desk.papers import StampDocument, stamp_document

    asked = given.request(key, operator, role)
    show_answer(stamp_document(given.office(), asked, StampDocument(code, by)), json, lang)
