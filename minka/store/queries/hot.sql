-- name: clock
select clock_timestamp(), (extract(epoch from shift) * 1000000)::int8 from clock_shift

-- name: coverage
select i.n, array[c.person_id, c.scheme, c.psn_type, c.area, c.civil, c.covered_from - '2000-01-01'::date,
    case when c.covered_until = 'infinity' then 9999999 else c.covered_until - '2000-01-01'::date end,
    c.card_id, c.balance_fen, c.held_fen, c.year, c.op_deductible, c.op_scope, c.op_fund,
    c.admissions, c.pool_paid, c.large_paid, c.own_scope, c.prev_msg_no, c.prev_origin_no]::int8[],
    array[c.last_at, c.open_from, c.open_until, c.suspended_until, c.held_until],
    c.card_number::bytea
from unnest($1::int8[]) with ordinality i(person_id, n) join coverage c using (person_id)

-- name: by_card
select i.n, r.person_id, r.card_id
from unnest($1::text[]) with ordinality i(card_number, n) join card_registry r using (card_number)

-- name: known
select i.n, array[
    s.msg_no, s.origin_no, s.person_id, s.visit_no, s.bill_no, s.fee_upto, s.card_id,
    coalesce(s.of_msg_no, 0), coalesce(s.of_origin_no, 0), s.provider_no, s.area, s.rule_no,
    s.infno, s.kind, s.basis, s.scheme, s.credential, s.year, s.round, s.nth, s.pooled,
    s.admission, s.total, s.own_pay, s.over_limit, s.self_first, s.in_scope, s.deductible, s.pool,
    s.large, s.serious, s.civil, s.enterprise, s.assistance, s.other, s.hospital, s.account,
    s.cash, s.balance]::int8[],
    s.at, s.reason::bytea, s.trace, s.content_hash
from unnest($1::int8[], $2::int8[]) with ordinality i(msg_no, origin_no, n)
join settlement s on s.msg_no = i.msg_no and s.origin_no = i.origin_no

-- name: said
-- A message that moved no money under the same key: its content tells whether it is another one.
select i.n, m.content_hash
from unnest($1::int8[], $2::int8[]) with ordinality i(msg_no, origin_no, n)
join message m on m.msg_no = i.msg_no and m.origin_no = i.origin_no

-- name: undoings
select i.n, array[s.kind, s.msg_no, s.origin_no, s.person_id, s.nth,
    (select count(*) from settlement v where v.of_msg_no = s.msg_no
        and v.of_origin_no = s.origin_no)]::int8[]
from unnest($1::int8[], $2::int8[]) with ordinality i(msg_no, origin_no, n)
join settlement s on s.of_msg_no = i.msg_no and s.of_origin_no = i.origin_no

-- name: visit
-- A visit as its last change left it: what kind it is, and whether something ended it. A change
-- says its kind in one number, 10000 x basis + med_type, so that the last one is a maximum.
select i.n, array[v.visit_no, v.person_id, v.provider_no,
    coalesce(t.kind % 1000000 / 10000, v.basis), coalesce(t.kind % 10000, v.med_type), v.scheme,
    v.credential, v.card_id, t.ended]::int8[],
    case when t.kind % 10000 <> v.med_type
        then left(v.shown, -strpos(reverse(v.shown), '|')) || '|' || t.kind % 10000
        else v.shown end::bytea
from unnest($1::int8[]) with ordinality i(visit_no, n) join visit v using (visit_no)
cross join lateral (
    select count(*) filter (where s.step in ('cancelled', 'reversed')) as ended,
        max(s.seq * 1000000::int8 + (s.details ->> 'kind')::int8)
            filter (where s.step = 'changed') as kind
    from visit_step s where s.visit_no = v.visit_no) t

-- name: uploads
select i.n, array[f.fee_no, f.served_on - '2000-01-01'::date, f.total, f.own_pay, f.over_limit,
    f.self_first, f.in_scope]::int8[], f.batch::bytea
from unnest($1::int8[]) with ordinality i(visit_no, n) join fee_upload f using (visit_no)
order by f.fee_no

-- name: settled
select i.n, array[s.bill_no, s.fee_upto, s.round, s.kind, sign(s.total)::int8,
    s.in_scope, s.deductible]::int8[]
from unnest($1::int8[]) with ordinality i(visit_no, n)
join settlement s on s.visit_no = i.visit_no and s.kind < 4 and s.visit_no > 0

