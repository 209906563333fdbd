-- name: lock
update coverage
set last_at = greatest(register_now(%(fence)s), last_at + interval '1 microsecond')
where person_id = %(person_id)s
returning person_id, scheme, psn_type, area, balance_fen, last_at as at,
    prev_msg_no, prev_origin_no

-- name: bound
-- Asked after the lock, in a statement of its own: an older one would not see what it waited for.
select held as held_fen, exists (select from ledger_entry e
    where e.person_id = %(person_id)s and e.kind = 'close') as closed
from account_held(%(person_id)s, %(at)s)

-- name: enter
insert into ledger_entry (entry_no, person_id, at, kind, of_entry_no, request_key,
    kinds, owners, amounts, balance, prev_msg_no, prev_origin_no, actor, details)
values (nextval('ledger_no_seq'), %(person_id)s, %(at)s, %(kind)s, %(of_entry_no)s,
    %(request_key)s, %(kinds)s, %(owners)s, %(amounts)s, %(balance)s, %(prev_msg_no)s,
    %(prev_origin_no)s, %(actor)s, %(details)s)
returning entry_no

-- name: move_coverage
update coverage c
set balance_fen = %(balance)s, prev_msg_no = %(entry_no)s, prev_origin_no = 0,
    held_fen = h.held, held_until = h.until_at
from account_held(%(person_id)s, %(at)s) h
where c.person_id = %(person_id)s

-- name: end_coverage
update coverage
set covered_until = least(covered_until, %(day)s), suspended_until = 'infinity'
where person_id = %(person_id)s

-- name: set_area
update coverage set area = %(area)s where person_id = %(person_id)s

-- name: area
select area, region, benefits, name from pooling_area where area = %(area)s

-- name: entry
select entry_no, person_id, at, kind, of_entry_no, kinds, owners, amounts, balance, details
from ledger_entry where entry_no = %(entry_no)s and person_id = %(person_id)s

-- name: undoing
select entry_no, kind, at from ledger_entry
where of_entry_no = %(entry_no)s and person_id = %(person_id)s

-- name: by_key
select entry_no from ledger_entry
where request_key = %(request_key)s and person_id = %(person_id)s

-- name: contract
select p.provider_no, p.name, exists (
        select from designation d
        where d.provider_no = p.provider_no and d.scheme = %(scheme)s
            and d.from_on <= %(day)s and %(day)s < d.until_on) as designated
from provider p where p.provider_no = %(provider_no)s

-- name: holds
select h.entry_no as hold_no, h.person_id, h.at as from_at,
    (h.details ->> 'held_fen')::bigint as amount_fen,
    (h.details ->> 'provider_no')::integer as provider_no,
    (h.details ->> 'until')::timestamptz as until_at, e.at as ended_at, e.kind as ended_by
from ledger_entry h
left join ledger_entry e on e.of_entry_no = h.entry_no and e.person_id = h.person_id
where h.person_id = %(person_id)s and h.person_id > 0 and h.kind = 'hold'
order by h.at

-- name: allocation_due
select c.person_id, a.amount
from coverage c
join unnest(%(psn_types)s::smallint[], %(amounts)s::bigint[]) a (psn_type, amount)
    on a.psn_type = c.psn_type
where c.area = %(area)s and c.scheme = %(scheme)s
    and c.covered_from < %(month_end)s and c.covered_until > %(month_start)s
    and not exists (select from ledger_entry e
        where e.request_key = %(month_key)s and e.person_id = c.person_id)
    and c.suspended_until < 'infinity'
order by c.person_id limit %(batch)s

-- name: allocate
with due as (
    select c.person_id, c.area, c.scheme, c.prev_msg_no, c.prev_origin_no, a.amount
    from coverage c
    join unnest(%(psn_types)s::smallint[], %(amounts)s::bigint[]) a (psn_type, amount)
        on a.psn_type = c.psn_type
    where c.area = %(area)s and c.scheme = %(scheme)s and c.person_id > %(after)s
        and c.covered_from < %(month_end)s and c.covered_until > %(month_start)s
        and not exists (select from ledger_entry e
            where e.request_key = %(month_key)s and e.person_id = c.person_id)
        and c.suspended_until < 'infinity'
    order by c.person_id limit %(batch)s
    for update of c skip locked
), numbered as materialized (
    select due.*, nextval('ledger_no_seq') as entry_no from due
), moved as (
    update coverage c
    set balance_fen = c.balance_fen + n.amount,
        last_at = greatest(register_now(%(fence)s), c.last_at + interval '1 microsecond'),
        prev_msg_no = n.entry_no, prev_origin_no = 0
    from numbered n where c.person_id = n.person_id
    returning c.person_id, c.last_at, c.balance_fen
), written as (
    insert into ledger_entry (entry_no, person_id, at, kind, request_key, kinds, owners, amounts,
        balance, prev_msg_no, prev_origin_no, actor, details)
    select n.entry_no, n.person_id, m.last_at, 'allocation', %(month_key)s,
        array[1, 14]::smallint[], array[n.person_id, n.area::bigint * 1000 + n.scheme],
        array[n.amount, -n.amount], m.balance_fen, n.prev_msg_no, n.prev_origin_no, %(actor)s,
        %(details)s
    from numbered n join moved m on m.person_id = n.person_id
    returning person_id, amounts
)
select count(*) as people, coalesce(sum(amounts[1]), 0)::bigint as fen,
    coalesce(max(person_id), 0) as last_id
