"""A settlement-like use of a card: one lock, one instant, one look, one answer.

1. One statement locks the card and takes the next instant of its own clock.
2. A statement of its own, after the lock, asks for the standing at that instant and writes a use
   or a refusal. Under the lock nobody can stop the card before this is committed (P1, P2).
3. The answer is kept under the key in the same commit (P6).

This path is its own short frame: four round trips, no savepoint, no lock but the card's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from minka.cards.card import Standing
from minka.cards.number import mask
from minka.cards.refusals import REFUSAL_OF, UseRefusal
from minka.cipher.field import digest
from minka.desk.act import Answer, Desk, Request, Verdict, content_of, given_again, plain
from minka.desk.office import Office
from minka.desk.rules import hotline_of
from minka.kit.secret import Clear
from minka.store import journal, people
from minka.store.connection import Connection, Row, the_row
from minka.store.queries import query


@dataclass(frozen=True, slots=True)
class UseCard:
    """A provider asks whether a card pays; named by its number or by the holder's."""

    amount_fen: int
    provider_id: str
    card_number: str = ""
    number: Clear = field(default_factory=lambda: Clear(""))


def use_card(office: Office, request: Request, command: UseCard) -> Answer:
    """Use a card once; refusals are ``UseRefusal``. ``RegisterAway``: the outcome is unknown."""
    content_hash = digest(journal.canonical(content_of(command, office.keys)))
    entry = journal.Entry(request.key, request.origin, "UseCard", content_hash)
    with office.register.act() as connection:
        known, card = _lock(connection, office, request, command)
        if known is not None:
            return given_again(known, content_hash)
        desk = Desk(connection, office, request, "UseCard")
        answer, at = _answer(desk, command, card)
        with connection.pipeline():
            desk.audit(_told(command, answer), at)
            journal.record(
                connection,
                entry,
                answer.stored(),
                person_id=desk.person_id,
                fence=office.fence(),
            )
    return answer


def _lock(
    connection: Connection, office: Office, request: Request, command: UseCard
) -> tuple[Row | None, Row | None]:
    """What the key was answered before, and the card locked at its next instant."""
    key = {"request_key": request.key}
    named = {
        "card_number": command.card_number,
        "index": people.number_index(office.keys, command.number),
        "fence": office.fence(),
    }
    by = "use.lock_by_card" if command.card_number else "use.lock_by_person"
    with connection.pipeline():
        connection.execute(query("journal.claim"), key)
        answered = connection.execute(query("journal.answered"), key)
        locked = connection.execute(query(by), named)
    return answered.fetchone(), locked.fetchone()


def _answer(desk: Desk, command: UseCard, card: Row | None) -> tuple[Answer, datetime]:
    if command.amount_fen <= 0:
        at = card["at"] if card else desk.now()
        return _refused(UseRefusal.AMOUNT_WRONG, {}), at
    if card is None:
        return _refused(UseRefusal.UNKNOWN, {}), desk.now()
    desk.person_id, at = card["person_id"], card["at"]
    seen = the_row(
        desk.connection,
        "use.decide",
        person_id=card["person_id"],
        card_id=card["card_id"],
        at=at,
        amount_fen=command.amount_fen,
        provider_id=command.provider_id,
    )
    facts = {"use_id": seen["use_id"], "card": mask(card["card_number"])}
    standing = Standing(seen["standing"])
    if standing is not Standing.USABLE:
        hotline = hotline_of(desk.office.law(card["region"], at))
        return _refused(REFUSAL_OF[standing], {**facts, "at": at}, hotline), at
    paid = {"amount_fen": command.amount_fen, "provider_id": command.provider_id}
    return Answer(Verdict.ACCEPTED, "accepted", plain({**facts, "auth_at": at, **paid})), at


def _refused(reason: UseRefusal, facts: Mapping[str, Any], hotline: str = "12333") -> Answer:
    spoken = {
        language: reason.words.say(language, hotline=hotline)
        for language in ("zh-hans", "zh-hant", "en")
    }
    return Answer(Verdict.REFUSED, reason.code, plain(facts), spoken)


def _told(command: UseCard, answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer.code,
        "amount_fen": command.amount_fen,
        "provider_id": command.provider_id,
        **answer.facts,
    }
