"""Invented examples of the account's operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEY, AT, HASH = "3f6c1a52-77f0-4d0e-9a64", "2026-11-22T10:00:00.000001+00:00", "0" * 64
SINCE, BY = "2026-11-01T00:00:00+08:00", "2026-12-02T00:00:00+08:00"
REF = "20261122180000000100000001"
WORDS = {"zh-hans": "就诊结算", "zh-hant": "就診結算", "en": "Settlement of a visit"}
DOUBT = {
    "zh-hans": "金额不对",
    "zh-hant": "金額不對",
    "en": "The amount is wrong",
}
_QUESTION = {
    "receipt": "Q-7K2M-9QX4-T",
    "ref": REF,
    "kind": "question",
    "reason": "amount",
    "opened_at": AT,
    "promise_at": BY,
    "promise": "assumed",
}


def account_examples(number: str) -> Mapping[str, tuple[Any, Any]]:
    """Operation -> body (None for a GET) and answer, for a person of this number."""
    person = {"request_key": KEY, "region": "R1", "id_number": number}
    line = {
        "ref": REF,
        "at": AT,
        "kind": "settlement",
        "words": WORDS,
        "provider": "示例市第一医院",
        "amount_fen": -2000,
        "balance_fen": 18000,
        "total_fen": 10000,
        "fund_fen": 7000,
        "account_fen": 2000,
        "cash_fen": 1000,
    }
    return {
        "accountBalance": (
            person,
            {
                "name": "试*",
                "card": "A****0017",
                "balance_fen": 18000,
                "held_fen": 0,
                "free_fen": 18000,
                "as_of": AT,
            },
        ),
        "accountStatement": (
            {**person, "since": "2026-11-01", "until": "2026-11-30"},
            {
                "code": "T-7K2M-9QX4-T",
                "check": "1f3a 09bc 77d2",
                "since_at": SINCE,
                "until_at": AT,
                "opening_fen": 20000,
                "in_fen": 0,
                "out_fen": 2000,
                "closing_fen": 18000,
                "lines": [line],
            },
        ),
        "openQuestion": ({**person, "ref": REF, "reason": "amount"}, {**_QUESTION, "audit": HASH}),
        "question": (
            None,
            {
                **_QUESTION,
                "name": "试*",
                "reason_words": DOUBT,
                "answered_at": None,
                "outcome": None,
                "outcome_words": None,
                "answer": "",
            },
        ),
    }
