"""An act on keys needs two people who gain nothing by it, over one content, in 24 hours (P12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from minka.keys.approval import (
    Entitled,
    KeyAct,
    KeyRequest,
    close,
    content_hash,
    may_do,
    propose,
    sign,
)
from minka.keys.refusals import KeyRefusal
from minka.kit.outcome import Accepted, Refused

NOW = datetime(2026, 5, 6, 2, tzinfo=UTC)
HASH = content_hash(KeyAct.DESTROY, {"key": "IRK", "version": "1"})
OTHER = content_hash(KeyAct.DESTROY, {"key": "IRK", "version": "2"})
HOUR = timedelta(hours=1)


def _request(beneficiaries: frozenset[str] = frozenset()) -> KeyRequest:
    found = propose(
        KeyAct.DESTROY, HASH, "S1", NOW, entitled=Entitled.YES, beneficiaries=beneficiaries
    )
    assert isinstance(found, Accepted)
    return found.value


def _said(found: Accepted[KeyRequest] | Refused | None) -> KeyRefusal | None:
    if not isinstance(found, Refused):
        return None
    assert isinstance(found.reason, KeyRefusal)
    return found.reason


def test_two_people_over_one_content_may_do_it() -> None:
    """P12: one signature is too few, two of different people are enough."""
    request = _request()
    alone = may_do(request, HASH, NOW)
    assert _said(alone) is KeyRefusal.NOT_SIGNED
    second = sign(request, HASH, "S2", NOW + HOUR, entitled=Entitled.YES)
    assert isinstance(second, Accepted)
    assert second.value.signers == ("S1", "S2")
    assert may_do(second.value, HASH, NOW + HOUR) is None
    assert _said(may_do(second.value, OTHER, NOW + HOUR)) is KeyRefusal.CONTENT_CHANGED


@pytest.mark.parametrize(
    ("by", "hashed", "after", "entitled", "wanted"),
    [
        ("S2", HASH, 0, Entitled.YES, None),
        ("S2", HASH, 23, Entitled.YES, None),
        ("S2", HASH, 24, Entitled.YES, KeyRefusal.EXPIRED),
        ("S2", OTHER, 0, Entitled.YES, KeyRefusal.CONTENT_CHANGED),
        ("S2", HASH, 0, Entitled.NO, KeyRefusal.NOT_ENTITLED),
        ("S9", HASH, 0, Entitled.YES, KeyRefusal.BENEFICIARY),
        ("S1", HASH, 0, Entitled.YES, KeyRefusal.SIGNED_ALREADY),
    ],
)
def test_why_a_second_signature_is_refused(
    by: str, hashed: bytes, after: int, entitled: Entitled, wanted: KeyRefusal | None
) -> None:
    """P12: every refusal by name; the 24th hour is too late."""
    request = _request(frozenset({"S9"}))
    assert _said(sign(request, hashed, by, NOW + after * HOUR, entitled=entitled)) is wanted


def test_the_first_signature_is_held_to_the_same() -> None:
    """P12: proposing is signing."""
    for by, entitled, wanted in (
        ("S1", Entitled.NO, KeyRefusal.NOT_ENTITLED),
        ("S9", Entitled.YES, KeyRefusal.BENEFICIARY),
    ):
        found = propose(
            KeyAct.LOAD, HASH, by, NOW, entitled=entitled, beneficiaries=frozenset({"S9"})
        )
        assert _said(found) is wanted


@pytest.mark.parametrize("act", KeyAct)
def test_no_act_is_done_with_fewer_than_two_distinct_people(act: KeyAct) -> None:
    """P12: every act x every choice of first and second signer among four, one of whom gains."""
    hashed, done = content_hash(act, {"key": "IRK"}), set()
    for first, second in product(("S1", "S2", "S3", "S9"), repeat=2):
        proposed = propose(
            act, hashed, first, NOW, entitled=Entitled.YES, beneficiaries=frozenset({"S9"})
        )
        if isinstance(proposed, Refused):
            continue
        signed = sign(proposed.value, hashed, second, NOW, entitled=Entitled.YES)
        request = signed.value if isinstance(signed, Accepted) else proposed.value
        if may_do(request, hashed, NOW) is None:
            done.add((first, second))
    people = ("S1", "S2", "S3")
    assert done == {(a, b) for a in people for b in people if a != b}


def test_what_is_done_is_not_done_again() -> None:
    """P12: a closed request takes no signature and does nothing; nor does one that expired."""
    request = _request()
    signed = sign(request, HASH, "S2", NOW, entitled=Entitled.YES)
    assert isinstance(signed, Accepted)
    closed = close(signed.value, NOW + HOUR)
    assert _said(may_do(closed, HASH, NOW + HOUR)) is KeyRefusal.CLOSED
    late = sign(closed, HASH, "S3", NOW + HOUR, entitled=Entitled.YES)
    assert _said(late) is KeyRefusal.CLOSED
    assert _said(may_do(signed.value, HASH, NOW + 24 * HOUR)) is KeyRefusal.EXPIRED


def test_no_two_contents_share_a_hash_by_being_glued() -> None:
    """P12: lengths lead every text, so that a border cannot be moved between two of them."""
    hashes = {
        content_hash(act, content)
        for act in (KeyAct.LOAD, KeyAct.DESTROY)
        for content in ({"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "", "bc": ""}, {})
    }
    assert len(hashes) == 10
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert content_hash(KeyAct.LOAD, one) == content_hash(KeyAct.LOAD, other)
