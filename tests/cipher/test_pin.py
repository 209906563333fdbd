"""PIN blocks against published examples and psec; what does not open is named so."""

from __future__ import annotations

import random
import secrets

import pytest
from psec import des, pinblock

from minka.cipher.field import SoftFieldKeys
from minka.cipher.pin import (
    PinBlockFault,
    PinFormat,
    seal,
    translate,
    unseal,
    verification_value,
)
from minka.cipher.retail import Block, decipher
from minka.kit.secret import Clear

pytestmark = pytest.mark.filterwarnings("ignore:.*TripleDES.*")  # psec speaks of itself

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PAN = "43219876543210987"
ACCOUNT = PAN[-13:-1]
CHANCE = random.Random(9564)


def fill(form: PinFormat) -> bytes:
    """Fresh random bytes for a block."""
    return secrets.token_bytes(form.fill_bytes)


def some_pin() -> Clear:
    """A PIN of four to twelve digits."""
    return Clear("".join(CHANCE.choices("0123456789", k=CHANCE.randint(4, 12))))


def test_format_0_as_published() -> None:
    """Origin: ISO 9564-1 format 0, the example of PIN 1234 and account 43219876543210987."""
    block = seal(PinFormat.ISO_0, KEY, Clear("1234"), ACCOUNT)
    assert decipher(Block.TRIPLE_DES, KEY, block).hex() == "0412ac89abcdef67"


def test_formats_0_and_3_agree_with_psec() -> None:
    """Origin: psec 1.x as oracle, both ways."""
    for _ in range(300):
        pin, pan = some_pin(), "".join(CHANCE.choices("0123456789", k=16))
        account, key = pan[-13:-1], CHANCE.randbytes(16)
        zero = des.encrypt_tdes_ecb(key, pinblock.encode_pinblock_iso_0(pin.reveal(), pan))
        assert seal(PinFormat.ISO_0, key, pin, account) == zero
        three = des.encrypt_tdes_ecb(key, pinblock.encode_pinblock_iso_3(pin.reveal(), pan))
        assert unseal(PinFormat.ISO_3, key, three, account) == pin
        ours = seal(PinFormat.ISO_3, key, pin, account, fill=fill(PinFormat.ISO_3))
        opened = des.decrypt_tdes_ecb(key, ours)
        assert pinblock.decode_pinblock_iso_3(opened, pan) == pin.reveal()


@pytest.mark.parametrize("form", list(PinFormat))
def test_a_block_opens_for_its_account_and_key_alone(form: PinFormat) -> None:
    """A block that was copied to another card, or came under another key, gives no right PIN."""
    wrong = 0
    for _ in range(200):
        pin = some_pin()
        block = seal(form, KEY, pin, ACCOUNT, fill=fill(form))
        assert unseal(form, KEY, block, ACCOUNT) == pin
        for key, account in ((KEY, "000000000001"), (KEY[::-1], ACCOUNT)):
            try:
                wrong += unseal(form, key, block, account) == pin
            except PinBlockFault:
                continue
    assert wrong == 0


@pytest.mark.parametrize("form", [PinFormat.ISO_3, PinFormat.SM4_4])
def test_the_same_pin_twice_is_two_blocks(form: PinFormat) -> None:
    """With random fill nobody on the line sees that two PINs are equal."""
    pin = Clear("135790")
    assert len({seal(form, KEY, pin, ACCOUNT, fill=fill(form)) for _ in range(50)}) == 50


def test_blocks_move_from_key_to_key() -> None:
    """A block of the terminal becomes one of the switch, in another format too."""
    pin, other = Clear("864209"), CHANCE.randbytes(16)
    for given in PinFormat:
        for wanted in PinFormat:
            block = seal(given, KEY, pin, ACCOUNT, fill=fill(given))
            moved = translate(
                block, ACCOUNT, given=(given, KEY), wanted=(wanted, other), fill=fill(wanted)
            )
            assert unseal(wanted, other, moved, ACCOUNT) == pin


@pytest.mark.parametrize(
    ("pin", "account", "random_bytes"),
    [
        ("123", ACCOUNT, 8),
        ("1234567890123", ACCOUNT, 8),
        ("12a4", ACCOUNT, 8),
        ("١٢٣٤", ACCOUNT, 8),
        ("1234", "12345", 8),
        ("1234", ACCOUNT, 7),
    ],
)
def test_what_is_no_pin_is_not_sealed(pin: str, account: str, random_bytes: int) -> None:
    """Four to twelve digits, twelve digits of account, eight random bytes."""
    for form in (PinFormat.ISO_3, PinFormat.SM4_4):
        with pytest.raises(PinBlockFault):
            seal(form, KEY, Clear(pin), account, fill=bytes(random_bytes))


def test_noise_opens_to_nothing() -> None:
    """Random blocks are faults; by chance a block of eight bytes opens now and then."""
    opened = 0
    for form in PinFormat:
        for _ in range(500):
            try:
                unseal(form, KEY, CHANCE.randbytes(form.block_bytes), ACCOUNT)
                opened += 1
            except PinBlockFault:
                continue
        with pytest.raises(PinBlockFault):
            unseal(form, KEY, b"short", ACCOUNT)
    assert opened <= 3


def test_what_is_kept_is_bound_to_the_card() -> None:
    """The stored value is another for every card and key, and shows nothing of the PIN."""
    keys, others = SoftFieldKeys(b"k" * 32), SoftFieldKeys(b"o" * 32)
    pin = Clear("135790")
    kept = verification_value(keys, "7:9", pin)
    assert kept == verification_value(keys, "7:9", Clear("135790"))
    different = [
        verification_value(keys, "7:10", pin),
        verification_value(keys, "79:", pin),
        verification_value(keys, "7:9", Clear("135791")),
        verification_value(others, "7:9", pin),
    ]
    assert kept not in different
    assert len(set(different)) == 4
