-- Each query gives differences: check, person_id, row, found, expected. None is the right answer.

-- name: row_sums
select 'row_sums' as name, s.person_id, s.msg_no, s.origin_no,
    format('total %s, parts %s, payers %s', s.total,
        s.own_pay + s.over_limit + s.self_first + s.in_scope,
        s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance + s.other
            + s.hospital + s.account + s.cash) as found,
    'equal, of one sign, funds within scope; nothing at all in a refusal' as expected
from settlement s cross join lateral (values (case when s.kind = 1 then 1 else 0 end)) one (first)
where s.total <> s.own_pay + s.over_limit + s.self_first + s.in_scope
    or s.total <> s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance + s.other
        + s.hospital + s.account + s.cash
    or first = 1 and least(s.own_pay, s.over_limit, s.self_first, s.in_scope, s.deductible, s.pool,
        s.large, s.serious, s.civil, s.enterprise, s.assistance, s.other, s.hospital, s.account,
        s.cash, s.admission) < 0
    or first = 1 and s.basis > 0
        and s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance > s.in_scope
    or s.kind > 3 and (s.own_pay, s.over_limit, s.self_first, s.deductible, s.pool, s.large,
        s.serious, s.civil, s.enterprise, s.assistance, s.other, s.hospital, s.account, s.admission)
        <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

-- name: entry_sums
select 'entry_sums' as name, e.person_id, e.entry_no as msg_no, 0 as origin_no,
    array_to_string(e.amounts, ' ') as found,
    'legs that sum to zero, each on a known account' as expected
from ledger_entry e
where (select coalesce(sum(a), 0) from unnest(e.amounts) a) <> 0
    or exists (select from unnest(e.kinds, e.owners) leg (kind, owner)
        where leg.kind not between 1 and 15 or (leg.kind in (1, 15) and leg.owner <> e.person_id))

-- name: books
-- What providers are owed by their bills, against what payers were charged, and every other leg.
with billed as (
    select coalesce(sum(total - cash - hospital), 0) as owed,
        coalesce(sum(account + pool + large + serious + civil + enterprise + assistance + other), 0)
            as charged
    from settlement where kind < 4
), entered as (
    select coalesce(sum(leg.amount), 0) as fen
    from ledger_entry e cross join lateral unnest(e.amounts) leg (amount)
)
select 'books' as name, 0 as person_id, 0 as msg_no, 0 as origin_no,
    (owed - charged + fen)::text as found, '0' as expected
from billed cross join entered where owed - charged + fen <> 0

-- name: chain
with journal as (
    select person_id, msg_no, origin_no, at, -account as change, balance, prev_msg_no,
        prev_origin_no
    from settlement where kind < 4
    union all
    select e.person_id, e.entry_no, 0, e.at, coalesce((
        select sum(leg.amount) from unnest(e.kinds, e.owners, e.amounts) leg (kind, owner, amount)
        where leg.kind = 1 and leg.owner = e.person_id), 0)::bigint, e.balance, e.prev_msg_no,
        e.prev_origin_no
    from ledger_entry e where e.person_id > 0
), linked as (
    select j.*, lag(msg_no, 1, 0::bigint) over w as want_msg_no,
        lag(origin_no, 1, 0) over w as want_origin_no, lag(balance, 1, 0::bigint) over w as had,
        lag(at, 1, '-infinity') over w as before_at,
        lead(msg_no) over w is null as newest
    from journal j window w as (partition by person_id order by at, msg_no)
), ends as (
    select l.*, c.person_id is null as stray, c.balance_fen, c.last_at,
        c.prev_msg_no as head_msg_no, c.prev_origin_no as head_origin_no
    from linked l left join coverage c on newest and c.person_id = l.person_id
    where newest or (l.prev_msg_no, l.prev_origin_no) <> (want_msg_no, want_origin_no)
        or l.balance <> had + l.change or l.at <= before_at
), named as (
    select 'link' as name, person_id, msg_no, origin_no,
        format('%s/%s', prev_msg_no, prev_origin_no) as found,
        format('%s/%s', want_msg_no, want_origin_no) as expected
    from ends where (prev_msg_no, prev_origin_no) <> (want_msg_no, want_origin_no)
    union all
    select 'running_balance', person_id, msg_no, origin_no, balance::text, (had + change)::text
    from ends where balance <> had + change
    union all
    select 'clock', person_id, msg_no, origin_no, at::text, format('after %s', before_at)
    from ends where at <= before_at
    union all
    select 'clock', person_id, msg_no, origin_no, at::text, format('not after %s', last_at)
    from ends where newest and at > last_at
    union all
    select 'head', person_id, msg_no, origin_no,
        case when stray then 'no coverage' else format('%s/%s', head_msg_no, head_origin_no) end,
        format('%s/%s', msg_no, origin_no)
    from ends where newest
        and (stray or (head_msg_no, head_origin_no) <> (msg_no, origin_no))
    union all
    select 'balance', person_id, msg_no, origin_no, balance_fen::text, balance::text
    from ends where newest and balance_fen <> balance
)
select * from named

