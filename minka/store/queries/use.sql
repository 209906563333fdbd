-- name: lock_by_card
select r.person_id, r.card_id, c.region, r.card_number,
    card_tick(r.person_id, r.card_id, %(fence)s) as at
from card_registry r join card c using (person_id, card_id)
where r.card_number = %(card_number)s

-- name: lock_by_person
with meant as (
    select c.person_id, c.card_id, c.region, c.card_number
    from person_registry p join card c using (person_id)
    where p.number_index = %(index)s
    order by c.status = 'active' desc, c.status = 'sealed' desc, c.card_id desc limit 1
)
select person_id, card_id, region, card_number, card_tick(person_id, card_id, %(fence)s) as at
from meant

-- name: decide
-- The look at the card: a statement of its own, so that it sees all that was committed before the
-- lock was ours. It writes down what it saw.
with seen as materialized (
    select card_standing(%(person_id)s, %(card_id)s, %(at)s) as standing
), used as (
    insert into card_use (person_id, use_id, card_id, auth_at, amount_fen, provider_id)
    select %(person_id)s, nextval('fact_id_seq'), %(card_id)s, %(at)s, %(amount_fen)s,
        %(provider_id)s
    from seen where standing = 'usable'
    returning use_id
), refused as (
    insert into card_refusal (person_id, use_id, card_id, at, standing, provider_id)
    select %(person_id)s, nextval('fact_id_seq'), %(card_id)s, %(at)s, standing, %(provider_id)s
    from seen where standing <> 'usable'
    returning use_id
)
select standing, coalesce((select use_id from used), (select use_id from refused)) as use_id
from seen
