"""After every measurement: what was said stands, the books agree, nothing passed a block.

A rate counts only when all of these are nought.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

_LOST = """
select count(*) as n from told t where not exists (
    select from settlement s where s.msg_no = t.msg_no and s.origin_no = t.origin_no and s.kind = 1)
"""
_UNBALANCED = """
select (select count(*) from settlement where kind < 4 and total <> pool + large + serious + civil
        + enterprise + assistance + other + hospital + account + cash)
    + (select count(*) from ledger_entry where not sums_to_zero(amounts)) as n
"""
_DRIFTED = """
select count(*) as n from coverage c
left join (
    select person_id, sum(account) paid from settlement where kind < 4 group by 1
) s using (person_id)
left join (
    select person_id, sum(leg.amount) came from ledger_entry e
    cross join lateral unnest(e.kinds, e.owners, e.amounts) leg (kind, owner, amount)
    where leg.kind = 1 and leg.owner = e.person_id group by 1
) l using (person_id)
where c.balance_fen <> coalesce(l.came, 0) - coalesce(s.paid, 0)
"""
_COUNTED = """
select count(*) as n from coverage c
join (
    select person_id, year, sum(case when basis between 1 and 3 then deductible else 0 end) ded,
        sum(case when pooled = 0 then in_scope else 0 end) scope,
        sum(case when pooled = 0 then pool else 0 end) fund
    from settlement where kind < 4 group by 1, 2
) s on s.person_id = c.person_id and s.year = c.year
where (c.op_deductible, c.op_scope, c.op_fund) <> (s.ded, s.scope, s.fund)
"""
_AFTER_BLOCK = """
select count(*) as n from settlement s
join block b on b.person_id = s.person_id and b.card_id = s.card_id
left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
where s.kind = 1 and s.credential = 3 and s.at >= b.from_at
    and (b.until_at is null or s.at < b.until_at) and (e.at is null or s.at < e.at)
"""
_TWICE = """
select count(*) as n from (
    select bill_no from settlement where bill_no > 0 and kind < 4
    group by bill_no having sum(case when kind = 1 then 1 else -1 end) > 1) t
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What must be nought, and how many settlements stand."""

    stored: int
    lost: int
    """Acknowledged and not in the journal."""
    unbalanced: int
    drifted: int
    """Balances that are not what the journal adds up to."""
    miscounted: int
    """Accumulators that are not the sums of their rows."""
    after_block: int
    twice: int

    @property
    def broken(self) -> int:
        """How often what must never happen happened."""
        found: int = sum(asdict(self).values()) - self.stored
        return found

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def check(url: str, told: Iterable[tuple[int, int]]) -> Checked:
    """Hold the register against what was acknowledged: keys of (msg_no, origin_no)."""
    with psycopg.connect(url) as owner:
        owner.execute("create temp table told (msg_no bigint, origin_no integer)")
        with owner.cursor().copy("copy told from stdin") as copy:
            for each in told:
                copy.write_row(each)
        owner.execute("analyze told")

        def count(question: str) -> int:
            found = owner.execute(question.encode()).fetchone()
            return int(found[0]) if found else 0

        return Checked(
            stored=count("select count(*) as n from settlement where kind = 1"),
            lost=count(_LOST),
            unbalanced=count(_UNBALANCED),
            drifted=count(_DRIFTED),
            miscounted=count(_COUNTED),
            after_block=count(_AFTER_BLOCK),
            twice=count(_TWICE),
        )