-- name: balances
with derived as (
    select person_id, sum(change)::bigint as fen from (
        select person_id, -sum(account) as change from settlement where kind < 4 group by person_id
        union all
        select leg.owner, sum(leg.amount) from ledger_entry e
        cross join lateral unnest(e.kinds, e.owners, e.amounts) leg (kind, owner, amount)
        where leg.kind = 1 group by leg.owner
    ) moved group by person_id
)
select 'balance' as name, coalesce(c.person_id, d.person_id) as person_id, 0 as msg_no,
    0 as origin_no, coalesce(c.balance_fen::text, 'no coverage') as found,
    coalesce(d.fen, 0)::text as expected
from coverage c full join derived d on d.person_id = c.person_id
where c.balance_fen is distinct from coalesce(d.fen, 0)
union all
select 'head', c.person_id, c.prev_msg_no, c.prev_origin_no,
    format('%s/%s', c.prev_msg_no, c.prev_origin_no), 'a row of this person'
from coverage c
where (c.prev_msg_no, c.prev_origin_no) <> (0, 0)
    and not exists (select from settlement s where s.msg_no = c.prev_msg_no
        and s.origin_no = c.prev_origin_no and s.person_id = c.person_id and s.kind < 4)
    and not exists (select from ledger_entry e where c.prev_origin_no = 0
        and e.entry_no = c.prev_msg_no and e.person_id = c.person_id)

-- name: accumulators
-- A reimbursement of an expense paid in cash counts in its year like the settlement it stands for.
with counted as (
    select s.person_id, s.year, s.basis, s.pooled, s.admission, s.in_scope, s.deductible, s.pool,
        s.large
    from settlement s where s.kind < 4
    union all
    select e.person_id, n.year, n.basis, n.pooled, n.admission, n.in_scope, n.deductible, n.pool,
        n.large
    from ledger_entry e
    cross join lateral jsonb_to_record(e.details -> 'counted') n (year smallint, basis smallint,
        pooled smallint, admission smallint, in_scope bigint, deductible bigint, pool bigint,
        large bigint)
    where e.kind = 'reimbursement'
), used as (
    select s.person_id, s.year,
        coalesce(sum(s.deductible) filter (where s.basis between 1 and 3), 0)::bigint
            as op_deductible,
        coalesce(sum(s.in_scope) filter (where s.pooled = 0), 0)::bigint as op_scope,
        coalesce(sum(s.pool) filter (where s.pooled = 0), 0)::bigint as op_fund,
        sum(s.admission)::bigint as admissions,
        coalesce(sum(s.pool) filter (where s.pooled = 1), 0)::bigint as pool_paid,
        coalesce(sum(s.large) filter (where s.pooled = 1), 0)::bigint as large_paid,
        sum(s.in_scope - s.pool - s.large)::bigint as own_scope
    from counted s group by s.person_id, s.year
)
select 'accumulators' as name, c.person_id, 0 as msg_no, 0 as origin_no,
    concat_ws(' ', c.year, c.op_deductible, c.op_scope, c.op_fund, c.admissions, c.pool_paid,
        c.large_paid, c.own_scope) as found,
    concat_ws(' ', c.year, coalesce(u.op_deductible, 0), coalesce(u.op_scope, 0),
        coalesce(u.op_fund, 0), coalesce(u.admissions, 0), coalesce(u.pool_paid, 0),
        coalesce(u.large_paid, 0), coalesce(u.own_scope, 0)) as expected
