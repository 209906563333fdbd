"""The same commands at the real desks on a real register, side by side with the small world.

One connection holds one open transaction; every command runs in a savepoint that is rolled back
when the sequences that begin with it have been tried. After each command the register must answer
as the pure decisions do, stand in the same shape, and agree with itself: the standing in SQL with
that in Python, the card row with its moves, and what terminals and bank must do with both.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench.crowd import Holder, open_place, settle
from minka.bench.scratch import scratch_office, the_book
from minka.bench.sequences import (
    rules_of,
)
from minka.bench.small_world import PAUSE, Application, World, next_end
from minka.bench.ways import Rules, all_of
from minka.cards.card import Card, Standing, Status
from minka.desk.act import Answer, Request
from minka.desk.apply import ApplyReplacement, apply_replacement
from minka.desk.collect import (
    ActivateCard,
    AdvanceCard,
    CollectCard,
    PayFee,
    WithdrawApplication,
    activate_card,
    advance_card,
    collect_card,
    pay_fee,
    withdraw_application,
)
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.withdraw import FreezeCard, WithdrawLoss, freeze_card, withdraw_loss
from minka.doors.outbox.meaning import card_now
from minka.kit.secret import Clear
from minka.law.papers import NOTHING
from minka.loss.terms import loss_terms, withdraw_terms
from minka.store import cards
from minka.store.connection import Connection, Register, rows

AT_THE_DESK = (
    *("report", "report_formal", "withdraw", "freeze", "unfreeze", "lapse", "apply", "exchange"),
    *("pay", "make", "stock", "collect", "activate", "withdraw_application"),
)


class OneLine(Register):
    """One connection for every act: an act is a savepoint in whatever is open."""

    def __init__(self, url: str) -> None:
        self.wire: Connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.wire.execute("set role minka_desk")

    @contextmanager
    def act(self) -> Iterator[Connection]:
        """See ``Register.act``."""
        with self.wire.transaction():
            yield self.wire

    def close(self) -> None:
        """Hang up; whatever is open is forgotten."""
        self.wire.close()


@dataclass(slots=True)
class DeskWorld:
    """One person on a real register, and how each command is put to the desks."""

    office: Office
    line: OneLine
    rules: Rules
    holder: Holder

    def do(self, command: str) -> str:
        """The code with which the desks answer a command."""
        newest = self._newest()
        if command == "lapse":
            return self._lapse()
        if command in ("pay", "make", "stock", "collect", "activate", "withdraw_application"):
            return self._about(newest, command).code if newest else "no application"
        return self._on_the_card(command).code

    def _asked(self) -> Request:
        return Request(secrets.token_hex(8), "sequences", "S1", "hotline_agent")

    def _lapse(self) -> str:
        end = next_end(self.read())
        if end is None:
            return "nothing lapses"
        self.line.wire.execute(
            "update clock_shift set shift = greatest(shift, %s - clock_timestamp())", (end,)
        )
        return "accepted"

    def _on_the_card(self, command: str) -> Answer:
        law, holder = self.rules.law, self.holder
        if command in ("report", "report_formal"):
            return self._report(command)
        if command == "withdraw":
            return self._withdraw()
        if command in ("freeze", "unfreeze"):
            asked = FreezeCard(law.id, holder.number, command, {"name": holder.name})
            return freeze_card(self.office, self._asked(), asked)
        return self._apply("lost" if command == "apply" else "damaged")

    def _report(self, command: str) -> Answer:
        law, holder, rules = self.rules.law, self.holder, self.rules
        formal = command == "report_formal"
        channel = "counter" if formal else rules.first_channel
        kind = rules.formal_place() if formal else ""
        force = "formal" if formal else ""
        entry = law.loss(channel=channel, force=force or None, place=kind or None, actor="holder")
        report = ReportLoss(
            law.id,
            channel,
            holder.number,
            self._stated(),
            force=force,
            place_id=self._place(kind),
            papers=all_of(loss_terms(law, entry, "holder").papers) if entry else (),
        )
        answer = report_loss(self.office, self._asked(), report)
        if answer.accepted and not formal:
            self.line.wire.execute("update clock_shift set shift = shift + %s", (PAUSE,))
        return answer

    def _stated(self) -> dict[str, Any]:
        found = cards.in_hand(cards.of_person(self.line.wire, self.holder.person_id))
        number = found.card_number if found else ""
        return {
            "name": self.holder.name,
            "card_number": Clear(number),
            "employer_name": Clear(EMPLOYER),
        }

    def _withdraw(self) -> Answer:
        entry, found = self.rules.withdrawal(), cards.in_hand(self._cards())
        asked = WithdrawLoss(
            self.rules.law.id,
            self.rules.withdraw_channel(),
            self.holder.number,
            place_id=self._place(self.rules.withdraw_place()),
            papers=all_of(withdraw_terms(entry).papers) if entry else (),
            found_card_number=found.card_number if found else "",
        )
        return withdraw_loss(self.office, self._asked(), asked)

    def _apply(self, reason: str) -> Answer:
        kind, law = self.rules.replace_place(), self.rules.law
        entry = law.replace(place=kind, reason=reason, actor="holder")
        asked = ApplyReplacement(
            law.id,
            "counter",
            self.holder.number,
            self._place(kind),
            reason=reason,
            stated={"name": self.holder.name},
            papers=all_of(entry.value("papers_self")) if entry else (),
            photo_code=PHOTO,
        )
        return apply_replacement(self.office, self._asked(), asked)

    def _about(self, found: dict[str, Any], command: str) -> Answer:
        receipt, number, office = found["receipt"], self.holder.number, self.office
        if command == "pay":
            return pay_fee(office, self._asked(), PayFee(receipt, "cash"))
        if command in ("make", "stock"):
            return advance_card(office, self._asked(), AdvanceCard(receipt, command))
        if command == "activate":
            return activate_card(office, self._asked(), ActivateCard(receipt, number))
        if command == "withdraw_application":
            asked = WithdrawApplication(receipt, number)
            return withdraw_application(office, self._asked(), asked)
        place = self.rules.replace_place()
        applied = self.rules.law.replace(place=place, reason="lost", actor="holder")
        asked_for = applied.value("papers_self") if applied else None
        shown = all_of(self.rules.collection(place).papers) + all_of(asked_for or NOTHING)
        slip = CollectCard(found["slip"], found["collect_at"], number, shown)
        return collect_card(office, self._asked(), slip)

    def _place(self, kind: str) -> str:
        return f"{self.rules.law.id}-{kind}"[:20] if kind else ""

    def _cards(self) -> list[Card]:
        return cards.of_person(self.line.wire, self.holder.person_id)

    def _newest(self) -> dict[str, Any] | None:
        found = rows(self.line.wire, "issue.of_person", person_id=self.holder.person_id)
        return found[-1] if found else None

    def read(self) -> World:
        """The register's person as a small world, his cards numbered in their order."""
        held = self._cards()
        order = {card.card_id: place for place, card in enumerate(held, start=1)}
        found = self.line.wire.execute(_APPLICATIONS, {"p": self.holder.person_id}).fetchall()
        reports = self.line.wire.execute(_REPORTS, {"p": self.holder.person_id}).fetchall()
        return World(
            now=self._now(),
            cards=tuple(
                replace(
                    card, card_id=order[card.card_id], replaces_id=order.get(card.replaces_id or 0)
                )
                for card in held
            ),
            applications=tuple(_application(each, order) for each in found),
            reported_at={each["receipt"]: each["kind"] or "" for each in reports},
        )

    def _now(self) -> datetime:
        found = self.line.wire.execute(_NOW, {"p": self.holder.person_id}).fetchone()
        assert found is not None, "there is always a time"
        now: datetime = found["now"]
        return now

    def disagreements(self, world: World) -> Iterator[str]:
        """Where the register contradicts itself."""
        for card, ours in zip(self._cards(), world.cards, strict=True):
            standing = cards.standing(self.line.wire, card.person_id, card.card_id, world.now)
            if standing is not ours.standing_at(world.now):
                yield f"SQL says {standing.value}, Python {ours.standing_at(world.now).value}"
        if self.line.wire.execute("select from card_drift").fetchone():
            yield "a card row differs from its moves"
        for card in self._cards():
            now = card_now(self.line.wire, card.person_id, card.card_id, world.now)
            assert now is not None, "a card on file stays on file"
            stopped = now.standing not in (Standing.USABLE, Standing.NOT_ACTIVE)
            if stopped != bool(now.listed()) or stopped > bool(now.bank_should_stop()):
                yield f"a card that is {now.standing} is not stopped everywhere alike"

    def listed(self) -> list[int]:
        """For each card whether terminals must refuse it; one never handed out is nobody's."""
        held, at = self._cards(), self._now()
        found = [card_now(self.line.wire, card.person_id, card.card_id, at) for card in held]
        return [now.listed() if now.status != Status.DESTROYED else 0 for now in found if now]

    def words_sent(self) -> int:
        """How often the terminals' list and the bank were told to look at the card again."""
        found = self.line.wire.execute(_WORDS_SENT).fetchone()
        assert found is not None, "there is always a count"
        sent: int = found["sent"]
        return sent


