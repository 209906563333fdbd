"""The one Ninja API: its rooms of endpoints, its strict reading, its problems."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from minka.doors.api import (
    account,
    approvals,
    cards,
    health,
    issue,
    loss,
    papers,
    places,
    proofs,
    receipts,
    rules,
)
from minka.doors.api.document import Document, completed
from minka.doors.api.guard import translated
from minka.doors.api.problems import compact, refusal, respond
from minka.doors.api.refusals import DoorRefusal
from minka.doors.api.strict import NOT_COMPLETE, StrictParser, unreadable
from minka.doors.api.validation import not_valid


class Api(NinjaAPI):
    """Ninja's API with its document made complete."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """OpenAPI 3.1 with every problem, scope and example."""
        return completed(Document(api=self, path_prefix="api/"))


api = Api(
    title="Minka",
    version="1",
    description="The acts of a social security card: loss, replacement, collection, use.",
    parser=StrictParser(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("", health.router)
for _room in (loss, issue, papers, receipts, cards, proofs, approvals, rules, places, account):
    api.add_router("/v1", _room.router)


@api.exception_handler(Exception)
def _fault(request: HttpRequest, fault: Exception) -> HttpResponse:
    return respond(request, translated(request, fault))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, fault: HttpError) -> HttpResponse:
    if fault.__cause__ is not None:
        return _fault(request, fault)
    if fault.status_code in (401, 403):
        return respond(request, refusal(DoorRefusal.NO_TOKEN))
    return respond(request, unreadable(NOT_COMPLETE))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    return respond(request, not_valid(fault.errors))


@cache
def document() -> bytes:
    """The OpenAPI document as it is served."""
    return compact(api.get_openapi_schema())


@api.get("/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of this API."""
    return HttpResponse(document(), content_type="application/json")
