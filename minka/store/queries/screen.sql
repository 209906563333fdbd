-- name: uses
select u.auth_at as at, u.amount_fen, u.provider_id, coalesce(p.name, u.provider_id) as provider
from card_use u left join place p on p.place_id = u.provider_id
where u.person_id = %(person_id)s and u.card_id = %(card_id)s
order by u.auth_at desc limit %(most)s

-- name: reports_since
select count(*) as reports from loss_report
where person_id = %(person_id)s and accepted_at > %(since)s

-- name: unconfirmed
select r.person_id, r.receipt, r.channel, r.accepted_at, r.rule_ref, p.name_mask, p.number_mask
from loss_report r
join card k on k.person_id = r.person_id and k.card_id = r.card_id
join person p on p.person_id = r.person_id
left join loss_confirmation c on c.person_id = r.person_id and c.report_id = r.report_id
where c.report_id is null and k.region = %(region)s order by r.accepted_at limit 100

-- name: at_place
select a.person_id, a.receipt, c.status, a.accepted_at, a.promised_at, p.name_mask, p.number_mask
from application a
join card c on c.person_id = a.person_id and c.card_id = a.new_card_id
join person p on p.person_id = a.person_id
where a.collect_at = %(place_id)s and c.status = any(%(statuses)s)
order by a.accepted_at limit 40

-- name: places
select place_id, kind, name, name_en, district, address, hours, phone from place
where region = %(region)s and kind = any(%(kinds)s)
    and (open_until is null or open_until >= %(day)s) order by place_id limit 6

-- name: place_name
select name, name_en from place where place_id = %(place_id)s

-- name: has_photo
select photo_code from photo where person_id = %(person_id)s limit 1
