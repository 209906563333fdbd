"""The interface as one area speaks it: transactions by code, reading and checking of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, cached_property
from typing import Any, Protocol

import msgspec

from minka.wire.insurance import checks, table, typed
from minka.wire.insurance.area import NATIONAL, Area
from minka.wire.insurance.area import area as area_of
from minka.wire.insurance.faults import Fault, Faulty, Rule, whole
from minka.wire.insurance.field import Node, Presence, Transaction, Way
from minka.wire.insurance.figures import NumberText

LARGEST = 131_072
"""Bytes of a message: 40,000 characters of input at three bytes each, and its envelope."""

LARGEST_FILE = 33_554_432
"""Bytes of 9101, which carries a file."""

_NUL = rb"\u0000"
"""No text column takes it; a message that holds it is broken."""

_UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)


class Request(Protocol):
    """A checked request: the envelope's fields, ``infno``, and the body under ``input``.

    Nodes are attributes of ``input`` and fields attributes of nodes, as the interface names them;
    numbers are integers of their own scale (fen, ten-thousandths), dates and times their text.
    """

    infno: str
    msgid: str
    mdtrtarea_admvs: str
    insuplc_admdvs: str
    inf_time: str
    opter: str
    opter_type: str
    fixmedins_code: str
    fixmedins_name: str
    sign_no: str | None
    input: Any


class Registry:
    """Every transaction of one area, with the readers made of them."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self.transactions: Mapping[str, Transaction] = table.transactions(area)
        self._heads = table.envelope(area)
        self._plain = msgspec.json.Decoder(float_hook=NumberText)

    def transaction(self, infno: str) -> Transaction:
        """The transaction of a code; ``KeyError`` when the interface has none."""
        return self.transactions[infno]

    def envelope(self, infno: str, way: Way = Way.IN) -> Node:
        """The fields around a transaction's body; a person's number asks for the insured area."""
        head = self._heads[way]
        if way is Way.OUT or not self.transactions[infno].names_person:
            return head
        return replace(head, fields=tuple(map(_asked_for, head.fields)))

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        types = [
            typed.message_type(each, self.envelope(each.infno))
            for each in self.transactions.values()
        ]
        return msgspec.json.Decoder(typed.union(types), float_hook=str)

    def warm(self) -> None:
        """Builds the readers now rather than at the first message."""
        _ = self._decoder

    def read(self, body: bytes) -> Request | Faulty:
        """A request from its bytes: checked and typed, or all that is wrong with it."""
        if len(body) <= LARGEST and _NUL not in body:
            try:
                request: Request = self._decoder.decode(body)
            except _UNREADABLE:
                return self._refused(body)
            return request
        return self._unusual(body)

    def _unusual(self, body: bytes) -> Request | Faulty:
        if _NUL in body:
            return whole(Rule.BROKEN)
        if len(body) > LARGEST_FILE or self._peek(body) != "9101":
            return whole(Rule.TOO_LARGE, limit=LARGEST)
        try:
            request: Request = self._decoder.decode(body)
        except _UNREADABLE:
            return self._refused(body)
        return request

    def _peek(self, body: bytes) -> str:
        try:
            return _HEAD.decode(body).infno
        except _UNREADABLE:
            return ""

    def _refused(self, body: bytes) -> Faulty:
        try:
            message = self._plain.decode(body)
        except _UNREADABLE:
            return whole(Rule.BROKEN)
        if not isinstance(message, dict):
            return whole(Rule.BROKEN)
        infno, msgid = str(message.get("infno", ""))[:6], str(message.get("msgid", ""))[:30]
        found = tuple(self.faults(infno, message))
        return Faulty(infno, msgid, found or whole(Rule.TWICE).faults)

    def plain(self, body: bytes) -> object:
        """A message as plain dicts and lists, numbers as their text (``NumberText``)."""
        return self._plain.decode(body)

    def faults(self, infno: str, message: object) -> list[Fault]:
        """Every fault of a request read by ``plain``; none means that ``read`` takes it."""
        return self._faults(infno, message, Way.IN)

    def faults_out(self, infno: str, answer: object) -> list[Fault]:
        """Every fault of a successful answer read by ``plain``."""
        return self._faults(infno, answer, Way.OUT)

    def _faults(self, infno: str, message: object, way: Way) -> list[Fault]:
        known = self.transactions.get(infno)
        if known is None:
            return list(whole(Rule.UNKNOWN_TRANSACTION).faults)
        return checks.faults(known, self.envelope(infno, way), message, way)


class _Head(msgspec.Struct):
    infno: str = ""


_HEAD = msgspec.json.Decoder(_Head)


def _asked_for(field: Any) -> Any:
    if field.name != "insuplc_admdvs":
        return field
    return replace(field, presence=Presence.MANDATORY)


@cache
def registry(area: str = NATIONAL) -> Registry:
    """The interface as an area speaks it; ``KeyError`` for an area nobody wrote down."""
    return Registry(area_of(area))
