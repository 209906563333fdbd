-- name: claim
select pg_advisory_xact_lock(hashtextextended(%(request_key)s, 0))

-- name: answered
select person_id, content_hash, answer from request where request_key = %(request_key)s

-- name: record
insert into request (request_key, person_id, origin, act, content_hash, at, answer)
values (%(request_key)s, %(person_id)s, %(origin)s, %(act)s, %(content_hash)s,
    register_now(%(fence)s), %(answer)s)

-- name: audit
insert into audit_event (person_id, event_id, at, act, actor, content, hash)
values (%(person_id)s, nextval('fact_id_seq'), %(at)s, %(act)s, %(actor)s, %(content)s, %(hash)s)

-- name: send
with message as (
    insert into outbox (outbox_id, person_id, card_id, topic, body, created_at)
    values (nextval('fact_id_seq'), %(person_id)s, %(card_id)s, %(topic)s, %(body)s, %(at)s)
    returning *
)
insert into outbox_state (outbox_id, person_id, card_id, topic, next_at)
select outbox_id, person_id, card_id, topic, %(next_at)s from message

-- name: heads
select s.outbox_id, s.person_id, s.card_id, s.topic, s.tries, o.body, o.created_at
from outbox_state s join outbox o using (outbox_id, person_id)
where s.done_at is null and s.quarantined_at is null and s.next_at <= %(now)s
  and s.topic = any(%(topics)s)
  and not exists (
    select from outbox_state earlier
    where earlier.person_id = s.person_id and earlier.card_id = s.card_id
      and earlier.topic = s.topic and earlier.outbox_id < s.outbox_id
      and earlier.done_at is null and earlier.quarantined_at is null)
order by s.next_at, s.outbox_id limit %(most)s
for update of s skip locked

-- name: delivered
update outbox_state set done_at = %(now)s, tries = tries + 1
where outbox_id = %(outbox_id)s and person_id = %(person_id)s

-- name: failed
update outbox_state set tries = tries + 1, next_at = %(next_at)s, last_fault = %(fault)s,
    quarantined_at = %(quarantined_at)s
where outbox_id = %(outbox_id)s and person_id = %(person_id)s

-- name: release_quarantine
update outbox_state set quarantined_at = null, next_at = %(now)s
where outbox_id = %(outbox_id)s and person_id = %(person_id)s and quarantined_at is not null

-- name: quarantined
select s.outbox_id, s.person_id, s.card_id, s.topic, s.tries, s.last_fault, s.quarantined_at
from outbox_state s where s.quarantined_at is not null order by s.quarantined_at limit 200

-- name: waiting
select topic, count(*) as waiting, min(next_at) as oldest from outbox_state
where done_at is null group by topic order by topic
