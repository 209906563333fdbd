"""What can be wrong with a message, by name; every bad input ends in one of these."""

from __future__ import annotations

from enum import Enum


class Flaw(Enum):
    """The kind of wrong, in the order in which a decoder meets it."""

    FRAME_LENGTH = "frame_length"
    FRAME_TOO_LONG = "frame_too_long"
    HEADER = "header"
    TRUNCATED = "truncated"
    MESSAGE_TYPE = "message_type"
    BITMAP = "bitmap"
    FIELD_UNKNOWN = "field_unknown"
    LENGTH = "length"
    PADDING = "padding"
    DIGITS = "digits"
    CHARACTERS = "characters"
    TLV = "tlv"
    TRAILING = "trailing"


class MessageFault(Exception):
    """A message that is not one of the dialect: the flaw, and the field it is in.

    ``field`` is 0 for what stands before the fields. No content of the message is kept here.
    """

    def __init__(self, flaw: Flaw, field: int = 0) -> None:
        super().__init__(f"{flaw.value} in field {field}")
        self.flaw, self.field = flaw, field

    @property
    def code(self) -> str:
        """The flaw and its field, such as ``digits:4``."""
        return f"{self.flaw.value}:{self.field}"
