-- name: client
select client_id, secret_hash, scopes, regions, role, staff_number, employer_id, bank_id, place_id
from api_client where client_id = %(client_id)s and active

-- name: add_client
insert into api_client (client_id, name, secret_hash, scopes, regions, role, staff_number,
    employer_id, bank_id, place_id, active)
values (%(client_id)s, %(name)s, %(secret_hash)s, %(scopes)s, %(regions)s, %(role)s,
    %(staff_number)s, %(employer_id)s, %(bank_id)s, %(place_id)s, true)

-- name: of_person
select p.region, coalesce(p.employer_id, '') as employer_id,
    array(select c.bank_id from card c where c.person_id = p.person_id and c.bank_id is not null
          and c.status in ('active', 'sealed', 'ordered', 'made', 'ready')) as banks
from person_registry r join person p using (person_id)
where r.number_index = %(index)s

-- name: of_receipt
select r.kind, p.region, coalesce(p.employer_id, '') as employer_id, a.collect_at,
    array(select c.bank_id from card c where c.person_id = p.person_id
          and c.bank_id is not null) as banks
from receipt r join person p using (person_id)
left join application a on a.person_id = r.person_id and a.application_id = r.fact_id
where r.code = %(code)s
