"""The gateway before the platform: four headers and a SHA-256, or one key (reference: 1.1)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from hashlib import sha256

from minka.kit.outcome import Accepted, Reason, Refused, Retry
from minka.kit.words import Words
from minka.wire.insurance.area import Gateway, HexCase

PAASID = "x-tif-paasid"
TIMESTAMP = "x-tif-timestamp"
NONCE = "x-tif-nonce"
SIGNATURE = "x-tif-signature"
APIKEY = "apikey"

WINDOW_SECONDS = 300
"""How far a message's time may lie from ours, unless an area says otherwise."""

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_SECONDS = re.compile(r"[0-9]{9,11}")


class GateRefusal(Reason):
    """Why the gateway lets no message through, in order of precedence."""

    MISSING_HEADER = Words(
        "缺少网关标头{header}，没有受理。请补上后重发。",
        "缺少閘道標頭{header}，沒有受理。請補上後重發。",
        "The gateway header {header} is missing, so nothing was done. Add it and send again.",
    )
    UNKNOWN_APPLICATION = Words(
        "应用编号或密钥没有登记，没有受理。请向经办机构申请接入。",
        "應用編號或金鑰沒有登記，沒有受理。請向經辦機構申請接入。",
        "The application or its key is not registered, so nothing was done. Ask the agency.",
    )
    BAD_TIMESTAMP = Words(
        "时间戳不是秒数，没有受理。请用1970年以来的整秒数。",
        "時間戳不是秒數，沒有受理。請用1970年以來的整秒數。",
        "The timestamp is not in seconds, so nothing was done. Send whole seconds since 1970.",
    )
    STALE = Words(
        "时间戳与本处相差超过{window}秒，没有受理。请校准时钟，再签名重发。",
        "時間戳與本處相差超過{window}秒，沒有受理。請校準時鐘，再簽名重發。",
        "The timestamp is more than {window} seconds away from ours, so nothing was done."
        " Set the clock, sign anew and send again.",
    )
    BAD_NONCE = Words(
        "随机串不是UUID，没有受理。请为每个报文生成一个新的UUID。",
        "隨機串不是UUID，沒有受理。請為每個報文生成一個新的UUID。",
        "The nonce is not a UUID, so nothing was done. Make a new one for each message.",
    )
    WRONG_SIGNATURE = Words(
        "签名不对，没有受理。请核对密钥、拼接次序和大小写（本地用{case}）。",
        "簽名不對，沒有受理。請核對金鑰、拼接次序和大小寫（本地用{case}）。",
        "The signature is wrong, so nothing was done. Check secret, order and case ({case} here).",
    )
    NONCE_SEEN = (
        Words(
            "这个随机串已经用过，没有再受理。请换新的UUID签名重发，报文ID不变。",
            "這個隨機串已經用過，沒有再受理。請換新的UUID簽名重發，報文ID不變。",
            "This nonce was used before, so nothing was done. Sign with a new UUID and send again"
            " under the same message id.",
        ),
        Retry.LATER,
    )


@dataclass(frozen=True, slots=True)
class Gate:
    """What an area's gateway asks, and the secrets of the applications it knows."""

    secrets: Mapping[str, str]
    """``x-tif-paasid`` -> secret; under ``APIKEY``, application -> key."""
    gateway: Gateway = Gateway.TIF
    hexcase: HexCase = HexCase.LOWER
    window_seconds: int = WINDOW_SECONDS

    def __repr__(self) -> str:
        return f"Gate({self.gateway.value}, {len(self.secrets)} applications)"


def signature(secret: str, timestamp: str, nonce: str, hexcase: HexCase = HexCase.LOWER) -> str:
    """SHA-256 in hex of timestamp, secret, nonce and timestamp again."""
    hexed = sha256(f"{timestamp}{secret}{nonce}{timestamp}".encode()).hexdigest()
    return hexed.upper() if hexcase is HexCase.UPPER else hexed


def headers(paasid: str, secret: str, *, timestamp: str, nonce: str, hexcase: HexCase) -> Headers:
    """The four headers a client sends."""
    signed = signature(secret, timestamp, nonce, hexcase)
    return {PAASID: paasid, TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signed}


Headers = Mapping[str, str]
"""Headers by their names in lower case."""


def check(
    gate: Gate, given: Headers, *, now_seconds: int, seen: Container[str] = ()
) -> Accepted[str] | Refused:
    """The application whose message this is, or why it does not pass.

    ``seen`` holds the nonces of the last window, kept by the door (nothing is kept here); it is
    asked last, so that only a signed message can use a nonce up.
    """
    if gate.gateway is Gateway.APIKEY:
        return _by_key(gate, given)
    for name in (PAASID, TIMESTAMP, NONCE, SIGNATURE):
        if not given.get(name):
            return Refused(GateRefusal.MISSING_HEADER, {"header": name})
    secret = gate.secrets.get(given[PAASID])
    if secret is None:
        return Refused(GateRefusal.UNKNOWN_APPLICATION)
    return _signed(gate, given, secret, now_seconds) or _fresh(given, seen)


def _signed(gate: Gate, given: Headers, secret: str, now_seconds: int) -> Refused | None:
    timestamp, nonce = given[TIMESTAMP], given[NONCE]
    if not _SECONDS.fullmatch(timestamp):
        return Refused(GateRefusal.BAD_TIMESTAMP)
    if abs(int(timestamp) - now_seconds) > gate.window_seconds:
        return Refused(GateRefusal.STALE, {"window": gate.window_seconds})
    if not _UUID.fullmatch(nonce):
        return Refused(GateRefusal.BAD_NONCE)
    wanted = signature(secret, timestamp, nonce, gate.hexcase)
    if not hmac.compare_digest(wanted.encode(), given[SIGNATURE].encode("utf-8", "replace")):
        return Refused(GateRefusal.WRONG_SIGNATURE, {"case": gate.hexcase.value})
    return None


def _fresh(given: Headers, seen: Container[str]) -> Accepted[str] | Refused:
    if given[NONCE] in seen:
        return Refused(GateRefusal.NONCE_SEEN)
    return Accepted(given[PAASID])


def _by_key(gate: Gate, given: Headers) -> Accepted[str] | Refused:
    key = given.get(APIKEY, "")
    if not key:
        return Refused(GateRefusal.MISSING_HEADER, {"header": APIKEY})
    shown = key.encode("utf-8", "replace")
    found = [name for name, own in gate.secrets.items() if hmac.compare_digest(own.encode(), shown)]
    return Accepted(found[0]) if found else Refused(GateRefusal.UNKNOWN_APPLICATION)
