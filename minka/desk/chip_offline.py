"""Purchases that a terminal made without a line: brought in, checked, posted or disputed (T10, P8).

A batch is written down first; then every record is an act of its own under its own key, so that a
record which cannot be answered yet stops no other and is simply sent again. The transaction code is
checked by the key vault before anything is locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from minka.accounts.entry import Payers, entries
from minka.accounts.movement import Movement
from minka.cards.card import AtLapse, Block, Force, Standing
from minka.cipher.field import digest
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_device import in_use
from minka.desk.chip_keys import chip_keys
from minka.desk.chip_offline_rules import (
    OWNERS,
    Finding,
    Judged,
    Known,
    Outcome,
    Purchase,
    judge,
    missing,
)
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.ledger import booked
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.desk.stops import confirm_social
from minka.keys.vault import KeyRefused, KeyVault, VaultGone
from minka.kit.clock import CHINA
from minka.law.chip import ChipRules, read
from minka.store import cards, ledger
from minka.store.connection import Row, do, insert, row, rows, the_row
from minka.store.journal import canonical
from minka.store.ledger import Locked, Written

NOBODY = 0
MOST_MISSING = 100
SETTLEMENT = b"2"
"""The type of a purchase in a card's transaction record (table 51)."""


@dataclass(frozen=True, slots=True)
class UploadOffline:
    """What a terminal took since it last had a line, under its own batch number."""

    device_no: str
    """The terminal number, 12 digits: that of its PSAM."""
    batch_no: str
    purchases: tuple[Purchase, ...]


@dataclass(frozen=True, slots=True)
class TakeOffline:
    """One line of a batch."""

    upload_id: int
    line: int
    device_no: str
    purchase: Purchase
    tac_right: int


def transaction_message(purchase: Purchase, device_no: str) -> bytes:
    """The bytes a card's transaction code stands over (card-chip §12.6)."""
    at = purchase.claimed_at.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
    return (
        b"".join((fen % (1 << 32)).to_bytes(4) for fen in purchase.amounts)
        + SETTLEMENT
        + bytes.fromhex(device_no)
        + (purchase.terminal_seq % (1 << 32)).to_bytes(4)
        + bytes.fromhex(at)
    )


def upload(
    office: Office, request: Request, command: UploadOffline, vault: KeyVault
) -> tuple[Answer, ...]:
    """Take a batch: the answer for the batch, then one for each record, in its order.

    An answer's facts name the outcome. Refusals: UNKNOWN_DEVICE, ``DeskRefusal.KEY_REUSED`` for a
    batch number that came with another content; a record's own: VAULT_AWAY (send it again).
    """
    named = replace(request, key=f"offline:{command.device_no}:{command.batch_no}")
    batch = act(office, named, command, lambda desk: _begin(desk, command))
    if not batch.accepted:
        return (batch,)
    taken = [
        _take(office, named, (command, batch.facts["upload_id"], line), vault)
        for line in range(len(command.purchases))
    ]
    return (batch, *taken)


def _begin(desk: Desk, command: UploadOffline) -> Mapping[str, Any]:
    at = desk.now()
    found = in_use(desk, command.device_no, at)
    if found is None or found["kind"] not in ("psam", "pos"):
        raise turn(ChipRefusal.UNKNOWN_DEVICE, device=command.device_no)
    stated = [_stated(each, command.device_no) for each in command.purchases]
    facts = {
        "upload_id": desk.fact_id(),
        "device_no": command.device_no,
        "batch_no": command.batch_no,
        "records": len(command.purchases),
        "at": at,
    }
    kept = {
        **facts,
        "digest": digest(canonical({"records": stated})),
        "operator": desk.request.actor,
    }
    insert(desk.connection, "chip.add_upload", kept)
    return {**facts, "audit": desk.audit(facts, at)}


def _stated(purchase: Purchase, device_no: str) -> dict[str, Any]:
    """What makes two records the same purchase."""
    return {
        "device": device_no,
        "code": purchase.id_code.hex(),
        "seq": [purchase.card_seq, purchase.terminal_seq],
        "fen": list(purchase.amounts),
        "at": purchase.claimed_at.astimezone(CHINA).isoformat(),
        "tac": purchase.tac.hex(),
    }


