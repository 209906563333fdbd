"""The independent check of a simulated history: it reads the journal and what clients saw.

It knows the rules as sentences, not as the code under test: how long a block stands in each city,
by true time, what an answer promises, and what may never be used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from minka.bench.sim_core import Commit
from minka.bench.sim_world import HEALED_AT, HOUR, MINUTE, STANDS, History
from minka.cards.card import AtLapse, Block, Card, Force, Status

EARLY = 2 * HOUR
LATE = 5 * MINUTE


@dataclass(slots=True)
class Interval:
    """A block as it was committed: when in true time, and when it was ended by an act."""

    began: int
    block: Block
    region: str
    ended: int | None = None

    def covers(self, at: datetime) -> bool:
        """Whether an instant of the register lies inside the block as it was written."""
        ends = [end for end in (self.block.until_at, self.block.ended_at) if end is not None]
        return self.block.from_at <= at and all(at < end for end in ends)

    def true_end(self) -> int | None:
        """When it must end by itself in true time; None when never."""
        return None if self.block.until_at is None else self.began + STANDS[self.region]


@dataclass(slots=True)
class Books:
    """What the check has read so far."""

    intervals: dict[tuple[int, int], list[Interval]] = field(default_factory=dict)
    committed: dict[str, Commit] = field(default_factory=dict)
    last: dict[int, Commit] = field(default_factory=dict)
    replaced: set[tuple[int, int]] = field(default_factory=set)


def violations(history: History) -> set[str]:
    """The properties that a history breaks, each by its name."""
    books, found = Books(), set[str]()
    for instant, commit in history.journal:
        found.update(_of_order(books, commit))
        found.update(_of_time(history, instant, commit))
        found.update(_of_use(books, instant, commit, history))
        found.update(_of_facts(commit))
        _write_down(books, instant, commit)
    found.update(_of_answers(books, history))
    return found


def _of_order(books: Books, commit: Commit) -> Iterator[str]:
    before = books.last.get(commit.asked.person)
    if before is not None and commit.reply.at <= before.reply.at:
        yield "P1 the order of instants is not the order of commits"
    if commit.key in books.committed:
        yield "P6 one key had two effects"


def _of_time(history: History, instant: int, commit: Commit) -> Iterator[str]:
    """Once every fault is over, the register's time is the true time again."""
    true = history.dawn + timedelta(microseconds=instant)
    if instant > HEALED_AT + HOUR and abs(commit.reply.at - true) > timedelta(minutes=5):
        yield "P10 time stayed wrong after the clocks were mended"


def _of_use(books: Books, instant: int, commit: Commit, history: History) -> Iterator[str]:
    if commit.used:
        card = next(c for c in commit.after.cards if c.card_id == commit.used)
        yield from _of_paid(books, instant, commit, card)
    elif commit.reply.code == "provisional_loss" and history.sound:
        held = _provisional(books, commit.asked.person)
        if all(_over(each, instant) for each in held):
            yield "P10 a block stood longer than its time on sound clocks"


def _of_paid(books: Books, instant: int, commit: Commit, card: Card) -> Iterator[str]:
    name = (commit.asked.person, card.card_id)
    if card.status is not Status.ACTIVE:
        yield "P11 a card that is not active was used"
    if name in books.replaced:
        yield "P5 a card was used after its replacement was activated"
    for each in books.intervals.get(name, []):
        block, at = each.block, commit.reply.at
        if block.force is Force.FORMAL:
            yield "P4 a card was used after its formal loss"
        if each.covers(at):
            yield "P1 a use lies inside a block"
        end = each.true_end()
        if each.ended is None and (end is None or instant < end - EARLY):
            yield "P10 a card was used before its block had stood its time"
        if each.ended is None and block.at_lapse is AtLapse.CANCEL and not each.covers(at):
            yield "P11 a card was used after it lapsed into cancellation"


def _over(interval: Interval, instant: int) -> bool:
    end = interval.true_end()
    return interval.ended is not None or (end is not None and end + LATE < instant)


def _provisional(books: Books, person: int) -> list[Interval]:
    """Every provisional interval on a card of a person."""
    of_person = (each for (whose, _), each in books.intervals.items() if whose == person)
    return [one for each in of_person for one in each if one.block.force is Force.PROVISIONAL]


def _of_facts(commit: Commit) -> Iterator[str]:
    active = [card for card in commit.after.cards if card.status is Status.ACTIVE]
    if len(active) > 1:
        yield "P5 two cards of one kind are active"
    for card in commit.after.cards:
        for block in card.blocks:
            if block.force is Force.FORMAL and (block.ended_at or block.until_at):
                yield "P4 a formal loss has an end"


def _write_down(books: Books, instant: int, commit: Commit) -> None:
    person = commit.asked.person
    books.committed[commit.key] = commit
    books.last[person] = commit
    region = commit.after.cards[0].region
    for card in commit.after.cards:
        known = books.intervals.setdefault((person, card.card_id), [])
        for place, block in enumerate(card.blocks):
            if place >= len(known):
                known.append(Interval(instant, block, region))
            elif block.ended_at is not None and known[place].ended is None:
                known[place].ended, known[place].block = instant, block
        if card.replaces_id is not None and card.status is Status.ACTIVE:
            books.replaced.add((person, card.replaces_id))


def _of_answers(books: Books, history: History) -> Iterator[str]:
    for sent in history.sent.values():
        commit, told = books.committed.get(sent.key), set(sent.answers)
        if not told:
            yield "P8 a request was never answered"
        if len(told) > 1:
            yield "P6 one key got two answers"
        if told and commit is None:
            yield "P3 an answered request is not in the journal"
        if told and commit is not None and commit.reply not in told:
            yield "P3 an answer differs from what was written"
        if any(reply.code != "key_reused" for reply in sent.confused):
            yield "P6 a key was taken for another content"
