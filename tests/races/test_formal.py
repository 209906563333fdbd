"""A withdrawal against a formal loss: whoever wins, nothing is released after it (P4, A14)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from minka.cards.card import Standing
from minka.desk.act import Answer
from minka.desk.use import UseCard, use_card
from tests.desk.town import Resident, request, settle_in
from tests.races.conftest import Crowded
from tests.races.storm import codes, storm
from tests.races.test_storms import standing_of

ROUNDS = 12


def race_once(crowded: Crowded, someone: Resident) -> list[Answer]:
    """Two withdrawals, two formal losses and two uses at one moment, on a card reported lost."""
    assert crowded.report(someone).accepted
    use = UseCard(100, "H1", card_number=someone.card_number)
    return storm(
        [partial(crowded.withdraw, someone)] * 2
        + [partial(crowded.report, someone, force="formal")] * 2
        + [lambda: use_card(crowded.office, request(), use)] * 2
    )


def test_no_withdrawal_frees_a_formally_lost_card(crowded: Crowded) -> None:
    """P4: a formal loss that was taken stands; what was withdrawn was withdrawn before it."""
    both = 0
    for _ in range(ROUNDS):
        someone = settle_in(crowded.office)
        answers = race_once(crowded, someone)
        withdrawals, formal = answers[:2], answers[2:4]
        assert codes(formal) == {"accepted": 1, "loss.already_formal": 1}
        (lost,) = (answer for answer in formal if answer.accepted)
        lost_at = datetime.fromisoformat(lost.facts["stopped_at"])
        for answer in withdrawals:
            if answer.accepted:
                both += 1
                assert datetime.fromisoformat(answer.facts["withdrawn_at"]) < lost_at
            else:
                assert answer.code in ("loss.formal_is_final", "loss.not_reported")
        assert standing_of(crowded, someone) is Standing.FORMAL_LOSS
        late = "select count(*) from card_use where card_id = %(c)s and auth_at >= %(at)s"
        assert crowded.count(late, c=someone.card_id, at=lost_at) == 0
        assert crowded.withdraw(someone).code == "loss.formal_is_final"
    assert both < ROUNDS * 2, "a withdrawal that always wins proves nothing"


def test_a_formal_loss_has_no_end_in_the_schema(crowded: Crowded) -> None:
    """P4, by construction: not even the owner of the register can end or bound a formal block."""
    words = """
        select count(*) from block_end e join block b using (person_id, block_id)
        where b.force = 'formal'
    """
    assert crowded.count(words) == 0
    assert crowded.count("select count(*) from block where force = 'formal'") > 0
