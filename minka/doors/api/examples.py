"""One invented example of each operation: what is sent, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minka.doors.api.examples_account import account_examples
from minka.doors.api.problems import ADDRESS, is_retryable
from minka.doors.api.statuses import STATUSES, TITLES
from minka.kit.identity import check_character

_FIRST = "11000019850310001"
NUMBER = _FIRST + check_character(_FIRST)
"""A number of an area that no place has."""
KEY = "3f6c1a52-77f0-4d0e-9a64"
AT, LAPSES = "2026-11-22T10:00:00.000001+00:00", "2026-12-02T10:00:00.000001+00:00"
RECEIPT, SLIP, PAPER = "G-7K2M-9QX4-T", "S-7K2M-9QX4-T", "D-7K2M-9QX4-T"
HASH = "0" * 64
RULE = "R1-01@2021-01-22#00000000"
PAPERS = [{"kind": "resident_id", "copy": "original", "owner": "holder"}]

_SAID = {
    "zh-hans": "卡可以正常使用。",
    "zh-hant": "卡可以正常使用。",
    "en": "The card can be used.",
}
_PERSON = {"request_key": KEY, "region": "R1", "id_number": NUMBER}
_IN_FORCE = {
    "stopped_at": AT,
    "stops_by": None,
    "lapses_at": LAPSES,
    "at_lapse": "release",
    "bank": "pending",
    "bank_lapses_at": LAPSES,
    "audit": HASH,
}
_REPORTED: dict[str, Any] = {
    "receipt": RECEIPT,
    "card": "A****0017",
    "state": "in_force",
    "force": "provisional",
    "reason": "lost",
    "accepted_at": AT,
    "confirmed_by": None,
    "rule": RULE,
    "assumed": [],
    **_IN_FORCE,
}
_APPLYING = {
    **_PERSON,
    "channel": "counter",
    "place_id": "R1-SERVICEPOINT-1",
    "reason": "lost",
    "stated": {"name": "试甲某"},
    "papers": PAPERS,
}
_APPLIED = {
    "receipt": "B-7K2M-9QX4-T",
    "slip": SLIP,
    "reason": "lost",
    "accepted_at": AT,
    "promised_at": LAPSES,
    "promise": "firm",
    "on_the_spot": "no",
    "fee_fen": 2000,
    "collect_at": "R1-SERVICEPOINT-1",
    "old_card": "A****0017",
    "old_card_stop": "formal",
    "rule": RULE,
    "assumed": [],
    "audit": HASH,
}
_PLACE = {
    "place_id": "R1-SERVICEPOINT-1",
    "region": "R1",
    "kind": "service_point",
    "name": "示例市社保卡服务网点",
    "name_en": "card service point",
    "district": "青禾区",
    "address": "青禾区禾风路7号",
    "phone": "000-0001",
    "hours": "周一至周五 9:00-17:00",
    "services": "挂失 补卡 领卡",
    "directions": "公交1路",
    "hospital_class": None,
    "bank_id": None,
    "longitude": None,
    "latitude": None,
}
_STATE = {"name": _SAID, "sentence": _SAID, "who": _SAID}
_FORM = {"papers": _SAID, "rule": RULE, "assumed": []}

EXAMPLES: Mapping[str, tuple[Mapping[str, Any] | None, Mapping[str, Any]]] = {
    "health": (None, {"status": "ready", "at": AT}),
    "reportLoss": (
        {**_PERSON, "channel": "web", "stated": {"name": "试甲某"}, "reason": "lost"},
        _REPORTED,
    ),
    "confirmReport": (
        {"request_key": KEY, "staff": "1001"},
        {"receipt": RECEIPT, "state": "in_force", **_IN_FORCE},
    ),
    "withdrawLoss": (
        {**_PERSON, "channel": "counter", "place_id": "R1-SERVICEPOINT-1", "papers": PAPERS},
        {
            "receipt": RECEIPT,
            "card": "A****0017",
            "withdrawn_at": AT,
            "resumes_by": None,
            "resumed_at": AT,
            "bank": "pending",
            "rule": RULE,
            "assumed": [],
            "audit": HASH,
        },
    ),
    "freezeCard": (
        {**_PERSON, "what": "freeze", "stated": {"name": "试甲某"}},
        {
            "receipt": "F-7K2M-9QX4-T",
            "card": "A****0017",
            "stopped_at": AT,
            "resumed_at": None,
            "bank": "none",
            "audit": HASH,
        },
    ),
    "applyReplacement": (_APPLYING, _APPLIED),
    "loseAndReplace": (
        _APPLYING,
        {"loss": {**_REPORTED, "force": "formal"}, "replacement": _APPLIED},
    ),
    "submitPhoto": (
        {**_PERSON, "image": "aGVsbG8="},
        {"photo_code": "P0123456789ABCDEF", "taken_at": AT},
    ),
    "payFee": (
        {"request_key": KEY, "means": "qr"},
        {
            "receipt": "B-7K2M-9QX4-T",
            "fee_receipt": "R-7K2M-9QX4-T",
            "amount_fen": 2000,
            "means": "qr",
            "paid_at": AT,
        },
    ),
    "advanceCard": (
        {"request_key": KEY, "move": "make"},
        {"receipt": "B-7K2M-9QX4-T", "status": "made", "at": AT},
    ),
    "collectCard": (
        {
            "request_key": KEY,
            "slip": SLIP,
            "id_number": NUMBER,
            "place_id": "R1-SERVICEPOINT-1",
            "papers": PAPERS,
        },
        {
            "receipt": "B-7K2M-9QX4-T",
            "card": "A****0025",
            "collected_at": AT,
            "rule": RULE,
            "assumed": [],
        },
    ),
    "activateCard": (
        {"request_key": KEY, "receipt": SLIP, "id_number": NUMBER, "proof": "counter"},
        {
            "receipt": "B-7K2M-9QX4-T",
            "card": "A****0025",
            "activated_at": AT,
            "old_card": ["A****0017"],
        },
    ),
    "withdrawApplication": (
        {"request_key": KEY, "id_number": NUMBER},
        {
            "receipt": "B-7K2M-9QX4-T",
            "withdrawn_at": AT,
            "refund_fen": 2000,
            "refund_receipt": "R-7K2M-9QX4-T",
        },
    ),
    "issueDocument": (
        {"request_key": KEY, "kind": "bank_loss_slip", "id_number": NUMBER},
        {"code": PAPER, "kind": "bank_loss_slip", "issued_by": "BANK1", "issued_at": AT},
    ),
    "stampDocument": (
        {"request_key": KEY, "stamped_by": "1001"},
        {"code": PAPER, "stamped_at": AT, "stamped_by": "1001"},
    ),
    "receipt": (
        None,
        {
            "code": RECEIPT,
            "kind": "loss",
            "at": AT,
            "name": "试*",
            "card": {
                "card": "A****0017",
                "standing": "provisional_loss",
                "words": _STATE,
                "stopped_at": AT,
                "until_at": LAPSES,
                "social_at": AT,
                "bank_at": None,
                "bank": "pending",
            },
            "report": {
                "force": "provisional",
                "channel": "web",
                "reason": "lost",
                "accepted_at": AT,
                "confirmed_at": AT,
                "stops_by": None,
                "lapses_at": LAPSES,
                "withdrawn_at": None,
                "rule": RULE,
            },
            "application": None,
        },
    ),
    "askStanding": (
        {"request_key": KEY, "card_number": "A00000017", "at": AT},
        {"standing": "usable", "at": AT, "asked_at": AT},
    ),
    "useCard": (
        {
            "request_key": KEY,
            "amount_fen": 1250,
            "provider_id": "R1-HOSPITAL-1",
            "card_number": "A00000017",
        },
        {
            "use_id": 17,
            "card": "A****0017",
            "auth_at": AT,
            "amount_fen": 1250,
            "provider_id": "R1-HOSPITAL-1",
        },
    ),
    "hotlist": (
        None,
        {
            "kind": "whole",
            "region": "R1",
            "version": 1,
            "at": AT,
            "entries": [{"card": "A00000017", "until": LAPSES}],
        },
    ),
    "hotlistChanges": (
        None,
        {
            "kind": "deltas",
            "region": "R1",
            "since": 0,
            "version": 1,
            "latest": 1,
            "at": AT,
            "changes": [
                {"version": 1, "card": "A00000017", "entry": "add", "until": LAPSES, "at": AT}
            ],
        },
    ),
    "sendCode": (
        {**_PERSON, "name": "试甲某", "purpose": "unfreeze"},
        {"proof": "C-7K2M-9QX4-T", "expires_at": AT},
    ),
    "checkCode": (
        {"request_key": KEY, "purpose": "unfreeze", "code": "000000"},
        {"proved": "yes"},
    ),
    "propose": (
        {
            "request_key": KEY,
            "act": "waive_fee",
            "receipt": "B-7K2M-9QX4-T",
            "reason": "低保家庭",
        },
        {"act_id": 7, "act": "waive_fee", "content_hash": HASH, "expires_at": AT, "audit": HASH},
    ),
    "approve": (
        {"request_key": KEY, "content_hash": HASH},
        {"act_id": 7, "act": "waive_fee", "approved_at": AT, "audit": HASH},
    ),
    "regions": (
        None,
        {
            "regions": [
                {
                    "region": "R1",
                    "names": _SAID,
                    "card_name": "社会保障卡",
                    "invented": False,
                    "channels": ["hotline", "web"],
                    "topics": ["loss", "replace"],
                }
            ]
        },
    ),
    "explain": (None, {"region": "R1", "topic": "loss", "at": AT, "rules": []}),
    "lossForm": (
        None,
        {
            **_FORM,
            "facts": ["name", "id_number"],
            "reasons": ["lost"],
            "force": "provisional",
            "confirmed_by": "",
            "at": AT,
            "stops_by": None,
            "lapses_at": LAPSES,
            "at_lapse": "release",
        },
    ),
    "replacementForm": (
        None,
        {
            **_FORM,
            "reasons": ["lost"],
            "promised_at": LAPSES,
            "provisional": "no",
            "fee_fen": 2000,
            "on_the_spot": False,
        },
    ),
    "withdrawalForm": (None, {**_FORM, "channels": ["counter"]}),
    "places": (None, {"places": [_PLACE], "after": None}),
    "place": (None, _PLACE),
    **account_examples(NUMBER),
}
"""Operation -> body (None for a GET) and answer; a test holds them against the schemas."""


def example_problem(code: str) -> dict[str, Any]:
    """What a problem looks like, without the words of a case."""
    status = STATUSES[code]
    return {
        "type": ADDRESS + code,
        "title": TITLES[status].en,
        "status": status,
        "detail": "…",
        "code": code,
        "retryable": is_retryable(code),
        "facts": {},
        "errors": [],
    }
