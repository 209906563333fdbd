"""The words of a vault's socket: length, then a msgspec message built from the port itself.

Each operation of ``KeyVault`` and ``VaultCustody`` has a message whose fields are the method's own
parameters, so that the port is written once. An answer is a value, a refusal, or "gone".
"""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any, Protocol, get_type_hints

import msgspec

from minka.keys.vault import KeyReason, KeyVault, VaultCustody

MOST_BYTES = 16 * 1024 * 1024
"""A batch of a card factory is far below this; anything longer is no message of ours."""

LENGTH = 4


class Lock(Enum):
    """Whether a vault's keys can be used."""

    OPEN = "open"
    SEALED = "sealed"
    EMPTY = "empty"
    """No master key was ever made."""


class MachineFacts(msgspec.Struct, frozen=True):
    """What a vault says of itself."""

    kind: str
    maker: str
    lock: Lock
    shares_needed: int = 0
    """Custodians who must still enter their share; 0 when unknown or none."""
    protection: tuple[str, ...] = ()
    """What the operating system let the process do for its memory."""
    stand_in: str = ""
    """Why this is no real machine; empty for one."""


class VaultDoor(Protocol):
    """What a vault's socket answers besides the port."""

    def machine(self) -> MachineFacts:
        """Which machine this is and whether it is open."""


class CustodyDoor(VaultDoor, Protocol):
    """What the custody socket answers besides the port."""

    def initialise(self, threshold: int, custodians: int) -> tuple[str, ...]:
        """A new master key as SLIP-39 shares, one a custodian, shown once and never again."""

    def unseal(self, share: str) -> MachineFacts:
        """One custodian's share; opens when enough were entered."""

    def seal(self) -> MachineFacts:
        """Keys are forgotten until custodians open the vault again."""


class Request(msgspec.Struct, array_like=True, frozen=True):
    """One question: the operation's name and its message."""

    operation: str
    content: msgspec.Raw


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer: a value, or why not."""

    value: msgspec.Raw = msgspec.Raw(b"\xc0")
    refused: KeyReason | None = None
    gone: str | None = None


def _messages(*ports: type) -> dict[str, type[msgspec.Struct]]:
    found = {}
    for port in ports:
        for name, method in inspect.getmembers(port, inspect.isfunction):
            if not name.startswith("_"):
                found[name] = _message(name, method)
    return found


def _message(name: str, method: Any) -> type[msgspec.Struct]:
    hints = get_type_hints(method)
    fields = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        given = (parameter.name, hints[parameter.name])
        bare = parameter.default is inspect.Parameter.empty
        fields.append(given if bare else (*given, parameter.default))
    return msgspec.defstruct(f"{name}_message", fields, kw_only=True, forbid_unknown_fields=True)


OPERATIONS = _messages(KeyVault, VaultDoor)
CUSTODY = _messages(KeyVault, VaultCustody, CustodyDoor)


def request(operation: str, arguments: dict[str, Any]) -> bytes:
    """A question as bytes; the arguments by the names of the port."""
    content = msgspec.Raw(msgspec.msgpack.encode(arguments))
    return msgspec.msgpack.encode(Request(operation, content))


def read_request(content: bytes, known: dict[str, type[msgspec.Struct]]) -> tuple[str, Any]:
    """Operation and message; ``msgspec.ValidationError`` for what the port does not know."""
    asked = msgspec.msgpack.decode(content, type=Request)
    if asked.operation not in known:
        raise msgspec.ValidationError("no such operation on this socket")
    return asked.operation, msgspec.msgpack.decode(asked.content, type=known[asked.operation])


def arguments(message: Any) -> dict[str, Any]:
    """A message's fields by name, as the method takes them."""
    return {name: getattr(message, name) for name in message.__struct_fields__}


def answer(value: object) -> bytes:
    """A value as an answer's bytes."""
    return msgspec.msgpack.encode(Answer(msgspec.Raw(msgspec.msgpack.encode(value))))


def refusal(reason: KeyReason) -> bytes:
    """A refusal as an answer's bytes."""
    return msgspec.msgpack.encode(Answer(refused=reason))


def gone(why: str) -> bytes:
    """The machine's silence as an answer's bytes."""
    return msgspec.msgpack.encode(Answer(gone=why))


def read_answer(content: bytes) -> Answer:
    """An answer; ``msgspec.MsgspecError`` for anything else."""
    return msgspec.msgpack.decode(content, type=Answer)
