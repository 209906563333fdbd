"""Face and chip are one before a card is handed over (C1); stopped cards meet a terminal (X31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from minka.bench.chip_city import identity
from minka.cards.card import Card, Move, Standing, Status
from minka.cards.number import card_number
from minka.desk import chip_check, chip_contact
from minka.desk.act import Desk, Turned
from minka.desk.chip_check import CheckCard, check_card, require_checked, required
from minka.desk.chip_stamp import MeetCard, Order, StampCard, meet_card, order_for, stamp_card
from minka.desk.office import Office
from minka.law import chip
from minka.law.chip import parse, read
from minka.store import cards
from minka.store.connection import the_row
from tests.chip_use.cards import Bearer, bearer, meet
from tests.desk.town import request

HOLDER = "SSSEEF06"


def checked(office: Office, someone: Bearer) -> dict[str, object]:
    """The card read back at the counter and compared."""
    contact = meet(office, someone)
    chip_contact.read(contact, (HOLDER, "SSSEEF05"))
    command = CheckCard(chip_contact.as_reading(contact))
    answer = check_card(office, request("counter_clerk"), command)
    assert answer.accepted, answer.code
    return dict(answer.facts)


def may_go(office: Office, someone: Bearer) -> str:
    """Whether the card may be handed over: empty, or the reason against it."""
    with office.register.act() as connection:
        desk = Desk(connection, office, request(), "test", someone.person_id)
        try:
            require_checked(desk, someone.card, "R1", desk.now())
        except Turned as turned:
            return turned.refused.reason.code
    return ""


def test_a_true_card_is_equal_byte_for_byte(office: Office) -> None:
    """Number, name, sex and card number on the chip are those that are printed (C1)."""
    someone = bearer(office)
    found = checked(office, someone)
    assert (found["verdict"], found["differing"]) == ("equal", [])
    assert may_go(office, someone) == ""


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ("SSSEEF06.08", {"08": "110000198503109999"}),
        ("SSSEEF06.09", {"09": "试某"}),
        ("SSSEEF06.0A", {"0A": "9"}),
        ("SSSEEF06.4E", {"4E": "Z"}),
    ],
)
def test_a_card_that_differs_is_not_handed_over(
    office: Office, item: str, values: dict[str, str]
) -> None:
    """One byte is enough, wherever it is (C1)."""
    template = bearer(office)
    right = dict(identity(template.person, template.card, date(2026, 1, 5))[HOLDER])
    someone = bearer(office, more={HOLDER: {**right, **values}}, resident=template.resident)
    found = checked(office, someone)
    assert (found["verdict"], found["differing"]) == ("differs", [item])
    assert may_go(office, someone) == "desk.read_different"


def test_an_unread_card_waits_where_the_rule_asks_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule is a city's dated value; its default lets the card go (C1)."""
    someone = bearer(office)
    assert may_go(office, someone) == ""
    text = chip._FILE.read_text("utf-8").replace("cities: {}", RULE)
    monkeypatch.setattr(chip_check, "read", lambda: parse(text))
    assert may_go(office, someone) == "desk.unread"
    assert required("R1", date(2026, 11, 22)) == 1
    assert required("R2", date(2026, 11, 22)) == 0
    checked(office, someone)
    assert may_go(office, someone) == ""


RULE = """cities:
  R1:
    handover.reading: {what: Ours., unit: 0 or 1, since: {2026-01-01: 1}, source: law}
"""


def test_values_that_are_nobodys_law_say_so() -> None:
    """Every value that came with Minka is marked as assumed."""
    rules = read().on("R1", date(2026, 11, 22))
    assert len(rules.assumed) == 7
    with pytest.raises(LookupError):
        read().on("R1", date(2020, 1, 1))
    with pytest.raises(ValueError, match="leaves differ"):
        parse("leaves: {}\ncities: {}\n")


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("replaced", [0, 1])
def test_only_a_replaced_card_is_blocked_for_good(standing: Standing, replaced: int) -> None:
    """A block on the chip has no way back: never for a loss that may still be withdrawn."""
    told = order_for(standing, replaced)
    for_good = replaced and standing in (Standing.FORMAL_LOSS, Standing.CANCELLED)
    assert (told is Order.BLOCK_APPLICATION) == bool(for_good)
    assert (told is Order.NONE) == (standing is Standing.USABLE)


