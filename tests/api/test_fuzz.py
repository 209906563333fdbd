"""Schemathesis over the OpenAPI document: no server error, every answer as described (P16)."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from dataclasses import dataclass
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

from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.kit.codes import code
from tests.api.asking import Partners
from tests.api.town import COUNTER, a_place
from tests.desk.town import Resident, request, settle_in

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
A_FEW = int(os.environ.get("MINKA_API_CASES", "8"))
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


@dataclass(frozen=True, slots=True)
class Known:
    """People, a place and receipts that are there, to be found now and then."""

    people: list[Resident]
    place: str
    receipts: list[str]


@pytest.fixture(scope="module")
def known(office: Office, partners: Partners) -> Known:
    """Twenty people, and codes of each kind."""
    place = a_place(partners.url)
    people = [settle_in(office) for _ in range(20)]
    codes = [code(letter, secrets.token_bytes(5)) for letter in "GBSD"]
    for someone in people[:4]:
        report = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
        codes.append(str(report_loss(office, request(), report).facts["receipt"]))
    return Known(people, place, codes)


SEEN: Counter[int] = Counter()
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


def _meet(case: Any, known: Known) -> None:
    """Turn most cases towards what is there, or nothing but strangers would be tried."""
    turn = len(str(case.body)) + len(str(case.path_parameters))
    for name in set(case.path_parameters or {}) & {"receipt", "code"} if turn % 3 else ():
        case.path_parameters[name] = known.receipts[turn % len(known.receipts)]
    if not isinstance(case.body, dict) or turn % 4 == 0:
        return
    someone = known.people[turn % len(known.people)]
    met: dict[str, Any] = {
        "id_number": someone.number.reveal(),
        "request_key": secrets.token_hex(8),
        "card_number": someone.card_number,
    }
    if turn % 4 > 1:
        met |= {"region": "R1", "place_id": known.place, "channel": "hotline"}
    case.body |= {name: met[name] for name in set(met) & set(case.body)}
    if isinstance(case.body.get("stated"), dict):
        case.body["stated"]["name"] = someone.name.reveal()


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
    case: Any, desk_office: Office, token: str, known: Known
) -> None:
    """A few dozen cases of each operation in every run."""
    _meet(case, known)
    told = case.call_and_validate(headers=_headers(token), checks=CHECKS)
    SEEN[told.status_code // 100] += 1


def test_the_cases_met_something() -> None:
    """Acceptances and refusals were both among them, in the run above."""
    assert SEEN, "run the whole file: this test counts what the ones above met"
    assert SEEN[2] > 100, SEEN
    assert SEEN[4] > 1000, SEEN
    assert not SEEN[5], SEEN


@pytest.mark.nightly
@pytest.mark.timeout(7000)
@schema.parametrize()
@settings(max_examples=MANY, **_PROFILE)
def test_every_operation_answers_as_described_all_night(
    case: Any, desk_office: Office, token: str, known: Known
) -> None:
    """Thousands of cases of each operation."""
    _meet(case, known)
    told = case.call_and_validate(headers=_headers(token), checks=CHECKS)
    SEEN[told.status_code // 100] += 1
