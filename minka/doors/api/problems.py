"""Refusals as problem details (RFC 9457), in the language that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from minka.desk.act import Answer, plain
from minka.doors import settings as surroundings
from minka.doors.api.language import language_of
from minka.doors.api.statuses import STATUSES, TITLES
from minka.kit.outcome import Reason, Retry
from minka.kit.words import Language

MEDIA_TYPE = "application/problem+json"
ADDRESS = "/problems/"
"""Before the code of a refusal: the address that names the type of a problem."""
RETRY_AFTER_S = 5
_LATER = frozenset({"loss.too_many", "desk.away", "api.away", "api.busy", "api.fault"})


class Refusal(Exception):
    """A refusal on its way to the client; holds no clear personal text."""

    def __init__(
        self,
        code: str,
        sentences: Mapping[str, str],
        *,
        facts: Mapping[str, Any] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.sentences = code, sentences
        self.facts, self.errors = facts or {}, errors
        self.headers = headers or {}


def refusal(
    reason: Reason,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Refusal:
    """A refusal of the door's own, its sentence filled with facts."""
    named = {"hotline": surroundings.current().hotline, **facts}
    spoken = {language.value: reason.words.say(language, **named) for language in Language}
    return Refusal(reason.code, spoken, facts=plain(facts), errors=errors, headers=headers)


def of_answer(answer: Answer) -> Refusal:
    """The refusal a desk gave, first or again."""
    headers = {"Minka-Replayed": "true"} if answer.replayed else {}
    return Refusal(answer.code, answer.sentence, facts=answer.facts, headers=headers)


def respond(request: HttpRequest, refused: Refusal) -> HttpResponse:
    """The problem as it is sent."""
    language = language_of(request)
    status = STATUSES[refused.code]
    body = {
        "type": ADDRESS + refused.code,
        "title": TITLES[status].say(language),
        "status": status,
        "detail": refused.sentences.get(language.value, ""),
        "code": refused.code,
        "retryable": is_retryable(refused.code),
        "facts": dict(refused.facts),
        "errors": [_error(each, language) for each in refused.errors],
    }
    response = HttpResponse(compact(body), status=status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = language.value
    for name, value in refused.headers.items():
        response.headers[name] = value
    if body["retryable"]:
        response.headers["Retry-After"] = str(_wait_s(refused))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="minka"'
    return response


def is_retryable(code: str) -> bool:
    """Whether the same request may be sent again unchanged, later."""
    return code in _LATER


def retry_of(code: str) -> Retry:
    """The same as the refusal's own word, for the test that compares them."""
    return Retry.LATER if is_retryable(code) else Retry.NEVER


def _wait_s(refused: Refusal) -> int:
    minutes = refused.facts.get("minutes")
    return minutes * 60 if isinstance(minutes, int) else RETRY_AFTER_S


def _error(error: Mapping[str, Any], language: Language) -> dict[str, str]:
    words = error["words"]
    return {
        "field": error["field"],
        "rule": error["rule"],
        "detail": words.say(language, **error.get("facts", {})),
    }


def compact(value: object) -> bytes:
    """JSON in one spelling: UTF-8, no spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
