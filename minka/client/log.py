"""The outbound log: what is about to be sent is on disk before the first byte leaves."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from minka.cipher.field import FieldKeys
from minka.client.figures import Settled
from minka.kit.clock import CHINA, wall
from minka.kit.secret import Clear

SECOND = "%Y%m%d%H%M%S"
SCHEMA = Path(__file__).with_name("log.sql")


class State(StrEnum):
    """How much is known about a message.

    open → success | refused | dropped            it was answered, or nothing depends on it
    open → reversing → reversed | held            it is taken back; held when that was refused
    held → reversed                               the reconciliation showed it is not there
    """

    OPEN = "open"
    SUCCESS = "success"
    REFUSED = "refused"
    REVERSING = "reversing"
    REVERSED = "reversed"
    HELD = "held"
    DROPPED = "dropped"


WAITING = (State.OPEN, State.REVERSING)
FREES_THE_BILL = (State.REFUSED, State.REVERSED, State.DROPPED)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be written: its body is made once its id and time are known.

    ``bill`` is what may stand only once (a bill of the hospital, the refund of a settlement), or
    empty. ``undoes`` is the msgid a 2601 takes back.
    """

    infno: str
    body: Callable[[str, datetime], bytes]
    psn_no: str = ""
    bill: str = ""
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A row of the log; ``tries`` counts how often it was given to the carrier."""

    msgid: str
    infno: str
    psn_no: str
    bill: str
    undoes: str
    state: State
    request: bytes
    answer: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A line of the day book; ``of_setl_id`` is the settlement a refund undoes."""

    settled: Settled
    kind: str = "settlement"
    of_setl_id: str = ""


