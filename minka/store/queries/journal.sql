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
insert into outbox_state (outbox_id, person_id, card_id, topic, due_at, next_at)
select outbox_id, person_id, card_id, topic, %(next_at)s, %(next_at)s from message
