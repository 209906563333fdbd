"""The C interface of GM/T 0018 (SDF) through ctypes: shapes, numbers and return codes.

Numbers are those of GM/T 0006 and GM/T 0018; makers are known to use others, for 3DES above all,
which the standard does not name: those stand in the settings.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_uint, c_void_p
from dataclasses import dataclass
from pathlib import Path

from minka.devices.vault_settings import Alignment
from minka.keys.vault import KeyReason, KeyRefused, VaultGone

SDR_OK = 0
SDR_FIRST = 0x01000000
RETURN_CODES = {
    SDR_FIRST + number: name
    for number, name in enumerate(
        "UNKNOWERR NOTSUPPORT COMMFAIL HARDFAIL OPENDEVICE OPENSESSION PARDENY KEYNOTEXIST "
        "ALGNOTSUPPORT ALGMODNOTSUPPORT PKOPERR SKOPERR SIGNERR VERIFYERR SYMOPERR STEPERR "
        "FILESIZEERR FILENOEXIST FILEOFSERR KEYTYPEERR KEYERR ENCDATAERR RANDERR PRKRERR MACERR "
        "FILEEXISTS FILEWERR NOBUFFER INARGERR OUTARGERR".split(),
        start=1,
    )
}
_CANNOT = frozenset({"NOTSUPPORT", "ALGNOTSUPPORT", "ALGMODNOTSUPPORT"})

STANDARD = {"SM4.ecb": 0x401, "SM4.cbc": 0x402, "SM4.mac": 0x410}
"""SGD_SM4_ECB, SGD_SM4_CBC, SGD_SM4_MAC."""

_INFORMATION = (
    ("issuer", c_char * 40),
    ("name", c_char * 16),
    ("serial", c_char * 16),
    ("device_version", c_uint),
    ("standard_version", c_uint),
    ("asymmetric", c_uint * 2),
    ("symmetric", c_uint),
    ("digests", c_uint),
    ("buffer_bytes", c_uint),
)


class NaturalInformation(ctypes.Structure):
    """DEVICEINFO as a compiler lays it out by itself."""

    _fields_ = _INFORMATION


class PackedInformation(ctypes.Structure):
    """DEVICEINFO under ``#pragma pack(1)``."""

    _pack_ = 1
    _fields_ = _INFORMATION


INFORMATION = {Alignment.NATURAL: NaturalInformation, Alignment.PACKED: PackedInformation}

