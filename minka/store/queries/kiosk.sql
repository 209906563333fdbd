-- name: demo_people
select person_id, name_mask, number_mask from person
where region = %(region)s and number_mask like '1199%%'
order by person_id limit %(most)s

-- name: calls
select at, content ->> 'place_id' as place_id, content ->> 'kiosk_id' as kiosk_id
from audit_event
where person_id = 0 and act = 'CallStaff' and at > %(since)s
  and content ->> 'place_id' = %(place_id)s
order by at desc limit 20
