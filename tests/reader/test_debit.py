"""The medical purchase by encryption machine, and what the card remembers (J4, T10)."""

from __future__ import annotations

import pytest

from minka.bench.card_account import Account
from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape
from minka.doors.reader.codes import Code
from minka.doors.reader.hsm import Who
from minka.keys.vault import KeyName, KeyPath
from tests.card.world import AREA, DES, HISTORICAL, SM4, blank, new_card
from tests.reader.world import WHICH, BenchVault, Counter

WHO = Who(AREA, HISTORICAL.hex())
PAY = "10.00|5.00|20240102030405|"


def debit(counter: Counter, pay: str = PAY) -> str:
    """A purchase in two steps."""
    first = counter.out("iDoDebit_HSM_Step1", "3", WHICH, pay, pins=["123456"])
    return counter.out("iDoDebit_HSM_Step2", counter.services.purchase(WHO, first))


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
def test_a_purchase_and_its_record(shape: Shape) -> None:
    """J4, T10: sums in fen, the TAC under the card's own key; then the record of the chip."""
    counter = Counter(new_card(shape))
    out = debit(counter)
    number, kind, terminal, at, *sums, sequence, tac, end = out.split("|")
    assert (kind, terminal, at, end) == ("2", "990100000001", "20240102030405", "")
    assert sums == ["0", "1000", "500"]
    message = (
        b"".join(int(s).to_bytes(4) for s in sums) + b"2" + bytes.fromhex(terminal + sequence + at)
    )
    assert tac == expected_tac(shape, message)
    record = counter.out("iReadDebitRecord", "3", pins=["123456"])
    logged, *rest = record.split("|")
    assert rest == ["2", "990100000001", "20240102030405", "0", "1000", "500", "$"]
    assert int(logged) - int(number, 16) in (0, 1)  # before or after is a gap (card-chip §22, 10)


def expected_tac(shape: Shape, message: bytes) -> str:
    """The TAC as the centre would check it."""
    factors = (b"990000sh", b"990100sx", HISTORICAL[5:])
    path = KeyPath(KeyName("DTK", 1, shape.algorithm), factors)
    return BenchVault().transaction_code(path, message).hex().upper()


def test_the_first_step_is_what_mac1_is_made_of() -> None:
    """J4: alg, address, rand, sequence, self and pooled, type, terminal, time."""
    counter = Counter()
    out = counter.out("iDoDebit_HSM_Step1", "3", WHICH, PAY, pins=["123456"]).split("|")
    assert out[:2] == ["03", "demo-3350"]
    assert (len(out[2]), len(out[3])) == (8, 4)
    assert out[4:] == ["000003E8000001F4", "32", "990100000001", "20240102030405", ""]


def test_every_purchase_is_remembered_newest_first() -> None:
    """T10: three purchases, three records, counted by the card."""
    counter = Counter()
    for yuan in (1, 2, 3):
        debit(counter, f"{yuan}.00|0|2024010203040{yuan}|")
    lines = counter.out("iReadDebitRecord", "3", pins=["123456"]).split("$")[:-1]
    assert [line.split("|")[5] for line in lines] == ["300", "200", "100"]
    numbers = [int(line.split("|")[0]) for line in lines]
    assert numbers == [numbers[2] + 2, numbers[2] + 1, numbers[2]]


def test_a_card_without_purchases_says_so() -> None:
    """J4: no record, 6A83."""
    assert Counter().code("iReadDebitRecord", "3", pins=["123456"]) == -27267


def test_which_amounts_a_caller_gives_is_a_setting() -> None:
    """J4: their meaning has no open source; with account and self the balance must suffice."""
    rich = Account(0, 0, 10_000, 0, 0, bytes.fromhex("2024"), bytes.fromhex("0101"))
    for account, code in ((rich, 0), (None, -0x9401)):
        told = {"account": account} if account else {}
        counter = Counter(card_from(make(SM4, blank(**told))), pay_amounts=["account", "self"])
        pins = ["123456"]
        assert counter.code("iDoDebit_HSM_Step1", "3", WHICH, PAY, pins=pins) == code


@pytest.mark.parametrize(
    ("pay", "code"),
    [
        ("10|5", Code.WRONG_ARGUMENT),
        ("ten|5|20240102030405|", Code.BAD_CHARACTER),
        ("10.005|5|20240102030405|", Code.NOT_LAWFUL),
        ("-1|5|20240102030405|", Code.NOT_LAWFUL),
        ("42949673.00|5|20240102030405|", Code.NOT_LAWFUL),
        ("NaN|5|20240102030405|", Code.BAD_CHARACTER),
        ("1e99999999|5|20240102030405|", Code.BAD_CHARACTER),
        ("10|5|20241302030405|", Code.NOT_LAWFUL),
        ("10|5|2024010203|", Code.BAD_LENGTH),
    ],
)
def test_a_bad_payment_is_named(pay: str, code: int) -> None:
    """J4: sums are whole fen that fit four bytes, a time is a real one."""
    assert Counter().code("iDoDebit_HSM_Step1", "3", WHICH, pay) == code


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("00000001|20240102030405|00000000|", -37634),
        ("00000001|20240102030406|00000000|", Code.NOT_LAWFUL),
        ("0001|20240102030405|00000000|", Code.BAD_LENGTH),
        ("00000001|20240102030405|0000000X|", Code.BAD_CHARACTER),
        ("", Code.BAD_LENGTH),
    ],
)
def test_a_wrong_mac1_takes_nothing(key: str, code: int) -> None:
    """T10: the card refuses a MAC1 that is not its own purchase's (9302), and remembers nothing."""
    counter = Counter()
    counter.out("iDoDebit_HSM_Step1", "3", WHICH, PAY, pins=["123456"])
    assert counter.code("iDoDebit_HSM_Step2", key) == code
    assert counter.code("iReadDebitRecord", "3", pins=["123456"]) == -27267


def test_an_initial_pin_does_not_pay() -> None:
    """J4: -35 when the settings name the PIN that new cards have."""
    counter = Counter(initial_pin="123456")
    pins = ["123456"]
    assert counter.code("iDoDebit_HSM_Step1", "3", WHICH, PAY, pins=pins) == Code.INITIAL_PIN
