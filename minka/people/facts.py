"""What a caller states about himself, and how each fact stands against the register.

| fact | compared with | how |
|---|---|---|
| name | the person's name | comparison form, so that one character in two encodings is one |
| id_number | the citizen number | normal form, exactly |
| card_number | the card that is meant | exactly, without spaces |
| card_computer_number | the member number | exactly |
| employer_name | the employer's name | comparison form; legal endings may be left out |
| phone | the registered telephone | digits only |
| card_last4 | the last four of the card's number | exactly |
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from minka.kit.identity import normal_form
from minka.kit.secret import Clear
from minka.people.names import comparison_form
from minka.people.person import Person

Stated = Mapping[str, Clear]


class Match(Enum):
    """How one stated fact stands against the register."""

    MATCHED = "matched"
    DIFFERS = "differs"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verification:
    """Every fact that the rule asks for, with its standing."""

    facts: Mapping[str, Match]

    def missing(self) -> tuple[str, ...]:
        """Facts asked for that the caller has not stated."""
        return tuple(f for f, m in self.facts.items() if m is Match.MISSING)

    def all_match(self) -> int:
        """One when every fact that is asked for was stated and agrees."""
        return int(all(match is Match.MATCHED for match in self.facts.values()))


def verify(
    stated: Stated, asked: tuple[str, ...], person: Person | None, card_number: str
) -> Verification:
    """Compare what was stated with the register; an unknown person matches nothing.

    Comparison takes the same steps and the same time whether or not the person is known.
    """
    known = _known(person, card_number)
    return Verification({fact: _match(fact, stated, known) for fact in asked})


def _known(person: Person | None, card_number: str) -> Mapping[str, str]:
    if person is None:
        return {}
    return {
        "name": person.name.reveal(),
        "id_number": person.number.reveal(),
        "card_number": card_number,
        "card_last4": card_number[-4:],
        "card_computer_number": person.member_number,
        "employer_name": person.employer_name,
        "phone": person.phone.reveal() if person.phone else "",
    }


def _match(fact: str, stated: Stated, known: Mapping[str, str]) -> Match:
    said = stated.get(fact)
    if not said:
        return Match.MISSING
    ours, theirs = _plain(fact, known.get(fact, "")), _plain(fact, said.reveal())
    agrees = hmac.compare_digest(ours.encode(), theirs.encode()) and ours != ""
    return Match.MATCHED if agrees else Match.DIFFERS


def _plain(fact: str, text: str) -> str:
    if fact == "name":
        return comparison_form(text)
    if fact == "employer_name":
        return comparison_form(text).removesuffix("有限责任公司").removesuffix("有限公司")
    if fact == "phone":
        return "".join(c for c in text if c.isdigit())[-11:]
    return normal_form(text)
