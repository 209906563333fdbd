"""PIN, keys and blocking at a card (card-chip §12.3, §12.4, §21)."""

from __future__ import annotations

import pytest

from minka.chip import gate as gates
from minka.chip.faults import CardFault, CardReason
from minka.chip.reading import open_card, read_card_file, read_log
from minka.chip.session import Authenticator, Gate
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear
from tests.chip.cards import PIN, SoftKeys, slot
from tests.chip.scripted import Scripted

NEW = Clear("654321")
BOTH = [
    pytest.param("2.0", Algorithm.TRIPLE_DES, id="3des"),
    pytest.param("3.0", Algorithm.SM4, id="sm4"),
]


def refused(caught: pytest.ExceptionInfo[CardFault]) -> CardReason:
    """Why the card said no."""
    return caught.value.reason


def test_a_wrong_pin_counts_down_and_blocks() -> None:
    """Each wrong PIN names the tries left; then only the office can help."""
    session = open_card(slot())
    for left in (5, 4, 3, 2, 1):
        with pytest.raises(CardFault) as caught:
            gates.verify(session, Clear("111111"))
        assert refused(caught) is CardReason.PIN_WRONG
        assert f"{left} tries" in caught.value.say("en")
        assert gates.tries_of_pin(session) == left
    with pytest.raises(CardFault) as caught:
        gates.verify(session, Clear("111111"))
    assert refused(caught) is CardReason.PIN_BLOCKED
    with pytest.raises(CardFault) as caught:
        gates.verify(session, PIN)
    assert refused(caught) is CardReason.PIN_BLOCKED


def test_a_right_pin_gives_all_tries_back() -> None:
    """Success resets the counter, and it holds in every application."""
    session = open_card(slot())
    with pytest.raises(CardFault):
        gates.verify(session, Clear("111111"))
    gates.verify(session, PIN)
    assert gates.tries_of_pin(session) == 6
    read_log(session, Gate())
    read_card_file(session, "DF01EF05", Gate())


def test_the_holder_changes_the_pin() -> None:
    """The old one is needed; afterwards only the new one is right."""
    session = open_card(slot())
    with pytest.raises(CardFault) as caught:
        gates.change_pin(session, Clear("999999"), NEW)
    assert refused(caught) is CardReason.PIN_WRONG
    gates.change_pin(session, PIN, NEW)
    with pytest.raises(CardFault):
        gates.verify(session, PIN)
    gates.verify(session, NEW)


@pytest.mark.parametrize("text", ["123", "12345678901234567", "12a4", "", "１２３４"])
def test_what_is_no_pin(text: str) -> None:
    """Nothing is sent for it, and it is never printed."""
    card = Scripted()
    session = open_card(slot())
    session.connection = card
    with pytest.raises(CardFault) as caught:
        gates.verify(session, Clear(text))
    assert refused(caught) is CardReason.PIN_FORM
    assert not text or text not in str(caught.value)
    assert card.sent == []


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
def test_the_office_reloads_and_unblocks(version: str, algorithm: Algorithm) -> None:
    """PUK and a secured command give a new PIN, or the old one its tries back."""
    gate = Gate(SoftKeys(algorithm))
    session = open_card(slot(version, algorithm))
    for _ in range(6):
        with pytest.raises(CardFault):
            gates.verify(session, Clear("111111"))
    gates.unblock_pin(session, gate)
    gates.verify(session, PIN)
    gates.reload_pin(session, NEW, gate)
    gates.verify(session, NEW)
    gates.reload_pin(session, Clear("12345678"), gate)
    gates.verify(session, Clear("12345678"))
    gates.reload_pin(session, None, gate)
    assert gates.tries_of_pin(session) is None


def test_without_the_keys_nothing_is_reloaded() -> None:
    """PUK alone does not do, nor the key of messages alone."""
    for names, missing in ((("PUK",), "STKSSSE"), (("STKSSSE",), "PUK")):
        session = open_card(slot())
        with pytest.raises(CardFault) as caught:
            gates.reload_pin(session, NEW, Gate(SoftKeys(only=names)))
        assert refused(caught) is CardReason.KEY_NEEDED
        assert caught.value.facts == {"key": missing}


