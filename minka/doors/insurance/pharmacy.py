"""A pharmacy at the door: quote, buy, take back (2101, 2102, 2103); one message holds all of it.

2102 is two steps under one key: the purchase is written down with its lines, then settled in the
person's lane. Whichever step a repetition finds done, it finds done; a reversal that comes between
the two leaves a purchase that nobody can settle.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from minka.care.plan import VisitKind
from minka.care.state import Outstanding
from minka.desk.catalogue import Charge
from minka.desk.charges import unbatched
from minka.desk.purchase import Quoted, buy, quote
from minka.desk.settle_job import Job, Outcome, Task, Verdict
from minka.desk.visit import Opening
from minka.desk.visit_act import Facts, once
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
    job = _job(call, Task.PREVIEW, due=found.due)
    job.msg_no = 0
    put(call, job, partial(_told, call, found.lines, found.shown.encode()))


def settle(call: Call) -> None:
    """2102: the purchase is written down, then settled."""
    data = call.message.input.druginfo
    work = buy(_opening(call), _charges(call), data.medfee_sumamt)
    message = message_of(call, data.psn_no)
    doing = partial(once, call.core.office, call.core.book, message, work)
    by_hand(call, doing, partial(_written, call))


def _written(call: Call, facts: Facts) -> None:
    job = _job(call, Task.SETTLE, visit_no=number(facts["mdtrt_id"]))
    put(call, job, partial(_told, call, facts, b""))


def _job(call: Call, task: Task, *, due: Outstanding | None = None, visit_no: int = 0) -> Job:
    data: Any = call.message.input.druginfo
    return Job(
        task,
        *call.key,
        number(data.psn_no),
        int(call.message.infno),
        ask_of(call, data),
        visit_no=visit_no,
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


HANDLERS = {"2101": pre_settle, "2102": settle, "2103": refund}
