"""Terminals and PINs for a pretend city: one terminal at every provider, one PIN on every card."""

from __future__ import annotations

from datetime import date

import psycopg

from minka.cards.pin import PinState
from minka.cipher.field import FieldKeys
from minka.cipher.pin import verification_value
from minka.doors.host.keys import Terminal
from minka.kit.secret import Clear
from minka.store import cards, pins
from minka.store.connection import Register, rows
from minka.store.pins import PinFact, PinKey

FIRST_TERMINAL = 50_000_000
_TERMINALS = """
insert into terminal (terminal_no, terminal_id, provider_no, from_on)
select %(first)s + provider_no, (%(first)s + provider_no)::text, provider_no, %(day)s
from provider where provider_no < %(first)s on conflict do nothing
"""


def add_terminals(url: str, day: date) -> int:
    """Register a terminal at every provider, in the owner's role; how many are new."""
    with psycopg.connect(url) as owner:
        return owner.execute(_TERMINALS, {"first": FIRST_TERMINAL, "day": day}).rowcount


def terminals(register: Register, day: date) -> list[Terminal]:
    """The terminals in use on a day, in the order of their numbers."""
    with register.act() as connection:
        found = rows(connection, "terminal.in_use", day=day)
    made = [Terminal(r["terminal_id"], r["fixmedins_code"], r["terminal_no"]) for r in found]
    return sorted(made, key=lambda terminal: terminal.origin_no)


def give_pin(register: Register, fields: FieldKeys, key: PinKey, pin: Clear) -> None:
    """Put a first PIN on a card without anybody's visit; for pretend people alone."""
    value = verification_value(fields, key.holder, pin)
    with register.act() as connection:
        at = cards.now(connection, None)
        fact = PinFact("set", at, "bench", "bench", "pins:bench")
        pins.done(connection, key, PinState(value, version=1), fact)
