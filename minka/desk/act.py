"""The frame of every act: one key, one transaction, one answer for ever.

1. Wait for anyone with the same key; if it was answered, that answer is given again.
2. Do the work in a savepoint; a refusal rolls the work back and leaves nothing half done.
3. Record the answer under the key in the same commit. A refusal that says "try later" is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from minka.cipher.field import FieldKeys, digest
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.kit.codes import code
from minka.kit.outcome import Refused, Retry
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.store import cards, journal
from minka.store.connection import Connection
from minka.store.queries import query


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, through which door, and the key under which he will ask again."""

    key: str
    origin: str
    """The door: ``web``, ``hotline``, ``counter``, ``kiosk``, ``api:partner`` …"""
    actor: str = "holder"
    """The staff number, the partner, or ``holder``."""
    role: str = ""
    caller: Clear = field(default_factory=lambda: Clear(""))
    """Telephone number or address the request came from; kept only as an index."""


class Verdict(Enum):
    """How an act was answered."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request, as it is stored and given again; ``facts`` are plain JSON."""

    verdict: Verdict
    code: str
    facts: Mapping[str, Any]
    sentence: Mapping[str, str] = field(default_factory=dict)
    replayed: str = ""

    @property
    def accepted(self) -> int:
        """One when the act was done."""
        return int(self.verdict is Verdict.ACCEPTED)

    def say(self, language: str = "zh-hans") -> str:
        """The sentence of a refusal in a language; empty for an acceptance."""
        return self.sentence.get(language.lower(), self.sentence.get("zh-hans", ""))

    def stored(self) -> dict[str, Any]:
        """The JSON under which the answer is kept."""
        return {
            "verdict": self.verdict.value,
            "code": self.code,
            "facts": dict(self.facts),
            "sentence": dict(self.sentence),
        }


class Turned(Exception):
    """Carries a refusal out of the work of an act, so that the savepoint is rolled back."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason.code)
        self.refused = refused


@dataclass(slots=True)
class Desk:
    """One act in progress: its open transaction, and what it will say about itself."""

    connection: Connection
    office: Office
    request: Request
    act: str
    person_id: int = 0
    hotline: str = ""
    attempt: Mapping[str, Any] = field(default_factory=dict)
    signed_act: int = 0
    """The act of two people that is being carried out."""

    @property
    def keys(self) -> FieldKeys:
        """The field keys of the office."""
        return self.office.keys

    def now(self) -> datetime:
        """The register's time, for what is about no card."""
        return cards.now(self.connection, self.office.fence())

    def tick(self, card_id: int) -> datetime:
        """Lock a card of the person and take its next instant."""
        fence = self.office.fence()
        return cards.tick(self.connection, self.person_id, card_id, fence=fence)

    def new_code(self, letter: str) -> str:
        """A fresh receipt code."""
        return code(letter, self.office.randomness(5))

    def fact_id(self) -> int:
        """The next number of a fact."""
        return cards.fact_id(self.connection)

    def audit(self, content: Mapping[str, Any], at: datetime) -> str:
        """Write the audit event of this act; gives its hash."""
        named = {"person_id": self.person_id, "origin": self.request.origin, **plain(content)}
        return journal.audit(self.connection, self.act, self.request.actor, named, at=at)

    def send(
        self,
        topic: str,
        body: Mapping[str, Any],
        *,
        card_id: int,
        at: datetime,
        after: timedelta = timedelta(0),
    ) -> None:
        """Put a message into the outbox in this act's commit."""
        card = (self.person_id, card_id)
        journal.send(self.connection, topic, body, card=card, at=at, after=after)


Work = Callable[[Desk], Mapping[str, Any]]
"""The work of an act: gives the facts of the acceptance, or raises ``Turned``."""


def act(office: Office, request: Request, command: object, work: Work) -> Answer:
    """Carry out one act under its key; ``RegisterAway`` when nothing can be said about it."""
    name = type(command).__name__
    content_hash = digest(journal.canonical(content_of(command, office.keys)))
    entry = journal.Entry(request.key, request.origin, name, content_hash)
    with office.register.act() as connection:
        known = journal.claim(connection, request.key)
        if known is not None:
            return given_again(known, content_hash)
        desk = Desk(connection, office, request, name)
        answer, retry = _work(desk, work)
        if retry is Retry.NEVER:
            journal.record(
                connection,
                entry,
                answer.stored(),
                person_id=desk.person_id,
                fence=office.fence(),
            )
    return answer


def _work(desk: Desk, work: Work) -> tuple[Answer, Retry]:
    try:
        with desk.connection.transaction():
            return Answer(Verdict.ACCEPTED, "accepted", plain(work(desk))), Retry.NEVER
    except Turned as turned:
        return refusal(desk, turned.refused), turned.refused.reason.retry


def refusal(desk: Desk, refused: Refused) -> Answer:
    """A refusal as an answer, and as a fact where someone failed to prove who he is."""
    facts = {"hotline": desk.hotline, **refused.facts}
    sentence = {
        language: refused.reason.words.say(language, **_in(facts, language))
        for language in ("zh-hans", "zh-hant", "en")
    }
    at = desk.now()
    if desk.attempt:
        desk.connection.execute(
            query("loss.add_attempt"),
            {
                "person_id": desk.person_id,
                "attempt_id": desk.fact_id(),
                "at": at,
                "caller": desk.keys.index("caller", desk.request.caller),
                "refusal": refused.reason.code,
                **desk.attempt,
            },
        )
    desk.audit({"refused": refused.reason.code}, at)
    return Answer(Verdict.REFUSED, refused.reason.code, plain(refused.facts), sentence)


def given_again(known: Mapping[str, Any], content_hash: bytes) -> Answer:
    """The answer a key was given before; a refusal when the key now comes with another content."""
    if bytes(known["content_hash"]) != content_hash:
        words = DeskRefusal.KEY_REUSED.words
        spoken = {tag: words.say(tag) for tag in ("zh-hans", "zh-hant", "en")}
        return Answer(Verdict.REFUSED, DeskRefusal.KEY_REUSED.code, {}, spoken)
    stored = known["answer"]
    return Answer(
        Verdict(stored["verdict"]), stored["code"], stored["facts"], stored["sentence"], "replayed"
    )


def _in(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        name: value.say(language) if isinstance(value, Words) else value
        for name, value in facts.items()
    }


def plain(value: Any) -> Any:
    """A value as JSON: enums by value, instants in ISO 8601, words in three languages."""
    if isinstance(value, Words):
        return {"zh-hans": value.zh_hans, "zh-hant": value.zh_hant, "en": value.en}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    assert not isinstance(value, Clear), "clear personal text is never an answer"
    return value if value is None or isinstance(value, (int, str)) else str(value)


def content_of(command: object, keys: FieldKeys) -> dict[str, Any]:
    """What a command says, for hashing: clear texts stand as keyed indexes."""
    return {"command": type(command).__name__, **_fields(command, keys)}


def _fields(command: object, keys: FieldKeys) -> dict[str, Any]:
    assert is_dataclass(command), "a command is a dataclass"
    return {f.name: _hashed(getattr(command, f.name), keys) for f in fields(command)}


def _hashed(value: Any, keys: FieldKeys) -> Any:
    if isinstance(value, Clear):
        return keys.index("content", value).hex()
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, keys)
    if isinstance(value, Mapping):
        return {str(key): _hashed(each, keys) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hashed(each, keys) for each in value]
    return plain(value)
