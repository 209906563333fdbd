"""Around every operation: whatever happens inside, one clean answer comes out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from minka.desk.refusals import DeskRefusal
from minka.doors.api import desks
from minka.doors.api.problems import Refusal, refusal, respond
from minka.doors.api.refusals import DoorRefusal
from minka.doors.api.strict import NOT_COMPLETE, unreadable
from minka.store.connection import RegisterAway

View = Callable[..., HttpResponse]
LONGEST = 1024 * 1024
_log = logging.getLogger("minka.api")


def guarded(view: View) -> View:
    """The view with its size checked first, its place taken, and its failures as problems."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **path: object) -> HttpResponse:
        try:
            response = _admitted(view, request, *args, **path)
        except Exception as fault:
            response = respond(request, translated(request, fault))
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Vary"] = "Accept-Language, Authorization"
        return response

    answer.body_limit = 1 << 40  # type: ignore[attr-defined]  # the size is refused here
    return answer


def _admitted(view: View, request: HttpRequest, *args: object, **path: object) -> HttpResponse:
    """The view's answer, once there is a place for it; loss reports need only the register."""
    if _length(request) > LONGEST:
        raise refusal(DoorRefusal.TOO_LARGE)
    if desks.is_reserved(request.path):
        desks.pulse.feel()
        return _called(view, request, *args, **path)
    if not desks.under_way.acquire(blocking=False):
        raise refusal(DoorRefusal.BUSY)
    try:
        return _called(view, request, *args, **path)
    finally:
        desks.under_way.release()


def _called(view: View, request: HttpRequest, *args: object, **path: object) -> HttpResponse:
    response = view(request, *args, **path)
    if response.status_code == 405:
        raise refusal(DoorRefusal.NO_SUCH_METHOD, headers={"Allow": response.headers["Allow"]})
    return response


def translated(request: HttpRequest, fault: Exception) -> Refusal:
    """Any failure as a refusal; only its kind and place are logged, never what it says."""
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault.__cause__, Refusal):
        return fault.__cause__
    if isinstance(fault, RegisterAway):
        return refusal(DeskRefusal.AWAY if desks.is_reserved(request.path) else DoorRefusal.AWAY)
    if isinstance(fault, RequestDataTooBig):
        return refusal(DoorRefusal.TOO_LARGE)
    if isinstance(fault, (UnreadablePostError, SuspiciousOperation)):
        return unreadable(NOT_COMPLETE)
    _log.error("fault %s at %s", type(fault).__name__, _where(fault))
    return refusal(DoorRefusal.FAULT)


def no_such_address(request: HttpRequest, **path: object) -> HttpResponse:
    """Every address below /api/ that is none."""
    raise refusal(DoorRefusal.NO_SUCH_ADDRESS)


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _where(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
