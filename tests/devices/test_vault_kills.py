"""A vault that is killed again and again gives no use back (I1); a nightly campaign."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest

from minka.devices.vault_client import VaultClient
from minka.keys.vault import KeyName, KeyRefused, KeyTerms, Purpose, VaultGone
from tests.devices.vaults import FACTORS, ROOT, TRANSPORT_KEY, enter, soft

KEY, UNDER = KeyName("PUK"), KeyName("ZMK")
BATCH = 7
LIMIT = 100_000


def _until_gone(vault: VaultClient, answered: list[int]) -> None:
    cards = [bytes(8)] * BATCH
    while True:
        try:
            answered.append(len(vault.diversify_and_wrap(KEY, FACTORS[:2], cards, UNDER)))
        except (VaultGone, KeyRefused):
            return


def _kills(folder: Path, cycles: int, seed: int) -> None:
    chance = random.Random(seed)
    stand = soft(folder)
    stand.start()
    hands = 2
    answered: list[int] = []
    try:
        enter(stand.custody, KEY, Purpose.EXTERNAL, ROOT, KeyTerms(uses=LIMIT))
        enter(stand.custody, UNDER, Purpose.TRANSPORT, TRANSPORT_KEY)
        for cycle in range(1, cycles + 1):
            asking = [
                threading.Thread(target=_until_gone, args=(stand.vault, answered))
                for _ in range(hands)
            ]
            for hand in asking:
                hand.start()
            time.sleep(chance.uniform(0.01, 0.15))
            stand.kill()
            for hand in asking:
                hand.join()
            stand.start()
            used = stand.vault.facts(KEY).used
            assert sum(answered) <= used <= min(sum(answered) + BATCH * hands * cycle, LIMIT)
    finally:
        stand.end()
    assert sum(answered) > 0


def test_a_few_kills_in_the_middle_of_batches(tmp_path: Path) -> None:
    """I1: every card that was answered is counted, and no more than was under way besides."""
    _kills(tmp_path, cycles=3, seed=1)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_two_hundred_kills_in_the_middle_of_batches(tmp_path: Path) -> None:
    """I1: the same, two hundred times."""
    _kills(tmp_path, cycles=200, seed=2)