EMPLOYER, PHOTO = "试验单位", "P2"
_NOW = """
select greatest(register_now(), max(last_at)) as now from card where person_id = %(p)s
"""
_APPLICATIONS = """
select a.old_card_id, a.new_card_id, p.kind, a.fee_fen, a.promised_at, r.at as redeemed_at,
    (select at from application_step s where s.person_id = a.person_id
        and s.application_id = a.application_id and s.step = 'stocked') as stocked_at,
    (select case max(case entry when 'charge' then 1 when 'refund' then 2 else 0 end)
        when 1 then 'yes' when 2 then 'refunded' else 'no' end from fee f
        where f.person_id = a.person_id and f.application_id = a.application_id) as paid
from application a join place p using (place_id)
left join slip_redemption r using (person_id, application_id)
where a.person_id = %(p)s order by a.application_id
"""
_REPORTS = """
select r.receipt, p.kind from loss_report r left join place p using (place_id)
where r.person_id = %(p)s
"""
_WORDS_SENT = "select count(*) as sent from outbox where topic like 'hotlist.%'"


def _numbered(card: Card, order: dict[int, int]) -> Card:
    replaced = order.get(card.replaces_id or 0)
    return replace(card, card_id=order[card.card_id], replaces_id=replaced)


def _application(found: dict[str, Any], order: dict[int, int]) -> Application:
    return Application(
        old_id=order[found["old_card_id"]],
        new_id=order[found["new_card_id"]],
        place=found["kind"],
        fee_fen=found["fee_fen"],
        paid=found["paid"],
        redeemed_at=found["redeemed_at"],
        stocked_at=found["stocked_at"],
    )


