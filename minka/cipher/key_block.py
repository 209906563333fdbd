"""Key blocks: a key on its way, bound to what it is for (ANSI X9.143, formerly TR-31).

| version | key of the block | binding and enciphering | source |
|---|---|---|---|
| B | 3DES | CMAC-3DES, CBC | TR-31:2018, key derivation binding method |
| D | AES | CMAC-AES, CBC | TR-31:2018 |
| 4 | SM4 | CMAC-SM4, CBC | our own form: D with SM4 in the place of AES |

The header says usage, algorithm, mode of use, key version and exportability in clear. A CMAC over
header and key is both the proof and the start of the chain, under two keys that CMAC derives from
the block's key with a counter; whoever changes one bit anywhere gets nothing. Letters and digits
are upper case only, so that no bit is without meaning. No standard that we read names SM4: version
and algorithm ``4`` are digits, which the form leaves to its users (recalled).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from minka.cipher.block_cipher import BlockCipher, cbc_decipher, cbc_encipher, cmac

HEADER = 16
LENGTH_BYTES = 2
LONGEST = 9999
LONGEST_OPTIONAL = 251
_DIGITS = frozenset(b"0123456789ABCDEF")
_PRINTABLE = frozenset(range(0x20, 0x7F))


Proves = Callable[[BlockCipher, bytes], bytes]
"""The CMAC of a message under a key that somebody else may hold."""


class Export(StrEnum):
    """Whether a key may leave the vault that takes it in."""

    TRUSTED = "E"
    """Under another key, as a key block."""
    SENSITIVE = "S"
    """Under another key, in other forms too."""
    NEVER = "N"


class Form(Enum):
    """A kind of key block: its version letter, cipher, and derivation codes."""

    TDES = ("B", BlockCipher.TRIPLE_DES)
    AES = ("D", BlockCipher.AES)
    SM4 = ("4", BlockCipher.SM4)

    def __init__(self, letter: str, cipher: BlockCipher) -> None:
        self.letter = letter
        self.cipher = cipher

    @classmethod
    def by_letter(cls, letter: str) -> Form:
        """The form of a version letter; ``BlockFault`` for one we do not know."""
        for form in cls:
            if form.letter == letter:
                return form
        raise BlockFault("a key block of an unknown version")


class BlockFault(Exception):
    """A key block that does not open: changed, cut, or under another key; never says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a key block binds its key to."""

    form: Form
    usage: str
    """Two characters: K1 wraps keys; 10 to 99 are users' own."""
    algorithm: str
    """The key's own: T 3DES, D DES, A AES, 4 SM4 (ours)."""
    mode: str
    """X derives other keys, B both ways, E, D, C, G, V one way, N no limit."""
    version: str
    """Two characters; 00 says that keys have no versions."""
    export: Export
    optional: tuple[tuple[str, str], ...] = field(default=())
    """Further blocks by their two characters, such as LB, a label."""

    def written(self, key_bytes: int) -> str:
        """The header of a block whose key fills ``key_bytes`` enciphered bytes."""
        count, blocks = self._blocks()
        mac = self.form.cipher.block
        total = HEADER + len(blocks) + 2 * (key_bytes + mac)
        if total > LONGEST:
            raise ValueError("a key block has at most 9,999 characters")
        fixed = f"{self.form.letter}{total:04}{self.usage}{self.algorithm}{self.mode}"
        return f"{fixed}{self.version}{self.export.value}{count:02}00{blocks}"

    def _blocks(self) -> tuple[int, str]:
        if any(len(body) > LONGEST_OPTIONAL for _, body in self.optional):
            raise ValueError("an optional block has at most 251 characters")
        text = "".join(f"{name}{4 + len(body):02X}{body}" for name, body in self.optional)
        block = self.form.cipher.block
        if not len(text) % block:
            return len(self.optional), text
        # What is authenticated before the key must fill whole blocks: a block PB fills it up.
        fill = -len(text) % block
        fill += block if fill < 4 else 0
        return len(self.optional) + 1, f"{text}PB{fill:02X}".ljust(len(text) + fill, "0")


def fill_bytes(form: Form, key: bytes, hide_to: int = 0) -> int:
    """How many random bytes ``wrap`` asks for; ``hide_to`` makes shorter keys as long as that."""
    whole = LENGTH_BYTES + max(len(key), hide_to)
    return whole + -whole % form.cipher.block - LENGTH_BYTES - len(key)