-- name: write
-- Compare and set: a row of coverage moves, and its settlement is written, only if nobody moved it
-- since it was read. $1 holds a row of integers for each settlement: to take 49 arrays apart side
-- by side costs four times as much. The audit event and the outbox row of the whole batch stand in
-- the same commit.
with moved as (
    update coverage c set
        last_at = i.at, balance_fen = $1[i.n][39], year = $1[i.n][42],
        op_deductible = $1[i.n][43], op_scope = $1[i.n][44], op_fund = $1[i.n][45], admissions = $1[i.n][46],
        pool_paid = $1[i.n][47], large_paid = $1[i.n][48], own_scope = $1[i.n][49],
        prev_msg_no = $1[i.n][1], prev_origin_no = $1[i.n][2]
    from (select at, seen, trace, content_hash, nth::int4 as n
        from unnest($2::timestamptz[], $3::timestamptz[], $4::bytea[], $5::bytea[])
            with ordinality o(at, seen, trace, content_hash, nth)) i
    where c.person_id = ($1::int8[])[i.n][3] and c.last_at = i.seen
    returning i.at, i.trace, i.content_hash, i.n
), written as (
    insert into settlement (
        msg_no, origin_no, person_id, visit_no, bill_no, fee_upto, card_id, of_msg_no, of_origin_no,
        provider_no, area, rule_no, infno, kind, basis, scheme, credential, year, round, nth,
        pooled, admission, total, own_pay, over_limit, self_first, in_scope, deductible, pool,
        large, serious, civil, enterprise, assistance, other, hospital, account, cash, balance,
        prev_msg_no, prev_origin_no, at, trace, content_hash, reason)
    select
        $1[n][1], $1[n][2], $1[n][3], $1[n][4], $1[n][5], $1[n][6], $1[n][7], nullif($1[n][8], 0),
        nullif($1[n][9], 0), $1[n][10], $1[n][11], $1[n][12], $1[n][13], $1[n][14], $1[n][15],
        $1[n][16], $1[n][17], $1[n][18], $1[n][19], $1[n][20], $1[n][21], $1[n][22], $1[n][23],
        $1[n][24], $1[n][25], $1[n][26], $1[n][27], $1[n][28], $1[n][29], $1[n][30], $1[n][31],
        $1[n][32], $1[n][33], $1[n][34], $1[n][35], $1[n][36], $1[n][37], $1[n][38], $1[n][39],
        $1[n][40], $1[n][41], at, trace, content_hash, ''
    from moved
    returning msg_no, origin_no, at, content_hash
), told as (
    select min(at) as at, jsonb_build_object('first', min(msg_no), 'count', count(*), 'digest',
        encode(sha256(string_agg(content_hash, '' order by msg_no, origin_no)), 'hex')) as content
    from written having count(*) > 0
), audited as (
    insert into audit_event (person_id, event_id, at, act, actor, content, hash)
    select 0, nextval('fact_id_seq'), at, 'Settle', 'switch', content,
        sha256(convert_to(content::text, 'UTF8'))
    from told
), queued as (
    insert into outbox (outbox_id, person_id, card_id, topic, body, created_at)
    select nextval('fact_id_seq'), 0, 0, 'settled.batch', content, at from told
    returning outbox_id, created_at
), waiting as (
    insert into outbox_state (outbox_id, person_id, card_id, topic, next_at, due_at)
    select outbox_id, 0, 0, 'settled.batch', created_at, created_at from queued
)
select msg_no, origin_no::int8 from written

-- name: refuse
-- A refusal is kept, so that the same message gets the same answer for ever.
insert into settlement (msg_no, at, person_id, visit_no, bill_no, fee_upto, card_id, prev_msg_no,
    origin_no, prev_origin_no, provider_no, area, rule_no, infno, kind, basis, scheme, credential,
    year, round, nth, pooled, admission, total, own_pay, over_limit, self_first, in_scope, deductible,
    pool, large, serious, civil, enterprise, assistance, other, hospital, account, cash, balance, reason,
    trace, content_hash)
select i.msg_no, i.at, i.person_id, i.visit_no, 0, 0, i.card_id, 0, i.origin_no, 0, i.provider_no,
    i.area, 0, i.infno, i.kind, 0, i.scheme, i.credential, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, i.reason, i.trace, i.content_hash
from unnest($1::int8[], $2::timestamptz[], $3::int8[], $4::int8[], $5::int8[], $6::int8[],
    $7::int8[], $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::text[],
    $14::bytea[], $15::bytea[])
    i(msg_no, at, person_id, visit_no, card_id, origin_no, provider_no, area, infno, kind, scheme,
    credential, reason, trace, content_hash)
on conflict (msg_no, origin_no, person_id) do nothing
returning msg_no, origin_no::int8

-- name: rules
select rule_no, ref from benefit_rule

-- name: providers
select provider_no, fixmedins_code, area, kind, level, name, uscc from provider

-- name: designations
select provider_no, scheme, from_on - '2000-01-01'::date as from_day,
    case when until_on = 'infinity' then 9999999 else until_on - '2000-01-01'::date end as until_day
from designation

-- name: areas
select area, region, benefits, overlay, name from pooling_area

-- name: version
select version from care_version

-- name: add_rule
insert into benefit_rule (ref) values (%(ref)s) on conflict (ref) do nothing

-- name: numbers
select i.n, p.number_index
from unnest($1::int8[]) with ordinality i(person_id, n) join person p using (person_id)

-- name: tokens
select i.n, e.person_id, e.until_at
from unnest($1::bytea[]) with ordinality i(token_index, n) join e_credential e using (token_index)