@contextmanager
def desk_world(url: str, region: str) -> Iterator[DeskWorld]:
    """A person with a card in a region of a scratch register; nothing of it is kept."""
    line = OneLine(url)
    try:
        line.wire.execute("reset role")
        line.wire.execute("vacuum analyze")  # the sequences of other regions left dead rows
        with line.wire.transaction(force_rollback=True):
            rules = rules_of(the_book(), region, _today(line))
            line.wire.execute("reset role")
            office = scratch_office(line, secrets.token_bytes(32))
            kinds = {rules.formal_place(), rules.withdraw_place(), rules.replace_place()}
            for kind in sorted(kinds - {""}):
                open_place(line.wire, region, kind)
            (holder,) = settle(office, region, 1)
            line.wire.execute(_EMPLOYED, {"region": region, "employer": EMPLOYER})
            line.wire.execute(_PHOTO, {"person": holder.person_id, "code": PHOTO})
            line.wire.execute("set role minka_desk")
            yield DeskWorld(office, line, rules, holder)
    finally:
        line.close()


_PHOTO = "insert into photo values (%(person)s, %(code)s, '', register_now(), 'bench')"
_EMPLOYED = """
with made as (
    insert into employer (employer_id, region, name, uscc)
    values ('E1', %(region)s, %(employer)s, '')
), employed as (
    update person set employer_id = 'E1'
)
update card set bank_id = 'BANK1'
"""


def _today(line: OneLine) -> datetime:
    found = line.wire.execute("select register_now() as now").fetchone()
    assert found is not None, "there is always a time"
    now: datetime = found["now"]
    return now
