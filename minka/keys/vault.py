"""What Minka may ask of a key vault, whichever machine stands behind it: never a key's bytes.

A key is named, not held: its name in the card specification ("IRK", "UK1DF01"), its version, and
the factors that lead from the root the vault holds down to one card. A vault keeps to a key's
purpose, to its state and to its counter; it answers ``KeyRefused`` with a reason otherwise, and
``VaultGone`` when the machine does not answer, upon which money and keys stop and loss reports go
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from minka.cipher.card_key import Algorithm


class Purpose(Enum):
    """The one thing a key is for."""

    INTERNAL = "internal"
    """Proves the card: internal authentication (IRK)."""
    EXTERNAL = "external"
    """Opens a file or a function: external authentication (UK…, RK…, PUK, LK, BK)."""
    MESSAGE = "message"
    """Secure messaging: PIN unblock and reload, block of application and card (STK…)."""
    PURCHASE = "purchase"
    """MAC1 and MAC2 of a purchase (DPK)."""
    LOAD = "load"
    """MAC1 and MAC2 of a load (DLK)."""
    TAC = "tac"
    """The transaction authorisation code (DTK)."""
    MASTER = "master"
    """Loads keys into a card or a PSAM."""
    TRANSPORT = "transport"
    """Wraps other keys on their way between two vaults, and nothing else."""


class Standing(Enum):
    """What a key may be used for now; the key's whole life is kept by the register's database."""

    RESTING = "resting"
    """Held and not to be used: not yet begun, suspended, or compromised."""
    ACTIVE = "active"
    """Used for its purpose."""
    HISTORY = "history"
    """Superseded: works with the cards that have it and makes no new ones."""


class Export(Enum):
    """Whether a key may leave its vault in a key block."""

    NEVER = "never"
    UNDER_TRANSPORT = "under_transport"


class KeyReason(Enum):
    """Why a vault will not use a key."""

    UNKNOWN = "unknown"
    WRONG_PURPOSE = "wrong_purpose"
    NOT_ACTIVE = "not_active"
    COUNTER_SPENT = "counter_spent"
    WRONG_LEVELS = "wrong_levels"
    NOT_EXPORTABLE = "not_exportable"
    ALGORITHM = "algorithm"
    BAD_BLOCK = "bad_block"
    BAD_LENGTH = "bad_length"
    """A factor, challenge or original of a length that no card knows."""
    BAD_PARTS = "bad_parts"
    """Components of another length or number, a share that does not fit."""
    EXISTS = "exists"
    SEALED = "sealed"


class KeyRefused(Exception):
    """The vault is there and says no."""

    def __init__(self, reason: KeyReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class VaultGone(Exception):
    """The machine does not answer; whether it did what was asked is not known."""


@dataclass(frozen=True, slots=True)
class KeyName:
    """A key as the vault holds it: its name, its version and its algorithm."""

    name: str
    version: int = 1
    algorithm: Algorithm = Algorithm.SM4


@dataclass(frozen=True, slots=True)
class KeyPath:
    """A key of one card: the vault's root and the factors still to apply, 8 bytes each, in order
    from the root (province, city, card; a city-level root has the card's alone)."""

    root: KeyName
    factors: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What a vault keeps a key to, besides its purpose; said when the key is made."""

    bits: int = 128
    """64 for a single DES key (a DES card's STK), otherwise 128."""
    levels: int | None = None
    """Factors that every use must apply: 3 from a national root, 2, 1; None leaves it open."""
    uses: int | None = None
    """Uses until the key is spent; None for no end. Each card of a batch is one use."""
    export: Export = Export.NEVER
    standing: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a vault says of a key it holds."""

    name: KeyName
    purpose: Purpose
    bits: int
    check_value: bytes
    """CMAC of zeros under the key (SM4, AES), cut to 5 bytes; the trade's 3 bytes for 3DES."""
    terms: KeyTerms = KeyTerms()
    used: int = 0
    """Uses so far; after a crash never less than the truth."""


ORDINARY = KeyTerms()
"""128 bits, active, never exported, neither counted out nor bound to a number of levels."""


class KeyVault(Protocol):
    """The few operations the running system may ask for."""

    def facts(self, key: KeyName) -> KeyFacts:
        """What is known of a key; never its bytes."""

    def internal_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """The 8 bytes a true card answers for a factor and original data of 8 bytes each."""

    def external_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """The 8 bytes that open a card's key for its latest challenge (the factor)."""

    def secure_message(
        self, key: KeyPath, factor: bytes, header: bytes, plain: bytes | None
    ) -> bytes:
        """A whole command of 5-byte header (Lc is corrected), enciphered data if any, and MAC."""

    def purchase_mac(self, key: KeyPath, spend: bytes, message: bytes) -> bytes:
        """MAC1 or MAC2 (4 bytes) of a purchase or load, under the session key of ``spend``."""

    def transaction_code(self, key: KeyPath, message: bytes) -> bytes:
        """The TAC (4 bytes) a card gave for a transaction."""

    def wrap(self, key: KeyName, under: KeyName) -> bytes:
        """The key as a key block under a transport key: TR-31, or its form bound by CMAC-SM4."""

    def diversify_and_wrap(
        self, key: KeyName, shared: tuple[bytes, ...], cards: Sequence[bytes], under: KeyName
    ) -> Sequence[bytes]:
        """One cryptogram a card: its own key (factors ``shared``, then the card's 8 bytes)
        enciphered under a transport key, for a card factory; counted card by card."""


class VaultCustody(Protocol):
    """What a ceremony may ask besides; a running door never holds this."""

    def inventory(self) -> Sequence[KeyFacts]:
        """Every key that is held, by name and version."""

    def generate(self, key: KeyName, purpose: Purpose, *, terms: KeyTerms = ORDINARY) -> KeyFacts:
        """A new key made inside; ``EXISTS`` for a name and version that is taken."""

    def add_component(self, ceremony: str, key: KeyName, component: bytes) -> bytes:
        """One custodian's part (combined by XOR inside); answers the part's own check value.

        The same part entered twice is one part, so that an unknown outcome is asked again.
        """

    def forget_components(self, ceremony: str, key: KeyName) -> None:
        """The parts of an abandoned ceremony are overwritten; nothing if there are none."""

    def combine(
        self,
        ceremony: str,
        key: KeyName,
        purpose: Purpose,
        parts: int,
        *,
        terms: KeyTerms = ORDINARY,
    ) -> KeyFacts:
        """The key of all the parts that were entered; refused unless just as many were."""

    def unwrap(
        self,
        block: bytes,
        under: KeyName,
        key: KeyName,
        purpose: Purpose,
        *,
        terms: KeyTerms = ORDINARY,
    ) -> KeyFacts:
        """A key that came as a key block."""

    def set_standing(self, key: KeyName, standing: Standing) -> KeyFacts:
        """What the key may be used for from now on."""

    def destroy(self, key: KeyName) -> None:
        """The key is gone for ever."""
