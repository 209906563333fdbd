"""Personal fields sealed at the edge of the register, and found again by a keyed index.

SM4-GCM (GB/T 32907, mode of GB/T 36624) with a synthetic nonce taken from HMAC-SM3 of the text,
so that nothing random is needed and one text in one domain seals to one value; the index is the
first 16 bytes of HMAC-SM3 under a key of its own (GB/T 32905).
"""

from __future__ import annotations

from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC

from minka.kit.secret import Clear

NONCE = 12
TAG = 16


class FieldKeys(Protocol):
    """What a room may ask of the field keys without ever seeing them."""

    def seal(self, domain: str, text: Clear) -> bytes:
        """The sealed field: nonce, ciphertext and tag."""

    def unseal(self, domain: str, sealed: bytes) -> Clear:
        """The clear text; raises when the field was changed or belongs to another domain."""

    def index(self, domain: str, text: Clear) -> bytes:
        """Sixteen bytes that are equal exactly when the texts are."""


class SoftFieldKeys:
    """Field keys held in this process, taken from one secret of 32 bytes or more."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the field secret has fewer than 32 bytes")
        self._key = _mac(HMAC(secret, SM3()), b"minka field seal")[:16]
        self._nonces = HMAC(_mac(HMAC(secret, SM3()), b"minka field nonce"), SM3())
        self._indexes = HMAC(_mac(HMAC(secret, SM3()), b"minka field index"), SM3())

    def __repr__(self) -> str:
        return "SoftFieldKeys(…)"

    def seal(self, domain: str, text: Clear) -> bytes:
        """See ``FieldKeys.seal``."""
        clear, bound = text.reveal().encode(), domain.encode()
        nonce = _mac(self._nonces, bound + b"\0" + clear)[:NONCE]
        encryptor = Cipher(SM4(self._key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return nonce + encryptor.update(clear) + encryptor.finalize() + encryptor.tag

    def unseal(self, domain: str, sealed: bytes) -> Clear:
        """See ``FieldKeys.unseal``; ``ValueError`` for a changed or foreign field."""
        nonce, body, tag = sealed[:NONCE], sealed[NONCE:-TAG], sealed[-TAG:]
        decryptor = Cipher(SM4(self._key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(domain.encode())
        try:
            return Clear((decryptor.update(body) + decryptor.finalize()).decode())
        except InvalidTag:
            raise ValueError(f"a sealed {domain} does not open with these keys") from None

    def index(self, domain: str, text: Clear) -> bytes:
        """See ``FieldKeys.index``."""
        return _mac(self._indexes, domain.encode() + b"\0" + text.reveal().encode())[:16]


def digest(content: bytes) -> bytes:
    """SM3 of bytes, 32 bytes (GB/T 32905)."""
    state = Hash(SM3())
    state.update(content)
    return state.finalize()


def _mac(keyed: HMAC, content: bytes) -> bytes:
    state = keyed.copy()
    state.update(content)
    return state.finalize()
