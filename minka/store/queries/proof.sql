-- name: add
insert into proof (person_id, proof_id, handle, purpose, code_index, sent_at, expires_at)
values (%(person_id)s, %(proof_id)s, %(handle)s, %(purpose)s, %(code_index)s, %(sent_at)s,
    %(expires_at)s)

-- name: of_handle
select p.*, count(t.*) filter (where t.outcome = 'wrong') as wrong,
    count(t.*) filter (where t.outcome = 'used') as used
from proof p left join proof_try t using (person_id, proof_id)
where p.handle = %(handle)s group by p.person_id, p.proof_id

-- name: add_try
insert into proof_try (person_id, proof_id, seq, at, outcome)
select %(person_id)s, %(proof_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(outcome)s
from proof_try where person_id = %(person_id)s and proof_id = %(proof_id)s

-- name: sent_lately
select count(*) as sent from proof where person_id = %(person_id)s and sent_at > %(since)s
