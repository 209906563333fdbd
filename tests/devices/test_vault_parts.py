"""The vault's parts alone: files written whole, frames in their turn, settings, the shelf."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minka.cipher.block_cipher import BlockCipher, check_value, cmac, ecb_encipher
from minka.cipher.card_key import Algorithm
from minka.devices.vault_channel import BadFrame, Channel, Hello, frame_length
from minka.devices.vault_keeping import CodedFile, SealedFile, Tampered, write_whole
from minka.devices.vault_machine import check_value_by, cmac_by, spread
from minka.devices.vault_settings import (
    BadSettings,
    Duty,
    Kind,
    as_json,
    drill_settings,
    from_json,
    read_settings,
)
from minka.devices.vault_shelf import AHEAD, Record, Shelf, Use
from minka.devices.vault_wire import CUSTODY, MOST_BYTES, OPERATIONS, read_request, request
from minka.keys.vault import KeyFacts, KeyName, KeyReason, KeyRefused, KeyTerms, Purpose, VaultGone

MASTER = bytes(range(16))


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1: the disk is full or breaks before the new name stands: the old file is untouched."""
    path = tmp_path / "file"
    write_whole(path, b"old")

    def breaks(_: int) -> None:
        raise OSError("the disk broke")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", breaks)
        with pytest.raises(OSError, match="broke"):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_sealed_file_opens_with_its_own_key_alone(tmp_path: Path) -> None:
    """P13: and no two seals of the same content look alike."""
    path = tmp_path / "file"
    sealed = SealedFile(path, bytearray(MASTER))
    assert sealed.read() is None
    sealed.write(bytearray(b"the content"))
    first = path.read_bytes()
    assert bytes(sealed.read() or b"") == b"the content"
    sealed.write(bytearray(b"the content"))
    assert path.read_bytes() != first
    with pytest.raises(Tampered):
        SealedFile(path, bytearray(16)).read()
    sealed.forget()
    with pytest.raises(Tampered):
        sealed.read()


@pytest.mark.parametrize("content", [b"", b"x", b"the content of a machine's file"])
def test_a_coded_file_is_believed_only_with_its_code(tmp_path: Path, content: bytes) -> None:
    """T17: the machine's word, for a file of any length."""
    path = tmp_path / "file"

    def code(digest: bytes) -> bytes:
        return ecb_encipher(BlockCipher.SM4, MASTER, digest)[-16:]

    coded = CodedFile(path, code)
    assert coded.read() is None
    coded.write(bytearray(content))
    assert bytes(coded.read() or b"") == content
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(Tampered):
            coded.read()


def _channels() -> tuple[Channel, Channel]:
    client, server = Hello(), Hello()
    return client.as_client(server.public), server.as_server(client.public)


def test_a_channel_takes_every_frame_once_and_in_its_turn() -> None:
    """P13: nothing is seen on the way; what is cut, changed, repeated or turned back is refused."""
    client, server = _channels()
    first, second = client.frame(b"first" * 9), client.frame(b"second")
    assert b"first" not in first
    assert server.content(first[4:]) == b"first" * 9
    for wrong in (first[4:], second[4:-1], second[4:-1] + b"!", b""):
        with pytest.raises(BadFrame):
            server.content(wrong)
    assert server.content(second[4:]) == b"second"
    with pytest.raises(BadFrame):
        client.content(client.frame(b"to myself")[4:])
    assert client.content(server.frame(b"back")[4:]) == b"back"


def test_a_channel_with_a_point_of_no_order_does_not_stand() -> None:
    """P13: a public key of zeros would make a secret that everybody knows."""
    with pytest.raises(BadFrame):
        Hello().as_server(bytes(32))


@pytest.mark.parametrize("length", [0, 15, MOST_BYTES + 1, 2**32 - 1])
def test_a_frame_of_an_impossible_length_is_refused(length: int) -> None:
    """P16: before anything is read of it."""
    with pytest.raises(BadFrame):
        frame_length(length.to_bytes(4))


def test_every_operation_of_the_port_has_its_message() -> None:
    """K1: the port is written once; what it does not know is refused before it is looked at."""
    key = KeyName("PUK", 3, Algorithm.SM4)
    name, message = read_request(request("facts", {"key": key}), OPERATIONS)
    assert (name, message.key) == ("facts", key)
    assert set(OPERATIONS) < set(CUSTODY)
    for content in (
        request("generate", {"key": key, "purpose": Purpose.TAC}),
        request("facts", {}),
        request("facts", {"key": key, "more": 1}),
        request("facts", {"key": "PUK"}),
        b"",
        b"\xff" * 20,
    ):
        with pytest.raises(ValueError, match=r".+"):
            read_request(content, OPERATIONS)


