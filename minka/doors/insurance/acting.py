"""What is no settlement goes on by hand: on a thread, answered from the loop, never left unsaid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from traceback import extract_tb
from typing import Any, TypeVar

import structlog

from minka.desk.visit import Showing
from minka.desk.visit_act import Facts, Message, Work, once
from minka.doors.insurance.core import UNDECIDED, Call
from minka.doors.insurance.settling import UNKNOWN, number
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.kit.secret import Clear
from minka.store.connection import RegisterAway

log = structlog.get_logger("minka.insurance")
T = TypeVar("T")
MOST_BY_HAND = 400
"""Messages that may wait for a thread; more are told that the platform is busy."""
BROKEN = "平台出错，结果未知。请用原报文编号重发或冲正。"

Show = Callable[[T], None]


def by_hand(call: Call, work: Callable[[], T | Refused], show: Show[T]) -> None:
    """Do something that waits for the register, and answer with what it gives or refuses."""
    if call.core.in_hand >= MOST_BY_HAND:
        return call.busy()
    call.core.in_hand += 1
    return call.core.later(_done(call, work, show))


async def _done(call: Call, work: Callable[[], T | Refused], show: Show[T]) -> None:
    try:
        found = await call.core.by_hand(work)
        if isinstance(found, Refused):
            call.refuse(found.reason, {"hotline": "12333", **found.facts})
        else:
            show(found)
    except RegisterAway:
        call.fail(UNKNOWN, UNDECIDED)
    except Exception as bug:
        log.error("request_failed", infno=call.message.infno, bug=_where(bug))
        call.fail(BROKEN, UNDECIDED)
    finally:
        call.core.in_hand -= 1


def _where(bug: Exception) -> str:
    """The kind of a bug and the lines it went through; never a value, which may be a person's."""
    steps = [f"{step.name}:{step.lineno}" for step in extract_tb(bug.__traceback__)]
    return f"{type(bug).__name__} at {' '.join(steps[-8:])}"


def act(call: Call, psn_no: str, work: Work, show: Callable[[Facts], object]) -> None:
    """An act about a person's visit, once; ``show`` makes the body of its answer."""
    doing = partial(once, call.core.office, call.core.book, message_of(call, psn_no), work)
    by_hand(call, doing, lambda facts: call.say(show(facts)))


def message_of(call: Call, psn_no: str) -> Message:
    """The message as the desk knows it."""
    msg_no, _ = call.key
    infno = int(call.message.infno[:4])
    hashed = call.content_hash()
    return Message(msg_no, call.provider, number(psn_no), infno, hashed, call.message.opter)


def showing_of(data: Any) -> Showing:
    """What the patient showed."""
    card_sn = getattr(data, "card_sn", None) or ""
    return Showing(int(data.mdtrt_cert_type), Clear(data.mdtrt_cert_no), card_sn)


def second(text: str) -> datetime:
    """A time of a message, in China's time."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def nothing(_: Facts) -> None:
    """The body of an answer that has none."""
