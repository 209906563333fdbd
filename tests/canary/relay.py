"""Wires that are listened to: whatever passes is written down, byte for byte.

The outer relay sees what a listener between two machines sees. TLS ends at an inner relay, as it
does at the proxy in front of a real city; that one sees what stood within it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

PIECE = 1 << 16
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Open = Callable[[], Awaitable[Streams]]


@dataclass
class Tape:
    """What passed in each direction, of all connections."""

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


class Relays:
    """A thread with a loop for all relays of a test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []
        self._thread.start()

    def tcp(self, port: int, tape: Tape, tls: ssl.SSLContext | None = None) -> int:
        """A port of loopback whose traffic goes on to another; with TLS up to here if asked."""

        async def listening() -> asyncio.Server:
            async def on() -> Streams:
                return await asyncio.open_connection("127.0.0.1", port)

            return await asyncio.start_server(_between(on, tape), "127.0.0.1", 0, ssl=tls)

        server = self._made(listening())
        return int(server.sockets[0].getsockname()[1])

    def unix(self, here: Path, there: Path, tape: Tape) -> None:
        """A Unix socket whose traffic goes on to another."""

        async def listening() -> asyncio.Server:
            async def on() -> Streams:
                return await asyncio.open_unix_connection(there)

            return await asyncio.start_unix_server(_between(on, tape), here)

        self._made(listening())

    def close(self) -> None:
        """Nothing listens any more."""
        for server in self._servers:
            self._loop.call_soon_threadsafe(server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _made(self, listening: Awaitable[asyncio.Server]) -> asyncio.Server:
        async def made() -> asyncio.Server:
            return await listening

        server = asyncio.run_coroutine_threadsafe(made(), self._loop).result(10)
        self._servers.append(server)
        return server


def _between(on: Open, tape: Tape) -> Callable[..., Awaitable[None]]:
    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            inner_reader, inner_writer = await on()
            await asyncio.gather(
                _pump(reader, inner_writer, tape.asked),
                _pump(inner_reader, writer, tape.answered),
            )

    return come


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tape: bytearray
) -> None:
    with suppress(OSError, asyncio.CancelledError):
        while piece := await reader.read(PIECE):
            tape += piece
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextmanager
def relays() -> Iterator[Relays]:
    """Relays that end with the block."""
    made = Relays()
    try:
        yield made
    finally:
        made.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for 127.0.0.1 with a certificate of this run's own: the server's side, the client's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    shown, hidden = folder / "city.pem", folder / "city.key"
    shown.write_bytes(made.public_bytes(Encoding.PEM))
    hidden.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(shown, hidden)
    return server, ssl.create_default_context(cafile=str(shown))
