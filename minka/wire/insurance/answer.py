"""The envelope of an answer: accepted with a body, or refused with words; and reading one back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from minka.wire.insurance.area import Area, Form
from minka.wire.insurance.faults import LONGEST_TEXT, Fault
from minka.wire.insurance.registry import Registry

_encode = msgspec.json.Encoder().encode

_CODES: Mapping[Form, tuple[int | str, int | str]] = {
    Form.NUMBER: (0, -1),
    Form.STRING: ("0", "-1"),
}


class _Answer(msgspec.Struct, gc=False):
    """The keys of every answer, in the table's order."""

    infcode: int | str
    inf_refmsgid: str
    refmsg_time: str
    respond_time: str
    err_msg: str
    output: Any
    warn_msg: str | None = None
    cainfo: str | None = None
    signtype: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a request came and was answered (``figures.instant17``), and its number of the day."""

    received: str
    answered: str
    serial: int

    def message_id(self, area: Area) -> str:
        """``inf_refmsgid``: area (6), time of receipt (14), serial (10)."""
        return f"{area.code}{self.received[:14]}{self.serial:010d}"


def success(area: Area, stamp: Stamp, output: object = None) -> bytes:
    """The bytes of an accepted request; transactions without an output node give none."""
    code = _CODES[area.infcode][0]
    body = {} if output is None else output
    msgid = stamp.message_id(area)
    return _encode(_Answer(code, msgid, stamp.received, stamp.answered, "", body))


def failure(area: Area, stamp: Stamp, err_msg: str) -> bytes:
    """The bytes of a refusal; ``err_msg`` is cut at 200 characters, and there is no body."""
    code, msgid = _CODES[area.infcode][1], stamp.message_id(area)
    words = err_msg[:LONGEST_TEXT]
    return _encode(_Answer(code, msgid, stamp.received, stamp.answered, words, {}))


class Outcome(Enum):
    """The only three things a client may conclude from a call."""

    SUCCESS = "success"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Nothing final may be booked; ask, reverse, or wait for the day's reconciliation."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer says: its outcome, its words, its body, and what is wrong with its body."""

    outcome: Outcome
    words: str = ""
    message_id: str = ""
    output: Mapping[str, Any] | None = None
    faults: tuple[Fault, ...] = ()


def read(registry: Registry, infno: str, body: bytes) -> Answered:
    """One of three outcomes from whatever came back (reference: 1.5).

    Success with words and without its mandatory body is a refusal; an accepted answer whose body
    cannot be read, and everything else that is not plainly yes or no, is unknown.
    """
    try:
        answer = registry.plain(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Answered(Outcome.UNKNOWN)
    if not isinstance(answer, dict):
        return Answered(Outcome.UNKNOWN)
    words, msgid = str(answer.get("err_msg") or ""), str(answer.get("inf_refmsgid") or "")
    code = answer.get("infcode")
    if type(code) not in (int, str) or str(code) not in ("0", "-1"):
        return Answered(Outcome.UNKNOWN, words, msgid)
    if str(code) == "-1":
        return Answered(Outcome.REFUSED, words, msgid)
    return _accepted(registry, infno, answer, Answered(Outcome.SUCCESS, words, msgid))


def _accepted(
    registry: Registry, infno: str, answer: Mapping[str, Any], said: Answered
) -> Answered:
    faults = tuple(registry.faults_out(infno, answer))
    if not faults:
        return Answered(said.outcome, said.words, said.message_id, answer.get("output") or {})
    outcome = Outcome.REFUSED if said.words else Outcome.UNKNOWN
    return Answered(outcome, said.words, said.message_id, faults=faults)
