"""How the value of each field is written in a rule file, and what it is read into."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from minka.kit.fen import Fen, from_yuan
from minka.law import papers, values
from minka.law.period import Bound, Period, Unit, read_period
from minka.law.terms import term, vocabulary

Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Form:
    """How a field is read, and an example for whoever wrote it wrongly."""

    read: Reader
    example: str


def text(raw: Any) -> str:
    """A plain text; ``ValueError`` for anything else."""
    if not isinstance(raw, str) or not raw:
        raise ValueError("not a text")
    return raw


def _code(kind: str) -> Reader:
    def read(raw: Any) -> str:
        term(kind, text(raw))
        return text(raw)

    return read


def _codes(kind: str) -> Reader:
    word = _code(kind)

    def read(raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw:
            raise ValueError("not a list")
        return tuple(word(item) for item in raw)

    return read


def _keys(raw: Any, *known: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or not raw or not set(raw) <= set(known):
        raise ValueError("not a mapping of the known keys")
    return dict(raw)


def _period(bound: Bound) -> Reader:
    return lambda raw: read_period(text(raw), bound)


_PAPER = re.compile(
    r"(?:(?P<owner>agent|clerk)'s )?(?P<kind>[a-z0-9_]+)(?:, (?P<copy>original(?: and copy)?))?"
)


def read_papers(raw: Any) -> papers.Papers:
    """A tree: ``resident_id``, ``agent's resident_id``, ``resident_id, original and copy``,
    or a mapping with ``all_of``, ``one_of`` or ``open_list`` (with ``accepted``)."""
    if raw == "none":
        return papers.NOTHING
    if isinstance(raw, str):
        return _paper(raw)
    parts = _keys(raw, "all_of", "one_of", "open_list", "accepted", "owner")
    if "open_list" in parts:
        accepted = tuple(_code("paper")(item) for item in parts.get("accepted", ()))
        owner = papers.Owner(parts.get("owner", "holder"))
        return papers.OpenList(_code("paper")(parts["open_list"]), accepted, owner)
    ((word, items),) = parts.items()
    tree = papers.AllOf if word == "all_of" else papers.OneOf
    if word not in ("all_of", "one_of") or not isinstance(items, list) or not items:
        raise ValueError("not a tree of papers")
    return tree(tuple(read_papers(item) for item in items))


def _paper(raw: str) -> papers.Paper:
    match = _PAPER.fullmatch(raw)
    if match is None:
        raise ValueError("not a paper")
    copy = papers.Copy((match["copy"] or "unstated").replace(" ", "_"))
    owner = papers.Owner(match["owner"] or "holder")
    return papers.Paper(_code("paper")(match["kind"]), copy, owner)


def _channels(raw: Any) -> tuple[values.Channel, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueError("not a list of channels")
    return tuple(_channel({"kind": item} if isinstance(item, str) else item) for item in raw)


def _channel(raw: Any) -> values.Channel:
    parts = _keys(raw, "kind", "number", "hours", "place", "class_min")
    _code("channel")(parts.get("kind"))
    if "place" in parts:
        _code("place")(parts["place"])
    if not isinstance(parts.get("number", ""), str):
        raise ValueError("a telephone number stands in quotation marks")
    return values.Channel(**parts)


def _places(raw: Any) -> values.Places:
    word = _codes("place")
    if isinstance(raw, list):
        return values.Places(word(raw))
    parts = _keys(raw, "kinds", "nearest", "class_min", "same_as")
    near = values.Nearness.NEAREST if "nearest" in parts else values.Nearness.ANY
    kinds = word(parts.get("nearest") or parts.get("kinds"))
    return values.Places(kinds, near, parts.get("class_min"), parts.get("same_as"))


def _facts(raw: Any) -> values.Facts:
    if isinstance(raw, list):
        return values.Facts(_codes("fact")(raw))
    parts = _keys(raw, "open_list")
    return values.Facts(_codes("fact")(parts["open_list"]), values.Listing.OPEN)


def _yuan(raw: Any) -> Fen:
    amount, _, unit = text(raw).partition(" ")
    if unit != "yuan":
        raise ValueError("not an amount in yuan")
    return from_yuan(amount)


def _fee(raw: Any) -> values.Fee:
    if isinstance(raw, str):
        return values.Fee(_yuan(raw))
    parts = _keys(raw, "amount", "by_reason", "waived_for")
    reasons = _keys(parts.get("by_reason", {}) or {"lost": parts["amount"]}, *_known("reason"))
    return values.Fee(
        _yuan(parts["amount"]),
        by_reason=tuple((reason, _yuan(amount)) for reason, amount in reasons.items()),
        waived_for=_codes("waiver")(parts["waived_for"]) if "waived_for" in parts else (),
    )


def _known(kind: str) -> tuple[str, ...]:
    return tuple(vocabulary()[kind])


def _withdrawal(raw: Any) -> values.Withdrawal:
    parts = _keys(raw, "before_formal", "after_formal", "until", "where")
    return values.Withdrawal(
        before_formal=values.Verdict(parts.get("before_formal", "silent")),
        after_formal=values.Verdict(parts.get("after_formal", "silent")),
        until=values.Until(parts["until"]) if "until" in parts else None,
        where=values.Where(parts["where"]) if "where" in parts else None,
    )


def _balance(raw: Any) -> values.Balance:
    parts = {"action": raw} if isinstance(raw, str) else _keys(raw, "action", "after")
    after = _code("event")(parts["after"]) if "after" in parts else None
    return values.Balance(_code("balance")(parts.get("action")), after)


def _reimbursement(raw: Any) -> values.Reimbursement:
    parts = _keys(raw, "count", "which")
    return values.Reimbursement(int(parts["count"]), _code("reimbursement")(parts.get("which")))


def _loss_period(raw: Any) -> values.LossPeriod:
    parts = _keys(raw, "begins", "before", "dated_by")
    before = read_period(text(parts["before"]), Bound.WITHIN) if "before" in parts else None
    dated_by = _code("dated_by")(parts.get("dated_by"))
    return values.LossPeriod(_code("begins")(parts.get("begins")), dated_by, before)


def _signing(raw: Any) -> values.Signing:
    return values.Signing(_yuan(_keys(raw, "two_people_from")["two_people_from"]))


def _throttle(raw: Any) -> values.Throttle:
    parts = _keys(raw, "count", "period", "action")
    within = read_period(text(parts.get("period")), Bound.WITHIN)
    return values.Throttle(int(parts["count"]), within, _code("throttle")(parts.get("action")))


def _photo(raw: Any) -> values.Photo:
    parts = _keys(raw, "size", "dpi", "reuse")
    width, height = (int(side) for side in text(parts.get("size")).split("x"))
    return values.Photo(width, height, int(parts["dpi"]), values.Verdict(parts.get("reuse")))


_PERIOD = Form(_period(Bound.UNSTATED), "within 1 hour from confirmation")
_LAPSE = Form(_period(Bound.IN_FORCE_FOR), "10 days")
_PAPERS = Form(read_papers, "{one_of: [resident_id, household_book]}")

FORMS: Mapping[str, Form] = {
    "actors": Form(_codes("actor"), "[holder]"),
    "again": Form(_code("again"), "allowed"),
    "balance": Form(_balance, "{action: auto_move, after: collected_and_funded}"),
    "bank_lapse_period": _LAPSE,
    "bank_stop_deadline": _PERIOD,
    "certificate": Form(_code("paper"), "collection_certificate"),
    "channels": Form(_channels, '[{kind: hotline, number: "12333", hours: 24h}]'),
    "collection": Form(text, "R1-08"),
    "condition": Form(_code("condition"), "holder_declares_not_found"),
    "confirmed_by": Form(_code("confirmer"), "medical_insurance_staff"),
    "deadline": _PERIOD,
    "duty": Form(_code("duty"), "act_at_once"),
    "electronic_card": Form(_code("electronic_card"), "usable"),
    "facts_stated": Form(_facts, "[name, id_number]"),
    "fee": Form(_fee, "25 yuan"),
    "finish": _PERIOD,
    "force": Form(_code("force"), "provisional"),
    "form": Form(_code("form"), "oral"),
    "lapse_action": Form(_code("lapse_action"), "release"),
    "lapse_period": _LAPSE,
    "loss_period": Form(_loss_period, "{begins: last_use, before: 30 days, dated_by: payment}"),
    "papers_agent": _PAPERS,
    "papers_self": _PAPERS,
    "photo": Form(_photo, "{size: 358x441, dpi: 350, reuse: allowed}"),
    "pin": Form(_code("pin"), "change"),
    "place": Form(_places, "[service_point]"),
    "procedure": Form(_code("procedure"), "same_path"),
    "promise": _PERIOD,
    "reasons": Form(_codes("reason"), "[lost]"),
    "reimbursement": Form(_reimbursement, "{count: 1, which: latest_before_loss_and_exchange}"),
    "renewable": Form(_code("renewable"), "by_another_report"),
    "result": Form(_code("result"), "loss_notice_issued"),
    "resume_deadline": _PERIOD,
    "same_visit_as": Form(text, "R1-06"),
    "signing": Form(_signing, "{two_people_from: 1000 yuan}"),
    "statement": Form(_code("statement"), "no_credit"),
    "stop_deadline": _PERIOD,
    "throttle": Form(_throttle, "{count: 3, period: 30 days, action: flag}"),
    "uncollected": Form(_code("uncollected"), "return_and_destroy"),
    "withdrawal": Form(_withdrawal, "{before_formal: allowed, after_formal: refused}"),
}
"""Every field any entry can have."""

_EVERY = ("actors", "papers_self", "papers_agent")

CORE: Mapping[str, tuple[str, ...]] = {
    "loss": (
        *("reasons", "channels", "form", "force", *_EVERY, "facts_stated", "confirmed_by"),
        *("stop_deadline", "lapse_period", "lapse_action", "withdrawal", "place", "fee"),
    ),
    "lapse": ("lapse_period", "lapse_action"),
    "withdraw": (
        *("withdrawal", "reasons", "channels", "form", *_EVERY, "confirmed_by"),
        *("resume_deadline", "place", "fee"),
    ),
    "replace": (
        *("reasons", "channels", *_EVERY, "confirmed_by", "promise", "place", "fee"),
        "collection",
    ),
    "collect": (*_EVERY, "place", "promise", "deadline"),
    "balance": ("condition", *_EVERY, "place", "balance", "deadline"),
    "query": ("channels", *_EVERY, "place", "result"),
    "pin": ("channels", "pin", *_EVERY, "confirmed_by", "place"),
    "use": ("actors", "place", "pin", "balance"),
    "claim": ("condition", "confirmed_by", "reimbursement", *_EVERY, "place", "deadline"),
    "statement": ("statement",),
}
"""The fields on which an entry of a kind speaks or is silent."""

EXTRA: Mapping[str, tuple[str, ...]] = {
    "loss": (
        *("condition", "result", "duty", "bank_stop_deadline", "bank_lapse_period", "renewable"),
        *("again", "throttle", "electronic_card"),
    ),
    "lapse": ("force", "bank_lapse_period", "renewable", "again"),
    "withdraw": ("finish", "throttle"),
    "replace": ("same_visit_as", "certificate", "photo", "result", "throttle"),
    "collect": ("certificate", "uncollected"),
    "balance": ("procedure", "result"),
    "query": ("condition", "promise"),
    "claim": ("reasons", "loss_period", "signing"),
}
"""Further fields of a kind; silence on them says nothing about the source."""


def fields_of(kind: str) -> tuple[str, ...]:
    """All fields an entry of this kind can have."""
    return (*CORE[kind], *EXTRA.get(kind, ()))


def is_lasting(value: Any) -> bool:
    """Whether a value is a period with an instant at its end."""
    return isinstance(value, Period) and value.unit is not Unit.NEVER
