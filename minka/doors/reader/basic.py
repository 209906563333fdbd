"""Basic reading, the first call of any business: iReadCardBas and its two steps with an HSM."""

from __future__ import annotations

from secrets import token_bytes

from minka.chip.apdu import Command
from minka.chip.keys import IRK, RKSSSE
from minka.chip.rules import key_of
from minka.doors.reader.card import CardInHand, text_of
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.forms import fields, hexed, two_pairs
from minka.doors.reader.open_file import show_key
from minka.doors.reader.sam import Session
from minka.doors.reader.terminal import Terminal
from minka.doors.reader.values import date_text

ALGORITHM_NAMES = {1: "DES", 2: "SSF33", 3: "SM4"}


def read(terminal: Terminal, card: CardInHand) -> str:
    """The eleven fields, after the card proved genuine to the PSAM, or unproved if so set."""
    try:
        _proved(terminal, card)
    except Stop as stop:
        unproved = terminal.settings.without_sam == "read_unproved" and not card.is_third
        if stop.code != Code.NO_SAM or not unproved:
            raise
    return eleven(terminal, card)


def _proved(terminal: Terminal, card: CardInHand) -> None:
    factor, original = token_bytes(8), token_bytes(8)
    with terminal.sam() as sam:
        sam.open(card.algorithm)
        session = Session(card.algorithm, factor)
        expected = sam.proof(terminal.sam_key(IRK), terminal.factors(card), session, original)
    if internal(card, factor, original) != expected:
        raise Stop(Code.CARD_NOT_GENUINE)
    if card.is_third:
        show_key(terminal, card, RKSSSE)


def internal(card: CardInHand, factor: bytes, original: bytes) -> bytes:
    """The card's own proof."""
    return card.must(Command(0x00, 0x88, data=factor + original, expected=8))


def eleven(terminal: Terminal, card: CardInHand) -> str:
    """area, citizen number, card number, code, name, historical bytes, version, dates, terminal,
    device."""
    card.select_file(0xEF05)
    issued, until = (date_text(card.record(tag) or b"") for tag in (0x05, 0x06))
    card.select_file(0xEF06)
    return fields(
        card.area,
        text_of(card.record(0x08) or b""),
        card.number,
        hexed(card.identification),
        name_of(card),
        hexed(card.historical),
        card.version_text,
        issued,
        until,
        terminal.terminal_number(),
        terminal.settings.device_number,
    )


def name_of(card: CardInHand) -> str:
    """The name, joined with its continuation on cards that have one (tag 4E)."""
    parts = (card.record(0x09) or b"", card.record(0x4E) or b"")
    return text_of(b"".join(part.rstrip(b"\0\xff") for part in parts))


def step1(terminal: Terminal, card: CardInHand) -> str:
    """What the encryption machine needs; the card's own proof is kept for the second step."""
    original, factor = card.challenge(), card.challenge()
    card.kept |= {"proof": internal(card, factor, original), "original": original}
    pair = ("", "")
    file = card.specification.file("SSSEEF06")
    if key_of(file.read) is not None:
        outer_original, outer_factor = card.challenge(), card.challenge()
        pair = hexed(outer_factor), hexed(outer_original)
    out = fields(
        card.area,
        hexed(card.historical),
        algorithm_text(terminal, card),
        hexed(card.identification),
        hexed(factor),
        hexed(original),
        *pair,
    )
    device = {"present": terminal.settings.device_number, "empty": ""}
    form = terminal.settings.step1_device
    return out if form == "absent" else out + fields(device[form])


def step2(terminal: Terminal, card: CardInHand, key: str) -> str:
    """The machine's two proofs: the card's own must agree (-25), the other opens EF06."""
    inner, outer = two_pairs(key)
    if inner is None:
        raise Stop(Code.BAD_LENGTH)
    if (inner.proof, inner.original) != (card.kept["proof"], card.kept["original"]):
        raise Stop(Code.HSM_DIFFERS)
    if outer is not None:
        card.prove(RKSSSE, outer.proof, outer.original)
    return eleven(terminal, card)


def algorithm_text(terminal: Terminal, card: CardInHand) -> str:
    """The algorithm as the Step strings write it."""
    if terminal.settings.hsm_forms == "name":
        return ALGORITHM_NAMES[card.algorithm]
    return f"{card.algorithm.value:02d}"
