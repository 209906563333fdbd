"""The two stops of a card as a timeline shows them: the social side, and the bank apart from it.

| state | what it says |
|---|---|
| done | the side itself said so, at its own instant |
| pending | on its way, not tried yet |
| failing | tried without success since an instant; tried again at another |
| quarantined | set aside until two people look at it; call the bank |
| planned | will happen at an instant if nothing comes between |
| not_needed | lost its meaning before it was done |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from minka.store import cards
from minka.store.connection import Connection, Row, row, rows


class Side(StrEnum):
    """Whose stop it is."""

    SOCIAL = "social"
    BANK = "bank"


class Effect(StrEnum):
    """What is asked of a side."""

    STOP = "stop"
    RESUME = "resume"


class StopState(StrEnum):
    """How far a side has got."""

    DONE = "done"
    PENDING = "pending"
    FAILING = "failing"
    QUARANTINED = "quarantined"
    PLANNED = "planned"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class StopLine:
    """One line of the timeline: one side, one effect, and how far it has got."""

    block_id: int
    receipt: str
    side: Side
    effect: Effect
    state: StopState
    at: datetime | None = None
    """When the side did it by its own clock, or when it is planned."""
    reference: str = ""
    tries: int = 0
    failing_since: datetime | None = None
    next_try_at: datetime | None = None
    bank: str = ""
    bank_phone: str = ""


def stops(connection: Connection, person_id: int, card_id: int) -> list[StopLine]:
    """Every line of every stop of a card, in the order of the stops."""
    place = {"person_id": person_id, "card_id": card_id}
    now = cards.now(connection, None)
    said = {
        (each["block_id"], each["side"], each["effect"]): each
        for each in rows(connection, "cards.sides", **place)
    }
    blocks = rows(connection, "outbox.blocks", **place)
    sent = rows(connection, "outbox.of_card", **place)
    found = row(connection, "outbox.card", **place, now=now)
    bank = row(connection, "reference.bank", id=found["bank_id"]) if found else None
    seen = _Seen(blocks, said, sent, bank, now)
    return [line for block in blocks for line in seen.lines(block)]


def both_stopped(lines: Sequence[StopLine], block_id: int) -> int:
    """One when every side that a stop concerns has said that it stopped; only then it is done."""
    asked = [line for line in lines if line.block_id == block_id and line.effect is Effect.STOP]
    return int(bool(asked) and all(line.state is StopState.DONE for line in asked))


@dataclass(frozen=True, slots=True)
class _Seen:
    blocks: Sequence[Row]
    said: Mapping[tuple[int, str, str], Row]
    sent: Sequence[Row]
    bank: Row | None
    now: datetime

    def lines(self, block: Row) -> list[StopLine]:
        """The lines of one stop: social stop, bank stop, social resume, bank resume."""
        found = (
            self._social(block, Effect.STOP),
            self._bank(block, Effect.STOP),
            self._social(block, Effect.RESUME) or self._lapse(block),
            self._bank(block, Effect.RESUME),
        )
        return [line for line in found if line is not None]

    def _social(self, block: Row, effect: Effect) -> StopLine | None:
        word = self.said.get((block["block_id"], Side.SOCIAL, effect))
        return self._done(block, Side.SOCIAL, effect, word) if word else None

    def _lapse(self, block: Row) -> StopLine | None:
        """The social side lets go by itself at the end, unless something else holds the card."""
        until = block["until_at"]
        if until is None or block["at_lapse"] != "release" or self._held(block, until):
            return None
        state = StopState.DONE if until <= self.now else StopState.PLANNED
        return StopLine(
            block["block_id"], block["cause"], Side.SOCIAL, Effect.RESUME, state, at=until
        )

    def _held(self, block: Row, at: datetime) -> bool:
        """Whether a stop was ended before an instant, or another one stands then."""
        if block["ended_at"] is not None and block["ended_at"] < at:
            return True
        return any(
            other["from_at"] <= at
            and (other["until_at"] is None or at < other["until_at"])
            and (other["ended_at"] is None or at < other["ended_at"])
            for other in self.blocks
            if other["block_id"] != block["block_id"]
        )

    def _bank(self, block: Row, effect: Effect) -> StopLine | None:
        word = self.said.get((block["block_id"], Side.BANK, effect))
        if word:
            return self._done(block, Side.BANK, effect, word)
        about = [
            each
            for each in self.sent
            if each["block_id"] == block["block_id"] and each["topic"] == f"bank.{effect}"
        ]
        alive = [each for each in about if each["done_at"] is None]
        if alive and alive[0]["due_at"] > self.now and self._held(block, alive[0]["due_at"]):
            return None
        if alive:
            return self._waiting(block, effect, alive[0])
        dropped = bool(about) and effect is Effect.STOP
        return self._line(block, effect, StopState.NOT_NEEDED) if dropped else None

    def _waiting(self, block: Row, effect: Effect, message: Row) -> StopLine:
        if message["quarantined_at"] is not None:
            state = StopState.QUARANTINED
        elif message["due_at"] > self.now:
            return self._line(block, effect, StopState.PLANNED, at=message["due_at"])
        else:
            state = StopState.FAILING if message["tries"] else StopState.PENDING
        return self._line(block, effect, state, message=message)

    def _line(
        self,
        block: Row,
        effect: Effect,
        state: StopState,
        *,
        at: datetime | None = None,
        message: Row | None = None,
    ) -> StopLine:
        waits = message is not None and message["quarantined_at"] is None
        return StopLine(
            block["block_id"],
            block["cause"],
            Side.BANK,
            effect,
            state,
            at=at,
            tries=message["tries"] if message else 0,
            failing_since=message["failing_since"] if message else None,
            next_try_at=message["next_at"] if message and waits else None,
            bank=self.bank["name"] if self.bank else "",
            bank_phone=self.bank["phone"] if self.bank else "",
        )

    def _done(self, block: Row, side: Side, effect: Effect, word: Row) -> StopLine:
        of_bank = self.bank if side is Side.BANK else None
        return StopLine(
            block["block_id"],
            block["cause"],
            side,
            effect,
            StopState.DONE,
            at=word["at"],
            reference=word["reference"],
            bank=of_bank["name"] if of_bank else "",
            bank_phone=of_bank["phone"] if of_bank else "",
        )
