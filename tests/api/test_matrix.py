"""Who may do what to whose: every endpoint with every scope, own and other objects (T14, T13)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from minka.desk.office import Office
from minka.doors.api.app import api
from minka.doors.api.scopes import SCOPES
from minka.kit.codes import code
from tests.api.asking import Asking, Partners, Told, key
from tests.api.town import (
    COUNTER,
    SHOWN,
    a_bank,
    a_place,
    an_employer,
    an_operator,
    apply_for_new_card,
    employ,
)
from tests.desk.town import invented_number, settle_in

PUBLIC = {
    "health",
    "regions",
    "explain",
    "lossForm",
    "replacementForm",
    "withdrawalForm",
    "places",
    "place",
}


def _operations() -> list[tuple[str, str, str, str | None]]:
    """Method, address, name and scope of every operation."""
    found = []
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            security = operation.get("security")
            scope = security[0]["Token"][0] if security else None
            found.append((method.upper(), path, operation["operationId"], scope))
    return found


OPERATIONS = _operations()


def test_only_these_need_no_token() -> None:
    """What is open to anyone is named here, one by one."""
    assert {name for _, _, name, scope in OPERATIONS if scope is None} == PUBLIC
    assert {scope for *_, scope in OPERATIONS if scope} == set(SCOPES)


@pytest.mark.parametrize(
    ("method", "path", "name", "scope"),
    [each for each in OPERATIONS if each[3]],
    ids=[each[2] for each in OPERATIONS if each[3]],
)
def test_every_endpoint_with_every_scope(
    ask: Asking, partners: Partners, method: str, path: str, name: str, scope: str
) -> None:
    """BFLA: one scope opens its own endpoints; with all the others together none opens."""
    at = path.removeprefix("/api")
    for hole, value in {"receipt": "G-7K2M-9QX4-T", "code": "D-7K2M-9QX4-T"}.items():
        at = at.replace("{" + hole + "}", value)
    at = at.replace("{act_id}", "1").replace("{region}", "R1").replace("{proof}", "C-7K2M-9QX4-T")
    others = ask.as_(partners.enrol(*(set(SCOPES) - {scope})))
    nobody = others.as_("nobody.secret").send(method, at, b"{}")
    assert (nobody.status, nobody.code) == (401, "api.no_token")
    for each in SCOPES:
        if each != scope:
            told = ask.as_(partners.enrol(each)).send(method, at, b"{}")
            assert (told.status, told.code) == (403, "api.out_of_scope"), (name, each)
    assert others.send(method, at, b"{}").code == "api.out_of_scope"
    own = ask.as_(partners.enrol(scope)).send(method, at, b"{}")
    assert own.code not in ("api.no_token", "api.out_of_scope"), own


def _same(first: Told, second: Told) -> None:
    assert first.status == second.status >= 400, (first, second)
    assert first.raw.content == second.raw.content
    assert dict(first.raw.headers) == dict(second.raw.headers)


ABOUT_RECEIPTS: dict[str, Callable[[Asking, str, Any], Told]] = {
    "confirm": lambda a, r, _n: a.post(f"/v1/loss-reports/{r}/confirmation"),
    "fee": lambda a, r, _n: a.post(f"/v1/applications/{r}/fee", means="qr"),
    "advance": lambda a, r, _n: a.post(f"/v1/applications/{r}/advances", move="make"),
    "withdraw": lambda a, r, n: a.post(f"/v1/applications/{r}/withdrawal", id_number=n),
    "collect": lambda a, r, n: a.post(
        "/v1/collections", slip=r, id_number=n, place_id="P1", papers=SHOWN
    ),
    "activate": lambda a, r, n: a.post("/v1/activations", receipt=r, id_number=n),
    "stamp": lambda a, r, _n: a.post(f"/v1/documents/{r}/stamp", stamped_by="1"),
    "receipt": lambda a, r, _n: a.get(f"/v1/receipts/{r}"),
}


@pytest.mark.parametrize("act", list(ABOUT_RECEIPTS))
@pytest.mark.parametrize("bound", ["region", "bank", "employer"])
def test_anothers_receipt_is_as_unknown(
    ask: Asking, desk_office: Office, partners: Partners, act: str, bound: str
) -> None:
    """BOLA: a receipt outside region, bank or employer is answered like one that is not there."""
    case = apply_for_new_card(ask, desk_office, partners)
    limits: dict[str, Any] = {
        "region": {"regions": "R2"},
        "bank": {"bank_id": a_bank(partners.url)},
        "employer": {"employer_id": an_employer(partners.url)},
    }[bound]
    stranger = ask.as_(partners.enrol(*COUNTER, role="counter_clerk", **limits))
    receipt = {"confirm": case.loss, "collect": case.slip}.get(act, case.receipt)
    call = ABOUT_RECEIPTS[act]
    missing = code(receipt[0], secrets.token_bytes(5))
    number = case.someone.number
    _same(call(stranger, receipt, number), call(stranger, missing, number))
    own = call(ask.as_(partners.enrol(*COUNTER, role="counter_clerk")), receipt, number)
    assert own.code not in ("desk.unknown_receipt", "issue.slip_unknown") or act == "stamp"


ABOUT_PEOPLE: dict[str, Callable[[Asking, Any, Any, str], Told]] = {
    "report": lambda a, n, name, _p: a.post(
        "/v1/loss-reports", region="R1", channel="hotline", id_number=n, stated={"name": name}
    ),
    "take back": lambda a, n, _name, p: a.post(
        "/v1/loss-withdrawals", region="R1", channel="counter", id_number=n, place_id=p
    ),
    "freeze": lambda a, n, name, _p: a.post(
        "/v1/card-freezes", region="R1", what="freeze", id_number=n, stated={"name": name}
    ),
    "apply": lambda a, n, name, p: a.post(
        "/v1/applications", region="R1", id_number=n, place_id=p, stated={"name": name}
    ),
    "document": lambda a, n, _name, p: a.post(
        "/v1/documents", kind="bank_loss_slip" if "bank" in p else "employer_letter", id_number=n
    ),
    "use": lambda a, n, _name, _p: a.post(
        "/v1/card-uses", amount_fen=1, provider_id="H", id_number=n
    ),
}


@pytest.mark.parametrize("act", list(ABOUT_PEOPLE))
@pytest.mark.parametrize("bound", ["bank", "employer", "region"])
def test_anothers_person_is_as_unknown(
    ask: Asking, desk_office: Office, partners: Partners, act: str, bound: str
) -> None:
    """BOLA: a person outside region, bank or employer is answered like one who is not there."""
    someone = settle_in(desk_office, "R2" if bound == "region" else "R1")
    limits: dict[str, Any] = {
        "region": {},
        "bank": {"bank_id": a_bank(partners.url)},
        "employer": {"employer_id": an_employer(partners.url)},
    }[bound]
    stranger = ask.as_(partners.enrol(*COUNTER, **limits))
    call = ABOUT_PEOPLE[act]
    place = "bank" if bound == "bank" else a_place(partners.url)
    unknown = type(someone.number)(invented_number(990 + secrets.randbelow(9), "19010101"))
    _same(
        call(stranger, someone.number, someone.name, place),
        call(stranger, unknown, someone.name, place),
    )


def test_a_card_of_another_region_is_unknown(
    ask: Asking, desk_office: Office, partners: Partners
) -> None:
    """Standings and uses tell nothing of a card of another region."""
    someone = settle_in(desk_office, "R2")
    hospital = ask.as_(partners.enrol("card:standing", "card:use"))
    stood = hospital.post("/v1/card-standings", card_number=someone.card_number)
    assert stood["standing"] == "unknown"
    used = hospital.post(
        "/v1/card-uses", amount_fen=1, provider_id="H", card_number=someone.card_number
    )
    assert used.code == "cards.unknown"


@pytest.mark.parametrize("field", ["region", "employer_id", "place_id", "kiosk_id"])
def test_a_token_acts_only_for_what_it_is_bound_to(
    ask: Asking, partners: Partners, field: str
) -> None:
    """Naming another region, employer or place than the token's own is refused at the door."""
    url = partners.url
    bound = {"employer_id": an_employer(url), "place_id": a_place(url)}
    own = "place_id" if field == "kiosk_id" else field
    token = partners.enrol("loss:report", **{k: v for k, v in bound.items() if k == own})
    told = ask.as_(token).post(
        "/v1/loss-reports",
        **{"region": "R1", "channel": "hotline", "id_number": invented_number(998)}
        | {field: "R2" if field == "region" else "OTHER"},
    )
    assert (told.status, told.code, told["facts"]) == (403, "api.not_yours", {"field": field})


