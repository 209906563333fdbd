"""What goes into the lane of visits: 2201, 2202, 2203, 2203A, 2204 and 2102.

These are the messages of every visit; the rarer ones go on by hand (``acting``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from minka.desk.settle_job import Verdict
from minka.desk.visit import OUTPATIENT
from minka.desk.visit_act import Facts
from minka.desk.visit_job import Asked, Cancel, Heard, Upload, VisitJob
from minka.desk.visit_lane import VisitLane
from minka.desk.visit_refusals import VisitRefusal
from minka.doors.insurance.acting import message_of, nothing
from minka.doors.insurance.charging import lines_of, split_of
from minka.doors.insurance.core import UNDECIDED, Call, Handler
from minka.doors.insurance.pharmacy import bought, purchase_of
from minka.doors.insurance.settling import UNKNOWN, number
from minka.doors.insurance.visiting import change_of, registration_of

Show: TypeAlias = Callable[[Facts], object]


@dataclass(frozen=True, slots=True)
class Batched:
    """The handlers of the messages that go into a lane."""

    lane: VisitLane

    def handlers(self) -> dict[str, Handler]:
        """By transaction."""
        return {
            "2201": self.register,
            "2202": self.cancel,
            "2203": self.change,
            "2203A": self.change,
            "2204": self.upload,
            "2102": self.buy,
        }

    def register(self, call: Call) -> None:
        """2201: a visit begins."""
        data = call.message.input.data
        self._put(call, data.psn_no, registration_of(call), partial(_registered, call))

    def cancel(self, call: Call) -> None:
        """2202: the visit did not take place."""
        data = call.message.input.data
        self._put(call, data.psn_no, Cancel(number(data.mdtrt_id), OUTPATIENT), nothing)

    def change(self, call: Call) -> None:
        """2203 and 2203A: what kind of visit, and what for."""
        asked = change_of(call)
        if asked is None:
            return call.refuse(VisitRefusal.WRONG_KIND)
        return self._put(call, call.message.input.mdtrtinfo.psn_no, asked, nothing)

    def upload(self, call: Call) -> None:
        """2204: the lines of one visit; the answer has the split of each."""
        row, lines = call.message.input.feedetail[0], lines_of(call)
        if lines is None:
            return call.refuse(VisitRefusal.SEVERAL_VISITS)
        asked = Upload(number(row.mdtrt_id), lines, OUTPATIENT)
        return self._put(call, row.psn_no, asked, partial(split_of, call))

    def buy(self, call: Call) -> None:
        """2102: a purchase, settled."""
        message = message_of(call, call.message.input.druginfo.psn_no)
        self.lane.put(VisitJob(message, purchase_of(call), partial(_bought, call)))

    def _put(self, call: Call, psn_no: str, asked: Asked, show: Show) -> None:
        self.lane.put(VisitJob(message_of(call, psn_no), asked, partial(_told, call, show)))


def _registered(call: Call, facts: Facts) -> object:
    return call.dialect.outputs.output("2201", data=facts)


def _told(call: Call, show: Show, heard: Heard) -> None:
    if heard.verdict is Verdict.DONE:
        call.say(show(heard.facts))
    elif heard.verdict is Verdict.BUSY:
        call.busy()
    elif heard.refused is not None:
        call.refuse(heard.refused.reason, {"hotline": "12333", **heard.refused.facts})
    else:
        call.fail(UNKNOWN, UNDECIDED)


def _bought(call: Call, heard: Heard) -> None:
    if heard.settled is not None:
        bought(call, heard)
    elif heard.verdict is Verdict.DONE:
        call.fail(UNKNOWN, UNDECIDED)  # written down by an older release and never settled
    else:
        _told(call, nothing, heard)
