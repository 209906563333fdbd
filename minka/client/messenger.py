"""One message sent with one outcome, and every unknown one cleared up, for ever if need be."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from minka.client import figures
from minka.client.carrier import Carrier
from minka.client.gateway import Session
from minka.client.judge import Asked, Carried, envelope_of, judge
from minka.client.log import Booking, Draft, OutboundLog, Sent, State
from minka.client.outcome import Outcome, Refused, Success, Unknown, Why
from minka.client.site import Ask, Site
from minka.wire.insurance.faults import Faulty
from minka.wire.insurance.registry import registry

REVERSIBLE = frozenset({"2102", "2102A", "2103", "2207", "2208", "2304", "2304A", "2305", "2401"})
"""What 2601 may take back (section 5, rule 2), and nothing else."""
SETTLES = frozenset({"2102", "2207", "2304"})
REFUNDS = frozenset({"2103", "2208", "2305"})
REVERSAL = "2601"
NO_EFFECT = frozenset({"9001", "9002", "1101", "2101", "2206", "2303", "3201", "5203", "5206"})
"""Nothing depends on them once nobody waits for their answer."""
OTHER_TOTAL = (
    "这张账单已经以另一金额报送过，先退费再办。· sent before with another total; refund first"
)
TAKEN_BACK = "已冲正，没有生效，可以重新办理。· taken back, without effect; do it anew"
LET_GO = "没有结果，也没有需要撤回的内容，请重新办理。· no outcome, nothing to undo; do it anew"
MARGIN = timedelta(seconds=1)

Nodes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: code, input nodes, whose it is, and what may stand only once."""

    infno: str
    nodes: Nodes
    psn_no: str = ""
    bill: str = ""
    insuplc: str = ""


