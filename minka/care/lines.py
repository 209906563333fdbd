"""How one line of a bill is split before anybody pays (interface reference 6.1, steps 1 to 4).

| class | over the limit | first self-payment | in scope |
|---|---|---|---|
| 甲 | what exceeds the limit of the line | nothing | the rest |
| 乙 | what exceeds the limit of the line | (amount - over) x ratio, half-up to the fen | the rest |
| 丙 | nothing | nothing | nothing: the person's own |
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class LineClass(IntEnum):
    """The class of a catalogue item; the value is the interface's ``chrgitm_lv``."""

    A = 1
    """甲: paid in full within the limit."""
    B = 2
    """乙: the person pays a part first."""
    C = 3
    """丙: outside the catalogue."""


class LineSplit(NamedTuple):
    """The four parts of a line in fen; they re-add to its amount."""

    own_pay: int
    over_limit: int
    self_pay_first: int
    in_scope: int


def line_limit(unit_limit_e6: int, quantity_e4: int) -> int:
    """The limit of a line in fen: limit of one unit (millionths of a yuan) x quantity, half-up.

    The quantity is in ten-thousandths and may be negative for a return; the limit is not.
    """
    return (unit_limit_e6 * abs(quantity_e4) + 50_000_000) // 100_000_000


def split_line(
    amount_fen: int,
    cls: int,
    ratio_e4: int = 0,
    *,
    limit_fen: int | None = None,
    quantity_e4: int | None = None,
    unit_limit_e6: int | None = None,
) -> LineSplit:
    """One line, split; a negative amount (a return) is the exact mirror of the positive one.

    The limit is that of the whole line (``limit_fen``), or of one unit (``unit_limit_e6``, in
    millionths of a yuan as in 1318) with the quantity (ten-thousandths). ``ratio_e4`` is the
    person's first share of class 乙 and counts for no other class.
    """
    if cls == LineClass.C:
        return LineSplit(amount_fen, 0, 0, 0)
    if limit_fen is None and unit_limit_e6 is not None and quantity_e4 is not None:
        limit_fen = line_limit(unit_limit_e6, quantity_e4)
    size = -amount_fen if amount_fen < 0 else amount_fen
    over = 0 if limit_fen is None or size <= limit_fen else size - limit_fen
    first = ((size - over) * ratio_e4 + 5_000) // 10_000 if cls == LineClass.B else 0
    if amount_fen < 0:
        return LineSplit(0, -over, -first, over + first - size)
    return LineSplit(0, over, first, size - over - first)
