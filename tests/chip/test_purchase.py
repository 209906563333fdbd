"""A purchase from the card's account, its proof, and its log (card-chip §12.6, X32, C5)."""

from __future__ import annotations

from datetime import datetime

import pytest

from minka.bench.card_account import Account
from minka.bench.card_keys import Counted
from minka.bench.card_maker import Blank, card_from, make
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.chip.faults import CardFault, CardReason
from minka.chip.purchase import (
    Amounts,
    Debited,
    Offer,
    Purchase,
    PurchaseTorn,
    balance_fen,
    buy,
    last_sequence,
    must_be_last,
    offered,
    proof,
)
from minka.chip.reading import open_card, read_log
from minka.chip.session import Gate
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.kit.clock import CHINA
from tests.chip.cards import AREA, CODE, HOLDER, NUMBER, PIN, SoftKeys, issuer, slot
from tests.chip.scripted import HISTORICAL, Scripted

AT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=CHINA)
TERMINAL = "990100000001"
PURCHASE = Purchase(Amounts(0, 1000, 500), TERMINAL, AT)
CASH = Purchase(Amounts(300, 1000, 500), TERMINAL, AT)
HOLDERS = Gate(pin=PIN)
BOTH = [
    pytest.param("2.0", Algorithm.TRIPLE_DES, id="3des"),
    pytest.param("3.0", Algorithm.SM4, id="sm4"),
]


class SoftTerminal(SoftKeys):
    """The terminal's side with the bench's purchase key; ``wrong`` spoils MAC1 by one bit."""

    def __init__(self, algorithm: Algorithm, wrong: int = 0) -> None:
        super().__init__(algorithm)
        self.wrong, self.sequence = wrong, 9
        self.amounts, self.session = b"", b""

    def begin(self, offer: Offer, purchase: Purchase) -> tuple[int, bytes]:
        """MAC1 under the session of the card's offer."""
        self.amounts = bytes(purchase.amounts)
        self.session = card_key.session(
            self.algorithm, self._key("DPK"), offer.spend(self.sequence)
        )
        mac1 = card_key.mac(self.algorithm, self.session, purchase.mac1_input)
        return self.sequence, bytes((mac1[0] ^ self.wrong,)) + mac1[1:]

    def finish(self, mac2: bytes) -> None:
        """MAC2 is over the three amounts."""
        if mac2 != card_key.mac(self.algorithm, self.session, self.amounts):
            raise CardFault(CardReason.MAC_WRONG)

    def right_tac(self, done: Debited, purchase: Purchase) -> bool:
        """The centre's check."""
        message = purchase.tac_input(done.terminal_sequence)
        return done.tac == card_key.tac(self.algorithm, self._key("DTK"), message)


def offline(version: str, algorithm: Algorithm, balance: int = 10000) -> Slot:
    """A card of mode 2 with money in its account."""
    contents = {
        "SSSEEF05": issuer(version),
        "SSSEEF06": HOLDER,
        "DF04EF05": {"8F": "2", "84": "990100"} if version != "1.0" else {"8F": "2"},
    }
    account = Account(0, 7, balance, 0, 0, bytes.fromhex("2024"), bytes.fromhex("0101"))
    blank = Blank(AREA, HISTORICAL, contents, pin=PIN, account=account)
    shape = Shape(version=version, algorithm=algorithm)
    return Slot(card_from(make(shape, blank), random=Counted()))


def test_the_reference_purchase() -> None:
    """The commands and answers of card-chip §12.6 and §11.3, byte for byte (SM4)."""
    session = open_card(slot())
    script = Scripted(
        "00A4000002DF04 -> 9000",
        "0020000003123456 -> 9000",
        "B02801011301" + "00000000000003E8000001F4990100000001"
        " -> 0000271000000000000000002024000701" + "03A1A2A3A49000",
        "B02C01000F0000000920240102030405AB0F2F66 -> 8C4C3A98FAB1EC93" + "9000",
    )
    session.connection = script
    terminal = SoftTerminal(Algorithm.SM4)
    root = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    factors = [bytes.fromhex(f) for f in ("3939303030307368", "3939303130307378")]
    card = card_key.derive(Algorithm.SM4, root, *factors, HISTORICAL[5:])
    terminal._key = lambda _: card  # type: ignore[method-assign,assignment]
    done = buy(session, PURCHASE, terminal, HOLDERS)
    script.done()
    assert done == Debited(7, 9, bytes.fromhex("8C4C3A98"), bytes.fromhex("FAB1EC93"))
    assert terminal.right_tac(done, PURCHASE)


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
def test_a_purchase_is_taken_and_logged(version: str, algorithm: Algorithm) -> None:
    """The balance falls, the log has it first, the centre can check it (C5)."""
    session = open_card(offline(version, algorithm))
    terminal = SoftTerminal(algorithm)
    done = buy(session, CASH, terminal, HOLDERS)
    assert terminal.right_tac(done, CASH)
    assert balance_fen(session, HOLDERS) == 9700
    newest = read_log(session, HOLDERS)[0]
    assert [part.say("en") for part in newest.parts][1:] == [
        *("medical settlement", TERMINAL, "2024-01-02 03:04:05", "3.00", "10.00", "5.00"),
    ]
    must_be_last(session, done.sequence, HOLDERS)


