"""A desk's answer as a response: the acceptance in its model, a refusal as its problem."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel

from minka.desk.act import Answer
from minka.doors.api.fields import Problem
from minka.doors.api.problems import compact, of_answer

PROBLEMS: dict[Any, Any] = {
    frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}): Problem
}
"""What any operation may answer besides success."""


def created(answer: Answer, model: type[BaseModel]) -> HttpResponse:
    """201 with the facts of an acceptance, the same bytes again for a replay; else ``Refusal``."""
    if not answer.accepted:
        raise of_answer(answer)
    response = shown(model.model_validate(answer.facts), status=201)
    if answer.replayed:
        response.headers["Minka-Replayed"] = "true"
    return response


def shown(value: BaseModel, *, status: int = 200) -> HttpResponse:
    """A value as JSON."""
    return HttpResponse(
        compact(value.model_dump(mode="json", by_alias=True)),
        status=status,
        content_type="application/json",
    )
