"""Purchases without a line that somebody must look into: by whom, until when, and the end (P8).

A disputed purchase is never paid silently. Paid after all, it is borne by the scheme's suspense
account, where anyone can see it, and not by the holder; who bears it in the end is the city's rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.accounts.chart import AccountKind, of_fund, of_provider
from minka.accounts.entry import between
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_offline_rules import FINDINGS, MEDICAL, SECURITY, Finding, Outcome
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.ledger import booked
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.kit.clock import china_text
from minka.kit.words import Words
from minka.store import ledger, people
from minka.store.connection import Row, do, row, rows
from minka.store.ledger import Written

MOST = 200
REVIEWER = "reviewer"
VERDICTS: Mapping[str, Words] = {
    "paid": Words("付给机构，先挂账", "付給機構，先掛帳", "Pay the provider, from suspense"),
    "refused": Words("不付", "不付", "Not paid"),
    "explained": Words("已说明，无需处理", "已說明，無需處理", "Explained, nothing to do"),
}
POSTS: Mapping[str, Words] = {
    SECURITY: Words("安全管理员", "安全管理員", "Security administrator"),
    MEDICAL: Words("医保工作人员", "醫保工作人員", "Medical insurance staff"),
}


@dataclass(frozen=True, slots=True)
class EndCase:
    """The owner of a case ends it."""

    region: str
    case_id: int
    verdict: str
    reason: str


def cases(office: Office, region: str) -> list[Row]:
    """The cases of a region, open ones first, each by its deadline."""
    with office.register.act() as connection:
        return rows(connection, "chip.cases", region=region, most=MOST)


def said(kind: str) -> Words:
    """What a case is about."""
    return FINDINGS[Finding(kind)]


def end_case(office: Office, request: Request, command: EndCase) -> Answer:
    """End a case.

    Its owner refuses or explains it; only a reviewer, and not who brought it in, has it paid.
    Refusals, in order: NO_SUCH_CASE, ``DeskRefusal.NOT_ALLOWED``, CASE_ENDED, CANNOT_PAY.
    """
    assert command.verdict in VERDICTS, command.verdict
    return act(office, request, command, lambda desk: _end(desk, command))


def _end(desk: Desk, command: EndCase) -> Mapping[str, Any]:
    named = {"case_id": command.case_id, "region": command.region}
    found = row(desk.connection, "chip.one_case", **named)
    if found is None:
        raise turn(ChipRefusal.NO_SUCH_CASE)
    desk.person_id = found["person_id"]
    if desk.person_id:
        people.lock(desk.connection, desk.person_id)
    owner = REVIEWER if command.verdict == "paid" else found["owner"]
    if desk.request.role != owner or desk.request.actor == found["uploaded_by"]:
        raise turn(DeskRefusal.NOT_ALLOWED)
    if found["ended_at"] is not None:
        raise turn(ChipRefusal.CASE_ENDED, at=china_text(found["ended_at"]))
    entry_no = _pay(desk, found) if command.verdict == "paid" else None
    at = desk.now()
    ended = {"case_id": command.case_id, "verdict": command.verdict, "entry_no": entry_no}
    kept = {**ended, "person_id": desk.person_id, "at": at, "reason": command.reason}
    if not do(desk.connection, "chip.end_case", **kept, operator=desk.request.actor):
        raise turn(ChipRefusal.CASE_ENDED, at=china_text(at))
    return {**ended, "ended_at": at, "audit": desk.audit({**ended, "reason": command.reason}, at)}


def _pay(desk: Desk, found: Row) -> int:
    """The provider's share of a disputed purchase, from the suspense account of the scheme."""
    fen = found["account_fen"] + found["pooled_fen"]
    payable = found["outcome"] == Outcome.DISPUTED.value and found["provider_no"] and fen > 0
    account = ledger.lock(desk.connection, desk.person_id, desk.office.fence())
    key = f"offline:{found['purchase_id']}"
    paid = {"request_key": key, "person_id": desk.person_id}
    if not payable or account is None or row(desk.connection, "ledger.by_key", **paid):
        raise turn(ChipRefusal.CANNOT_PAY)
    suspense = of_fund(AccountKind.SUSPENSE, account.area, account.scheme)
    provider = of_provider(AccountKind.PROVIDER_PAYABLE, found["provider_no"])
    written = Written(
        "correction",
        key,
        desk.request.actor,
        between(suspense, provider, fen),
        details={"purchase_id": found["purchase_id"], "provider_no": found["provider_no"]},
    )
    return int(booked(desk, account, written)[1]["ref"].removeprefix("L"))
