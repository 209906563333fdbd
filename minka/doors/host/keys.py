"""The keys of card terminals: a master key each, working keys anew at every sign-on.

The door asks a small Protocol, so that a security module can take the place of the soft keys.
A sign-on cannot be authenticated, for there are no keys yet. So new keys count only from the first
message that is authenticated with them, and until then every sign-on is given the same ones: a lost
answer does no harm, and a stranger can take no terminal's keys away.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from minka.cards.pin import account_digits
from minka.cipher.field import FieldKeys
from minka.cipher.pin import PinFormat, unseal, verification_value
from minka.cipher.retail import (
    KEY_BYTES,
    Block,
    Mac,
    agrees,
    retail_mac,
    sm4_cbc_mac,
    sm4_cmac,
    wrap,
)
from minka.doors import settings
from minka.doors.host.ledger import PinEntered
from minka.kit.secret import Clear
from minka.wire.iso8583.dialect import MacAlgorithm

MACS: Mapping[MacAlgorithm, Callable[[bytes], Mac]] = {
    MacAlgorithm.RETAIL_3DES: retail_mac,
    MacAlgorithm.SM4_CMAC: sm4_cmac,
    MacAlgorithm.SM4_CBC: sm4_cbc_mac,
}
BLOCK_OF = {
    MacAlgorithm.RETAIL_3DES: Block.TRIPLE_DES,
    MacAlgorithm.SM4_CMAC: Block.SM4,
    MacAlgorithm.SM4_CBC: Block.SM4,
}
"""The cipher of a dialect's keys is that of its MAC."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A registered terminal: whose it is, and the number its messages are known by."""

    terminal_id: str
    provider_code: str
    origin_no: int


class Age(Enum):
    """Which working keys: those in use, or those just handed out."""

    IN_USE = "in_use"
    HANDED_OUT = "handed_out"


class TerminalKeys(Protocol):
    """What the host door may ask of the keys without ever seeing them."""

    def terminal(self, terminal_id: str) -> Terminal | None:
        """The registered terminal, or None."""

    def sign_on(self, terminal_id: str, algorithm: MacAlgorithm) -> bytes:
        """New working keys under the terminal's master key: PIN key, MAC key, each with its check.

        38 bytes: twice sixteen bytes and a check value of three.
        """

    def authentic(
        self, terminal_id: str, algorithm: MacAlgorithm, content: bytes, mac: bytes
    ) -> int:
        """One when a terminal's MAC is right; keys handed out are in use from then on."""

    def mac(self, terminal_id: str, algorithm: MacAlgorithm, content: bytes, age: Age) -> bytes:
        """The MAC of an answer; no bytes when the terminal has no keys."""

    def pin(self, terminal_id: str, form: PinFormat, block: bytes, card_number: str) -> PinEntered:
        """The PIN in a block; ``PinBlockFault`` when it does not open for this card."""


class SoftPin:
    """A PIN in this process for as long as one request takes."""

    __slots__ = ("_keys", "_pin")

    def __init__(self, keys: FieldKeys, pin: Clear) -> None:
        self._keys, self._pin = keys, pin

    def __repr__(self) -> str:
        return "SoftPin(…)"

    def value(self, holder: str) -> bytes:
        """See ``PinEntered.value``."""
        return verification_value(self._keys, holder, self._pin)


@dataclass(slots=True, repr=False)
class _Working:
    """One pair of working keys, with the MACs made from it so far."""

    pin_key: bytes
    mac_key: bytes
    macs: dict[MacAlgorithm, Mac] = field(default_factory=dict)

    def mac(self, algorithm: MacAlgorithm) -> Mac:
        if algorithm not in self.macs:
            self.macs[algorithm] = MACS[algorithm](self.mac_key)
        return self.macs[algorithm]


class SoftTerminalKeys:
    """Terminal keys in this process: master keys from one secret, working keys in memory.

    After a restart every terminal is answered A0 once and signs on again.
    """

    def __init__(
        self,
        secret: bytes,
        fields: FieldKeys,
        terminals: Callable[[str], Terminal | None],
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if len(secret) < 32:
            raise ValueError("the terminal secret has fewer than 32 bytes")
        self._masters = HMAC(secret, SM3())
        self._fields, self._terminals, self._randomness = fields, terminals, randomness
        self._working: dict[tuple[str, Age], _Working] = {}

    def __repr__(self) -> str:
        return "SoftTerminalKeys(…)"

    def terminal(self, terminal_id: str) -> Terminal | None:
        """See ``TerminalKeys.terminal``."""
        return self._terminals(terminal_id)

    def master_key(self, terminal_id: str) -> bytes:
        """The key that is put into a terminal when it is set up, in the key custodian's hands."""
        state = self._masters.copy()
        state.update(b"minka terminal master " + terminal_id.encode())
        return state.finalize()[:KEY_BYTES]

    def sign_on(self, terminal_id: str, algorithm: MacAlgorithm) -> bytes:
        """See ``TerminalKeys.sign_on``."""
        key = (terminal_id, Age.HANDED_OUT)
        fresh = self._working.get(key)
        if fresh is None:
            fresh = _Working(self._randomness(KEY_BYTES), self._randomness(KEY_BYTES))
            self._working[key] = fresh
        master, block = self.master_key(terminal_id), BLOCK_OF[algorithm]
        return wrap(block, master, fresh.pin_key) + wrap(block, master, fresh.mac_key)

    def authentic(
        self, terminal_id: str, algorithm: MacAlgorithm, content: bytes, mac: bytes
    ) -> int:
        """See ``TerminalKeys.authentic``."""
        for age in (Age.IN_USE, Age.HANDED_OUT):
            working = self._working.get((terminal_id, age))
            if working is not None and agrees(working.mac(algorithm), content, mac):
                if age is Age.HANDED_OUT:
                    self._working[terminal_id, Age.IN_USE] = working
                    del self._working[terminal_id, age]
                return 1
        return 0

    def mac(self, terminal_id: str, algorithm: MacAlgorithm, content: bytes, age: Age) -> bytes:
        """See ``TerminalKeys.mac``."""
        working = self._working.get((terminal_id, age))
        return working.mac(algorithm)(content) if working else b""

    def pin(self, terminal_id: str, form: PinFormat, block: bytes, card_number: str) -> PinEntered:
        """See ``TerminalKeys.pin``."""
        working = self._working[terminal_id, Age.IN_USE]
        opened = unseal(form, working.pin_key, block, account_digits(card_number))
        return SoftPin(self._fields, opened)


def soft_keys(
    home: Path, fields: FieldKeys, terminals: Callable[[str], Terminal | None]
) -> SoftTerminalKeys:
    """Soft keys whose secret lies in ``home/terminal_secret``, mode 0600, made when it is not."""
    path = home / "terminal_secret"
    with suppress(FileExistsError):
        settings.write_once(path, secrets.token_hex(32))
    return SoftTerminalKeys(bytes.fromhex(path.read_text("ascii")), fields, terminals)