from coverage c left join used u on u.person_id = c.person_id and u.year = c.year
where (c.op_deductible, c.op_scope, c.op_fund, c.admissions, c.pool_paid, c.large_paid, c.own_scope)
    <> (coalesce(u.op_deductible, 0), coalesce(u.op_scope, 0), coalesce(u.op_fund, 0),
        coalesce(u.admissions, 0), coalesce(u.pool_paid, 0), coalesce(u.large_paid, 0),
        coalesce(u.own_scope, 0))
union all
select 'accumulators', u.person_id, 0, 0, format('year %s', c.year), format('at least %s', u.year)
from used u join coverage c on c.person_id = u.person_id
where u.year > c.year and (u.op_scope <> 0 or u.pool_paid <> 0 or u.own_scope <> 0)

-- name: cards
with held as (
    select distinct on (k.person_id) k.person_id, k.card_id, k.card_number, k.expires_on
    from card k join coverage c on c.person_id = k.person_id
    where k.status = 'active' order by k.person_id, k.card_id desc
), span as (
    select h.person_id, h.card_id, h.card_number,
        case when bool_or(b.force = 'formal')
                or bool_or(b.at_lapse = 'cancel' and (e.at is null or e.at > b.until_at))
            then 'infinity'
            else coalesce(max(coalesce(b.until_at, 'infinity'))
                filter (where b.block_id is not null and e.at is null), '-infinity')
        end as open_from,
        coalesce(h.expires_on::timestamp at time zone 'Asia/Shanghai', 'infinity') as open_until
    from held h
    left join block b on b.person_id = h.person_id and b.card_id = h.card_id
    left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
    group by h.person_id, h.card_id, h.card_number, h.expires_on
), differ as (
    select c.person_id, c.card_id, c.card_number, c.open_from, c.open_until,
        coalesce(s.card_id, 0) as want_id, coalesce(s.card_number, '') as want_number,
        coalesce(s.open_from, 'infinity') as want_from,
        coalesce(s.open_until, 'infinity') as want_until, c.last_at
    from coverage c left join span s on s.person_id = c.person_id
)
select 'card_open' as name, person_id, card_id as msg_no, 0 as origin_no,
    format('card %s open %s to %s', card_id, open_from, open_until) as found,
    format('card %s open %s to %s', want_id, want_from, want_until) as expected
from differ
where (card_id, card_number, open_until, greatest(open_from, last_at))
    <> (want_id, want_number, want_until, greatest(want_from, last_at))
union all
select 'card_open', c.person_id, c.card_id, 0,
    case when c.open_from <= c.last_at and c.last_at < c.open_until then 'open' else 'shut' end,
    card_standing(c.person_id, c.card_id, c.last_at)
from coverage c
where c.card_id > 0 and exists (select from block b where b.person_id = c.person_id)
    and (c.open_from <= c.last_at and c.last_at < c.open_until)
        <> (card_standing(c.person_id, c.card_id, c.last_at) = 'usable')
union all
select 'card_status', person_id, card_id, 0, status, coalesce(derived, 'no move') from card_drift

-- name: undone
select 'undone' as name, u.person_id, u.msg_no, u.origin_no,
    format('undoes %s/%s', u.of_msg_no, u.of_origin_no) as found,
    'the same row of the same person, every amount negated' as expected
