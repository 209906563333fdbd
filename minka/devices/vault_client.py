"""A vault at the other end of its socket, as every door and desk holds it.

Whatever goes wrong on the way is ``VaultGone`` within the patience of the settings: no socket, no
answer, half an answer, another user's process. The next call connects anew. A connection that the
vault has closed meanwhile is noticed before anything is sent on it.
"""

from __future__ import annotations

import os
import select
import socket
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

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
from minka.devices.vault_settings import Duty, VaultSettings
from minka.devices.vault_wire import LENGTH, MachineFacts
from minka.keys.vault import (
    ORDINARY,
    KeyFacts,
    KeyName,
    KeyPath,
    KeyRefused,
    KeyTerms,
    Purpose,
    Standing,
    VaultGone,
)
from minka.kit.clock import monotonic_ns

T = TypeVar("T")
_WORLD = (OSError, EOFError, BadFrame, msgspec.MsgspecError)


class Line:
    """One connection to a vault."""

    def __init__(self, path: Path, deadline_ns: int) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._wait(deadline_ns)
            with reachable(path) as name:
                self._socket.connect(name)
            if peer_uid(self._socket) not in (0, path.stat().st_uid):
                raise BadFrame("another user's process listens there")
            hello = Hello()
            self._socket.sendall(hello.public)
            self._channel: Channel = hello.as_client(self._exactly(PUBLIC_BYTES, deadline_ns))
        except _WORLD:
            self.close()
            raise

    def ask(self, question: bytes, deadline_ns: int) -> bytes:
        """The answer to one question."""
        self._wait(deadline_ns)
        self._socket.sendall(self._channel.frame(question))
        length = frame_length(self._exactly(LENGTH, deadline_ns))
        return self._channel.content(self._exactly(length, deadline_ns))

    def is_quiet(self) -> bool:
        """Whether the vault has neither closed the connection nor said anything unasked."""
        watch = select.poll()
        watch.register(self._socket, select.POLLIN)
        return not watch.poll(0)

    def close(self) -> None:
        """The connection is ended."""
        self._socket.close()

    def _exactly(self, length: int, deadline_ns: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            self._wait(deadline_ns)
            piece = self._socket.recv(length - len(found))
            if not piece:
                raise EOFError("the vault hung up")
            found += piece
        return bytes(found)

    def _wait(self, deadline_ns: int) -> None:
        left_ns = deadline_ns - monotonic_ns()
        if left_ns <= 0:
            raise TimeoutError("the vault is too slow")
        self._socket.settimeout(left_ns / 1_000_000_000)


class VaultClient:
    """``KeyVault`` at a socket; may be used by many threads and survives a fork."""

    def __init__(self, settings: VaultSettings, path: Path | None = None) -> None:
        self._settings = settings
        self._path = path or settings.socket
        self._idle: deque[Line] = deque()
        self._process = os.getpid()

    def machine(self) -> MachineFacts:
        """Which machine this is and whether it is open."""
        return self._ask("machine", MachineFacts)

    def facts(self, key: KeyName) -> KeyFacts:
        """See ``KeyVault.facts``."""
        return self._ask("facts", KeyFacts, key=key)

    def internal_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """See ``KeyVault.internal_authentication``."""
        return self._ask(
            "internal_authentication", bytes, key=key, factor=factor, original=original
        )

    def external_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """See ``KeyVault.external_authentication``."""
        return self._ask(
            "external_authentication", bytes, key=key, factor=factor, original=original
        )

    def secure_message(
        self, key: KeyPath, factor: bytes, header: bytes, plain: bytes | None
    ) -> bytes:
        """See ``KeyVault.secure_message``."""
        return self._ask(
            "secure_message", bytes, key=key, factor=factor, header=header, plain=plain
        )

    def purchase_mac(self, key: KeyPath, spend: bytes, message: bytes) -> bytes:
        """See ``KeyVault.purchase_mac``."""
        return self._ask("purchase_mac", bytes, key=key, spend=spend, message=message)

    def transaction_code(self, key: KeyPath, message: bytes) -> bytes:
        """See ``KeyVault.transaction_code``."""
        return self._ask("transaction_code", bytes, key=key, message=message)

    def wrap(self, key: KeyName, under: KeyName) -> bytes:
        """See ``KeyVault.wrap``."""
        return self._ask("wrap", bytes, key=key, under=under)

    def diversify_and_wrap(
        self, key: KeyName, shared: tuple[bytes, ...], cards: Sequence[bytes], under: KeyName
    ) -> Sequence[bytes]:
        """See ``KeyVault.diversify_and_wrap``."""
        return self._ask(
            "diversify_and_wrap", list[bytes], key=key, shared=shared, cards=cards, under=under
        )

    def close(self) -> None:
        """Idle connections are ended."""
        while self._idle:
            self._idle.pop().close()

    def _ask(self, operation: str, answer: type[T], **arguments: Any) -> T:
        question = wire.request(operation, arguments)
        try:
            found = self._exchange(question)
            if found.refused is None and found.gone is None:
                return msgspec.msgpack.decode(found.value, type=answer)
        except _WORLD as fault:
            raise VaultGone(f"{operation}: {type(fault).__name__}: {fault}") from None
        if found.refused is not None:
            raise KeyRefused(found.refused)
        raise VaultGone(f"{operation}: {found.gone}")

    def _exchange(self, question: bytes) -> wire.Answer:
        deadline_ns = monotonic_ns() + self._settings.patience_ms * 1_000_000
        line = self._line(deadline_ns)
        try:
            found = wire.read_answer(line.ask(question, deadline_ns))
        except _WORLD:
            line.close()
            raise
        self._idle.append(line)
        return found

    def _line(self, deadline_ns: int) -> Line:
        if self._process != os.getpid():
            self._idle, self._process = deque(), os.getpid()
        while True:
            try:
                line = self._idle.pop()
            except IndexError:
                return self._connected(deadline_ns)
            if line.is_quiet():
                return line
            line.close()

    def _connected(self, deadline_ns: int) -> Line:
        line = Line(self._path, deadline_ns)
        if self._settings.duty is Duty.PRODUCTION:
            asked = line.ask(wire.request("machine", {}), deadline_ns)
            facts = msgspec.msgpack.decode(wire.read_answer(asked).value, type=MachineFacts)
            if facts.stand_in:
                line.close()
                raise BadFrame("production does not use a stand-in")
        return line


class CustodyClient(VaultClient):
    """``VaultCustody`` at the ceremony's own socket; a running door never holds this."""

    def __init__(self, settings: VaultSettings) -> None:
        super().__init__(settings, settings.custody_socket)

    def inventory(self) -> Sequence[KeyFacts]:
        """See ``VaultCustody.inventory``."""
        return self._ask("inventory", list[KeyFacts])

    def generate(self, key: KeyName, purpose: Purpose, *, terms: KeyTerms = ORDINARY) -> KeyFacts:
        """See ``VaultCustody.generate``."""
        return self._ask("generate", KeyFacts, key=key, purpose=purpose, terms=terms)

    def add_component(self, ceremony: str, key: KeyName, component: bytes) -> bytes:
        """See ``VaultCustody.add_component``."""
        return self._ask("add_component", bytes, ceremony=ceremony, key=key, component=component)

    def forget_components(self, ceremony: str, key: KeyName) -> None:
        """See ``VaultCustody.forget_components``."""
        return self._ask("forget_components", type(None), ceremony=ceremony, key=key)

    def combine(
        self,
        ceremony: str,
        key: KeyName,
        purpose: Purpose,
        parts: int,
        *,
        terms: KeyTerms = ORDINARY,
    ) -> KeyFacts:
        """See ``VaultCustody.combine``."""
        given = {"ceremony": ceremony, "key": key, "purpose": purpose, "parts": parts}
        return self._ask("combine", KeyFacts, **given, terms=terms)

    def unwrap(
        self,
        block: bytes,
        under: KeyName,
        key: KeyName,
        purpose: Purpose,
        *,
        terms: KeyTerms = ORDINARY,
    ) -> KeyFacts:
        """See ``VaultCustody.unwrap``."""
        given = {"block": block, "under": under, "key": key, "purpose": purpose}
        return self._ask("unwrap", KeyFacts, **given, terms=terms)

    def set_standing(self, key: KeyName, standing: Standing) -> KeyFacts:
        """See ``VaultCustody.set_standing``."""
        return self._ask("set_standing", KeyFacts, key=key, standing=standing)

    def destroy(self, key: KeyName) -> None:
        """See ``VaultCustody.destroy``."""
        return self._ask("destroy", type(None), key=key)

    def initialise(self, threshold: int, custodians: int) -> tuple[str, ...]:
        """A new master key as SLIP-39 shares, one a custodian, shown once and never again."""
        return self._ask("initialise", tuple[str, ...], threshold=threshold, custodians=custodians)

    def unseal(self, share: str) -> MachineFacts:
        """One custodian's share; the vault opens when enough were entered."""
        return self._ask("unseal", MachineFacts, share=share)

    def seal(self) -> MachineFacts:
        """Keys are forgotten until custodians open the vault again."""
        return self._ask("seal", MachineFacts)
