"""Stories at the JSON API: every command as a request with a partner's token, answers read back.

Photos, holiday notices and queue tickets are no acts of the API: they are done at the desk.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench.story_doors import DeskDoor
from minka.desk.act import Answer, Request, Verdict
from minka.desk.apply import ApplyReplacement, LoseAndReplace
from minka.desk.collect import ActivateCard, AdvanceCard, CollectCard, PayFee, WithdrawApplication
from minka.desk.confirm import ConfirmReport
from minka.desk.loss import Agent, ReportLoss
from minka.desk.office import Office
from minka.desk.papers import IssueDocument, StampDocument
from minka.desk.use import UseCard
from minka.desk.withdraw import FreezeCard, WithdrawLoss
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.store.api_clients import Client, add
from minka.store.connection import Register

SCOPES = frozenset(
    "loss:report loss:confirm loss:withdraw loss:freeze issue:apply issue:fee issue:collect"
    " issue:activate issue:withdraw factory document:issue document:stamp card:use".split()
)
STAMPER = "medical-office"
_FACTS = {"name": "姓名", "id_number": "身份证号码"}

Sent = tuple[str, dict[str, Any]]
"""The address of a request below /api/v1, and its body without the key."""


class ApiDoor:
    """Sends what the API offers to the API, and the rest to the desk."""

    name = "api"

    def __init__(self, office: Office, url: str) -> None:
        from django.test import Client as Browser

        self.desk = DeskDoor(office)
        self.url = url
        self.browser = Browser(SERVER_NAME="localhost")
        self.regions = frozenset(office.book().regions)
        self.tokens: dict[str, str] = {}

    def perform(self, request: Request, command: object) -> Answer:
        """The answer of the API, as the desk would give it."""
        written = WRITTEN.get(type(command))
        if written is None:
            return self.desk.perform(request, command)
        path, body = written(command)
        key = request.key.replace(":", "-").ljust(8, "~")
        content: dict[str, Any] = {"request_key": key, **_filled(body)}
        if isinstance(command, ReportLoss) and request.caller:
            content["caller"] = request.caller.reveal()
        headers = {"Authorization": f"Bearer {self._token(request.role)}"}
        response: Any = self.browser.generic(
            "POST",
            f"/api/v1{path}",
            json.dumps(content),
            content_type="application/json",
            headers=headers,
        )
        return _answer(response.status_code, json.loads(response.content), response.headers)

    def _token(self, role: str) -> str:
        """The token of a partner whose people have a role."""
        if role not in self.tokens:
            client = Client(f"story{secrets.token_hex(4)}", SCOPES, self.regions, role)
            with psycopg.connect(self.url, row_factory=dict_row) as connection:
                self.tokens[role] = add(connection, client)
        return self.tokens[role]


@contextmanager
def api_door(office: Office, url: str) -> Iterator[ApiDoor]:
    """The API of this process, opened on a story's register for a while."""
    import django

    django.setup()
    from minka.doors.api import desks

    pulse = Register(url, size=1, wait_s=5)
    kept = desks.opened, desks.pulse
    desks.opened = lambda: desks.Desks(office, office, pulse)  # type: ignore[assignment]
    desks.pulse = desks.Pulse()
    try:
        yield ApiDoor(office, url)
    finally:
        desks.opened, desks.pulse = kept
        pulse.close()