from written

-- name: open_many
with given as (
    select c.person_id, c.area, c.scheme, c.prev_msg_no, c.prev_origin_no, g.amount,
        nextval('ledger_no_seq') as entry_no
    from unnest(%(person_ids)s::bigint[], %(amounts)s::bigint[]) g (person_id, amount)
    join coverage c on c.person_id = g.person_id
    where g.amount > 0 and not exists (select from ledger_entry e
        where e.request_key = 'opening' and e.person_id = c.person_id)
), moved as (
    update coverage c
    set balance_fen = c.balance_fen + n.amount,
        last_at = greatest(register_now(%(fence)s), c.last_at + interval '1 microsecond'),
        prev_msg_no = n.entry_no, prev_origin_no = 0
    from given n where c.person_id = n.person_id
        and c.prev_msg_no = n.prev_msg_no and c.prev_origin_no = n.prev_origin_no
    returning c.person_id, c.last_at, c.balance_fen
), written as (
    insert into ledger_entry (entry_no, person_id, at, kind, request_key, kinds, owners, amounts,
        balance, prev_msg_no, prev_origin_no, actor, details)
    select n.entry_no, n.person_id, m.last_at, 'opening', 'opening',
        array[1, 14]::smallint[], array[n.person_id, n.area::bigint * 1000 + n.scheme],
        array[n.amount, -n.amount], m.balance_fen, n.prev_msg_no, n.prev_origin_no, %(actor)s,
        %(details)s
    from given n join moved m on m.person_id = n.person_id
    returning person_id
)
select count(*) as people from written

-- name: last_close
select max(at) as at from account_assertion

-- name: closable
select %(at)s <= register_now(%(fence)s) - posting_margin() as yes

-- name: close_day
with known as (
    select kind, owner, balance from account_assertion
    where at = (select max(at) from account_assertion)
), settled as (
    select s.* from settlement s
    where s.kind < 4 and s.at <= %(at)s
        and s.at > coalesce((select max(at) from account_assertion), '-infinity')
), legs as (
    select leg.kind, f.owner, leg.amount
    from (
        select area::bigint * 1000 + scheme as owner, sum(pool) as pool, sum(large) as large,
            sum(serious) as serious, sum(civil) as civil, sum(enterprise) as enterprise,
            sum(assistance) as assistance, sum(other) as other
        from settled group by area, scheme
    ) f cross join lateral (values (2, -f.pool), (3, -f.large), (4, -f.serious), (5, -f.civil),
        (6, -f.enterprise), (7, -f.assistance), (8, -f.other)) leg (kind, amount)
    union all
    select leg.kind, p.owner, leg.amount
    from (
        select provider_no::bigint as owner, sum(cash) as cash, sum(account + pool + large + serious
            + civil + enterprise + assistance + other) as owed
        from settled group by provider_no
    ) p cross join lateral (values (9, p.owed), (10, -p.cash), (11, p.cash)) leg (kind, amount)
    union all
    select leg.kind, leg.owner, leg.amount
    from ledger_entry e
    cross join lateral unnest(e.kinds, e.owners, e.amounts) leg (kind, owner, amount)
    where e.at <= %(at)s and leg.kind between 2 and 14
        and e.at > coalesce((select max(at) from account_assertion), '-infinity')
), since as (
    select kind, owner, sum(amount)::bigint as change from legs where amount <> 0
    group by kind, owner
), closed as (
    insert into account_assertion (kind, owner, at, balance)
    select kind, owner, %(at)s,
        coalesce(k.balance, 0) + coalesce(s.change, 0)
    from known k full join since s using (kind, owner)
    returning kind, balance
)
select count(*) as accounts, coalesce(sum(balance), 0)::bigint as fen from closed

-- name: derived_at
select %(kind)s as kind, coalesce((
        select balance from account_assertion
        where kind = %(kind)s and owner = %(owner)s and at <= %(at)s order by at desc limit 1), 0)
    + coalesce((
        select sum(p.amount) from posting p
        where p.kind = %(kind)s and p.owner = %(owner)s and p.at <= %(at)s
            and p.at > coalesce((select max(at) from account_assertion where at <= %(at)s),
                '-infinity')), 0)::bigint as fen

-- name: day_ends
select (%(day)s::date + 1)::timestamp at time zone 'Asia/Shanghai' - interval '1 microsecond' as at

-- name: one_closer
select pg_advisory_xact_lock(hashtextextended('close_day', 0))

-- name: provider_of_code
select provider_no, name from provider where fixmedins_code = %(code)s
