-- name: by_code
-- The card of a chip's identification code.
select r.person_id, r.card_id, c.factor, c.version, c.algorithm, k.card_number, k.region, k.status
from chip_registry r
join chip c on c.person_id = r.person_id and c.card_id = r.card_id
join card k on k.person_id = r.person_id and k.card_id = r.card_id
where r.id_code = %(id_code)s

-- name: of_card
select id_code, factor, version, algorithm, met_at from chip
where person_id = %(person_id)s and card_id = %(card_id)s

-- name: add_chip
insert into chip (person_id, card_id, id_code, factor, version, algorithm, met_at, operator)
values (%(person_id)s, %(card_id)s, %(id_code)s, %(factor)s, %(version)s, %(algorithm)s, %(at)s,
    %(operator)s)

-- name: register_code
insert into chip_registry (id_code, person_id, card_id)
values (%(id_code)s, %(person_id)s, %(card_id)s) on conflict do nothing

-- name: add_fact
insert into chip_fact (person_id, fact_id, item, nth, value, true_on, at, origin, operator, role)
values (%(person_id)s, %(fact_id)s, %(item)s, %(nth)s, %(value)s, %(true_on)s, %(at)s, %(origin)s,
    %(operator)s, %(role)s)

-- name: facts
-- What the file says of each item now.
select distinct on (item, nth) item, nth, value, true_on, at, operator, role, fact_id
from chip_fact where person_id = %(person_id)s
order by item, nth, at desc, fact_id desc

-- name: add_reading
insert into chip_reading (person_id, reading_id, card_id, at, terminal, place_id, origin, operator,
    proof, content, digest)
values (%(person_id)s, %(reading_id)s, %(card_id)s, %(at)s, %(terminal)s, %(place_id)s, %(origin)s,
    %(operator)s, %(proof)s, %(content)s, %(digest)s)

-- name: last_reading
select r.*, k.card_number from chip_reading r
join card k on k.person_id = r.person_id and k.card_id = r.card_id
where r.person_id = %(person_id)s and (%(card_id)s = 0 or r.card_id = %(card_id)s)
order by r.at desc, r.reading_id desc limit 1

-- name: add_check
insert into chip_check (person_id, check_id, card_id, reading_id, at, verdict, differing, operator)
values (%(person_id)s, %(check_id)s, %(card_id)s, %(reading_id)s, %(at)s, %(verdict)s,
    %(differing)s, %(operator)s)

-- name: last_check
select verdict, differing, at from chip_check
where person_id = %(person_id)s and card_id = %(card_id)s
order by at desc, check_id desc limit 1

-- name: add_write
insert into chip_write (person_id, write_id, card_id, item, nth, how, value, value_index, fact_id,
    since_at, cause)
values (%(person_id)s, %(write_id)s, %(card_id)s, %(item)s, %(nth)s, %(how)s, %(value)s,
    %(value_index)s, %(fact_id)s, %(since_at)s, %(cause)s)

-- name: pending
-- What is still to be written on a card, with how far it got.
select w.*, f.true_on, s.turn, s.step, s.before_index, s.at as step_at, s.reason as step_reason
from chip_write w
join chip_fact f on f.person_id = w.person_id and f.fact_id = w.fact_id
left join lateral (
    select turn, step, before_index, at, reason from chip_write_step s
    where s.person_id = w.person_id and s.card_id = w.card_id and s.write_id = w.write_id
    order by turn desc limit 1) s on true
where w.person_id = %(person_id)s and w.card_id = %(card_id)s
  and not exists (select from chip_write_step e where e.person_id = w.person_id
    and e.card_id = w.card_id and e.write_id = w.write_id
    and e.step in ('done', 'repaired', 'dropped'))
order by w.write_id

-- name: one_write
select w.*, k.region, exists (select from chip_write_step e where e.person_id = w.person_id
    and e.card_id = w.card_id and e.write_id = w.write_id
    and e.step in ('done', 'repaired', 'dropped')) as ended
from chip_write w
join card k on k.person_id = w.person_id and k.card_id = w.card_id
where w.person_id = %(person_id)s and w.write_id = %(write_id)s

