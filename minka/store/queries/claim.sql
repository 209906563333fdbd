-- name: openings
-- What opened a loss: reports in force, and applications to replace a damaged card.
select r.report_id as fact_id, r.receipt, r.card_id, r.reason, b.from_at as at, b.until_at,
    w.withdrawn_at
from loss_report r
join loss_confirmation c using (person_id, report_id)
join block b on b.person_id = r.person_id and b.block_id = c.block_id
left join loss_withdrawal w on w.person_id = r.person_id and w.report_id = r.report_id
where r.person_id = %(person_id)s
union all
select a.application_id, a.receipt, a.old_card_id, a.reason, a.accepted_at, null,
    (select min(s.at) from application_step s
     where s.person_id = a.person_id and s.application_id = a.application_id
       and s.step = 'destroyed')
from application a
where a.person_id = %(person_id)s and a.old_card_id is not null and a.reason = 'damaged'

-- name: exchanges
-- When the replacement of each old card was handed over.
select a.old_card_id as card_id, min(s.at) as at
from application a join application_step s using (person_id, application_id)
where a.person_id = %(person_id)s and a.old_card_id is not null
  and s.step in ('collected', 'activated')
group by a.old_card_id

-- name: uses
-- When a card of the person was used and worked: uses of the register, and settlements with it.
select card_id, auth_at as at from card_use
where person_id = %(person_id)s and auth_at >= %(since)s
union all
select s.card_id, s.at
from account_walk(%(person_id)s, %(since)s, 'infinity', 5000) w
join settlement s on s.msg_no = w.msg_no and s.origin_no = w.origin_no
    and s.person_id = %(person_id)s
where s.kind = 1 and s.credential = 3

-- name: recorded
-- Visits with charges that no live settlement covers: what the person had to pay himself.
select v.visit_no, v.provider_no, p.name as provider_name, v.basis, v.begun_at,
    sum(f.total)::bigint as total_fen, max(f.served_on) as served_on,
    exists (select from settlement s
        where s.visit_no = v.visit_no and s.person_id = v.person_id and s.kind = 4) as refused
from visit v
join fee_upload f using (visit_no, person_id)
join provider p on p.provider_no = v.provider_no
where v.person_id = %(person_id)s and v.begun_at >= %(since)s and v.begun_at < %(until)s
  and not exists (
    select from settlement s
    where s.visit_no = v.visit_no and s.person_id = v.person_id and s.kind = 1
      and settlement_lives(s.msg_no, s.origin_no, s.person_id))
  and not exists (
    select from visit_step t where t.visit_no = v.visit_no and t.person_id = v.person_id
      and t.step in ('cancelled', 'reversed'))
  and (v.basis <> 4 or exists (
    select from visit_step t where t.visit_no = v.visit_no and t.person_id = v.person_id
      and t.step = 'discharged'))
group by v.visit_no, v.person_id, v.provider_no, p.name, v.basis, v.begun_at
having sum(f.total) > 0
order by v.begun_at

-- name: settled_visit
select exists (
    select from visit v
    join settlement s on s.visit_no = v.visit_no and s.person_id = v.person_id and s.kind = 1
    where v.person_id = %(person_id)s and v.provider_no = %(provider_no)s
      and s.total = %(total_fen)s
      and (v.begun_at at time zone 'Asia/Shanghai')::date <= %(treated_on)s
      and (s.at at time zone 'Asia/Shanghai')::date >= %(treated_on)s
      and settlement_lives(s.msg_no, s.origin_no, s.person_id)) as settled

-- name: refused_attempts
-- Attempts to settle that were refused, as a reminder of where the person was.
select s.at, s.provider_no, p.name as provider_name, p.fixmedins_code, s.reason
from settlement s join provider p using (provider_no)
where s.person_id = %(person_id)s and s.kind = 4 and s.at >= %(since)s and s.at < %(until)s
order by s.at desc limit 20

-- name: provider
select provider_no, fixmedins_code, name, level, area, kind from provider
where fixmedins_code = %(code)s

-- name: designated
select exists (
    select from designation d
    where d.provider_no = %(provider_no)s and d.scheme = %(scheme)s
      and d.from_on <= %(day)s and %(day)s < d.until_on) as designated

-- name: covered
select exists (
    select from coverage
    where person_id = %(person_id)s and covered_from <= %(day)s and %(day)s < covered_until)
    as covered

-- name: coverage
select person_id, scheme, psn_type, area, civil, year, op_deductible, op_scope, op_fund,
    admissions, pool_paid, large_paid, own_scope
from coverage where person_id = %(person_id)s

-- name: add
insert into claim (person_id, claim_id, case_id, card_id, receipt, provider_no, invoice_no,
    visit_no, paid_on, treated_on, paid_at, total_fen, source, basis, channel, operator,
    accepted_at, rule_ref, details)
values (%(person_id)s, %(claim_id)s, %(case_id)s, %(card_id)s, %(receipt)s, %(provider_no)s,
    %(invoice_no)s, %(visit_no)s, %(paid_on)s, %(treated_on)s, %(paid_at)s, %(total_fen)s,
    %(source)s, %(basis)s, %(channel)s, %(operator)s, %(accepted_at)s, %(rule_ref)s, %(details)s)

-- name: add_review
insert into claim_review (person_id, claim_id, seq, at, operator, lines, own_pay, over_limit,
    self_first, in_scope, fund_fen, rule_ref)