def _take(
    office: Office, request: Request, of: tuple[UploadOffline, int, int], vault: KeyVault
) -> Answer:
    command, upload_id, line = of
    purchase = command.purchases[line]
    named = replace(request, key=f"{request.key}:{line}")
    try:
        right = _tac_right(office, command.device_no, purchase, vault)
    except (VaultGone, KeyRefused):
        right = -1
    taken = TakeOffline(upload_id, line, command.device_no, purchase, right)
    return act(office, named, replace(taken, tac_right=0), lambda desk: _decide(desk, taken))


def _tac_right(office: Office, device_no: str, purchase: Purchase, vault: KeyVault) -> int:
    """One when the card itself gave the code; ``VaultGone`` when that cannot be said."""
    with office.register.act() as connection:
        found = row(connection, "chip.by_code", id_code=purchase.id_code)
    if found is None:
        return 0
    keys = chip_keys({**found, "id_code": purchase.id_code})
    message = transaction_message(purchase, device_no)
    return int(vault.transaction_code(keys.path(vault, "DTK"), message) == purchase.tac)


def _decide(desk: Desk, taken: TakeOffline) -> Mapping[str, Any]:
    if taken.tac_right < 0:
        raise turn(ChipRefusal.VAULT_AWAY)
    purchase = taken.purchase
    card = row(desk.connection, "chip.by_code", id_code=purchase.id_code)
    desk.person_id = card["person_id"] if card else NOBODY
    at = desk.tick(card["card_id"]) if card else desk.now()
    content_hash = digest(canonical(_stated(purchase, taken.device_no)))
    same = {"content_hash": content_hash, "person_id": desk.person_id}
    before = row(desk.connection, "chip.offline_same", **same)
    if before is not None:
        return _facts(before, "again")
    device = in_use(desk, taken.device_no, purchase.claimed_at)
    account = ledger.lock(desk.connection, desk.person_id, desk.office.fence()) if card else None
    region = card["region"] if card else (device or {}).get("region", "")
    law = read().on(region, purchase.claimed_at.astimezone(CHINA).date())
    known, seen = _known(desk, taken, (card, device, account), at)
    judged = judge(purchase, known, law)
    entry_no = None
    if judged.outcome is Outcome.POSTED:
        assert account is not None, "only a covered person pays"
        assert device is not None, "only a known terminal is paid"
        entry_no = _post(desk, taken, account, device["provider_no"])
    kept = {
        "person_id": desk.person_id,
        "purchase_id": desk.fact_id(),
        "card_id": card["card_id"] if card else NOBODY,
        **{name: getattr(purchase, name) for name in Purchase.__slots__},
        "device_no": taken.device_no,
        "content_hash": content_hash,
        "upload_id": taken.upload_id,
        "line": taken.line,
        "at": at,
        "outcome": judged.outcome.value,
        "reason": "" if entry_no else judged.findings[0].value,
        "entry_no": entry_no,
        "rule_ref": law.rule_ref,
    }
    insert(desk.connection, "chip.add_offline", kept)
    _look_into(desk, (kept, card, region), judged, (law, seen))
    facts = _facts(kept, ",".join(judged.findings))
    return {**facts, "audit": desk.audit({**facts, "card_seq": purchase.card_seq}, at)}


def _facts(kept: Mapping[str, Any], findings: str) -> dict[str, Any]:
    return {
        "purchase_id": kept["purchase_id"],
        "outcome": kept["outcome"],
        "reason": kept["reason"],
        "findings": findings,
        "entry_no": kept["entry_no"],
    }


def _known(
    desk: Desk,
    taken: TakeOffline,
    found: tuple[Row | None, Row | None, Locked | None],
    at: datetime,
) -> tuple[Known, list[int]]:
    """What the centre knows about a record, and the card's counters it has seen."""
    purchase, (card, device, account) = taken.purchase, found
    in_hand = int(
        device is not None and device["state"] == "in_use" and bool(device["provider_no"])
    )
    known = Known(at, taken.tac_right, in_hand, Standing.UNKNOWN)
    if card is None:
        return known, []
    place = {"person_id": card["person_id"], "card_id": card["card_id"]}
    seen = rows(desk.connection, "chip.offline_seen", **place)
    posted = [(e["total_fen"], e["claimed_at"]) for e in seen if e["outcome"] == "posted"]
    list_of = {"region": card["region"], "card_number": card["card_number"]}
    listed = row(
        desk.connection,
        "chip.listed_in",
        **list_of,
        version=purchase.list_version,
        at=purchase.claimed_at,
    )
    again = {"device_no": taken.device_no, "terminal_seq": purchase.terminal_seq}
    repeats = the_row(desk.connection, "chip.offline_terminal", **again)["repeats"]
    known = replace(
        known,
        standing=_standing(desk, card, purchase.claimed_at),
        posted=posted,
        seen=frozenset(each["card_seq"] for each in seen),
        terminal_repeats=int(repeats > 0),
        listed_in=listed["version"] if listed else None,
        free_fen=account.state.balance_fen - account.state.held_fen if account else -1,
    )
    return known, [each["card_seq"] for each in seen]


