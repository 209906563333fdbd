-- name: add
insert into photo (person_id, photo_code, sealed, taken_at, operator)
values (%(person_id)s, %(photo_code)s, %(sealed)s, %(taken_at)s, %(operator)s)
on conflict do nothing

-- name: newest
select photo_code, sealed, taken_at from photo where person_id = %(person_id)s
order by taken_at desc limit 1

-- name: of_code
select photo_code from photo where person_id = %(person_id)s and photo_code = %(photo_code)s

-- name: on_file
insert into photo (person_id, photo_code, sealed, taken_at, operator)
values (%(person_id)s, %(photo_code)s, %(sealed)s, register_now(), %(operator)s)
on conflict do nothing
