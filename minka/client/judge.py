"""What came back, judged: one of exactly three outcomes (interface, section 1.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from minka.client import figures
from minka.client.outcome import Outcome, Refused, Success, Unknown, Why

MUST_HAVE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "9001": ("signinoutb", ("sign_no",)),
    "1101": ("baseinfo", ("psn_no",)),
    "2101": ("setlinfo", ("medfee_sumamt",)),
    "2102": ("setlinfo", ("setl_id", "medfee_sumamt")),
    "2103": ("setlinfo", ("setl_id", "medfee_sumamt")),
    "2201": ("data", ("mdtrt_id",)),
    "2204": ("result", ("feedetl_sn",)),
    "2206": ("setlinfo", ("medfee_sumamt",)),
    "2207": ("setlinfo", ("setl_id", "medfee_sumamt")),
    "2208": ("setlinfo", ("setl_id", "medfee_sumamt")),
    "2301": ("result", ("feedetl_sn",)),
    "2303": ("setlinfo", ("medfee_sumamt",)),
    "2304": ("setlinfo", ("setl_id", "medfee_sumamt")),
    "2305": ("setlinfo", ("setl_id", "medfee_sumamt")),
    "2401": ("result", ("mdtrt_id",)),
    "3201": ("stmtinfo", ("stmt_rslt",)),
    "5203": ("setlinfo", ("setl_id",)),
}
"""Without these a yes cannot be booked. A field that a province merely forgot is no reason to doubt
that the settlement happened, so the list is short on purpose."""

NAMES_ITS_MESSAGE = frozenset({"2101", "2102", "2206", "2207", "2303", "2304"})
"""Their answers carry the msgid of the request as ``medins_setl_id``."""

BOOKED = frozenset({"2102", "2103", "2207", "2208", "2304", "2305"})
"""Their amounts go into the day book, so they must be amounts."""

OK = 200


@dataclass(frozen=True, slots=True)
class Carried:
    """What the carrier brought back.

    ``fault`` is set when nothing usable came. ``returned`` is the return code of a library call
    (section 1.2): 0 done, -1 system error, -2 business error; 0 over HTTP.
    """

    body: bytes = b""
    status: int = OK
    fault: Why | None = None
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the message's id and code."""

    msgid: str
    infno: str


def judge(asked: Asked, came: Carried, open_words: Sequence[str] = ()) -> Outcome:
    """The outcome; anything that is not plainly a yes or a reasoned no is unknown.

    A no whose text holds one of ``open_words`` decided nothing.
    """
    found = _judged(asked, came)
    if isinstance(found, Refused) and any(word in found.message for word in open_words):
        return Unknown(found.msgid, found.infno, Why.NOT_LOOKED_AT, {"said": found.message})
    return found


def _judged(asked: Asked, came: Carried) -> Outcome:
    if came.fault is not None:
        return _unknown(asked, came.fault)
    if came.returned:
        return _of_library(asked, came)
    if not came.body.strip():
        return _unknown(asked, Why.EMPTY)
    answer = envelope_of(came.body)
    if answer is None:
        return _unknown(asked, Why.UNREADABLE)
    if "infcode" not in answer:
        return Unknown(asked.msgid, asked.infno, Why.MIDDLEWARE)
    return _of_envelope(asked, came.status, answer)


def envelope_of(body: bytes) -> dict[str, Any] | None:
    """The answer's envelope, also out of a middleware's ``data``; None when it cannot be read."""
    try:
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    inner = found.get("data")
    if "infcode" not in found and isinstance(inner, str):
        inner = envelope_of(inner.encode())
    if "infcode" not in found and isinstance(inner, dict) and "infcode" in inner:
        return inner
    return found


def _unknown(asked: Asked, why: Why) -> Unknown:
    return Unknown(asked.msgid, asked.infno, why)


def _of_library(asked: Asked, came: Carried) -> Outcome:
    """-2 is a refusal with its text, -1 and anything else leave the outcome open."""
    answer = envelope_of(came.body) or {}
    text = _text(answer.get("err_msg")) or came.body.decode("utf-8", "replace").strip()
    if came.returned == -2 and text:
        return Refused(asked.msgid, asked.infno, text)
    return _unknown(asked, Why.SYSTEM_ERROR)


def _of_envelope(asked: Asked, status: int, answer: Mapping[str, Any]) -> Outcome:
    """A no at the gate, with another status than 200, says nothing about the message itself.

    It may be a second copy, made on the way, that was turned away after the first got through.
    """
    code, text = _text(answer["infcode"]), _text(answer.get("err_msg"))
    if status != OK:
        return Unknown(asked.msgid, asked.infno, Why.NOT_LOOKED_AT, {"said": text})
    if code == "-1" and text:
        return Refused(asked.msgid, asked.infno, text)
    if code != "0":
        return _unknown(asked, Why.UNCLEAR)
    output = _output(answer.get("output"))
    if not complete(asked.infno, output):
        if text:
            return Refused(asked.msgid, asked.infno, text)
        return _unknown(asked, Why.INCOMPLETE)
    if asked.infno in NAMES_ITS_MESSAGE and figures.msgid_of(output) not in ("", asked.msgid):
        return _unknown(asked, Why.ANOTHERS)
    if asked.infno in BOOKED and not figures.is_legible(output):
        return _unknown(asked, Why.UNREADABLE)
    warning = text or _text(answer.get("warn_msg"))
    return Success(asked.msgid, asked.infno, output, warning, figures.doubts(output))


def _text(value: Any) -> str:
    """Numbers and strings alike as text; booleans are neither."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value).strip()


def _output(value: Any) -> dict[str, Any]:
    """The output, which some send as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=Decimal)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def complete(infno: str, output: Mapping[str, Any]) -> bool:
    """Whether a yes holds what it must; transactions without output need nothing."""
    if infno not in MUST_HAVE:
        return True
    node, names = MUST_HAVE[infno]
    found = output.get(node)
    rows = found if isinstance(found, list) else [found]
    return bool(rows) and all(
        isinstance(row, dict) and all(_text(row.get(name)) for name in names) for row in rows
    )
