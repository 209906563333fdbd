"""`minka demo`: the story of a lost card on a temporary city, explained step by step.

Nothing shown is made up here: receipts come from the desk's answers, instants from the register.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import structlog
from psycopg.rows import dict_row

from minka.bench import bank, clock, factory, sms
from minka.bench.demo_words import PENDING, PREPARING, SAID, STOPPED_AT, TITLE
from minka.bench.people import FIRSTS
from minka.bench.places import BANKS, place_id
from minka.bench.scratch import scratch_office, scratch_register, the_book
from minka.bench.story_cast import Player, furnish, settle
from minka.bench.story_text import Person
from minka.cards.words import STANDINGS
from minka.desk.act import Answer, Request
from minka.desk.apply import ApplyReplacement, apply_replacement
from minka.desk.collect import (
    ActivateCard,
    CollectCard,
    PayFee,
    activate_card,
    collect_card,
    pay_fee,
)
from minka.desk.look import CardView, PersonFile, file_of_person
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.use import UseCard, use_card
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.doors.outbox.bank import BankDoor
from minka.doors.outbox.hotlist import HotlistDoor
from minka.doors.outbox.post import client
from minka.doors.outbox.signing import house_key
from minka.doors.outbox.sms import SmsDoor
from minka.doors.outbox.worker import Lane, deliver_next
from minka.kit.clock import CHINA
from minka.kit.fen import yuan
from minka.kit.identity import mask_name
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.law.papers import ShownPaper
from minka.store import cards
from minka.store.connection import Register

BILL_FEN = 1200
MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Show:
    """The demo in progress: its city, its language, and what was told so far."""

    office: Office
    language: str
    pause_s: float
    say: Callable[[str], None]
    texts: sms.SmsServer
    lanes: tuple[Lane, ...]
    told: list[dict[str, Any]] = field(default_factory=list)

    def step(self, name: str, at: datetime | None = None, **facts: object) -> None:
        """Tell one step: its instant, as the register has it, and its sentence."""
        instant = at or self.now()
        spoken = {key: self.text(value) for key, value in facts.items()}
        sentence = SAID[name].say(self.language, **spoken)
        self.told.append({"step": name, "at": instant.isoformat(), "text": sentence})
        self.say(f"  {shown(instant)}  {sentence}")
        time.sleep(self.pause_s)

    def text(self, value: object) -> str:
        """A fact as text in the language of the show."""
        if isinstance(value, datetime):
            return shown(value)
        return value.say(self.language) if isinstance(value, Words) else str(value)

    def now(self) -> datetime:
        """The register's time."""
        with self.office.register.act() as connection:
            return cards.now(connection, None)

    def heading(self, words: Words, **facts: object) -> None:
        """A line that is no step."""
        self.say(f"\n{words.say(self.language, **facts)}")

    def deliver(self) -> None:
        """Let the outbox reach bank, texts and hot list now."""
        for lane in self.lanes:
            while deliver_next(self.office, lane):
                pass


