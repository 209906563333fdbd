"""The trace of a split: each step with what it was counted from, so that anybody can add it again.

A step says ``of x ratio = amount``. A step with a negative ``of`` takes back what earlier bills of
the same stay (brackets) or the same year (serious illness) had already counted, or what a cap cuts
off. The amounts of the steps of one fund re-add to what that fund pays; what the steps were counted
from re-adds to the in-scope amount (interface reference 6.2, invariant 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct, error
from typing import NamedTuple

from minka.kit.words import Words


class Step(NamedTuple):
    """One step: a code of ``CODES``, fen, ten-thousandths, fen."""

    code: str
    of_fen: int
    ratio_e4: int
    amount_fen: int


class Code(NamedTuple):
    """A code's number in stored traces, the part of a split it adds to, and its sentence."""

    number: int
    part: str
    counts: str
    """``scope`` when what it is counted from re-adds to the in-scope amount, else empty."""
    words: Words


def _paying(hans: str, hant: str, en: str) -> Words:
    tail = "：{of}元 × {ratio} = {amount}元。"
    return Words(hans + tail, hant + tail, en + ": {of} × {ratio} = {amount} yuan.")


def _cutting(hans: str, hant: str, en: str) -> Words:
    return Words(
        f"{hans}已到年度封顶线，减去{{cut}}元。",
        f"{hant}已到年度封頂線，減去{{cut}}元。",
        f"{en} has reached the cap of the year: {{cut}} yuan less.",
    )


def _numbered(first: int, count: int, part: str, stem: str, *, names: Words) -> dict[str, Code]:
    counts = "scope" if part == "pool" else ""
    return {
        f"{stem}_{n}": Code(
            first + n - 1,
            part,
            counts,
            _paying(f"{names.zh_hans}第{n}段", f"{names.zh_hant}第{n}段", f"{names.en}, part {n}"),
        )
        for n in range(1, count + 1)
    }


def _pool(number: int, hans: str, hant: str, en: str) -> Code:
    return Code(number, "pool", "scope", _paying(hans, hant, en))


_TOTAL = _cutting("统筹与大额合计", "統籌與大額合計", "What pool and large-sum layer pay together")

CODES: dict[str, Code] = {
    "deductible": Code(
        1,
        "deductible",
        "scope",
        Words(
            "起付线以内由个人先付：{amount}元。",
            "起付線以內由個人先付：{amount}元。",
            "Deductible, paid by the person first: {amount} yuan.",
        ),
    ),
    "outpatient": _pool(2, "统筹基金支付门诊费用", "統籌基金支付門診費用", "Pool, outpatient"),
    "chronic": _pool(3, "统筹基金支付慢特病", "統籌基金支付慢特病", "Pool, chronic disease"),
    "pharmacy": _pool(4, "统筹基金支付购药", "統籌基金支付購藥", "Pool, pharmacy"),
    "above_point": _pool(
        5, "超过年度支付点的部分", "超過年度支付點的部分", "Pool, above the point of the year"
    ),
    "uncovered": Code(
        6,
        "none",
        "scope",
        Words(
            "超出最高支付范围，基金不支付：{of}元。",
            "超出最高支付範圍，基金不支付：{of}元。",
            "Above what any fund pays: {of} yuan.",
        ),
    ),
    **_numbered(10, 6, "pool", "bracket", names=Words("住院统筹", "住院統籌", "Pool, inpatient")),
    "large": Code(
        20, "large", "scope", _paying("大额医疗费用补助", "大額醫療費用補助", "Large-sum layer")
    ),
    "taken_over": Code(
        21,
        "large",
        "",
        _paying(
            "统筹封顶后由大额补助支付",
            "統籌封頂後由大額補助支付",
            "Large-sum layer, after the pool's cap",
        ),
    ),
    **_numbered(
        22, 3, "serious", "serious", names=Words("大病保险", "大病保險", "Serious illness")
    ),
    "civil": Code(
        30, "civil", "", _paying("公务员医疗补助", "公務員醫療補助", "Civil servants' layer")
    ),
    "enterprise": Code(
        31, "enterprise", "", _paying("企业补充保险", "企業補充保險", "Enterprise layer")
    ),
    "assistance": Code(32, "assistance", "", _paying("医疗救助", "醫療救助", "Medical assistance")),
    "pool_cap": Code(40, "pool", "", _cutting("统筹基金", "統籌基金", "The pool")),
    "large_cap": Code(41, "large", "", _cutting("大额补助", "大額補助", "The large-sum layer")),
    "total_cap_pool": Code(42, "pool", "", _TOTAL),
    "total_cap_large": Code(43, "large", "", _TOTAL),
}

_NUMBERS = {code: row.number for code, row in CODES.items()}
_CODES = {number: code for code, number in _NUMBERS.items()}
_MOST = 40
_SHORT = [Struct(">B" + "BiHi" * n) for n in range(_MOST)]
_LONG = [Struct(">B" + "BqHq" * n) for n in range(_MOST)]


def encode(trace: Iterable[Step]) -> bytes:
    """A trace as stored: a version byte, then 11 bytes a step (19 above 21 million yuan)."""
    flat = [1]
    for code, of, ratio, amount in trace:
        flat += (_NUMBERS[code], of, ratio, amount)
    shape = len(flat) // 4
    try:
        return _SHORT[shape].pack(*flat)
    except error:
        flat[0] = 2
        return _LONG[shape].pack(*flat)


def decode(stored: bytes) -> tuple[Step, ...]:
    """The trace of stored bytes; ``ValueError`` when they are none."""
    width, shapes = {1: (11, _SHORT), 2: (19, _LONG)}.get(stored[0] if stored else 0, (0, _SHORT))
    if not width or (len(stored) - 1) % width:
        raise ValueError("not a stored trace")
    flat = shapes[(len(stored) - 1) // width].unpack(stored)[1:]
    return tuple(
        Step(_CODES[flat[at]], flat[at + 1], flat[at + 2], flat[at + 3])
        for at in range(0, len(flat), 4)
    )