_HANDLE, _BYTES, _LENGTH = c_void_p, c_char_p, POINTER(c_uint)
_CIPHER = (_HANDLE, _HANDLE, c_uint, _BYTES, _BYTES, c_uint, _BYTES, _LENGTH)
_SHAPES: dict[str, tuple[object, ...]] = {
    "SDF_OpenDevice": (POINTER(_HANDLE),),
    "SDF_CloseDevice": (_HANDLE,),
    "SDF_OpenSession": (_HANDLE, POINTER(_HANDLE)),
    "SDF_CloseSession": (_HANDLE,),
    "SDF_GetDeviceInfo": (_HANDLE, c_void_p),
    "SDF_GenerateRandom": (_HANDLE, c_uint, _BYTES),
    "SDF_GenerateKeyWithKEK": (
        *(_HANDLE, c_uint, c_uint, c_uint, _BYTES, _LENGTH),
        POINTER(_HANDLE),
    ),
    "SDF_ImportKeyWithKEK": (_HANDLE, c_uint, c_uint, _BYTES, c_uint, POINTER(_HANDLE)),
    "SDF_ImportKey": (_HANDLE, _BYTES, c_uint, POINTER(_HANDLE)),
    "SDF_DestroyKey": (_HANDLE, _HANDLE),
    "SDF_Encrypt": _CIPHER,
    "SDF_Decrypt": _CIPHER,
    "SDF_CalculateMAC": _CIPHER,
}
_MOST_KEY = 512


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device says of itself."""

    maker: str
    buffer_bytes: int


class SdfLibrary:
    """An open session of an SDF library; every call raises ``VaultGone`` or ``ALGORITHM``."""

    def __init__(self, path: Path, alignment: Alignment) -> None:
        try:
            self._library = ctypes.CDLL(str(path))
            for name, shape in _SHAPES.items():
                function = getattr(self._library, name)
                function.argtypes, function.restype = shape, c_int
        except (OSError, AttributeError):
            raise VaultGone("the SDF library does not load") from None
        self._alignment = alignment
        self._device = c_void_p()
        self._session = c_void_p()
        self._call("SDF_OpenDevice", byref(self._device))
        try:
            self._call("SDF_OpenSession", self._device, byref(self._session))
        except VaultGone:
            self._library.SDF_CloseDevice(self._device)
            raise

    def facts(self) -> DeviceFacts:
        """Maker and limits of the device."""
        found = INFORMATION[self._alignment]()
        self._call("SDF_GetDeviceInfo", self._session, byref(found))
        names = (bytes(found.issuer), bytes(found.name))
        maker = " ".join(name.decode("utf-8", "replace").strip() for name in names)
        return DeviceFacts(maker.strip(), int(found.buffer_bytes))

    def random(self, length: int) -> bytearray:
        """Random bytes of the device."""
        out = bytearray(length)
        self._call("SDF_GenerateRandom", self._session, length, _into(out))
        return out

    def generate(self, bits: int, algorithm: int, kek: int) -> tuple[bytes, c_void_p]:
        """A new key: its bytes under the device's key, and its handle."""
        blob, length, handle = bytearray(_MOST_KEY), c_uint(_MOST_KEY), c_void_p()
        given = (bits, algorithm, kek, _into(blob), byref(length), byref(handle))
        self._call("SDF_GenerateKeyWithKEK", self._session, *given)
        return bytes(blob[: min(length.value, _MOST_KEY)]), handle

    def restore(self, blob: bytes, algorithm: int, kek: int) -> c_void_p:
        """A key that came from ``generate``."""
        handle = c_void_p()
        given = (algorithm, kek, blob, len(blob), byref(handle))
        self._call("SDF_ImportKeyWithKEK", self._session, *given)
        return handle

    def lend(self, value: bytearray) -> c_void_p:
        """A key given in clear, for as long as its handle lives."""
        handle = c_void_p()
        self._call("SDF_ImportKey", self._session, _into(value), len(value), byref(handle))
        return handle

    def drop(self, key: c_void_p) -> None:
        """A handle is given back."""
        self._call("SDF_DestroyKey", self._session, key)

    def encrypt(self, key: c_void_p, mode: int, blocks: bytes, start: bytes = b"") -> bytearray:
        """Whole blocks enciphered."""
        return self._cipher("SDF_Encrypt", (key, mode, blocks, start), len(blocks))

    def decrypt(self, key: c_void_p, mode: int, blocks: bytes, start: bytes = b"") -> bytearray:
        """Whole blocks deciphered, to be overwritten."""
        return self._cipher("SDF_Decrypt", (key, mode, blocks, start), len(blocks))

    def mac(self, key: c_void_p, mode: int, padded: bytes, start: bytes) -> bytes:
        """CBC-MAC of whole blocks, as long as the device makes it."""
        return bytes(self._cipher("SDF_CalculateMAC", (key, mode, padded, start), 0))

    def close(self) -> None:
        """The session and the device are closed, whatever they say to it."""
        self._library.SDF_CloseSession(self._session)
        self._library.SDF_CloseDevice(self._device)

    def _cipher(
        self, name: str, asked: tuple[c_void_p, int, bytes, bytes], wanted: int
    ) -> bytearray:
        key, mode, blocks, start = asked
        out = bytearray(max(len(blocks), 16))
        length = c_uint(len(out))
        initial = bytearray(start)  # The device writes the next initial value into it.
        given = (key, mode, _into(initial) if start else None, blocks, len(blocks))
        self._call(name, self._session, *given, _into(out), byref(length))
        del given  # It holds the buffer's memory, which could not be cut otherwise.
        if length.value > len(out) or (wanted and length.value != wanted):
            raise VaultGone("the device gave half an answer")
        del out[length.value :]
        return out

    def _call(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, name)(*arguments) & 0xFFFFFFFF
        if code == SDR_OK:
            return
        word = RETURN_CODES.get(code, "")
        if word in _CANNOT:
            raise KeyRefused(KeyReason.ALGORITHM)
        raise VaultGone(f"{name}: {code:#010x} {word}".strip())


def _into(buffer: bytearray) -> ctypes.Array[c_char]:
    """The buffer's own memory for a C function to read or write."""
    return (c_char * len(buffer)).from_buffer(buffer)
