"""A target as a file: what ``minka kit check --with`` reads and a served platform tells."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from minka.bench.kit_probe import Holder, Target
from minka.client.identity import Identity
from minka.wire.insurance.area import HexCase


def target_json(target: Target) -> dict[str, Any]:
    """A target as the file that ``minka kit check --with`` reads."""
    pair = target.identity
    keys = {"public": pair.public_key.hex(), "private": pair.private_key.hex()} if pair else None
    return asdict(replace(target, identity=None)) | {"identity": keys}


def target_of(said: dict[str, Any]) -> Target:
    """A target from such a file; ``ValueError`` or ``TypeError`` where it is none."""
    keys, blocked = said.get("identity"), said.get("blocked")
    made = {
        **said,
        "hex_case": HexCase(said.get("hex_case", "lower")),
        "holders": tuple(Holder(**each) for each in said.get("holders", ())),
        "blocked": Holder(**blocked) if blocked else None,
        "identity": pair_of(keys) if keys else None,
    }
    if "codes" in said:
        made["codes"] = tuple(said["codes"])
    return Target(**made)


def pair_of(keys: dict[str, str]) -> Identity:
    """A key pair from its hexadecimal halves."""
    return Identity(bytes.fromhex(keys["public"]), bytes.fromhex(keys["private"]))
