-- name: tick
select card_tick(%(person_id)s, %(card_id)s, %(fence)s) as at

-- name: raise_clock
update card set last_at = %(at)s
where person_id = %(person_id)s and card_id = %(card_id)s and last_at < %(at)s

-- name: now
select register_now(%(fence)s) as at

-- name: load
select * from card where person_id = %(person_id)s and card_id = %(card_id)s

-- name: of_person
select * from card where person_id = %(person_id)s order by card_id

-- name: by_number
select person_id, card_id from card_registry where card_number = %(card_number)s

-- name: blocks
select b.block_id, b.force, b.from_at, b.until_at, b.at_lapse, b.cause, e.at as ended_at
from block b
left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
where b.person_id = %(person_id)s and b.card_id = %(card_id)s order by b.from_at

-- name: standing
select card_standing(%(person_id)s, %(card_id)s, %(at)s) as standing

-- name: insert
insert into card (person_id, card_id, kind, region, card_number, bank_id, pan_mask, status,
    last_at, replaces_id, expires_on)
values (%(person_id)s, %(card_id)s, %(kind)s, %(region)s, %(card_number)s, %(bank_id)s,
    %(pan_mask)s, %(status)s, %(at)s, %(replaces_id)s, %(expires_on)s)

-- name: register_number
insert into card_registry (card_number, person_id, card_id)
values (%(card_number)s, %(person_id)s, %(card_id)s)

-- name: set_status
update card set status = %(status)s where person_id = %(person_id)s and card_id = %(card_id)s

-- name: add_move
insert into card_move (person_id, card_id, seq, at, move, status, cause)
select %(person_id)s, %(card_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(move)s, %(status)s,
    %(cause)s
from card_move where person_id = %(person_id)s and card_id = %(card_id)s

-- name: add_block
insert into block (person_id, block_id, card_id, force, from_at, until_at, bank_until_at,
    at_lapse, cause)
values (%(person_id)s, %(block_id)s, %(card_id)s, %(force)s, %(from_at)s, %(until_at)s,
    %(bank_until_at)s, %(at_lapse)s, %(cause)s)

-- name: end_block
insert into block_end (person_id, block_id, force, at, how, cause)
values (%(person_id)s, %(block_id)s, %(force)s, %(at)s, %(how)s, %(cause)s)

-- name: confirm_side
insert into stop_confirmation (person_id, block_id, side, effect, at, reference)
values (%(person_id)s, %(block_id)s, %(side)s, %(effect)s, %(at)s, %(reference)s)
on conflict do nothing

-- name: sides
select c.block_id, c.side, c.effect, c.at, c.reference from stop_confirmation c
join block b on b.person_id = c.person_id and b.block_id = c.block_id
where b.person_id = %(person_id)s and b.card_id = %(card_id)s order by c.at

-- name: moves
select seq, at, move, status, cause from card_move
where person_id = %(person_id)s and card_id = %(card_id)s order by seq

-- name: add_use
insert into card_use (person_id, use_id, card_id, auth_at, amount_fen, provider_id)
values (%(person_id)s, %(use_id)s, %(card_id)s, %(at)s, %(amount_fen)s, %(provider_id)s)

-- name: add_refusal
insert into card_refusal (person_id, use_id, card_id, at, standing, provider_id)
values (%(person_id)s, %(use_id)s, %(card_id)s, %(at)s, %(standing)s, %(provider_id)s)

-- name: uses
select auth_at as at, amount_fen, provider_id from card_use
where person_id = %(person_id)s and card_id = %(card_id)s order by auth_at desc limit %(most)s

-- name: fact_id
select nextval('fact_id_seq') as id

-- name: person_id
select nextval('person_id_seq') as id

-- name: card_id
select nextval('card_id_seq') as id
