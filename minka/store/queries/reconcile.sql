-- name: held
-- What the platform holds of a provider's days: settlements and refunds, without what was reversed
-- and the reversals themselves, for they are in nobody's books.
select s.msg_no, s.origin_no, s.person_id, s.visit_no, s.kind, s.total, s.account, s.cash,
    s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance + s.other as fund
from settlement s
where s.origin_no = %(provider_no)s and s.at >= %(since)s and s.at < %(until)s
    and s.visit_no > 0 and s.kind = any(%(kinds)s::smallint[])
    and s.basis = any(%(bases)s::smallint[])
    and (%(scheme)s = 0 or s.scheme = %(scheme)s) and (%(area)s = 0 or s.area = %(area)s)
    and not exists (select from settlement v where v.of_msg_no = s.msg_no
        and v.of_origin_no = s.origin_no and v.person_id = s.person_id and v.kind = 3)
order by s.msg_no, s.origin_no

-- name: keep_file
insert into insurance_file (file_no, origin_no, filename, content, at, until_at)
values (%(file_no)s, %(origin_no)s, %(filename)s, %(content)s, %(at)s, %(until_at)s)

-- name: file
select filename, content, until_at from insurance_file
where file_no = %(file_no)s and origin_no = %(origin_no)s and until_at > %(at)s
