"""Cards read under their lock, and the facts that move, stop and release them."""

from __future__ import annotations

from datetime import date, datetime

from minka.cards.card import LIFE, AtLapse, Block, Card, Force, Move, Standing, Status
from minka.store.connection import Connection, Row, do, insert, row, rows, the_row


def tick(
    connection: Connection, person_id: int, card_id: int, *, fence: datetime | None
) -> datetime:
    """Lock the card and take the next instant of its own clock, in one statement."""
    at: datetime = the_row(
        connection, "cards.tick", person_id=person_id, card_id=card_id, fence=fence
    )["at"]
    return at


def raise_clock(connection: Connection, card: Card, at: datetime) -> None:
    """Bring a locked card's own clock to an instant of the same act, if it is behind it."""
    do(
        connection,
        "cards.raise_clock",
        person_id=card.person_id,
        card_id=card.card_id,
        at=at,
    )


def now(connection: Connection, fence: datetime | None) -> datetime:
    """The register's time, for acts that are about no card."""
    at: datetime = the_row(connection, "cards.now", fence=fence)["at"]
    return at


def load(connection: Connection, person_id: int, card_id: int) -> Card | None:
    """A card with every block on it, or None."""
    found = row(connection, "cards.load", person_id=person_id, card_id=card_id)
    return _card(connection, found) if found else None


def of_person(connection: Connection, person_id: int, kind: str = "") -> list[Card]:
    """The cards of a person, oldest first; of one kind when it is named."""
    found = rows(connection, "cards.of_person", person_id=person_id)
    return [_card(connection, each) for each in found if not kind or each["kind"] == kind]


def in_hand(cards: list[Card]) -> Card | None:
    """The card a person means when he says his card.

    The active one; when that is formally lost, the one collected in its place; else the lost one.
    """
    alive = [c for c in cards if c.status in (Status.ACTIVE, Status.SEALED)]
    kept = [c for c in alive if all(block.force is not Force.FORMAL for block in c.blocks)]
    active = [card for card in kept if card.status is Status.ACTIVE]
    dead = [card for card in cards if card.status is Status.CANCELLED]
    meant = active or kept or alive or dead
    return meant[-1] if meant else None


def standing(connection: Connection, person_id: int, card_id: int, at: datetime) -> Standing:
    """The standing of a card at any instant, as the one SQL function says it."""
    found = the_row(connection, "cards.standing", person_id=person_id, card_id=card_id, at=at)
    return Standing(found["standing"])


def order(
    connection: Connection, card: Card, *, at: datetime, cause: str, pan_mask: str = ""
) -> None:
    """Write a new card down as ordered; its number is registered across all people."""
    insert(
        connection,
        "cards.insert",
        {
            "person_id": card.person_id,
            "card_id": card.card_id,
            "kind": card.kind,
            "region": card.region,
            "card_number": card.card_number,
            "bank_id": card.bank_id or None,
            "pan_mask": pan_mask or None,
            "status": Status.ORDERED,
            "at": at,
            "replaces_id": card.replaces_id,
            "expires_on": card.expires_on,
        },
    )
    do(
        connection,
        "cards.register_number",
        card_number=card.card_number,
        person_id=card.person_id,
        card_id=card.card_id,
    )
    _add_move(connection, card, (Move.ORDER, Status.ORDERED), (at, cause))


def move(connection: Connection, card: Card, move: Move, *, at: datetime, cause: str) -> Status:
    """Move a card on by the table of its life; ``KeyError`` when the table has no such move."""
    status = LIFE[card.status, move]
    do(
        connection,
        "cards.set_status",
        person_id=card.person_id,
        card_id=card.card_id,
        status=status,
    )
    _add_move(connection, card, (move, status), (at, cause))
    return status


def _add_move(
    connection: Connection, card: Card, step: tuple[Move, Status], when: tuple[datetime, str]
) -> None:
    do(
        connection,
        "cards.add_move",
        person_id=card.person_id,
        card_id=card.card_id,
        at=when[0],
        move=step[0],
        status=step[1],
        cause=when[1],
    )


def add_block(
    connection: Connection, card: Card, block: Block, *, bank_until: datetime | None = None
) -> None:
    """Stop a card for the interval of a block."""
    insert(
        connection,
        "cards.add_block",
        {
            "person_id": card.person_id,
            "block_id": block.block_id,
            "card_id": card.card_id,
            "force": block.force,
            "from_at": block.from_at,
            "until_at": block.until_at,
            "bank_until_at": bank_until,
            "at_lapse": block.at_lapse,
            "cause": block.cause,
        },
    )


def end_block(connection: Connection, card: Card, block: Block, *, at: datetime, how: str) -> None:
    """End a block before its time; the schema refuses it for a formal one."""
    do(
        connection,
        "cards.end_block",
        person_id=card.person_id,
        block_id=block.block_id,
        force=block.force,
        at=at,
        how=how,
        cause=block.cause,
    )


def fact_id(connection: Connection) -> int:
    """The next number of a fact."""
    number: int = the_row(connection, "cards.fact_id")["id"]
    return number


def _card(connection: Connection, found: Row) -> Card:
    blocks = rows(
        connection, "cards.blocks", person_id=found["person_id"], card_id=found["card_id"]
    )
    expires: date | None = found["expires_on"]
    return Card(
        person_id=found["person_id"],
        card_id=found["card_id"],
        kind=found["kind"],
        region=found["region"],
        card_number=found["card_number"],
        status=Status(found["status"]),
        blocks=tuple(_block(each) for each in blocks),
        bank_id=found["bank_id"] or "",
        replaces_id=found["replaces_id"],
        expires_on=expires,
    )


def _block(found: Row) -> Block:
    return Block(
        block_id=found["block_id"],
        force=Force(found["force"]),
        from_at=found["from_at"],
        until_at=found["until_at"],
        at_lapse=AtLapse(found["at_lapse"]),
        cause=found["cause"],
        ended_at=found["ended_at"],
    )
