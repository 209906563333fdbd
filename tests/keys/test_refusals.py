"""Every refusal about keys is said in three languages and can really happen (I1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from minka.keys import wording
from minka.keys.approval import KeyAct
from minka.keys.ceremony import CeremonyMove, CeremonyState
from minka.keys.lifecycle import KeyMove, KeyState
from minka.keys.refusals import FROM_VAULT, KeyRefusal
from minka.keys.table import Level
from minka.keys.vault import KeyReason, Purpose
from minka.kit.words import Language, Words

ROOM = Path(__file__).parents[2] / "minka"


@pytest.mark.parametrize("refusal", KeyRefusal)
def test_each_has_its_sentence_in_three_languages_with_the_same_facts(
    refusal: KeyRefusal,
) -> None:
    """I1: what is missing in one language would be missing for its reader."""
    words = refusal.words
    said = [words.zh_hans, words.zh_hant, words.en]
    assert all(said)
    assert words.en.isascii() or "“" in words.en
    facts = [set(re.findall(r"\{(\w+)\}", text)) for text in said]
    assert facts[0] == facts[1] == facts[2]
    assert refusal.code == f"keys.{refusal.name.lower()}"


def test_every_reason_of_a_vault_has_a_sentence() -> None:
    """I1: exhaustive, so that no screen shows a code."""
    assert set(FROM_VAULT) == set(KeyReason)


def test_no_refusal_is_left_over() -> None:
    """I1: each member is given by a decision of this room or stands for a vault's reason."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOM / "keys").glob("*.py")
        if path.name != "refusals.py"
    )
    used = set(re.findall(r"KeyRefusal\.([A-Z_]+)", text))
    mapped = {refusal.name for refusal in FROM_VAULT.values()}
    # A machine that does not answer is an exception of the port, not a decision.
    assert {r.name for r in KeyRefusal} == used | mapped | {KeyRefusal.VAULT_GONE.name}


@pytest.mark.parametrize(
    ("table", "members"),
    [
        (wording.STATES, KeyState),
        (wording.KEY_MOVES, KeyMove),
        (wording.STEPS, CeremonyState),
        (wording.CEREMONY_MOVES, CeremonyMove),
        (wording.ACTS, KeyAct),
        (wording.PURPOSES, Purpose),
        (wording.LEVELS, Level),
    ],
)
def test_every_name_is_said_in_three_languages(
    table: Mapping[object, Words], members: type
) -> None:
    """I1: states, moves, steps, acts, purposes, levels; no two of a table are called the same."""
    assert set(table) == set(members)  # type: ignore[call-overload]
    for language in Language:
        said = [words.say(language) for words in table.values()]
        assert all(said)
        assert len(set(said)) == len(said)
