"""One simulated history: lying clocks, a lossy network, a server that dies, clients that persist.

No wall clock, no threads, no global chance: every choice comes from the seed, every instant from
the heap. One seed is one history. True time is known to the world and the checker alone.

What may lie: the machine's clock, by any jump, as long as two time servers are there; without them
(a third of the worlds, for a while) it may only run ahead, and the mark must keep it in bounds.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from minka.bench.sim_core import Asked, Commit, Core, Moment, Mutant, Reply
from minka.bench.small_world import new_world
from minka.bench.ways import Rules
from minka.kit.clock import TOLERANCE, Fence, Mark, agree

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
HEALED_AT = 45 * DAY
STANDS = {"R1": 10 * DAY, "R6": DAY, "V2": 15 * DAY}
"""How long a provisional report stands, by the law of the three cities of the simulation."""
BOUND_BELOW = timedelta(seconds=4)
JUMPS = (-11 * DAY, -HOUR, -5 * SECOND, 5 * SECOND, HOUR, 11 * DAY)
COMMANDS = (
    *(("report", 20), ("withdraw", 9), ("report_formal", 5), ("use", 44), ("freeze", 3)),
    *(("unfreeze", 4), ("apply", 5), ("make", 6), ("stock", 6), ("collect", 6)),
    *(("activate", 6), ("pay", 6), ("withdraw_application", 1)),
)
_NAMES, _WEIGHTS = zip(*COMMANDS, strict=True)


@dataclass(slots=True)
class Sent:
    """A request as its client sees it."""

    key: str
    asked: Asked
    first_at: int
    answers: list[Reply] = field(default_factory=list)
    confused: list[Reply] = field(default_factory=list)
    """Answers to another content under the same key."""
    tries: int = 0


@dataclass(slots=True)
class History:
    """What the checker may look at: the journal in true time, and what clients saw."""

    seed: int
    dawn: datetime
    """True time began here."""
    sound: bool
    """No clock ever lied and enough sources were there: deadlines hold from above too."""
    journal: list[tuple[int, Commit]] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    """How often each named situation came up."""
    events: int = 0


class Worldly:
    """A world that runs by its heap."""

    def __init__(self, seed: int, rules: Sequence[Rules], mutant: Mutant, dawn: datetime) -> None:
        self.chance = random.Random(seed)
        self.rules, self.mutant, self.dawn = rules, mutant, dawn
        self.now = 0
        self.heap: list[tuple[int, int, Callable[[], None]]] = []
        self.turn, self.keys = count(), count()
        pick = self.chance.choice
        self.drop, self.doubled = pick((0.0, 0.05, 0.3)), pick((0.0, 0.1, 0.4))
        self.dying, self.delay = pick((0.0, 0.02, 0.15)), pick((SECOND // 2, 5 * SECOND, MINUTE))
        self.jumps = self.chance.random() < 0.5
        self.servers = pick((0, 2, 2, 2))
        self.skew = 0
        self.boot, self.booted_at, self.outage = 0, 0, 0
        self.up = True
        self.mark: tuple[int, int, int] | None = (0, 0, 0)
        sound = not self.jumps and self.servers == 2
        self.history = History(seed, dawn, sound)
        self.fence = Fence(dawn, 0)
        self._start()

    def after(self, delay: int, do: Callable[[], None]) -> None:
        """Let something happen a while from now."""
        heapq.heappush(self.heap, (self.now + max(1, delay), next(self.turn), do))

    def at(self, instant: int, do: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        self.after(instant - self.now, do)

    def saw(self, situation: str) -> None:
        """Count a situation that the worlds must reach now and then."""
        self.history.seen[situation] += 1

    # -- time ---------------------------------------------------------------------------------

    def wall(self) -> datetime:
        """What the server machine's clock says."""
        return self.dawn + timedelta(microseconds=self.now + self.skew)

    def reading_ns(self) -> int:
        """The monotonic clock: it counts from the start of the machine."""
        return (self.now - self.booted_at) * 1000

    def _agree(self) -> Fence:
        honest = [self.wall()]
        for _ in range(self.servers):
            off = self.chance.randint(-SECOND, SECOND)
            honest.append(self.dawn + timedelta(microseconds=self.now + off))
        if self.mutant is Mutant.WALL_AT_BOOT:
            return Fence(self.wall(), self.reading_ns())
        if self.mutant is Mutant.NO_HOLD:
            return Fence(sorted(honest)[len(honest) // 2], self.reading_ns())
        mark = None if self.mutant is Mutant.NO_MARK else self._marked()
        fence = agree(honest, self.reading_ns(), mark=mark)
        if fence.holds:
            self.saw("time held")
        elif mark is not None and mark.counted is not None and len(honest) < 2:
            self.saw("time counted on from the mark")
        return fence

    def _marked(self) -> Mark | None:
        if self.mark is None:
            return None
        at, boot, reading = self.mark
        counted = None
        if boot == self.boot:
            counted = timedelta(microseconds=self.reading_ns() // 1000 - reading)
        return Mark(self.dawn + timedelta(microseconds=at), counted)

    def _write_mark(self) -> None:
        if not self.fence.holds:
            since = self.fence.now(self.reading_ns()) - self.dawn
            at = since // timedelta(microseconds=1)
            self.mark = (at, self.boot, self.reading_ns() // 1000)

    def moment(self) -> Moment:
        """The register's time, as ``register_now`` computes it."""
        if self.mutant in (Mutant.RAW_CLOCK, Mutant.NO_CARD_CLOCK):
            return Moment(self.wall(), timedelta(0))
        if self.fence.holds and self.mutant is not Mutant.STUCK_HOLD:
            self.fence = self._agree()
        bound = self.fence.now(self.reading_ns()) + TOLERANCE
        at = min(self.wall(), bound)
        if self.mutant is not Mutant.BACKWARD_CLOCK:
            at = max(at, bound - BOUND_BELOW)
        return Moment(at, self.fence.slack)

    # -- server -------------------------------------------------------------------------------

    def _start(self) -> None:
        self.up = True
        self.fence = self._agree()
        worlds = [new_world(each.law, self.dawn) for each in self.rules]
        self.core = Core(self.rules, self.mutant, worlds)
        for _, commit in self.history.journal:
            self.core.apply(commit)
        self._write_mark()

    def _die(self) -> None:
        if not self.up:
            return
        self._write_mark()
        if self.chance.random() < 0.3:
            self._down(self.chance.choice((MINUTE, 5 * HOUR, 2 * DAY)))
            return
        self._out(self.chance.randint(SECOND, 10 * MINUTE))

    def _down(self, long: int) -> None:
        """The machine itself goes off for a while: its monotonic clock begins anew."""
        self.saw("machine restarted")
        self.boot += 1
        self.booted_at = self.now + long
        self._out(long)

    def _out(self, long: int) -> None:
        """No server for a while; only the last of several outages ends it."""
        self.up = False
        self.outage += 1
        this = self.outage
        self.after(long, lambda: self._start() if this == self.outage else None)

    def _dies(self) -> bool:
        if self.now < HEALED_AT and self.chance.random() < self.dying / 3:
            self._die()
            return True
        return False

    def serve(self, sent: Sent, asked: Asked) -> None:
        """A request that has arrived: decide, commit, answer; and die anywhere between."""
        if not self.up:
            return
        decided = self.core.decide(sent.key, asked, self.moment())
        if isinstance(decided, Reply):
            self.saw("key reused" if decided.code == "key_reused" else "answered again")
            self._answer(sent, asked, decided)
            return
        if self.mutant is Mutant.ACK_BEFORE_COMMIT:
            self._answer(sent, asked, decided.reply)
        if self._dies():
            self.saw("died before the commit")
            return
        self.history.journal.append((self.now, decided))
        self._apply(decided)
        self._note(decided)
        if self._dies():
            self.saw("died before the answer")
            return
        if self.mutant is not Mutant.ACK_BEFORE_COMMIT:
            self._answer(sent, asked, decided.reply)

    def _apply(self, commit: Commit) -> None:
        self.core.apply(commit)
        if self.mutant is Mutant.HALF_COMMIT and self.chance.random() < 0.02:
            del self.core.answered[commit.key]
            self.history.journal[-1] = (self.now, commit)

    def _note(self, commit: Commit) -> None:
        command, code = commit.asked.command, commit.reply.code
        self.saw(f"{command} {'accepted' if code in ('accepted', 'usable') else 'refused'}")
        if command == "use" and code not in ("accepted", "usable"):
            self.saw(f"use met {code}")
        blocks = [block for card in commit.before.cards for block in card.blocks]
        lapsed = any(
            b.until_at and b.until_at <= commit.reply.at and not b.ended_at for b in blocks
        )
        if commit.used and lapsed:
            self.saw("used after a lapse")

    # -- network and clients ------------------------------------------------------------------

    def _carry(self, do: Callable[[], None]) -> None:
        """Nought, one or two deliveries, each late."""
        healed = self.now >= HEALED_AT
        copies = 1
        if not healed and self.chance.random() < self.drop:
            copies = 0
        elif not healed and self.chance.random() < self.doubled:
            copies = 2
            self.saw("doubled on the way")
        for _ in range(copies):
            self.after(round(self.chance.expovariate(1 / self.delay)), do)

    def _answer(self, sent: Sent, asked: Asked, reply: Reply) -> None:
        if asked != sent.asked:
            sent.confused.append(reply)
            return
        self._carry(lambda: sent.answers.append(reply))

    def ask(self, asked: Asked) -> None:
        """A client sends a request under a key of its own, again and again until it is answered."""
        sent = Sent(f"k{next(self.keys)}", asked, self.now)
        self.history.sent[sent.key] = sent
        self._send(sent)
        if self.chance.random() < 0.02:
            other = Asked(asked.person, "use" if asked.command != "use" else "report")
            self.after(HOUR, lambda: self._confuse(sent, other))

    def _confuse(self, sent: Sent, other: Asked) -> None:
        if sent.answers:
            self._carry(lambda: self.serve(sent, other))

    def _send(self, sent: Sent) -> None:
        if sent.answers:
            return
        sent.tries += 1
        self._carry(lambda: self.serve(sent, sent.asked))
        wait = self.chance.randint(5 * SECOND, 20 * SECOND) * min(sent.tries, 400)
        self.after(wait, lambda: self._send(sent))

    # -- a whole life -------------------------------------------------------------------------

    def _jump(self) -> None:
        jump = self.chance.choice(JUMPS if self.servers else JUMPS[3:])
        self.skew += jump
        self.saw("clock jumped")
        if self.chance.random() < 0.5:
            self.after(self.chance.randint(HOUR, DAY), lambda: self._jump_back(jump))
            person = self.chance.randrange(len(self.rules))
            self.after(MINUTE, self._errand(person, "report"))
            self._probe(person, self.now)

    def _jump_back(self, jump: int) -> None:
        self.skew -= jump

    def _servers_return(self) -> None:
        self.servers = max(self.servers, 2)

    def _heal(self) -> None:
        self.skew = 0
        self._servers_return()

    def _plan(self) -> None:
        chance = self.chance
        for _ in range(34):
            begins = chance.randint(0, (3 if chance.random() < 0.6 else 34) * DAY)
            person = chance.randrange(len(self.rules))
            command = chance.choices(_NAMES, _WEIGHTS)[0]
            self.at(begins, self._errand(person, command))
            if command == "report":
                self._probe(person, begins)
            if chance.random() < 0.3:
                self.at(begins + chance.randint(0, 4 * SECOND), self._errand(person, "use"))
        for person in range(len(self.rules)):
            if chance.random() < 0.3:
                self._replacement(person, chance.randint(0, 20 * DAY))
        if not self.jumps and self.chance.random() < 0.15:
            self.history.sound = False
            self.at(chance.randint(DAY, 15 * DAY), self._back_in_doubt)
        if self.jumps:
            for _ in range(3):
                self.at(chance.randint(0, 30 * DAY), self._jump)
        if self.dying:
            for _ in range(3):
                self.at(chance.randint(0, 40 * DAY), self._die)
        self.at(chance.randint(DAY, 40 * DAY), self._servers_return)
        self.at(HEALED_AT, self._heal)
        for person in range(len(self.rules)):
            for day in (1, 2, 17):
                self.at(HEALED_AT + day * DAY, self._errand(person, "use"))

    def _probe(self, person: int, begins: int) -> None:
        """Uses shortly before a block must end and shortly after, where it ends by itself."""
        lasts = STANDS[self.rules[person].law.id]
        for part in (0.8, 0.9, 0.985):
            self.at(begins + round(lasts * part), self._errand(person, "use"))
        self.at(begins + lasts + 12 * MINUTE, self._errand(person, "use"))

    def _back_in_doubt(self) -> None:
        """A machine that was off for days comes back without its time servers, and goes on."""
        self.servers = 0
        self._down(3 * DAY)
        for person in range(len(self.rules)):
            begins = self.now + 3 * DAY + HOUR
            self.at(begins, self._errand(person, "report"))
            self._probe(person, begins)
        self.after(4 * DAY, self._servers_return)

    def _errand(self, person: int, command: str) -> Callable[[], None]:
        card = self.chance.choice((0, 0, 1, 2)) if command == "use" else 0
        return lambda: self.ask(Asked(person, command, card))

    def _replacement(self, person: int, begins: int) -> None:
        steps = ("apply", "pay", "make", "stock", "collect", "use", "activate", "use")
        for place, command in enumerate(steps):
            self.at(begins + place * HOUR, self._errand(person, command))
        self.at(begins + 7 * HOUR + 1, lambda: self.ask(Asked(person, "use", 1)))
        self.at(begins + 5 * HOUR + 1, lambda: self.ask(Asked(person, "use", 2)))

    def run(self, *, most: int = 50_000) -> History:
        """Run until nothing is left to happen; what cannot end is cut off and will be found."""
        self._plan()
        while self.heap and self.history.events < most:
            self.now, _, do = heapq.heappop(self.heap)
            self.history.events += 1
            do()
        return self.history