from settlement u
left join settlement s on s.msg_no = u.of_msg_no and s.origin_no = u.of_origin_no
    and s.person_id = u.person_id
where u.of_msg_no is not null and (s.msg_no is null or s.kind > 3 or u.at <= s.at
    or (u.visit_no, u.bill_no, u.provider_no, u.area, u.scheme, u.basis, u.year, u.round, u.pooled,
        u.rule_no, u.trace)
        <> (s.visit_no, s.bill_no, s.provider_no, s.area, s.scheme, s.basis, s.year, s.round,
        s.pooled, s.rule_no, s.trace)
    or (u.total, u.own_pay, u.over_limit, u.self_first, u.in_scope, u.deductible, u.pool, u.large,
        u.serious, u.civil, u.enterprise, u.assistance, u.other, u.hospital, u.account, u.cash,
        u.admission)
        <> (-s.total, -s.own_pay, -s.over_limit, -s.self_first, -s.in_scope, -s.deductible, -s.pool,
        -s.large, -s.serious, -s.civil, -s.enterprise, -s.assistance, -s.other, -s.hospital,
        -s.account, -s.cash, -s.admission))
union all
select 'undone_twice', u.person_id, u.of_msg_no, u.of_origin_no, count(*)::text, 'at most 1'
from settlement u
where u.of_msg_no is not null and not exists (
    select from settlement v where v.of_msg_no = u.msg_no and v.of_origin_no = u.origin_no
        and v.person_id = u.person_id)
group by u.person_id, u.of_msg_no, u.of_origin_no having count(*) > 1
union all
select 'undone_twice', e.person_id, e.of_entry_no, 0, count(*)::text, 'at most 1'
from ledger_entry e where e.of_entry_no is not null
group by e.person_id, e.of_entry_no having count(*) > 1
union all
select 'undone', e.person_id, e.entry_no, 0, array_to_string(e.amounts, ' '),
    format('the opposite of L%s', e.of_entry_no)
from ledger_entry e
left join ledger_entry o on o.entry_no = e.of_entry_no and o.person_id = e.person_id
where e.kind = 'correction' and (o.entry_no is null or o.at >= e.at or o.kinds <> e.kinds
    or o.owners <> e.owners
    or array(select -a from unnest(o.amounts) a) <> e.amounts)

-- name: stopped
with life as (
    select person_id, card_id, min(at) filter (where status = 'active') as from_at,
        min(at) filter (where status in ('cancelled', 'destroyed')) as until_at
    from card_move group by person_id, card_id
)
select 'stopped_card' as name, s.person_id, s.msg_no, s.origin_no, s.at::text as found,
    format('not while block %s stands', b.block_id) as expected
from settlement s
join block b on b.person_id = s.person_id and b.card_id = s.card_id
left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
where s.kind = 1 and s.credential = 3 and s.at >= b.from_at
    and (b.until_at is null or s.at < b.until_at
        or b.at_lapse = 'cancel' and (e.at is null or e.at > b.until_at))
    and (e.at is null or s.at < e.at)
union all
select 'stopped_card', s.person_id, s.msg_no, s.origin_no, s.at::text,
    format('card %s in use from %s to %s, expires %s', s.card_id, l.from_at, l.until_at,
        c.expires_on)
from settlement s
left join life l on l.person_id = s.person_id and l.card_id = s.card_id
left join card c on c.person_id = s.person_id and c.card_id = s.card_id
where s.kind = 1 and s.credential = 3 and (l.from_at is null or s.at < l.from_at
    or s.at >= l.until_at or (s.at at time zone 'Asia/Shanghai')::date >= c.expires_on)

