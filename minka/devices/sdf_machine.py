"""A GM/T 0018 device (SDF) as the vault's machine.

The device has no derivation of symmetric keys, so card keys and session keys are enciphered out
of it and lent back to it: they pass through this process, which overwrites them. A root that the
device made never leaves it: it is remembered only under the device's own key (KEK). A root that
was entered in components, and every 3DES root, is remembered enciphered under a key of the device
and passes through the process each time it is loaded.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from ctypes import c_void_p
from dataclasses import dataclass
from functools import partial

import msgspec

from minka.cipher.card_key import Algorithm
from minka.cipher.octets import xor
from minka.devices.sdf_library import STANDARD, SdfLibrary
from minka.devices.vault_card import CardVault
from minka.devices.vault_keeping import CodedFile, read_whole, wipe, write_whole
from minka.devices.vault_machine import (
    authentication_by,
    check_value_by,
    enciphered_by,
    mac_by,
    spread,
    transaction_code_by,
    unwrap_by,
)
from minka.devices.vault_settings import SdfSettings, VaultSettings
from minka.devices.vault_shelf import Shelf
from minka.keys.block import Blocked
from minka.keys.vault import KeyFacts, KeyReason, KeyRefused, VaultGone

START = 16
_PREFIX = {Algorithm.TRIPLE_DES: "DES3", Algorithm.SM4: "SM4"}


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key in the device by its handle; ``bits`` are 64 or 128."""

    algorithm: Algorithm
    bits: int
    handle: c_void_p


class Remembered(msgspec.Struct, frozen=True):
    """A key outside the device: under its KEK, or under its storing key with an initial value."""

    under_kek: bytes = b""
    start: bytes = b""
    stored: bytes = b""
    length: int = 0


class OwnKeys(msgspec.Struct, frozen=True):
    """The two keys the vault itself asks of a device, each under its KEK."""

    storing: bytes
    vouching: bytes