def shown(instant: datetime) -> str:
    """An instant in China, to the second."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def play(language: str, pause_s: float, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Play the whole story; gives every step with its instant."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet, cache_logger_on_first_use=False)
    say(f"\n{TITLE.say(language)}\n{PREPARING.say(language)}")
    with _city() as (office, texts, lanes):
        show = Show(office, language, pause_s, say, texts, lanes)
        _first_city(show, _holder(show, "R1"))
        last = _holder(show, "R6")
        _second_city(show, last)
        _replacement(show, last)
        _whole_story(show, last)
    return show.told


@contextmanager
def _city() -> Iterator[tuple[Office, sms.SmsServer, tuple[Lane, ...]]]:
    """A furnished register of its own, with a demo bank and SMS centre beside it."""
    with scratch_register() as url, tempfile.TemporaryDirectory() as home:
        book = the_book()
        register = Register(url, size=6, wait_s=5)
        office = scratch_office(register, secrets.token_bytes(32))
        key = house_key(Path(home))
        banks, texts = bank.serve(house=key.public), sms.serve(house=key.public)
        try:
            with psycopg.connect(url, row_factory=dict_row) as connection:
                today = datetime.now(CHINA).date()
                furnish(connection, [book.on(region, today) for region in book.regions])
                connection.execute("update bank set endpoint = %s", (banks.endpoint,))
            line = client(2000)
            yield (
                office,
                texts,
                (
                    Lane("bank", BankDoor(line, key), 1),
                    Lane("notice", SmsDoor(office, line, key, texts.endpoint), 1),
                    Lane("hotlist", HotlistDoor(), 1),
                ),
            )
        finally:
            banks.stop()
            texts.stop()
            register.close()


def _holder(show: Show, region: str) -> Player:
    at = show.now()
    person = Person(FIRSTS[region], ("银行", "BANK1"))
    (player,) = settle(show.office, show.office.law(region, at), [person], at).values()
    return player


def _first_city(show: Show, player: Player) -> None:
    """R1: reported by telephone, refused, and on the tenth day the card works again."""
    _introduce(show, player, "R1")
    _report(show, player, "R1", "reported")
    clock.turn(show.office, "+1s")
    refused = _use(show, player)
    show.step("refused", _at(refused, "at"))
    _stops(show, player)
    show.deliver()
    show.step("bank")
    _stops(show, player)
    _lapse(show, player, "+10d")


def _second_city(show: Show, player: Player) -> None:
    """R6: the same telephone call holds for another time; reported again after the lapse."""
    show.heading(SAID["other_city"])
    _introduce(show, player, "R6")
    _report(show, player, "R6", "reported")
    clock.turn(show.office, "+1s")
    show.step("refused", _at(_use(show, player), "at"))
    _lapse(show, player, "+24h")
    clock.turn(show.office, "+30m")
    _report(show, player, "R6", "again")


def _introduce(show: Show, player: Player, region: str) -> None:
    view = _view(show, player)
    city = show.office.law(region, show.now()).names
    show.say(f"\n── {city.say(show.language)} ──")
    name = BANKS[0][2] if show.language == "en" else BANKS[0][1]
    whose = mask_name(player.name)
    show.step("scene", city=city, holder=whose, card=view.number_mask, bank=name)
    show.step("pays", _at(_use(show, player), "auth_at"))


def _report(show: Show, player: Player, region: str, step: str) -> None:
    stated = {"name": Clear(player.name)}
    command = ReportLoss(region, "hotline", player.number, stated)
    answer = report_loss(show.office, _request("hotline", "hotline_agent"), command)
    show.step(step, _stopped_at(show, player), receipt=answer.facts["receipt"])


def _stops(show: Show, player: Player) -> None:
    stops = _view(show, player).stops
    assert stops is not None, "a stopped card has two sides"
    show.step("stops", social=_side(show, stops.social_at), bank=_side(show, stops.bank_at))


def _side(show: Show, at: datetime | None) -> str:
    if at is None:
        return PENDING.say(show.language)
    return STOPPED_AT.say(show.language, at=shown(at))


def _lapse(show: Show, player: Player, turn: str) -> None:
    """Turn the clock past the end of the stop and look at both sides of that instant."""
    view = _view(show, player)
    until = view.until_at
    assert until is not None, "a provisional report has an end"
    show.step("until", until=until)
    show.deliver()
    clock.turn(show.office, turn)
    show.step("turned")
    with show.office.register.act() as connection:
        card = (player.person_id, view.card.card_id)
        before = cards.standing(connection, *card, until - MICROSECOND)
        after = cards.standing(connection, *card, until)
    show.step("before", until, before=STANDINGS[before].name, after=STANDINGS[after].name)
    paid = _use(show, player)
    show.deliver()
    said = show.texts.centre.texts()[-1].text
    show.step("works", _at(paid, "auth_at"), text=said)


def _replacement(show: Show, player: Player) -> None:
    """Formal loss and replacement in one visit, then making, collection, activation."""
    where = place_id("R6", "service_centre")
    shown_paper = (ShownPaper("resident_id"),)
    command = ApplyReplacement("R6", "counter", player.number, where, papers=shown_paper)
    applied = apply_replacement(show.office, _request("counter", "counter_clerk"), command)
    receipt, slip = applied.facts["receipt"], applied.facts["slip"]
    fee = yuan(applied.facts["fee_fen"])
    show.step("replaced", _stopped_at(show, player), receipt=receipt, slip=slip, fee=fee)
    show.deliver()
    back = WithdrawLoss("R6", "counter", player.number, where, shown_paper, player.card_number)
    why = withdraw_loss(show.office, _request("counter", "counter_clerk"), back)
    show.step("final", why=why.say(show.language))
    paid = pay_fee(show.office, _request("counter", "counter_clerk"), PayFee(receipt, "cash"))
    show.step("paid", _at(paid, "paid_at"), fee=fee, receipt=paid.facts["fee_receipt"])
    while factory.work(show.office, "instant"):
        pass
    show.step("made")
    _hand_over(show, player, (slip, receipt, where))


def _hand_over(show: Show, player: Player, codes: tuple[str, str, str]) -> None:
    slip, receipt, where = codes
    clerk = "counter_clerk"
    bare = collect_card(
        show.office, _request("counter", clerk), CollectCard(slip, where, player.number)
    )
    show.step("no_papers", why=bare.say(show.language))
    papers = (ShownPaper("resident_id"),)
    command = CollectCard(slip, where, player.number, papers)
    collected = collect_card(show.office, _request("counter", clerk), command)
    show.step("collected", _at(collected, "collected_at"))
    activated = activate_card(
        show.office, _request("counter", clerk), ActivateCard(receipt, player.number)
    )
    show.step("activated", _at(activated, "activated_at"))
    show.step("new_pays", _at(_use(show, player), "auth_at"))
    show.step("old_refused", _at(_use(show, player, player.card_number), "at"))
    clock.turn(show.office, "+3652d")
    show.step("for_ever", _at(_use(show, player, player.card_number), "at"))


def _whole_story(show: Show, player: Player) -> None:
    """Every event of the person's cards, as a clerk would see them."""
    show.heading(SAID["story"])
    for event in _file(show, player).events:
        words = event.words.say(show.language)
        show.told.append({"event": event.kind, "at": event.at.isoformat(), "text": words})
        show.say(f"  {shown(event.at)}  {event.card_mask}  {words}")
    show.heading(SAID["end"])


def _stopped_at(show: Show, player: Player) -> datetime:
    block = _view(show, player).block
    assert block is not None, "a stopped card has a stop"
    return block.from_at


def _use(show: Show, player: Player, old_card: str = "") -> Answer:
    number = Clear("") if old_card else player.number
    command = UseCard(BILL_FEN, place_id("R1", "hospital", 3), old_card, number)
    return use_card(show.office, _request("hospital", ""), command)


def _request(origin: str, role: str) -> Request:
    return Request(secrets.token_hex(12), origin, "demo", role)


def _at(answer: Answer, name: str) -> datetime:
    """An instant that the register gave with an answer."""
    return datetime.fromisoformat(answer.facts[name])


def _file(show: Show, player: Player) -> PersonFile:
    file = file_of_person(show.office, player.person_id)
    assert file is not None, "the holder is on file"
    return file


def _view(show: Show, player: Player) -> CardView:
    view = _file(show, player).in_hand()
    assert view is not None, "the holder has a card"
    return view
