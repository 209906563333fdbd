"""Strings of bytes, combined bit by bit."""

from __future__ import annotations


def xor(one: bytes, other: bytes) -> bytes:
    """Two strings of one length, bit by bit; ``ValueError`` when the lengths differ."""
    if len(one) != len(other):
        raise ValueError("strings of different lengths are not combined")
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
