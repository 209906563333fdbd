-- The statements of the lane of visits: a batch of different people is read with the first ones in
-- one round trip, and written with ``write`` in one commit. All arrays go by place in the batch.

-- name: keys
-- What stands under a key: an answer with the content it was bound to (an empty one is a tombstone),
-- and the kind of a row of the journal.
select i.n, m.content_hash, m.answer, s.kind::int8
from unnest($1::int8[], $2::int8[]) with ordinality i(msg_no, origin_no, n)
left join message m on m.msg_no = i.msg_no and m.origin_no = i.origin_no
left join settlement s on s.msg_no = i.msg_no and s.origin_no = i.origin_no
where m.msg_no is not null or s.msg_no is not null

-- name: clock
-- The time, the version of the reference data, and numbers of new visits and uploads: taken after
-- coverage was read, so that whoever writes later on the same coverage has greater ones.
select clock_timestamp(), (extract(epoch from c.shift) * 1000000)::int8, v.version,
    array(select nextval('visit_no_seq') from generate_series(1, $1::int8)),
    array(select nextval('fee_no_seq') from generate_series(1, $2::int8))
from clock_shift c cross join care_version v

-- name: visits
-- A visit, and what happened to it in order.
select i.n, array[v.person_id, v.provider_no, v.basis, v.med_type]::int8[], (
    select jsonb_agg(jsonb_build_array(s.step, s.details) order by s.seq)::text
    from visit_step s where s.visit_no = v.visit_no)
from unnest($1::int8[]) with ordinality i(visit_no, n) join visit v using (visit_no)

-- name: lines
select i.n, array[f.fee_no, f.counters]::int8[], f.batch, f.lines::text
from unnest($1::int8[]) with ordinality i(visit_no, n) join fee_upload f using (visit_no)
order by i.n, f.fee_no

-- name: items
-- Catalogue entries on their days, with the limit of the level and the ratio of every person's type
-- (100,000 times the type, and the ratio); what is for one level goes before what is for all.
select i.n, c.class::int8, c.kind,
    coalesce((select l.limit_e6 from price_limit l
        where l.area = i.area and l.code = i.code and l.level in (0, i.level)
            and l.from_on <= d.on_day and d.on_day < l.until_on
        order by l.level desc limit 1), -1)::int8,
    array(select r.psn_type::int8 * 100000 + r.ratio_e4 from selfpay_ratio r
        where r.area = i.area and r.code = i.code
            and r.from_on <= d.on_day and d.on_day < r.until_on)
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[])
    with ordinality i(area, code, day, level, n)
cross join lateral (select '2000-01-01'::date + i.day::int as on_day) d
join catalogue_item c on c.area = i.area and c.code = i.code
    and c.from_on <= d.on_day and d.on_day < c.until_on

-- name: people
select i.n, p.number_sealed, p.name_mask, p.number_mask, coalesce(p.born_on::text, ''),
    p.number_index, k.id_code
from unnest($1::int8[]) with ordinality i(person_id, n) join person p using (person_id)
left join coverage c on c.person_id = p.person_id
left join chip k on k.person_id = c.person_id and k.card_id = c.card_id

-- name: tokens
select i.n, e.person_id, e.until_at
from unnest($1::bytea[]) with ordinality i(token_index, n) join e_credential e using (token_index)

-- name: write
-- Compare and set: a person's clock moves on, and what was decided is written, only if nobody moved
-- it since it was read. The second half of a purchase stands only where its settlement stands.
with moved as (
    update coverage c set last_at = i.at
    from unnest(
        $1::int8[], $2::timestamptz[], $3::timestamptz[], $4::int8[], $5::int8[], $6::int8[],
        $7::int8[], $8::bytea[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::bytea[],
        $14::int8[], $15::int8[], $16::int8[], $17::int8[], $18::int8[], $19::int8[], $20::int8[],
        $21::text[], $22::timestamptz[], $23::text[], $24::text[], $25::int8[], $26::text[],
        $27::text[], $28::int8[], $29::text[])
        i(
        person_id, seen, at, bought, msg_no, origin_no, infno, content_hash, answer, act, actor,
        event, hash, visit_no, provider_no, basis, med_type, scheme, credential, card_id,
        ipt_otp_no, begun_at, details, shown, step_visit_no, step, step_details, fee_visit_no,
        uploads)
    where c.person_id = i.person_id and c.last_at = i.seen
        and (i.bought = 0 or exists (select from settlement s where s.msg_no = i.msg_no
            and s.origin_no = i.origin_no and s.person_id = i.person_id and s.at = i.seen))
    returning i.*
), kept as (
    insert into message (msg_no, origin_no, person_id, infno, content_hash, at, answer)
    select msg_no, origin_no, person_id, infno, content_hash, at, answer from moved
    returning msg_no, origin_no
), audited as (
    insert into audit_event (person_id, event_id, at, act, actor, content, hash)
    select person_id, nextval('fact_id_seq'), at, act, actor, event::jsonb, hash from moved
), opened as (
    insert into visit (visit_no, person_id, provider_no, basis, med_type, scheme, credential,
        card_id, ipt_otp_no, begun_at, at, details, shown)
    select visit_no, person_id, provider_no, basis, med_type, scheme, credential, card_id,
        ipt_otp_no, begun_at, at, details::jsonb, shown
    from moved where visit_no > 0
), stepped as (
    insert into visit_step (visit_no, person_id, seq, step, at, details)
    select m.step_visit_no, m.person_id,
        (select count(*) + 1 from visit_step s where s.visit_no = m.step_visit_no),
        m.step, m.at, m.step_details::jsonb
    from moved m where m.step_visit_no > 0
), charged as (
    insert into fee_upload (visit_no, person_id, fee_no, batch, at, served_on, counters, total,
        own_pay, over_limit, self_first, in_scope, lines)
    select m.fee_visit_no, m.person_id, u.fee_no, u.batch, m.at, u.served_on, 0, u.total,
        u.own_pay, u.over_limit, u.self_first, u.in_scope, u.lines
    from moved m cross join lateral jsonb_to_recordset(m.uploads::jsonb) u(
        fee_no bigint, batch text, served_on date, total bigint, own_pay bigint, over_limit bigint,
        self_first bigint, in_scope bigint, lines jsonb)
    where m.fee_visit_no > 0
)
select msg_no, origin_no::int8 from kept

-- name: alone
-- What was answered to a message about nobody who is covered: no clock stands behind it.
with kept as (
    insert into message (msg_no, origin_no, person_id, infno, content_hash, at, answer)
    select i.msg_no, i.origin_no, i.person_id, i.infno, i.content_hash, i.at, i.answer
    from unnest($1::int8[], $2::timestamptz[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[],
        $7::bytea[])
        i(person_id, at, msg_no, origin_no, infno, content_hash, answer)
    on conflict (msg_no, origin_no, person_id) do nothing
    returning msg_no, origin_no
), audited as (
    insert into audit_event (person_id, event_id, at, act, actor, content, hash)
    select i.person_id, nextval('fact_id_seq'), i.at, i.act, i.actor, i.event::jsonb, i.hash
    from unnest($1::int8[], $2::timestamptz[], $3::int8[], $4::int8[], $8::text[], $9::text[],
        $10::text[], $11::bytea[])
        i(person_id, at, msg_no, origin_no, act, actor, event, hash)
    join kept using (msg_no, origin_no)
)
select msg_no, origin_no::int8 from kept
