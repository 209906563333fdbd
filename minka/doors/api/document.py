"""The OpenAPI document made complete: problems by their codes, scopes, headers, examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from minka.doors.api.clients import Token, TokenOrCitizen
from minka.doors.api.examples import EXAMPLES, example_problem
from minka.doors.api.problems import MEDIA_TYPE
from minka.doors.api.scopes import SCOPES
from minka.doors.api.statuses import STATUSES, TITLES

_TEXT = {"schema": {"type": "string"}}
_SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "<client id>.<secret>",
    "description": "A partner's token and its scopes:\n\n"
    + "\n".join(f"- `{scope}`: {words}" for scope, words in SCOPES.items()),
}
_LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "required": False,
    "description": "Of the sentences: zh-hans (default), zh-hant or en.",
    "schema": {"type": "string", "examples": ["zh-hant"]},
}
_HEADERS: Mapping[int, tuple[str, str]] = {
    401: ("WWW-Authenticate", "How to give a token."),
    405: ("Allow", "The methods this address takes."),
    429: ("Retry-After", "Seconds."),
    503: ("Retry-After", "Seconds."),
}
_NEVER = {"get": (409, 413, 415), "post": ()}
_WITHOUT_TOKEN = (401, 403)


class Document(OpenAPISchema):
    """Ninja's document, with scopes; see ``completed``."""

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """The scope an operation asks for; ``{}`` beside it where a citizen needs no token."""
        auth = next(iter(operation.auth_callbacks), None)
        if not isinstance(auth, Token):
            return None
        self.securitySchemes["Token"] = _SECURITY
        free: list[dict[str, Any]] = [{}] if isinstance(auth, TokenOrCitizen) else []
        return [{"Token": [auth.scope]}, *free]


def completed(document: Document) -> Document:
    """The document with what Ninja does not write itself."""
    for operations in document["paths"].values():
        for method, operation in operations.items():
            operation["parameters"].append(_LANGUAGE)
            _responses(operation, method)
            _examples(operation)
    document["components"]["schemas"].setdefault("Problem", {})
    return document


def _responses(operation: dict[str, Any], method: str) -> None:
    never = (*_NEVER[method], *(() if operation.get("security") else _WITHOUT_TOKEN))
    for status in list(operation["responses"]):
        if status in never:
            del operation["responses"][status]
        elif status >= 400:
            operation["responses"][status] = _problem(status)
        elif method == "post":
            operation["responses"][status]["headers"] = {
                "Minka-Replayed": {**_TEXT, "description": "`true`: the answer of the first time."}
            }


def _problem(status: int) -> dict[str, Any]:
    codes = [code for code, its in STATUSES.items() if its == status]
    made: dict[str, Any] = {
        "description": f"{TITLES[status].en}: " + ", ".join(codes),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": example_problem(code)} for code in codes},
            }
        },
    }
    if status in _HEADERS:
        name, says = _HEADERS[status]
        made["headers"] = {name: {**_TEXT, "description": says}}
    return made


def _examples(operation: dict[str, Any]) -> None:
    asked, answered = EXAMPLES[operation["operationId"]]
    if asked is not None:
        operation["requestBody"]["content"]["application/json"]["examples"] = {
            "plain": {"value": asked}
        }
    status = next(each for each in operation["responses"] if each < 400)
    operation["responses"][status]["content"]["application/json"]["examples"] = {
        "plain": {"value": answered}
    }