def _standing(desk: Desk, card: Row, at: datetime) -> Standing:
    found = cards.standing(desk.connection, card["person_id"], card["card_id"], at)
    return Standing.NOT_ACTIVE if found is Standing.UNKNOWN else found


def _post(desk: Desk, taken: TakeOffline, account: Locked, provider_no: int) -> int:
    purchase = taken.purchase
    parts = {
        "account": purchase.account_fen,
        "pool": purchase.pooled_fen,
        "cash": purchase.self_fen,
    }
    payers = Payers(desk.person_id, account.area, account.scheme, provider_no)
    details = {"provider_no": provider_no, "offline": taken.device_no, "seq": purchase.card_seq}
    written = Written(
        Movement.PURCHASE.value,
        f"act:{desk.request.key}",
        desk.request.actor,
        entries(parts, payers),
        details=details,
    )
    facts = booked(desk, account, written)[1]
    return int(facts["ref"].removeprefix("L"))


def _look_into(
    desk: Desk,
    about: tuple[Mapping[str, Any], Row | None, str],
    judged: Judged,
    known: tuple[ChipRules, list[int]],
) -> None:
    """Open a case for every finding; stop a card that may have been copied; close filled gaps."""
    (kept, card, region), (law, seen) = about, known
    due_at = kept["at"] + timedelta(days=law.answer_days)
    for finding in judged.findings:
        gap = {"missing": list(range(max(seen, default=0) + 1, kept["card_seq"]))[:MOST_MISSING]}
        case = {
            "person_id": desk.person_id,
            "case_id": desk.fact_id(),
            "purchase_id": kept["purchase_id"],
            "card_id": kept["card_id"],
            "region": region,
            "kind": finding.value,
            "owner": OWNERS[finding],
            "at": kept["at"],
            "due_at": due_at,
            "facts": Jsonb(gap if finding is Finding.SKIPPED else {}),
        }
        insert(desk.connection, "chip.add_case", case)
        if finding is Finding.CLONE and card is not None:
            _stop_for_review(desk, case)
    if card is not None and judged.outcome is not Outcome.REJECTED:
        _close_gaps(desk, kept, {*seen, kept["card_seq"]})


def _stop_for_review(desk: Desk, case: Mapping[str, Any]) -> None:
    """Stop a card until its case is due; the stop ends by itself, whoever forgets it."""
    card = cards.load(desk.connection, desk.person_id, case["card_id"])
    assert card is not None, "a card in the registry is there"
    if card.standing_at(case["at"]) is not Standing.USABLE:
        return
    cause = f"case {case['case_id']}"
    ends = (case["at"], case["due_at"], AtLapse.RELEASE, cause)
    block = Block(desk.fact_id(), Force.PROVISIONAL, *ends)
    cards.add_block(desk.connection, card, block)
    confirm_social(desk, card, block, effect="stop", at=block.from_at)
    told = {
        "block_id": block.block_id,
        "force": block.force.value,
        "receipt": cause,
        "card_number": card.card_number,
        "region": card.region,
        "until_at": case["due_at"].isoformat(),
    }
    desk.send("hotlist.add", told, card_id=card.card_id, at=case["at"])


def _close_gaps(desk: Desk, kept: Mapping[str, Any], seen: set[int]) -> None:
    """A counter that came in later explains why it was missing."""
    place = {"person_id": desk.person_id, "card_id": kept["card_id"]}
    still = set(missing(seen))
    for gap in rows(desk.connection, "chip.open_gaps", **place):
        if still.isdisjoint(gap["facts"]["missing"]):
            ended = {"verdict": "explained", "entry_no": None, "reason": "came in later"}
            case = {"person_id": desk.person_id, "case_id": gap["case_id"], "at": kept["at"]}
            do(desk.connection, "chip.end_case", **case, **ended, operator="register")
