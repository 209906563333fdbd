"""Coverage of people, written when it begins."""

from __future__ import annotations

from datetime import date

from minka.store.connection import Connection, do, row


def begin_coverage(
    connection: Connection,
    person_id: int,
    *,
    scheme: int,
    psn_type: int,
    area: int,
    covered_from: date,
    civil: int = 0,
) -> None:
    """Write a person's coverage down, and let it follow the person's cards from now on."""
    do(
        connection,
        "care.begin_coverage",
        person_id=person_id,
        scheme=scheme,
        psn_type=psn_type,
        area=area,
        civil=civil,
        covered_from=covered_from,
    )
    row(connection, "care.follow", person_id=person_id)
