-- name: head
select s.outbox_id, s.person_id, s.card_id, s.topic, s.tries, s.rejections, s.due_at, o.body,
    o.created_at
from outbox_state s join outbox o using (outbox_id, person_id)
where s.lane = %(lane)s and s.done_at is null and s.quarantined_at is null
  and s.next_at <= %(now)s
  and coalesce(o.body ->> 'bank_id', '') <> all (%(resting)s)
  and not exists (
    select from outbox_state earlier
    where earlier.person_id = s.person_id and earlier.card_id = s.card_id
      and earlier.lane = s.lane and (earlier.due_at, earlier.outbox_id) < (s.due_at, s.outbox_id)
      and earlier.done_at is null and earlier.quarantined_at is null)
order by s.next_at, s.outbox_id limit 1
for update of s skip locked

-- name: finish
update outbox_state set done_at = %(now)s, tries = tries + 1, note = %(note)s,
    failing_since = null
where outbox_id = %(outbox_id)s and person_id = %(person_id)s

-- name: retry
update outbox_state set tries = tries + 1, rejections = rejections + %(rejections)s,
    next_at = %(next_at)s, last_fault = %(fault)s,
    failing_since = coalesce(failing_since, %(now)s), quarantined_at = %(quarantined_at)s
where outbox_id = %(outbox_id)s and person_id = %(person_id)s

-- name: release_quarantine
update outbox_state set quarantined_at = null, rejections = 0, next_at = %(now)s
where outbox_id = %(outbox_id)s and quarantined_at is not null and done_at is null
returning person_id, card_id, topic

-- name: quarantined
select s.outbox_id, s.person_id, s.card_id, s.topic, s.tries, s.last_fault, s.quarantined_at
from outbox_state s
where s.quarantined_at is not null and s.done_at is null
order by s.quarantined_at limit 200

-- name: quarantined_message
select s.outbox_id, s.person_id, s.card_id, s.topic
from outbox_state s
where s.outbox_id = %(outbox_id)s and s.quarantined_at is not null and s.done_at is null

-- name: waiting
select topic, count(*) filter (where quarantined_at is null) as waiting,
    count(quarantined_at) as quarantined, count(failing_since) as failing, min(due_at) as oldest
from outbox_state
where done_at is null and due_at <= %(now)s group by topic order by topic

-- name: of_card
select s.outbox_id, s.topic, s.tries, s.next_at, s.due_at, s.done_at, s.quarantined_at,
    s.failing_since, s.note, (o.body ->> 'block_id')::bigint as block_id,
    coalesce(o.body ->> 'how', '') as how
from outbox_state s join outbox o using (outbox_id, person_id)
where s.person_id = %(person_id)s and s.card_id = %(card_id)s and s.lane = 'bank'
order by s.due_at, s.outbox_id

-- name: card
select c.card_number, c.region, c.status, c.bank_id, c.kind,
    card_standing(c.person_id, c.card_id, %(now)s) as standing,
    (select min(m.at) from card_move m
     where m.person_id = c.person_id and m.card_id = c.card_id
       and m.status in ('cancelled', 'destroyed')) as dead_at
from card c where c.person_id = %(person_id)s and c.card_id = %(card_id)s

-- name: blocks
select b.block_id, b.force, b.from_at, b.until_at, b.bank_until_at, b.at_lapse, b.cause,
    e.at as ended_at
from block b left join block_end e using (person_id, block_id)
where b.person_id = %(person_id)s and b.card_id = %(card_id)s order by b.from_at, b.block_id

-- name: lock_list
select pg_advisory_xact_lock(hashtextextended('hotlist ' || %(region)s, 0))

-- name: listed
select entry, until_at from hotlist_change
where region = %(region)s and card_number = %(card_number)s order by version desc limit 1

-- name: add_change
insert into hotlist_change (region, version, card_number, entry, until_at, at, outbox_id)
select %(region)s, coalesce(max(version), 0) + 1, %(card_number)s, %(entry)s, %(until_at)s, %(at)s,
    %(outbox_id)s
from hotlist_change where region = %(region)s
returning version

-- name: version
select coalesce(max(version), 0) as version from hotlist_change where region = %(region)s

-- name: whole_list
select card_number, until_at from (
    select distinct on (card_number) card_number, entry, until_at
    from hotlist_change where region = %(region)s and version <= %(version)s
    order by card_number, version desc) newest
where entry = 'add' and (until_at is null or until_at > %(now)s)
order by card_number

-- name: changes
select version, card_number, entry, until_at, at from hotlist_change
where region = %(region)s and version > %(since)s order by version limit %(most)s