def wrap(header: Header, under: bytes, key: bytes, fill: bytes) -> str:
    """The key as a key block in ASCII; ``fill`` are random bytes, at least ``fill_bytes``."""
    cipher = header.form.cipher
    clear = (8 * len(key)).to_bytes(LENGTH_BYTES) + key + fill
    if len(clear) % cipher.block:
        raise ValueError("the random bytes do not fill the last block")
    head = header.written(len(clear))
    enciphering, authenticating = _derived(
        header.form, len(under), lambda cipher, message: cmac(cipher, under, message)
    )
    proof = cmac(cipher, authenticating, head.encode("ascii") + clear)
    return head + (cbc_encipher(cipher, enciphering, proof, clear) + proof).hex().upper()


def unwrap(block: str, under: bytes) -> tuple[Header, bytes]:
    """Header and key of a key block; ``BlockFault`` for anything that is not just as it was."""
    return unwrap_by(block, len(under), lambda cipher, message: cmac(cipher, under, message))


def unwrap_by(block: str, length: int, proves: Proves) -> tuple[Header, bytes]:
    """The same where a machine holds the block's key and computes its CMAC; ``length`` in bytes."""
    header, start = read_header(block)
    cipher = header.form.cipher
    body = _octets(block[start:])
    sealed, proof = body[: -cipher.block], body[-cipher.block :]
    if not sealed or len(sealed) % cipher.block:
        raise BlockFault("a key block of a wrong length")
    enciphering, authenticating = _derived(header.form, length, proves)
    clear = cbc_decipher(cipher, enciphering, proof, sealed)
    wanted = cmac(cipher, authenticating, block[:start].encode("ascii") + clear)
    bits = int.from_bytes(clear[:LENGTH_BYTES])
    if not hmac.compare_digest(wanted, proof) or bits % 8 or bits // 8 > len(clear) - 2:
        raise BlockFault("the key block does not open")
    return header, clear[LENGTH_BYTES : LENGTH_BYTES + bits // 8]


def read_header(block: str) -> tuple[Header, int]:
    """What a key block says of itself, not yet proved, and where its secret part begins."""
    if not block.isascii() or len(block) < HEADER or not set(block.encode()) <= _PRINTABLE:
        raise BlockFault("no key block")
    form = Form.by_letter(block[0])
    count = block[12:14]
    if block[1:5] != f"{len(block):04}" or block[14:16] != "00" or not _decimal(count):
        raise BlockFault("a key block of a wrong length")
    if block[11] not in set(Export):
        raise BlockFault("a key block of unknown exportability")
    optional, start = _read_optional(block, int(count))
    header = Header(form, block[5:7], block[7], block[8], block[9:11], Export(block[11]), optional)
    return header, start


def _read_optional(block: str, count: int) -> tuple[tuple[tuple[str, str], ...], int]:
    found, at = [], HEADER
    for _ in range(count):
        size = _octets(block[at + 2 : at + 4])
        if len(size) != 1 or size[0] < 4 or at + size[0] > len(block):
            raise BlockFault("a key block whose optional blocks do not fit")
        found.append((block[at : at + 2], block[at + 4 : at + size[0]]))
        at += size[0]
    return tuple(pair for pair in found if pair[0] != "PB"), at


def _derived(form: Form, length: int, proves: Proves) -> tuple[bytes, bytes]:
    return _derive(form, length, proves, usage=0), _derive(form, length, proves, usage=1)


def _derive(form: Form, length: int, proves: Proves, *, usage: int) -> bytes:
    if length not in form.cipher.key_bytes or length == 8:
        raise ValueError("a key of this length wraps no other")
    code = {
        BlockCipher.TRIPLE_DES: length // 8 - 2,
        BlockCipher.AES: length // 8,
        BlockCipher.SM4: 0x0100,
    }[form.cipher]
    rest = usage.to_bytes(2) + b"\0" + code.to_bytes(2) + (8 * length).to_bytes(2)
    rounds = -(-length // form.cipher.block)
    whole = b"".join(
        proves(form.cipher, counter.to_bytes(1) + rest) for counter in range(1, rounds + 1)
    )
    return whole[:length]


def _octets(text: str) -> bytes:
    if len(text) % 2 or not set(text.encode()) <= _DIGITS:
        raise BlockFault("a key block that is not upper-case hex")
    return bytes.fromhex(text)


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdecimal()
