-- name: take
insert into queue_ticket (place_id, day, number, business, person_id, issued_at)
select %(place_id)s, %(day)s, coalesce(max(number), 0) + 1, %(business)s, %(person_id)s, %(at)s
from queue_ticket where place_id = %(place_id)s and day = %(day)s
returning number

-- name: ahead
select count(*) as ahead from queue_ticket
where place_id = %(place_id)s and day = %(day)s and number < %(number)s and called_at is null

-- name: call
update queue_ticket set called_at = %(at)s
where place_id = %(place_id)s and day = %(day)s and number = (
    select min(number) from queue_ticket
    where place_id = %(place_id)s and day = %(day)s and called_at is null)
returning number, business, person_id

-- name: of_day
select number, business, issued_at, called_at from queue_ticket
where place_id = %(place_id)s and day = %(day)s order by number
