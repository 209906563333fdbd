"""A card factory's rate: many cards at once, memories out of profiles, keys for all in one go.

For every key one call of the cipher derives it for all cards of a batch; for every card one filling
of the profile's pattern gives all its values. What comes out are memories of issued cards, the same
as ``card_maker.make`` and as a card made command by command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minka.bench.card_image import HISTORICAL, KEY, KEYS, PIN_BLOCK, VALUE_AT
from minka.bench.card_keys import card_keys
from minka.bench.card_maker import pin_block
from minka.bench.card_plan import TRIES, Plan, Shape, plan
from minka.chip.profile import CardProfile, Template, template
from minka.kit.secret import Clear


@dataclass(frozen=True, slots=True)
class Commission:
    """One card that is asked for: its chip, what stands on it, and its PIN."""

    historical: bytes
    profile: CardProfile
    pin: Clear


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a value stands in a filled pattern, and where it goes in memory."""

    taken: slice
    put: slice


class Batch:
    """Cards of one shape for one area."""

    def __init__(self, shape: Shape, area: str) -> None:
        self.area = area
        self.layout = plan(shape)
        self.pattern = template(shape.version)
        self._values: tuple[_Value, ...] = ()

    def made(self, asked: Sequence[Commission]) -> list[bytes]:
        """The memory of each card; ``ValueFault`` for a value that does not fit its item."""
        if not asked:
            return []
        if not self._values:
            self._values = tuple(_values(self.layout, self.pattern, asked[0].profile))
        keys = self._keys(asked)
        front, back = self.layout.template[:KEYS], self.layout.template[KEYS + len(keys[0]) :]
        return [self._card(one, front, own + back) for one, own in zip(asked, keys, strict=True)]

    def _card(self, one: Commission, front: bytes, rest: bytes) -> bytes:
        cells = bytearray(front + rest)
        cells[HISTORICAL] = one.historical
        cells[PIN_BLOCK] = pin_block(one.pin, TRIES)
        filled = self.pattern.fill(one.profile)
        for value in self._values:
            cells[value.put] = filled[value.taken]
        return bytes(cells)

    def _keys(self, asked: Sequence[Commission]) -> list[bytes]:
        """Every card's key slots, the same length for each.

        The keys come key by key; bytes of one place in a slot are laid out for all cards at once.
        """
        slots, count = self.layout.keys, len(asked)
        width = KEY * len(slots)
        laid = bytearray(self.layout.template[KEYS : KEYS + width] * count)
        made = card_keys(self.layout, self.area, (one.historical for one in asked))
        for key, values in zip(slots, made, strict=True):
            length, place = key.load.length, key.place - KEYS + VALUE_AT
            for octet in range(length):
                laid[place + octet :: width] = values[octet::length]
        whole = bytes(laid)
        return [whole[at : at + width] for at in range(0, len(whole), width)]


def _values(layout: Plan, pattern: Template, sample: CardProfile) -> list[_Value]:
    """Where each record of the pattern goes; the same for every card of the shape."""
    filled = pattern.fill(sample)
    found = []
    for part in pattern.parts:
        for cut in part.cuts:
            command = filled[cut]
            number, length = command[2], command[4] - 2
            start = layout.places[part.file, number]
            taken = slice(cut.stop - length, cut.stop)
            found.append(_Value(taken, slice(start, start + length)))
    return found