def _answer(status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    replayed = "replayed" if "Minka-Replayed" in headers else ""
    if status < 300:
        return Answer(Verdict.ACCEPTED, "accepted", body, replayed=replayed)
    lacking = [e["field"] for e in body.get("errors", ()) if e.get("rule") == "missing"]
    if lacking:
        named = " ".join(_FACTS.get(each.strip("/"), each) for each in lacking)
        said = {"zh-hans": f"{body['detail']} {named}"}
        return Answer(Verdict.REFUSED, "loss.facts_missing", {}, said)
    said = {"zh-hans": body.get("detail", "")}
    return Answer(Verdict.REFUSED, body["code"], body.get("facts", {}), said, replayed)


def _filled(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it is sent: clear texts opened, empty fields left out."""
    return {name: _open(value) for name, value in body.items() if value not in ("", None, (), {})}


def _open(value: Any) -> Any:
    if isinstance(value, Clear):
        return value.reveal()
    if isinstance(value, Mapping):
        return {name: _open(each) for name, each in value.items()}
    return [_open(each) for each in value] if isinstance(value, (list, tuple)) else value


def _papers(papers: tuple[ShownPaper, ...]) -> list[dict[str, str]]:
    return [{"kind": p.kind, "copy": p.copy.value, "owner": p.owner.value} for p in papers]


def _agent(agent: Agent | None) -> dict[str, Any] | None:
    if agent is None:
        return None
    return {"name": agent.name, "id_number": agent.number, "relation": agent.relation}


def _number(number: Clear) -> Clear | str:
    return number or ""


def _report(said: ReportLoss) -> Sent:
    body = {
        "region": said.region,
        "channel": said.channel,
        "id_number": _number(said.number),
        "stated": dict(said.stated),
        "reason": said.reason,
        "force": said.force,
        "actor": said.actor,
        "agent": _agent(said.agent),
        "employer_id": said.employer_id,
        "place_id": said.place_id,
        "kiosk_id": said.kiosk_id,
        "papers": _papers(said.papers),
        "documents": said.documents,
    }
    return "/loss-reports", body


def _application(said: ApplyReplacement) -> dict[str, Any]:
    return {
        "region": said.region,
        "channel": said.channel,
        "id_number": said.number,
        "place_id": said.place_id,
        "reason": said.reason,
        "stated": dict(said.stated),
        "actor": said.actor,
        "agent": _agent(said.agent),
        "papers": _papers(said.papers),
        "documents": said.documents,
        "photo_code": said.photo_code,
        "waiver": said.waiver,
        "bank_id": said.bank_id,
        "collect_at": said.collect_at,
    }


def _withdraw(said: WithdrawLoss) -> Sent:
    body = {
        "region": said.region,
        "channel": said.channel,
        "id_number": said.number,
        "place_id": said.place_id,
        "papers": _papers(said.papers),
        "found_card_number": said.found_card_number,
        "actor": said.actor,
    }
    return "/loss-withdrawals", body


def _freeze(said: FreezeCard) -> Sent:
    body = {"region": said.region, "what": said.what, "id_number": said.number}
    return "/card-freezes", {**body, "stated": dict(said.stated)}


def _collect(said: CollectCard) -> Sent:
    body = {
        "slip": said.slip,
        "id_number": said.number,
        "place_id": said.place_id,
        "papers": _papers(said.papers),
        "actor": said.actor,
        "agent": _agent(said.agent),
    }
    return "/collections", body


def _use(said: UseCard) -> Sent:
    body: dict[str, Any] = {"amount_fen": said.amount_fen, "provider_id": said.provider_id}
    return "/card-uses", {**body, "card_number": said.card_number, "id_number": said.number or ""}


def _issue(said: IssueDocument) -> Sent:
    body = {"kind": said.kind, "id_number": said.number, "employer_id": said.employer_id}
    return "/documents", body


WRITTEN: dict[type, Callable[[Any], Sent]] = {
    ReportLoss: _report,
    ConfirmReport: lambda said: (f"/loss-reports/{_code(said.receipt)}/confirmation", {}),
    WithdrawLoss: _withdraw,
    FreezeCard: _freeze,
    ApplyReplacement: lambda said: ("/applications", _application(said)),
    LoseAndReplace: lambda said: (
        "/loss-reports/with-replacement",
        _application(said.replacement),
    ),
    PayFee: lambda said: (f"/applications/{_code(said.receipt)}/fee", {"means": said.means}),
    AdvanceCard: lambda said: (
        f"/applications/{_code(said.receipt)}/advances",
        {"move": said.move},
    ),
    CollectCard: _collect,
    ActivateCard: lambda said: (
        "/activations",
        {"receipt": _code(said.receipt), "id_number": said.number, "actor": said.actor},
    ),
    WithdrawApplication: lambda said: (
        f"/applications/{_code(said.receipt)}/withdrawal",
        {"id_number": said.number},
    ),
    IssueDocument: _issue,
    StampDocument: lambda said: (f"/documents/{said.code}/stamp", {"stamped_by": STAMPER}),
    UseCard: _use,
}
"""Every command that the API offers, as its address and body."""


def _code(receipt: str) -> str:
    """A receipt for an address; without one, one that is nobody's."""
    return receipt or "B-0000-0000-0"
