"""Frames of a vault's socket: who is at the other end, and bytes that nobody beside can read.

Both ends send an X25519 key made for this connection (RFC 7748); HKDF-SHA256 of the secret gives
each direction an AES-128-GCM key, whose nonce counts the frames. That the other end is the right
one is the kernel's word (SO_PEERCRED), not the channel's. So PINs, components and shares pass the
socket only enciphered, and a frame that is cut, repeated or changed ends the connection.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from minka.devices.vault_wire import LENGTH, MOST_BYTES

PUBLIC_BYTES = 32
MOST_PATH = 108
_LABEL = b"minka vault channel 1"
_CREDENTIALS = struct.Struct("3i")


class BadFrame(Exception):
    """Bytes that are no frame of this channel; the connection ends."""


class Hello:
    """One end of a channel before it stands."""

    def __init__(self) -> None:
        self._secret = X25519PrivateKey.generate()
        self.public = self._secret.public_key().public_bytes_raw()

    def as_client(self, server: bytes) -> Channel:
        """The client's end, once the server's public key is known."""
        ours, theirs = self._keys(server, self.public + server)
        return Channel(send=ours, receive=theirs)

    def as_server(self, client: bytes) -> Channel:
        """The server's end, once the client's public key is known."""
        theirs, ours = self._keys(client, client + self.public)
        return Channel(send=ours, receive=theirs)

    def _keys(self, other: bytes, both: bytes) -> tuple[bytes, bytes]:
        try:
            shared = self._secret.exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError:
            raise BadFrame("no public key") from None
        made = HKDF(SHA256(), 32, both, _LABEL).derive(shared)
        return made[:16], made[16:]


class Channel:
    """A standing channel: seals what is sent, opens what comes, each frame in its turn."""

    def __init__(self, *, send: bytes, receive: bytes) -> None:
        self._send, self._receive = AESGCM(send), AESGCM(receive)
        self._sent = self._received = 0

    def __repr__(self) -> str:
        return "Channel(…)"

    def frame(self, content: bytes) -> bytes:
        """The next frame to send: its length and the sealed content."""
        sealed = self._send.encrypt(self._sent.to_bytes(12), content, None)
        self._sent += 1
        return len(sealed).to_bytes(LENGTH) + sealed

    def content(self, sealed: bytes) -> bytes:
        """What the next frame held; ``BadFrame`` for any other."""
        try:
            content = self._receive.decrypt(self._received.to_bytes(12), sealed, None)
        except (InvalidTag, ValueError):
            raise BadFrame("a frame out of its turn, or changed") from None
        self._received += 1
        return content


def frame_length(head: bytes) -> int:
    """How many bytes follow a frame's head; ``BadFrame`` for more than any message has."""
    length = int.from_bytes(head)
    if not 16 <= length <= MOST_BYTES:
        raise BadFrame("a frame of an impossible length")
    return length


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end, as the kernel knows it."""
    given = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(given)
    return int(uid)


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for a socket's path that fits its address, which holds 107 bytes only."""
    if len(os.fsencode(path)) < MOST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