class OutboundLog:
    """A file that several threads and processes of one hospital may share.

    Requests and answers are sealed with ``keys``: they hold what belongs to patients.
    """

    def __init__(
        self,
        path: Path | str,
        keys: FieldKeys,
        *,
        clock: Callable[[], datetime] = wall,
        share: tuple[int, int] = (0, 9999),
    ) -> None:
        self._keys, self._clock, self._share = keys, clock, share
        self._lock = threading.RLock()
        self._file = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._file.row_factory = sqlite3.Row
        self._file.execute("pragma journal_mode = wal")
        self._file.execute("pragma synchronous = full")
        with self._act() as file:
            for statement in SCHEMA.read_text(encoding="utf-8").split(";\n"):
                file.execute(statement)

    def close(self) -> None:
        """Close the file; what is open stays open in it."""
        with self._lock:
            self._file.close()

    def now(self) -> datetime:
        """The hospital's time, in China's zone."""
        return self._clock().astimezone(CHINA)

    @contextmanager
    def _act(self) -> Iterator[sqlite3.Connection]:
        """One durable commit; other threads and processes wait."""
        with self._lock:
            self._file.execute("begin immediate")
            with ExitStack() as undo:
                undo.callback(self._file.execute, "rollback")
                yield self._file
                undo.pop_all()
            self._file.execute("commit")

    def write(self, draft: Draft, code: str, busy: timedelta) -> tuple[Sent, bool]:
        """The new row and True, on disk; or the row that stands for the bill, and False."""
        with self._act() as file:
            standing = self._standing(file, draft)
            if standing is not None:
                return standing, False
            now = self.now()
            msgid = code + self._next(file, now)
            body = draft.body(msgid, now)
            file.execute(
                "insert into sent values (?, ?, ?, ?, ?, ?, 'open', ?, null, 1, ?, ?, null)",
                (
                    *(msgid, draft.infno, draft.psn_no, draft.bill, draft.bill or None),
                    *(draft.undoes, self._seal(msgid, body)),
                    *(now.isoformat(), (now + busy).isoformat()),
                ),
            )
            row = file.execute("select * from sent where msgid = ?", (msgid,)).fetchone()
            return self._sent(row), True

    def _standing(self, file: sqlite3.Connection, draft: Draft) -> Sent | None:
        row = file.execute(
            "select * from sent where (live_bill = ? and ? <> '') or (undoes = ? and ? <> '')",
            (draft.bill, draft.bill, draft.undoes, draft.undoes),
        ).fetchone()
        return None if row is None else self._sent(row)

    def _next(self, file: sqlite3.Connection, now: datetime) -> str:
        """Second and number, never given before: a clock set back goes on from the last one."""
        first, last = self._share
        row = file.execute("select second, number from sequence").fetchone()
        second, number = now.strftime(SECOND), first
        if row is not None and row["second"] >= second:
            second, number = row["second"], row["number"] + 1
        if number > last:
            after = datetime.strptime(second, SECOND).replace(tzinfo=CHINA) + timedelta(seconds=1)
            second, number = after.strftime(SECOND), first
        file.execute("insert or replace into sequence values (1, ?, ?)", (second, number))
        return f"{second}{number:04d}"

    def _seal(self, msgid: str, body: bytes) -> bytes:
        return self._keys.seal(f"outbound {msgid}", Clear(body.decode("utf-8", "replace")))

    def _unseal(self, msgid: str, sealed: bytes | None) -> bytes:
        if sealed is None:
            return b""
        return self._keys.unseal(f"outbound {msgid}", sealed).reveal().encode()

    def _sent(self, row: sqlite3.Row) -> Sent:
        msgid = row["msgid"]
        return Sent(
            msgid=msgid,
            infno=row["infno"],
            psn_no=row["psn_no"],
            bill=row["bill"],
            undoes=row["undoes"],
            state=State(row["state"]),
            request=self._unseal(msgid, row["request"]),
            answer=self._unseal(msgid, row["answer"]),
            tries=row["tries"],
        )

    def _select(self, where: str, *values: object) -> list[Sent]:
        with self._lock:
            rows = self._file.execute(f"select * from sent where {where}", values).fetchall()
        return [self._sent(row) for row in rows]

    def read(self, msgid: str) -> Sent | None:
        """The row of a message."""
        found = self._select("msgid = ?", msgid)
        return found[0] if found else None

    def standing(self, bill: str) -> Sent | None:
        """The message that stands, or may stand, for a bill."""
        found = self._select("live_bill = ?", bill)
        return found[0] if found else None

    def undoing(self, msgid: str) -> Sent | None:
        """The 2601 that takes a message back, once it was decided."""
        found = self._select("undoes = ?", msgid)
        return found[0] if found else None

    def waiting(self) -> list[Sent]:
        """Messages without an end that nobody is sending now, oldest first; 2601s come along with
        the message they take back."""
        return self._select(
            "state in ('open', 'reversing') and undoes = '' and busy_until <= ? order by msgid",
            self.now().isoformat(),
        )

    def in_state(self, state: State) -> list[Sent]:
        """Messages in one state, oldest first."""
        return self._select("state = ? order by msgid", state)

    def claim(self, msgid: str, busy: timedelta) -> bool:
        """Take the right to send a message once more; False when somebody has it."""
        now = self.now()
        with self._act() as file:
            taken = file.execute(
                "update sent set tries = tries + 1, busy_until = ? where msgid = ?"
                " and state in ('open', 'reversing') and busy_until <= ?",
                ((now + busy).isoformat(), msgid, now.isoformat()),
            )
            return taken.rowcount == 1

    def rest(self, msgid: str) -> None:
        """Give that right back: the try has ended without an answer."""
        with self._act() as file:
            file.execute(
                "update sent set busy_until = ? where msgid = ?", (self.now().isoformat(), msgid)
            )

    def end(
        self, msgid: str, state: State, *, answer: bytes = b"", booking: Booking | None = None
    ) -> State:
        """Move a message on if its table of states allows; the state it is in now.

        A settlement is entered in the day book in this same commit. A message that is being taken
        back can no longer succeed.
        """
        with self._act() as file:
            moved = self._move(file, msgid, state, answer)
            if moved and booking is not None:
                self._book(file, msgid, booking)
            return State(_state(file, msgid))

    def _move(self, file: sqlite3.Connection, msgid: str, state: State, answer: bytes) -> bool:
        before = {
            State.REVERSED: ("reversing", "held"),
            State.HELD: ("reversing",),
        }.get(state, ("open",))
        free = ", live_bill = null" if state in FREES_THE_BILL else ""
        moved = file.execute(
            f"update sent set state = ?, answer = coalesce(?, answer), ended_at = ?{free}"
            f" where msgid = ? and state in ({', '.join('?' * len(before))})",
            (
                *(state, self._seal(msgid, answer) if answer else None),
                *(None if state in WAITING else self.now().isoformat(), msgid, *before),
            ),
        )
        return moved.rowcount == 1

    def end_undoing(self, undoing: Sent, state: State, answer: bytes) -> State:
        """A 2601 was answered: both messages move in one commit; the state of the undone one."""
        undone = State.REVERSED if state is State.SUCCESS else State.HELD
        with self._act() as file:
            self._move(file, undoing.msgid, state, answer)
            self._move(file, undoing.undoes, undone, b"")
            return State(_state(file, undoing.undoes))

    def _book(self, file: sqlite3.Connection, msgid: str, booking: Booking) -> None:
        row = self._with_group(file, booking)
        file.execute(
            "insert into booked values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(msgid, booking.kind, row.setl_id, booking.of_setl_id, row.mdtrt_id, row.psn_no),
                *(row.day, row.insutype, row.clr_type, row.clr_optins, row.total_fen),
                *(row.fund_fen, row.account_fen, row.cash_fen),
            ),
        )
        if booking.of_setl_id:
            file.execute(
                "update sent set live_bill = null"
                " where msgid = (select msgid from booked where setl_id = ?)",
                (booking.of_setl_id,),
            )

    def _with_group(self, file: sqlite3.Connection, booking: Booking) -> Settled:
        """A refund's answer names neither person nor scheme: it stands beside its settlement."""
        of = file.execute(
            "select psn_no, mdtrt_id, insutype, clr_type, clr_optins from booked where setl_id = ?",
            (booking.of_setl_id,),
        ).fetchone()
        return booking.settled if of is None else replace(booking.settled, **dict(of))

    def booked(self, day: str) -> list[sqlite3.Row]:
        """The day book's lines of a day, in the order they were sent."""
        with self._lock:
            return self._file.execute(
                "select * from booked where day = ? order by msgid", (day,)
            ).fetchall()


def _state(file: sqlite3.Connection, msgid: str) -> str:
    row = file.execute("select state from sent where msgid = ?", (msgid,)).fetchone()
    return str(row["state"]) if row else State.DROPPED
