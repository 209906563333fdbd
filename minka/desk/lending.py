"""A sign of lending looked into by people: confirmed or dismissed; settlement suspended by two.

| state | what may follow |
|---|---|
| open | confirm, or dismiss |
| confirmed | two people suspend online settlement for 3 to 12 months, once for a sign |
| dismissed | nothing |

A suspension is a state of the person and of no card: it stands in the coverage, by its facts.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from minka.care.lending import Sign
from minka.care.lending_refusals import LendingRefusal
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.kit.clock import CHINA, china_text
from minka.kit.codes import read_code
from minka.kit.words import Words
from minka.law.lending import Suspension, read
from minka.store import cards, ledger, people
from minka.store.connection import Row, do, row, rows, the_row

SIGNS: Mapping[str, Words] = {
    "two_places": Words("同时在两地用卡", "同時在兩地用卡", "Used in two places at once"),
    "many_patients": Words(
        "一张卡接连多人就诊", "一張卡接連多人就診", "Several patients on one card"
    ),
    "velocity": Words("短时间频繁结算", "短時間頻繁結算", "Too many settlements in a short time"),
    "night": Words("多次夜间结算", "多次夜間結算", "Settlements night after night"),
    "many_cards": Words(
        "同一窗口连刷多张卡", "同一窗口連刷多張卡", "Many cards at one till within minutes"
    ),
}
VERDICTS: Mapping[str, Words] = {
    "confirmed": Words("属实", "屬實", "confirmed"),
    "dismissed": Words("不属实", "不屬實", "dismissed"),
}
GROUNDS: Mapping[str, Words] = {
    "holder_says_so": Words("本人承认出借", "本人承認出借", "The holder admits it"),
    "other_patient": Words("就诊人不是本人", "就診人不是本人", "The patient was somebody else"),
    "resold": Words("药品转卖", "藥品轉賣", "Medicine was sold on"),
    "own_illness": Words("本人病情所需", "本人病情所需", "The holder's own illness explains it"),
    "wrong_record": Words("机构记录有误", "機構記錄有誤", "The provider's record is wrong"),
    "family_errand": Words(
        "家人凭处方代取药", "家人憑處方代取藥", "Family fetched prescribed medicine"
    ),
}
"""Why a sign was confirmed or dismissed."""

STAFF = ("medical_staff", "reviewer")
REMEMBERED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class JudgeSign:
    """One person's verdict on a sign."""

    receipt: str
    verdict: str
    """``confirmed`` or ``dismissed``."""
    reason: str


def judge_sign(office: Office, request: Request, command: JudgeSign) -> Answer:
    """Confirm or dismiss a sign, once; refusals are ``LendingRefusal``."""
    assert command.verdict in VERDICTS, command.verdict
    assert command.reason in GROUNDS, command.reason
    return act(office, request, command, lambda desk: _judge(desk, command))


def _judge(desk: Desk, command: JudgeSign) -> Mapping[str, Any]:
    if desk.request.role not in STAFF:
        raise turn(DeskRefusal.NOT_ALLOWED)
    found, at = the_sign(desk, command.receipt), desk.now()
    if found["verdict"] is not None:
        decided = {"at": china_text(found["decided_at"]), "verdict": VERDICTS[found["verdict"]]}
        raise turn(LendingRefusal.SIGN_DECIDED, **decided)
    decision = {"verdict": command.verdict, "reason": command.reason, "at": at}
    operator = desk.request.actor
    do(desk.connection, "lending.decide", **_place(found), **decision, operator=operator)
    facts = {"receipt": found["receipt"], **decision}
    return {**facts, "audit": desk.audit(facts, at)}


def _place(found: Row) -> dict[str, int]:
    return {"person_id": found["person_id"], "sign_id": found["sign_id"]}


def the_sign(desk: Desk, typed: str) -> Row:
    """The sign of a receipt, locked, with its verdict and suspension."""
    known = row(desk.connection, "lending.by_receipt", receipt=read_code(typed) or "")
    if known is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = known["person_id"]
    people.lock(desk.connection, desk.person_id)
    do(desk.connection, "lending.lock_sign", sign_id=known["sign_id"])
    return the_row(desk.connection, "lending.sign", **known)


def about_sign(desk: Desk, content: Mapping[str, Any]) -> int:
    """The person of a sign, for the two who sign; a till has none."""
    found = the_sign(desk, str(content.get("receipt", "")))
    if found["kind"] == Sign.MANY_CARDS.value:
        raise turn(LendingRefusal.SIGN_OF_A_TILL)
    person_id: int = found["person_id"]
    return person_id


