"""Visits at the door: opened, described, discharged, cancelled (2201, 2203, 2401 to 2405).

Only the two that open a visit ask for a credential; everything after names the visit, so that it
goes on when the card is lost meanwhile.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from minka.care.decide import Kind
from minka.care.plan import VisitKind
from minka.desk import visit
from minka.desk import visit_undo as undo
from minka.desk.settle_job import Job, Outcome, Task, Verdict
from minka.desk.settle_think import NO_ASK
from minka.desk.visit import OUTPATIENT, STAY, Opening
from minka.desk.visit_act import Work
from minka.desk.visit_job import Change
from minka.desk.visit_look import kind_of
from minka.desk.visit_refusals import VisitRefusal
from minka.doors.insurance import settling
from minka.doors.insurance.acting import (
    act,
    by_hand,
    message_of,
    nothing,
    second,
    showing_of,
)
from minka.doors.insurance.core import Call
from minka.doors.insurance.settling import number

ORDINARY = 11
"""The kind of visit a registration is until its 2203 says more."""
_STAY_KEPT = ("dise_codg", "dise_name", "adm_dept_codg", "adm_bed", "dscg_maindiag_code")
_LEFT_KEPT = ("endtime", "dise_codg", "dise_name", "dscg_way", "dscg_dept_codg", "die_date")


def registration_of(call: Call) -> Opening:
    """2201: a visit begins."""
    data = call.message.input.data
    return Opening(
        VisitKind.OUTPATIENT,
        ORDINARY,
        int(data.insutype),
        second(data.begntime),
        data.ipt_otp_no,
        showing_of(data),
        {"dept_code": data.dept_code, "atddr_no": data.atddr_no},
    )


def change_of(call: Call) -> Change | None:
    """2203 and 2203A: what kind of visit, and what for; None for what is none of this kind."""
    data = call.message.input.mdtrtinfo
    kind = kind_of(data.med_type)
    if kind not in OUTPATIENT:
        return None
    details = {**_kept(data, ("dise_codg", "dise_name")), "diagnoses": _codes(call)}
    return Change(number(data.mdtrt_id), int(data.med_type), kind, details)


def _codes(call: Call) -> list[str]:
    return [each.diag_code for each in call.message.input.diseinfo or ()]


def _kept(data: Any, names: tuple[str, ...]) -> dict[str, str]:
    return {name: text for name in names if (text := getattr(data, name, None))}


def cancel_stay(call: Call) -> None:
    """2404: the admission did not take place."""
    _one(call, visit.cancel(number(call.message.input.data.mdtrt_id), STAY))


def undo_discharge(call: Call) -> None:
    """2405: the patient is still here."""
    _one(call, visit.undo_discharge(number(call.message.input.data.mdtrt_id)))


def _one(call: Call, work: Work) -> None:
    act(call, call.message.input.data.psn_no, work, nothing)


def admit(call: Call) -> None:
    """2401: a stay begins."""
    data = call.message.input.mdtrtinfo
    if kind_of(data.med_type) is not VisitKind.INPATIENT and data.med_type[:2] != "99":
        return call.refuse(VisitRefusal.WRONG_KIND)
    opening = Opening(
        VisitKind.INPATIENT,
        int(data.med_type),
        int(data.insutype),
        second(data.begntime),
        data.ipt_no,
        showing_of(data),
        {**_kept(data, _STAY_KEPT), "diagnoses": _codes(call)},
    )
    return act(call, data.psn_no, visit.register(opening), partial(_admitted, call))


def change_stay(call: Call) -> None:
    """2403: what is known of a stay is put right; it names a credential's kind and no number."""
    data = call.message.input.adminfo
    if kind_of(data.med_type) is not VisitKind.INPATIENT and data.med_type[:2] != "99":
        return call.refuse(VisitRefusal.WRONG_KIND)
    details = {**_kept(data, (*_STAY_KEPT, "begntime", "endtime")), "diagnoses": _codes(call)}
    kind = (int(data.med_type), VisitKind.INPATIENT)
    work = visit.change(number(data.mdtrt_id), *kind, details, bases=STAY)
    return act(call, data.psn_no, work, nothing)


def _admitted(call: Call, facts: Any) -> object:
    return call.dialect.outputs.output("2401", result=facts)


def discharge(call: Call) -> None:
    """2402: the patient leaves."""
    data = call.message.input.dscginfo
    work = visit.discharge(number(data.mdtrt_id), _kept(data, _LEFT_KEPT))
    act(call, data.psn_no, work, nothing)


def _undone(call: Call, of_msg_no: int, outcome: Outcome) -> None:
    if outcome.verdict is not Verdict.DONE:
        return settling.unsettled(call, outcome)
    if outcome.entry is None or outcome.entry.kind != Kind.TOMBSTONE:
        return call.say()
    core, message = call.core, message_of(call, call.message.input.data.psn_no)
    doing = partial(undo.admission_after_all, core.office, core.book, message, of_msg_no)
    return by_hand(call, doing, lambda _: call.say())


def _into_lane(call: Call, of_msg_no: int) -> None:
    job = Job(
        Task.REVERSE,
        *call.key,
        number(call.message.input.data.psn_no),
        2601,
        NO_ASK,
        of_msg_no=of_msg_no,
        of_origin_no=call.provider.provider_no,
        content_hash=call.content_hash(),
    )
    call.core.settle(job, partial(_undone, call, of_msg_no))


def reverse_admission(call: Call) -> None:
    """2601 of a 2401: the admission shall have no effect."""
    core, of_msg_no = call.core, number(call.message.input.data.omsgid[12:])
    message = message_of(call, call.message.input.data.psn_no)
    doing = partial(undo.reverse_admission, core.office, core.book, message, of_msg_no)
    by_hand(call, doing, lambda _: call.say())


def reverse(call: Call) -> None:
    """2601: the original shall have no effect; a key of another transaction is refused first.

    The lane of settlements leaves a tombstone for what never came; an admission that came under
    the same key in the meantime is undone after it.
    """
    data, code = call.message.input.data, call.provider.fixmedins_code
    of_msg_no = number(data.omsgid[12:])
    ours = len(data.omsgid) == 30 and data.omsgid[:12] == code and of_msg_no
    if not ours or data.oinfno not in settling.REVERSIBLE - {"2401"}:
        return settling.reverse(call)
    message = message_of(call, data.psn_no)
    doing = partial(undo.original_of, call.core.office, message, of_msg_no)
    return by_hand(call, doing, lambda _: _into_lane(call, of_msg_no))


HANDLERS = {
    "2401": admit,
    "2402": discharge,
    "2403": change_stay,
    "2404": cancel_stay,
    "2405": undo_discharge,
    "2601": reverse,
    "2601/2401": reverse_admission,
}
