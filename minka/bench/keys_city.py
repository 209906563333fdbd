"""Keys of the demo city: made in its soft vault by real acts, each with two people's signatures."""

from __future__ import annotations

from minka.desk.act import Answer, Request
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.office import Office

KEEPER, GUARD = ("r1-key_keeper", "key_keeper"), ("r1-keys", "security_administrator")
KEYS = (
    ("IRK", "ministry", "internal", "activate_key"),
    ("RKSSSE", "ministry", "external", "activate_key"),
    ("RK1DF04", "ministry", "external", "activate_key"),
    ("PUK", "province", "external", "activate_key"),
    ("STKSSSE", "ministry", "message", "activate_key"),
    ("DPK", "ministry", "purchase", "activate_key"),
    ("DTK", "province", "tac", "activate_key"),
    ("UKSSSE", "province", "external", ""),
)
"""Name, tier and purpose; the last of them waits for its activation, so that there is an act to
try."""


def make_keys(office: Office) -> int:
    """Make the keys that are not there yet; gives how many, none when they were made before."""
    made = 0
    for name, tier, purpose, then in KEYS:
        plan = {"name": name, "tier": tier, "purpose": purpose}
        found = _done(office, "generate_key", plan)
        if not found.accepted:
            continue
        made += 1
        if then:
            _done(office, then, {"key_no": str(found.facts["key_no"])})
    return made


def _done(office: Office, act: str, content: dict[str, str]) -> Answer:
    key = f"demo {act} {' '.join(content.values())}"
    first = propose(office, _by(KEEPER, f"{key} 1"), Propose(act, content))
    if not first.accepted:
        return first
    command = Approve(first.facts["act_id"], first.facts["content_hash"])
    return approve(office, _by(GUARD, f"{key} 2"), command)


def _by(post: tuple[str, str], key: str) -> Request:
    login, role = post
    return Request(key, "web", _staff_number(login), role)


def _staff_number(login: str) -> str:
    from minka.store.models import Operator

    number: str = Operator.objects.get(user__username=login).staff_number
    return number
