-- name: coverage
select person_id, scheme, psn_type, area, balance_fen, last_at,
    prev_msg_no, prev_origin_no
from coverage where person_id = %(person_id)s

-- name: at
select c.person_id, coalesce(w.balance, 0) as balance_fen
from coverage c
left join lateral account_walk(
    c.person_id, '-infinity', %(at)s + interval '1 microsecond', 1) w on true
where c.person_id = %(person_id)s

-- name: held
select held from account_held(%(person_id)s, %(at)s)

-- name: movements
select w.*, coalesce(p.name, '') as provider_name
from account_walk(%(person_id)s, %(since)s, %(until)s, %(most)s) w
left join provider p on p.provider_no = w.provider_no and w.provider_no <> 0
where w.kind not in ('refusal', 'tombstone')
order by w.at desc

-- name: settlement
select s.*, p.name as provider_name, p.fixmedins_code, a.region, a.name as area_name,
    r.ref as rule_ref, u.msg_no as undone_msg_no, u.origin_no as undone_origin_no
from settlement s
join pooling_area a on a.area = s.area
left join provider p on p.provider_no = s.provider_no
left join benefit_rule r on r.rule_no = s.rule_no
left join settlement u on u.of_msg_no = s.msg_no and u.of_origin_no = s.origin_no
    and u.person_id = s.person_id
where s.msg_no = %(msg_no)s and s.origin_no = %(origin_no)s

-- name: flows
select w.msg_no, w.origin_no, w.at, w.kind, w.amount,
    coalesce(s.of_msg_no, e.of_entry_no) as of_msg_no, coalesce(s.of_origin_no, 0) as of_origin_no,
    coalesce(p.name, '') as provider_name
from account_walk(%(person_id)s, '-infinity', 'infinity', 1000000) w
left join settlement s on w.origin_no <> 0 and s.msg_no = w.msg_no and s.origin_no = w.origin_no
    and s.person_id = %(person_id)s
left join ledger_entry e on w.origin_no = 0 and e.entry_no = w.msg_no
    and e.person_id = %(person_id)s
left join provider p on p.provider_no = w.provider_no and w.provider_no <> 0
where w.amount <> 0
order by w.at desc
