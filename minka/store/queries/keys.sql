-- name: key
select * from key_now where key_no = %(key_no)s

-- name: lock
select used from key_use where key_no = %(key_no)s for update

-- name: inventory
select k.*, p.name as parent_name, p.version as parent_version
from key_now k left join crypto_key p on p.key_no = k.parent_no
order by k.name, k.version desc, k.algorithm

-- name: versions
select * from key_now where name = %(name)s and purpose = %(purpose)s order by version desc

-- name: taken
select key_no from crypto_key
where name = %(name)s and version = %(version)s and algorithm = %(algorithm)s

-- name: events
select e.*, p.signer as proposed_by, s.signer as approved_by,
    encode(s.content_hash, 'hex') as content_hash
from key_event e
join two_person_signature p on p.act_id = e.act_id and p.part = 'propose'
join two_person_signature s on s.act_id = e.act_id and s.part = 'approve'
where e.key_no = %(key_no)s order by e.seq

-- name: add_key
insert into crypto_key (key_no, name, version, algorithm, bits, tier, purpose, check_value,
    parent_no, held_for, ceremony_no, vault, made_at)
values (%(key_no)s, %(name)s, %(version)s, %(algorithm)s, %(bits)s, %(tier)s, %(purpose)s,
    %(check_value)s, %(parent_no)s, %(held_for)s, %(ceremony_no)s, %(vault)s, %(at)s)

-- name: add_use
insert into key_use (key_no) values (%(key_no)s)

-- name: add_event
insert into key_event (key_no, seq, act, from_state, to_state, act_id, at, active_from,
    protects_until, verifies_until, use_limit, reason)
values (%(key_no)s, %(seq)s, %(act)s, %(from_state)s, %(to_state)s, %(act_id)s, %(at)s,
    %(active_from)s, %(protects_until)s, %(verifies_until)s, %(use_limit)s, %(reason)s)

-- name: count
update key_use set used = used + %(n)s where key_no = %(key_no)s returning used

-- name: add_batch
insert into key_use_batch (key_no, batch_no, n, what, at)
values (%(key_no)s, %(batch_no)s, %(n)s, %(what)s, %(at)s)
on conflict do nothing returning batch_no

-- name: counted
select b.key_no from key_use_batch b join crypto_key k using (key_no)
where k.name = %(name)s and k.purpose = %(purpose)s and b.batch_no = %(batch_no)s

-- name: batches
select batch_no, n, what, at from key_use_batch where key_no = %(key_no)s order by at, batch_no

-- name: use_drift
select key_no, used, derived from key_use_drift

-- name: custodians_of_key
select p.staff_number from crypto_key k join key_ceremony_person p using (ceremony_no)
where k.key_no = %(key_no)s and p.duty = 'custodian'

-- name: staff_of_post
select staff_number from operator where role = %(role)s

-- name: staff
select staff_number, role, person_id, valid_until from operator
where staff_number = any(%(staff)s) order by staff_number

-- name: add_ceremony
insert into key_ceremony (ceremony_no, act_id, name, version, algorithm, bits, tier, purpose,
    held_for, parts, opened_at)
values (%(ceremony_no)s, %(act_id)s, %(name)s, %(version)s, %(algorithm)s, %(bits)s, %(tier)s,
    %(purpose)s, %(held_for)s, %(parts)s, %(at)s)

-- name: add_person
insert into key_ceremony_person (ceremony_no, staff_number, person_id, duty)
values (%(ceremony_no)s, %(staff_number)s, %(person_id)s, %(duty)s)

-- name: claim_ceremony
select pg_advisory_xact_lock(hashtextextended('key ceremony ' || %(ceremony_no)s::text, 0))

-- name: ceremony
select c.*, k.key_no, k.check_value, e.how, e.ended_at, e.record_hash
from key_ceremony c
left join crypto_key k using (ceremony_no)
left join key_ceremony_end e using (ceremony_no)
where c.ceremony_no = %(ceremony_no)s

-- name: ceremonies
select c.ceremony_no, c.name, c.version, c.parts, c.opened_at, e.how, e.ended_at, k.key_no,
    (select count(*) from key_ceremony_part p where p.ceremony_no = c.ceremony_no) as entered,
    exists (select from key_ceremony_person n where n.ceremony_no = c.ceremony_no
        and n.staff_number = %(staff)s) as mine
from key_ceremony c
left join crypto_key k using (ceremony_no)
left join key_ceremony_end e using (ceremony_no)
order by c.opened_at desc, c.ceremony_no desc limit 100

-- name: people
select staff_number, person_id, duty from key_ceremony_person
where ceremony_no = %(ceremony_no)s order by duty, staff_number

-- name: parts
select part, staff_number, check_value, entered_at from key_ceremony_part
where ceremony_no = %(ceremony_no)s order by part

-- name: add_part
insert into key_ceremony_part (ceremony_no, part, parts, staff_number, check_value, entered_at)
values (%(ceremony_no)s, %(part)s, %(parts)s, %(staff_number)s, %(check_value)s, %(at)s)

-- name: comparisons
select part, staff_number, check_value, verdict, compared_at from key_ceremony_comparison
where ceremony_no = %(ceremony_no)s order by part

-- name: add_comparison
insert into key_ceremony_comparison (ceremony_no, part, staff_number, check_value, verdict,
    compared_at)
values (%(ceremony_no)s, %(part)s, %(staff_number)s, %(check_value)s, %(verdict)s, %(at)s)

-- name: add_end
insert into key_ceremony_end (ceremony_no, staff_number, how, key_no, record_hash, ended_at)
values (%(ceremony_no)s, %(staff_number)s, %(how)s, %(key_no)s, %(record_hash)s, %(at)s)

-- name: rests_on
select a.act_id, a.act, encode(a.content_hash, 'hex') as content_hash, a.proposed_at,
    p.signer as proposed_by, s.signer as approved_by, s.signed_at as approved_at
from two_person_act a
join two_person_signature p on p.act_id = a.act_id and p.part = 'propose'
join two_person_signature s on s.act_id = a.act_id and s.part = 'approve'
where a.act_id = %(act_id)s
