"""The gateway's headers, and the seals by which both sides know each other.

Every message carries the national headers (interface, section 1.1). Within a session each body is
also sealed with the session's key, and so is each answer; the session itself begins with a
signature by the client's SM2 key, and its key comes back encrypted to that key.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.cmac import CMAC

from minka.client.site import Hex, Site

TIMESTAMP, NONCE = "x-tif-timestamp", "x-tif-nonce"
PAASID, SIGNATURE = "x-tif-paasid", "x-tif-signature"
SESSION, MAC, SM2 = "x-minka-session", "x-minka-mac", "x-minka-signature"


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session: its number and the key its messages are sealed with."""

    sign_no: str
    key: bytes

    def __repr__(self) -> str:
        return f"Session({self.sign_no})"


def headers(site: Site, body: bytes, session: Session | None) -> dict[str, str]:
    """The headers of one delivery; each delivery has a time and a nonce of its own."""
    stamp, nonce = str(int(time.time())), str(uuid.uuid4())
    made = {
        "content-type": "application/json; charset=utf-8",
        PAASID: site.paasid,
        TIMESTAMP: stamp,
        NONCE: nonce,
        SIGNATURE: signature(site, stamp, nonce),
    }
    if session is not None and session.key:
        made[SESSION] = session.sign_no
        made[MAC] = seal(session.key, stamp, nonce, body)
    return made


def signature(site: Site, stamp: str, nonce: str) -> str:
    """SHA-256 of time, secret, nonce and time, in the area's case."""
    made = hashlib.sha256(f"{stamp}{site.secret}{nonce}{stamp}".encode()).hexdigest()
    return made.upper() if site.hex_case is Hex.UPPER else made


def sealed(stamp: str, nonce: str, body: bytes) -> bytes:
    """What a seal or a signature covers."""
    return f"{stamp}\n{nonce}\n".encode() + body


def seal(key: bytes, stamp: str, nonce: str, body: bytes) -> str:
    """SM4-CMAC over time, nonce and body, in hexadecimal."""
    made = CMAC(SM4(key))
    made.update(sealed(stamp, nonce, body))
    return made.finalize().hex()


def is_sealed(
    session: Session, sent: Mapping[str, str], came: Mapping[str, str], body: bytes
) -> bool:
    """Whether an answer carries the session's seal over its own time and the request's nonce."""
    wanted = seal(session.key, came.get(TIMESTAMP, ""), sent[NONCE], body)
    return hmac.compare_digest(wanted, came.get(MAC, "").lower())
