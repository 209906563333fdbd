"""The client's SM2 key: it signs sign-ins, opens session keys and seals the outbound log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gmssl_pyx
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from minka.cipher.mac import SignKey

KEY = "session_key"


@dataclass(frozen=True, slots=True)
class Identity:
    """An SM2 key pair: 64 bytes of point (x, y), 32 of scalar. Enrol the public half."""

    public_key: bytes
    private_key: bytes

    def __repr__(self) -> str:
        return f"Identity({self.public_key.hex()[:16]}…)"

    @classmethod
    def new(cls) -> Identity:
        """A fresh pair."""
        public, private = gmssl_pyx.sm2_key_generate()
        return cls(public, private)

    def sign(self, text: bytes) -> str:
        """SM2 with SM3 over bytes, under the standard signer id; DER, in hexadecimal."""
        return SignKey(self.public_key, self.private_key).sign(text).hex()

    def log_secret(self) -> bytes:
        """The secret of the outbound log, so that it needs no key of its own."""
        made = HMAC(self.private_key, SM3())
        made.update(b"minka outbound log")
        return made.finalize()

    def session_key(self, output: Mapping[str, Any]) -> bytes:
        """The session's key out of a sign-in's answer; empty when the platform gives none.

        ``ValueError`` when it was not sealed for this pair.
        """
        sealed = _sealed(output.get("signinoutb") or {}) or _sealed(output)
        if not sealed:
            return b""
        return SignKey(self.public_key, self.private_key).unwrap(sealed)


def _sealed(node: Mapping[str, Any]) -> bytes:
    """The encrypted key in the extension member, whichever way that is written."""
    found = node.get("expContent") or node.get("exp_content") or ""
    if isinstance(found, str) and found.startswith("{"):
        found = json.loads(found)
    if isinstance(found, dict):
        found = found.get(KEY, "")
    return bytes.fromhex(found)
