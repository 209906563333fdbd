"""The standing of a card is computed from intervals, alike in Python and in SQL (P1, P4, P11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from minka.cards.card import AtLapse, Block, Card, Force, Standing, Status
from minka.desk.office import Office
from minka.store import cards
from minka.store.connection import Connection, insert
from tests.desk.town import settle_in

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CARD = Card(1, 1, "social_security_card", "R1", "A00000011", Status.ACTIVE)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """A block as the register may hold it; hours from the start."""
    force = draw(st.sampled_from(list(Force)))
    begins = draw(st.integers(0, 40))
    lasts = None if force is not Force.PROVISIONAL else draw(st.none() | st.integers(1, 30))
    end = None if force is Force.FORMAL else draw(st.none() | st.integers(0, 40))
    at_lapse = AtLapse.NONE
    if lasts is not None:
        at_lapse = draw(st.sampled_from([AtLapse.RELEASE, AtLapse.CANCEL]))
    return Block(
        block_id=0,
        force=force,
        from_at=START + begins * HOUR,
        until_at=None if lasts is None else START + (begins + lasts) * HOUR,
        at_lapse=at_lapse,
        ended_at=None if end is None else START + (begins + end) * HOUR,
    )


instants = st.integers(-1, 80).map(lambda hours: START + hours * HOUR)
some_blocks = st.lists(blocks(), max_size=4)


@given(some_blocks, instants)
def test_a_card_pays_only_outside_of_every_block(held: list[Block], at: datetime) -> None:
    """P1: usable means that no interval covers the instant and none has cancelled the card."""
    card = replace(CARD, blocks=tuple(held))
    usable = card.standing_at(at) is Standing.USABLE
    covered = any(
        b.from_at <= at
        and not (b.until_at is not None and b.until_at <= at)
        and not (b.ended_at is not None and b.ended_at <= at)
        for b in held
    )
    cancelled = any(
        b.at_lapse is AtLapse.CANCEL
        and b.until_at is not None
        and b.until_at <= at
        and (b.ended_at is None or b.ended_at > b.until_at)
        for b in held
    )
    assert usable == (not covered and not cancelled)


@given(some_blocks, instants)
def test_a_formal_loss_outweighs_everything_but_death(held: list[Block], at: datetime) -> None:
    """P4: whatever else stops the card, a formal loss is what it shows, from its start for ever."""
    formal = Block(9, Force.FORMAL, START, None, AtLapse.NONE)
    standing = replace(CARD, blocks=(*held, formal)).standing_at(at)
    if at >= START:
        assert standing in (Standing.FORMAL_LOSS, Standing.CANCELLED)


@given(some_blocks, instants, st.integers(0, 60))
def test_a_card_that_lapsed_into_cancellation_stays_so(
    held: list[Block], at: datetime, later: int
) -> None:
    """P11: the dead do not come back by the passing of time."""
    card = replace(CARD, blocks=tuple(held))
    if card.standing_at(at) is Standing.CANCELLED:
        assert card.standing_at(at + later * HOUR) is Standing.CANCELLED


@given(some_blocks, instants, st.sampled_from([s for s in Status if s is not Status.ACTIVE]))
def test_only_an_active_card_is_usable(held: list[Block], at: datetime, status: Status) -> None:
    """P11: in every other status of its life no card pays, blocked or not."""
    card = replace(CARD, blocks=tuple(held), status=status)
    assert card.standing_at(at) is not Standing.USABLE


def test_a_block_begins_with_its_instant_and_ends_before_its_end() -> None:
    """Half-open to the microsecond: from is inside, until is outside."""
    micro = timedelta(microseconds=1)
    block = Block(1, Force.PROVISIONAL, START, START + HOUR, AtLapse.RELEASE)
    inside = [START - micro, START, START + HOUR - micro, START + HOUR]
    assert [block.in_force_at(at) for at in inside] == [0, 1, 1, 0]


def test_a_block_that_was_answered_in_time_does_not_cancel() -> None:
    """An end at the very instant of the lapse still counts as an answer."""
    block = Block(1, Force.PROVISIONAL, START, START + HOUR, AtLapse.CANCEL)
    assert block.cancelled_by(START + HOUR) == 1
    assert replace(block, ended_at=START + HOUR).cancelled_by(START + HOUR) == 0
    assert replace(block, ended_at=START + 2 * HOUR).cancelled_by(START + 3 * HOUR) == 1


def test_a_card_expires_with_the_day_in_china() -> None:
    """The day changes at sixteen hours UTC."""
    card = replace(CARD, expires_on=date(2026, 3, 3))
    last = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)
    assert card.standing_at(last) is Standing.USABLE
    assert card.standing_at(last + timedelta(seconds=1)) is Standing.EXPIRED


@st.composite
def histories(draw: st.DrawFn) -> list[Block]:
    """Blocks with numbers of their own."""
    return [replace(each, block_id=n) for n, each in enumerate(draw(some_blocks), start=1)]


def test_sql_and_python_agree_on_every_standing(office: Office) -> None:
    """P1, P4, P11: one meaning in two languages, over a hundred invented histories."""
    someone = settle_in(office)
    drawn: list[list[Block]] = []

    @given(histories())
    def draw(found: list[Block]) -> None:
        drawn.append(found)

    draw()
    with office.register.act() as connection:
        for serial, found in enumerate(drawn):
            card = _written(connection, someone.person_id, serial, found)
            asked = [START + hours * HOUR for hours in range(-1, 80, 3)]
            for at in asked:
                said = cards.standing(connection, card.person_id, card.card_id, at)
                assert said is card.standing_at(at), (found, at)


def _written(connection: Connection, person_id: int, serial: int, held: list[Block]) -> Card:
    card = replace(
        CARD,
        person_id=person_id,
        card_id=1_000_000 + serial,
        kind=f"kind {serial}",
        card_number=f"N{serial}",
    )
    insert(
        connection,
        "cards.insert",
        {
            "person_id": person_id,
            "card_id": card.card_id,
            "kind": card.kind,
            "region": "R1",
            "card_number": card.card_number,
            "bank_id": None,
            "pan_mask": None,
            "status": "active",
            "at": START,
            "replaces_id": None,
            "expires_on": None,
        },
    )
    connection.execute(
        "insert into card_move values (%s, %s, 1, %s, 'activate', 'active', 'test')",
        (person_id, card.card_id, START - HOUR),
    )
    numbered = [replace(b, block_id=serial * 10 + b.block_id) for b in held]
    for block in numbered:
        cards.add_block(connection, card, block)
        if block.ended_at is not None:
            cards.end_block(connection, card, block, at=block.ended_at, how="withdrawn")
    return replace(card, blocks=tuple(numbered))
