"""A PKCS#11 token as the vault's machine; one process, one session, never several threads.

Keys are made SENSITIVE and never EXTRACTABLE. Card keys and session keys are session objects that
the token derives inside itself (CKM_…_ECB_ENCRYPT_DATA); they are never read back. What leaves
the token all the same, for this process to hold for a moment and overwrite:

- the TAC key of a 3DES card, the XOR of its key's halves, which no mechanism makes: the card's
  key is enciphered out of the root above it, so a TAC root of no levels is refused;
- the card keys of ``diversify_and_wrap``, between two encipherments;
- card and session keys of an algorithm whose vendor gives no ``derive``;
- a key that is entered in components, and a single DES key when it is made.

A root never leaves. Three copies of a DES key in one 3DES key are single DES, which OpenSSL 3
keeps from SoftHSM otherwise; data given thrice derive such a key inside.
"""

from __future__ import annotations

import ctypes
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, SecretKey
from pkcs11.constants import DEFAULT
from pkcs11.exceptions import PKCS11Error
from pkcs11.types import Session

from minka.cipher.card_key import Algorithm
from minka.cipher.octets import xor
from minka.devices.pkcs11_numbers import Numbers, numbers
from minka.devices.vault_keeping import wipe
from minka.devices.vault_machine import (
    authentication_by,
    check_value_by,
    enciphered_by,
    mac_by,
    spread,
    transaction_code_by,
    unwrap_by,
)
from minka.keys.block import Blocked
from minka.keys.vault import KeyFacts, KeyReason, KeyRefused, VaultGone

Template = dict[Attribute, Any]

ID_BYTES = 16
REGISTER_ID = b"minka register  "
"""The key by which the token vouches for the file beside it."""
LABEL = "minka"
_HIDDEN: Template = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.PRIVATE: True,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: False,
    Attribute.DERIVE: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
}
_NO_LENGTH: Template = {Attribute.VALUE_LEN: DEFAULT}
_CANNOT = (
    pkcs11.exceptions.MechanismInvalid,
    pkcs11.exceptions.MechanismParamInvalid,
    pkcs11.exceptions.KeyTypeInconsistent,
    pkcs11.exceptions.AttributeValueInvalid,
    pkcs11.exceptions.TemplateInconsistent,
)


class _Data(ctypes.Structure):
    """CK_KEY_DERIVATION_STRING_DATA."""

    _fields_ = (("octets", ctypes.c_void_p), ("length", ctypes.c_ulong))


class Held(Protocol):
    """A secret key's object, as far as this machine asks it for anything."""

    def encrypt(
        self, data: bytes, *, mechanism: Mechanism, mechanism_param: bytes | None = None
    ) -> bytes:
        """Enciphered inside."""

    def derive_key(
        self,
        key_type: KeyType,
        key_length: int,
        *,
        mechanism: Mechanism,
        mechanism_param: bytes,
        template: Template,
    ) -> Held:
        """A key made inside."""

    def destroy(self) -> None:
        """The object is gone."""

    def __getitem__(self, attribute: Attribute) -> object: ...


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key in the token, by its object; ``bits`` are 64 or 128."""

    algorithm: Algorithm
    bits: int
    held: Held


@contextmanager
def machine_faults() -> Iterator[None]:
    """A token's faults as the port knows them."""
    try:
        yield
    except _CANNOT:
        raise KeyRefused(KeyReason.ALGORITHM) from None
    except PKCS11Error as fault:
        raise VaultGone(f"the token: {type(fault).__name__}") from None


