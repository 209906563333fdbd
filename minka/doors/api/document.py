"""The OpenAPI document made complete: problems by their media type, scopes, headers."""

from __future__ import annotations

from ninja.openapi.schema import OpenAPISchema

from minka.doors.api.problems import MEDIA_TYPE


def completed(document: OpenAPISchema) -> OpenAPISchema:
    """The document with what Ninja does not write itself."""
    for operations in document["paths"].values():
        for operation in operations.values():
            _problems(operation)
    return document


def _problems(operation: dict[str, dict[int, dict[str, object]]]) -> None:
    for status, response in operation["responses"].items():
        if status >= 400:
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {MEDIA_TYPE: {"schema": schema}}
