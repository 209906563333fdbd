"""General reading and writing: any items of any files, opened by PIN, PSAM or encryption machine.

A transparent file is read and written whole, in pieces a T=0 card takes. The n-th mention of a tag
in one file is its n-th record, and so is the tag with the number behind it (``4002``); a tag that
lies inside another is read out of it. In a cyclic file a mark is the record's number, 01 the
newest; what is written becomes the newest. These notations are the bench's own: no open source
tells them (card-chip §22).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from minka.chip.apdu import Command
from minka.chip.filespec import CardFile, Item, Structure
from minka.chip.rewritten import later_item
from minka.chip.rules import PinAnd
from minka.chip.tlv import TlvFault, records
from minka.chip.tlv import record as record_of
from minka.chip.values import Meaning, meaning_of
from minka.doors.reader.basic import algorithm_text
from minka.doors.reader.card import NO_RECORD, CardInHand
from minka.doors.reader.codes import Code, Stop, of_status
from minka.doors.reader.forms import Place, answered, fields, hexed, octets, pair
from minka.doors.reader.open_file import (
    Auth,
    Side,
    find,
    key_for,
    open_to_read,
    show_key,
    show_pin,
)
from minka.doors.reader.terminal import Terminal
from minka.doors.reader.values import shown, stored
from minka.keys.vault import KeyName, KeyRefused

Given: TypeAlias = tuple[tuple[str, ...], ...]
"""The texts to write, file by file."""

PIECE = 0xF0
OUTSIDE = 0x6B00


def read(terminal: Terminal, card: CardInHand, asked: tuple[Place, ...], auth: Auth) -> str:
    """The files and items asked for, in their order."""
    return "".join(_read_place(terminal, card, place, auth) for place in asked)


def _read_place(terminal: Terminal, card: CardInHand, place: Place, auth: Auth) -> str:
    file = find(card, place.name)
    card.select(file.application)
    open_to_read(terminal, card, file, auth)
    return answered(place, values(terminal, card, file, place))


def values(terminal: Terminal, card: CardInHand, file: CardFile, place: Place) -> Iterator[str]:
    """The values of one open file, in the order asked."""
    card.select_file(file.fid)
    match file.structure:
        case Structure.TRANSPARENT:
            yield hexed(binary(card, file.size))
        case Structure.CYCLIC:
            for mark in place.marks or ("01",):
                found = numbered(card, _number(mark))
                whole = terminal.settings.cyclic_output == "fields"
                yield ",".join(parts_of(file, found)) if whole else hexed(found)
        case Structure.TLV:
            seen: Counter[str] = Counter()
            for mark in place.marks:
                yield _value(card, file, *_turned(seen, mark))


def _number(mark: str) -> int:
    if len(mark) != 2:
        raise Stop(Code.WRONG_ARGUMENT)
    return int(mark, 16)


def _value(card: CardInHand, file: CardFile, tag: int, turn: int) -> str:
    item, owner = item_of(file, tag)
    found = card.record(owner.tag, turn)
    if found is None:
        return ""
    if owner is item:
        later = _later(card, file, tag)
        return shown(item, found) if later is None else shown(later, found[: later.length])
    try:
        return next((shown(item, e.value) for e in records(found) if e.tag == tag), "")
    except TlvFault:
        raise Stop(Code.NO_ANSWER) from None


def _later(card: CardInHand, file: CardFile, tag: int) -> Item | None:
    """On a card of version 1.0, the later item that was written under an old tag, if it was."""
    if card.specification.version != "1.0":
        return None
    held = {item.tag: card.record(item.tag) or b"" for item in file.items}
    return later_item(file, tag, held)


def item_of(file: CardFile, tag: int) -> tuple[Item, Item]:
    """An item and the one it lies in, itself at the top; -27267 when the file has none such."""
    for top in file.items:
        for item in (top, *top.parts):
            if item.tag == tag:
                return item, top
    raise Stop(-NO_RECORD)


def binary(card: CardInHand, size: int) -> bytes:
    """A transparent file from its beginning to its end, as far as the card has it."""
    found = b""
    while len(found) < size:
        offset, length = len(found), min(PIECE, size - len(found))
        answer = card.send(Command(0x00, 0xB0, offset >> 8, offset & 0xFF, expected=length))
        if answer.sw == OUTSIDE and found:
            break
        if not answer.ok:
            raise Stop(of_status(answer.sw))
        found += answer.data
        if len(answer.data) < length:
            break
    return found


def numbered(card: CardInHand, number: int) -> bytes:
    """A record by its number; empty when there is none."""
    answer = card.send(Command(0x00, 0xB2, number, 0x04, expected=256))
    if answer.sw == NO_RECORD:
        return b""
    if not answer.ok:
        raise Stop(of_status(answer.sw))
    return answer.data


def write(
    terminal: Terminal,
    card: CardInHand,
    asked: tuple[Place, ...],
    given: tuple[tuple[str, ...], ...],
) -> str:
    """Writes files and items in their order; all of it is checked before the first is written."""
    plans = [_plan(terminal, card, place, texts) for place, texts in zip(asked, given, strict=True)]
    for file, commands in plans:
        card.select(file.application)
        key = key_for(file, Side.WRITE)
        assert key is not None, "a file that is written has a key"
        show_key(terminal, card, key)
        _written(card, file, commands)
    return ""


def _written(card: CardInHand, file: CardFile, commands: list[Command]) -> None:
    card.select_file(file.fid)
    for command in commands:
        card.must(command)


def _plan(
    terminal: Terminal, card: CardInHand, place: Place, texts: tuple[str, ...]
) -> tuple[CardFile, list[Command]]:
    file = find(card, place.name)
    key_for(file, Side.WRITE)
    match file.structure:
        case Structure.TRANSPARENT:
            return file, _binary_plan(file, texts[0])
        case Structure.CYCLIC:
            size = file.items[0].length
            return file, [Command(0x00, 0xDC, 0x00, 0x03, octets(text, size)) for text in texts]
        case Structure.TLV:
            seen: Counter[str] = Counter()
            return file, [
                _record_plan(file, *_turned(seen, mark), text)
                for mark, text in zip(place.marks, texts, strict=True)
                if text or terminal.settings.empty_write == "blank"
            ]


def _turned(seen: Counter[str], mark: str) -> tuple[int, int]:
    """The tag of a mark, and which of its records is meant, from 0."""
    if len(mark) == 4:
        return int(mark[:2], 16), max(int(mark[2:], 16) - 1, 0)
    seen[mark] += 1
    return int(mark, 16), seen[mark] - 1


def parts_of(file: CardFile, record: bytes) -> list[str]:
    """The fields of a record of fixed layout; sums and counters as numbers."""
    texts, place = [], 0
    for part in file.items:
        for item in part.parts or (part,):
            texts.append(_part(item, record[place : place + item.length]))
            place += item.length
    return texts


def _part(item: Item, value: bytes) -> str:
    if meaning_of(item) in (Meaning.FEN, Meaning.COUNT):
        return str(int.from_bytes(value))
    return shown(item, value)


def _record_plan(file: CardFile, tag: int, turn: int, text: str) -> Command:
    item, owner = item_of(file, tag)
    if item is not owner:
        raise Stop(Code.NOT_SUPPORTED)
    if turn >= item.repeat:
        raise Stop(Code.WRONG_ARGUMENT)
    number = file.number(tag) + turn
    return Command(0x00, 0xDC, number, 0x04, record_of(tag, stored(item, text)))


def _binary_plan(file: CardFile, text: str) -> list[Command]:
    data = stored(file.items[0], text)[: len(text) // 2]
    return [
        Command(0x00, 0xD6, place >> 8, place & 0xFF, data[place : place + PIECE])
        for place in range(0, len(data), PIECE)
    ]


def step1(terminal: Terminal, card: CardInHand, place: Place, side: Side) -> str:
    """What the machine needs to open the first file; -2204 when no key has a part in it."""
    file = find(card, place.name)
    key = key_for(file, side)
    if key is None:
        raise Stop(Code.NO_HSM_NEEDED)
    card.select(file.application)
    card.kept["key"] = key.encode()
    return outer_fields(terminal, card, key)


def outer_fields(terminal: Terminal, card: CardInHand, key: str) -> str:
    """``alg|key address|factor|original|``: two challenges, the later the factor."""
    original, factor = card.challenge(), card.challenge()
    return fields(
        algorithm_text(terminal, card), address(terminal, card, key), hexed(factor), hexed(original)
    )


def address(terminal: Terminal, card: CardInHand, key: str) -> str:
    """A key's address in the machine by the operator's table, else its name."""
    try:
        found = terminal.settings.addresses().address(KeyName(key, 1, card.algorithm))
    except KeyRefused:
        found = key
    if terminal.settings.hsm_address_form == "address_and_sam":
        places = terminal.sam_key(key).places
        found += f"{places[0][1]:02X}" if places else "00"
    return found


def shown_by_machine(card: CardInHand, text: str) -> None:
    """The machine's proof sent to the key that the first step named."""
    both = pair(text)
    card.prove(card.kept["key"].decode(), both.proof, both.original)


def read_step2(terminal: Terminal, card: CardInHand, place: Place, text: str) -> str:
    """Opens the file with the machine's proof (and the PIN where both are asked) and reads it."""
    file = find(card, place.name)
    shown_by_machine(card, text)
    if isinstance(file.read, PinAnd):
        show_pin(terminal, card)
    return answered(place, values(terminal, card, file, place))


def write_step2(
    terminal: Terminal, card: CardInHand, place: Place, *, key: str, given: Given
) -> str:
    """Opens the file with the machine's proof and writes what is given for it."""
    file, commands = _plan(terminal, card, place, given[0])
    shown_by_machine(card, key)
    _written(card, file, commands)
    return ""
