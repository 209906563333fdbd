"""Tag, length, value: the short form of the card's records and the proper form of ISO 8825.

A record of a card has one byte of tag and one of length (card-chip §4). Templates such as the FCI
are BER: tags of one or two bytes, lengths of one to three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class TlvFault(Exception):
    """Bytes that end in the middle of an element, or a length that is none."""


@dataclass(frozen=True, slots=True)
class Tlv:
    """One element; the value's bytes are not looked into."""

    tag: int
    value: bytes

    def __bytes__(self) -> bytes:
        """The element as BER; a card's own records are written by ``record``."""
        wide = 2 if self.tag > 0xFF else 1
        return self.tag.to_bytes(wide) + _length(len(self.value)) + self.value


def record(tag: int, value: bytes) -> bytes:
    """One record of a card: tag, length, value; at most 255 bytes of value."""
    return bytes((tag, len(value))) + value


def records(data: bytes) -> Iterator[Tlv]:
    """The records of a card that stand one after another; ``TlvFault`` for a torn one.

    The length byte of the card is trusted, not the table. Zeros and FFs after the last record are
    unused room and end the reading.
    """
    place = 0
    while place < len(data) and data[place] not in (0x00, 0xFF):
        if place + 2 > len(data):
            raise TlvFault("a record without its length")
        end = place + 2 + data[place + 1]
        if end > len(data):
            raise TlvFault(f"record {data[place]:02X} ends outside")
        yield Tlv(data[place], data[place + 2 : end])
        place = end


def elements(data: bytes) -> Iterator[Tlv]:
    """The BER elements that stand one after another; ``TlvFault`` for a torn one."""
    place = 0
    while place < len(data):
        try:
            tag, place = _read_tag(data, place)
            length, place = _read_length(data, place)
        except IndexError:
            raise TlvFault("an element without tag or length") from None
        if place + length > len(data):
            raise TlvFault(f"element {tag:X} ends outside")
        yield Tlv(tag, data[place : place + length])
        place += length


def find(data: bytes, *path: int) -> bytes | None:
    """The value of the first element along a path of tags, one level each; None when missing."""
    for tag in path:
        found = next((element for element in elements(data) if element.tag == tag), None)
        if found is None:
            return None
        data = found.value
    return data


def template(tag: int, inside: Iterable[Tlv]) -> bytes:
    """An element that holds elements."""
    return bytes(Tlv(tag, b"".join(map(bytes, inside))))


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    return b"\x81" + length.to_bytes(1) if length < 0x100 else b"\x82" + length.to_bytes(2)


def _read_tag(data: bytes, place: int) -> tuple[int, int]:
    first = data[place]
    if first & 0x1F != 0x1F:
        return first, place + 1
    return first << 8 | data[place + 1], place + 2


def _read_length(data: bytes, place: int) -> tuple[int, int]:
    first = data[place]
    if first < 0x80:
        return first, place + 1
    wide = first & 0x7F
    if not 1 <= wide <= 2:
        raise TlvFault(f"a length of {wide} bytes")
    end = place + 1 + wide
    if end > len(data):
        raise TlvFault("an element without its length")
    return int.from_bytes(data[place + 1 : end]), end
