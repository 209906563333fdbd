"""The house's signature under what it sends: SM2 with SM3 (GB/T 32918.2), one key pair."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gmssl_pyx import GmsslInnerError, sm2_key_generate, sm2_sign, sm2_verify

from minka.doors.settings import write_once

FILE = "signing_key"
HEADER = "Minka-Signature"


class BadSignature(Exception):
    """Something was changed, or signed by somebody else."""


@dataclass(frozen=True, slots=True)
class HouseKey:
    """The key pair the house signs with; ``public`` is the point in hex (x and y, 64 bytes)."""

    public: str
    _secret: bytes = field(repr=False)

    def sign(self, content: bytes) -> str:
        """The signature of a content in base64 (DER of r and s, standard signer id)."""
        signature: bytes = sm2_sign(self._secret, bytes.fromhex(self.public), content)
        return base64.b64encode(signature).decode("ascii")


def house_key(home: Path) -> HouseKey:
    """The key pair of a house, made once and kept in ``home/signing_key`` with mode 0600."""
    path = home / FILE
    if not path.exists():
        public, secret = sm2_key_generate()
        with suppress(FileExistsError):
            write_once(path, f"{public.hex()} {secret.hex()}\n")
    public_hex, secret_hex = path.read_text("ascii").split()
    return HouseKey(public_hex, bytes.fromhex(secret_hex))


def verify(public: str, content: bytes, signature: str) -> None:
    """Nothing when the signature fits; ``BadSignature`` otherwise, whatever is wrong with it."""
    try:
        given = base64.b64decode(signature, validate=True)
        genuine = sm2_verify(bytes.fromhex(public), content, given)
    except (GmsslInnerError, binascii.Error, ValueError) as fault:
        raise BadSignature("the signature cannot be read") from fault
    if not genuine:
        raise BadSignature("the signature does not fit the content")
