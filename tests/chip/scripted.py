"""A card that says what it was told to: each line a command and its answer."""

from __future__ import annotations

from minka.chip.atr import contact_atr

HISTORICAL = bytes.fromhex("00990102038699990100000001")


class Scripted:
    """``Scripted("0084000004 -> A1A2A3A49000", …)``: a ``CardConnection`` that checks the order.

    ``*`` at the end of a command lets anything follow; ``->`` without an answer takes the card out.
    """

    def __init__(self, *lines: str, atr: bytes | None = None) -> None:
        self.lines = [line for block in lines for line in block.strip().split("\n")]
        self.atr = atr or contact_atr(HISTORICAL)
        self.place = 0
        self.sent: list[str] = []

    def transmit(self, command: bytes) -> bytes:
        """The answer of the next line, when its command is the one."""
        from minka.chip.connection import CardGone

        written = command.hex().upper()
        self.sent.append(written)
        assert self.place < len(self.lines), f"nothing more was expected, but {written} came"
        wanted, _, answer = (part.strip() for part in self.lines[self.place].partition("->"))
        self.place += 1
        fits = written.startswith(wanted[:-1]) if wanted.endswith("*") else written == wanted
        assert fits, f"expected {wanted}, but {written} came"
        if not answer:
            raise CardGone
        return bytes.fromhex(answer)

    def reset(self) -> bytes:
        """A reset is a line of its own: ``reset -> ``."""
        self.sent.append("reset")
        return self.atr

    def done(self) -> None:
        """Everything that was expected came."""
        assert self.place == len(self.lines), self.lines[self.place :]
