"""An admission whose outcome its sender does not know shall have no effect, now or ever (2601)."""

from __future__ import annotations

import json
from dataclasses import replace

from minka.care.refusals import CareRefusal
from minka.desk.act import Turned
from minka.desk.care_book import CareBook
from minka.desk.office import Office
from minka.desk.visit import as_it_stands, settled_now, step
from minka.desk.visit_act import (
    Facts,
    Message,
    Scene,
    claim,
    coverage_of,
    keep,
    steps_of,
    turned,
)
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.outcome import Refused
from minka.store import cards
from minka.store.connection import Connection, Row, do, insert, row

ADMISSION = 2401
SETTLED_TOO = frozenset({2102})
"""Messages that stand in the journal besides, where their reversal finds them."""


def reverse_admission(
    office: Office, book: CareBook, message: Message, of_msg_no: int
) -> Facts | Refused:
    """Undo the admission of an earlier message, or leave a tombstone so that it comes to nothing.

    Refused when something of the stay is settled: that is refunded first.
    """
    original = replace(message, msg_no=of_msg_no, infno=ADMISSION)
    with office.register.act() as connection:
        _claim_both(connection, message, of_msg_no)
        known = claim(connection, message)
        if known is not None:
            return known
        taken = row(connection, "visit.take", person_id=message.person_id, fence=office.fence())
        if taken is None:
            return keep(connection, message, Refused(VisitRefusal.NO_SUCH_PERSON), None)
        at = taken.pop("at")
        scene = Scene(office, book, connection, original, coverage_of(taken), at)
        try:
            said: Facts | Refused = _undo(scene)
        except Turned as turn:
            said = turn.refused
        return keep(connection, message, said, at)


def original_of(office: Office, message: Message, of_msg_no: int) -> Facts | Refused:
    """Whether the key that a reversal of a settlement names can be one's; nothing is undone here.

    ``VisitRefusal.ORIGINAL_OTHER`` for the key of another transaction, kept under the message's.
    """
    with office.register.act() as connection:
        _claim_both(connection, message, of_msg_no)
        if _under(connection, message, message.msg_no) is not None:
            return claim(connection, message) or {}
        found = _under(connection, message, of_msg_no)
        if found is None or found["journal"] or found["infno"] in SETTLED_TOO:
            return {}
        other = Refused(VisitRefusal.ORIGINAL_OTHER, {"infno": str(found["infno"])})
        return keep(connection, message, other, cards.now(connection, office.fence()))


def admission_after_all(
    office: Office, book: CareBook, message: Message, of_msg_no: int
) -> Facts | Refused:
    """An admission that came while its key was reversed as a settlement's: it is undone, too."""
    with office.register.act() as connection:
        _claim_both(connection, message, of_msg_no)
        found = _under(connection, message, of_msg_no)
        if found is None or found["infno"] != ADMISSION:
            return {}
        taken = row(connection, "visit.take", person_id=message.person_id, fence=office.fence())
        if taken is None:
            return {}
        at = taken.pop("at")
        original = replace(message, msg_no=of_msg_no, infno=ADMISSION)
        key = {"msg_no": of_msg_no, "origin_no": message.origin_no}
        answer = row(connection, "visit.known", **key)
        try:
            scene = Scene(office, book, connection, original, coverage_of(taken), at)
            _close(scene, answer["answer"] if answer else None)
        except Turned as turn:
            return turn.refused
        return {}


def _claim_both(connection: Connection, message: Message, of_msg_no: int) -> None:
    for number in sorted({message.msg_no, of_msg_no}):
        do(connection, "visit.claim", msg_no=number, origin_no=message.origin_no)


def _under(connection: Connection, message: Message, of_msg_no: int) -> Row | None:
    found = row(connection, "visit.under", msg_no=of_msg_no, origin_no=message.origin_no)
    return None if found is None or found["is_stone"] else found


def _undo(scene: Scene) -> Facts:
    original = scene.message
    key = {"msg_no": original.msg_no, "origin_no": original.origin_no}
    known = row(scene.connection, "visit.known", **key)
    other = _under(scene.connection, original, original.msg_no)
    if other is not None and other["infno"] != ADMISSION:
        raise turned(VisitRefusal.ORIGINAL_OTHER, infno=str(other["infno"]))
    if known is None:
        person_id = scene.coverage.person_id
        stone = {**key, "person_id": person_id, "infno": ADMISSION, "at": scene.at}
        insert(scene.connection, "visit.stone", stone)
    elif not known["is_stone"]:
        _close(scene, known["answer"])
    return {}


def _close(scene: Scene, answer: bytes | None) -> None:
    """The visit that an admission opened; a refused one opened none."""
    kept = json.loads(bytes(answer)) if answer else {}
    if "refused" in kept:
        return
    visit_no = int(kept.get("done", {}).get("mdtrt_id") or 0)
    found = row(scene.connection, "visit.visit", visit_no=visit_no)
    if found is None or found["person_id"] != scene.coverage.person_id:
        raise turned(CareRefusal.VISIT_UNKNOWN)
    if as_it_stands(found, steps_of(scene.connection, visit_no)).ended:
        return
    if settled_now(scene, visit_no):
        raise turned(VisitRefusal.SOMETHING_SETTLED)
    step(scene, visit_no, "reversed", {})