class Paper:
    """A keeping in memory that counts its writes and may fail."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.writes = 0
        self.fails = ""

    def read(self) -> bytearray | None:
        """See ``Keeping.read``."""
        return None if self.content is None else bytearray(self.content)

    def write(self, content: bytearray) -> None:
        """See ``Keeping.write``."""
        if self.fails == "disk":
            raise OSError("full")
        if self.fails == "machine":
            raise VaultGone("away")
        self.content = bytes(content)
        self.writes += 1


KEY = KeyName("PUK")


def _shelf(paper: Paper, terms: KeyTerms | None = None) -> tuple[Shelf, Record]:
    shelf = Shelf(paper)
    facts = KeyFacts(KEY, Purpose.EXTERNAL, 128, b"12345", terms or KeyTerms())
    record = Record(facts, bytearray(MASTER))
    shelf.add(record)
    return shelf, record


def test_an_endless_key_is_written_once_in_many_uses() -> None:
    """I1: a reservation ahead, so that a purchase does not wait for the disk each time."""
    paper = Paper()
    shelf, record = _shelf(paper)
    before = paper.writes
    for _ in range(AHEAD + 1):
        shelf.count(record, 1, Use.EXISTING)
    assert paper.writes == before + 1
    assert Shelf(paper).find(KEY).facts.used == 1 + AHEAD
    shelf.count(record, 1, Use.EXISTING)
    assert paper.writes == before + 2
    shelf.close()
    assert Shelf(paper).find(KEY).facts.used == AHEAD + 2
    assert record.stored == bytes(16)


@pytest.mark.parametrize("fails", ["disk", "machine"])
def test_what_could_not_be_written_did_not_happen(fails: str) -> None:
    """I1: neither a count, nor a key, nor a standing, nor a destruction."""
    paper = Paper()
    shelf, record = _shelf(paper, KeyTerms(uses=5))
    paper.fails = fails
    other = Record(KeyFacts(KeyName("NEW"), Purpose.TAC, 128, b""), bytearray(16))
    for attempt in (
        lambda: shelf.count(record, 1, Use.NEW),
        lambda: shelf.add(other),
        lambda: shelf.remove(KEY),
        lambda: shelf.set_standing(KEY, record.facts.terms.standing),
    ):
        with pytest.raises((OSError, VaultGone)):
            attempt()
    assert [kept.facts.name for kept in shelf] == [KEY]
    assert shelf.find(KEY).facts.used == 0


def test_a_batch_too_large_for_the_counter_counts_nothing() -> None:
    """I1: all cards of a batch or none."""
    shelf, record = _shelf(Paper(), KeyTerms(uses=5))
    with pytest.raises(KeyRefused) as found:
        shelf.count(record, 6, Use.NEW)
    assert found.value.reason is KeyReason.COUNTER_SPENT
    shelf.count(record, 5, Use.NEW)
    assert record.facts.used == 5


def test_no_key_is_printed() -> None:
    """P13: not by a record, a fault or a shelf."""
    shelf, record = _shelf(Paper())
    shown = f"{record!r} {record} {shelf!r} {[*shelf]!r}"
    assert MASTER.hex() not in shown
    assert repr(MASTER) not in shown
    assert "stored" not in shown


@pytest.mark.parametrize("length", range(40))
def test_cmac_of_plain_blocks_is_cmac(length: int) -> None:
    """K1: what a token and a device are asked for, against the cipher room's."""
    for algorithm, cipher in (
        (Algorithm.SM4, BlockCipher.SM4),
        (Algorithm.TRIPLE_DES, BlockCipher.TRIPLE_DES),
    ):
        message = bytes(range(length))

        def blocks(content: bytes, cipher: BlockCipher = cipher) -> bytes:
            return ecb_encipher(cipher, MASTER, content)

        def last(content: bytes, cipher: BlockCipher = cipher) -> bytes:
            state = bytes(cipher.block)
            for at in range(0, len(content), cipher.block):
                piece = content[at : at + cipher.block]
                mixed = bytes(a ^ b for a, b in zip(state, piece, strict=True))
                state = ecb_encipher(cipher, MASTER, mixed)
            return state

        assert cmac_by(algorithm, blocks, last, message) == cmac(cipher, MASTER, message)
        assert check_value_by(algorithm, blocks) == check_value(cipher, MASTER)


def test_factors_are_spread_with_their_inverse() -> None:
    """K3: each factor, then the same with every bit turned."""
    factors = bytes(range(16))
    wanted = bytes(range(8)) + bytes(range(255, 247, -1))
    assert spread(factors)[:16] == wanted
    assert len(spread(factors)) == 32
    assert spread(b"") == b""


SETTINGS = """
kind = "pkcs11"
folder = "vault"
[pkcs11]
library = "/usr/lib/token.so"
token = "minka"
pin_file = "/etc/minka/pin"
[pkcs11.mechanisms]
"SM4.ecb" = 0x80000101
"""


def test_settings_are_read_from_a_file(tmp_path: Path) -> None:
    """J5: and reach the vault's process unchanged; production unless a drill is said."""
    path = tmp_path / "vault.toml"
    path.write_text(SETTINGS)
    found = read_settings(path)
    assert found.kind is Kind.PKCS11
    assert found.duty is Duty.PRODUCTION
    assert found.folder == tmp_path / "vault"
    assert found.pkcs11 is not None
    assert found.pkcs11.mechanisms == {"SM4.ecb": 0x80000101}
    assert from_json(as_json(found)) == found
    assert drill_settings(tmp_path) == found
    assert drill_settings(tmp_path / "none").kind is Kind.SOFT


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('kind = "pkcs11"\nfolder = "v"', "no table [pkcs11]"),
        ('kind = "hsm"\nfolder = "v"', "kind"),
        ('folder = "v"\npin = "1"', "pin"),
        ('folder = "v"\nopening = "itself"', "only a drill"),
        ("folder = ", "vault.toml"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, text: str, word: str) -> None:
    """J5: with the place, before any process starts."""
    path = tmp_path / "vault.toml"
    path.write_text(text)
    with pytest.raises(BadSettings) as found:
        read_settings(path)
    assert word in str(found.value)