class Pkcs11Machine:
    """``Machine`` over an open session of a token."""

    def __init__(self, session: Session, maker: str, table: dict[str, int]) -> None:
        self._session = session
        self._maker = maker
        self._table = table

    def maker(self) -> str:
        """See ``Machine.maker``."""
        return self._maker

    def make(self, algorithm: Algorithm, bits: int) -> bytearray:
        """See ``Machine.make``."""
        known = numbers(self._table, algorithm)
        if algorithm.block == 8 and bits == 64:
            return self._made_outside(algorithm, bits)
        return self._generated(algorithm, known, secrets.token_bytes(ID_BYTES))

    def register_key(self) -> TokenKey:
        """The key that vouches for the vault's file; made when it is first asked for."""
        algorithm = self._first_algorithm()
        with machine_faults(), suppress(pkcs11.NoSuchKey):
            self._session.get_key(id=REGISTER_ID, label=LABEL)
            return self.load(algorithm, 128, bytearray(REGISTER_ID))
        return self.load(
            algorithm,
            128,
            self._generated(algorithm, numbers(self._table, algorithm), REGISTER_ID),
        )

    def take(self, algorithm: Algorithm, value: bytearray) -> bytearray:
        """See ``Machine.take``."""
        identity = secrets.token_bytes(ID_BYTES)
        stored = {Attribute.TOKEN: True, Attribute.ID: identity, Attribute.LABEL: LABEL}
        self._create(algorithm, value, stored)
        return bytearray(identity)

    def load(self, algorithm: Algorithm, bits: int, stored: bytearray) -> TokenKey:
        """See ``Machine.load``."""
        with machine_faults():
            found = self._session.get_key(
                object_class=ObjectClass.SECRET_KEY, id=bytes(stored), label=LABEL
            )
        return TokenKey(algorithm, bits, _secret(found))

    def forget(self, stored: bytearray) -> None:
        """See ``Machine.forget``."""
        with machine_faults():
            found = self._session.get_key(id=bytes(stored), label=LABEL)
            _secret(found).destroy()

    def lend(self, algorithm: Algorithm, value: bytearray) -> TokenKey:
        """See ``Machine.lend``."""
        held = self._create(algorithm, value, {Attribute.TOKEN: False})
        return TokenKey(algorithm, 8 * len(value), held)

    def drop(self, key: TokenKey) -> None:
        """See ``Machine.drop``; a key that is remembered stays in the token."""
        with suppress(PKCS11Error):
            if not key.held[Attribute.TOKEN]:
                key.held.destroy()

    def derive(self, key: TokenKey, factor: bytes) -> TokenKey:
        """See ``Machine.derive``."""
        data = factor if key.bits == 64 else factor + xor(factor, b"\xff" * 8)
        return self._derived(key, data, key.bits)

    def session(self, key: TokenKey, random: bytes) -> TokenKey:
        """See ``Machine.session``."""
        bits = 64 if key.algorithm.block == 8 else 128
        return self._derived(key, random.ljust(key.algorithm.block, b"\0"), bits)

    def authentication(self, key: TokenKey, original: bytes) -> bytes:
        """See ``Machine.authentication``."""
        return authentication_by(key.algorithm, self._blocks(key), original)

    def enciphered(self, key: TokenKey, plain: bytes) -> bytes:
        """See ``Machine.enciphered``."""
        return enciphered_by(key.algorithm, self._blocks(key), plain)

    def mac(self, key: TokenKey, message: bytes) -> bytes:
        """See ``Machine.mac``."""
        return mac_by(key.algorithm, lambda padded: self.last_block(key, padded), message)

    def transaction_code(self, key: TokenKey, factors: tuple[bytes, ...], message: bytes) -> bytes:
        """See ``Machine.transaction_code``."""
        return transaction_code_by(self, key, factors, message)

    def folded(self, key: TokenKey, factor: bytes) -> TokenKey:
        """See ``Folding.folded``."""
        card = bytearray(self._blocks(key)(spread(factor)))
        folded = bytearray(xor(bytes(card[:8]), bytes(card[8:])))
        try:
            return self.lend(key.algorithm, folded)
        finally:
            wipe(card)
            wipe(folded)

    def each(self, key: TokenKey, factors: bytes, under: TokenKey) -> bytes:
        """See ``Machine.each``."""
        made = bytearray(self._blocks(key)(factors if key.bits == 64 else spread(factors)))
        try:
            return self._blocks(under)(bytes(made))
        finally:
            wipe(made)

    def wrap(self, facts: KeyFacts, key: TokenKey, under: TokenKey) -> bytes:  # noqa: ARG002
        """No root leaves a token."""
        raise KeyRefused(KeyReason.NOT_EXPORTABLE)

    def unwrap(self, block: bytes, under: TokenKey) -> Blocked:
        """See ``Machine.unwrap``; the key's bytes pass through this process on their way in."""
        last_block = partial(self.last_block, under)
        return unwrap_by(under.algorithm, self._blocks(under), last_block, block)

    def check_value(self, key: TokenKey) -> bytes:
        """See ``Machine.check_value``."""
        return check_value_by(key.algorithm, self._blocks(key))

    def last_block(self, key: TokenKey, padded: bytes) -> bytes:
        """The last block of CBC from zeros."""
        known = numbers(self._table, key.algorithm)
        start = bytes(key.algorithm.block)
        with machine_faults():
            out = key.held.encrypt(padded, mechanism=known.cbc, mechanism_param=start)
        return _whole(out, len(padded))[-key.algorithm.block :]

    def close(self) -> None:
        """See ``Machine.close``."""
        with suppress(PKCS11Error):
            self._session.close()

    def _blocks(self, key: TokenKey) -> Callable[[bytes], bytes]:
        known = numbers(self._table, key.algorithm)

        def ask(blocks: bytes) -> bytes:
            with machine_faults():
                return _whole(key.held.encrypt(blocks, mechanism=known.ecb), len(blocks))

        return ask

    def _derived(self, key: TokenKey, data: bytes, bits: int) -> TokenKey:
        known = numbers(self._table, key.algorithm)
        if known.derive is None:
            value = bytearray(self._blocks(key)(data))
            try:
                return self.lend(key.algorithm, value)
            finally:
                wipe(value)
        return TokenKey(key.algorithm, bits, _derived_inside(key, known.key, known.derive, data))

    def _first_algorithm(self) -> Algorithm:
        with suppress(KeyRefused):
            numbers(self._table, Algorithm.SM4)
            return Algorithm.SM4
        return Algorithm.TRIPLE_DES

    def _generated(self, algorithm: Algorithm, known: Numbers, identity: bytes) -> bytearray:
        if known.generate is None:
            raise KeyRefused(KeyReason.ALGORITHM)
        own: Template = {Attribute.ID: identity, Attribute.LABEL: LABEL}
        # The mechanism of two-key 3DES fixes type and length, and a token may refuse to be told.
        fixed = {**_NO_LENGTH, Attribute.KEY_TYPE: DEFAULT} if algorithm.block == 8 else {}
        with machine_faults():
            self._session.generate_key(
                known.key,
                128,
                mechanism=known.generate,
                store=True,
                template={**_HIDDEN, **own, **fixed},
            )
        return bytearray(identity)

    def _made_outside(self, algorithm: Algorithm, bits: int) -> bytearray:
        with machine_faults():
            value = bytearray(self._session.generate_random(bits))
        try:
            return self.take(algorithm, value)
        finally:
            wipe(value)

    def _create(self, algorithm: Algorithm, value: bytearray, more: Template) -> Held:
        known = numbers(self._table, algorithm)
        if len(value) not in ((8, 16) if algorithm.block == 8 else (16,)):
            raise KeyRefused(KeyReason.BAD_PARTS)
        whole = bytearray(_as_three(bytes(value)) if algorithm.block == 8 else value)
        try:
            with machine_faults():
                made = self._session.create_object(
                    {
                        **_HIDDEN,
                        Attribute.CLASS: ObjectClass.SECRET_KEY,
                        Attribute.KEY_TYPE: known.key,
                        Attribute.VALUE: bytes(whole),
                        **more,
                    }
                )
        finally:
            wipe(whole)
        return _secret(made)


