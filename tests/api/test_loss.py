"""Loss over the API: A1, P6, T13, T14."""

from __future__ import annotations

import pytest

from minka.desk.office import Office
from tests.api.asking import Asking, Partners, key
from tests.desk.town import settle_in


def test_a_citizen_reports_on_the_web(ask: Asking, desk_office: Office) -> None:
    """P6: one POST without a token stops a card; a replay gives the same bytes."""
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


def test_a_partner_reports_by_telephone(
    ask: Asking, desk_office: Office, partners: Partners
) -> None:
    """A1: the hotline's system reports for a caller, with its token."""
    someone = settle_in(desk_office)
    hotline = ask.as_(partners.enrol("loss:report", role="hotline_agent"))
    told = hotline.post(
        "/v1/loss-reports",
        region="R1",
        channel="hotline",
        id_number=someone.number,
        stated={"name": someone.name},
        caller="13800000000",
    )
    assert (told.status, told["state"], told["force"]) == (201, "in_force", "provisional"), told


@pytest.mark.parametrize("token", ["", "nobody.x", "."])
def test_other_channels_need_a_token(ask: Asking, desk_office: Office, token: str) -> None:
    """T14: without a good token nobody reports by telephone."""
    someone = settle_in(desk_office)
    told = ask.as_(token).post(
        "/v1/loss-reports", region="R1", channel="hotline", id_number=someone.number
    )
    assert (told.status, told.code) == (401, "api.no_token")
