"""The floors of the house: what import-linter cannot see by itself."""

from __future__ import annotations

import tomllib

from tests.house.sources import PURE_ROOMS, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


def test_every_pure_room_is_kept_pure() -> None:
    """A room on floors 0 to 5 that exists stands in the contract that forbids it the world."""
    kept = {room for c in CONTRACTS if c["type"] == "forbidden" for room in c["source_modules"]}
    there = {
        f"minka.{room}" for room in PURE_ROOMS if (ROOT / "minka" / room / "__init__.py").exists()
    }
    assert there - kept == set()


def test_rooms_of_one_floor_do_not_know_each_other() -> None:
    """Neighbours stand apart by ``|`` in the contract; ``:`` would let them import each other."""
    (floors,) = (c for c in CONTRACTS if c["type"] == "layers")
    assert floors["exhaustive"] is True
    assert not any(":" in floor for floor in floors["layers"])
