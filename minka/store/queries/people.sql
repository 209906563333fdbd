-- name: find_by_number
select person_id from person_registry where number_index = %(index)s

-- name: load
select p.*, coalesce(e.name, '') as employer_name
from person p left join employer e on e.employer_id = p.employer_id
where p.person_id = %(person_id)s

-- name: lock
-- Against every other act on the person, not against rows that merely name the person: whoever
-- writes a visit holds coverage already, and would wait here in a circle with a loss report.
select person_id from person where person_id = %(person_id)s for no key update

-- name: insert
insert into person (person_id, region, number_index, number_sealed, number_mask, name_sealed,
    name_index, name_mask, phone_sealed, phone_mask, member_number, employer_id, guardian_id,
    born_on, photo_code, state, registered_at)
values (%(person_id)s, %(region)s, %(number_index)s, %(number_sealed)s, %(number_mask)s,
    %(name_sealed)s, %(name_index)s, %(name_mask)s, %(phone_sealed)s, %(phone_mask)s,
    %(member_number)s, %(employer_id)s, %(guardian_id)s, %(born_on)s, %(photo_code)s,
    %(state)s, register_now())

-- name: register_number
insert into person_registry (number_index, person_id) values (%(index)s, %(person_id)s)

-- name: by_name
select person_id, number_mask, name_mask, region from person
where region = %(region)s and name_index = %(index)s order by person_id limit 50

-- name: set_photo
update person set photo_code = %(photo_code)s where person_id = %(person_id)s
