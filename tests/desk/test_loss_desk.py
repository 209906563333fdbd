"""Loss reports at the desk: A1, A6, A14, P1, P4, P6."""

from __future__ import annotations

from datetime import datetime, timedelta

from minka.cards.card import Standing
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.kit.secret import Clear
from minka.store import cards
from tests.desk.town import request, settle_in


def test_a_telephone_report_stops_the_card_and_lapses_ten_days_later(office: Office) -> None:
    """A1, A6, R1-01, R1-05: stopped at the answer, usable again exactly ten days later."""
    someone = settle_in(office)
    command = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
    answer = report_loss(office, request("hotline_agent"), command)
    assert answer.accepted, answer
    stopped = datetime.fromisoformat(answer.facts["stopped_at"])
    lapses = datetime.fromisoformat(answer.facts["lapses_at"])
    assert lapses - stopped == timedelta(days=10)
    with office.register.act() as connection:

        def standing(at: datetime) -> Standing:
            return cards.standing(connection, someone.person_id, someone.card_id, at)

        assert standing(stopped - timedelta(microseconds=1)) is Standing.USABLE
        assert standing(stopped) is Standing.PROVISIONAL_LOSS
        assert standing(lapses - timedelta(microseconds=1)) is Standing.PROVISIONAL_LOSS
        assert standing(lapses) is Standing.USABLE


def test_a_wrong_name_is_refused_like_an_unknown_person(office: Office) -> None:
    """T13: nobody learns whether a number is known."""
    someone = settle_in(office)
    wrong = ReportLoss("R1", "hotline", someone.number, {"name": Clear("另一人")})
    unknown = ReportLoss("R1", "hotline", Clear("110000198503109999"), {"name": someone.name})
    answers = [report_loss(office, request(), command) for command in (wrong, unknown)]
    assert answers[0].code == answers[1].code == "loss.not_verified"
    assert answers[0].sentence == answers[1].sentence
