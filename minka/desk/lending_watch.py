"""The journal of settlements followed for signs that a card is lent; never in a settlement's path.

A watermark says how far the journal was read. It stays behind the present by more than any
settlement takes to commit, so that nothing is passed over; what it read, it reads once. A sign has
a key made of facts, so that a journal read again raises nothing again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg.types.json import Jsonb

from minka.care.lending import LOOKED_BACK, Seen, Sign, Spot, Use, signs_of_person, signs_of_till
from minka.desk.act import Desk, Request
from minka.desk.office import Office
from minka.kit.clock import CHINA
from minka.law.lending import LendingRules, read
from minka.store import cards
from minka.store.connection import Connection, Row, do, row, rows, the_row

BEHIND = timedelta(seconds=20)
"""No statement runs longer than fifteen seconds."""
STEP = timedelta(minutes=1)
FIRST = timedelta(days=1)
"""How far back a new follower begins."""
_AT_ONCE = 500
"""People whose past is read in one question."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What one step saw."""

    settlements: int
    signs: int
    caught_up: int
    """One when there is nothing more to read now."""


def follow(office: Office, *, behind: timedelta = BEHIND, step: timedelta = STEP) -> Followed:
    """Read one stretch of the journal, raise what it shows, and move the watermark, in one commit.

    Gives at once when another follower is at work.
    """
    with office.register.act() as connection:
        mark = row(connection, "lending.watermark")
        if mark is None:
            return Followed(0, 0, 1)
        now = cards.now(connection, office.fence())
        since: datetime = the_row(connection, "lending.began", first=now - FIRST)["at"]
        until = min(now - behind, since + step)
        if until <= since:
            return Followed(0, 0, 1)
        fresh = rows(connection, "lending.fresh", since=since, until=until)
        raised = _raise_all(office, connection, fresh, now) if fresh else 0
        do(connection, "lending.advance", at=until, read_at=now)
    return Followed(len(fresh), raised, int(until >= now - behind))


def _raise_all(office: Office, connection: Connection, fresh: list[Row], now: datetime) -> int:
    last = max(each["at"] for each in fresh)
    found = [
        *_of_people(connection, sorted({each["person_id"] for each in fresh}), last),
        *_of_tills(connection, fresh, last),
    ]
    desk = Desk(connection, office, _FOLLOWER, "RaiseSign")
    return sum(_raise(desk, seen, known, now) for seen, known in found)


_FOLLOWER = Request(key="", origin="follower", actor="follower")
_Found = tuple[Seen, tuple[str, LendingRules]]


def _of_people(connection: Connection, people: list[int], last: datetime) -> Iterable[_Found]:
    until = last + timedelta(microseconds=1)
    for first in range(0, len(people), _AT_ONCE):
        some = people[first : first + _AT_ONCE]
        past = rows(connection, "lending.past", people=some, since=last - LOOKED_BACK, until=until)
        grouped: dict[tuple[int, str], list[Use]] = defaultdict(list)
        for each in past:
            grouped[each["person_id"], each["region"]].append(_use(each))
        for (_, region), uses in grouped.items():
            rules = _rules(region, last)
            yield from ((seen, (region, rules)) for seen in signs_of_person(uses, rules))


def _of_tills(connection: Connection, fresh: list[Row], last: datetime) -> Iterable[_Found]:
    first = min(each["at"] for each in fresh)
    regions = {each["provider_no"]: each["region"] for each in fresh}
    seconds = max(_rules(region, last).till_seconds for region in set(regions.values()))
    before = rows(
        connection, "lending.fresh", since=first - timedelta(seconds=seconds + 1), until=first
    )
    grouped: dict[int, dict[str, Use]] = defaultdict(dict)
    for each in (*before, *fresh):
        if each["provider_no"] in regions:
            use = _use(each)
            grouped[use.provider_no][use.ref] = use
    for provider_no, uses in grouped.items():
        rules = _rules(regions[provider_no], last)
        for seen in signs_of_till(uses.values(), rules):
            yield seen, (regions[provider_no], rules)


def _rules(region: str, at: datetime) -> LendingRules:
    return read().on(region, at.astimezone(CHINA).date())


def _use(found: Row) -> Use:
    return Use(
        ref=f"{found['msg_no']:018d}{found['origin_no']:08d}",
        person_id=found["person_id"],
        at=found["at"],
        provider_no=found["provider_no"],
        kind=found["kind"],
        visit_no=found["visit_no"],
        basis=found["basis"],
        spot=_spot(found["latitude"], found["longitude"]),
        card_id=found["card_id"],
    )


def _spot(latitude: Decimal | None, longitude: Decimal | None) -> Spot | None:
    if latitude is None or longitude is None:
        return None
    return Spot(int(latitude * 1_000_000), int(longitude * 1_000_000))


def _raise(desk: Desk, seen: Seen, known: tuple[str, LendingRules], now: datetime) -> int:
    """Write a sign down once, warn its holder, and say so in the audit; 1 when it is new."""
    region, rules = known
    desk.person_id = seen.person_id
    sign_id, receipt = desk.fact_id(), desk.new_code("W")
    facts: Mapping[str, object] = {**seen.facts, "refs": list(seen.refs)}
    new = do(
        desk.connection,
        "lending.raise",
        person_id=seen.person_id,
        sign_id=sign_id,
        kind=seen.sign.value,
        sign_key=seen.key,
        receipt=receipt,
        provider_no=seen.provider_no,
        card_id=seen.card_id,
        region=region,
        from_at=seen.from_at,
        until_at=seen.until_at,
        raised_at=now,
        rule_ref=rules.rule_ref,
        facts=Jsonb(facts),
    )
    if not new:
        return 0
    if seen.sign is not Sign.MANY_CARDS:
        named = {"person_id": seen.person_id, "kind": "lending", "fact_id": sign_id}
        do(desk.connection, "loss.add_receipt", code=receipt, **named)
        told = {"receipt": receipt, "sign": seen.sign.value}
        desk.send("notice.lending", told, card_id=seen.card_id, at=now)
    desk.audit({"receipt": receipt, "sign": seen.sign, "rule": rules.rule_ref, **facts}, now)
    return 1
