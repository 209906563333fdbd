"""Schemathesis over the OpenAPI document: no server error, every answer as described (P16)."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from minka.desk.office import Office
from tests.api.asking import Partners
from tests.api.town import COUNTER, a_place
from tests.desk.town import Resident, settle_in

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
A_FEW = int(os.environ.get("MINKA_API_CASES", "12"))
MANY = int(os.environ.get("MINKA_API_CASES", "3000"))
_PROFILE: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


@pytest.fixture(scope="module")
def token(partners: Partners) -> str:
    """A token that may do everything in two regions."""
    return partners.enrol(*COUNTER, regions="R1 V1", role="counter_clerk", staff_number="S1")


@pytest.fixture(scope="module")
def known(office: Office, partners: Partners) -> tuple[list[Resident], str]:
    """People and a place that are there, to be found now and then."""
    return [settle_in(office) for _ in range(20)], a_place(partners.url)


schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


def _meet(body: Any, known: tuple[list[Resident], str]) -> None:
    """Turn some bodies towards people who are there, or nothing but strangers would be tried."""
    if not isinstance(body, dict) or "id_number" not in body:
        return
    turn = len(str(body)) % 4
    people, place = known
    someone = people[len(str(body)) % len(people)]
    if turn == 0:
        return
    body["id_number"] = someone.number.reveal()
    if isinstance(body.get("stated"), dict):
        body["stated"]["name"] = someone.name.reveal()
    for name, value in {"region": "R1", "place_id": place, "channel": "hotline"}.items():
        if turn > 1 and name in body:
            body[name] = value


def _headers(token: str) -> dict[str, str]:
    """Plain, for answers compressed inside this process would not be unpacked by anyone."""
    return {
        "Authorization": f"Bearer {token}",
        "Host": "localhost",
        "Accept-Encoding": "identity",
    }


@schema.parametrize()
@settings(max_examples=A_FEW, **_PROFILE)
def test_every_operation_answers_as_described(
    case: Any, desk_office: Office, token: str, known: tuple[list[Resident], str]
) -> None:
    """A few dozen cases of each operation in every run."""
    _meet(case.body, known)
    case.call_and_validate(headers=_headers(token), checks=CHECKS)


@pytest.mark.nightly
@pytest.mark.timeout(7000)
@schema.parametrize()
@settings(max_examples=MANY, **_PROFILE)
def test_every_operation_answers_as_described_all_night(
    case: Any, desk_office: Office, token: str, known: tuple[list[Resident], str]
) -> None:
    """Thousands of cases of each operation."""
    _meet(case.body, known)
    case.call_and_validate(headers=_headers(token), checks=CHECKS)
