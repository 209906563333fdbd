"""What the service says of readers, with cards and without (J4)."""

from __future__ import annotations

from minka.bench.card_slot import Slot
from tests.card.world import new_card
from tests.reader.serving import say, serving
from tests.reader.world import Counter, InProcess


def test_readers_without_cards_are_listed() -> None:
    """J4: an empty reader, and none at all."""
    with (
        serving(InProcess({"A": None, "B": Slot(new_card())}), Counter().settings) as running,
        running.socket("own") as line,
    ):
        assert say(line, act="list")["readers"] == [
            {"name": "A", "card": False},
            {"name": "B", "card": True},
        ]
        assert say(line, act="call", function="iGetCardType", arguments=["3"])["ok"]