-- name: assertions
with closes as (
    select array_agg(at order by at) as ats from (select distinct at from account_assertion) a
), settled as (
    select s.area::bigint * 1000 + s.scheme as fund, s.provider_no::bigint as provider,
        width_bucket(s.at - interval '1 microsecond', c.ats) + 1 as close,
        sum(s.pool) as pool, sum(s.large) as large, sum(s.serious) as serious,
        sum(s.civil) as civil, sum(s.enterprise) as enterprise, sum(s.assistance) as assistance,
        sum(s.other) as other, sum(s.account) as account, sum(s.cash) as cash
    from settlement s cross join closes c
    where c.ats is not null and s.kind < 4 and s.at <= c.ats[array_upper(c.ats, 1)]
    group by 1, 2, 3
), legs as (
    select leg.kind, leg.owner, s.close, leg.amount
    from settled s cross join lateral (values
        (2, s.fund, -s.pool), (3, s.fund, -s.large), (4, s.fund, -s.serious),
        (5, s.fund, -s.civil), (6, s.fund, -s.enterprise), (7, s.fund, -s.assistance),
        (8, s.fund, -s.other), (9, s.provider, s.account + s.pool + s.large + s.serious + s.civil
            + s.enterprise + s.assistance + s.other),
        (10, s.provider, -s.cash), (11, s.provider, s.cash)) leg (kind, owner, amount)
    where leg.amount <> 0
    union all
    select leg.kind, leg.owner, width_bucket(e.at - interval '1 microsecond', c.ats) + 1, leg.amount
    from ledger_entry e cross join closes c
    cross join lateral unnest(e.kinds, e.owners, e.amounts) leg (kind, owner, amount)
    where c.ats is not null and leg.kind between 2 and 14
        and e.at <= c.ats[array_upper(c.ats, 1)]
), moved as (
    select kind, owner, close, sum(amount) as change from legs group by kind, owner, close
), said as (
    select a.kind::integer, a.owner, array_position(c.ats, a.at) as close, a.balance
    from account_assertion a cross join closes c
), joined as (
    select kind, owner, close, coalesce(m.change, 0) as change, s.balance
    from moved m full join said s using (kind, owner, close)
), running as (
    select *, sum(change) over (partition by kind, owner order by close) as derived,
        count(balance) over (partition by kind, owner) as times,
        min(close) over (partition by kind, owner) as first_close
    from joined
)
select 'assertion' as name, 0 as person_id, r.owner as msg_no, r.kind as origin_no,
    coalesce(r.balance::text, 'none') as found, r.derived::text as expected
from running r cross join closes c
where r.balance is distinct from r.derived
    or r.times <> cardinality(c.ats) - r.first_close + 1

-- name: holds
with holding as (
    select h.person_id, h.entry_no, h.at, (h.details ->> 'held_fen')::bigint as fen,
        (h.details ->> 'until')::timestamptz as until_at, e.at as ended_at, e.kind as ended_by,
        e.entry_no as end_no, -coalesce((
            select sum(leg.amount) from unnest(e.kinds, e.amounts) leg (kind, amount)
            where leg.kind = 1), 0) as paid
    from ledger_entry h
    left join ledger_entry e on e.of_entry_no = h.entry_no and e.person_id = h.person_id
    where h.kind = 'hold'
), standing as (
    select c.person_id,
        coalesce(sum(h.fen) filter (where h.until_at > c.last_at), 0) as least_fen,
        coalesce(sum(h.fen), 0) as most_fen,
        max(h.until_at) as until_at
    from coverage c join holding h on h.person_id = c.person_id and h.ended_at is null
    group by c.person_id
)
select 'held' as name, c.person_id, 0 as msg_no, 0 as origin_no,
    format('%s until %s', c.held_fen, c.held_until) as found,
    format('%s until %s', coalesce(s.least_fen, 0), s.until_at) as expected
from coverage c left join standing s on s.person_id = c.person_id
where c.held_until > c.last_at and (c.held_fen not between coalesce(s.least_fen, 0)
        and coalesce(s.most_fen, 0) or c.held_until is distinct from s.until_at)
    or c.held_until <= c.last_at and coalesce(s.least_fen, 0) > 0
union all
select 'hold_end', h.person_id, h.end_no, 0,
    format('%s of %s at %s', h.ended_by, h.paid, h.ended_at),
    format('at most %s before %s', h.fen, h.until_at)