class Messenger:
    """Sends messages of one provider; threads and processes may share its log.

    Whatever happens, a call ends in exactly one of ``Success``, ``Refused`` and ``Unknown``; what
    stays unknown waits in the log until ``repair`` has cleared it up.
    """

    def __init__(self, site: Site, log: OutboundLog, carrier: Carrier) -> None:
        self.site, self.log, self._carrier = site, log, carrier
        self._session: Session | None = None
        self._busy = timedelta(milliseconds=site.patience_ms) + MARGIN

    def call(self, call: Call) -> Outcome:
        """Write, send once, judge, write the end.

        What breaks the interface's rules is refused here, under no id, and never leaves. A bill
        that has a message standing is not sent again: its success is given once more, and an open
        one is cleared up first.
        """
        wrong = self._wrong(call)
        if wrong:
            return Refused("", call.infno, wrong)
        draft = Draft(
            call.infno,
            lambda msgid, now: self._body(call, msgid, now),
            psn_no=call.psn_no,
            bill=call.bill,
        )
        sent, is_new = self.log.write(draft, self.site.fixmedins_code, self._busy)
        if is_new:
            return self._send(sent)
        if _total(json.loads(sent.request)["input"]) != _total(call.nodes):
            return Refused(sent.msgid, call.infno, OTHER_TOTAL)
        if sent.state is State.SUCCESS:
            return outcome_of(sent)
        self.clear_up(sent.msgid)
        return self.outcome(sent.msgid)

    def outcome(self, msgid: str) -> Outcome:
        """What is known now about a message that was sent once; ``KeyError`` for a stranger."""
        sent = self.log.read(msgid)
        if sent is None:
            raise KeyError(msgid)
        return outcome_of(sent)

    def repair(self) -> list[Outcome]:
        """Clear up what is unknown and nobody is sending; the outcomes as they are now.

        Call it at every start and every few seconds. It may run in many places at once and may be
        killed anywhere.
        """
        waiting = self.log.waiting()
        for sent in waiting:
            self.clear_up(sent.msgid)
        return [self.outcome(sent.msgid) for sent in waiting]

    def clear_up(self, msgid: str) -> None:
        """One more step for one message: ask again, take back, or let go."""
        sent = self.log.read(msgid)
        if sent is None or sent.state not in (State.OPEN, State.REVERSING):
            return
        if not self.log.claim(msgid, self._busy):
            return
        if sent.infno in NO_EFFECT:
            self.log.end(msgid, State.DROPPED)
        elif sent.state is State.REVERSING:
            self._take_back(sent)
        elif self.site.ask is Ask.SAME_MSGID:
            self._send(sent)
        elif sent.infno in REVERSIBLE:
            self.log.end(msgid, State.REVERSING)
            self._take_back(sent)
        else:
            self.log.end(msgid, State.DROPPED)

    def reverse(self, msgid: str) -> Outcome:
        """Give up an unknown message for good: 2601 until it is answered.

        Only for what is unknown and on the list; a settlement that succeeded is refunded instead.
        ``ValueError`` for any other.
        """
        sent = self.log.read(msgid)
        if sent is None or sent.infno not in REVERSIBLE:
            raise ValueError(f"{msgid} is not a message that can be reversed")
        claimed = sent.state is State.OPEN and self.log.claim(msgid, self._busy)
        if claimed and self.log.end(msgid, State.REVERSING) is State.REVERSING:
            self._take_back(sent)
        return self.outcome(msgid)

    def absent(self, msgid: str) -> None:
        """The day's reconciliation balanced without a held message: it never happened."""
        self.log.end(msgid, State.REVERSED)

    # What follows is the inside.

    def _wrong(self, call: Call) -> str:
        """What the interface would have against a message, by field and rule; usually nothing."""
        if not self.site.dialect:
            return ""
        now = self.log.now()
        body = self._body(call, f"{self.site.fixmedins_code}{now:%Y%m%d%H%M%S}0000", now)
        read = registry(self.site.dialect).read(body)
        return read.say() if isinstance(read, Faulty) else ""

    def _send(self, sent: Sent) -> Outcome:
        """Deliver once more and write down what is known then."""
        came = self._delivered(sent)
        found = judge(Asked(sent.msgid, sent.infno), came, self.site.open_words)
        if isinstance(found, Unknown):
            self.log.rest(sent.msgid)
            return found
        try:
            after = self._end(sent, found, came.body)
        except sqlite3.IntegrityError:  # a settlement under a number that another one has
            self.log.rest(sent.msgid)
            return Unknown(sent.msgid, sent.infno, Why.ANOTHERS)
        return found if after is _state(found) else self.outcome(sent.msgid)

    def _end(self, sent: Sent, found: Success | Refused, body: bytes) -> State:
        answer = body if isinstance(found, Success) else found.message.encode()
        booking = self._booking(sent, found)
        return self.log.end(sent.msgid, _state(found), answer=answer, booking=booking)

    def _delivered(self, sent: Sent) -> Carried:
        """One delivery; when the session has ended, a new one is begun and the same body sent.

        Only where a message may come twice: that it was turned away nobody has proved.
        """
        session = self._session
        came = self._carrier.carry(sent.request, session)
        if session is None or not _is_turned_away(came) or self.site.ask is not Ask.SAME_MSGID:
            return came
        if self._renewed(session):
            return self._carrier.carry(sent.request, self._session)
        return came

    def _renewed(self, _ended: Session | None) -> bool:
        """Whether a new session could be begun; the messenger alone cannot."""
        return False

    def _booking(self, sent: Sent, found: Outcome) -> Booking | None:
        if not isinstance(found, Success) or sent.infno not in SETTLES | REFUNDS:
            return None
        settled = figures.settled(found.output)
        if sent.infno in SETTLES:
            return Booking(settled)
        undone = json.loads(sent.request)["input"]["data"]["setl_id"]
        return Booking(settled, "refund", undone)

    def _take_back(self, sent: Sent) -> None:
        """The one 2601 of a message, written once and sent again with the same id for ever."""
        nodes = {"data": {"psn_no": sent.psn_no, "omsgid": sent.msgid, "oinfno": sent.infno}}
        call = Call(REVERSAL, nodes, sent.psn_no)
        draft = Draft(
            REVERSAL,
            lambda msgid, now: self._body(call, msgid, now),
            psn_no=sent.psn_no,
            undoes=sent.msgid,
        )
        undoing, _ = self.log.write(draft, self.site.fixmedins_code, self._busy)
        came = self._delivered(undoing)
        found = judge(Asked(undoing.msgid, REVERSAL), came, self.site.open_words)
        if isinstance(found, Unknown):
            self.log.rest(sent.msgid)
            return
        answer = came.body if isinstance(found, Success) else found.message.encode()
        self.log.end_undoing(undoing, _state(found), answer)

    def _body(self, call: Call, msgid: str, now: datetime) -> bytes:
        """The envelope of eighteen keys around the input."""
        site, session = self.site, self._session
        envelope = {
            "infno": call.infno,
            "msgid": msgid,
            "mdtrtarea_admvs": site.area,
            "insuplc_admdvs": call.insuplc or (site.area if call.psn_no else ""),
            "recer_sys_code": site.recer_sys_code,
            "dev_no": "",
            "dev_safe_info": "",
            "cainfo": "",
            "signtype": "",
            "infver": site.infver,
            "opter_type": site.opter_type,
            "opter": site.opter,
            "opter_name": site.opter_name,
            "inf_time": now.strftime("%Y-%m-%d %H:%M:%S"),
            "fixmedins_code": site.fixmedins_code,
            "fixmedins_name": site.fixmedins_name,
            "sign_no": session.sign_no if session else "",
            "input": call.nodes,
        }
        return json.dumps(envelope, ensure_ascii=False, default=_plain).encode()


def outcome_of(sent: Sent) -> Outcome:
    """The outcome a row of the log stands for."""
    if sent.state is State.SUCCESS:
        return judge(Asked(sent.msgid, sent.infno), Carried(sent.answer))
    if sent.state is State.REFUSED:
        return Refused(sent.msgid, sent.infno, sent.answer.decode())
    if sent.state is State.REVERSED:
        return Refused(sent.msgid, sent.infno, TAKEN_BACK)
    if sent.state is State.DROPPED:
        return Refused(sent.msgid, sent.infno, LET_GO)
    why = Why.HELD if sent.state is State.HELD else Why.UNDER_REPAIR
    return Unknown(sent.msgid, sent.infno, why)


def _is_turned_away(came: Carried) -> int:
    """Whether a no came without the session's seal: perhaps there is no such session any more."""
    answer = envelope_of(came.body) or {}
    unsealed = came.fault in (Why.NOT_LOOKED_AT, Why.NOT_PROVED)
    return int(unsealed and str(answer.get("infcode")) == "-1")


def _state(found: Success | Refused) -> State:
    return State.SUCCESS if isinstance(found, Success) else State.REFUSED


def _total(nodes: Nodes) -> int | None:
    """The total a settlement was asked for; None of what is not one."""
    for node in nodes.values():
        if isinstance(node, Mapping) and "medfee_sumamt" in node:
            return figures.fen(node["medfee_sumamt"])
    return None


def _plain(value: Any) -> Any:
    """Values JSON does not know: amounts as text, instants in China's form."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    raise TypeError(f"not a value of the interface: {type(value).__name__}")
