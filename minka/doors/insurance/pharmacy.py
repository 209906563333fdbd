"""A pharmacy at the door: quote, buy, take back (2101, 2102, 2103); one message holds all of it.

2102 goes through the lane of visits: visit, lines and settlement stand in one commit, or nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from minka.care.decide import Credential
from minka.care.plan import VisitKind
from minka.care.state import Outstanding
from minka.desk.catalogue import Charge
from minka.desk.charges import unbatched
from minka.desk.purchase import Quoted, quote
from minka.desk.settle_job import Job, Outcome, Task, Verdict
from minka.desk.visit import Opening
from minka.desk.visit_act import Facts
from minka.desk.visit_job import Heard, Purchase
from minka.doors.insurance.acting import by_hand, message_of, second, showing_of
from minka.doors.insurance.charging import charge_of, split_rows
from minka.doors.insurance.core import Call
from minka.doors.insurance.settling import (
    ask_of,
    number,
    put,
    refund,
    rendered,
    unsettled,
)
from minka.kit.secret import Clear
from minka.store.people import number_index

PHARMACY = 41


def _opening(call: Call) -> Opening:
    data = call.message.input.druginfo
    return Opening(
        VisitKind.PHARMACY,
        int(data.med_type) if data.med_type.isdigit() else PHARMACY,
        int(data.insutype),
        second(data.begntime),
        call.message.msgid[12:],
        showing_of(data),
        {"dise_codg": data.dise_codg} if data.dise_codg else {},
    )


def _charges(call: Call) -> list[Charge]:
    return unbatched(charge_of(each) for each in call.message.input.drugdetail)


def pre_settle(call: Call) -> None:
    """2101: what a purchase would cost."""
    data = call.message.input.druginfo
    doing = partial(
        quote,
        call.core.office,
        call.core.book,
        message_of(call, data.psn_no),
        opening=_opening(call),
        charges=_charges(call),
        total=data.medfee_sumamt,
    )
    by_hand(call, doing, partial(_quoted, call))


def _quoted(call: Call, found: Quoted) -> None:
    job = _job(call, Task.PREVIEW, found.due)
    job.msg_no = 0
    put(call, job, partial(_told, call, found.lines, found.shown.encode()))


def purchase_of(call: Call) -> Purchase:
    """2102: a purchase with its lines and its settlement."""
    data = call.message.input.druginfo
    job = _job(call, Task.SETTLE)
    shown = Clear(data.mdtrt_cert_no)
    if job.ask.credential == Credential.NUMBER:
        job.number_index = number_index(call.core.office.keys, shown)
    return Purchase(_opening(call), _charges(call), data.medfee_sumamt, job)


def bought(call: Call, heard: Heard) -> None:
    """The answer to a purchase, or why there is none."""
    outcome = heard.settled
    assert outcome is not None, "what was written was settled in the same commit"
    _told(call, heard.facts, heard.facts.get("shown", "").encode(), outcome)


def _job(call: Call, task: Task, due: Outstanding | None = None) -> Job:
    data: Any = call.message.input.druginfo
    return Job(
        task,
        *call.key,
        number(data.psn_no),
        int(call.message.infno),
        ask_of(call, data),
        content_hash=call.content_hash(),
        due=due,
        basis=VisitKind.PHARMACY,
    )


def _told(call: Call, facts: Facts, shown: bytes, outcome: Outcome) -> None:
    if outcome.verdict is not Verdict.DONE or outcome.entry is None:
        return unsettled(call, outcome)
    body = rendered(call, outcome.entry, shown or outcome.shown)
    outputs = call.dialect.outputs
    cut = outputs.rows(call.message.infno, "detlcutinfo", split_rows(facts["lines"]))
    return call.say({**body, "detlcutinfo": cut})


HANDLERS = {"2101": pre_settle, "2103": refund}
