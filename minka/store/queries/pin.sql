-- name: load
select value, wrong, last_wrong_at, lost_at, version from pin
where person_id = %(person_id)s and card_id = %(card_id)s;

-- name: lock
select value, wrong, last_wrong_at, lost_at, version from pin
where person_id = %(person_id)s and card_id = %(card_id)s for update;

-- name: tried
-- Compare and set: no row comes back when another try came first; then read again and decide again.
with moved as (
    update pin set wrong = %(wrong)s, last_wrong_at = %(last_wrong_at)s, version = %(version)s
    where person_id = %(person_id)s and card_id = %(card_id)s and version = %(version)s - 1
    returning person_id, card_id, version
)
insert into pin_try (person_id, card_id, seq, at, outcome, origin)
select person_id, card_id, version, %(at)s, %(outcome)s, %(origin)s from moved
returning seq;

-- name: done
with moved as (
    insert into pin (person_id, card_id, value, wrong, last_wrong_at, lost_at, version)
    values (%(person_id)s, %(card_id)s, %(value)s, %(wrong)s, %(last_wrong_at)s, %(lost_at)s,
        %(version)s)
    on conflict (person_id, card_id) do update
    set value = excluded.value, wrong = excluded.wrong, last_wrong_at = excluded.last_wrong_at,
        lost_at = excluded.lost_at, version = excluded.version
    where pin.version = excluded.version - 1
    returning person_id, card_id, version
)
insert into pin_fact (person_id, card_id, seq, at, fact, value, channel, place_id, operator,
    rule_ref, details)
select person_id, card_id, version, %(at)s, %(fact)s, %(fact_value)s, %(channel)s, %(place_id)s,
    %(operator)s, %(rule_ref)s, %(details)s
from moved
returning seq;

-- name: tries_by_card
select outcome, count(*) as tries, max(at) as last_at from pin_try
where person_id = %(person_id)s and card_id = %(card_id)s group by outcome;

-- name: drift
select person_id, card_id from pin_drift;
