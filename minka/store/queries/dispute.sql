-- name: settlement
select s.person_id, s.card_id, s.at from settlement s
where s.person_id = %(person_id)s and s.msg_no = %(msg_no)s and s.origin_no = %(origin_no)s
  and s.kind < 5

-- name: entry
select e.person_id, 0::bigint as card_id, e.at from ledger_entry e
where e.person_id = %(person_id)s and e.entry_no = %(msg_no)s

-- name: of_ref
select d.code, d.round, a.answered_at
from dispute d left join dispute_answer a using (person_id, dispute_id)
where d.person_id = %(person_id)s and d.ref = %(ref)s order by d.round desc limit 1

-- name: add
insert into dispute (person_id, dispute_id, code, ref, round, kind, reason, words, channel,
    operator, card_id, about_at, opened_at, promise_at, promise, rule_ref)
values (%(person_id)s, %(dispute_id)s, %(code)s, %(ref)s, %(round)s, %(kind)s, %(reason)s,
    %(words)s, %(channel)s, %(operator)s, %(card_id)s, %(about_at)s, %(opened_at)s,
    %(promise_at)s, %(promise)s, %(rule_ref)s)

-- name: add_answer
insert into dispute_answer (person_id, dispute_id, answered_at, outcome, words, operator, role)
values (%(person_id)s, %(dispute_id)s, %(answered_at)s, %(outcome)s, %(words)s, %(operator)s,
    %(role)s)

-- name: one
select d.*, a.answered_at, a.outcome, a.words as answer, a.operator as answered_by,
    p.region, p.name_mask, p.number_mask,
    array(select distinct c.bank_id from card c
        where c.person_id = d.person_id and c.bank_id is not null) as banks
from dispute d
join person p using (person_id)
left join dispute_answer a using (person_id, dispute_id)
where d.person_id = %(person_id)s and d.dispute_id = %(dispute_id)s

-- name: of_person
select d.*, a.answered_at, a.outcome, a.words as answer, a.operator as answered_by,
    p.region, p.name_mask, p.number_mask,
    array(select distinct c.bank_id from card c
        where c.person_id = d.person_id and c.bank_id is not null) as banks
from dispute d
join person p using (person_id)
left join dispute_answer a using (person_id, dispute_id)
where d.person_id = %(person_id)s order by d.opened_at desc limit 200

-- name: waiting
select d.*, null::timestamptz as answered_at, null::text as outcome, null::bytea as answer,
    null::text as answered_by, p.region, p.name_mask, p.number_mask,
    array(select distinct c.bank_id from card c
        where c.person_id = d.person_id and c.bank_id is not null) as banks
from dispute d
join person p using (person_id)
where p.region = %(region)s
  and not exists (
    select from dispute_answer a
    where a.person_id = d.person_id and a.dispute_id = d.dispute_id)
  and (%(bank_id)s = '' or exists (
    select from card c where c.person_id = d.person_id and c.bank_id = %(bank_id)s))
order by coalesce(d.promise_at, d.opened_at), d.dispute_id limit 200

-- name: refused
select s.msg_no, s.origin_no, s.at, s.card_id, s.reason, coalesce(p.name, '') as provider_name
from settlement s left join provider p using (provider_no)
where s.person_id = %(person_id)s and s.kind = 4
  and s.at >= %(since)s and s.at < %(until)s
order by s.at desc limit 200

-- name: looks
select e.at, e.act, e.content ->> 'origin' as origin, e.content ->> 'role' as role,
    e.content ->> 'field' as field
from audit_event e
where e.person_id = %(person_id)s and e.act = any(%(acts)s) and e.at >= %(since)s
  and not e.content ? 'refused'
order by e.at desc limit 100

-- name: add_statement
insert into statement_issue (person_id, statement_id, code, since_at, until_at, lines,
    opening_fen, closing_fen, digest, issued_at, channel, operator)
values (%(person_id)s, %(statement_id)s, %(code)s, %(since_at)s, %(until_at)s, %(lines)s,
    %(opening_fen)s, %(closing_fen)s, %(digest)s, %(issued_at)s, %(channel)s, %(operator)s)

-- name: statement
select * from statement_issue
where person_id = %(person_id)s and statement_id = %(statement_id)s
