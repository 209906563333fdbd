"""Cards come in with a life, their stops and their chain, as if they had been made here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minka.cards.card import LIFE, Standing, Status
from minka.cards.number import card_number
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.doors.files.runs import Mode
from minka.doors.files.workers import Crew
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.store import bulk, cards, people
from tests.desk.town import request
from tests.files.tables import card, column, number, person, reasons, sole, table, take


@pytest.fixture
def town(empty: Office, crew: Crew, tmp_path: Path) -> Office:
    """Twenty people without cards, and a bank."""
    take(empty, table(tmp_path / "town.csv", [person(n) for n in range(1, 21)]), crew=crew)
    with empty.register.act() as connection:
        connection.execute("reset role")
        connection.execute("insert into bank values ('BANK1', '示例银行', '', '96100', '', null)")
        connection.execute("set role minka_desk")
    return empty


def numbered(n: int) -> str:
    """A card number with the usual check character."""
    return card_number("N", n)


def standing(office: Office, n: int, at: datetime | None = None) -> Standing:
    """The standing of the person's one card, now or at an instant."""
    with office.register.act() as connection:
        person_id = people.find(connection, office.keys, Clear(number(n)))
        assert person_id is not None
        (one,) = cards.of_person(connection, person_id)
        when = at or cards.now(connection, None)
        said = cards.standing(connection, person_id, one.card_id, when)
        if at is None:
            assert one.standing_at(when) is said
    return said


def test_every_state_becomes_a_life_and_a_stop(town: Office, crew: Crew, tmp_path: Path) -> None:
    """AAZ502 0, 1, 2, 4, 9; a provisional loss without a known end stays until somebody ends it."""
    states = {1: "0", 2: "1", 3: "2", 4: "4", 5: "9", 6: "4"}
    rows = [
        {"AAC002": number(n), "AAZ500": numbered(n), "AAZ502": state, "AAZ161": "20200131"}
        for n, state in states.items()
    ]
    rows[5] |= {"AAZ165": "20990101000000", "AAZ163": "1", "AAE008": "BANK1"}
    arrival = take(town, table(tmp_path / "a.csv", rows), "cards", crew=crew)
    assert (arrival.dialect.name, reasons(arrival)) == ("aac", {})
    assert [standing(town, n) for n in states] == [
        Standing.NOT_ACTIVE,
        Standing.USABLE,
        Standing.FORMAL_LOSS,
        Standing.PROVISIONAL_LOSS,
        Standing.CANCELLED,
        Standing.PROVISIONAL_LOSS,
    ]
    later = datetime(2098, 12, 31, tzinfo=UTC)
    assert standing(town, 4, later) is Standing.PROVISIONAL_LOSS
    assert standing(town, 6, later) is Standing.PROVISIONAL_LOSS
    assert standing(town, 6, later + timedelta(days=1)) is Standing.USABLE
    assert sole(town, "select count(*) from card_drift") == 0
    assert arrival.run is not None
    assert set(column(town, "select cause from card_move")) == {arrival.run.cause}
    registered = "select count(*) from card_registry join card using (person_id, card_id)"
    assert sole(town, registered) == 6


@pytest.mark.parametrize("status", Status)
def test_the_moves_to_every_status_follow_the_table_of_a_cards_life(status: Status) -> None:
    """No imported card has a history that no card of ours could have."""
    at = None
    for move, reached in bulk.life_to(status):
        assert LIFE[at, move] is reached
        at = reached
    assert at is status


def test_stops_are_told_to_hot_list_and_bank_but_holders_are_not_alarmed(
    town: Office, crew: Crew, tmp_path: Path
) -> None:
    """The list that terminals see is complete; a bank that stopped already is asked once more."""
    rows = [
        card(1, numbered(1), lost="formal", bank_id="BANK1"),
        card(2, numbered(2), lost="provisional", lost_until="2099-01-01"),
        card(3, numbered(3), frozen_from="2025-01-01"),
        card(4, numbered(4), bank_id="BANK1"),
    ]
    arrival = take(town, table(tmp_path / "a.csv", rows), "cards", crew=crew)
    assert reasons(arrival) == {}
    topics = column(town, "select topic from outbox order by outbox_id")
    assert topics.count("hotlist.add") == 3
    assert topics.count("bank.stop") == 1
    assert sorted({*topics} - {"hotlist.add", "bank.stop"}) == [
        "notice.lapsed",
        "notice.lapses_soon",
    ]
    sides = "select count(*) from stop_confirmation where side = 'social' and effect = 'stop'"
    assert sole(town, sides) == 3
    assert standing(town, 3) is Standing.FROZEN


