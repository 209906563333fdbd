"""The record of a ceremony as it is printed, signed on paper and filed, in three languages.

It holds who, when, which key, every check value and the plan's hash in hex and in words: all that
an auditor needs, and nothing of which a component could be made. Times are China's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from minka.cipher.field import digest
from minka.keys.ceremony import Ceremony, CeremonyState, Mode
from minka.keys.spoken import grouped
from minka.keys.wording import ACTS, PURPOSES, STEPS
from minka.kit.clock import CHINA
from minka.kit.words import Words

TITLE = Words("密钥仪式记录", "密鑰儀式記錄", "Record of a key ceremony")
DRILL = Words("演练：不产生真实密钥", "演練：不產生真實密鑰", "A drill: no real key is made")
UNFINISHED = Words(
    "未完成：这把密钥不得使用", "未完成：這把密鑰不得使用", "Not finished: the key must not be used"
)
LINES: dict[str, Words] = {
    "number": Words("编号", "編號", "Number"),
    "act": Words("事项", "事項", "Act"),
    "key": Words("密钥", "密鑰", "Key"),
    "purpose": Words("用途", "用途", "Purpose"),
    "state": Words("状态", "狀態", "State"),
    "proposed": Words("申请", "申請", "Proposed"),
    "signed": Words("签批", "簽批", "Signed"),
    "plan": Words("方案摘要", "方案摘要", "Hash of the plan"),
    "aloud": Words("读出", "讀出", "Read aloud"),
    "component": Words("分量校验值", "分量校驗值", "Check value of a component"),
    "check": Words("密钥校验值", "密鑰校驗值", "Check value of the key"),
    "witness": Words("见证", "見證", "Witness"),
    "ended": Words("办结", "辦結", "Ended"),
    "signature": Words("签名", "簽名", "Signature"),
}


def record_text(ceremony: Ceremony, language: str = "zh-hans") -> str:
    """The record, one fact a line; its last lines are places for everyone's signature."""
    return "\n".join(_lines(ceremony, language)) + "\n"


def record_hash(text: str) -> bytes:
    """SM3 of a record's UTF-8 text: what the register keeps of the paper; 32 bytes."""
    return digest(text.encode())


def _lines(ceremony: Ceremony, language: str) -> Iterator[str]:
    plan, request = ceremony.plan, ceremony.request
    yield TITLE.say(language)
    if plan.mode is Mode.DRILL:
        yield DRILL.say(language)
    if ceremony.state is not CeremonyState.CLOSED:
        yield UNFINISHED.say(language)
    key = f"{plan.key.name} v{plan.key.version} {plan.key.algorithm.name}"
    for name, value in (
        ("number", plan.number),
        ("act", ACTS[plan.act].say(language)),
        ("key", key),
        ("purpose", PURPOSES[plan.purpose].say(language)),
        ("state", STEPS[ceremony.state].say(language)),
        *(
            ("signed" if place else "proposed", f"{_at(signature.at)} {signature.staff}")
            for place, signature in enumerate(request.signatures)
        ),
        ("plan", plan.hash.hex()),
        ("aloud", grouped(plan.hash, language)),
        *(
            ("component", f"{_at(entry.at)} {entry.custodian} {entry.check.hex().upper()}")
            for entry in ceremony.entries
        ),
        ("check", ceremony.key_check.hex().upper() or "—"),
        ("witness", plan.witness),
        ("ended", _at(ceremony.ended_at) if ceremony.ended_at else "—"),
    ):
        yield _line(name, value, language)
    for staff in dict.fromkeys((*request.signers, *plan.custodians, plan.witness)):
        yield _line("signature", f"{staff} ____________________", language)


def _line(name: str, value: str, language: str) -> str:
    colon = ": " if language == "en" else "："
    return f"{LINES[name].say(language)}{colon}{value}"


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