from holding h
where h.ended_at is not null and (h.ended_by not in ('post', 'release')
    or h.ended_at >= h.until_at or h.ended_at <= h.at or h.paid > h.fen
    or (h.ended_by = 'release') <> (h.paid = 0))
union all
select 'hold_end', e.person_id, e.entry_no, 0, e.kind, 'a hold that it ends'
from ledger_entry e
where e.kind in ('post', 'release') and not exists (
    select from holding h where h.end_no = e.entry_no and h.person_id = e.person_id)

-- name: fees
with added as (
    select s.person_id, s.msg_no, s.origin_no, s.total, s.own_pay, s.over_limit, s.self_first,
        s.in_scope, sum(u.total)::bigint as all_total,
        sum(u.own_pay)::bigint as own_all, sum(u.over_limit)::bigint as over_all,
        sum(u.self_first)::bigint as self_all, sum(u.in_scope)::bigint as scope_all,
        (sum(u.own_pay) filter (where u.batch = one.batch))::bigint as own_batch,
        (sum(u.over_limit) filter (where u.batch = one.batch))::bigint as over_batch,
        (sum(u.self_first) filter (where u.batch = one.batch))::bigint as self_batch,
        (sum(u.in_scope) filter (where u.batch = one.batch))::bigint as scope_batch
    from settlement s
    left join fee_upload u on u.visit_no = s.visit_no and u.person_id = s.person_id
        and u.fee_no between s.bill_no and s.fee_upto
    left join fee_upload one on one.visit_no = s.visit_no and one.person_id = s.person_id
        and one.fee_no = s.bill_no
    where s.kind = 1 and s.visit_no > 0
    group by s.msg_no, s.origin_no, s.person_id
), billed as (
    select *, (own_all, over_all, self_all, scope_all) as whole,
        (own_batch, over_batch, self_batch, scope_batch) as batch
    from added
), standing as (
    select person_id, visit_no, bill_no, round, max(fee_upto) as fee_upto
    from settlement where kind < 4 and visit_no > 0
    group by person_id, visit_no, bill_no, round having sum(sign(total)) > 0
)
select 'fees' as name, person_id, msg_no, origin_no,
    format('%s (%s %s %s %s)', total, own_pay, over_limit, self_first, in_scope) as found,
    format('%s %s', coalesce(all_total::text, 'no fees'), whole::text) as expected
from billed
where (own_pay, over_limit, self_first, in_scope) is distinct from whole
    and (own_pay, over_limit, self_first, in_scope) is distinct from batch
union all
select 'fees', s.person_id, s.msg_no, s.origin_no, format('visit %s', s.visit_no),
    'a visit of this person at this provider'
from settlement s left join visit v on v.visit_no = s.visit_no and v.person_id = s.person_id
where s.kind = 1 and s.visit_no > 0 and v.provider_no is distinct from s.provider_no
union all
select 'billed_twice', b.person_id, b.bill_no, 0, format('bill %s again', a.bill_no),
    'each fee in one bill that stands'
from standing a join standing b on b.person_id = a.person_id and b.visit_no = a.visit_no
    and (b.bill_no, b.round) > (a.bill_no, a.round) and b.bill_no <= a.fee_upto
join fee_upload f on f.visit_no = a.visit_no and f.fee_no = a.bill_no and f.person_id = a.person_id
join fee_upload g on g.visit_no = b.visit_no and g.fee_no = b.bill_no and g.person_id = b.person_id
where f.batch = g.batch

-- name: keys
select 'keys' as name, min(s.person_id) as person_id, s.msg_no, s.origin_no,
    count(distinct s.person_id) || ' people' as found, 'one key, one person' as expected
