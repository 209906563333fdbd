"""The algorithms a card may name in its FCI, and the ciphers behind them."""

from __future__ import annotations

from enum import Enum, IntEnum


class HsmOnly(Exception):
    """SSF33 is not public; a card that names it needs a real encryption machine or PSAM."""


class Algorithm(IntEnum):
    """The algorithm a card names in its FCI (template 9F0C, tag 86)."""

    TRIPLE_DES = 1
    SSF33 = 2
    SM4 = 3

    @property
    def block(self) -> int:
        """Bytes of a block."""
        return 8 if self is Algorithm.TRIPLE_DES else 16


class BlockCipher(Enum):
    """A block cipher that keys may be for; the value is its name in configuration."""

    TRIPLE_DES = "3des"
    AES = "aes"
    SM4 = "sm4"

    @property
    def block(self) -> int:
        """Bytes of a block."""
        return 8 if self is BlockCipher.TRIPLE_DES else 16

    @property
    def key_bytes(self) -> tuple[int, ...]:
        """Lengths a key may have."""
        return _KEY_BYTES[self]

    @classmethod
    def of_card(cls, algorithm: Algorithm) -> BlockCipher:
        """The cipher behind a card's algorithm; ``HsmOnly`` for SSF33."""
        if algorithm is Algorithm.SSF33:
            raise HsmOnly
        return cls.SM4 if algorithm is Algorithm.SM4 else cls.TRIPLE_DES


_KEY_BYTES = {
    BlockCipher.TRIPLE_DES: (8, 16, 24),
    BlockCipher.AES: (16, 24, 32),
    BlockCipher.SM4: (16,),
}
