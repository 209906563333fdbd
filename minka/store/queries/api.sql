-- name: client
select client_id, secret_hash, scopes, regions, role, staff_number, employer_id, bank_id, place_id
from api_client where client_id = %(client_id)s and active

-- name: add_client
insert into api_client (client_id, name, secret_hash, scopes, regions, role, staff_number,
    employer_id, bank_id, place_id, active)
values (%(client_id)s, %(name)s, %(secret_hash)s, %(scopes)s, %(regions)s, %(role)s,
    %(staff_number)s, %(employer_id)s, %(bank_id)s, %(place_id)s, true)

-- name: clients
select client_id, name, scopes, regions, role, staff_number, employer_id, bank_id, place_id, active
from api_client order by client_id

-- name: end_client
update api_client set active = false where client_id = %(client_id)s and active

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

-- name: of_card
select c.region from card_registry r join card c using (person_id, card_id)
where r.card_number = %(card_number)s

-- name: places
select place_id, region, kind, name, name_en, district, address, phone, hours, services, directions,
    hospital_class, bank_id, longitude::text, latitude::text
from place
where (%(region)s::text is null or region = %(region)s)
  and (%(kind)s::text is null or kind = %(kind)s)
  and (%(district)s::text is null or district = %(district)s)
  and (%(service)s::text is null or %(service)s = any(regexp_split_to_array(services, '[,;、\s]+')))
  and (%(text)s::text is null or strpos(name || ' ' || address || ' ' || name_en, %(text)s) > 0)
  and (%(after)s::text is null or place_id > %(after)s)
  and (open_from is null or open_from <= %(day)s)
  and (open_until is null or open_until >= %(day)s)
order by place_id limit %(most)s

-- name: place
select place_id, region, kind, name, name_en, district, address, phone, hours, services, directions,
    hospital_class, bank_id, longitude::text, latitude::text
from place where place_id = %(id)s
