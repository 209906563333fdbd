"""Money: integer fen, never a fraction."""

from __future__ import annotations

import re
from typing import NewType

Fen = NewType("Fen", int)

_YUAN = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,2}))?")


def from_yuan(text: str) -> Fen:
    """Fen of a decimal string in yuan such as ``25`` or ``25.50``; ``ValueError`` otherwise."""
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an amount in yuan: {text!r}")
    sign, yuan, cents = match.groups()
    amount = int(yuan) * 100 + int((cents or "").ljust(2, "0"))
    return Fen(-amount if sign else amount)


def yuan(amount_fen: int) -> str:
    """The amount in yuan with two decimals, as printed on receipts."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"