def test_without_pin_nothing_is_bought() -> None:
    """The PIN, when one is set, comes first."""
    session = open_card(offline("3.0", Algorithm.SM4))
    with pytest.raises(CardFault) as caught:
        buy(session, CASH, SoftTerminal(Algorithm.SM4), Gate())
    assert caught.value.reason is CardReason.PIN_NEEDED


def test_too_little_money() -> None:
    """The card refuses before anything is taken."""
    session = open_card(offline("3.0", Algorithm.SM4, balance=299))
    with pytest.raises(CardFault) as caught:
        buy(session, CASH, SoftTerminal(Algorithm.SM4), HOLDERS)
    assert caught.value.reason is CardReason.TOO_LITTLE_MONEY
    assert balance_fen(session, HOLDERS) == 299


def test_a_wrong_mac_takes_nothing() -> None:
    """A terminal without the key gets 9302."""
    session = open_card(offline("3.0", Algorithm.SM4))
    with pytest.raises(CardFault) as caught:
        buy(session, CASH, SoftTerminal(Algorithm.SM4, wrong=1), HOLDERS)
    assert caught.value.reason is CardReason.MAC_WRONG
    assert balance_fen(session, HOLDERS) == 10000
    assert last_sequence(session, HOLDERS) is None


def torn(card: Slot) -> PurchaseTorn:
    """A purchase whose card is gone before the answer to its debit."""
    with pytest.raises(PurchaseTorn) as caught:
        buy(open_card(card), CASH, SoftTerminal(Algorithm.SM4), HOLDERS)
    card.insert()
    return caught.value


DEBIT_IS = 8
"""Commands of the whole purchase before the debit: open 4, DF04, PIN, INITIALIZE."""


def test_the_answer_was_lost_but_the_money_taken() -> None:
    """The proof gives the TAC that never arrived, and only that once (X32)."""
    card = offline("3.0", Algorithm.SM4)
    card.faults.lose_answer(DEBIT_IS - 1)
    found = torn(card)
    session = open_card(card)
    done = proof(session, found, bytes.fromhex(CODE), NUMBER)
    assert done is not None
    assert SoftTerminal(Algorithm.SM4).right_tac(done, CASH)
    assert balance_fen(session, HOLDERS) == 9700


def test_the_card_was_pulled_before_the_debit() -> None:
    """No proof: nothing was taken, and the purchase may be made anew."""
    card = offline("3.0", Algorithm.SM4)
    card.faults.pull_before(DEBIT_IS - 1)
    found = torn(card)
    session = open_card(card)
    assert proof(session, found, bytes.fromhex(CODE), NUMBER) is None
    assert balance_fen(session, HOLDERS) == 10000
    buy(session, CASH, SoftTerminal(Algorithm.SM4), HOLDERS)


def test_another_card_is_not_asked() -> None:
    """The proof of one card says nothing about another's purchase (X32)."""
    card = offline("3.0", Algorithm.SM4)
    card.faults.lose_answer(DEBIT_IS - 1)
    found = torn(card)
    with pytest.raises(CardFault) as caught:
        proof(open_card(card), found, bytes(16), NUMBER)
    assert caught.value.reason is CardReason.OTHER_CARD


def test_only_the_last_is_mended() -> None:
    """A purchase that is not the newest of the log is left alone (X32)."""
    session = open_card(offline("3.0", Algorithm.SM4))
    first = buy(session, CASH, SoftTerminal(Algorithm.SM4), HOLDERS)
    for _ in range(2):
        later = buy(session, CASH, SoftTerminal(Algorithm.SM4), HOLDERS)
    must_be_last(session, later.sequence, HOLDERS)
    with pytest.raises(CardFault) as caught:
        must_be_last(session, first.sequence, HOLDERS)
    assert caught.value.reason is CardReason.NOT_LAST


@pytest.mark.parametrize("amount", [-1, 1 << 32])
def test_amounts_have_four_bytes(amount: int) -> None:
    """Anything else is refused before the card is asked."""
    with pytest.raises(ValueError, match="four bytes"):
        bytes(Amounts(amount, 0, 0))


def test_a_short_offer_is_a_fault() -> None:
    """A card that answers too little is not bought from."""
    session = open_card(slot())
    session.connection = Scripted(
        "00A4000002DF04 -> 9000", "0020000003123456 -> 9000", "B028* -> 00009000"
    )
    with pytest.raises(CardFault) as caught:
        offered(session, PURCHASE, HOLDERS)
    assert caught.value.reason is CardReason.TORN_DATA
