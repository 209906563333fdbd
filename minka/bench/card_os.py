"""The virtual card: the commands of a social security card on the core of a chip.

A refusal always names a word that the standard allows for the command (card-chip §12.2); the order
of the checks is length and parameters, then whether the thing is there, then the right to it.
"""

from __future__ import annotations

from types import MappingProxyType

from minka.bench import card_account, card_auth, card_block, card_build, card_files
from minka.bench.card_core import Chip, Commands, Random, Traits
from minka.bench.card_image import HISTORICAL
from minka.bench.card_memory import Memory
from minka.chip.atr import contact_atr

PLAIN = frozenset({0x00})
SECURED = frozenset({0x00, 0x04})
OWN = frozenset({0x80})
MESSAGE = frozenset({0x84})
MONEY = frozenset({0xB0})

COMMANDS: Commands = MappingProxyType(
    {
        0x1E: (MESSAGE, card_block.application_block),
        0x16: (MESSAGE, card_block.card_block),
        0x5E: (OWN, card_auth.change_pin),
        0x82: (PLAIN, card_auth.external_authentication),
        0x84: (PLAIN, card_auth.get_challenge),
        0xC0: (PLAIN, card_files.get_response),
        0x88: (PLAIN, card_auth.internal_authentication),
        0x24: (MESSAGE, card_auth.change_or_unblock),
        0xB0: (PLAIN, card_files.read_binary),
        0xB2: (PLAIN, card_files.read_record),
        0xA4: (PLAIN, card_files.select),
        0xD6: (SECURED, card_files.update_binary),
        0xDC: (SECURED, card_files.update_record),
        0x20: (PLAIN, card_auth.verify),
        0x28: (MONEY, card_account.initialize),
        0x2A: (MONEY, card_account.credit),
        0x2C: (MONEY, card_account.debit),
        0x26: (MONEY, card_account.get_balance),
        0x2E: (MONEY, card_account.get_proof),
        0x56: (MONEY, card_account.starting_day),
        0xE0: (OWN, card_build.create_file),
        0xD4: (MESSAGE, card_build.load_key),
        0xF0: (OWN, card_build.set_life),
    }
)
"""Every command by its INS; the last three are ours, for the factory."""


def card(memory: Memory, *, random: Random, traits: Traits | None = None) -> Chip:
    """A card of a memory, powered; its answer to reset holds its historical bytes."""
    atr = contact_atr(bytes(memory.cells[HISTORICAL]))
    return Chip(memory, COMMANDS, atr=atr, random=random, traits=traits)
