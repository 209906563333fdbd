-- name: receipts_of_person
select code, kind, fact_id from receipt where person_id = %(person_id)s

-- name: fees_of_person
select application_id, entry, amount_fen, at, means, receipt from fee
where person_id = %(person_id)s order by at

-- name: steps_of_person
select a.receipt, s.application_id, s.at, s.step, s.operator, a.new_card_id, a.old_card_id
from application_step s join application a using (person_id, application_id)
where s.person_id = %(person_id)s order by s.at, s.seq

-- name: refusals_of_card
select at, standing, provider_id from card_refusal
where person_id = %(person_id)s and card_id = %(card_id)s order by at desc limit %(most)s

-- name: accesses
select at, act, actor, content->>'origin' as origin from audit_event
where person_id = %(person_id)s order by at desc limit %(most)s

-- name: all_blocks
select b.block_id, b.card_id, b.force, b.from_at, b.until_at, b.bank_until_at, b.at_lapse,
    b.cause, e.at as ended_at, e.how
from block b left join block_end e using (person_id, block_id)
where b.person_id = %(person_id)s order by b.from_at

-- name: all_sides
select block_id, side, effect, at, reference from stop_confirmation
where person_id = %(person_id)s order by at
