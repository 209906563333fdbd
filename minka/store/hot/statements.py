"""The prepared statements of a lane, and the settings of its session."""

from __future__ import annotations

from minka.store.queries import query

_NAMES = "clock coverage numbers known said undoings visit uploads settled write refuse".split()
STATEMENTS = {name.encode(): query(f"hot.{name}").as_string(None).encode() for name in _NAMES}
STATEMENTS[b"original"] = STATEMENTS[b"known"]
SETTINGS = (
    b"set role minka_desk",
    b"set statement_timeout = '15s'",
    b"set lock_timeout = '10s'",
    # A batch is always a handful of keys: anything but walking an index would read whole tables.
    b"set enable_seqscan = off",
    b"set enable_hashjoin = off",
    b"set enable_mergejoin = off",
    b"set enable_bitmapscan = off",
    b"set plan_cache_mode = force_generic_plan",
    b"set jit = off",
)
