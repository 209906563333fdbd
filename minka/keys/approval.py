"""A privileged act on keys: one proposes, another signs the very same content, in 24 hours (P12).

Proposing is the first signature. The second is somebody else's, is over the hash of the content the
signer was shown, and neither is the beneficiary's. The register keeps the same by constraints; this
is the decision and its sentence.

| act | content |
|---|---|
| load, generate, import_block | the ceremony's plan |
| activate, suspend, resume, deactivate, compromise, destroy | key and version |
| export_block | key, version, transport key, receiver |
| unseal, back_up | the ceremony's plan |
| set_addresses, set_recipe, set_key_table | the hash of the new configuration |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from minka.cipher.field import digest
from minka.keys.refusals import KeyRefusal
from minka.kit.outcome import Accepted, Refused

STANDS_FOR = timedelta(hours=24)
SIGNERS = 2


class KeyAct(StrEnum):
    """Acts on keys that two people must sign."""

    LOAD = "load"
    GENERATE = "generate"
    IMPORT_BLOCK = "import_block"
    EXPORT_BLOCK = "export_block"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    DEACTIVATE = "deactivate"
    COMPROMISE = "compromise"
    DESTROY = "destroy"
    UNSEAL = "unseal"
    BACK_UP = "back_up"
    SET_ADDRESSES = "set_addresses"
    SET_RECIPE = "set_recipe"
    SET_KEY_TABLE = "set_key_table"


class Entitled(StrEnum):
    """Whether a person may sign acts on keys at that instant; the desk asks the register."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, when; over the content hash of the request it stands in."""

    staff: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A proposed act; staff are the register's staff numbers."""

    act: KeyAct
    content_hash: bytes
    proposed_at: datetime
    signatures: tuple[Signature, ...]
    beneficiaries: frozenset[str] = frozenset()
    closed_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        """From then on it is neither signed nor done."""
        return self.proposed_at + STANDS_FOR

    @property
    def signers(self) -> tuple[str, ...]:
        """Who signed, the proposer first."""
        return tuple(s.staff for s in self.signatures)


def content_hash(act: KeyAct, content: Mapping[str, str]) -> bytes:
    """SM3 of the act and its content in one order, each text led by its length; 32 bytes."""
    texts = [act.value, *(text for pair in sorted(content.items()) for text in pair)]
    return digest(b"".join(len(t := text.encode()).to_bytes(4) + t for text in texts))


def propose(
    act: KeyAct,
    hashed: bytes,
    by: str,
    at: datetime,
    *,
    entitled: Entitled,
    beneficiaries: frozenset[str] = frozenset(),
) -> Accepted[KeyRequest] | Refused:
    """The request with its first signature, or ``NOT_ENTITLED``, ``BENEFICIARY``."""
    if entitled is Entitled.NO:
        return Refused(KeyRefusal.NOT_ENTITLED)
    if by in beneficiaries:
        return Refused(KeyRefusal.BENEFICIARY)
    return Accepted(KeyRequest(act, hashed, at, (Signature(by, at),), beneficiaries))


def sign(
    request: KeyRequest, hashed: bytes, by: str, at: datetime, *, entitled: Entitled
) -> Accepted[KeyRequest] | Refused:
    """The request with one more signature.

    Refusals, in order: ``CLOSED``, ``EXPIRED``, ``CONTENT_CHANGED``, ``NOT_ENTITLED``,
    ``BENEFICIARY``, ``SIGNED_ALREADY``.
    """
    stands = standing(request, at)
    if stands is not None:
        return stands
    for wrong, reason in (
        (hashed != request.content_hash, KeyRefusal.CONTENT_CHANGED),
        (entitled is Entitled.NO, KeyRefusal.NOT_ENTITLED),
        (by in request.beneficiaries, KeyRefusal.BENEFICIARY),
        (by in request.signers, KeyRefusal.SIGNED_ALREADY),
    ):
        if wrong:
            return Refused(reason)
    return Accepted(replace(request, signatures=(*request.signatures, Signature(by, at))))


def may_do(request: KeyRequest, hashed: bytes, at: datetime) -> Refused | None:
    """None when the act may be done now, over that content; the refusal otherwise."""
    stands = standing(request, at)
    if stands is not None:
        return stands
    if hashed != request.content_hash:
        return Refused(KeyRefusal.CONTENT_CHANGED)
    distinct = set(request.signers) - request.beneficiaries
    if len(distinct) < SIGNERS:
        return Refused(KeyRefusal.NOT_SIGNED, {"signed": len(distinct)})
    return None


def close(request: KeyRequest, at: datetime) -> KeyRequest:
    """The request once it was done or given up; nothing more is done with it."""
    return replace(request, closed_at=at)


def standing(request: KeyRequest, at: datetime) -> Refused | None:
    """None while a request stands; ``EXPIRED`` or ``CLOSED`` otherwise."""
    if request.closed_at is not None:
        return Refused(KeyRefusal.CLOSED)
    if at >= request.expires_at:
        return Refused(KeyRefusal.EXPIRED, {"expired": request.expires_at})
    return None
