"""The medical purchase and its records (card-chip §12.6): by PSAM or by encryption machine.

The sums are fen; the first of the three, from the account on the card, is 0 unless the settings
say that a caller gives it. What iDoDebit answers is the bench's own: no open source tells it.
"""

from __future__ import annotations

from dataclasses import dataclass

from minka.chip.apdu import Command
from minka.chip.keys import DPK
from minka.doors.reader.basic import algorithm_text
from minka.doors.reader.card import NO_RECORD, CardInHand
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.forms import Payment, fields, hexed, moment, octets, parted
from minka.doors.reader.general import address, numbered, parts_of
from minka.doors.reader.open_file import show_pin
from minka.doors.reader.pin import paid_for
from minka.doors.reader.sam import Purchase
from minka.doors.reader.terminal import Terminal

PURCHASE = b"2"
FILE = "DF04EF08"
BENCH_KEY_INDEX = 1
AMOUNTS = ("account", "self", "pooled")


@dataclass(frozen=True, slots=True)
class Begun:
    """A purchase between INITIALIZE and DEBIT."""

    challenge: bytes
    sequence: bytes
    key_version: int
    amounts: bytes
    terminal: str
    at: str


def amounts(terminal: Terminal, payment: Payment) -> bytes:
    """The three sums, four bytes each, from the two a caller gives."""
    given = dict(
        zip(terminal.settings.pay_amounts, (payment.first_fen, payment.second_fen), strict=True)
    )
    return b"".join(given.get(name, 0).to_bytes(4) for name in AMOUNTS)


def begin(terminal: Terminal, card: CardInHand, payment: Payment, index: int) -> Begun:
    """INITIALIZE FOR PURCHASE with the holder's PIN shown."""
    number = terminal.terminal_number()
    sums = amounts(terminal, payment)
    card.select("DF04")
    paid_for(terminal, card)
    data = bytes([index]) + sums + octets(number, 6)
    out = card.must(Command(0xB0, 0x28, 0x01, 0x01, data, 0x16))
    return Begun(out[18:22], out[14:16], out[16], sums, number, payment.at)


def do(terminal: Terminal, card: CardInHand, payment: Payment) -> str:
    """A purchase with the terminal's PSAM; it checks the card's MAC2 at the end."""
    with terminal.sam() as sam:
        sam.open(card.algorithm)
        index = sam.purchase_index()
    begun = begin(terminal, card, payment, index)
    with terminal.sam() as sam:
        sam.open(card.algorithm)
        purchase = Purchase(
            begun.challenge, begun.sequence, begun.amounts, PURCHASE, begun.at, begun.key_version
        )
        sequence, mac1 = sam.debit(purchase, card.algorithm, terminal.factors(card))
        tac, mac2 = debited(card, begun, sequence, mac1)
        sam.confirm(mac2)
    return output(terminal, begun, sequence, tac)


def debited(card: CardInHand, begun: Begun, sequence: bytes, mac1: bytes) -> tuple[bytes, bytes]:
    """DEBIT FOR PURCHASE: the TAC, and MAC2."""
    data = sequence + bytes.fromhex(begun.at) + mac1
    out = card.must(Command(0xB0, 0x2C, 0x01, 0x00, data, 8))
    return out[:4], out[4:8]


def output(terminal: Terminal, begun: Begun, sequence: bytes, tac: bytes) -> str:
    """The fields the settings name, in their order; sums in fen."""
    sums = [int.from_bytes(begun.amounts[n : n + 4]) for n in (0, 4, 8)]
    known = dict(zip(AMOUNTS, map(str, sums), strict=True)) | {
        "sequence": hexed(begun.sequence),
        "type": PURCHASE.decode(),
        "terminal": begun.terminal,
        "time": begun.at,
        "terminal_sequence": hexed(sequence),
        "tac": hexed(tac),
    }
    return fields(*(known[name] for name in terminal.settings.debit_output))


def step1(terminal: Terminal, card: CardInHand, payment: Payment) -> str:
    """``alg|key address|rand|sequence|self and pooled|type|terminal|time|`` for MAC1."""
    begun = begin(terminal, card, payment, BENCH_KEY_INDEX)
    card.kept |= {
        "begun": begun.challenge + begun.sequence + bytes([begun.key_version]),
        "amounts": begun.amounts,
        "terminal": begun.terminal.encode(),
        "at": begun.at.encode(),
    }
    return fields(
        algorithm_text(terminal, card),
        address(terminal, card, DPK),
        hexed(begun.challenge),
        hexed(begun.sequence),
        hexed(begun.amounts[4:]),
        hexed(PURCHASE),
        begun.terminal,
        begun.at,
    )


def step2(terminal: Terminal, card: CardInHand, key: str) -> str:
    """``terminal sequence|time|MAC1|`` sent to the card."""
    match parted(key):
        case [sequence, at, mac1, *_]:
            kept = card.kept
            start = kept["begun"]
            if moment(at) != kept["at"].decode():
                raise Stop(Code.NOT_LAWFUL)
            number = octets(sequence, 4)
            begun = Begun(
                start[:4], start[4:6], start[6], kept["amounts"], kept["terminal"].decode(), at
            )
            tac, _ = debited(card, begun, number, octets(mac1, 4))
            return output(terminal, begun, number, tac)
        case _:
            raise Stop(Code.BAD_LENGTH)


def records(terminal: Terminal, card: CardInHand) -> str:
    """Every purchase the card remembers, the newest first, in the fields of its records."""
    card.select("DF04")
    show_pin(terminal, card)
    file = card.specification.file(FILE)
    card.select_file(file.fid)
    found = []
    for number in range(1, file.records + 1):
        record = numbered(card, number)
        if not record.strip(b"\xff") or not record.strip(b"\0"):
            break
        found.append(fields(*parts_of(file, record)))
    if not found:
        raise Stop(-NO_RECORD)
    return "".join(line + terminal.settings.record_separator for line in found)
