-- name: claim
select pg_advisory_xact_lock(hashtextextended(%(msg_no)s::text || ':' || %(origin_no)s::text, 31))

-- name: known
-- What stands under a key: an answer that was kept, a tombstone, or another transaction's row.
select content_hash, answer, answer = '' as is_stone, 0 as rank from message
where msg_no = %(msg_no)s and origin_no = %(origin_no)s
union all
select content_hash, null, kind = 5, 1 from settlement
where msg_no = %(msg_no)s and origin_no = %(origin_no)s
order by rank limit 1

-- name: under
-- What transaction a key was used for, besides the journal.
select m.infno, m.answer = '' as is_stone, exists (
    select from settlement s where s.msg_no = m.msg_no and s.origin_no = m.origin_no) as journal
from message m where m.msg_no = %(msg_no)s and m.origin_no = %(origin_no)s

-- name: keep
-- The answer under its key and the audit event of the act, in one statement.
with kept as (
    insert into message (msg_no, origin_no, person_id, infno, content_hash, at, answer)
    values (%(msg_no)s, %(origin_no)s, %(person_id)s, %(infno)s, %(content_hash)s,
        coalesce(%(at)s, register_now()), %(answer)s)
    returning at
)
insert into audit_event (person_id, event_id, at, act, actor, content, hash)
select %(person_id)s, nextval('fact_id_seq'), at, %(act)s, %(actor)s, %(event)s, %(hash)s
from kept

-- name: take
-- The next instant of the person's clock; a settlement that was read before it is decided again.
update coverage c set
    last_at = greatest(register_now(%(fence)s), c.last_at + interval '1 microsecond')
where c.person_id = %(person_id)s
returning c.last_at as at, c.person_id, c.scheme, c.psn_type, c.area, c.civil,
    c.covered_from - '2000-01-01'::date as covered_from,
    case when c.covered_until = 'infinity' then 9999999
        else c.covered_until - '2000-01-01'::date end as covered_until,
    c.card_id, c.balance_fen as balance, c.held_fen as held, c.year, c.op_deductible, c.op_scope,
    c.op_fund, c.admissions, c.pool_paid, c.large_paid, c.own_scope, c.prev_msg_no,
    c.prev_origin_no, extract(epoch from c.last_at) as last_at, extract(epoch from c.open_from) as open_from,
    extract(epoch from c.open_until) as open_until, extract(epoch from c.suspended_until) as suspended_until,
    extract(epoch from c.held_until) as held_until, c.card_number

-- name: look
-- The same, read without a lock.
select register_now(%(fence)s) as at, c.person_id, c.scheme, c.psn_type, c.area, c.civil,
    c.covered_from - '2000-01-01'::date as covered_from,
    case when c.covered_until = 'infinity' then 9999999
        else c.covered_until - '2000-01-01'::date end as covered_until,
    c.card_id, c.balance_fen as balance, c.held_fen as held, c.year, c.op_deductible, c.op_scope,
    c.op_fund, c.admissions, c.pool_paid, c.large_paid, c.own_scope, c.prev_msg_no,
    c.prev_origin_no, extract(epoch from c.last_at) as last_at, extract(epoch from c.open_from) as open_from,
    extract(epoch from c.open_until) as open_until, extract(epoch from c.suspended_until) as suspended_until,
    extract(epoch from c.held_until) as held_until, c.card_number
from coverage c where c.person_id = %(person_id)s

-- name: stone
-- A message that was reversed before it came: it will never have an effect.
insert into message (msg_no, origin_no, person_id, infno, content_hash, at, answer)
values (%(msg_no)s, %(origin_no)s, %(person_id)s, %(infno)s, '', %(at)s, '')

-- name: shown
select name_mask, number_mask, number_sealed, number_index, born_on from person
where person_id = %(person_id)s

-- name: token
select person_id from e_credential where token_index = %(index)s and until_at > %(at)s

-- name: token_number
select p.number_index from e_credential e join person p using (person_id)
where e.token_index = %(index)s and e.until_at > %(at)s

-- name: chip
-- The identification code of the chip in a card, once the card was met.
select id_code from chip where person_id = %(person_id)s and card_id = %(card_id)s

-- name: by_card
select person_id from card_registry where card_number = %(card_number)s

-- name: open
insert into visit (visit_no, person_id, provider_no, basis, med_type, scheme, credential, card_id,
    ipt_otp_no, begun_at, at, details, shown)
values (nextval('visit_no_seq'), %(person_id)s, %(provider_no)s, %(basis)s, %(med_type)s,
    %(scheme)s, %(credential)s, %(card_id)s, %(ipt_otp_no)s, %(begun_at)s, %(at)s, %(details)s,
    %(shown)s)
returning visit_no

-- name: visit
select visit_no, person_id, provider_no, basis, med_type, ipt_otp_no, begun_at, shown from visit
where visit_no = %(visit_no)s

-- name: steps
select step, details, at from visit_step where visit_no = %(visit_no)s order by seq

-- name: step
insert into visit_step (visit_no, person_id, seq, step, at, details)
select %(visit_no)s, %(person_id)s, count(*) + 1, %(step)s, %(at)s, %(details)s
from visit_step where visit_no = %(visit_no)s

-- name: uploads
select fee_no, served_on - '2000-01-01'::date as served_on, total, own_pay, over_limit, self_first,
    in_scope, batch, counters, lines
from fee_upload where visit_no = %(visit_no)s order by fee_no

-- name: settled
select bill_no, fee_upto, round, kind, sign(total)::int as sign, in_scope, deductible
from settlement where visit_no = %(visit_no)s and kind < 4 and visit_no > 0

