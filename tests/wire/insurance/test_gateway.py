"""The gateway knows who speaks, refuses by name, and compares in constant time (I4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.kit.outcome import Accepted, Refused
from minka.wire.insurance import gateway
from minka.wire.insurance.area import Gateway, HexCase, area
from minka.wire.insurance.gateway import Gate, GateRefusal

NOW = 1_772_415_015
NONCE = "0b8a1f0e-3c1d-4a5b-8c7d-0123456789ab"
SECRET = "a secret of the province"
GATE = Gate({"hospital-1": SECRET})


def signed(**changes: str) -> dict[str, str]:
    """The headers of the registered application, some of them changed."""
    made = gateway.headers(
        "hospital-1", SECRET, timestamp=str(NOW), nonce=NONCE, hexcase=HexCase.LOWER
    )
    return {**made, **changes}


def refusal(given_headers: Mapping[str, str], *, now: int = NOW, gate: Gate = GATE) -> GateRefusal:
    """Why the gateway lets a message not through."""
    answer = gateway.check(gate, given_headers, now_seconds=now)
    assert isinstance(answer, Refused)
    assert isinstance(answer.reason, GateRefusal)
    for language in ("zh-hans", "zh-hant", "en"):
        assert "{" not in answer.say(language)
        assert "…" not in answer.say(language)
    return answer.reason


@given(st.text(), st.integers(0, 10**11), st.uuids())
def test_the_signature_is_sha256_in_the_areas_case(
    secret: str, seconds: int, nonce: object
) -> None:
    """Timestamp, secret, nonce, timestamp; hex in lower case or in capitals."""
    text = f"{seconds}{secret}{nonce}{seconds}"
    lower = gateway.signature(secret, str(seconds), str(nonce), HexCase.LOWER)
    assert lower == hashlib.sha256(text.encode()).hexdigest()
    assert gateway.signature(secret, str(seconds), str(nonce), HexCase.UPPER) == lower.upper()


def test_a_known_signature() -> None:
    """Self-made vector, computed with coreutils' sha256sum; it must never change."""
    made = gateway.signature("secret", "1700000000", "00000000-0000-4000-8000-000000000001")
    assert made == "87cfce3e7b4d8f361481574ad62fd82a8da2e9d304e65991ddb4f6aae3b94d89"


def test_a_signed_message_passes() -> None:
    """The application is named; the very edge of the window still passes."""
    for now in (NOW, NOW - 300, NOW + 300):
        assert gateway.check(GATE, signed(), now_seconds=now) == Accepted("hospital-1")


@pytest.mark.parametrize(
    "missing", [gateway.PAASID, gateway.TIMESTAMP, gateway.NONCE, gateway.SIGNATURE]
)
def test_every_header_is_needed(missing: str) -> None:
    """Absent and empty are the same."""
    without = {name: value for name, value in signed().items() if name != missing}
    assert refusal(without) is GateRefusal.MISSING_HEADER
    assert refusal(signed(**{missing: ""})) is GateRefusal.MISSING_HEADER


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        (gateway.PAASID, "hospital-2", GateRefusal.UNKNOWN_APPLICATION),
        (gateway.TIMESTAMP, str(NOW * 1000), GateRefusal.BAD_TIMESTAMP),
        (gateway.TIMESTAMP, f"-{NOW}", GateRefusal.BAD_TIMESTAMP),
        (gateway.TIMESTAMP, "１７７２４１５０１５", GateRefusal.BAD_TIMESTAMP),
        (gateway.TIMESTAMP, str(NOW + 301), GateRefusal.STALE),
        (gateway.TIMESTAMP, str(NOW - 301), GateRefusal.STALE),
        (gateway.TIMESTAMP, str(NOW + 1), GateRefusal.WRONG_SIGNATURE),
        (gateway.NONCE, "1", GateRefusal.BAD_NONCE),
        (gateway.NONCE, f"{NONCE}\n", GateRefusal.BAD_NONCE),
        (gateway.NONCE, NONCE.replace("0b", "0c"), GateRefusal.WRONG_SIGNATURE),
        (gateway.SIGNATURE, "é", GateRefusal.WRONG_SIGNATURE),
        (gateway.SIGNATURE, "0" * 64, GateRefusal.WRONG_SIGNATURE),
        (gateway.SIGNATURE, "\ud800", GateRefusal.WRONG_SIGNATURE),
    ],
)
def test_refusals_by_name(header: str, value: str, reason: GateRefusal) -> None:
    """Each changed header is refused for its own reason."""
    assert refusal(signed(**{header: value})) is reason


def test_the_case_is_the_areas() -> None:
    """Capitals where the area writes capitals, and only there."""
    upper = Gate({"hospital-1": SECRET}, hexcase=area("yunhe").signature_case)
    capitals = signed(**{gateway.SIGNATURE: signed()[gateway.SIGNATURE].upper()})
    assert gateway.check(upper, capitals, now_seconds=NOW) == Accepted("hospital-1")
    assert refusal(signed(), gate=upper) is GateRefusal.WRONG_SIGNATURE
    assert refusal(capitals) is GateRefusal.WRONG_SIGNATURE


def test_a_nonce_passes_once() -> None:
    """A recorded message cannot be played again; an unsigned one uses no nonce up."""
    answer = gateway.check(GATE, signed(), now_seconds=NOW, seen={NONCE})
    assert isinstance(answer, Refused)
    assert answer.reason is GateRefusal.NONCE_SEEN
    forged = gateway.check(
        GATE, signed(**{gateway.SIGNATURE: "0" * 64}), now_seconds=NOW, seen={NONCE}
    )
    assert isinstance(forged, Refused)
    assert forged.reason is GateRefusal.WRONG_SIGNATURE


def test_one_key_in_one_header() -> None:
    """The gateway of one area asks an ``apikey`` and nothing else."""
    gate = Gate({"pharmacy-1": "k1", "pharmacy-2": "k2"}, area("beishan").gateway)
    assert gate.gateway is Gateway.APIKEY
    for key, name in (("k1", "pharmacy-1"), ("k2", "pharmacy-2")):
        assert gateway.check(gate, {"apikey": key}, now_seconds=NOW) == Accepted(name)
    assert refusal({"apikey": "k3"}, gate=gate) is GateRefusal.UNKNOWN_APPLICATION
    assert refusal({}, gate=gate) is GateRefusal.MISSING_HEADER


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison goes through ``compare_digest``, and secrets are not printed."""
    asked: list[bytes] = []

    def compare(wanted: bytes, shown: bytes) -> bool:
        asked.append(shown)
        return True

    monkeypatch.setattr(hmac, "compare_digest", compare)
    forged = signed(**{gateway.SIGNATURE: "0"})
    assert gateway.check(GATE, forged, now_seconds=NOW) == Accepted("hospital-1")
    assert asked == [b"0"]
    assert SECRET not in repr(GATE)
