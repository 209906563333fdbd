-- name: in_use
select t.terminal_id, t.terminal_no, p.fixmedins_code
from terminal t join provider p using (provider_no)
where t.from_on <= %(day)s and %(day)s < t.until_on;