def test_an_imported_card_is_reported_lost_and_a_found_one_let_go(
    town: Office, crew: Crew, tmp_path: Path
) -> None:
    """A1, A14: the desk sees no difference between a card of its own and one that came in."""
    rows = [card(1, numbered(1)), card(2, numbered(2), lost="provisional")]
    rows.append(card(3, numbered(3), lost="formal"))
    take(town, table(tmp_path / "a.csv", rows), "cards", crew=crew)
    stated = {"name": Clear("陈晓岚")}
    answer = report_loss(
        town, request("hotline_agent"), ReportLoss("R1", "hotline", Clear(number(1)), stated)
    )
    assert answer.accepted, answer
    assert standing(town, 1) is Standing.PROVISIONAL_LOSS
    with town.register.act() as connection:
        connection.execute("reset role")
        connection.execute(
            "insert into place (place_id, region, kind, name, name_en, district, address, phone,"
            " hours, services, directions) values"
            " ('P1', 'R1', 'service_point', '网点', '', '', '', '', '', '', '')"
        )
        connection.execute("set role minka_desk")
    answers = [
        withdraw_loss(
            town,
            request("counter_clerk"),
            WithdrawLoss(
                "R1",
                "counter",
                Clear(number(n)),
                place_id="P1",
                papers=tuple(map(ShownPaper, ("resident_id", "social_security_card"))),
                found_card_number=numbered(n),
            ),
        )
        for n in (2, 3)
    ]
    assert answers[0].accepted, answers[0]
    assert answers[1].code == "loss.formal_is_final"
    assert standing(town, 2) is Standing.USABLE
    assert standing(town, 3) is Standing.FORMAL_LOSS


def test_each_wrong_card_has_its_reason(town: Office, crew: Crew, tmp_path: Path) -> None:
    """Whose card, which number, which bank, which state, which old card."""
    rows = [
        card(1, numbered(1)),
        card(99, numbered(2)),
        card(2, numbered(3), name="别人"),
        card(2, "N12"),
        card(2, numbered(4), bank_id="NONE"),
        card(1, numbered(5)),
        card(3, numbered(6), status="lent"),
        card(3, numbered(7), lost="provisional", lost_until="2020-01-01"),
        card(3, numbered(8), lost="formal", lost_from="2099-01-01"),
        card(4, numbered(9), replaces=numbered(1)),
        card(1, numbered(10), status="sealed", replaces=numbered(1)),
        card(1, numbered(11), status="ordered", replaces=numbered(1)),
        card(5, numbered(1)),
        card(1, numbered(1)),
        card(6, "N00000123", pan="6222020000001234567"),
        card(7, numbered(12), pan="62x"),
        card(8, numbered(13), kind="library_card"),
    ]
    for mode in (Mode.DRY, Mode.REAL):
        arrival = take(town, table(tmp_path / "a.csv", rows), "cards", crew=crew, mode=mode)
        assert reasons(arrival) == {
            3: "person_unknown",
            4: "name_differs",
            5: "card_number",
            6: "bank_unknown",
            7: "second_active",
            8: "code",
            9: "stop_over",
            10: "stop_ahead",
            11: "replaces_unknown",
            13: "second_successor",
            14: "repeated",
            17: "figure",
            18: "code",
        }
        assert arrival.counts["repeated"] == 1
        assert arrival.counts["warned"] == 1
    assert column(town, "select pan_mask from card where pan_mask <> ''") == ["622202******4567"]
    chain = "select o.card_number from card c join card o on o.card_id = c.replaces_id"
    assert column(town, chain) == [numbered(1)]


def test_a_register_that_has_moved_on_is_not_overwritten(
    town: Office, crew: Crew, tmp_path: Path
) -> None:
    """An old export brought in again says what differs and changes nothing."""
    path = table(tmp_path / "a.csv", [card(1, numbered(1)), card(2, numbered(2))])
    take(town, path, "cards", crew=crew)
    stated = {"name": Clear("陈晓岚")}
    report_loss(town, request(), ReportLoss("R1", "hotline", Clear(number(1)), stated))
    arrival = take(town, path, "cards", crew=crew)
    assert [(end.line, end.code, end.facts) for end in arrival.refused] == [
        (2, "register_differs", {"fields": "lost"})
    ]
    assert arrival.counts["known"] == 1
    other = table(tmp_path / "b.csv", [card(3, numbered(2))])
    assert reasons(take(town, other, "cards", crew=crew)) == {2: "card_of_another"}
    assert standing(town, 1) is Standing.PROVISIONAL_LOSS


def test_people_and_cards_come_from_one_file(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """The usual dump has both in one row: it is brought in twice, once for each."""
    rows = [{**person(n), **card(n, numbered(n))} for n in range(1, 4)]
    path = table(tmp_path / "both.csv", rows)
    assert take(empty, path, crew=crew).counts["added"] == 3
    assert take(empty, path, "cards", crew=crew).counts["added"] == 3
    assert take(empty, path, "cards", crew=crew).counts["known"] == 3