def _derived_inside(key: TokenKey, kind: KeyType, mechanism: Mechanism, data: bytes) -> Held:
    whole = _as_three(data) if key.algorithm.block == 8 else data
    buffer = ctypes.create_string_buffer(whole, len(whole))
    given = bytes(_Data(ctypes.addressof(buffer), len(whole)))
    des = key.algorithm.block == 8
    is_aes = mechanism is pkcs11.Mechanism.AES_ECB_ENCRYPT_DATA
    with machine_faults():
        made = key.held.derive_key(
            kind,
            8 * len(whole),
            mechanism=mechanism,
            # The library packs this one's parameter by itself.
            mechanism_param=whole if is_aes else given,
            template={**_HIDDEN, **(_NO_LENGTH if des else {})},
        )
    return _secret(made)


def _as_three(value: bytes) -> bytes:
    """The 24 bytes of a 3DES object: one key thrice, or the two keys K1 K2 K1."""
    return value * 3 if len(value) == 8 else value + value[:8]


def _secret(found: object) -> Held:
    if not isinstance(found, SecretKey):
        raise VaultGone("the token answered with another object")
    return cast("Held", found)


def _whole(out: bytes, length: int) -> bytes:
    if len(out) != length:
        raise VaultGone("the token gave half an answer")
    return out
