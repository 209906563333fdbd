"""The printed record of a ceremony holds what an auditor needs and no part of a key (P12, P13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from minka.cipher.block_cipher import BlockCipher, check_value
from minka.keys import ceremony as rules
from minka.keys.approval import Entitled, KeyAct
from minka.keys.ceremony import Ceremony, Mode, Plan
from minka.keys.component import component_check, components
from minka.keys.printed import DRILL, LINES, UNFINISHED, record_hash, record_text
from minka.keys.spoken import grouped
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused
from minka.kit.words import Language

NOW = datetime(2026, 5, 6, 2, tzinfo=UTC)
KEY = bytes(range(16))
PARTS = components(KEY, 3, bytes(range(100, 132)))
CHECKS = tuple(component_check(BlockCipher.SM4, part) for part in PARTS)
PLAN = Plan("7", KeyAct.LOAD, KeyName("IRK"), Purpose.INTERNAL, ("C1", "C2", "C3"), 3, "W")


def _yes(found: Accepted[Ceremony] | Refused) -> Ceremony:
    assert isinstance(found, Accepted), found
    return found.value


def _done(plan: Plan = PLAN) -> Ceremony:
    found = _yes(rules.propose(plan, "S1", NOW, entitled=Entitled.YES))
    found = _yes(rules.sign(found, plan.hash, "S2", NOW, entitled=Entitled.YES))
    for minutes, (custodian, check) in enumerate(zip(plan.custodians, CHECKS, strict=True)):
        found = _yes(rules.enter(found, custodian, check, NOW + timedelta(minutes=minutes)))
    key_check = check_value(BlockCipher.SM4, KEY)
    found = _yes(rules.combine(found, key_check, NOW))
    found = _yes(rules.compare(found, "W", key_check, NOW))
    return _yes(rules.close(found, NOW + timedelta(hours=1)))


@pytest.mark.parametrize("language", Language)
def test_a_record_says_who_when_which_key_and_every_check_value(language: Language) -> None:
    """P12: in each language; times are China's; a place for each of six people's signature."""
    text = record_text(_done(), language)
    for wanted in (
        "IRK v1 SM4",
        PLAN.hash.hex(),
        grouped(PLAN.hash, language),
        check_value(BlockCipher.SM4, KEY).hex().upper(),
        "2026-05-06 10:02:00 C3",
        "2026-05-06 11:00:00",
        *(check.hex().upper() for check in CHECKS),
        *(words.say(language) for words in LINES.values()),
    ):
        assert wanted in text
    assert text.count("____") // 5 == 6
    assert UNFINISHED.say(language) not in text
    assert DRILL.say(language) not in text


def test_no_part_of_a_key_is_in_a_record() -> None:
    """P13: neither the key nor a component, in hex of either case or as bytes."""
    text = record_text(_done()) + repr(_done())
    for secret in (KEY, *PARTS):
        for form in (secret.hex(), secret.hex().upper(), repr(secret)[2:-1]):
            assert form not in text


def test_a_drill_and_an_unfinished_ceremony_say_so_at_the_top() -> None:
    """P12: nobody takes the paper of a drill for that of a key."""
    drill = record_text(_done(replace(PLAN, mode=Mode.DRILL)))
    assert DRILL.zh_hans in drill.splitlines()[1]
    begun = rules.propose(PLAN, "S1", NOW, entitled=Entitled.YES)
    assert isinstance(begun, Accepted)
    assert UNFINISHED.zh_hans in record_text(begun.value).splitlines()[1]


def test_a_record_has_a_hash_that_any_change_changes() -> None:
    """P12: what the register keeps of the paper."""
    text = record_text(_done())
    assert record_hash(text) == record_hash(record_text(_done()))
    assert record_hash(text) != record_hash(text.replace("C3", "C2"))
