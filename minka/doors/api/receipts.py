"""What a receipt stands for now, with every personal text masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from minka.cards.card import Standing, Status
from minka.cards.words import Plain
from minka.desk.look import ApplicationView, CardView, Receipted, receipted
from minka.desk.refusals import DeskRefusal
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, shown
from minka.doors.api.bounds import our_receipt
from minka.doors.api.clients import Token
from minka.doors.api.fields import Code, Given, Instant, Texts
from minka.doors.api.problems import refusal
from minka.kit.words import Words

router = Router(tags=["receipts"])


class PlainState(Given):
    """A state in words: its name, what it means, and who has to act."""

    name: Texts
    sentence: Texts
    who: Texts


class CardState(Given):
    """A card now."""

    card: str
    standing: Standing
    words: PlainState
    stopped_at: Instant | None
    until_at: Instant | None
    social_at: Instant | None
    bank_at: Instant | None
    bank: Literal["none", "pending", "confirmed"]


class ReportState(Given):
    """A loss report."""

    force: str
    channel: str
    reason: str
    accepted_at: Instant
    confirmed_at: Instant | None
    stops_by: Instant | None
    lapses_at: Instant | None
    withdrawn_at: Instant | None
    rule: str


class ApplicationState(Given):
    """A replacement."""

    status: Status
    words: PlainState
    reason: str
    accepted_at: Instant
    promised_at: Instant | None
    promise: str
    collect_at: str
    fee_fen: int
    paid: Literal["free", "open", "paid", "waived", "refunded"]
    fee_receipt: str


class ReceiptState(Given):
    """A receipt, slip, fee receipt or document, and what it is about."""

    code: str
    kind: Literal["loss", "application", "slip", "fee", "document", "dispute", "statement"]
    at: Instant
    name: str
    card: CardState | None
    report: ReportState | None
    application: ApplicationState | None


@router.get(
    "/receipts/{code}",
    response={200: ReceiptState, **PROBLEMS},
    auth=Token("receipt:read"),
    operation_id="receipt",
)
def receipt(request: HttpRequest, code: Path[Code]) -> HttpResponse:
    """What a receipt stands for now."""
    found = receipted(desks.opened().everyday, our_receipt(request, code))
    if found is None:
        raise refusal(DeskRefusal.UNKNOWN_RECEIPT)
    return shown(_state(found))


def _state(found: Receipted) -> ReceiptState:
    view = _meant(found)
    return ReceiptState(
        code=found.code,
        kind=found.kind,
        at=found.file.at.isoformat(),
        name=found.file.person.name_mask,
        card=_card(view) if view else None,
        report=_report(found.report) if found.report else None,
        application=_application(found.application) if found.application else None,
    )


def _meant(found: Receipted) -> CardView | None:
    if found.report is None:
        return found.file.in_hand()
    card_id = found.report["card_id"]
    return next((v for v in found.file.cards if v.card.card_id == card_id), None)


def _card(view: CardView) -> CardState:
    stops = view.stops
    return CardState(
        card=view.number_mask,
        standing=view.standing,
        words=_plain(view.plain),
        stopped_at=iso(view.block.from_at if view.block else None),
        until_at=iso(view.until_at),
        social_at=iso(stops.social_at if stops else None),
        bank_at=iso(stops.bank_at if stops else None),
        bank=stops.bank if stops else "none",
    )


def _report(report: dict[str, Any]) -> ReportState:
    instants = ("accepted_at", "confirmed_at", "stops_by", "withdrawn_at")
    return ReportState(
        **{name: iso(report[name]) for name in instants},
        lapses_at=iso(report["until_at"]),
        force=report["force"],
        channel=report["channel"],
        reason=report["reason"],
        rule=report["rule_ref"],
    )


def _application(view: ApplicationView) -> ApplicationState:
    return ApplicationState(
        status=view.status,
        words=_plain(view.plain),
        reason=view.reason,
        accepted_at=view.accepted_at.isoformat(),
        promised_at=iso(view.promised_at),
        promise=view.promise,
        collect_at=view.collect_at,
        fee_fen=view.fee_fen,
        paid=view.paid,
        fee_receipt=view.fee_receipt,
    )


def _plain(plain: Plain) -> PlainState:
    return PlainState(name=texts(plain.name), sentence=texts(plain.sentence), who=texts(plain.who))


def texts(words: Words) -> dict[str, str]:
    """Words in the three languages, by their tags."""
    return {"zh-hans": words.zh_hans, "zh-hant": words.zh_hant, "en": words.en}


def iso(instant: datetime | None) -> str | None:
    """An instant as text."""
    return instant.isoformat() if instant else None
