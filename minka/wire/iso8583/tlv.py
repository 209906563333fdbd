"""Field 55: data of the chip as BER-TLV (ISO/IEC 8825-1, as EMV uses it), read flat."""

from __future__ import annotations

from minka.wire.iso8583.faults import Flaw, MessageFault

_FIELD = 55


def read_tlv(content: bytes, field: int = _FIELD) -> tuple[tuple[bytes, bytes], ...]:
    """Tags and values in order; ``MessageFault`` for anything that is not TLV to its last byte."""
    at, found = 0, []
    while at < len(content):
        tag, at = _tag(content, at, field)
        size, at = _size(content, at, field)
        if at + size > len(content):
            raise MessageFault(Flaw.TLV, field)
        found.append((tag, content[at : at + size]))
        at += size
    return tuple(found)


def write_tlv(objects: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """The objects one after another, lengths in their shortest form."""
    return b"".join(tag + _written_size(len(value)) + value for tag, value in objects)


def _tag(content: bytes, at: int, field: int) -> tuple[bytes, int]:
    end = at + 1
    if content[at] & 0x1F == 0x1F:
        while end < len(content) and content[end] & 0x80 and end - at < 3:
            end += 1
        end += 1
    if end > len(content) or (end - at > 1 and content[end - 1] & 0x80):
        raise MessageFault(Flaw.TLV, field)
    return content[at:end], end


def _size(content: bytes, at: int, field: int) -> tuple[int, int]:
    if at >= len(content):
        raise MessageFault(Flaw.TLV, field)
    first = content[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    end = at + 1 + count
    if count not in (1, 2) or end > len(content):
        raise MessageFault(Flaw.TLV, field)
    return int.from_bytes(content[at + 1 : end], "big"), end


def _written_size(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
