"""Sign-in and sign-out of an institution's operator: 9001 and 9002."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from minka.doors.insurance.core import AT_THE_GATE, UNDECIDED, Call
from minka.doors.insurance.sessions import Session, SessionRefusal, is_signed
from minka.doors.insurance.settling import UNKNOWN
from minka.store.connection import RegisterAway
from minka.wire.insurance.figures import instant19


def sign_in(call: Call) -> None:
    """9001: the delivery is signed with the client's SM2 key; the session's key goes back to it."""
    if not is_signed(call.client, call.request.headers, call.request.body):
        return call.refuse(SessionRefusal.WRONG_SIGNATURE, None, AT_THE_GATE)
    return call.core.later(_signed_in(call))


async def _signed_in(call: Call) -> None:
    now = datetime.fromtimestamp(int(time.time()), UTC)
    message, core = call.message, call.core

    def begin() -> tuple[Session, bytes]:
        with core.office.register.act() as connection:
            return core.sessions.begin(
                connection,
                call.client,
                opter_no=message.input.signIn.opter_no,
                signtype=message.signtype or "",
                now=now,
            )

    try:
        session, wrapped = await core.by_hand(begin)
    except RegisterAway:
        return call.fail(UNKNOWN, UNDECIDED)
    core.sessions.open[session.sign_no] = session
    core.sessions.shared.changed()
    signed = call.dialect.outputs.output(
        "9001", signinoutb={"sign_time": instant19(now), "sign_no": session.sign_no}
    )
    return call.say({**signed, "expContent": {"session_key": wrapped.hex()}})


def sign_out(call: Call) -> None:
    """9002: the session ends; ending it again says the same."""
    call.core.later(_signed_out(call))


async def _signed_out(call: Call) -> None:
    now = datetime.fromtimestamp(int(time.time()), UTC)
    core, sign_no = call.core, call.message.input.signOut.sign_no

    def end() -> None:
        with core.office.register.act() as connection:
            core.sessions.end(connection, call.client, sign_no, now)

    try:
        await core.by_hand(end)
    except RegisterAway:
        return call.fail(UNKNOWN, UNDECIDED)
    core.sessions.shared.changed()
    return call.say(call.dialect.outputs.output("9002", signoutoutb={"sign_time": instant19(now)}))


HANDLERS = {"9001": sign_in, "9002": sign_out}