def suspend_signed(desk: Desk, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Suspend online settlement of the person of a confirmed sign, for months as the law says."""
    found = the_sign(desk, str(content.get("receipt", "")))
    if found["verdict"] != "confirmed":
        raise turn(LendingRefusal.SIGN_NOT_CONFIRMED)
    if found["suspended_until"] is not None:
        until = china_text(found["suspended_until"])
        raise turn(LendingRefusal.ALREADY_SUSPENDED, until=until)
    law = read().suspension(desk.now().astimezone(CHINA).date())
    months = _months(content, law)
    locked = ledger.lock(desk.connection, desk.person_id, desk.office.fence())
    if locked is None:
        raise turn(LendingRefusal.NO_COVERAGE)
    until_at = months_after(locked.at, months)
    suspended = {
        "suspension_id": desk.fact_id(),
        "act_id": _signed(desk, "suspend_settlement", found),
        "from_at": locked.at,
        "until_at": until_at,
        "months": months,
        "rule_ref": law.rule_ref,
        "reason": found["verdict_reason"],
    }
    do(desk.connection, "lending.suspend", **_place(found), **suspended)
    do(desk.connection, "lending.follow_suspension", person_id=desk.person_id)
    told = {"receipt": found["receipt"], "until_at": until_at.isoformat()}
    desk.send("notice.suspended", told, card_id=found["card_id"], at=locked.at)
    return {"receipt": found["receipt"], "months": months, "from_at": locked.at, "until": until_at}


def _months(content: Mapping[str, Any], law: Suspension) -> int:
    typed = str(content.get("months", ""))
    months = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    if not law.least_months <= months <= law.most_months:
        lengths = {"least": law.least_months, "most": law.most_months}
        raise turn(LendingRefusal.SUSPENSION_LENGTH, **lengths, cite=law.cite)
    return months


def _signed(desk: Desk, name: str, found: Row) -> int:
    named = {"act": name, "receipt": found["receipt"], "signer": desk.request.actor}
    act_id: int = the_row(desk.connection, "claim.signed_act", **named)["act_id"]
    return act_id


def lift_signed(desk: Desk, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """End a suspension before its time; the coverage follows the facts that are left."""
    found = the_sign(desk, str(content.get("receipt", "")))
    locked = ledger.lock(desk.connection, desk.person_id, desk.office.fence())
    standing = found["suspension_id"] is not None and found["lifted_at"] is None
    if locked is None or not standing or found["suspended_until"] <= locked.at:
        raise turn(LendingRefusal.NOT_SUSPENDED)
    ended = {
        "suspension_id": found["suspension_id"],
        "act_id": _signed(desk, "resume_settlement", found),
        "at": locked.at,
        "reason": str(content.get("reason", "")) or "—",
    }
    do(desk.connection, "lending.lift", person_id=desk.person_id, **ended)
    do(desk.connection, "lending.follow_suspension", person_id=desk.person_id)
    told = {"receipt": found["receipt"]}
    desk.send("notice.resumed", told, card_id=found["card_id"], at=locked.at)
    return {"receipt": found["receipt"], "lifted_at": locked.at}


def months_after(at: datetime, months: int) -> datetime:
    """The same day and time so many months later in China; the last day where there is no such."""
    local = at.astimezone(CHINA)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def signs(office: Office, region: str, *, most: int = 200) -> list[Row]:
    """The signs of a region with their verdicts, the newest first."""
    with office.register.act() as connection:
        return rows(connection, "lending.signs", region=region, most=most)


def sign(office: Office, typed: str) -> Row | None:
    """One sign by its receipt, or None."""
    with office.register.act() as connection:
        known = row(connection, "lending.by_receipt", receipt=read_code(typed) or "")
        return row(connection, "lending.sign", **known) if known else None


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning that a holder sees about his own card."""

    receipt: str
    kind: str
    words: Words
    provider_name: str
    at: datetime
    verdict: str
    """``confirmed``, or empty while it is looked into."""


def warnings_of(office: Office, person_id: int) -> list[Caution]:
    """The warnings of a person, the newest first; dismissed signs are none."""
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        since = now - REMEMBERED
        found = rows(connection, "lending.warnings", person_id=person_id, since=since)
    return [
        Caution(
            receipt=each["receipt"],
            kind=each["kind"],
            words=SIGNS[each["kind"]],
            provider_name=each["provider_name"],
            at=each["until_at"],
            verdict=each["verdict"] or "",
        )
        for each in found
    ]


def suspended_until(office: Office, person_id: int) -> datetime | None:
    """Until when online settlement of a person is suspended, or None."""
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        until: datetime | None = the_row(
            connection, "lending.suspended_until", person_id=person_id
        )["until"]
    return until if until is not None and until > now else None
