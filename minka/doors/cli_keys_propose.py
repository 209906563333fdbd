"""An act on keys as it is put before a second person, with what that person has to type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from minka.doors import cli_given as given
from minka.doors.cli_say import Json, fault, show_answer

if TYPE_CHECKING:
    from minka.desk.act import Request


def proposed(
    act: str, content: Mapping[str, str], request: Request, json: Json, *, lang: str
) -> None:
    """Put the act before a second person; what is empty in its content is left out."""
    from minka.desk.approval import Propose, propose
    from minka.desk.keys_signed import PERFORM

    if act not in PERFORM:
        fault(f"没有这项业务 {act} · no such act", " ".join(PERFORM), lang=lang)
    command = Propose(act, {name: text for name, text in content.items() if text})
    answer = propose(given.office(), request, command)
    told = f"{answer.facts.get('act_id', '')} {answer.facts.get('content_hash', '')}"
    show_answer(answer, json, lang, f"minka keys sign {told} --operator …")
