-- name: watermark
-- One follower at a time: whoever finds the row locked has nothing to do.
select one from lending_watermark for update skip locked

-- name: began
select greatest(at, %(first)s) as at from lending_watermark

-- name: advance
update lending_watermark set at = %(at)s, read_at = %(read_at)s

-- name: fresh
-- Settlements of a stretch of time, in the order of their instants; reversed ones are none.
select s.msg_no, s.origin_no, s.person_id, s.at, s.provider_no, s.visit_no, s.basis, s.card_id,
    p.kind, a.region, l.latitude, l.longitude
from settlement s
join provider p on p.provider_no = s.provider_no
join pooling_area a on a.area = p.area
left join place l on l.place_id = p.place_id
where s.at > %(since)s and s.at <= %(until)s and s.kind = 1 and s.credential <> 1
  and settlement_lives(s.msg_no, s.origin_no, s.person_id)
order by s.at

-- name: past
-- The recent settlements of some people, by the links of their journals.
select s.msg_no, s.origin_no, s.person_id, s.at, s.provider_no, s.visit_no, s.basis, s.card_id,
    p.kind, n.region, l.latitude, l.longitude
from unnest(%(people)s::bigint[]) i (person_id)
join person n on n.person_id = i.person_id
cross join lateral account_walk(i.person_id, %(since)s, %(until)s, 500) w
join settlement s on s.msg_no = w.msg_no and s.origin_no = w.origin_no
    and s.person_id = i.person_id
join provider p on p.provider_no = s.provider_no
left join place l on l.place_id = p.place_id
where s.kind = 1 and s.credential <> 1
  and settlement_lives(s.msg_no, s.origin_no, s.person_id)

-- name: raise
insert into lending_sign (person_id, sign_id, kind, sign_key, receipt, provider_no, card_id, region,
    from_at, until_at, raised_at, rule_ref, facts)
values (%(person_id)s, %(sign_id)s, %(kind)s, %(sign_key)s, %(receipt)s, %(provider_no)s,
    %(card_id)s, %(region)s, %(from_at)s, %(until_at)s, %(raised_at)s, %(rule_ref)s, %(facts)s)
on conflict (person_id, sign_key) do nothing

-- name: signs
select s.*, p.name as provider_name, p.fixmedins_code, n.name_mask, n.number_mask,
    v.verdict, v.at as decided_at, v.operator as decided_by, v.reason as verdict_reason,
    x.suspension_id, x.from_at as suspended_from, x.until_at as suspended_until, x.months,
    e.at as lifted_at
from lending_sign s
join provider p using (provider_no)
left join person n on n.person_id = s.person_id
left join lending_verdict v on v.person_id = s.person_id and v.sign_id = s.sign_id
left join settlement_suspension x on x.person_id = s.person_id and x.sign_id = s.sign_id
left join settlement_suspension_end e on e.person_id = x.person_id
    and e.suspension_id = x.suspension_id
where s.region = %(region)s order by s.raised_at desc, s.sign_id desc limit %(most)s

-- name: sign
select s.*, p.name as provider_name, p.fixmedins_code, n.name_mask, n.number_mask,
    v.verdict, v.at as decided_at, v.operator as decided_by, v.reason as verdict_reason,
    x.suspension_id, x.from_at as suspended_from, x.until_at as suspended_until, x.months,
    e.at as lifted_at
from lending_sign s
join provider p using (provider_no)
left join person n on n.person_id = s.person_id
left join lending_verdict v on v.person_id = s.person_id and v.sign_id = s.sign_id
left join settlement_suspension x on x.person_id = s.person_id and x.sign_id = s.sign_id
left join settlement_suspension_end e on e.person_id = x.person_id
    and e.suspension_id = x.suspension_id
where s.person_id = %(person_id)s and s.sign_id = %(sign_id)s

-- name: by_receipt
select person_id, sign_id from lending_sign where receipt = %(receipt)s

-- name: warnings
-- What a holder is told: signs that stand, the newest first.
select s.kind, s.receipt, s.raised_at, s.until_at, p.name as provider_name, v.verdict
from lending_sign s
join provider p using (provider_no)
left join lending_verdict v on v.person_id = s.person_id and v.sign_id = s.sign_id
where s.person_id = %(person_id)s and s.person_id > 0
  and v.verdict is distinct from 'dismissed' and s.raised_at > %(since)s
order by s.raised_at desc limit 20

-- name: decide
insert into lending_verdict (person_id, sign_id, at, verdict, reason, operator)
values (%(person_id)s, %(sign_id)s, %(at)s, %(verdict)s, %(reason)s, %(operator)s)

-- name: lock_sign
select pg_advisory_xact_lock(hashtextextended('lending sign ' || %(sign_id)s::text, 0))

-- name: suspend
insert into settlement_suspension (person_id, suspension_id, sign_id, act_id, from_at, until_at,
    months, rule_ref, reason)
values (%(person_id)s, %(suspension_id)s, %(sign_id)s, %(act_id)s, %(from_at)s, %(until_at)s,
    %(months)s, %(rule_ref)s, %(reason)s)

-- name: lift
insert into settlement_suspension_end (person_id, suspension_id, act_id, at, reason)
values (%(person_id)s, %(suspension_id)s, %(act_id)s, %(at)s, %(reason)s)

-- name: follow_suspension
update coverage set suspended_until = suspended_by_facts(person_id) where person_id = %(person_id)s

-- name: suspended_until
select nullif(suspended_by_facts(%(person_id)s), '-infinity') as until
