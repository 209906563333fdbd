-- name: stops_of_bank
select s.outbox_id, s.topic, s.tries, s.due_at, s.failing_since, s.quarantined_at, c.card_number
from outbox_state s
join outbox o using (outbox_id, person_id)
join card c on c.person_id = s.person_id and c.card_id = s.card_id
where s.lane = 'bank' and s.done_at is null and s.due_at <= %(now)s
  and o.body ->> 'bank_id' = %(bank_id)s and c.region = %(region)s
order by s.due_at limit 50

-- name: documents_of_person
select d.document_id, d.code, d.kind, d.issued_by, d.issued_at, s.stamped_by, s.stamped_at,
    u.used_for, u.used_at
from document d
left join document_stamp s using (person_id, document_id)
left join document_use u using (person_id, document_id)
where d.person_id = %(person_id)s order by d.issued_at desc limit 20

-- name: reports_of_employer
select r.receipt, r.accepted_at, r.operator, r.force, p.name_mask, p.number_mask,
    c.confirmed_at, b.until_at, w.withdrawn_at
from person p
join loss_report r on r.person_id = p.person_id
left join loss_confirmation c on c.person_id = r.person_id and c.report_id = r.report_id
left join block b on b.person_id = r.person_id and b.block_id = c.block_id
left join loss_withdrawal w on w.person_id = r.person_id and w.report_id = r.report_id
where p.employer_id = %(employer_id)s and r.actor = 'employer_clerk'
order by r.accepted_at desc limit 50

-- name: letters_of_employer
select d.code, d.issued_at, p.name_mask, p.number_mask, s.stamped_at, u.used_at
from person p
join document d on d.person_id = p.person_id and d.kind = 'employer_letter'
left join document_stamp s on s.person_id = d.person_id and s.document_id = d.document_id
left join document_use u on u.person_id = d.person_id and u.document_id = d.document_id
where p.employer_id = %(employer_id)s
order by d.issued_at desc limit 50

-- name: audit_events
select e.event_id, e.at, e.act, e.actor, e.person_id, e.content ->> 'origin' as origin,
    e.content ->> 'refused' as refused, p.number_mask
from audit_event e left join person p on p.person_id = e.person_id
where e.at >= %(since)s and e.at < %(until)s
  and (%(actor)s = '' or e.actor = %(actor)s)
  and (%(act)s = '' or e.act = %(act)s)
  and (%(person_id)s = 0 or e.person_id = %(person_id)s)
  and (e.person_id = 0 or p.region = %(region)s)
order by e.at desc, e.event_id desc limit %(most)s offset %(skip)s

-- name: quarantined
select s.outbox_id, s.person_id, s.topic, s.tries, s.last_fault, s.quarantined_at
from outbox_state s join person p using (person_id)
where s.quarantined_at is not null and s.done_at is null and p.region = %(region)s
order by s.quarantined_at limit 100

-- name: unconfirmed_count
select count(*) as waiting, min(r.accepted_at) as oldest
from loss_report r
join card k on k.person_id = r.person_id and k.card_id = r.card_id
left join loss_confirmation c on c.person_id = r.person_id and c.report_id = r.report_id
where c.report_id is null and k.region = %(region)s
