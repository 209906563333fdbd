"""What of a message is authenticated, by the dialect's rule; the keys are elsewhere.

The MAC is the last field: 64, or 128 when there is a second bitmap. Either the whole message from
its type up to the MAC is authenticated, or the values of named fields with one blank between them;
a field that is absent leaves its place empty, so that no value can pass for another field's.
"""

from __future__ import annotations

from collections.abc import Mapping

from minka.wire.iso8583.codec import Codec
from minka.wire.iso8583.dialect import HIGHEST, Dialect
from minka.wire.iso8583.message import Message, Value

MAC_BYTES = 8
_EMPTY = bytes(MAC_BYTES)


def mac_field(fields: Mapping[int, Value]) -> int:
    """The number of the field the MAC belongs in."""
    return HIGHEST if any(number > 64 for number in fields) else 64


def sealed(codec: Codec, body: bytes, message: Message) -> tuple[bytes, bytes] | None:
    """What a received message authenticates, and its MAC; None when it carries none at its end."""
    number = mac_field(message.fields)
    mac = message.fields.get(number)
    if not isinstance(mac, bytes):
        return None
    return _content(codec.dialect, body[:-MAC_BYTES], message), mac


def unsealed(codec: Codec, message: Message) -> tuple[bytes, bytes]:
    """The message written up to its MAC, and what the MAC must be of; join body and MAC to send."""
    fields = {**message.fields, mac_field(message.fields): _EMPTY}
    placed = Message(message.kind, fields, message.tpdu)
    body = codec.encode(placed)[:-MAC_BYTES]
    return body, _content(codec.dialect, body, placed)


def _content(dialect: Dialect, body: bytes, message: Message) -> bytes:
    if not dialect.mac_over:
        return body[dialect.tpdu_bytes + len(dialect.header) :]
    return " ".join(_text(message, number) for number in dialect.mac_over).encode("ascii")


def _text(message: Message, number: int) -> str:
    value = message.fields.get(number, "") if number else message.kind
    return value.hex().upper() if isinstance(value, bytes) else value
