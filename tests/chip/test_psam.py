"""The terminal's own card: keys at any level, secured commands, purchases (card-chip §14, §20)."""

from __future__ import annotations

import pytest

from minka.bench.card_keys import factors
from minka.bench.card_slot import Slot
from minka.bench.psam_maker import PLACES, Terminal, places_of, sam_cells, sam_from
from minka.chip import gate as gates
from minka.chip.connection import CardConnection
from minka.chip.faults import CardFault, CardReason
from minka.chip.fci import ChipAlgorithm
from minka.chip.psam import Place, Psam, open_psam, terminal_sequence
from minka.chip.purchase import balance_fen, buy
from minka.chip.reading import open_card, prove_card, read_card_file, read_item
from minka.chip.session import CardSession, Gate
from minka.chip.writing import write_item
from minka.cipher.card_key import Algorithm
from minka.keys.table import key_table
from minka.kit.secret import Clear
from tests.chip.cards import AREA, PIN, RANDOM, slot
from tests.chip.scripted import HISTORICAL, Scripted
from tests.chip.test_purchase import CASH, HOLDERS, TERMINAL, SoftTerminal, offline

BOTH = [
    pytest.param("2.0", Algorithm.TRIPLE_DES, id="3des"),
    pytest.param("3.0", Algorithm.SM4, id="sm4"),
]
LEVELS = [1, 2, 3]


def places(level: int) -> dict[str, Place]:
    """What a terminal is told of its PSAM: usage and number of every key, for one level."""
    return {row.name: Place(*place) for row in key_table() for place in places_of(row, level)}


def psam(algorithm: Algorithm, *, held: int = 2, told: int = 2) -> Psam:
    """A PSAM of the bench, ready for the test's user card; it may hold another level than told."""
    chip: CardConnection = Slot(sam_from(sam_cells(Terminal(level=held))))
    name = PLACES[0 if algorithm is Algorithm.TRIPLE_DES else 1][1]
    sam = open_psam(chip, places(told), name=name)
    sam.serves(ChipAlgorithm(algorithm), tuple(reversed(factors(AREA, HISTORICAL))))
    return sam


def opened(version: str, algorithm: Algorithm) -> CardSession:
    """A user card."""
    return open_card(slot(version, algorithm))


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
@pytest.mark.parametrize("level", LEVELS)
def test_a_psam_of_any_level_opens_the_card(version: str, algorithm: Algorithm, level: int) -> None:
    """Told nothing of the level, the terminal finds it: 6A80 or 6A88, and the next is tried."""
    sam = psam(algorithm, held=level)
    session = opened(version, algorithm)
    gate = Gate(sam)
    read_card_file(session, "DF01EF06", gate)
    write_item(session, ("DF01EF06", 0x24), "990101", gate)
    assert read_item(session, "DF01EF06", 0x24, gate).say() == "990101"
    assert sam.levels == {"RK1DF01": level, "UK4DF01": level}


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
def test_a_psam_proves_the_card(version: str, algorithm: Algorithm) -> None:
    """Internal authentication through the PSAM (K2)."""
    if "IRK" not in places(2):
        pytest.fail("the PSAM of the bench has no IRK")
    prove_card(opened(version, algorithm), Gate(psam(algorithm)), random=RANDOM)


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
def test_a_psam_reloads_a_pin(version: str, algorithm: Algorithm) -> None:
    """PUK, the PIN enciphered, the MAC: all from the PSAM (card-chip §11.2)."""
    session = opened(version, algorithm)
    gate = Gate(psam(algorithm))
    gates.reload_pin(session, Clear("654321"), gate)
    gates.verify(session, Clear("654321"))
    gates.unblock_pin(session, gate)
    with pytest.raises(CardFault):
        gates.verify(session, PIN)


@pytest.mark.parametrize(("version", "algorithm"), BOTH)
@pytest.mark.parametrize("level", LEVELS)
def test_a_purchase_with_a_psam(version: str, algorithm: Algorithm, level: int) -> None:
    """MAC1 from the PSAM, MAC2 checked by it, the sequence counted, the TAC right."""
    sam = psam(algorithm, held=level)
    assert sam.terminal == TERMINAL
    session = open_card(offline(version, algorithm))
    done = buy(session, CASH, sam, HOLDERS)
    assert done.terminal_sequence == 9
    assert SoftTerminal(algorithm).right_tac(done, CASH)
    assert balance_fen(session, HOLDERS) == 9700
    again = buy(session, CASH, sam, HOLDERS)
    assert again.terminal_sequence == 10
    assert terminal_sequence(sam) == 11


def test_a_wrong_mac2_is_found() -> None:
    """A card that cannot answer for its debit is found out by the PSAM."""
    session = open_card(offline("3.0", Algorithm.SM4))
    sam = psam(Algorithm.SM4)

    class Spoilt:
        """Changes the last byte of every debit's answer."""

        atr = session.connection.atr

        def __init__(self, inside: CardConnection) -> None:
            self.inside = inside

        def transmit(self, command: bytes) -> bytes:
            answer = self.inside.transmit(command)
            return answer if command[:2] != b"\xb0\x2c" else answer[:-3] + b"\0" + answer[-2:]

        def reset(self) -> bytes:
            return self.inside.reset()

    session.connection = Spoilt(session.connection)
    with pytest.raises(CardFault) as caught:
        buy(session, CASH, sam, HOLDERS)
    assert caught.value.reason is CardReason.MAC_WRONG


def test_a_key_the_psam_lacks() -> None:
    """Named before anything is sent, or found missing by 6A88 at every level."""
    assert psam(Algorithm.SM4).external("UK1DF05") is None
    sam = psam(Algorithm.SM4)
    sam.places = {**sam.places, "UK1DF05": Place(0x47, 0x99)}
    authenticator = sam.external("UK1DF05")
    assert authenticator is not None
    with pytest.raises(CardFault) as caught:
        authenticator(bytes(8), bytes(8))
    assert caught.value.reason is CardReason.KEY_NEEDED


def test_the_commands_of_a_pin_reload() -> None:
    """The forms of card-chip §11.2, generation 2: BFDE, 80FA00, BFDE, 80FA05 with 8 zero bytes."""
    card, city, challenge = "8699990100000001", "3939303130307378", "0102030405060708"
    script = Scripted(
        f"BFDE480918{card}{city}{challenge} -> 9000",
        "80FA0000080312345680000000 -> 6108",
        "00C0000008 -> 767DD8BF90725FE99000",
        f"BFDE480918{card}{city}{challenge} -> 9000",
        "80FA0500180000000000000000" + "842400010C767DD8BF90725FE9800000" + " -> 6108",
        "00C0000008 -> F79BDF51000000009000",
    )
    sam = Psam(script, TERMINAL, {"STKSSSE": Place(0x48, 0x09)})
    sam.serves(ChipAlgorithm.TRIPLE_DES, (bytes.fromhex(card), bytes.fromhex(city)))
    messenger = sam.message("STKSSSE")
    assert messenger is not None
    made = messenger(bytes.fromhex(challenge), bytes.fromhex("842400010C"), bytes.fromhex("123456"))
    script.done()
    assert made.hex().upper() == "842400010C767DD8BF90725FE9F79BDF51"
