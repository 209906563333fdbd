"""The balance of an account that nobody updates: a fund's, a provider's, the treasury's."""

from __future__ import annotations

from datetime import datetime

from minka.accounts.chart import DERIVED, Account
from minka.desk.office import Office
from minka.store import cards
from minka.store.connection import the_row


def derived(office: Office, account: Account, at: datetime | None = None) -> tuple[int, datetime]:
    """The balance in fen now or at any past instant, and the instant.

    It is the last assertion before it and the postings since; without one, all postings there are.
    """
    assert account.kind in DERIVED, "a person's balance is walked, not added up"
    with office.register.snapshot() as connection:
        instant = at or cards.now(connection, office.fence())
        named = {"kind": int(account.kind), "owner": account.owner, "at": instant}
        fen: int = the_row(connection, "ledger.derived_at", **named)["fen"]
    return fen, instant
