"""What there is to see of keys: the inventory, what each admits now and why not, ceremonies.

Every list says for one member of staff which acts are his to do at this instant; an act that is
not carries its reason, as the desk itself would say it (X47).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from minka.desk.act import Turned
from minka.desk.approval import waiting
from minka.desk.keys_events import Known, known
from minka.desk.keys_held import Held, in_words, seen
from minka.desk.keys_signed import STANDINGS
from minka.desk.keys_words import ACT_NAMES, act_name, state_name
from minka.desk.office import Office
from minka.desk.privileged import ON_KEYS
from minka.keys.lifecycle import KeyMove, KeyState, move
from minka.keys.refusals import KeyRefusal
from minka.keys.vault import KeyFacts
from minka.kit.outcome import Refused
from minka.kit.words import Words
from minka.store import cards
from minka.store.connection import Connection, Row, row, rows

_MOVES = {
    "activate_key": KeyMove.ACTIVATE,
    "suspend_key": KeyMove.SUSPEND,
    "resume_key": KeyMove.RESUME,
    "deactivate_key": KeyMove.DEACTIVATE,
    "compromise_key": KeyMove.COMPROMISE,
    "destroy_key": KeyMove.DESTROY,
}
_ON_A_KEY = tuple(
    name for name in ACT_NAMES if name not in ("generate_key", "start_ceremony", "import_key")
)
WAITING = Words(
    "已提出，等第二个人签。", "已提出，等第二個人簽。", "Proposed; it waits for a second person."
)
"""Why an act cannot be proposed again."""


@dataclass(frozen=True, slots=True)
class Legal:
    """An act on a key for one post: whether it may be proposed now, or why not."""

    act: str
    name: Words
    why_not: Words | None = None

    @property
    def may(self) -> int:
        """One when it may be proposed."""
        return int(self.why_not is None)


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key and what may be done with it."""

    row: Row
    known: Known
    standing: KeyState
    """As it works at this instant: periods that have not begun or are over count."""
    acts: Sequence[Legal]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the register and the vault do not say the same of a key."""

    name: str
    version: int
    why: Words


def inventory(office: Office, role: str = "") -> list[KeyView]:
    """Every key there is, with what a post may propose about it now."""
    pending = {(each["act"], str(each["content"].get("key_no", ""))) for each in proposals(office)}
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
        return [_view(each, at, role, pending) for each in rows(connection, "keys.inventory")]


def key_view(office: Office, key_no: int, role: str = "") -> KeyView | None:
    """One key of the inventory, or None."""
    return next((v for v in inventory(office, role) if v.known.key_no == key_no), None)


def events(office: Office, key_no: int) -> list[Row]:
    """The life of a key, each event with who proposed and who signed it."""
    with office.register.act() as connection:
        return rows(connection, "keys.events", key_no=key_no)


def proposals(office: Office) -> list[Row]:
    """Acts on keys that wait for a second person."""
    return waiting(office, ON_KEYS)


def ceremonies(office: Office, staff: str = "") -> list[Row]:
    """Ceremonies, the newest first, and whether this member of staff stands in each."""
    with office.register.act() as connection:
        return rows(connection, "keys.ceremonies", staff=staff)


@dataclass(frozen=True, slots=True)
class CeremonyView:
    """A ceremony, its people, parts and comparisons."""

    held: Held
    people: Sequence[Row]
    parts: Sequence[Row]
    comparisons: Sequence[Row]
    signed: Row


def ceremony(office: Office, ceremony_no: int) -> CeremonyView | None:
    """One ceremony as its facts say, or None."""
    with office.register.act() as connection:
        try:
            held = seen(connection, ceremony_no)
        except Turned:
            return None
        return CeremonyView(
            held,
            rows(connection, "keys.people", ceremony_no=ceremony_no),
            rows(connection, "keys.parts", ceremony_no=ceremony_no),
            rows(connection, "keys.comparisons", ceremony_no=ceremony_no),
            _signed(connection, held),
        )


def _signed(connection: Connection, held: Held) -> Row:
    found = row(connection, "keys.rests_on", act_id=held.found["act_id"])
    assert found is not None, "a ceremony rests on an act"
    return found


def _view(found: Row, at: datetime, role: str, pending: set[tuple[str, str]]) -> KeyView:
    key = known(found)
    acts = [_legal(name, key, role, at) for name in _ON_A_KEY]
    waits = [
        Legal(a.act, a.name, WAITING) if a.may and (a.act, str(key.key_no)) in pending else a
        for a in acts
    ]
    return KeyView(found, key, standing(key, at), waits)


def standing(key: Known, at: datetime) -> KeyState:
    """The state of a key as it works at an instant, its periods counted in."""
    found = key.record
    if found.state is not KeyState.ACTIVE:
        return found.state
    if found.active_from is not None and at < found.active_from:
        return KeyState.PRE_ACTIVE
    if found.protects_until is not None and at >= found.protects_until:
        return KeyState.DEACTIVATED
    return KeyState.ACTIVE


def _legal(act: str, key: Known, role: str, at: datetime) -> Legal:
    refused = _by_state(act, key, at)
    if refused is None and role not in ON_KEYS[act].proposers:
        refused = Refused(KeyRefusal.NOT_ENTITLED)
    why = None if refused is None else said(refused, act, key)
    return Legal(act, act_name(act), why)


def _by_state(act: str, key: Known, at: datetime) -> Refused | None:
    state = key.record.state
    if act in _MOVES:
        outcome = move(key.record, _MOVES[act], at)
        return outcome if isinstance(outcome, Refused) else None
    open_to = {
        "rotate_key": (KeyState.ACTIVE, KeyState.COMPROMISED),
        "export_key": (KeyState.ACTIVE,),
        "limit_key": (KeyState.PRE_ACTIVE, KeyState.ACTIVE, KeyState.SUSPENDED),
    }
    return None if state in open_to[act] else Refused(KeyRefusal.NO_SUCH_MOVE)


def said(refused: Refused, act: str, key: Known) -> Words:
    """The sentence of a refusal in three languages, its act and state in words."""
    state, name = state_name(key.record.state), act_name(act)

    def one(tag: str) -> str:
        facts = {
            **in_words(refused.facts),
            "state": state.say(tag),
            "move": name.say(tag),
            "key": key.record.name.name,
        }
        return refused.reason.words.say(tag, **facts)

    return Words(one("zh-hans"), one("zh-hant"), one("en"))


MISSING = Words("加密机里没有这把密钥", "加密機裡沒有這把密鑰", "the vault does not hold it")
CHECK_DIFFERS = Words("校验值不同", "校驗值不同", "the check values differ")
STANDING_DIFFERS = Words("状态不同", "狀態不同", "the states differ")
UNKNOWN_HERE = Words("登记里没有这把密钥", "登記裡沒有這把密鑰", "the register does not know it")


def differences(office: Office) -> list[Difference]:
    """Where register and vault disagree: presence, check value, state; ``VaultGone``, or sealed.

    None is the only right answer; one that is there is cured by an act of two people.
    """
    held = {facts.name: facts for facts in office.custody().inventory()}
    found: list[Difference] = []
    for view in inventory(office):
        name = view.known.record.name
        why = _differs(view.known, held.pop(name, None))
        if why is not None:
            found.append(Difference(name.name, name.version, why))
    return found + [Difference(name.name, name.version, UNKNOWN_HERE) for name in held]


def _differs(key: Known, facts: KeyFacts | None) -> Words | None:
    state = key.record.state
    if state is KeyState.DESTROYED:
        return None if facts is None else STANDING_DIFFERS
    if facts is None:
        return MISSING
    if facts.check_value != key.record.check_value:
        return CHECK_DIFFERS
    return None if facts.terms.standing is STANDINGS[state] else STANDING_DIFFERS
