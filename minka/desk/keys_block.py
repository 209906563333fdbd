"""A key taken out as a block: once for each approval, within its day; the block is kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.cipher.field import digest
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.approval import STANDS_FOR
from minka.desk.keys_events import ask, the_key
from minka.desk.keys_refusals import KeyDeskRefusal
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.store.connection import do, row


@dataclass(frozen=True, slots=True)
class TakeBlock:
    """The block of an approved ``export_key``, for whoever proposed it to carry."""

    act_id: int


def take_block(office: Office, request: Request, command: TakeBlock) -> tuple[Answer, bytes]:
    """The answer with the block's fingerprint, and the block itself the one time it is given.

    Refusals: ``UNKNOWN_RECEIPT``, ``NOT_ALLOWED``, ``BLOCK_TAKEN``, ``VAULT_GONE``.
    """
    blocks: list[bytes] = []
    answer = act(office, request, command, lambda desk: _take(desk, command, blocks))
    return answer, blocks[0] if blocks and answer.accepted else b""


def _take(desk: Desk, command: TakeBlock, blocks: list[bytes]) -> Mapping[str, Any]:
    found = row(desk.connection, "approval.proposal", act_id=command.act_id)
    if found is None or found["act"] != "export_key" or found["approved_by"] is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    if desk.request.actor != found["proposed_by"]:
        raise turn(DeskRefusal.NOT_ALLOWED)
    at = desk.now()
    key, under = the_key(desk, found["content"]), the_key(desk, found["content"], "under_no")
    counted = {"key_no": key.key_no, "batch_no": command.act_id, "n": 1, "what": "block", "at": at}
    new = row(desk.connection, "keys.add_batch", **counted)
    if new is None or at >= found["approved_at"] + STANDS_FOR:
        raise turn(KeyDeskRefusal.BLOCK_TAKEN)
    do(desk.connection, "keys.count", key_no=key.key_no, n=1)
    name, wrapping = key.record.name, under.record.name
    block = ask(lambda: desk.office.vault().wrap(name, wrapping), name)
    blocks.append(block)
    facts = {
        "key_no": key.key_no,
        "under_no": under.key_no,
        "receiver": str(found["content"].get("receiver", "")),
        "block_hash": digest(block).hex(),
        "bytes": len(block),
        "at": at,
    }
    return {**facts, "audit": desk.audit(facts, at)}
