"""The two sockets of a vault's process, one thread for all: a slow client stops nobody.

Questions are taken from whoever has sent a whole one, and answered one after the other; the
machine itself is never asked by two at once. Only the vault's own user may come to the custody
socket, and besides him only named friends to the other.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from minka.devices import vault_wire as wire
from minka.devices.vault_channel import (
    PUBLIC_BYTES,
    BadFrame,
    Channel,
    Hello,
    frame_length,
    peer_uid,
    reachable,
)
from minka.devices.vault_house import House
from minka.devices.vault_settings import VaultSettings
from minka.keys.vault import KeyRefused, VaultGone

MOST_CLIENTS = 256
REST_WITHIN_S = 30
"""A frame that has begun must end within this."""

_OF_THE_HOUSE = frozenset({"machine", "initialise", "unseal", "seal"})
_ENDED = (
    *(OSError, BadFrame, asyncio.IncompleteReadError, TimeoutError),
    asyncio.CancelledError,  # Every client of a process that ends.
)


class Door:
    """One socket: who may come, and what may be asked."""

    def __init__(
        self,
        house: House,
        known: dict[str, type[msgspec.Struct]],
        uids: frozenset[int],
        *,
        machine_ms: int,
    ) -> None:
        self._house = house
        self._known = known
        self._uids = uids
        self._machine_s = machine_ms / 1000
        self._clients = 0

    async def come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client from its first byte to its last."""
        connection: socket.socket = writer.get_extra_info("socket")
        self._clients += 1
        try:
            if self._clients <= MOST_CLIENTS and peer_uid(connection) in self._uids:
                channel = await self._greeted(reader, writer)
                await self._answers(channel, reader, writer)
        except _ENDED:
            pass  # The client has gone, or was none of ours.
        finally:
            self._clients -= 1
            writer.close()

    async def _greeted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Channel:
        async with asyncio.timeout(REST_WITHIN_S):
            client = await reader.readexactly(PUBLIC_BYTES)
        hello = Hello()
        channel = hello.as_server(client)
        writer.write(hello.public)
        return channel

    async def _answers(
        self, channel: Channel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            length = frame_length(await reader.readexactly(wire.LENGTH))
            async with asyncio.timeout(REST_WITHIN_S):
                sealed = await reader.readexactly(length)
            writer.write(channel.frame(self._answer(channel.content(sealed))))
            async with asyncio.timeout(REST_WITHIN_S):
                await writer.drain()

    def _answer(self, question: bytes) -> bytes:
        # A machine that never comes back ends this process: the kernel's alarm is not caught.
        signal.setitimer(signal.ITIMER_REAL, self._machine_s)
        try:
            return wire.answer(self._done(*wire.read_request(question, self._known)))
        except KeyRefused as refused:
            return wire.refusal(refused.reason)
        except msgspec.MsgspecError:
            return wire.gone("not a question of the port")
        except (VaultGone, OSError) as fault:
            self._house.faulted()
            return wire.gone(str(fault) if isinstance(fault, VaultGone) else "its disk failed")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _done(self, operation: str, message: Any) -> object:
        on = self._house if operation in _OF_THE_HOUSE else self._house.vault()
        done: object = getattr(on, operation)(**wire.arguments(message))
        return done


async def serve(settings: VaultSettings, house: House, lifeline: int | None = None) -> None:
    """Answers on both sockets until the process is told to end, or its starter's end is closed."""
    own = os.getuid()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline is not None:
        loop.add_reader(lifeline, stop.set)
    everyone = frozenset({own, 0, *settings.friends})
    doors = (
        (settings.socket, Door(house, wire.OPERATIONS, everyone, machine_ms=settings.machine_ms)),
        (
            settings.custody_socket,
            Door(house, wire.CUSTODY, frozenset({own, 0}), machine_ms=settings.machine_ms),
        ),
    )
    servers = [await _listen(path, door) for path, door in doors]
    if settings.friends:
        settings.socket.chmod(0o666)  # The kernel's word on the peer decides, not the mode.
    try:
        await stop.wait()
    finally:
        for server in servers:
            server.close()
        house.close()
        for path, _ in doors:
            path.unlink(missing_ok=True)


async def _listen(path: Path, door: Door) -> asyncio.Server:
    with suppress(FileNotFoundError):
        path.unlink()  # Left by a process that was killed: the lock says that it is gone.
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with reachable(path) as name:
            listener.bind(name)
    finally:
        os.umask(before)
    return await asyncio.start_unix_server(door.come, sock=listener)


def say(words: str) -> None:
    """A line for whoever started the process; never a key, a share or a message."""
    sys.stderr.write(f"vault: {words}\n")
