"""One signed letter to another organisation and its answer, with every way it can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from minka.doors.outbox.message import Away, Rejected
from minka.doors.outbox.signing import HEADER, HouseKey
from minka.store.journal import canonical

COMES_BACK = {408, 425, 429, 502, 503, 504}
"""Answers of something in between, or of a receiver that asks for time."""


def client(patience_ms: int) -> httpx.Client:
    """A client that waits no longer than told and takes no detour through a proxy."""
    return httpx.Client(timeout=patience_ms / 1000, trust_env=False, follow_redirects=False)


def post(
    line: httpx.Client, address: str, content: Mapping[str, object], key: HouseKey
) -> Mapping[str, Any]:
    """The JSON answer to a signed JSON letter; ``Away`` or ``Rejected``.

    No fault ever names what the letter said.
    """
    if not address:
        raise Away("no address is set")
    body = canonical(content)
    headers = {"Content-Type": "application/json; charset=utf-8", HEADER: key.sign(body)}
    try:
        answer = line.post(address, content=body, headers=headers)
    except httpx.TransportError as fault:
        raise Away(f"no answer ({type(fault).__name__})") from None
    except httpx.InvalidURL:
        raise Rejected("the address cannot be read") from None
    if answer.status_code in COMES_BACK:
        raise Away(f"answered {answer.status_code}")
    if answer.status_code != httpx.codes.OK:
        raise Rejected(f"answered {answer.status_code}")
    return _read(answer)


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        raise Rejected("the answer is no JSON") from None
    if not isinstance(said, dict):
        raise Rejected("the answer is no JSON object")
    return said
