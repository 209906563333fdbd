"""Running a card's script on a card in a reader, and reading it back before it is handed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from minka.chip import gate as gates
from minka.chip import reading
from minka.chip.apdu import parse_command
from minka.chip.faults import CardFault, CardReason
from minka.chip.filespec import Structure
from minka.chip.profile import Step, expected_records
from minka.chip.session import CardSession, Gate
from minka.chip.tlv import record, records


def personalize(session: CardSession, steps: Sequence[Step], gate: Gate) -> None:
    """Send every command of a script; ``CardFault`` at the first that the card does not take.

    A failed card may be done again from the beginning: each item holds the old or the new value.
    """
    for step in steps:
        file = reading.named_file(session, step.file)
        gates.authenticate(session, step.key, gate)
        session.choose(file)
        for command in step.commands:
            session.must(parse_command(command), file=step.file)


def read_back(session: CardSession, steps: Sequence[Step], gate: Gate) -> None:
    """``CardFault`` NOT_WRITTEN unless every record of the script stands on the card (C1)."""
    for name, wanted in expected_records(steps).items():
        held = reading.read_records(session, name, gate)
        if not _stands(session, name, (held, wanted)):
            raise CardFault(CardReason.NOT_WRITTEN, file=name)


def _stands(session: CardSession, name: str, both: tuple[Sequence[bytes], Sequence[bytes]]) -> bool:
    held, wanted = both
    if session.files.file(name).structure is Structure.TRANSPARENT:
        return b"".join(held).startswith(b"".join(wanted))
    there = Counter(record(found.tag, found.value) for found in records(b"".join(held)))
    return not Counter(wanted) - there
