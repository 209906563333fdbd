"""A card's whole life over the API: lost, replaced, collected, used (A1, A9, A14, P4)."""

from __future__ import annotations

from minka.desk.office import Office
from tests.api.asking import Asking, Partners
from tests.api.town import COUNTER, SHOWN, a_place, an_employer, apply_for_new_card, employ
from tests.desk.town import settle_in


def test_lost_replaced_collected_activated(
    ask: Asking, desk_office: Office, partners: Partners
) -> None:
    """The old card never works again, the new one does."""
    case = apply_for_new_card(ask, desk_office, partners)
    counter = ask.as_(partners.enrol(*COUNTER, role="counter_clerk"))
    old = {"card_number": case.someone.card_number}
    assert counter.post("/v1/card-standings", **old)["standing"] == "formal_loss"
    refused = counter.post("/v1/card-uses", amount_fen=100, provider_id="H1", **old)
    assert (refused.status, refused.code) == (409, "cards.formal_loss")
    if case.told["replacement"]["fee_fen"]:
        paid = counter.post(f"/v1/applications/{case.receipt}/fee", means="qr")
        assert paid.status == 201, paid
    for move in ("make", "stock"):
        made = counter.post(f"/v1/applications/{case.receipt}/advances", move=move)
        assert made.status == 201, made
    collected = counter.post(
        "/v1/collections",
        slip=case.slip,
        id_number=case.someone.number,
        place_id=case.place_id,
        papers=SHOWN,
    )
    assert collected.status == 201, collected
    active = counter.post("/v1/activations", receipt=case.slip, id_number=case.someone.number)
    assert active.status == 201, active
    used = counter.post(
        "/v1/card-uses", amount_fen=100, provider_id="H1", id_number=case.someone.number
    )
    assert (used.status, used.body.get("amount_fen")) == (201, 100), used
    state = counter.get(f"/v1/receipts/{case.receipt}")
    assert state["application"]["status"] == "active"
    assert counter.post("/v1/card-standings", **old)["standing"] == "cancelled"
    then = case.told["loss"]["accepted_at"]
    assert counter.post("/v1/card-standings", at=then, **old)["standing"] == "formal_loss"


def test_found_again_and_frozen(ask: Asking, desk_office: Office, partners: Partners) -> None:
    """A provisional report is taken back with the card; a freeze is undone."""
    someone = settle_in(desk_office)
    place = a_place(partners.url)
    counter = ask.as_(partners.enrol(*COUNTER, role="counter_clerk"))
    named = {"region": "R1", "id_number": someone.number}
    said = {**named, "stated": {"name": someone.name}}
    frozen = counter.post("/v1/card-freezes", what="freeze", **said)
    assert frozen.status == 201, frozen
    assert counter.post("/v1/card-freezes", what="unfreeze", **said)["resumed_at"]
    report = counter.post("/v1/loss-reports", channel="hotline", **said)
    assert report.status == 201, report
    state = counter.get(f"/v1/receipts/{report['receipt']}")
    assert state["card"]["standing"] == "provisional_loss"
    assert someone.number.reveal() not in state.raw.content.decode()
    back = counter.post(
        "/v1/loss-withdrawals",
        channel="counter",
        place_id=place,
        papers=SHOWN,
        found_card_number=someone.card_number,
        **named,
    )
    assert back.status == 201, back


def test_a_report_waits_for_staff(ask: Asking, desk_office: Office, partners: Partners) -> None:
    """R3-01: a report takes effect with the word of the staff the rule names, and no other."""
    someone = settle_in(desk_office, "R3")
    caller = ask.as_(partners.enrol("loss:report", regions="R3"))
    employ(partners.url, someone, an_employer(partners.url, "R3"))
    stated = {
        "name": someone.name,
        "card_number": someone.card_number,
        "phone": "13800000000",
        "employer_name": "测试单位",
    }
    told = caller.post(
        "/v1/loss-reports", region="R3", channel="hotline", id_number=someone.number, stated=stated
    )
    assert (told.status, told.body.get("state")) == (201, "unconfirmed"), told
    path = f"/v1/loss-reports/{told['receipt']}/confirmation"
    factory = ask.as_(partners.enrol("loss:confirm", regions="R3", role="factory"))
    assert factory.post(path).code == "loss.confirmed_by_another"
    staff = ask.as_(partners.enrol("loss:confirm", regions="R3", role="medical_staff"))
    assert staff.post(path)["state"] == "in_force"
