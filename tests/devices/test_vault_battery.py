"""One battery for every back-end: the vectors, the same answers, the same refusals (J5, K1, K3).

The vectors are our own (card-chip §11.3), none compared with a real card. A back-end is asked
through its socket, as the doors ask it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from minka.cipher import card_key
from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.card_key import Algorithm, decipher
from minka.devices.vault_client import VaultClient
from minka.keys.vault import (
    Export,
    KeyName,
    KeyPath,
    KeyReason,
    KeyRefused,
    KeyTerms,
    Purpose,
    Standing,
)
from tests.devices.benches import CAN, CELLS, PURPOSES, VECTORS, Bench
from tests.devices.vaults import DES, FACTORS, MAKERS, ROOT, TRANSPORT_KEY, enter

CHALLENGE = bytes.fromhex("0102030405060708")
ORIGINAL = bytes.fromhex("1112131415161718")
AMOUNTS = "00000000000003E8000001F4"
TERMINAL = "32990100000001"
TIME = "20240102030405"
SPEND = bytes.fromhex("A1A2A3A400070009")


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bench]]:
    """Every back-end, filled."""
    stands = {kind: make(tmp_path_factory.mktemp(kind)) for kind, make in MAKERS.items()}
    try:
        for stand in stands.values():
            stand.start()
        yield {kind: Bench(kind, stand) for kind, stand in stands.items()}
    finally:
        for stand in stands.values():
            stand.end()


def _answers(bench: Bench, algorithm: Algorithm) -> dict[str, bytes]:
    vault = bench.vault

    def card(name: str) -> KeyPath:
        return bench.card(name, algorithm)

    def message(header: str, plain: bytes | None = None) -> bytes:
        return vault.secure_message(card("STK"), CHALLENGE, bytes.fromhex(header), plain)

    load = bytes.fromhex("A1A2A3A400038000")
    loaded = f"000003E831990100000001{TIME}"
    return {
        "internal": vault.internal_authentication(card("IRK"), CHALLENGE, ORIGINAL),
        "reload": message("8424000100", bytes.fromhex("123456")),
        "unblock": message("8424000000"),
        "application": message("841E000100"),
        "card": message("8416000000"),
        "mac1": vault.purchase_mac(card("DPK"), SPEND, bytes.fromhex(AMOUNTS + TERMINAL + TIME)),
        "mac2": vault.purchase_mac(card("DPK"), SPEND, bytes.fromhex(AMOUNTS)),
        "tac": vault.transaction_code(
            card("DTK"), bytes.fromhex(f"{AMOUNTS}{TERMINAL}00000009{TIME}")
        ),
        "load1": vault.purchase_mac(
            card("DLK"), load, bytes.fromhex("00002710000003E831990100000001")
        ),
        "load2": vault.purchase_mac(card("DLK"), load, bytes.fromhex(loaded)),
        "loadtac": vault.transaction_code(card("DTK"), bytes.fromhex(f"000027100003{loaded}")),
    }


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_every_back_end_gives_the_vectors(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """K1, J5: eleven values of card-chip §11.3, for each machine and algorithm."""
    found = _answers(benches[kind], algorithm)
    assert {name: value.hex().upper() for name, value in found.items()} == VECTORS[algorithm]


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_every_operation_agrees_with_the_arithmetic_on_random_input(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """K1: 20 random challenges, originals, factors and messages of every length mod the block."""
    bench = benches[kind]
    for turn in range(20):
        factors = tuple(secrets.token_bytes(8) for _ in range(turn % 4 or 1))
        challenge, original = secrets.token_bytes((4, 8)[turn % 2]), secrets.token_bytes(8)
        message = secrets.token_bytes(turn)
        card = card_key.derive(algorithm, ROOT, *factors)
        once = card_key.session(algorithm, card, challenge)
        path = {name: KeyPath(KeyName(name, 1, algorithm), factors) for name in PURPOSES}
        vault = bench.vault
        proof = card_key.authentication(algorithm, once, original)
        assert vault.external_authentication(path["PUK"], challenge, original) == proof
        assert vault.purchase_mac(path["DLK"], challenge, message) == card_key.mac(
            algorithm, once, message
        )
        assert vault.transaction_code(path["DTK"], message) == card_key.tac(
            algorithm, card, message
        )
        found = vault.secure_message(path["STK"], challenge, b"\x04\xd6\x85\x00\x00", message)
        body = card_key.enciphered(algorithm, once, message)
        header = b"\x04\xd6\x85\x00" + bytes([len(body) + 4])
        assert found == header + body + card_key.mac(algorithm, once, header + body)


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_a_factory_gets_each_cards_own_key_under_the_transport_key(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """K3: 1,000 cards in one question, each counted, none the same, all as derived alone."""
    bench = benches[kind]
    name, under = KeyName("PUK", 1, algorithm), KeyName("ZMK", 1, algorithm)
    cards = [number.to_bytes(8) for number in range(1000)]
    before = bench.vault.facts(name).used
    found = bench.vault.diversify_and_wrap(name, FACTORS[:2], cards, under)
    opened = [decipher(algorithm, TRANSPORT_KEY, one) for one in found]
    city = card_key.derive(algorithm, ROOT, *FACTORS[:2])
    assert opened == [card_key.derive(algorithm, city, card) for card in cards]
    assert bench.vault.facts(name).used == before + len(cards)
    assert bench.vault.diversify_and_wrap(name, FACTORS[:2], [], under) == []


@pytest.mark.parametrize("kind", ["soft", "pkcs11", "sdf"])
def test_a_short_key_of_secure_messaging_follows_its_own_rule(
    benches: dict[str, Bench], kind: str
) -> None:
    """K1: the 8-byte STK of a DES card, and its cards' keys for a factory."""
    bench = benches[kind]
    name = KeyName("STK8", 1, DES)
    enter(bench.custody, name, Purpose.MESSAGE, ROOT[:8])
    path = KeyPath(name, FACTORS)
    found = bench.vault.secure_message(
        path, CHALLENGE, bytes.fromhex("8424000100"), bytes.fromhex("123456")
    )
    assert found.hex().upper() == "842400010C767DD8BF90725FE9F79BDF51"
    unblock = bench.vault.secure_message(path, CHALLENGE, bytes.fromhex("8424000000"), None)
    assert unblock.hex().upper() == "842400000412958B4A"
    under = KeyName("ZMK", 1, DES)
    (wrapped,) = bench.vault.diversify_and_wrap(name, FACTORS[:2], FACTORS[2:], under)
    assert decipher(DES, TRANSPORT_KEY, wrapped).hex().upper() == "8DAA8A210CC95638"


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_components_and_keys_have_the_check_values_of_their_bytes(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """I1: each custodian reads the value of the own part; the whole has the whole's."""
    custody = benches[kind].custody
    cipher, key = BlockCipher.of_card(algorithm), KeyName("CHK", 1, algorithm)
    parts = [secrets.token_bytes(16) for _ in range(3)]
    for part in parts:
        assert custody.add_component("c", key, part) == check_value(cipher, part)
    made = custody.combine("c", key, Purpose.EXTERNAL, 3)
    whole = bytes(a ^ b ^ c for a, b, c in zip(*parts, strict=True))
    assert made.check_value == check_value(cipher, whole)
    assert benches[kind].vault.facts(key) == made
    assert key in [facts.name for facts in custody.inventory()]
    custody.destroy(key)
    assert _reason(lambda: benches[kind].vault.facts(key)) is KeyReason.UNKNOWN


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_a_key_block_of_the_soft_vault_is_taken_in_everywhere(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """K3: the province's vault wraps a root it made itself, the city's machine takes it in."""
    source, target = benches["soft"], benches[kind]
    name, under = KeyName(f"UK-{kind}", 7, algorithm), KeyName("ZMK", 1, algorithm)
    made = source.custody.generate(
        name, Purpose.EXTERNAL, terms=KeyTerms(export=Export.UNDER_TRANSPORT)
    )
    block = source.vault.wrap(name, under)
    answer = source.vault.external_authentication(KeyPath(name, FACTORS), CHALLENGE, ORIGINAL)
    if kind == "soft":
        source.custody.destroy(name)
    taken = target.custody.unwrap(block, under, name, Purpose.EXTERNAL)
    assert taken.check_value == made.check_value
    path = KeyPath(name, FACTORS)
    assert target.vault.external_authentication(path, CHALLENGE, ORIGINAL) == answer


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_a_spoilt_or_misnamed_key_block_is_not_taken_in(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """K3: every character of a block is proved, its name and its purpose too."""
    source, custody = benches["soft"], benches[kind].custody
    under = KeyName("ZMK", 1, algorithm)
    name = KeyName(f"SPOILT-{kind}", 1, algorithm)
    terms = KeyTerms(export=Export.UNDER_TRANSPORT)
    source.custody.generate(name, Purpose.EXTERNAL, terms=terms)
    block = source.vault.wrap(name, under)
    source.custody.destroy(name)
    for place in range(0, len(block), 5):
        spoilt = block[:place] + bytes([block[place] ^ 1]) + block[place + 1 :]
        reason = _reason(partial(custody.unwrap, spoilt, under, name, Purpose.EXTERNAL))
        assert reason is KeyReason.BAD_BLOCK, place
    wrong = KeyName("OTHER", 1, algorithm)
    asked = [(wrong, Purpose.EXTERNAL, KeyTerms()), (name, Purpose.TAC, KeyTerms())]
    asked.append((name, Purpose.EXTERNAL, KeyTerms(bits=64 if algorithm is DES else 128)))
    for key, purpose, wanted in asked[: 3 if algorithm is DES else 2]:
        reason = _reason(partial(custody.unwrap, block, under, key, purpose, terms=wanted))
        assert reason is KeyReason.BAD_BLOCK
    custody.unwrap(block, under, name, Purpose.EXTERNAL)
    custody.destroy(name)


@pytest.mark.parametrize("kind", ["pkcs11", "sdf"])
def test_no_root_leaves_a_machine(benches: dict[str, Bench], kind: str) -> None:
    """J5, K3: not even a key that its terms would let go, not even under a transport key."""
    bench = benches[kind]
    terms = KeyTerms(export=Export.UNDER_TRANSPORT)
    name = KeyName("STAYS", 1, DES)
    bench.custody.generate(name, Purpose.EXTERNAL, terms=terms)
    reason = _reason(lambda: bench.vault.wrap(name, KeyName("ZMK", 1, DES)))
    assert reason is KeyReason.NOT_EXPORTABLE


def test_a_machine_without_sm4_says_so(benches: dict[str, Bench]) -> None:
    """J5: SoftHSM has no SM4, and no mechanism table gave it one; SSF33 is nobody's."""
    custody = benches["pkcs11"].custody
    assert _reason(lambda: custody.generate(KeyName("X"), Purpose.TAC)) is KeyReason.ALGORITHM
    reason = _reason(lambda: custody.add_component("c", KeyName("X"), bytes(16)))
    assert reason is KeyReason.ALGORITHM
    key = KeyName("X", 1, Algorithm.SSF33)
    for kind in CAN:
        reason = _reason(partial(benches[kind].custody.generate, key, Purpose.TAC))
        assert reason is KeyReason.ALGORITHM


@pytest.mark.parametrize(("kind", "algorithm"), CELLS)
def test_a_key_does_one_thing_only(
    benches: dict[str, Bench], kind: str, algorithm: Algorithm
) -> None:
    """K3: every purpose against every operation; only the one it is for is done."""
    bench, done = benches[kind], set()
    for name in (*PURPOSES, "ZMK"):
        for operation, attempt in _tries(bench.vault, bench.card(name, algorithm)).items():
            reason = _reason(attempt)
            assert reason in (None, KeyReason.WRONG_PURPOSE)
            if reason is None:
                done.add((name, operation))
    assert done == {
        *(("IRK", "internal"), ("PUK", "external"), ("STK", "message"), ("DPK", "mac")),
        *(("DLK", "mac"), ("DTK", "tac"), ("ZMK", "under")),
        *((name, "factory") for name in PURPOSES),
    }


def _tries(vault: VaultClient, path: KeyPath) -> dict[str, Callable[[], object]]:
    """Every operation once, with the key of a path in every place that a key can take."""
    other, under = (KeyName(name, 1, path.root.algorithm) for name in ("PUK", "ZMK"))
    city, cards = FACTORS[:2], FACTORS[2:]
    return {
        "internal": lambda: vault.internal_authentication(path, CHALLENGE, ORIGINAL),
        "external": lambda: vault.external_authentication(path, CHALLENGE, ORIGINAL),
        "message": lambda: vault.secure_message(path, CHALLENGE, bytes(5), None),
        "mac": lambda: vault.purchase_mac(path, CHALLENGE, b""),
        "tac": lambda: vault.transaction_code(path, b""),
        "factory": lambda: vault.diversify_and_wrap(path.root, city, cards, under),
        "under": lambda: vault.diversify_and_wrap(other, city, cards, path.root),
    }


@pytest.mark.parametrize("kind", list(CAN))
def test_terms_are_kept(benches: dict[str, Bench], kind: str) -> None:
    """K3, I1: levels, uses, standing, lengths, names taken; nothing is counted for a refusal."""
    bench = benches[kind]
    key = KeyName("TERMS", 1, DES)
    terms = KeyTerms(levels=2, uses=5, standing=Standing.RESTING)
    bench.custody.generate(key, Purpose.EXTERNAL, terms=terms)
    assert _external(bench, key, FACTORS[:2]) is KeyReason.NOT_ACTIVE
    bench.custody.set_standing(key, Standing.ACTIVE)
    assert _external(bench, key, FACTORS) is KeyReason.WRONG_LEVELS
    assert _external(bench, key, (b"short",) * 2) is KeyReason.BAD_LENGTH
    assert _reason(lambda: bench.custody.generate(key, Purpose.TAC)) is KeyReason.EXISTS
    assert _external(bench, key, FACTORS[:2]) is None
    bench.custody.set_standing(key, Standing.HISTORY)
    assert _external(bench, key, FACTORS[:2]) is None
    assert _factory(bench, key, 1) is KeyReason.NOT_ACTIVE
    bench.custody.set_standing(key, Standing.ACTIVE)
    assert _factory(bench, key, 4) is KeyReason.COUNTER_SPENT
    assert _factory(bench, key, 3) is None
    assert _external(bench, key, FACTORS[:2]) is KeyReason.COUNTER_SPENT
    assert bench.vault.facts(key).used == 5
    bench.custody.destroy(key)


@pytest.mark.parametrize("kind", list(CAN))
def test_a_ceremony_that_does_not_add_up_leaves_no_key(
    benches: dict[str, Bench], kind: str
) -> None:
    """I1, T15: too few parts, too many, one twice, one alone, of another length; then forgotten."""
    custody, key = benches[kind].custody, KeyName("PARTS", 1, DES)
    whole = bytes(range(16))

    def combined(parts: int, *entered: bytes) -> KeyReason | None:
        for part in entered:
            custody.add_component("c", key, part)
        return _reason(lambda: custody.combine("c", key, Purpose.TAC, parts))

    assert combined(3, whole, bytes(16)) is KeyReason.BAD_PARTS
    assert combined(2, whole, bytes(16), whole[::-1]) is KeyReason.BAD_PARTS
    assert combined(2, whole, whole) is KeyReason.BAD_PARTS
    assert combined(1, whole) is KeyReason.BAD_PARTS
    assert combined(2) is KeyReason.BAD_PARTS
    assert combined(2, whole, whole[:8]) is KeyReason.BAD_PARTS
    assert _reason(lambda: custody.add_component("c", key, whole[:7])) is KeyReason.BAD_PARTS
    assert _reason(lambda: benches[kind].vault.facts(key)) is KeyReason.UNKNOWN
    custody.add_component("c", key, whole)
    custody.forget_components("c", key)
    assert combined(2, bytes(16)) is KeyReason.BAD_PARTS
    assert combined(2, whole, whole, bytes(16)) is None
    custody.destroy(key)


def _external(bench: Bench, key: KeyName, factors: tuple[bytes, ...]) -> KeyReason | None:
    path = KeyPath(key, factors)
    return _reason(lambda: bench.vault.external_authentication(path, CHALLENGE, ORIGINAL))


def _factory(bench: Bench, key: KeyName, cards: int) -> KeyReason | None:
    under = KeyName("ZMK", 1, DES)
    given = [number.to_bytes(8) for number in range(cards)]
    return _reason(lambda: bench.vault.diversify_and_wrap(key, FACTORS[:1], given, under))


def _reason(attempt: Callable[[], object]) -> KeyReason | None:
    try:
        attempt()
    except KeyRefused as refused:
        return refused.reason
    return None


def test_the_folder_of_a_vault_belongs_to_its_user_alone(
    benches: dict[str, Bench], tmp_path: Path
) -> None:
    """P13: sockets and files are closed to everybody else."""
    for bench in benches.values():
        folder = bench.stand.settings.folder
        assert folder.stat().st_mode & 0o077 == 0
        assert [path for path in folder.iterdir() if path.stat().st_mode & 0o077] == []
