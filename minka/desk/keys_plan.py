"""What a key is to be, as two people signed it: read from the content of a proposal, and checked.

| field | value |
|---|---|
| name, version, algorithm | IRK, 1, sm4 or triple_des (ssf33 in a machine that has it) |
| bits | 128; 64 for a single DES key |
| tier, purpose | ministry … transport; internal … transport |
| held_for | who gains by the key: a staff number, ``post:factory``, or nobody |
| levels, export | factors every use must apply; ``under_transport`` lets it leave in a block |
| use_limit, active_from, protects_until, verifies_until | limits, as far as they are set |
| custodians, witness | of a ceremony: staff numbers; each custodian enters one part |
| part_checks, key_check | check values in hex as the sender says, where he says them |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cipher.card_key import Algorithm
from minka.desk.keys_refusals import KeyDeskRefusal
from minka.desk.rules import turn
from minka.keys.vault import Export, KeyName, KeyTerms, Purpose, Standing
from minka.kit.clock import CHINA
from minka.kit.words import Words

Content = Mapping[str, Any]

ALGORITHMS = {
    "sm4": Algorithm.SM4,
    "triple_des": Algorithm.TRIPLE_DES,
    "ssf33": Algorithm.SSF33,
}
TIERS = ("ministry", "province", "city", "card", "terminal", "transport")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,23}")
_CHECK = re.compile(r"([0-9A-Fa-f]{2}){3,5}")
_HELD = re.compile(r"[A-Za-z0-9:._-]{0,24}")


@dataclass(frozen=True, slots=True)
class Periods:
    """From when to when a key is used, and how often at most; None is open."""

    active_from: datetime | None = None
    protects_until: datetime | None = None
    verifies_until: datetime | None = None
    use_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A key to be made."""

    key: KeyName
    bits: int
    tier: str
    purpose: Purpose
    held_for: str
    parent_no: int | None
    periods: Periods
    levels: int | None = None
    export: Export = Export.NEVER

    def terms(self) -> KeyTerms:
        """What the vault keeps the key to; it rests until two people activate it.

        Uses are counted in the register, for their limit may be changed by two people.
        """
        return KeyTerms(self.bits, self.levels, None, self.export, Standing.RESTING)


@dataclass(frozen=True, slots=True)
class CeremonyPlan:
    """Who makes a key of parts: every custodian enters one; the witness compares."""

    plan: Plan
    custodians: tuple[str, ...]
    witness: str
    part_checks: tuple[bytes, ...] = ()
    """Check values of the parts as their envelopes say, in the custodians' order; or none."""
    key_check: bytes = b""
    """The key's check value as its sender says; empty for a key that is made here."""


def plan_of(content: Content) -> Plan:
    """The plan in a content; ``FIELD_WRONG`` says which field does not hold."""
    name, held_for = _text(content, "name"), _text(content, "held_for")
    if not _NAME.fullmatch(name):
        raise wrong("name")
    if not _HELD.fullmatch(held_for):
        raise wrong("held_for")
    algorithm = _one_of(content, "algorithm", ALGORITHMS, "sm4")
    bits = whole(content, "bits", most=256) or 128
    if bits not in (64, 128) or (bits == 64 and algorithm is not Algorithm.TRIPLE_DES):
        raise wrong("bits")
    return Plan(
        KeyName(name, whole(content, "version", most=255) or 1, algorithm),
        bits,
        _one_of(content, "tier", {tier: tier for tier in TIERS}, "city"),
        _one_of(content, "purpose", {each.value: each for each in Purpose}, ""),
        held_for,
        whole(content, "parent_no"),
        periods_of(content),
        whole(content, "levels", most=3),
        _one_of(content, "export", {each.value: each for each in Export}, Export.NEVER.value),
    )


def ceremony_of(content: Content) -> CeremonyPlan:
    """The plan of a ceremony; who may not stand in it together is ``keys.ceremony``'s to say."""
    return CeremonyPlan(
        plan_of(content),
        tuple(_text(content, "custodians").split()),
        _text(content, "witness"),
        tuple(_check(each, "part_checks") for each in _text(content, "part_checks").split()),
        _check(_text(content, "key_check"), "key_check"),
    )


def _check(text: str, field: str) -> bytes:
    if text and not _CHECK.fullmatch(text):
        raise wrong(field)
    return bytes.fromhex(text)


def periods_of(content: Content) -> Periods:
    """Periods and limit of a content; each begins before it ends."""
    found = Periods(
        instant(content, "active_from"),
        instant(content, "protects_until"),
        instant(content, "verifies_until"),
        whole(content, "use_limit"),
    )
    stated = [found.active_from, found.protects_until, found.verifies_until]
    order = [each for each in stated if each is not None]
    if order != sorted(order) or len(set(order[:2])) != len(order[:2]):
        raise wrong("protects_until")
    if found.verifies_until is not None and found.protects_until is None:
        raise wrong("verifies_until")
    return found


def whole(content: Content, name: str, *, most: int = 10**15) -> int | None:
    """A whole number of one or more, or None when the field is empty."""
    text = _text(content, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and 1 <= int(text) <= most):
        raise wrong(name)
    return int(text)


def instant(content: Content, name: str) -> datetime | None:
    """An instant in ISO 8601, China's time when it names no other, or None."""
    text = _text(content, name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise wrong(name) from None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def wrong(name: str) -> Exception:
    """The refusal that names the field which does not hold."""
    return turn(KeyDeskRefusal.FIELD_WRONG, field=FIELDS.get(name, Words(name, name, name)))


FIELDS: Mapping[str, Words] = {
    "name": Words("密钥名称", "密鑰名稱", "the key's name"),
    "version": Words("版本", "版本", "the version"),
    "algorithm": Words("算法", "演算法", "the algorithm"),
    "bits": Words("密钥长度", "密鑰長度", "the key's length"),
    "tier": Words("层级", "層級", "the tier"),
    "purpose": Words("用途", "用途", "the purpose"),
    "held_for": Words("使用方", "使用方", "who holds it"),
    "parent_no": Words("上级密钥", "上級密鑰", "the parent key"),
    "levels": Words("分散级数", "分散級數", "the diversification levels"),
    "export": Words("可否导出", "可否匯出", "whether it may be exported"),
    "use_limit": Words("使用次数上限", "使用次數上限", "the use limit"),
    "active_from": Words("启用时间", "啟用時間", "active from"),
    "protects_until": Words("新用截止时间", "新用截止時間", "makes new until"),
    "verifies_until": Words("校验截止时间", "校驗截止時間", "verifies until"),
    "custodians": Words("分管人", "分管人", "the custodians"),
    "witness": Words("见证人", "見證人", "the witness"),
    "part_checks": Words("分量校验值", "分量校驗值", "the parts' check values"),
    "key_check": Words("密钥校验值", "密鑰校驗值", "the key's check value"),
    "key_no": Words("密钥编号", "密鑰編號", "the key's number"),
    "successor": Words("新版密钥", "新版密鑰", "the new version"),
    "under_no": Words("传输密钥", "傳輸密鑰", "the transport key"),
    "receiver": Words("接收方", "接收方", "the receiver"),
    "ceremony_no": Words("仪式编号", "儀式編號", "the ceremony's number"),
    "reason": Words("原因", "原因", "the reason"),
}
"""Every field of a content in words."""


def _text(content: Content, name: str) -> str:
    return str(content.get(name, "")).strip()


def _one_of(content: Content, name: str, known: Mapping[str, Any], otherwise: str) -> Any:
    found = known.get(_text(content, name) or otherwise)
    if found is None:
        raise wrong(name)
    return found
