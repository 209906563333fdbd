-- name: add_report
insert into loss_report (person_id, report_id, card_id, receipt, channel, form, force, reason,
    actor, place_id, operator, accepted_at, rule_ref, details)
values (%(person_id)s, %(report_id)s, %(card_id)s, %(receipt)s, %(channel)s, %(form)s, %(force)s,
    %(reason)s, %(actor)s, %(place_id)s, %(operator)s, %(accepted_at)s, %(rule_ref)s, %(details)s)

-- name: add_receipt
insert into receipt (code, person_id, kind, fact_id)
values (%(code)s, %(person_id)s, %(kind)s, %(fact_id)s)

-- name: receipt
select code, person_id, kind, fact_id from receipt where code = %(code)s

-- name: add_confirmation
insert into loss_confirmation (person_id, report_id, block_id, confirmed_at, confirmed_by, stops_by)
values (%(person_id)s, %(report_id)s, %(block_id)s, %(confirmed_at)s, %(confirmed_by)s,
    %(stops_by)s)

-- name: add_withdrawal
insert into loss_withdrawal (person_id, report_id, block_id, withdrawn_at, resumes_by, channel,
    place_id, operator, rule_ref, details)
values (%(person_id)s, %(report_id)s, %(block_id)s, %(withdrawn_at)s, %(resumes_by)s, %(channel)s,
    %(place_id)s, %(operator)s, %(rule_ref)s, %(details)s)

-- name: report
select r.*, c.block_id, c.confirmed_at, c.confirmed_by, c.stops_by, b.until_at, b.bank_until_at,
    b.at_lapse, w.withdrawn_at, w.resumes_by
from loss_report r
left join loss_confirmation c using (person_id, report_id)
left join block b on b.person_id = r.person_id and b.block_id = c.block_id
left join loss_withdrawal w on w.person_id = r.person_id and w.report_id = r.report_id
where r.person_id = %(person_id)s and r.report_id = %(report_id)s

-- name: report_of_block
select r.* from loss_report r join loss_confirmation c using (person_id, report_id)
where c.person_id = %(person_id)s and c.block_id = %(block_id)s

-- name: reports_of_card
select r.report_id, r.receipt, r.channel, r.form, r.force, r.reason, r.actor, r.operator,
    r.accepted_at, r.rule_ref, r.place_id, c.block_id, c.confirmed_at, c.confirmed_by, c.stops_by,
    b.until_at, b.at_lapse, w.withdrawn_at
from loss_report r
left join loss_confirmation c using (person_id, report_id)
left join block b on b.person_id = r.person_id and b.block_id = c.block_id
left join loss_withdrawal w on w.person_id = r.person_id and w.report_id = r.report_id
where r.person_id = %(person_id)s and r.card_id = %(card_id)s order by r.accepted_at

-- name: unconfirmed
select r.person_id, r.report_id, r.receipt, r.channel, r.accepted_at, r.card_id
from loss_report r left join loss_confirmation c using (person_id, report_id)
join card k on k.person_id = r.person_id and k.card_id = r.card_id
where c.report_id is null and k.region = %(region)s order by r.accepted_at limit 200

-- name: add_attempt
insert into loss_attempt (person_id, attempt_id, at, channel, caller, refusal)
values (%(person_id)s, %(attempt_id)s, %(at)s, %(channel)s, %(caller)s, %(refusal)s)

-- name: recent
select
    (select count(*) from loss_attempt
     where caller = %(caller)s and at > %(since)s) as caller_misses,
    (select min(at) from loss_attempt
     where caller = %(caller)s and at > %(since)s) as oldest_miss,
    (select count(*) from loss_report
     where person_id = %(person_id)s and accepted_at > %(day)s) as card_reports_today

-- name: lapsing
select b.person_id, b.block_id, b.card_id, b.until_at, b.at_lapse, r.receipt
from block b
join loss_confirmation c using (person_id, block_id)
join loss_report r on r.person_id = b.person_id and r.report_id = c.report_id
left join block_end e on e.person_id = b.person_id and e.block_id = b.block_id
where b.until_at > %(since)s and b.until_at <= %(until)s and e.at is null
order by b.until_at limit 1000

-- name: add_document
insert into document (person_id, document_id, code, kind, card_id, issued_by, issued_at, details)
values (%(person_id)s, %(document_id)s, %(code)s, %(kind)s, %(card_id)s, %(issued_by)s,
    %(issued_at)s, %(details)s)

-- name: document
select d.*, s.stamped_by, s.stamped_at, u.used_for, u.used_at
from document d
left join document_stamp s using (person_id, document_id)
left join document_use u using (person_id, document_id)
where d.person_id = %(person_id)s and d.document_id = %(document_id)s

-- name: stamp_document
insert into document_stamp (person_id, document_id, stamped_by, stamped_at, operator)
values (%(person_id)s, %(document_id)s, %(stamped_by)s, %(stamped_at)s, %(operator)s)

-- name: use_document
insert into document_use (person_id, document_id, used_for, used_at)
values (%(person_id)s, %(document_id)s, %(used_for)s, %(used_at)s)
