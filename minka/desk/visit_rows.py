"""The rows that a batch of visits writes, and the arrays they go in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from minka.cipher.field import digest
from minka.desk.catalogue import Line
from minka.desk.charges import sums_of
from minka.desk.visit import Opening
from minka.desk.visit_act import Facts, Message, audit_of
from minka.kit.outcome import Refused
from minka.store import journal
from minka.store.hot.arrays import BYTEA, INT8, TEXT, TIMESTAMPTZ, eights, instant, strings

_json = msgspec.json.Encoder().encode


class Answered(NamedTuple):
    """A message with its answer and its audit event; ``seen`` is the version of the coverage."""

    person_id: int
    seen: int
    at: int
    bought: int
    """One for a purchase, whose settlement was written just before."""
    msg_no: int
    origin_no: int
    infno: int
    content_hash: bytes
    answer: bytes
    act: bytes
    actor: bytes
    event: bytes
    hash: bytes


class Opened(NamedTuple):
    """A visit that is opened."""

    visit_no: int = 0
    provider_no: int = 0
    basis: int = 0
    med_type: int = 0
    scheme: int = 0
    credential: int = 0
    card_id: int = 0
    ipt_otp_no: bytes = b""
    begun_at: int = 0
    details: bytes = b""
    shown: bytes = b""


class Stepped(NamedTuple):
    """What happened to a visit."""

    visit_no: int = 0
    step: bytes = b""
    details: bytes = b""


class Charged(NamedTuple):
    """Lines that were uploaded to a visit, one row for each batch of them, as JSON."""

    visit_no: int = 0
    uploads: bytes = b""


NOT_OPENED, NOT_STEPPED, NOT_CHARGED = Opened(), Stepped(), Charged()


class Written(NamedTuple):
    """All that one message writes besides money."""

    answered: Answered
    opened: Opened = NOT_OPENED
    stepped: Stepped = NOT_STEPPED
    charged: Charged = NOT_CHARGED


_ANSWERED = (INT8, TIMESTAMPTZ, TIMESTAMPTZ, INT8, INT8, INT8, INT8, BYTEA, BYTEA)
_AUDITED = (TEXT, TEXT, TEXT, BYTEA)
_OPENED = (*[INT8] * 7, TEXT, TIMESTAMPTZ, TEXT, TEXT)
_KINDS = (*_ANSWERED, *_AUDITED, *_OPENED, INT8, TEXT, TEXT, INT8, TEXT)
_ALONE = (INT8, TIMESTAMPTZ, INT8, INT8, INT8, BYTEA, BYTEA, *_AUDITED)


def written(rows: Sequence[Written]) -> list[bytes]:
    """The parameters of the query ``write``."""
    return _packed([(*a, *o, *s, *c) for a, o, s, c in rows], _KINDS)


def alone(rows: Sequence[Answered]) -> list[bytes]:
    """The parameters of the query ``alone``."""
    return _packed([(row[0], row[2], *row[4:]) for row in rows], _ALONE)


def _packed(rows: Sequence[tuple[Any, ...]], kinds: Sequence[int]) -> list[bytes]:
    columns = zip(kinds, zip(*rows, strict=True), strict=True)
    return [
        eights(column, kind) if kind in (INT8, TIMESTAMPTZ) else strings(column, kind)
        for kind, column in columns
    ]


def answered(
    message: Message, said: Facts | Refused, *, seen: int, at: int, bought: int = 0
) -> Answered:
    """The row of a message with its answer, as ``visit_act.keep`` would write it."""
    if isinstance(said, Refused):
        kept: dict[str, Any] = {"refused": said.reason.code, "facts": dict(said.facts)}
    else:
        kept = {"done": said}
    act, actor, event = audit_of(message, outcome=kept.get("refused", "done"))
    spelled = journal.canonical(event)
    return Answered(
        *(message.person_id, seen, at, bought, *(message.msg_no, message.origin_no)),
        *(message.infno, message.content_hash, _json(kept)),
        *(act.encode(), actor.encode(), spelled, digest(spelled)),
    )


def opened(
    opening: Opening, number: int, provider_no: int, *, kinds: tuple[int, int], shown: str
) -> Opened:
    """The row of a new visit; ``kinds`` are the person's scheme and the card that was shown."""
    return Opened(
        *(number, provider_no, int(opening.basis), opening.med_type, kinds[0]),
        *(int(opening.showing.credential), kinds[1], opening.ipt_otp_no.encode()),
        *(instant(opening.begun_at), _json(opening.details), shown.encode()),
    )


def stepped(visit_no: int, step: str, details: Facts) -> Stepped:
    """The row of a step."""
    return Stepped(visit_no, step.encode(), _json(details))


def charged(visit_no: int, fee_nos: Sequence[int], batches: Sequence[Sequence[Line]]) -> Charged:
    """The rows of uploaded lines, each under its number."""
    rows = [
        {"fee_no": fee_no, "lines": [each.stored() for each in lines], **sums_of(lines)}
        for fee_no, lines in zip(fee_nos, batches, strict=True)
    ]
    return Charged(visit_no, _json(rows))
