"""Staff on file for the tests, put there by the register's owner."""

from __future__ import annotations

import psycopg

from minka.desk.act import Request
from tests.desk.town import request


def hire(
    url: str, staff_number: str, role: str, region: str = "R6", *, person_id: int | None = None
) -> None:
    """Put a member of staff on file, with an account nobody can log in to."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "with u as (insert into auth_user (password, is_superuser, username, first_name,"
            " last_name, email, is_staff, is_active, date_joined)"
            " values ('!', false, %(number)s, '', '', '', false, true, clock_timestamp())"
            " returning id) insert into operator (staff_number, role, region, person_id, user_id)"
            " select %(number)s, %(role)s, %(region)s, %(person)s, id from u",
            {"number": staff_number, "role": role, "region": region, "person": person_id},
        )


def dismiss(url: str, staff_number: str) -> None:
    """End a post as of yesterday."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "update operator set valid_until = (clock_timestamp() - interval '2 days')::date"
            " where staff_number = %s",
            (staff_number,),
        )


def by(staff_number: str, role: str) -> Request:
    """A fresh request of a member of staff."""
    fresh = request(role)
    return Request(fresh.key, fresh.origin, actor=staff_number, role=role)
