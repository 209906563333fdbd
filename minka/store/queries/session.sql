-- name: clients
select origin_no, paasid, secret, public_key from insurance_client where active

-- name: open
select s.sign_no, s.origin_no, s.method, s.session, s.ends_at from insurance_session s
left join insurance_session_end e using (sign_no)
where e.sign_no is null and s.ends_at > clock_timestamp()

-- name: begin
insert into insurance_session (sign_no, origin_no, opter_no, method, session, at, ends_at)
values (%(sign_no)s, %(origin_no)s, %(opter_no)s, %(method)s, %(session)s, %(at)s, %(ends_at)s)

-- name: end
insert into insurance_session_end (sign_no, at)
select sign_no, %(at)s from insurance_session
where sign_no = %(sign_no)s and origin_no = %(origin_no)s
on conflict do nothing
