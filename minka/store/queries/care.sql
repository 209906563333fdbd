-- name: begin_coverage
insert into coverage (person_id, scheme, psn_type, area, civil, covered_from, last_at)
values (%(person_id)s, %(scheme)s, %(psn_type)s, %(area)s, %(civil)s, %(covered_from)s,
    register_now(null))

-- name: follow
select coverage_follow(%(person_id)s)