def test_an_employers_clerk_reports_only_for_his_own(
    ask: Asking, desk_office: Office, partners: Partners
) -> None:
    """R2-02: on the web, for a person insured through the employer; for others as unknown."""
    own, other = settle_in(desk_office, "R2"), settle_in(desk_office, "R2")
    employer = an_employer(partners.url, "R2")
    employ(partners.url, own, employer)
    clerk = ask.as_(partners.enrol("loss:report", regions="R2", employer_id=employer))

    def report(someone: Any) -> Told:
        return clerk.post(
            "/v1/loss-reports",
            region="R2",
            channel="employer_online",
            actor="employer_clerk",
            id_number=someone.number,
            stated={"name": someone.name},
        )

    assert report(own).status == 201, report(own)
    assert report(other).code == "loss.not_verified"


def test_two_people_waive_a_fee(ask: Asking, desk_office: Office, partners: Partners) -> None:
    """P12: one proposes, another approves the very content; the same hand never does both."""
    case = apply_for_new_card(ask, desk_office, partners, "V2")
    assert case.told["replacement"]["fee_fen"] == 1500

    def hand(role: str) -> Asking:
        number = an_operator(partners.url, role, "V2")
        scopes = ("approval:sign", "issue:fee")
        token = partners.enrol(*scopes, regions="V2", role=role, staff_number=number)
        return ask.as_(token)

    first, second = hand("reviewer"), hand("reviewer")
    told = first.post("/v1/approvals", act="waive_fee", receipt=case.receipt, reason="low income")
    assert told.status == 201, told
    path = f"/v1/approvals/{told['act_id']}/signature"
    signed = {"content_hash": told["content_hash"]}
    assert first.post(path, **signed).code == "desk.same_person"
    assert second.post(path, content_hash="0" * 64).code == "desk.approval_changed"
    assert second.post("/v1/approvals/7/signature", **signed).code == "desk.unknown_receipt"
    assert second.post(path, **signed).status == 201
    assert second.post(path, **signed).code == "desk.approval_done"
    paid = first.post(f"/v1/applications/{case.receipt}/fee", means="cash")
    assert (paid.status, paid.code) == (409, "issue.no_fee")


def test_two_people_sign_with_their_own_tokens(
    ask: Asking, desk_office: Office, partners: Partners
) -> None:
    """P12: a partner's token, or one that is nobody's own, signs nothing."""
    case = apply_for_new_card(ask, desk_office, partners)
    partner = ask.as_(partners.enrol("approval:sign", role="counter_clerk"))
    body = {
        "request_key": key(),
        "act": "waive_fee",
        "receipt": case.receipt,
        "reason": "low income",
    }
    assert partner.post("/v1/approvals", body).code == "desk.not_allowed"
    personal = partners.enrol("approval:sign", role="counter_clerk", staff_number="NOBODY")
    assert ask.as_(personal).post("/v1/approvals", body).code == "desk.not_allowed"
