"""An insured person as the register knows him: masked by default, clear only on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NewType

from minka.kit.secret import Clear

PersonId = NewType("PersonId", int)


@dataclass(frozen=True, slots=True)
class Person:
    """One insured person; clear texts are held as ``Clear`` and never print."""

    person_id: PersonId
    region: str
    number: Clear
    name: Clear
    number_mask: str
    name_mask: str
    phone: Clear | None = None
    phone_mask: str = ""
    member_number: str = ""
    employer_id: str = ""
    employer_name: str = ""
    guardian_id: int | None = None
    born_on: date | None = None
    photo_code: str = ""

    def is_minor_on(self, day: date) -> int:
        """One when the person is under eighteen on a day and acts through a guardian."""
        if self.born_on is None:
            return 0
        birthday = (day.month, day.day) >= (self.born_on.month, self.born_on.day)
        return int(day.year - self.born_on.year - (not birthday) < 18)
