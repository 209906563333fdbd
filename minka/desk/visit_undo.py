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
from minka.store.connection import do, insert, row

ADMISSION = 2401


def reverse_admission(
    office: Office, book: CareBook, message: Message, of_msg_no: int
) -> Facts | Refused:
    """Undo the admission of an earlier message, or leave a tombstone so that it comes to nothing.

    Refused when something of the stay is settled: that is refunded first.
    """
    original = replace(message, msg_no=of_msg_no, infno=ADMISSION)
    with office.register.act() as connection:
        for number in sorted({message.msg_no, of_msg_no}):
            do(connection, "visit.claim", msg_no=number, origin_no=message.origin_no)
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


def _undo(scene: Scene) -> Facts:
    original = scene.message
    key = {"msg_no": original.msg_no, "origin_no": original.origin_no}
    known = row(scene.connection, "visit.known", **key)
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
