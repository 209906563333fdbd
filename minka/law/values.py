"""The shapes of the values a rule can have, besides periods, papers, words and lists of words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from minka.kit.fen import Fen
from minka.law.period import Period


class Listing(Enum):
    """Whether a list is complete or the rule adds "and others"."""

    CLOSED = "closed"
    OPEN = "open"


class Nearness(Enum):
    """Whether any place of the kind serves, or the rule says the nearest."""

    ANY = "any"
    NEAREST = "nearest"


class Verdict(Enum):
    """What a rule says about an act."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    SILENT = "silent"


class Until(Enum):
    """The moment of a replacement from which a withdrawal comes too late."""

    REISSUE = "reissue"
    """As the text words it, before a reading: application or completion (O3-2)."""
    APPLICATION = "application"
    COMPLETION = "completion"


class Where(Enum):
    """At which office of the right kind an act is done."""

    ANY = "any"
    WHERE_REPORTED = "where_reported"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way in: its kind, and what the rule adds to it."""

    kind: str
    number: str | None = None
    hours: str | None = None
    place: str | None = None
    class_min: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Kinds of office or place where an act is done."""

    kinds: tuple[str, ...]
    nearness: Nearness = Nearness.ANY
    class_min: int | None = None
    same_as: str | None = None
    """The act whose very place it must be: ``replace`` for the point that took the application."""

    def takes(self, kind: str | None, place_class: int | None = None) -> bool:
        """Whether a place of this kind (and class, for hospitals) is one of them."""
        if kind is not None and kind not in self.kinds:
            return False
        return None in (self.class_min, place_class) or (place_class or 0) >= (self.class_min or 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts a person must state."""

    names: tuple[str, ...]
    listing: Listing = Listing.CLOSED


@dataclass(frozen=True, slots=True)
class Fee:
    """What an act costs, by reason where the rule says so, and who pays nothing."""

    amount_fen: Fen
    per: str = "replacement"
    by_reason: tuple[tuple[str, Fen], ...] = ()
    waived_for: tuple[str, ...] = ()

    def due(self, reason: str | None = None, waiver: str | None = None) -> Fen:
        """The fee in fen for a reason, 0 when the waiver claimed is one of the rule."""
        if waiver in self.waived_for:
            return Fen(0)
        return dict(self.by_reason).get(reason or "", self.amount_fen)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Whether a loss report can be taken back: by force, until when, and at which office."""

    before_formal: Verdict = Verdict.SILENT
    after_formal: Verdict = Verdict.SILENT
    until: Until | None = None
    where: Where | None = None

    def verdict(self, force: str) -> Verdict:
        """The verdict for a report of this force; an unstated force is not formal."""
        return self.after_formal if force == "formal" else self.before_formal


@dataclass(frozen=True, slots=True)
class Balance:
    """What happens to the money on the old card, and after which event."""

    action: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Reimbursement:
    """How many expenses are paid back, and which."""

    count: int
    which: str


@dataclass(frozen=True, slots=True)
class LossPeriod:
    """During which time an expense counts, and by which of its dates."""

    begins: str
    """``last_use`` of the card before it was reported, or ``stopped``, when the report held."""
    dated_by: str
    """``payment`` or ``treatment``."""
    before: Period | None = None
    """How long before the report the time can begin at most."""


@dataclass(frozen=True, slots=True)
class Signing:
    """From which amount a decision needs two people."""

    two_people_from_fen: Fen


@dataclass(frozen=True, slots=True)
class Throttle:
    """How many acts within a period are ordinary; what follows beyond."""

    count: int
    period: Period
    action: str


@dataclass(frozen=True, slots=True)
class Photo:
    """The electronic photo an application needs."""

    width_px: int
    height_px: int
    dpi: int
    reuse: Verdict
    """Whether a photo already on file may serve."""
