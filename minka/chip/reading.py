"""Reading a card: opened and told apart, whole files and single items under their rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from minka.chip import commands, keys, status, tlv
from minka.chip import gate as gates
from minka.chip.apdu import WHOLE
from minka.chip.connection import CardConnection
from minka.chip.contents import Field, read_file
from minka.chip.directory import Entry, parse_directory, supported
from minka.chip.faults import CardFault, CardReason, fault
from minka.chip.fci import Generation
from minka.chip.filespec import ENVIRONMENT, Application, CardFile, Structure, specification
from minka.chip.rewritten import joined, read_rewritten
from minka.chip.session import (
    CardSession,
    CardSettings,
    Gate,
    enter_environment,
    tell_apart,
)

ISSUER_FILE = "SSSEEF05"
HOLDER_FILE = "SSSEEF06"
LOG_FILE = "DF04EF08"
PIECE = 240
"""Bytes of one READ BINARY; some readers stumble over 256."""
MOST_RECORDS = 254


def open_card(connection: CardConnection, settings: CardSettings | None = None) -> CardSession:
    """An open card, told apart by its issuer's file; ``CardFault`` when it is none of ours."""
    session = enter_environment(connection, settings)
    issuer = specification("3.0").file(ISSUER_FILE)
    tell_apart(session, read_file(issuer, _records(session, issuer)))
    return session


def read_identity(session: CardSession, gate: Gate) -> tuple[Field, ...]:
    """Issuer's and holder's fields: the basic information, the long name in one piece."""
    return (*session.issuer_fields, *read_card_file(session, HOLDER_FILE, gate))


def prove_card(session: CardSession, gate: Gate, *, random: bytes) -> None:
    """Internal authentication with the issuer's key, when it is here (K2)."""
    authenticator = gate.keys.internal(keys.IRK)
    if authenticator is None:
        raise CardFault(CardReason.KEY_NEEDED, key=keys.IRK)
    gates.prove(session, authenticator, random=random)


def read_card_file(session: CardSession, name: str, gate: Gate) -> tuple[Field, ...]:
    """Every field of a file, opened by PIN or key as its rule has it; texts in one piece.

    On a version 1.0 card each item is read in the meaning it was written with.
    """
    file = named_file(session, name)
    gates.open_for_reading(session, file.read, gate)
    records = _records(session, file)
    if session.generation is Generation.FIRST:
        return joined(read_rewritten(file, records))
    return joined(read_file(file, records))


def read_records(session: CardSession, name: str, gate: Gate) -> tuple[bytes, ...]:
    """The records of a file as they stand, for a comparison byte by byte."""
    file = named_file(session, name)
    gates.open_for_reading(session, file.read, gate)
    return tuple(_records(session, file))


def read_item(session: CardSession, name: str, tag: int, gate: Gate) -> Field:
    """The first record of a tag; ``CardFault`` when the card has none."""
    file = named_file(session, name)
    gates.open_for_reading(session, file.read, gate)
    session.choose(file)
    raw = session.must(commands.read_tag(tag), file=name)
    fields = read_file(file, [raw])
    if not fields or fields[0].item.tag != tag:
        raise CardFault(CardReason.NO_SUCH_RECORD)
    return fields[0]


def applications(session: CardSession) -> tuple[Application, ...]:
    """The standard's applications that the card has: those of its directory file, all without one.

    The environment is always among them; DF05 and DF06 have no name and are left to be tried.
    """
    own = session.files.applications
    entries = _directory(session)
    named = supported([application.aid for application in own[1:]], entries)
    return (own[0], *(found for found in own[1:] if found.aid in named or not found.aid))


def _directory(session: CardSession) -> tuple[Entry, ...] | None:
    if session.fci.directory is None:
        return None
    session.enter(ENVIRONMENT)
    records = []
    for number in range(1, MOST_RECORDS + 1):
        answer = session.ask(commands.read_record(number, sfi=session.fci.directory))
        if not answer.ok:
            break
        records.append(answer.data)
    return parse_directory(records) or None


def read_log(session: CardSession, gate: Gate) -> tuple[Field, ...]:
    """The medical transactions, the newest first; the PIN must be shown."""
    return read_card_file(session, LOG_FILE, gate)


def same_card(session: CardSession, identification: bytes, card_number: str) -> None:
    """``CardFault`` unless the card in the reader is the one that is meant.

    The code is read from the chip again, not remembered: the card may have been changed since.
    """
    issuer = session.files.file(ISSUER_FILE)
    fresh = {
        found.item.tag: found.reading for found in read_file(issuer, _records(session, issuer))
    }
    number = fresh[0x07].value if 0x07 in fresh else ""
    code = fresh[0x01].raw if 0x01 in fresh else b""
    if code != identification or number != card_number:
        raise CardFault(CardReason.OTHER_CARD)


def named_file(session: CardSession, name: str) -> CardFile:
    """A file of this card's generation; ``CardFault`` when its specification has none."""
    try:
        return session.files.file(name)
    except (KeyError, ValueError):
        raise CardFault(CardReason.NO_SUCH_FILE, file=name) from None


def _records(session: CardSession, file: CardFile) -> Sequence[bytes]:
    session.choose(file)
    match file.structure:
        case Structure.TRANSPARENT:
            return (_binary(session, file),)
        case Structure.CYCLIC:
            return tuple(_numbered(session, file))
        case Structure.TLV:
            return _items(session, file)


def _items(session: CardSession, file: CardFile) -> Sequence[bytes]:
    """All records at once where they fit into one answer, the rest one after another."""
    first: tuple[bytes, ...] = ()
    if file.size <= WHOLE:
        answer = session.ask(commands.read_to_end(file.size))
        if answer.ok:
            first = tuple(_whole(answer.data))
        elif answer.sw in (status.SECURITY, status.APPLICATION_BLOCKED):
            raise fault(answer.sw, file=file.name)
    if len(first) >= file.records:
        return first
    return (*first, *_numbered(session, file, start=len(first) + 1))


def _whole(data: bytes) -> Iterator[bytes]:
    """The whole records of an answer; a reader may cut what was asked for."""
    with suppress(tlv.TlvFault):
        for found in tlv.records(data):
            yield tlv.record(found.tag, found.value)


def _numbered(session: CardSession, file: CardFile, start: int = 1) -> Iterator[bytes]:
    lengths = [item.record_bytes for item in file.items for _ in range(item.repeat)]
    for number in range(start, MOST_RECORDS + 1):
        expected = lengths[number - 1] if number <= len(lengths) else WHOLE
        answer = session.ask(commands.read_record(number, expected))
        if answer.sw == status.NO_RECORD:
            return
        if not answer.ok:
            raise fault(answer.sw, file=file.name)
        yield _first(answer.data) if file.structure is Structure.TLV else answer.data


def _first(data: bytes) -> bytes:
    """One record by its own length byte: some readers give all that follow, too."""
    return data[: 2 + data[1]] if len(data) > 1 else data


def _binary(session: CardSession, file: CardFile) -> bytes:
    data = b""
    while len(data) < file.size:
        answer = session.ask(commands.read_binary(len(data), min(PIECE, file.size - len(data))))
        if answer.sw == status.OUTSIDE and data:
            break
        if not answer.ok:
            raise fault(answer.sw, file=file.name)
        data += answer.data
        if not answer.data:
            break
    return data
