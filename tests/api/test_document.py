"""The OpenAPI document is whole: valid, with examples that fit, and a word for everything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from minka.doors.api.app import api
from minka.doors.api.scopes import SCOPES
from minka.doors.api.statuses import STATUSES

DOCUMENT: dict[str, Any] = api.get_openapi_schema()
OPERATIONS = [
    (operation["operationId"], method, operation)
    for operations in DOCUMENT["paths"].values()
    for method, operation in operations.items()
]
NAMES = [each[0] for each in OPERATIONS]


def _fits(schema: Any, value: Any) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(value)


@pytest.mark.parametrize(("name", "method", "operation"), OPERATIONS, ids=NAMES)
def test_examples_fit_their_schemas(name: str, method: str, operation: Any) -> None:
    """Each body and each answer has an example, and it is what the schema says."""
    contents = [each["content"] for each in operation["responses"].values()]
    contents += [operation["requestBody"]["content"]] if method == "post" else []
    for content in contents:
        for media in content.values():
            assert media["examples"], name
            for example in media["examples"].values():
                _fits(media["schema"], example["value"])


@pytest.mark.parametrize(("name", "method", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_is_described(name: str, method: str, operation: Any) -> None:
    """Words, a tag, success, and every problem it can answer with its codes."""
    assert operation["description"]
    assert operation["tags"]
    statuses = set(operation["responses"])
    assert {200, 201} & statuses
    assert {400, 404, 405, 422, 500, 503} <= statuses
    assert ({401, 403} <= statuses) == ("security" in operation)
    assert ({409, 413, 415} <= statuses) == (method == "post")
    for status, response in operation["responses"].items():
        if status >= 400:
            (problem,) = response["content"].items()
            assert problem[0] == "application/problem+json"
            assert all(STATUSES[code] == status for code in problem[1]["examples"])


def test_every_post_carries_its_key_inside() -> None:
    """The key stands in the body of every POST, and is required."""
    schemas = DOCUMENT["components"]["schemas"]
    for name, method, operation in OPERATIONS:
        if method == "post":
            content = operation["requestBody"]["content"]["application/json"]
            body = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            assert "request_key" in body["required"], name
            assert body["additionalProperties"] is False, name


def test_no_address_holds_personal_data() -> None:
    """What stands in an address is no number of a person and no card."""
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            names = {each["name"] for each in operation["parameters"]}
            assert not names & {"id_number", "card_number", "name", "phone"}, path


def test_every_scope_has_its_words() -> None:
    """The security scheme names each scope."""
    (scheme,) = DOCUMENT["components"]["securitySchemes"].values()
    assert all(f"`{scope}`" in scheme["description"] for scope in SCOPES)


def test_it_is_openapi() -> None:
    """Version, title, and one name for each operation."""
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["title"] == "Minka"
    assert len(NAMES) == len(set(NAMES))


def test_the_guide_names_every_operation(project: Path) -> None:
    """docs/api.md lists each address with its method, and each scope."""
    guide = (project / "docs" / "api.md").read_text(encoding="utf-8")
    for path, operations in DOCUMENT["paths"].items():
        for method in operations:
            assert re.search(rf"`{method.upper()} {re.escape(path)}[`?]", guide), (method, path)
    assert all(f"`{scope}`" in guide for scope in SCOPES)