-- name: charge
insert into fee_upload (visit_no, person_id, fee_no, batch, at, served_on, counters, total, own_pay,
    over_limit, self_first, in_scope, lines)
values (%(visit_no)s, %(person_id)s, nextval('fee_no_seq'), %(batch)s, %(at)s,
    %(served_on)s, %(counters)s, %(total)s, %(own_pay)s, %(over_limit)s,
    %(self_first)s, %(in_scope)s, %(lines)s)

-- name: items
-- Catalogue entries on their days, with the limit of the level and the ratio of the person's type;
-- a row for one level or type goes before the row for all.
select i.n, c.name, c.class, c.kind,
    (select l.limit_e6 from price_limit l
        where l.area = %(area)s and l.code = i.code and l.level in (0, %(level)s)
            and l.from_on <= i.on_day and i.on_day < l.until_on
        order by l.level desc limit 1) as limit_e6,
    (select r.ratio_e4 from selfpay_ratio r
        where r.area = %(area)s and r.code = i.code and r.psn_type in (0, %(psn_type)s)
            and r.from_on <= i.on_day and i.on_day < r.until_on
        order by r.psn_type desc limit 1) as ratio_e4
from unnest(%(codes)s::text[], %(days)s::date[]) with ordinality i(code, on_day, n)
join catalogue_item c on c.area = %(area)s and c.code = i.code
    and c.from_on <= i.on_day and i.on_day < c.until_on

-- name: person
select p.person_id, p.number_sealed, p.name_sealed, p.number_mask, p.name_mask, p.born_on,
    coalesce(e.name, '') as employer_name, k.id_code as chip
from person p left join employer e on e.employer_id = p.employer_id
left join coverage c on c.person_id = p.person_id
left join chip k on k.person_id = c.person_id and k.card_id = c.card_id
where p.person_id = %(person_id)s

-- name: settlement
select s.msg_no, s.origin_no, s.person_id, s.visit_no, s.bill_no, s.fee_upto, s.card_id,
    coalesce(s.of_msg_no, 0) as of_msg_no, coalesce(s.of_origin_no, 0) as of_origin_no,
    s.provider_no, s.area, s.rule_no, s.infno, s.kind, s.basis, s.scheme, s.credential, s.year,
    s.round, s.nth, s.pooled, s.admission, s.total, s.own_pay, s.over_limit, s.self_first,
    s.in_scope, s.deductible, s.pool, s.large, s.serious, s.civil, s.enterprise, s.assistance,
    s.other, s.hospital, s.account, s.cash, s.balance, s.at, s.reason, s.trace, s.content_hash,
    v.shown, v.begun_at, v.ipt_otp_no,
    (select t.details from visit_step t where t.visit_no = s.visit_no and t.step = 'changed'
        order by t.seq desc limit 1) as changed,
    (select t.at from visit_step t where t.visit_no = s.visit_no and t.step = 'discharged'
        order by t.seq desc limit 1) as left_at,
    (select count(*) from settlement u where u.of_msg_no = s.msg_no and u.of_origin_no = s.origin_no
        and not exists (select from settlement w
            where w.of_msg_no = u.msg_no and w.of_origin_no = u.origin_no)) as undone
from settlement s join visit v using (visit_no)
where s.msg_no = %(msg_no)s and s.origin_no = %(origin_no)s and s.kind < 4

-- name: accumulated
-- What a year had used at an instant, added up from the rows of the journal, newest to oldest; a
-- reimbursement of an expense paid in cash counts like the settlement it stands for.
with recursive walk as (
    select c.prev_msg_no as msg_no, c.prev_origin_no as origin_no, null::timestamptz as at,
        null::settlement as done, null::jsonb as counted
    from coverage c where c.person_id = %(person_id)s
    union all
    select n.prev_msg_no, n.prev_origin_no, n.at, n.done, n.counted
    from walk w cross join lateral (
        select s.prev_msg_no, s.prev_origin_no, s.at, s as done, null::jsonb as counted
        from settlement s
        where w.origin_no <> 0 and s.msg_no = w.msg_no and s.origin_no = w.origin_no
            and s.person_id = %(person_id)s
        union all
        select e.prev_msg_no, e.prev_origin_no, e.at, null, e.details -> 'counted'
        from ledger_entry e
        where w.origin_no = 0 and e.entry_no = w.msg_no and e.person_id = %(person_id)s
    ) n
    where w.msg_no <> 0 and n.at >= %(since)s
), counts as (
    select (done).basis, (done).pooled, (done).admission, (done).in_scope, (done).deductible,
        (done).pool, (done).large
    from walk where (done).kind < 4 and (done).year = %(year)s and (done).infno <> 0
      and at < %(until)s
    union all
    select n.basis, n.pooled, n.admission, n.in_scope, n.deductible, n.pool, n.large
    from walk cross join lateral jsonb_to_record(counted) n (year smallint, basis smallint,
        pooled smallint, admission smallint, in_scope bigint, deductible bigint, pool bigint,
        large bigint)
    where counted is not null and n.year = %(year)s and at < %(until)s
)
select coalesce(sum(deductible) filter (where basis between 1 and 3), 0)::int8 as op_deductible,
    coalesce(sum(in_scope) filter (where pooled = 0), 0)::int8 as op_scope,
    coalesce(sum(pool) filter (where pooled = 0), 0)::int8 as op_fund,
    coalesce(sum(admission), 0)::int8 as admissions,
    coalesce(sum(pool * pooled), 0)::int8 as pool_paid,
    coalesce(sum(large * pooled), 0)::int8 as large_paid,
    coalesce(sum(in_scope - pool - large), 0)::int8 as own_scope
from counts
