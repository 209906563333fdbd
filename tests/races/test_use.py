"""A use of a card under its lock: P1, P6, P11."""

from __future__ import annotations

from minka.cards.card import Standing
from minka.cards.refusals import REFUSAL_OF, UseRefusal
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.use import UseCard, use_card
from minka.kit.secret import Clear
from tests.desk.town import request, settle_in


def test_a_use_is_paid_until_the_report_and_refused_after_it(office: Office) -> None:
    """P1, P2: the very next use after the answer of a report is refused."""
    someone = settle_in(office)
    use = UseCard(1250, "H1", card_number=someone.card_number)
    paid = use_card(office, request(), use)
    assert (paid.code, paid.facts["amount_fen"]) == ("accepted", 1250)
    report = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
    stopped = report_loss(office, request("hotline_agent"), report)
    refused = use_card(office, request(), use)
    assert refused.code == "cards.provisional_loss"
    assert paid.facts["auth_at"] < stopped.facts["stopped_at"] < refused.facts["at"]
    with office.register.act() as connection:
        counted = "select (select count(*) from card_use where card_id = %(c)s) as used,"
        counted += " (select count(*) from card_refusal where card_id = %(c)s) as refused"
        found = connection.execute(counted, {"c": someone.card_id}).fetchone()
    assert found == {"used": 1, "refused": 1}


def test_one_key_is_one_use(office: Office) -> None:
    """P6: one key, one answer, also after the card was stopped; another content gets none."""
    someone = settle_in(office)
    asked, use = request(), UseCard(100, "H1", number=someone.number)
    first = use_card(office, asked, use)
    report = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
    report_loss(office, request("hotline_agent"), report)
    again = use_card(office, asked, use)
    assert (again.facts, again.replayed) == (first.facts, "replayed")
    other = use_card(office, asked, UseCard(101, "H1", number=someone.number))
    assert other.code == "desk.key_reused"


def test_what_names_no_card_or_no_amount_is_refused(office: Office) -> None:
    """The answer of a till never depends on luck: unknown cards and empty amounts are refused."""
    someone = settle_in(office)
    unknown = UseCard(1, "H1", card_number="T00000000")
    stranger = UseCard(1, "H1", number=Clear("110000190001010000"))
    nothing = UseCard(0, "H1", number=someone.number)
    codes = [use_card(office, request(), each).code for each in (unknown, stranger, nothing)]
    assert codes == ["cards.unknown", "cards.unknown", "cards.amount_wrong"]


def test_no_stop_is_told_to_whoever_holds_the_card() -> None:
    """A thief at the till hears the same of every stop, and nothing of a loss."""
    stops = (Standing.FORMAL_LOSS, Standing.PROVISIONAL_LOSS, Standing.FROZEN, Standing.CANCELLED)
    assert len({REFUSAL_OF[standing].words for standing in stops}) == 1
    for reason in UseRefusal:
        for told in ("挂失", "掛失", "lost", "loss", "stolen"):
            assert told not in str(reason.words)
    assert set(REFUSAL_OF) == set(Standing) - {Standing.USABLE}