def test_a_usable_card_is_left_alone(office: Office) -> None:
    """No order, no stamp."""
    someone = bearer(office)
    assert chip_contact.stamp(meet(office, someone)) is None


def lose(office: Office, someone: Bearer, force: str) -> None:
    """Stop the card of the register."""
    until = "null" if force == "formal" else "register_now(null) + interval '10 days'"
    lapse = "none" if force == "formal" else "release"
    with office.register.act() as connection:
        connection.execute(
            "insert into block (person_id, block_id, card_id, force, from_at, until_at, at_lapse,"
            f" cause) values (%s, nextval('fact_id_seq'), %s, %s, register_now(null), {until},"
            " %s, 'test')",
            (someone.person_id, someone.card.card_id, force, lapse),
        )


@pytest.mark.parametrize("force", ["provisional", "formal"])
def test_a_lost_card_is_refused_and_stays_whole(office: Office, force: str) -> None:
    """Without a successor a lost card is refused; its chip keeps working (X31)."""
    someone = bearer(office)
    chip_contact.keep(meet(office, someone))
    lose(office, someone, force)
    stamped = chip_contact.stamp(meet(office, someone))
    assert stamped is not None
    assert stamped.accepted
    assert (stamped.facts["told"], stamped.facts["result"]) == ("refuse", "refused")
    assert meet(office, someone).card.proof == "proved"


def test_a_replaced_card_is_blocked_at_its_first_contact(office: Office) -> None:
    """Formally lost and replaced: its paying application is ended on the chip, and reported."""
    someone = bearer(office)
    chip_contact.read(contact := meet(office, someone))
    chip_contact.keep(contact)
    lose(office, someone, "formal")
    _succeed(office, someone)
    stamped = chip_contact.stamp(meet(office, someone))
    assert stamped is not None
    assert (stamped.facts["told"], stamped.facts["result"]) == ("block_application", "blocked")
    again = meet(office, someone)
    assert not [f for f in chip_contact.read(again) if f.item.startswith("DF04")]
    assert any(f.item.startswith("DF01") for f in again.found)
    stamped = chip_contact.stamp(again)
    assert stamped is not None
    assert stamped.facts["result"] == "was_blocked"


def _succeed(office: Office, someone: Bearer) -> None:
    """Another card took its place."""
    with office.register.act() as connection:
        card_id = the_row(connection, "cards.card_id")["id"]
        old = someone.card
        new = replace(
            old,
            card_id=card_id,
            card_number=card_number("N", card_id),
            status=Status.ORDERED,
            blocks=(),
            replaces_id=old.card_id,
        )
        at = cards.now(connection, None)
        cards.order(connection, new, at=at, cause="test")
        for move in (Move.MAKE, Move.STOCK, Move.COLLECT):
            found = cards.load(connection, someone.person_id, card_id)
            assert isinstance(found, Card)
            cards.move(connection, found, move, at=at, cause="test")


def test_a_block_needs_the_proven_card(office: Office) -> None:
    """Somebody else's chip under a lost card's number is refused and never blocked."""
    someone = bearer(office)
    chip_contact.keep(meet(office, someone))
    lose(office, someone, "formal")
    _succeed(office, someone)
    true = meet(office, someone).card
    for card in (replace(true, proof="untried"), replace(true, id_code=bytes(16))):
        command = MeetCard(someone.card.card_number, card)
        met = meet_card(office, request("counter_clerk"), command)
        assert met.facts["told"] == "refuse"
        claim = StampCard(someone.card.card_number, card, "blocked")
        assert not stamp_card(office, request("counter_clerk"), claim).accepted