from settlement s where s.kind < 4
group by s.msg_no, s.origin_no having count(distinct s.person_id) > 1
union all
select 'keys', min(e.person_id), min(e.entry_no), 0, e.request_key, 'one key, one person'
from ledger_entry e where e.request_key like 'act:%%' and e.kind not in ('move', 'close')
group by e.request_key having count(distinct e.person_id) > 1
union all
select 'keys', e.person_id, min(e.entry_no), 0, count(*) || ' openings', 'at most 1'
from ledger_entry e where e.kind = 'opening' and e.person_id > 0
group by e.person_id having count(*) > 1
union all
select 'rule', s.person_id, s.msg_no, s.origin_no, s.rule_no::text, 'a rule on record'
from settlement s where s.kind = 1 and s.basis > 0
    and not exists (select from benefit_rule r where r.rule_no = s.rule_no)

-- name: signed
select 'signed' as name, e.person_id, e.entry_no as msg_no, 0 as origin_no,
    coalesce(r.act, 'no request') as found, 'a request, and two signatures' as expected
from ledger_entry e
left join request r on r.request_key = substr(e.request_key, 5)
where e.request_key like 'act:%%' and (r.request_key is null
        or r.answer ->> 'verdict' <> 'accepted')
    or e.kind in ('adjustment', 'correction', 'close')
        and (r.act is distinct from 'Approve' or e.request_key not like 'act:%%' or not exists (
            select from two_person_signature g
            where g.act_id = (r.answer -> 'facts' ->> 'act_id')::bigint and g.part = 'approve'
                and g.signer = e.actor))

-- name: pins
select 'pin' as name, d.person_id, d.card_id as msg_no, 0 as origin_no,
    coalesce(format('version %s, %s wrong, lost %s', p.version, p.wrong, p.lost_at), 'no PIN')
        as found,
    'what its facts and tries say' as expected
from pin_drift d left join pin p on p.person_id = d.person_id and p.card_id = d.card_id

-- name: batches
-- The event of a batch of settlements against its rows. They have the batch's instant, but for those
-- whose person's clock was ahead of it; these stand in the event's own transaction.
with batch as (
    select event_id, at, content, hash, xmin as tx from audit_event where act = 'Settle'
), at_once as (
    select s.at, count(*) as rows, encode(sha256(string_agg(s.content_hash, ''
        order by s.msg_no, s.origin_no)), 'hex') as digest
    from settlement s where s.kind < 4 and s.at in (select at from batch) group by s.at
), unlike as (
    select b.* from batch b left join at_once a on a.at = b.at
    where (a.rows, a.digest) is distinct from
        ((b.content ->> 'count')::bigint, b.content ->> 'digest')
), in_one as (
    select u.event_id, count(*) as rows, encode(sha256(string_agg(s.content_hash, ''
        order by s.msg_no, s.origin_no)), 'hex') as digest
    from unlike u join settlement s on s.xmin = u.tx and s.kind < 4 group by u.event_id
)
select 'audit' as name, 0 as person_id, u.event_id as msg_no, 0 as origin_no,
    format('%s rows, digest %s', coalesce(o.rows, 0), o.digest) as found,
    format('%s rows, digest %s', u.content ->> 'count', u.content ->> 'digest') as expected
from unlike u left join in_one o using (event_id)
where (o.rows, o.digest) is distinct from
    ((u.content ->> 'count')::bigint, u.content ->> 'digest')
union all
select 'audit', 0, event_id, 0, encode(hash, 'hex'), 'the hash of the event''s content'
from batch where hash <> sha256(convert_to(content::text, 'UTF8'))

-- name: events
select person_id, event_id, content, hash from audit_event
where act <> 'Settle' and event_id %% %(every)s = 0

-- name: counted
select (select count(*) from settlement) as settlements,
    (select count(*) from ledger_entry) as entries, (select count(*) from coverage) as accounts

-- name: traces
select s.person_id, s.msg_no, s.origin_no, s.trace, s.in_scope, s.deductible, s.pool, s.large,
    s.serious, s.civil, s.enterprise, s.assistance
from settlement s
where s.kind = 1 and s.basis > 0 and s.msg_no %% %(every)s = 0
