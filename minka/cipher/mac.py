"""Message authentication: SM2 once for a session, then SM4-CMAC or HMAC-SM3 on every message.

The code covers ``timestamp \\n nonce \\n body``; timestamp and nonce are headers, without line
ends. A key is prepared once and copied for each message: preparing costs more than a message does.
SM4: GB/T 32907; CMAC: GB/T 15852.1, made as in RFC 4493; SM3: GB/T 32905; HMAC: GB/T
15852.2; SM2 signature and encryption: GB/T 32918.2 and .4, in the DER forms of GB/T 35276.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from gmssl_pyx import (
    GmsslInnerError,
    InvalidValueError,
    normalize_sm2_public_key,
    sm2_decrypt,
    sm2_encrypt,
    sm2_sign,
    sm2_verify,
)


class MacKind(StrEnum):
    """How messages of a session are authenticated; the value is what stands in ``signtype``."""

    SM4_CMAC = "SM4-CMAC"
    HMAC_SM3 = "HMAC-SM3"

    @property
    def key_bytes(self) -> int:
        """Bytes of a key of this kind."""
        return 16 if self is MacKind.SM4_CMAC else 32


class MessageMac:
    """A prepared key; it is never printed, and gives codes of 16 (CMAC) or 32 bytes (HMAC)."""

    __slots__ = ("_prepared", "kind")

    def __init__(self, kind: MacKind, key: bytes) -> None:
        if len(key) != kind.key_bytes:
            raise ValueError(f"a key of {kind} has {kind.key_bytes} bytes")
        self.kind = kind
        self._prepared: CMAC | HMAC = (
            CMAC(SM4(key)) if kind is MacKind.SM4_CMAC else HMAC(key, SM3())
        )

    def __repr__(self) -> str:
        return f"MessageMac({self.kind.value}, …)"

    def code(self, timestamp: str, nonce: str, body: bytes) -> bytes:
        """The code of one message."""
        state = self._prepared.copy()
        state.update(f"{timestamp}\n{nonce}\n".encode())
        state.update(body)
        return state.finalize()

    def fits(self, timestamp: str, nonce: str, body: bytes, *, code: bytes) -> bool:
        """Whether a code is this message's, in a time that does not depend on it."""
        return hmac.compare_digest(self.code(timestamp, nonce, body), code)

    def fits_hex(self, timestamp: str, nonce: str, body: bytes, *, code: str) -> bool:
        """The same for a code in hex of either case; False for what is no hex."""
        wanted = self.code(timestamp, nonce, body).hex().encode()
        return hmac.compare_digest(wanted, code.lower().encode("utf-8", "replace"))


class BadPoint(ValueError):
    """No point of the SM2 curve: 64 bytes, or 65 beginning with 04, or 33 compressed."""


class NotOurs(ValueError):
    """A wrapped key that does not open with this secret."""


def public_key(text: str) -> bytes:
    """The 64 bytes of a public key in hex; ``BadPoint`` when it is no point of the curve."""
    try:
        point: bytes = normalize_sm2_public_key(text)
    except (InvalidValueError, ValueError) as fault:
        raise BadPoint("no point of the SM2 curve") from fault
    return point


@dataclass(frozen=True, slots=True)
class SignKey:
    """A pair of SM2 keys: the point in 64 bytes, the secret in 32."""

    public: bytes
    _secret: bytes = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        """The signature, DER of r and s, under the standard signer id (4 ms)."""
        signature: bytes = sm2_sign(self._secret, self.public, content)
        return signature

    def unwrap(self, wrapped: bytes) -> bytes:
        """A session key wrapped for this pair; ``NotOurs`` when it does not open."""
        try:
            key: bytes = sm2_decrypt(self._secret, wrapped)
        except (GmsslInnerError, InvalidValueError, ValueError) as fault:
            raise NotOurs("the wrapped key does not open") from fault
        return key


def verify(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether an SM2 signature fits; False for an unreadable one or a point off the curve."""
    try:
        return bool(sm2_verify(public, content, signature))
    except (GmsslInnerError, InvalidValueError, ValueError):
        return False


def wrap(public: bytes, key: bytes) -> bytes:
    """A session key under a client's public key (DER of x, y, hash, text); ``BadPoint``."""
    try:
        wrapped: bytes = sm2_encrypt(public, key)
    except (GmsslInnerError, InvalidValueError, ValueError) as fault:
        raise BadPoint("no point of the SM2 curve") from fault
    return wrapped
