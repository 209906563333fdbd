"""Messages in a stream of bytes: each behind its length, and the five-byte TPDU turned round."""

from __future__ import annotations

from minka.wire.iso8583.dialect import Dialect, FrameLength
from minka.wire.iso8583.faults import Flaw, MessageFault


def framed(dialect: Dialect, body: bytes) -> bytes:
    """A message behind its length; ``MessageFault`` when it is longer than the dialect allows."""
    if len(body) > dialect.most_bytes:
        raise MessageFault(Flaw.FRAME_TOO_LONG)
    if dialect.frame is FrameLength.BINARY_2:
        return len(body).to_bytes(2, "big") + body
    return f"{len(body):04d}".encode() + body


class Deframer:
    """Cuts a stream into messages, however the bytes arrive; one for each line."""

    def __init__(self, dialect: Dialect) -> None:
        self._binary = dialect.frame is FrameLength.BINARY_2
        self._most = dialect.most_bytes
        self._width = 2 if self._binary else 4
        self._held = bytearray()

    def feed(self, arrived: bytes) -> list[bytes]:
        """The messages that are now whole.

        ``MessageFault`` when the length is none or too long: the line cannot be read on after it.
        """
        held = self._held
        held += arrived
        whole, at = [], 0
        while len(held) - at >= self._width:
            size = self._size(bytes(held[at : at + self._width]))
            end = at + self._width + size
            if len(held) < end:
                break
            whole.append(bytes(held[at + self._width : end]))
            at = end
        del held[:at]
        return whole

    @property
    def waiting(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._held)

    def _size(self, length: bytes) -> int:
        if self._binary:
            size = int.from_bytes(length, "big")
        elif length.isdigit():
            size = int(length)
        else:
            raise MessageFault(Flaw.FRAME_LENGTH)
        if not size:
            raise MessageFault(Flaw.FRAME_LENGTH)
        if size > self._most:
            raise MessageFault(Flaw.FRAME_TOO_LONG)
        return size


def turned(tpdu: bytes) -> bytes:
    """The TPDU of the answer: destination and origin change places."""
    return tpdu[:1] + tpdu[3:5] + tpdu[1:3]
