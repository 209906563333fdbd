"""A hundred at once: one effect of one key (P6), one report, one successor, one active (P5)."""

from __future__ import annotations

from functools import partial

from minka.cards.card import Standing
from minka.desk.act import Answer
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.use import UseCard, use_card
from minka.store import cards
from tests.desk.town import Resident, request, settle_in
from tests.races.conftest import Crowded
from tests.races.storm import codes, storm

MANY = 100


def test_one_key_sent_by_a_hundred_is_one_report(crowded: Crowded) -> None:
    """P6: one effect, one answer for all; the same key with another content is refused."""
    someone = settle_in(crowded.office)
    asked = request("hotline_agent")
    same = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
    other = ReportLoss("R1", "web", someone.number, {"name": someone.name})
    first = partial(report_loss, crowded.office, asked, same)
    changed = partial(report_loss, crowded.office, asked, other)
    first()
    answers = storm([first] * (MANY - 20) + [changed] * 20)
    assert codes(answers) == {"accepted": MANY - 20, "desk.key_reused": 20}
    assert len({answer.facts["receipt"] for answer in answers if answer.accepted}) == 1
    assert (
        crowded.count(
            "select count(*) from loss_report where person_id = %(p)s", p=someone.person_id
        )
        == 1
    )


def test_a_hundred_first_sendings_of_one_key_are_one_report(crowded: Crowded) -> None:
    """P6: nobody was first; still there is one report, one block, one request, one audit event."""
    someone = settle_in(crowded.office)
    answers = storm([partial(crowded.report, someone, key=f"storm-{someone.card_id}")] * MANY)
    assert codes(answers) == {"accepted": MANY}
    assert sum(not answer.replayed for answer in answers) == 1
    assert all(answer.facts == answers[0].facts for answer in answers)
    for table in ("loss_report", "block", "loss_confirmation", "request", "audit_event"):
        words = f"select count(*) from {table} where person_id = %(p)s"
        assert crowded.count(words, p=someone.person_id) == 1, table


def test_one_key_used_by_a_hundred_is_one_use(crowded: Crowded) -> None:
    """P6 on the fast path: one settlement, the same instant for everybody."""
    someone = settle_in(crowded.office)
    asked, use = request(), UseCard(250, "H1", card_number=someone.card_number)
    answers = storm([partial(use_card, crowded.office, asked, use)] * MANY)
    assert codes(answers) == {"accepted": MANY}
    assert len({answer.facts["auth_at"] for answer in answers}) == 1
    assert (
        crowded.count("select count(*) from card_use where card_id = %(c)s", c=someone.card_id) == 1
    )


def test_a_hundred_reports_of_one_card_make_one_block(crowded: Crowded) -> None:
    """A9, P6: different callers with keys of their own; one is taken, the others are shown it."""
    someone = settle_in(crowded.office)
    answers = storm([partial(crowded.report, someone)] * MANY)
    assert codes(answers) == {"accepted": 1, "loss.already_lost": MANY - 1}
    (taken,) = (answer for answer in answers if answer.accepted)
    shown = {answer.facts["receipt"] for answer in answers}
    assert shown == {taken.facts["receipt"]}


def test_a_hundred_applications_make_one_successor(crowded: Crowded) -> None:
    """P5: one new card is ordered; the others are told of it."""
    someone = settle_in(crowded.office)
    answers = storm([partial(crowded.apply, someone)] * MANY)
    assert codes(answers) == {"accepted": 1, "issue.application_open": MANY - 1}
    assert (
        crowded.count("select count(*) from card where person_id = %(p)s", p=someone.person_id) == 2
    )


def test_a_hundred_activations_leave_one_active_card(crowded: Crowded) -> None:
    """P5: the new card lives, the old one died in the same commit, whatever was used meanwhile."""
    someone = settle_in(crowded.office)
    receipt = crowded.bring_to_the_holder(someone)
    use = UseCard(100, "H1", number=someone.number)

    def use_it() -> Answer:
        return use_card(crowded.office, request(), use)

    acts = [partial(crowded.activate, someone, receipt)] * 60 + [use_it] * 40
    answers = storm(acts)
    assert codes(answers[:60]) == {"accepted": 1, "issue.not_to_activate": 59}
    active = "select count(*) from card where person_id = %(p)s and status = 'active'"
    assert crowded.count(active, p=someone.person_id) == 1
    assert standing_of(crowded, someone) is Standing.CANCELLED
    paid_by_the_old = "select count(*) from card_use where card_id = %(c)s"
    assert crowded.count(paid_by_the_old, c=someone.card_id) == 0
    assert crowded.count("select count(*) from card_drift") == 0


def test_two_replacements_one_after_another_in_a_storm(crowded: Crowded) -> None:
    """P5: the successor of the successor, with everybody pulling at once."""
    someone = settle_in(crowded.office)
    for turn in range(2):
        receipt = crowded.bring_to_the_holder(someone)
        again = storm([partial(crowded.activate, someone, receipt)] * 20)
        assert codes(again) == {"accepted": 1, "issue.not_to_activate": 19}, turn
    statuses = "select count(*) from card where person_id = %(p)s and status = %(s)s"
    assert crowded.count(statuses, p=someone.person_id, s="active") == 1
    assert crowded.count(statuses, p=someone.person_id, s="cancelled") == 2


def standing_of(crowded: Crowded, someone: Resident) -> Standing:
    """How the resident's first card stands now."""
    with crowded.office.register.act() as connection:
        at = cards.tick(connection, someone.person_id, someone.card_id, fence=None)
        return cards.standing(connection, someone.person_id, someone.card_id, at)
