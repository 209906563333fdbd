-- name: add_application
insert into application (person_id, application_id, receipt, slip, old_card_id, new_card_id,
    reason, region, channel, place_id, collect_at, actor, operator, accepted_at, promised_at,
    promise, fee_fen, rule_ref, details)
values (%(person_id)s, %(application_id)s, %(receipt)s, %(slip)s, %(old_card_id)s,
    %(new_card_id)s, %(reason)s, %(region)s, %(channel)s, %(place_id)s, %(collect_at)s,
    %(actor)s, %(operator)s, %(accepted_at)s, %(promised_at)s, %(promise)s, %(fee_fen)s,
    %(rule_ref)s, %(details)s)

-- name: add_step
insert into application_step (person_id, application_id, seq, at, step, operator, details)
select %(person_id)s, %(application_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(step)s,
    %(operator)s, %(details)s
from application_step
where person_id = %(person_id)s and application_id = %(application_id)s

-- name: application
select a.*, c.status, c.card_number as new_card_number, c.kind, r.at as redeemed_at,
    f.amount_fen as charged_fen, f.receipt as fee_receipt, w.amount_fen as waived_fen,
    coalesce(p.promised_at, a.promised_at) as promised_now,
    coalesce(p.promise, a.promise) as promise_now
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
left join slip_redemption r on r.person_id = a.person_id
    and r.application_id = a.application_id
left join fee f on f.person_id = a.person_id and f.application_id = a.application_id
    and f.entry = 'charge'
left join fee w on w.person_id = a.person_id and w.application_id = a.application_id
    and w.entry = 'waiver'
left join lateral (
    select promised_at, promise from promise_change p
    where p.person_id = a.person_id and p.application_id = a.application_id
    order by seq desc limit 1) p on true
where a.person_id = %(person_id)s and a.application_id = %(application_id)s

-- name: of_person
select a.application_id, a.receipt, a.slip, a.old_card_id, a.new_card_id, a.reason, a.accepted_at,
    a.collect_at, a.fee_fen, c.status, a.details, a.region,
    coalesce(p.promised_at, a.promised_at) as promised_now,
    coalesce(p.promise, a.promise) as promise_now
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
left join lateral (
    select promised_at, promise from promise_change p
    where p.person_id = a.person_id and p.application_id = a.application_id
    order by seq desc limit 1) p on true
where a.person_id = %(person_id)s order by a.accepted_at

-- name: steps
select seq, at, step, operator, details from application_step
where person_id = %(person_id)s and application_id = %(application_id)s order by seq

-- name: add_fee
insert into fee (person_id, application_id, entry, amount_fen, at, means, receipt, operator,
    reason)
values (%(person_id)s, %(application_id)s, %(entry)s, %(amount_fen)s, %(at)s, %(means)s,
    %(receipt)s, %(operator)s, %(reason)s)

-- name: fees
select entry, amount_fen, at, means, receipt, operator, reason from fee
where person_id = %(person_id)s and application_id = %(application_id)s order by at

-- name: redeem
insert into slip_redemption (person_id, application_id, at, operator, details)
values (%(person_id)s, %(application_id)s, %(at)s, %(operator)s, %(details)s)

-- name: at_place
select a.person_id, a.application_id, a.receipt, c.status, c.card_number, a.accepted_at,
    a.promised_at, p.name_mask, p.number_mask
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
join person p on p.person_id = a.person_id
where a.collect_at = %(place_id)s and c.status = any(%(statuses)s)
order by a.accepted_at limit 500

-- name: to_make
select a.person_id, a.application_id, a.receipt, c.status, c.card_number, a.collect_at,
    a.accepted_at, a.promised_at, a.region
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
where a.region = any(%(regions)s) and c.status = any(%(statuses)s)
order by a.accepted_at limit 500

-- name: at_risk
select a.person_id, a.application_id, a.receipt, a.promised_at, c.status, a.collect_at, a.region
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
where c.status in ('ordered', 'made') and a.promised_at <= %(by)s
order by a.promised_at limit 500

-- name: uncollected
select a.person_id, a.application_id, a.receipt, a.collect_at, a.region, s.at as ready_at,
    a.rule_ref
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
join application_step s on s.person_id = a.person_id and s.application_id = a.application_id
    and s.step = 'stocked'
where c.status = 'ready' and s.at <= %(since)s order by s.at limit 500

-- name: provisional_promises
select a.person_id, a.application_id, a.accepted_at, a.region, a.rule_ref, a.actor,
    coalesce(p.promised_at, a.promised_at) as promised_now,
    coalesce(p.promise, a.promise) as promise_now
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
left join lateral (
    select promised_at, promise from promise_change p
    where p.person_id = a.person_id and p.application_id = a.application_id
    order by seq desc limit 1) p on true
where coalesce(p.promise, a.promise) = 'provisional' and c.status in ('ordered', 'made', 'ready')

-- name: change_promise
insert into promise_change (person_id, application_id, seq, at, promised_at, promise)
select %(person_id)s, %(application_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(promised_at)s,
    %(promise)s
from promise_change
where person_id = %(person_id)s and application_id = %(application_id)s
