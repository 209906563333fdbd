-- name: holder
select r.person_id, r.card_id, k.region, c.balance_fen as balance,
    (c.card_id = r.card_id and t.at >= c.open_from and t.at < c.open_until)::integer as opens, t.at,
    exists (select from settlement s
        where s.msg_no = %(msg_no)s and s.origin_no = %(origin_no)s)::integer as known
from card_registry r
join card k using (person_id, card_id)
join coverage c using (person_id)
cross join (select register_now(%(fence)s) as at) t
where r.card_number = %(card_number)s

-- name: answered
-- What was answered to a terminal's question that moved no money.
select content_hash, answer from message
where msg_no = %(msg_no)s and origin_no = %(origin_no)s
