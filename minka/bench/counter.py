"""A provider's counter: its client, how it insists on an answer, and its books at night."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench.care_catalogue import Item, items
from minka.bench.care_city import read_client
from minka.bench.care_forms import Basket
from minka.client import (
    By,
    Client,
    Credential,
    Difference,
    Identity,
    Line,
    Outcome,
    Refused,
    Settled,
    Site,
    State,
    Success,
    Unknown,
    settled,
)
from minka.client.messenger import LET_GO
from minka.kit.secret import Clear

PATIENCE_MS = 1_500
TRIES = 40
_AGAIN_S = 0.1


@dataclass(slots=True)
class Counted:
    """A counter of one provider."""

    client: Client
    chance: random.Random
    settled: list[tuple[str, Settled]] = field(default_factory=list)
    """Number of the bill and what came of it, as far as it is known."""
    ends: Counter[str] = field(default_factory=Counter)
    """How everything ended: success, refused, unknown, by transaction."""
    _serial: int = 0

    def number(self) -> str:
        """The next number of a bill; unlike any of another day."""
        self._serial += 1
        return f"B{time.time_ns() // 1_000_000:x}{self._serial:04d}"

    def basket(self, kinds: Iterable[str], most: int) -> Basket:
        """A few things of some kinds."""
        wanted = [item for item in items() if item.kind in kinds]
        chosen: list[Item] = self.chance.sample(wanted, self.chance.randint(1, most))
        return [(item, self.chance.randint(1, 3)) for item in chosen]

    def sure(self, ask: Callable[[], Outcome]) -> Outcome:
        """Ask until there is a yes or a no; what left no trace is asked anew."""
        found = ask()
        for _ in range(TRIES):
            if isinstance(found, Unknown):
                self.client.clear_up(found.msgid)
                found = self.client.outcome(found.msgid)
                time.sleep(_AGAIN_S if isinstance(found, Unknown) else 0)
            elif isinstance(found, Refused) and found.message == LET_GO:
                found = ask()
            else:
                break
        return found

    def note(self, number: str, found: Outcome) -> Outcome:
        """Count how a settlement or refund ended, and keep what is settled."""
        self.ends[f"{found.infno} {type(found).__name__.lower()}"] += 1
        if isinstance(found, Success):
            self.settled.append((number, settled(found.output)))
        return found

    def repaired(self) -> int:
        """Clear up everything that is unknown; how many messages stay so."""
        for _ in range(TRIES):
            self.client.repair()
            left = sum(len(self.client.log.in_state(s)) for s in (State.OPEN, State.REVERSING))
            if not left:
                return 0
            time.sleep(_AGAIN_S)
        return left


def open_counter(home: Path, fixmedins_code: str, url: str, *, log: Path, seed: int) -> Counted:
    """A signed-in counter of a demo provider; its outbound log is a file of its own."""
    keys = read_client(home, fixmedins_code)
    site = Site(
        url,
        fixmedins_code,
        keys["name"],
        keys["area"],
        paasid=keys["paasid"],
        secret=keys["secret"],
        patience_ms=PATIENCE_MS,
    )
    pair = Identity(bytes.fromhex(keys["public_key"]), bytes.fromhex(keys["private_key"]))
    counter = Counted(Client(site, log, pair), random.Random(seed))
    for _ in range(TRIES):
        if isinstance(counter.client.sign_in("1"), Success):
            return counter
        time.sleep(_AGAIN_S)
    raise RuntimeError(f"{fixmedins_code} could not sign in at {url}")


def card(number: str) -> Credential:
    """A card as it is shown."""
    return Credential(By.CARD, Clear(number), "0" * 32)


_THEIRS = """
select lpad(s.msg_no::text, 18, '0') || lpad(s.origin_no::text, 8, '0') as setl_id,
    s.visit_no::text as mdtrt_id, s.person_id::text as psn_no, s.total as total_fen,
    s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance + s.other as fund_fen,
    s.account as account_fen, coalesce(lpad(s.of_msg_no::text, 18, '0')
        || lpad(s.of_origin_no::text, 8, '0'), '') as of_setl_id
from settlement s join provider p using (provider_no)
where p.fixmedins_code = %s and s.kind < 4
    and (s.at at time zone 'Asia/Shanghai')::date = %s
    and s.kind <> 3 and not exists (
        select from settlement r where r.of_msg_no = s.msg_no and r.of_origin_no = s.origin_no
            and r.kind = 3)
"""


def theirs(url: str, fixmedins_code: str, day: str) -> list[Line]:
    """The platform's lines of a provider on a day; what a reversal undid has no line."""
    with psycopg.connect(url, row_factory=dict_row) as reader:
        found: list[dict[str, Any]] = reader.execute(_THEIRS, (fixmedins_code, day)).fetchall()
    return [Line(**each) for each in found]


def differences(counter: Counted, url: str, days: Iterable[str]) -> list[Difference]:
    """Both books of some days side by side; none is the only right answer."""
    code = counter.client.site.fixmedins_code
    return [
        each for day in days for each in counter.client.book.compare(day, theirs(url, code, day))
    ]


def days_of(counter: Counted) -> list[str]:
    """The platform's days on which something was settled."""
    return sorted({each.day for _, each in counter.settled})
