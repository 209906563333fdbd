"""Secure messaging: how header, enciphered data and MAC stand in a command (card-chip §11, §12).

The cipher is not here: a PSAM, an encryption machine or a vault computes over these bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from minka.chip.apdu import ApduFault, parse_command

MAC_BYTES = 4


@dataclass(frozen=True, slots=True)
class Secured:
    """A command under secure messaging, taken apart."""

    header: bytes
    """CLA INS P1 P2 Lc; Lc counts the MAC."""
    enciphered: bytes
    mac: bytes

    def __bytes__(self) -> bytes:
        """The whole command."""
        return self.header + self.enciphered + self.mac

    @property
    def covered(self) -> bytes:
        """What the MAC is made over: header and enciphered data, not yet filled."""
        return self.header + self.enciphered


def covered(header: bytes, enciphered: bytes) -> bytes:
    """The bytes a MAC is made over, with Lc set for what will follow."""
    return header[:4] + bytes((len(enciphered) + MAC_BYTES,)) + enciphered


def take_apart(command: bytes) -> Secured:
    """The parts of a secured command; ``ApduFault`` when it has no MAC or is not secured."""
    parsed = parse_command(command)
    if parsed.cla & 0x0F != 0x04 or len(parsed.data) < MAC_BYTES:
        raise ApduFault("no secured command")
    return Secured(parsed.header, parsed.data[:-MAC_BYTES], parsed.data[-MAC_BYTES:])


def counted(plain: bytes) -> bytes:
    """Plain data as it is enciphered: its length in front."""
    return bytes((len(plain),)) + plain


def filled(message: bytes, block: int) -> bytes:
    """A message with 80 and zeros to a whole block, always at least one byte: as a MAC takes it."""
    return message + b"\x80" + bytes(-(len(message) + 1) % block)


def aligned(data: bytes, block: int) -> bytes:
    """Data filled only when they do not end a block: as enciphering takes them."""
    return data if not len(data) % block else filled(data, block)
