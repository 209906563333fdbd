"""The medical account on the card beside the one on file, explained line by line (C5).

The account on file is what the card holds, what was taken without a line and not brought in yet,
and what was never loaded; the lines add up to the fen, or the last one says that they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from minka.chip.contents import Field
from minka.kit.words import Words


class Part(Enum):
    """What a line of the explanation is."""

    ON_FILE = Words("登记的账户余额", "登記的帳戶餘額", "Balance on file")
    NOT_BROUGHT_IN = Words(
        "脱网消费，终端还没有上传",
        "脫網消費，終端還沒有上傳",
        "Bought off-line, not brought in yet",
    )
    NOT_LOADED = Words(
        "在账户里，没有圈存到卡上",
        "在帳戶裡，沒有圈存到卡上",
        "In the account, not loaded on the card",
    )
    UNEXPLAINED = Words(
        "没有说明的差额，请核对", "沒有說明的差額，請核對", "Not explained; look into it"
    )
    ON_CARD = Words("卡内的余额", "卡內的餘額", "Balance on the card")


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One line; amounts in fen, taken from the line above with their sign."""

    part: Part
    amount_fen: int
    at: datetime | None = None


def taken_on_card(log: Sequence[Field]) -> list[tuple[int, int, datetime | None]]:
    """The purchases in a card's log: counter, account part in fen, time."""
    found = []
    for record in log:
        parts = {part.item.mark: part.reading.value for part in record.parts}
        seq, fen, at = parts.get("#1"), parts.get("#5"), parts.get("#4")
        if parts.get("#2") == "2" and isinstance(seq, int) and isinstance(fen, int):
            found.append((seq, fen, at if isinstance(at, datetime) else None))
    return found


def explain(
    file_fen: int,
    card_fen: int,
    taken: Sequence[tuple[int, int, datetime | None]],
    brought_in: frozenset[int],
) -> tuple[BalanceLine, ...]:
    """Why the card's balance is not the account's; the first line less the others is the last."""
    waiting = [(fen, at) for seq, fen, at in taken if seq not in brought_in and fen]
    rest = file_fen - card_fen - sum(fen for fen, _ in waiting)
    lines = [BalanceLine(Part.ON_FILE, file_fen)]
    lines += [BalanceLine(Part.NOT_BROUGHT_IN, -fen, at) for fen, at in waiting]
    if rest:
        lines.append(BalanceLine(Part.NOT_LOADED if rest > 0 else Part.UNEXPLAINED, -rest))
    return (*lines, BalanceLine(Part.ON_CARD, card_fen))
