"""Through which door a story is played: the desk itself, or the JSON API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from minka.desk.act import Answer, Request
from minka.desk.apply import ApplyReplacement, LoseAndReplace, apply_replacement, lose_and_replace
from minka.desk.calendar import LoadNotice, load_notice
from minka.desk.collect import (
    ActivateCard,
    AdvanceCard,
    CollectCard,
    PayFee,
    WithdrawApplication,
    activate_card,
    advance_card,
    collect_card,
    pay_fee,
    withdraw_application,
)
from minka.desk.confirm import ConfirmReport, confirm_report
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.papers import IssueDocument, StampDocument, issue_document, stamp_document
from minka.desk.photo import SubmitPhoto, submit_photo
from minka.desk.queue import CallNext, TakeTicket, call_next, take_ticket
from minka.desk.use import UseCard, use_card
from minka.desk.withdraw import FreezeCard, WithdrawLoss, freeze_card, withdraw_loss

ACTS: dict[type, Callable[[Office, Request, Any], Answer]] = {
    ReportLoss: report_loss,
    ConfirmReport: confirm_report,
    WithdrawLoss: withdraw_loss,
    FreezeCard: freeze_card,
    ApplyReplacement: apply_replacement,
    LoseAndReplace: lose_and_replace,
    PayFee: pay_fee,
    AdvanceCard: advance_card,
    CollectCard: collect_card,
    ActivateCard: activate_card,
    WithdrawApplication: withdraw_application,
    IssueDocument: issue_document,
    StampDocument: stamp_document,
    SubmitPhoto: submit_photo,
    UseCard: use_card,
    LoadNotice: load_notice,
    TakeTicket: take_ticket,
    CallNext: call_next,
}
"""Every command of the desk, and the act that carries it out."""


class Door(Protocol):
    """Carries a command to the register and the answer back."""

    name: str

    def perform(self, request: Request, command: object) -> Answer:
        """The answer to a command."""
        ...


class DeskDoor:
    """The acts called as they are."""

    name = "desk"

    def __init__(self, office: Office) -> None:
        self.office = office

    def perform(self, request: Request, command: object) -> Answer:
        """The desk's own answer."""
        return ACTS[type(command)](self.office, request, command)
