"""The pretend pharmacy: purchases in one call each, and some taken back."""

from __future__ import annotations

from collections.abc import Sequence

from minka.bench import care_forms as forms
from minka.bench.counter import Counted, card
from minka.client import Outcome, Purchase, Settled, Success

KINDS = ("drug",)


def purchase(counter: Counted, card_number: str, *, scheme: int = 310) -> Outcome:
    """1101, 2101, 2102."""
    shown, number, client = card(card_number), counter.number(), counter.client
    person = counter.sure(lambda: client.person(shown))
    if not isinstance(person, Success):
        return counter.note(number, person)
    psn_no = str(person.output["baseinfo"]["psn_no"])
    basket = counter.basket(KINDS, 4)
    wanted = Purchase(
        number,
        psn_no,
        shown,
        forms.total(basket),
        forms.now(),
        forms.bought(number, basket),
        insutype=str(scheme),
    )
    quoted = counter.sure(lambda: client.pre_settle_purchase(wanted))
    if not isinstance(quoted, Success):
        return counter.note(number, quoted)
    return counter.note(number, client.settle_purchase(wanted))


def take_back(counter: Counted, done: Settled) -> Outcome:
    """2103: the goods come back."""
    return counter.note(f"refund {done.setl_id}", counter.client.refund_purchase(done))


def day(counter: Counted, cards: Sequence[str], *, refunds: int) -> None:
    """A day: each card buys something, some bring it back."""
    for each in cards:
        purchase(counter, each)
    back = [one for _, one in counter.settled if one.total_fen > 0]
    for one in counter.chance.sample(back, min(refunds, len(back))):
        take_back(counter, one)