select %(person_id)s, %(claim_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(operator)s, %(lines)s,
    %(own_pay)s, %(over_limit)s, %(self_first)s, %(in_scope)s, %(fund_fen)s, %(rule_ref)s
from claim_review where person_id = %(person_id)s and claim_id = %(claim_id)s

-- name: add_end
insert into claim_end (person_id, claim_id, at, how, reason, operator)
values (%(person_id)s, %(claim_id)s, %(at)s, %(how)s, %(reason)s, %(operator)s)

-- name: add_payment
insert into claim_payment (person_id, case_id, claim_id, receipt, at, fund_fen, entry_no, act_id,
    operator, trace)
values (%(person_id)s, %(case_id)s, %(claim_id)s, %(receipt)s, %(at)s, %(fund_fen)s, %(entry_no)s,
    %(act_id)s, %(operator)s, %(trace)s)

-- name: spend_invoice
insert into claim_invoice (provider_no, invoice_no, person_id, claim_id)
values (%(provider_no)s, %(invoice_no)s, %(person_id)s, %(claim_id)s)

-- name: invoice
select person_id, claim_id from claim_invoice
where provider_no = %(provider_no)s and invoice_no = %(invoice_no)s

-- name: of_person
select c.*, p.name as provider_name, p.fixmedins_code, p.level as provider_level,
    v.seq as review_seq, v.at as reviewed_at, v.operator as reviewed_by, v.lines, v.own_pay,
    v.over_limit, v.self_first, v.in_scope, v.fund_fen as reviewed_fen, v.rule_ref as split_ref,
    y.receipt as payment_receipt, y.at as paid_out_at, y.fund_fen as paid_fen, y.entry_no,
    y.trace, e.at as ended_at, e.how, e.reason as end_reason
from claim c
join provider p using (provider_no)
left join lateral (
    select * from claim_review v
    where v.person_id = c.person_id and v.claim_id = c.claim_id order by seq desc limit 1) v on true
left join claim_payment y on y.person_id = c.person_id and y.claim_id = c.claim_id
left join claim_end e on e.person_id = c.person_id and e.claim_id = c.claim_id
where c.person_id = %(person_id)s order by c.accepted_at, c.claim_id

-- name: payment_of_case
select y.receipt, y.at, y.claim_id, y.fund_fen, c.paid_on, c.treated_on, c.paid_at
from claim_payment y join claim c using (person_id, claim_id)
where y.person_id = %(person_id)s and y.case_id = %(case_id)s

-- name: waiting
select c.person_id, c.claim_id, c.receipt, c.accepted_at, c.total_fen, c.paid_on, c.invoice_no,
    p.name as provider_name, n.name_mask, n.number_mask,
    exists (select from claim_review v
        where v.person_id = c.person_id and v.claim_id = c.claim_id) as reviewed
from claim c
join provider p using (provider_no)
join person n on n.person_id = c.person_id
left join claim_payment y on y.person_id = c.person_id and y.claim_id = c.claim_id
left join claim_end e on e.person_id = c.person_id and e.claim_id = c.claim_id
where y.claim_id is null and e.claim_id is null and n.region = %(region)s
order by c.accepted_at limit 200

-- name: signed_act
select a.act_id from two_person_act a join two_person_signature s using (act_id)
where a.act = %(act)s and a.content ->> 'receipt' = %(receipt)s and s.part = 'approve'
  and s.signer = %(signer)s
order by s.signed_at desc, a.act_id desc limit 1

-- name: paid_lately
select person_id, case_id, claim_id from claim_payment where at >= %(since)s
order by at limit 1000

-- name: add_note
insert into claim_note (person_id, case_id, expense_key, at, spent_on, provider_no, total_fen)
values (%(person_id)s, %(case_id)s, %(expense_key)s, %(at)s, %(spent_on)s, %(provider_no)s,
    %(total_fen)s)
on conflict do nothing

-- name: notes
select expense_key, at, spent_on, provider_no, total_fen from claim_note
where person_id = %(person_id)s and case_id = %(case_id)s order by at

-- name: visit_bill
select coalesce(sum(total), 0)::bigint as total, coalesce(sum(own_pay), 0)::bigint as own_pay,
    coalesce(sum(over_limit), 0)::bigint as over_limit,
    coalesce(sum(self_first), 0)::bigint as self_first,
    coalesce(sum(in_scope), 0)::bigint as in_scope
from fee_upload where visit_no = %(visit_no)s and person_id = %(person_id)s

-- name: providers_of
select p.provider_no, p.fixmedins_code, p.name, p.kind
from coverage c
join provider p on p.area = c.area
where c.person_id = %(person_id)s and exists (
    select from designation d where d.provider_no = p.provider_no and d.scheme = c.scheme
      and d.from_on <= %(day)s and %(day)s < d.until_on)
order by p.kind, p.name limit 2000

-- name: count_in
-- The accumulators of the year after a reimbursement; a year that is over moves nothing.
update coverage set year = %(year)s, op_deductible = %(op_deductible)s, op_scope = %(op_scope)s,
    op_fund = %(op_fund)s, admissions = %(admissions)s, pool_paid = %(pool_paid)s,
    large_paid = %(large_paid)s, own_scope = %(own_scope)s
where person_id = %(person_id)s and year <= %(year)s