-- name: last_turn
-- The last step of a card, whichever write it belonged to.
select turn, write_id, step, before_index from chip_write_step
where person_id = %(person_id)s and card_id = %(card_id)s order by turn desc limit 1

-- name: begun
select turn, before_index from chip_write_step
where person_id = %(person_id)s and card_id = %(card_id)s and write_id = %(write_id)s
  and step = 'begun' order by turn desc limit 1

-- name: add_step
insert into chip_write_step (person_id, card_id, turn, write_id, step, at, before_index,
    found_index, terminal, operator, reason)
select %(person_id)s, %(card_id)s, coalesce(max(turn), 0) + 1, %(write_id)s, %(step)s, %(at)s,
    %(before_index)s, %(found_index)s, %(terminal)s, %(operator)s, %(reason)s
from chip_write_step where person_id = %(person_id)s and card_id = %(card_id)s
returning turn

-- name: written
-- When each item of a card was last written by us.
select distinct on (w.item, w.nth) w.item, w.nth, s.at, f.true_on
from chip_write_step s
join chip_write w on w.person_id = s.person_id and w.write_id = s.write_id
join chip_fact f on f.person_id = w.person_id and f.fact_id = w.fact_id
where s.person_id = %(person_id)s and s.card_id = %(card_id)s and s.step in ('done', 'repaired')
order by w.item, w.nth, s.turn desc

-- name: add_stamp
insert into chip_stamp (person_id, stamp_id, card_id, at, standing, told, result, terminal, operator)
values (%(person_id)s, %(stamp_id)s, %(card_id)s, %(at)s, %(standing)s, %(told)s, %(result)s,
    %(terminal)s, %(operator)s)

-- name: last_stamp
select at, standing, told, result, terminal from chip_stamp
where person_id = %(person_id)s and card_id = %(card_id)s order by at desc limit 1

-- name: successor
-- Whether another card has taken this one's place and lives.
select exists (select from card n where n.person_id = %(person_id)s
    and n.replaces_id = %(card_id)s and n.status in ('sealed', 'active')) as replaced

-- name: add_device
insert into device (device_no, kind, region, provider_no, added_at)
values (%(device_no)s, %(kind)s, %(region)s, %(provider_no)s, %(at)s) on conflict do nothing

-- name: lock_device
select device_no, pg_advisory_xact_lock(hashtextextended('device ' || device_no, 0))
from device where device_no = %(device_no)s

-- name: add_device_step
insert into device_step (device_no, turn, at, state, place_id, owner, version, key_set, operator,
    reason)
select %(device_no)s, coalesce(max(turn), 0) + 1, %(at)s, %(state)s, %(place_id)s, %(owner)s,
    %(version)s, %(key_set)s, %(operator)s, %(reason)s
from device_step where device_no = %(device_no)s

-- name: device_at
select d.device_no, d.kind, d.region, d.provider_no, s.state, s.place_id, s.key_set
from device d
left join lateral (select state, place_id, key_set from device_step s
    where s.device_no = d.device_no and s.at <= %(at)s order by s.turn desc limit 1) s on true
where d.device_no = %(device_no)s

-- name: devices
select d.device_no, d.kind, d.provider_no, s.*, l.version as list_version, l.at as list_at
from device d
join lateral (select at, state, place_id, owner, version, key_set, reason from device_step s
    where s.device_no = d.device_no order by s.turn desc limit 1) s on true
left join lateral (select version, at from list_delivery l
    where l.device_no = d.device_no order by l.at desc limit 1) l on true
where d.region = %(region)s order by d.kind, d.device_no

-- name: add_delivery
insert into list_delivery (device_no, region, version, at, proof)
values (%(device_no)s, %(region)s, %(version)s, %(at)s, %(proof)s) on conflict do nothing

-- name: listed_in
-- The change that named the card on the list of a version, or none.
select version from (
    select version, entry, until_at from hotlist_change
    where region = %(region)s and card_number = %(card_number)s and version <= %(version)s
    order by version desc limit 1) newest
where entry = 'add' and (until_at is null or until_at > %(at)s)

