"""Loss over the API: A1, P6, T13."""

from __future__ import annotations

from minka.desk.office import Office
from tests.api.asking import Asking, key
from tests.desk.town import settle_in


def test_a_citizen_reports_on_the_web(ask: Asking, desk_office: Office) -> None:
    """B10: a card is stopped by one POST without a token, and a replay gives the same bytes."""
    someone = settle_in(desk_office, "V1")
    body = {
        "request_key": key(),
        "region": "V1",
        "id_number": someone.number,
        "stated": {"name": someone.name},
    }
    first = ask.post("/v1/loss-reports", body)
    assert first.status == 201, first
    again = ask.post("/v1/loss-reports", body)
    assert (again.status, again.raw.content) == (201, first.raw.content)
    assert again.raw.headers["Minka-Replayed"] == "true"
    other = ask.post("/v1/loss-reports", {**body, "reason": "stolen"})
    assert (other.status, other.code) == (409, "desk.key_reused")
