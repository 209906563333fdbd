"""The gateway's headers, and the seals by which both sides know each other.

Every message carries the national headers (interface, section 1.1). Within a session each body is
also sealed with the session's key, and so is each answer; the session itself begins with a
signature by the client's SM2 key, and its key comes back encrypted to that key.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from minka.cipher.mac import MacKind, MessageMac
from minka.client.site import Hex, Site
from minka.wire.insurance import gateway
from minka.wire.insurance.area import HexCase
from minka.wire.insurance.gateway import NONCE, TIMESTAMP

SESSION, MAC, SM2 = "x-minka-session", "x-minka-mac", "x-minka-signature"
_CASES = {Hex.LOWER: HexCase.LOWER, Hex.UPPER: HexCase.UPPER}


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session: its number, and what its messages are sealed with, if they are."""

    sign_no: str
    mac: MessageMac | None = field(default=None, repr=False)


def mac_of(key: bytes) -> MessageMac | None:
    """The seal of a session key: sixteen bytes for SM4-CMAC, thirty-two for HMAC-SM3."""
    kinds = [kind for kind in MacKind if kind.key_bytes == len(key)]
    return MessageMac(kinds[0], key) if kinds else None


def headers(site: Site, body: bytes, session: Session | None) -> dict[str, str]:
    """The headers of one delivery; each delivery has a time and a nonce of its own."""
    stamp, nonce = str(int(time.time())), str(uuid.uuid4())
    case = _CASES[site.hex_case]
    made = {
        "content-type": "application/json; charset=utf-8",
        **gateway.headers(site.paasid, site.secret, timestamp=stamp, nonce=nonce, hexcase=case),
    }
    if session is not None and session.mac is not None:
        made[SESSION] = session.sign_no
        made[MAC] = session.mac.code(stamp, nonce, body).hex()
    return made


def signed(sent: Mapping[str, str], body: bytes) -> bytes:
    """What the signature of a sign-in covers."""
    return f"{sent[TIMESTAMP]}\n{sent[NONCE]}\n".encode() + body


def is_sealed(
    mac: MessageMac, sent: Mapping[str, str], came: Mapping[str, str], body: bytes
) -> bool:
    """Whether an answer carries the session's seal over its own time and the request's nonce."""
    code = came.get(MAC, "")
    return mac.fits_hex(came.get(TIMESTAMP, ""), sent[NONCE], body, code=code)
