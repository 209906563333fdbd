-- name: patience
select set_config('statement_timeout', '5min', true), set_config('lock_timeout', '30s', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)

-- name: long_read
select set_config('statement_timeout', '10min', true)

-- name: one_at_a_time
select pg_advisory_xact_lock(hashtextextended('import ' || %(name)s, 0))

-- name: last_run
select r.run_id, r.started_at, r.chunk_rows, e.at as ended_at,
    (select coalesce(sum(c.added + c.known + c.repeated + c.refused), 0) from import_chunk c
     where c.run_id = r.run_id) as rows
from import_run r left join import_end e using (run_id)
where r.file_index = %(file_index)s order by r.run_id desc limit 1

-- name: begin
insert into import_run (run_id, kind, file_index, mapping, region, started_at, started_by,
    chunk_rows)
values (nextval('fact_id_seq'), %(kind)s, %(file_index)s, %(mapping)s, %(region)s, %(at)s,
    %(by)s, %(chunk_rows)s)
returning run_id

-- name: chunks
select seq from import_chunk where run_id = %(run_id)s

-- name: chunk
select seq from import_chunk where run_id = %(run_id)s and seq = %(seq)s

-- name: add_chunk
insert into import_chunk (run_id, seq, first_line, last_line, added, known, repeated, refused,
    warned, content_index, at)
values (%(run_id)s, %(seq)s, %(first_line)s, %(last_line)s, %(added)s, %(known)s, %(repeated)s,
    %(refused)s, %(warned)s, %(content_index)s, %(at)s)

-- name: end
insert into import_end (run_id, at, rows) values (%(run_id)s, %(at)s, %(rows)s)
on conflict (run_id) do nothing

-- name: totals
select count(*) as chunks, coalesce(sum(added), 0)::bigint as added,
    coalesce(sum(known), 0)::bigint as known, coalesce(sum(repeated), 0)::bigint as repeated,
    coalesce(sum(refused), 0)::bigint as refused, coalesce(sum(warned), 0)::bigint as warned
from import_chunk where run_id = %(run_id)s

-- name: refusals
select line, code, facts from import_row
where run_id = %(run_id)s and outcome = 'refused' order by line

-- name: people
select r.number_index, p.person_id, p.region, p.name_sealed, p.name_index, p.phone_sealed,
    p.member_number, p.employer_id, p.photo_code, p.state, g.number_index as guardian_index,
    i.line
from person_registry r
join person p on p.person_id = r.person_id
left join person g on g.person_id = p.guardian_id
left join import_row i on i.run_id = %(run_id)s and i.person_id = p.person_id
    and i.outcome = 'added'
where r.number_index = any(%(indexes)s::bytea[])

-- name: person_ids
select array(select nextval('person_id_seq') from generate_series(1, %(many)s)) as ids

-- name: card_ids
select array(select nextval('card_id_seq') from generate_series(1, %(many)s)) as ids

-- name: fact_ids
select array(select nextval('fact_id_seq') from generate_series(1, %(many)s)) as ids

-- name: employers
select employer_id from employer where employer_id = any(%(ids)s)

-- name: add_employer
insert into employer (employer_id, region, name, uscc)
values (%(employer_id)s, %(region)s, %(name)s, '') on conflict do nothing

-- name: banks
select bank_id from bank order by bank_id

-- name: holders
select r.number_index, p.person_id, p.region, p.name_index
from person_registry r join person p on p.person_id = r.person_id
where r.number_index = any(%(indexes)s::bytea[])

-- name: cards
select c.person_id, c.card_id, c.card_number, c.kind, c.region, c.bank_id, c.pan_mask,
    case when stop.cancelled_at is null then c.status else 'cancelled' end as status,
    c.made_at, c.expires_on, o.card_number as replaces, i.line,
    stop.lost, stop.lost_from, stop.lost_until, stop.lost_at_lapse, stop.bank_until, stop.frozen_from
from card_registry r
join card c on c.person_id = r.person_id and c.card_id = r.card_id
left join card o on o.person_id = c.person_id and o.card_id = c.replaces_id
left join import_row i on i.run_id = %(run_id)s and i.person_id = c.person_id
    and i.card_id = c.card_id and i.outcome = 'added'
left join lateral (
    select s.*, card_cancelled_by_lapse(b.person_id, c.card_id, %(at)s) as cancelled_at
    from (select person_id from block
          where person_id = c.person_id and card_id = c.card_id limit 1) b,
        lateral card_stop(b.person_id, c.card_id, %(at)s) s
) stop on true
where r.card_number = any(%(numbers)b)

-- name: cards_of
select person_id, card_id, card_number, kind, status, replaces_id from card
where person_id = any(%(person_ids)s::bigint[])

-- name: places
select p.*, i.line from place p
left join import_row i on i.run_id = %(run_id)s and i.facts ->> 'place' = p.place_id
where p.place_id = any(%(ids)s)

-- name: add_place
insert into place (place_id, region, kind, name, name_en, district, address, phone, hours,
    services, directions, hospital_class, bank_id, longitude, latitude, open_from, open_until)
values (%(place_id)s, %(region)s, %(kind)s, %(name)s, %(name_en)s, %(district)s, %(address)s,
    %(phone)s, %(hours)s, %(services)s, %(directions)s, %(hospital_class)s, %(bank_id)s,
    %(longitude)s, %(latitude)s, %(open_from)s, %(open_until)s)

-- name: all_people
select p.number_sealed, p.name_sealed, p.phone_sealed, p.member_number, p.employer_id,
    e.name as employer_name, g.number_sealed as guardian_sealed, p.photo_code, p.state, p.region
from person p
left join person g on g.person_id = p.guardian_id
left join employer e on e.employer_id = p.employer_id
where p.region = %(region)s or %(region)s = ''
order by p.guardian_id is not null, p.person_id

-- name: all_cards
select p.number_sealed, p.name_sealed, c.card_number, c.kind, c.region, c.bank_id, c.pan_mask,
    case when stop.cancelled_at is null then c.status else 'cancelled' end as status,
    c.made_at, c.expires_on, o.card_number as replaces,
    stop.lost, stop.lost_from, stop.lost_until, stop.lost_at_lapse, stop.bank_until, stop.frozen_from
from card c
join person p on p.person_id = c.person_id
left join card o on o.person_id = c.person_id and o.card_id = c.replaces_id
left join lateral (
    select s.*, card_cancelled_by_lapse(b.person_id, c.card_id, %(at)s) as cancelled_at
    from (select person_id from block
          where person_id = c.person_id and card_id = c.card_id limit 1) b,
        lateral card_stop(b.person_id, c.card_id, %(at)s) s
) stop on true
where c.region = %(region)s or %(region)s = ''
order by c.card_id

-- name: all_places
select * from place where region = %(region)s or %(region)s = '' order by place_id

-- name: size
select greatest(reltuples, (select count(*) from (select from person limit 6000) p))::bigint as rows
from pg_class where oid = 'person'::regclass
