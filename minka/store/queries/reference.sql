-- name: place
select place_id, region, kind, hospital_class, name from place where place_id = %(id)s

-- name: kiosk
select p.place_id, p.region, p.kind, p.hospital_class, p.name
from kiosk k join place p using (place_id) where k.kiosk_id = %(id)s and k.active

-- name: bank
select bank_id, name, phone, endpoint, lapse_days from bank where bank_id = %(id)s

-- name: employer_of_name
select employer_id from employer where region = %(region)s and name = %(name)s

-- name: holidays
select day, kind from holiday_notice order by day

-- name: add_holiday
insert into holiday_notice (day, kind, loaded_at, loaded_by)
values (%(day)s, %(kind)s, %(at)s, %(by)s) on conflict (day) do nothing
