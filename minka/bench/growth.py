"""`minka bench growth`: does a settlement cost more when millions are stored already?

Two registers on one server with the same people, one with few settlements behind it and one with
many, are measured in turn. What is compared is processor time, not the rate: a busy neighbour
changes the one and hardly the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from minka.bench import load_city
from minka.bench.load_city import Town
from minka.bench.meter import BENCH_SETTINGS, Meter, cost, fsync_micros, safe_settings, spread
from minka.bench.scratch import migrate, scratch_cluster
from minka.bench.settle_checks import check
from minka.bench.settle_engine import Engine, open_book
from minka.cipher.field import SoftFieldKeys
from minka.store.cluster import Cluster, create_database

Tell = Callable[[str], object]
BATCH = 64

_STORED = """
insert into settlement (msg_no, at, person_id, visit_no, bill_no, fee_upto, card_id, prev_msg_no,
    origin_no, prev_origin_no, provider_no, area, rule_no, infno, kind, basis, scheme, credential,
    year, round, nth, pooled, admission, total, own_pay, over_limit, self_first, in_scope,
    deductible, pool, large, serious, civil, enterprise, assistance, other, hospital, account, cash,
    balance, reason, trace, content_hash)
select %(first)s + j, f.at + j * interval '300 microseconds', f.person_id, j, j, j, v.card_id,
    coalesce(%(first)s + lag(j) over mine, c.prev_msg_no), v.provider_no,
    coalesce(lag(v.provider_no) over mine, 0), v.provider_no, c.area, 1, 2207, 1, 1, c.scheme,
    case when c.open_from = 'infinity' then 2 else 3 end, extract(year from f.served_on),
    0, 0, 0, 0, f.total, f.own_pay, f.over_limit, f.self_first,
    f.in_scope, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, f.total, c.balance_fen, '', '\\x'::bytea,
    sha256(j::text::bytea)
from (select visit_no as j, u.* from fee_upload u where visit_no <= %(stored)s) f
join visit v on v.visit_no = f.j and v.person_id = f.person_id
join coverage c on c.person_id = f.person_id
window mine as (partition by f.person_id order by f.j)
order by j
"""
_FOLLOWED = """
update coverage c set last_at = s.at, year = s.year, op_scope = s.scope, own_scope = s.scope,
    prev_msg_no = s.msg_no, prev_origin_no = n.origin_no
from (
    select person_id, max(at) at, max(year) as year, sum(in_scope) scope, max(msg_no) msg_no
    from settlement group by person_id
) s join settlement n on n.msg_no = s.msg_no and n.person_id = s.person_id
where c.person_id = s.person_id
"""
_FIRST_KEY = 202_601_010_000_000_000


@dataclass(frozen=True, slots=True)
class Growth:
    """What is compared."""

    people: int = 200_000
    few: int = 100_000
    many: int = 10_000_000
    rounds: int = 3
    seconds: int = 4
    at_most_per_s: int = 12_000

    @property
    def fresh(self) -> int:
        """Bills that are not settled yet."""
        return (self.rounds + 1) * self.at_most_per_s * (self.seconds + 1) + 1_000


def store(url: str, stored: int) -> None:
    """Settle the first bills of a town by the journal alone, as if the people had paid in cash."""
    with load_city.unchecked(url) as owner:
        owner.execute("insert into benefit_rule (ref) values ('stored') on conflict do nothing")
        owner.execute(_STORED.encode(), {"first": _FIRST_KEY, "stored": stored})
        owner.execute(_FOLLOWED.encode())
        for table in ("settlement", "coverage"):
            owner.execute(f"vacuum (analyze, freeze) {table}".encode())
        owner.execute("checkpoint")


def measure_growth(plan: Growth, tell: Tell) -> dict[str, Any]:
    """Microseconds of PostgreSQL and of the desk for each settlement, by what is stored already."""
    with scratch_cluster(BENCH_SETTINGS) as cluster:
        settings = safe_settings(cluster.url())
        fsync = spread(fsync_micros(cluster.folder))
        engines = {stored: _grown(cluster, plan, stored, tell) for stored in (plan.few, plan.many)}
        found: dict[int, list[dict[str, Any]]] = {stored: [] for stored in engines}
        for engine in engines.values():  # pages and plans are warm on both sides
            _round(cluster, engine, plan)
        for turn in range(plan.rounds):
            for stored, engine in engines.items():
                found[stored].append(_round(cluster, engine, plan))
                tell(f"round {turn + 1}: {stored} stored: {found[stored][-1]}")
        checked = check(engines[plan.few].url, engines[plan.few].told).as_json()
    few, many = found[plan.few], found[plan.many]
    ratios = [big["us"] / small["us"] for small, big in zip(few, many, strict=True)]
    return {
        "few": plan.few,
        "many": plan.many,
        "us_at_few": int(median(each["us"] for each in few)),
        "us_at_many": int(median(each["us"] for each in many)),
        "ratio": f"{median(ratios):.2f}",
        "ratios": [f"{each:.2f}" for each in ratios],
        "rounds": {str(stored): lines for stored, lines in found.items()},
        "settings": settings,
        "fsync_ms": fsync,
        "checked": checked,
    }


def _grown(cluster: Cluster, plan: Growth, stored: int, tell: Tell) -> Engine:
    name = f"grown_{stored}"
    create_database(cluster.url("postgres"), name)
    url, town = cluster.url(name), Town(plan.people, stored + plan.fresh)
    migrate(url)
    load_city.found(url, SoftFieldKeys(secrets.token_bytes(32)), town)
    store(url, stored)
    tell(f"{stored} settlements stored")
    return Engine(url, town, open_book(url, town), next_bill=stored + 1)


def _round(cluster: Cluster, engine: Engine, plan: Growth) -> dict[str, Any]:
    meter = Meter(engine.url, cluster.pid(), {})
    before = meter.read()
    ran = engine.run(BATCH, plan.seconds, most=plan.at_most_per_s * plan.seconds)
    costs = cost(before, meter.read(), ran.settled)
    desk = ran.own_micros // max(ran.settled, 1)
    return {"per_s": ran.per_s, "us": desk + costs["postgres_us"], "desk_us": desk, **costs}
