-- name: claim
select pg_advisory_xact_lock(hashtextextended('two-person act ' || %(act_id)s::text, 0))

-- name: add_proposal
insert into two_person_act (act_id, act, content, content_hash, beneficiary, proposed_at,
    expires_at)
values (%(act_id)s, %(act)s, %(content)s, %(content_hash)s, %(beneficiary)s, %(at)s, %(expires_at)s)

-- name: sign
insert into two_person_signature (act_id, part, signer, content_hash, beneficiary, signed_at)
values (%(act_id)s, %(part)s, %(signer)s, %(content_hash)s, %(beneficiary)s, %(at)s)

-- name: proposal
select a.act_id, a.act, a.content, a.content_hash, a.beneficiary, a.proposed_at, a.expires_at,
    p.signer as proposed_by, s.signer as approved_by, s.signed_at as approved_at
from two_person_act a
join two_person_signature p on p.act_id = a.act_id and p.part = 'propose'
left join two_person_signature s on s.act_id = a.act_id and s.part = 'approve'
where a.act_id = %(act_id)s

-- name: waiting
select a.act_id, a.act, a.content, encode(a.content_hash, 'hex') as content_hash, a.proposed_at,
    a.expires_at, p.signer as proposed_by
from two_person_act a
join two_person_signature p on p.act_id = a.act_id and p.part = 'propose'
left join two_person_signature s on s.act_id = a.act_id and s.part = 'approve'
where s.act_id is null and a.expires_at > %(now)s and a.act = any(%(acts)s)
order by a.proposed_at limit 200

-- name: operator
-- Held until the end of the act: nobody's post ends between his signature and its commit.
select staff_number, role, region, person_id, valid_until from operator_held(%(staff_number)s)

-- name: add_beneficiary
insert into two_person_beneficiary (act_id, staff_number) values (%(act_id)s, %(staff_number)s)

-- name: beneficiaries
select staff_number from two_person_beneficiary where act_id = %(act_id)s order by staff_number

-- name: persons
select person_id from operator where staff_number = any(%(staff)s) and person_id is not null

-- name: staff_of_person
select staff_number from operator where person_id = %(person_id)s order by staff_number limit 1
