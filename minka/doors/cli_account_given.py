"""What is typed for an account, turned into what the desk takes."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from minka.doors import cli_given as given
from minka.doors.cli_say import fault
from minka.kit.fen import from_yuan


def person_of(number: str, lang: str) -> int:
    """The person of an identity number: given, asked for unseen, or from standard input."""
    from minka.store import people

    office, clear = given.office(), given.identity(number)
    with office.register.act() as connection:
        found = people.find(connection, office.keys, clear)
    if found is None:
        no_account(lang)
    return int(found)


def no_account(lang: str) -> NoReturn:
    """End the command: nobody of this number has an account."""
    fault(
        "没有查到个人账户 · no individual account of this number",
        "核对号码 · check the number",
        "cli.not_found",
        lang=lang,
    )


def provider_of(code: str, lang: str) -> int:
    """The number of a provider by its code."""
    from minka.store.connection import row

    with given.office().register.act() as connection:
        found = row(connection, "ledger.provider_of_code", code=code.strip().upper())
    if found is None:
        fault(f"没有这家机构 {code} · no such provider", "H…", "cli.not_found", lang=lang)
    provider_no: int = found["provider_no"]
    return provider_no


def fen_of(amount: str, lang: str) -> int:
    """Fen of an amount in yuan."""
    try:
        return from_yuan(amount)
    except ValueError:
        fault(f"看不懂金额 {amount} · not an amount: {amount}", "12.50", lang=lang)


def instant_of(text: str, lang: str) -> datetime:
    """An instant; without a zone it is China time."""
    from minka.kit.clock import CHINA

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fault(f"看不懂时间 {text} · not an instant: {text}", "2026-11-22T15:00", lang=lang)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)
