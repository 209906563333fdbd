"""A key taken for use: the right version at an instant, counted, or refused with its reason.

The row of a key's counter is its lock: a use and an act of two people about the same key wait for
each other, and whoever comes second sees what the first did. A batch is counted before it is made,
all or nothing; the number of the batch is counted once, however often it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from minka.desk.act import Desk
from minka.desk.keys_events import Known, known, locked
from minka.desk.keys_held import said
from minka.desk.rules import turn
from minka.keys.lifecycle import Use, spend
from minka.keys.refusals import KeyRefusal
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused
from minka.store.connection import do, row, rows


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which key is wanted, and what for."""

    name: str
    purpose: Purpose
    use: Use = Use.PROTECT
    version: int | None = None
    """The version a card names; None takes the newest that may be used."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Uses that are counted together; one number is counted once."""

    number: int
    times: int
    what: str
    """What was made: ``cards:990100-20261123``."""


def take(desk: Desk, wanted: Wanted) -> KeyName:
    """The version to use now, uncounted: for what a key only verifies, or has no limit on.

    Refusals: ``UNKNOWN``, and those of ``keys.lifecycle.spend`` for the newest version there is.
    """
    return _usable(desk, wanted, 1).record.name


def count(desk: Desk, wanted: Wanted, batch: Batch) -> KeyName:
    """The version to use for a batch, with every use of it counted in this act's commit.

    A batch that was counted already is answered with the version it was counted for. Refusals as
    for ``take``, and ``COUNTER_SPENT`` for the whole batch.
    """
    named = {"name": wanted.name, "purpose": wanted.purpose.value, "batch_no": batch.number}
    before = row(desk.connection, "keys.counted", **named)
    key_no = before["key_no"] if before else _usable(desk, wanted, batch.times).key_no
    at, key = desk.now(), locked(desk.connection, key_no)
    counted = {"key_no": key_no, "batch_no": batch.number, "n": batch.times}
    if row(desk.connection, "keys.add_batch", **counted, what=batch.what, at=at) is None:
        return key.record.name
    said(spend(key.record, wanted.use, at, batch.times))
    do(desk.connection, "keys.count", key_no=key_no, n=batch.times)
    return key.record.name


def _usable(desk: Desk, wanted: Wanted, times: int) -> Known:
    """The newest version that admits the use now."""
    at, purpose = desk.now(), wanted.purpose.value
    found = rows(desk.connection, "keys.versions", name=wanted.name, purpose=purpose)
    refused: Refused | None = None
    for each in found:
        if wanted.version not in (None, each["version"]):
            continue
        key = known(each)
        outcome = spend(key.record, wanted.use, at, times)
        if isinstance(outcome, Accepted):
            return key
        refused = refused or outcome
    if refused is not None:
        said(refused)
    raise turn(KeyRefusal.UNKNOWN, key=wanted.name, version=wanted.version or 1)