class SdfMachine:
    """``Machine`` over an open session of a device."""

    def __init__(self, library: SdfLibrary, settings: SdfSettings, own: OwnKeys) -> None:
        facts = library.facts()
        self._library = library
        self._maker = facts.maker
        self._numbers = {**STANDARD, **settings.algorithms}
        self._kek = settings.kek_index
        self._most = max(facts.buffer_bytes // 16 * 16, 16) if facts.buffer_bytes else 1 << 20
        sm4 = self._number(Algorithm.SM4, "ecb")
        self._storing = library.restore(own.storing, sm4, self._kek)
        self._vouching = library.restore(own.vouching, sm4, self._kek)

    def maker(self) -> str:
        """See ``Machine.maker``."""
        return self._maker

    def code(self, content: bytes) -> bytes:
        """The device's word for the vault's file."""
        return self._last(self._vouching, Algorithm.SM4, content)

    def make(self, algorithm: Algorithm, bits: int) -> bytearray:
        """See ``Machine.make``."""
        if algorithm is Algorithm.SM4:
            mode = self._number(algorithm, "ecb")
            blob, handle = self._library.generate(bits, mode, self._kek)
            self._library.drop(handle)
            return bytearray(msgspec.msgpack.encode(Remembered(under_kek=blob)))
        self._number(algorithm, "ecb")
        value = self._library.random(bits // 8)
        try:
            return self.take(algorithm, value)
        finally:
            wipe(value)

    def take(self, algorithm: Algorithm, value: bytearray) -> bytearray:
        """See ``Machine.take``."""
        self._number(algorithm, "ecb")
        start = secrets.token_bytes(START)
        filled = bytearray(value.ljust(16, b"\0"))
        mode = self._number(Algorithm.SM4, "cbc")
        try:
            stored = self._library.encrypt(self._storing, mode, bytes(filled), start)
        finally:
            wipe(filled)
        kept = Remembered(start=start, stored=bytes(stored), length=len(value))
        return bytearray(msgspec.msgpack.encode(kept))

    def load(self, algorithm: Algorithm, bits: int, stored: bytearray) -> DeviceKey:
        """See ``Machine.load``."""
        kept = msgspec.msgpack.decode(stored, type=Remembered)
        if kept.under_kek:
            mode = self._number(algorithm, "ecb")
            handle = self._library.restore(kept.under_kek, mode, self._kek)
            return DeviceKey(algorithm, bits, handle)
        mode = self._number(Algorithm.SM4, "cbc")
        value = self._library.decrypt(self._storing, mode, kept.stored, kept.start)
        del value[kept.length :]
        try:
            return self.lend(algorithm, value)
        finally:
            wipe(value)

    def forget(self, stored: bytearray) -> None:
        """Nothing of a root stays in the device; what was remembered is overwritten."""
        wipe(stored)

    def lend(self, algorithm: Algorithm, value: bytearray) -> DeviceKey:
        """See ``Machine.lend``."""
        self._number(algorithm, "ecb")
        if len(value) not in ((8, 16) if algorithm.block == 8 else (16,)):
            raise KeyRefused(KeyReason.BAD_PARTS)
        whole = bytearray(value)
        if algorithm.block == 8:
            whole = value * 3 if len(value) == 8 else value + value[:8]
        try:
            return DeviceKey(algorithm, 8 * len(value), self._library.lend(whole))
        finally:
            wipe(whole)

    def drop(self, key: DeviceKey) -> None:
        """See ``Machine.drop``."""
        with suppress(VaultGone):
            self._library.drop(key.handle)

    def derive(self, key: DeviceKey, factor: bytes) -> DeviceKey:
        """See ``Machine.derive``."""
        short = key.bits == 64
        return self._made(key, factor if short else factor + xor(factor, b"\xff" * 8))

    def session(self, key: DeviceKey, random: bytes) -> DeviceKey:
        """See ``Machine.session``."""
        return self._made(key, random.ljust(key.algorithm.block, b"\0"))

    def authentication(self, key: DeviceKey, original: bytes) -> bytes:
        """See ``Machine.authentication``."""
        return authentication_by(key.algorithm, self._blocks(key), original)

    def enciphered(self, key: DeviceKey, plain: bytes) -> bytes:
        """See ``Machine.enciphered``."""
        return enciphered_by(key.algorithm, self._blocks(key), plain)

    def mac(self, key: DeviceKey, message: bytes) -> bytes:
        """See ``Machine.mac``."""
        algorithm = key.algorithm
        return mac_by(algorithm, lambda m: self._last(key.handle, algorithm, m), message)

    def transaction_code(self, key: DeviceKey, factors: tuple[bytes, ...], message: bytes) -> bytes:
        """See ``Machine.transaction_code``."""
        return transaction_code_by(self, key, factors, message)

    def folded(self, key: DeviceKey, factor: bytes) -> DeviceKey:
        """See ``Folding.folded``."""
        card = self._encrypt(key, spread(factor))
        folded = bytearray(xor(bytes(card[:8]), bytes(card[8:])))
        try:
            return self.lend(key.algorithm, folded)
        finally:
            wipe(card)
            wipe(folded)

    def each(self, key: DeviceKey, factors: bytes, under: DeviceKey) -> bytes:
        """See ``Machine.each``."""
        made = self._encrypt(key, factors if key.bits == 64 else spread(factors))
        try:
            return bytes(self._encrypt(under, bytes(made)))
        finally:
            wipe(made)

    def wrap(self, facts: KeyFacts, key: DeviceKey, under: DeviceKey) -> bytes:  # noqa: ARG002
        """No root leaves a device."""
        raise KeyRefused(KeyReason.NOT_EXPORTABLE)

    def unwrap(self, block: bytes, under: DeviceKey) -> Blocked:
        """See ``Machine.unwrap``; the key's bytes pass through this process on their way in."""
        last_block = partial(self._last, under.handle, under.algorithm)
        return unwrap_by(under.algorithm, self._blocks(under), last_block, block)

    def check_value(self, key: DeviceKey) -> bytes:
        """See ``Machine.check_value``."""
        return check_value_by(key.algorithm, self._blocks(key))

    def close(self) -> None:
        """See ``Machine.close``."""
        with suppress(VaultGone):
            for handle in (self._storing, self._vouching):
                self._library.drop(handle)
        self._library.close()

    def _number(self, algorithm: Algorithm, mode: str) -> int:
        found = self._numbers.get(f"{_PREFIX.get(algorithm)}.{mode}", 0)
        if not found:
            raise KeyRefused(KeyReason.ALGORITHM)
        return found

    def _encrypt(self, key: DeviceKey, blocks: bytes) -> bytearray:
        mode = self._number(key.algorithm, "ecb")
        whole = bytearray()
        for at in range(0, len(blocks), self._most):
            whole += self._library.encrypt(key.handle, mode, blocks[at : at + self._most])
        return whole

    def _blocks(self, key: DeviceKey) -> Callable[[bytes], bytes]:
        return lambda blocks: bytes(self._encrypt(key, blocks))

    def _last(self, handle: c_void_p, algorithm: Algorithm, padded: bytes) -> bytes:
        """The last block of CBC from zeros: the device's MAC where it gives all of it."""
        start = bytes(algorithm.block)
        with suppress(KeyRefused):
            code = self._library.mac(handle, self._number(algorithm, "mac"), padded, start)
            if len(code) == algorithm.block:
                return code
        mode = self._number(algorithm, "cbc")
        return bytes(self._library.encrypt(handle, mode, padded, start))[-algorithm.block :]

    def _made(self, key: DeviceKey, data: bytes) -> DeviceKey:
        value = self._encrypt(key, data)
        try:
            return self.lend(key.algorithm, value)
        finally:
            wipe(value)


class Device:
    """The device of the settings."""

    def __init__(self, settings: VaultSettings) -> None:
        if settings.sdf is None:
            raise VaultGone("the settings name no SDF library")
        self._settings = settings
        self._own: SdfSettings = settings.sdf

    def open(self) -> tuple[CardVault[DeviceKey], str]:
        """The vault over an open session, and the device's maker; ``VaultGone``, ``Tampered``."""
        library = SdfLibrary(self._own.library, self._own.alignment)
        try:
            machine = SdfMachine(library, self._own, self._own_keys(library))
            shelf = Shelf(CodedFile(self._settings.keys_file, machine.code))
        except (VaultGone, KeyRefused, OSError):
            library.close()
            raise
        return CardVault(machine, shelf), machine.maker()

    def _own_keys(self, library: SdfLibrary) -> OwnKeys:
        path = self._settings.folder / "device.keys"
        content = read_whole(path)
        if content is not None:
            return msgspec.msgpack.decode(content, type=OwnKeys)
        mode = self._own.algorithms.get("SM4.ecb", STANDARD["SM4.ecb"])
        made = [library.generate(128, mode, self._own.kek_index) for _ in range(2)]
        for _, handle in made:
            library.drop(handle)
        own = OwnKeys(storing=made[0][0], vouching=made[1][0])
        write_whole(path, msgspec.msgpack.encode(own))
        return own