def test_a_wrong_key_is_refused_and_named() -> None:
    """A key of another level does not open; its counter falls until it is blocked."""
    wrong = Gate(SoftKeys(Algorithm.TRIPLE_DES))
    session = open_card(slot())
    reasons = []
    for _ in range(8):
        with pytest.raises(CardFault) as caught:
            gates.authenticate(session, "PUK", wrong)
        reasons.append(refused(caught))
    assert reasons[0] is CardReason.KEY_REFUSED
    assert reasons[-1] is CardReason.KEY_BLOCKED
    assert "PUK" in caught.value.say()


def test_a_key_without_a_number_is_not_tried() -> None:
    """LK of DF01 stands in no open source: it is a setting, and nothing is guessed."""
    session = open_card(slot())
    with pytest.raises(CardFault) as caught:
        gates.block_application(session, "DF01", Gate(SoftKeys()))
    assert refused(caught) is CardReason.KEY_NEEDED


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
def test_an_application_is_blocked_for_good(version: str, algorithm: Algorithm) -> None:
    """Afterwards it answers 9303, the others go on."""
    card = slot(version, algorithm)
    gate = Gate(SoftKeys(algorithm), PIN)
    gates.block_application(open_card(card), "DF04", gate)
    card.reset()
    session = open_card(card)
    with pytest.raises(CardFault) as caught:
        read_card_file(session, "DF04EF05", gate)
    assert refused(caught) is CardReason.APPLICATION_BLOCKED
    read_card_file(session, "DF01EF05", gate)


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
def test_a_card_is_blocked_for_good(version: str, algorithm: Algorithm) -> None:
    """Afterwards it answers 6A81 to everything, and says so at the next reader."""
    card = slot(version, algorithm)
    gates.block_card(open_card(card), Gate(SoftKeys(algorithm)))
    card.reset()
    with pytest.raises(CardFault) as caught:
        open_card(card)
    assert refused(caught) is CardReason.CARD_BLOCKED


def test_the_order_of_the_two_challenges() -> None:
    """The first is the original, the latest the factor (card-chip §12.4; rows 10 to 12 of §13)."""
    session = open_card(slot())
    found = gates.external_challenges(session)
    script = Scripted(
        f"0084000008 -> {found.original.hex()}9000",
        f"0084000008 -> {found.factor.hex()}9000",
        f"0082000A10{'AA' * 8}{found.original.hex().upper()} -> 9000",
    )
    session.connection = script
    seen = []

    class Keys(SoftKeys):
        def external(self, key: str) -> Authenticator | None:
            def made(factor: bytes, original: bytes) -> bytes:
                seen.append((key, factor, original))
                return b"\xaa" * 8

            return made

    gates.authenticate(session, "RKSSSE", Gate(Keys()))
    script.done()
    assert seen == [("RKSSSE", found.factor, found.original)]


def test_the_session_of_the_reference() -> None:
    """Challenges, authentication data and PIN reload of card-chip §13, byte for byte."""
    session = open_card(slot(keys_of="990100"))
    script = Scripted(
        "0088000010EF29A2F6437822DBF15AB2860CFFBDC4 -> D7D92A2430921CEF9000",
        "0084000008 -> 627A5E52859FB32D9000",
        "0084000008 -> 9803B48B1CA07F9A9000",
        "0082000A1044810CBCDEBBA1A8627A5E52859FB32D -> 9000",
        "0020000003111111 -> 63C5",
        "0020000000 -> 63C5",
        "0084000008 -> 3FD0C2F50224B1A79000",
        "0084000008 -> C76E49707C33AA629000",
        "0082000610D29B41A3824B00F93FD0C2F50224B1A7 -> 9000",
        "0084000008 -> 2E502AD231BB9E6B9000",
        "8424000114ADE9EE23883D27F0BAE04EDCB8070C1E9B52E317 -> 9000",
        "0020000003654321 -> 9000",
    )
    session.connection = script
    keys = SoftKeys()
    gate = Gate(keys)
    gates.prove(
        session,
        keys.internal("IRK") or pytest.fail("no key"),
        random=bytes.fromhex("EF29A2F6437822DBF15AB2860CFFBDC4"),
    )
    gates.authenticate(session, "RKSSSE", gate)
    with pytest.raises(CardFault):
        gates.verify(session, Clear("111111"))
    assert gates.tries_of_pin(session) == 5
    gates.reload_pin(session, NEW, gate)
    gates.verify(session, NEW)
    script.done()