-- name: add_upload
insert into offline_upload (upload_id, device_no, batch_no, at, digest, records, operator)
values (%(upload_id)s, %(device_no)s, %(batch_no)s, %(at)s, %(digest)s, %(records)s, %(operator)s)

-- name: offline_seen
select purchase_id, card_seq, account_fen + self_fen + pooled_fen as total_fen, claimed_at, outcome,
    reason, content_hash, entry_no
from offline_purchase
where person_id = %(person_id)s and card_id = %(card_id)s and outcome <> 'rejected'
order by card_seq, purchase_id

-- name: offline_same
select purchase_id, outcome, reason, entry_no from offline_purchase
where content_hash = %(content_hash)s and person_id = %(person_id)s

-- name: offline_terminal
select count(*) as repeats from offline_purchase
where device_no = %(device_no)s and terminal_seq = %(terminal_seq)s and outcome <> 'rejected'

-- name: add_offline
insert into offline_purchase (person_id, purchase_id, card_id, id_code, card_seq, device_no,
    terminal_seq, account_fen, self_fen, pooled_fen, claimed_at, list_version, list_at, synced_at,
    tac, content_hash, upload_id, line, at, outcome, reason, entry_no, rule_ref)
values (%(person_id)s, %(purchase_id)s, %(card_id)s, %(id_code)s, %(card_seq)s, %(device_no)s,
    %(terminal_seq)s, %(account_fen)s, %(self_fen)s, %(pooled_fen)s, %(claimed_at)s,
    %(list_version)s, %(list_at)s, %(synced_at)s, %(tac)s, %(content_hash)s, %(upload_id)s,
    %(line)s, %(at)s, %(outcome)s, %(reason)s, %(entry_no)s, %(rule_ref)s)

-- name: add_case
insert into offline_case (person_id, case_id, purchase_id, card_id, region, kind, owner, opened_at,
    due_at, facts)
values (%(person_id)s, %(case_id)s, %(purchase_id)s, %(card_id)s, %(region)s, %(kind)s, %(owner)s,
    %(at)s, %(due_at)s, %(facts)s)

-- name: cases
select c.*, p.device_no, p.card_seq, p.account_fen + p.self_fen + p.pooled_fen as total_fen,
    p.claimed_at, p.outcome, n.name_mask, n.number_mask, e.at as ended_at, e.verdict, e.reason
from offline_case c
join offline_purchase p on p.person_id = c.person_id and p.purchase_id = c.purchase_id
left join person n on n.person_id = c.person_id
left join offline_case_end e on e.person_id = c.person_id and e.case_id = c.case_id
where c.region = %(region)s order by (e.at is not null), c.due_at, c.case_id limit %(most)s

-- name: one_case
select c.*, p.device_no, p.card_seq, p.account_fen, p.self_fen, p.pooled_fen, p.outcome,
    d.provider_no, u.operator as uploaded_by, e.at as ended_at
from offline_case c
join offline_purchase p on p.person_id = c.person_id and p.purchase_id = c.purchase_id
join offline_upload u on u.upload_id = p.upload_id
left join device d on d.device_no = p.device_no
left join offline_case_end e on e.person_id = c.person_id and e.case_id = c.case_id
where c.case_id = %(case_id)s and c.region = %(region)s

-- name: open_gaps
select c.case_id, c.facts from offline_case c
where c.person_id = %(person_id)s and c.card_id = %(card_id)s and c.kind = 'skipped'
  and not exists (select from offline_case_end e
    where e.person_id = c.person_id and e.case_id = c.case_id)

-- name: end_case
insert into offline_case_end (person_id, case_id, at, verdict, entry_no, reason, operator)
values (%(person_id)s, %(case_id)s, %(at)s, %(verdict)s, %(entry_no)s, %(reason)s, %(operator)s)
on conflict do nothing

-- name: provider
select provider_no from provider where provider_no = %(provider_no)s

-- name: demo_holders
-- The first people of a region who hold an active card that nothing stops.
select c.person_id, c.card_id from card c
where c.region = %(region)s and c.status = 'active' and c.kind = 'social_security_card'
  and not exists (select from block b where b.person_id = c.person_id and b.card_id = c.card_id)
order by c.person_id limit %(most)s
