"""What a vault remembers over a restart, written whole or not at all, and readable to it alone.

The soft vault's file is sealed with SM4-GCM under a master key; a real machine keeps its own keys,
and the file with what Minka knows of them carries a code computed inside the machine. Neither
can tell an older whole file from the newest: a copy laid back sets the counters back with it.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from minka.cipher.field import digest

MAGIC = b"MINKA-VAULT-1\n"
NONCE = 12
TAG = 16
DIGEST = 32


class Tampered(Exception):
    """A file that these keys did not write, or that was changed since."""


class Keeping(Protocol):
    """Where the records of a vault lie."""

    def read(self) -> bytearray | None:
        """The content, to be overwritten after use; None when nothing was written yet."""

    def write(self, content: bytearray) -> None:
        """The whole content anew, on the disk when this returns."""


class SealedFile:
    """A file sealed with SM4-GCM under a master key of 16 bytes."""

    def __init__(self, path: Path, master: bytearray) -> None:
        self._path = path
        self._master = master

    def read(self) -> bytearray | None:
        """See ``Keeping.read``; ``Tampered`` when it does not open."""
        sealed = read_whole(self._path)
        if sealed is None:
            return None
        content = _after_magic(sealed)
        if len(content) < NONCE + TAG:
            raise Tampered("a sealed file cut short")
        nonce, body, tag = content[:NONCE], content[NONCE:-TAG], content[-TAG:]
        decryptor = Cipher(_sm4(self._master), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(MAGIC)
        clear = bytearray(len(body) + 15)
        length = decryptor.update_into(body, clear)
        try:
            decryptor.finalize()
        except InvalidTag:
            wipe(clear)
            raise Tampered("the sealed file does not open with this master key") from None
        del clear[length:]
        return clear

    def write(self, content: bytearray) -> None:
        """See ``Keeping.write``."""
        nonce = secrets.token_bytes(NONCE)
        encryptor = Cipher(_sm4(self._master), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(MAGIC)
        body = encryptor.update(content) + encryptor.finalize()
        write_whole(self._path, MAGIC + nonce + body + encryptor.tag)

    def forget(self) -> None:
        """The master key is overwritten."""
        wipe(self._master)


class CodedFile:
    """A file in clear, without key bytes, that carries a code which only the machine can make."""

    def __init__(self, path: Path, code: Callable[[bytes], bytes]) -> None:
        self._path = path
        self._code = code

    def read(self) -> bytearray | None:
        """See ``Keeping.read``; ``Tampered`` when the code does not fit."""
        whole = read_whole(self._path)
        if whole is None:
            return None
        length, rest = _after_magic(whole)[0], _after_magic(whole)[1:]
        code, content = rest[:length], rest[length:]
        if len(code) != length or not hmac.compare_digest(code, self._code(digest(content))):
            raise Tampered("the machine did not write this file")
        return bytearray(content)

    def write(self, content: bytearray) -> None:
        """See ``Keeping.write``."""
        code = self._code(digest(bytes(content)))
        write_whole(self._path, MAGIC + bytes([len(code)]) + code + content)


def read_whole(path: Path) -> bytes | None:
    """A file's bytes; None when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write_whole(path: Path, content: bytes | bytearray) -> None:
    """A file replaced in one step, its bytes and its name on the disk, mode 0600."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """The names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def wipe(content: bytearray) -> None:
    """Overwritten in place; copies that Python or OpenSSL made of it meanwhile are not."""
    content[:] = bytes(len(content))


def _sm4(key: bytearray) -> SM4:
    return SM4(cast("bytes", key))  # The library takes any bytes and copies none.


def _after_magic(whole: bytes) -> bytes:
    if not whole.startswith(MAGIC) or len(whole) == len(MAGIC):
        raise Tampered("no file of a vault")
    return whole[len(MAGIC) :]
