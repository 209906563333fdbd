"""What pages are made of: the values that the templates in ``templates/parts`` draw.

A view puts these into its context and the template includes the part of the same name, for example
``{% include "parts/timeline.html" with lines=lines %}``. Texts are already translated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise

Text = str | Promise


class Tone(StrEnum):
    """What a colour means; it never stands alone, words always say the same."""

    PLAIN = "plain"
    GOOD = "good"
    WAIT = "wait"
    """Amber: provisional, can be undone, somebody still has to act."""
    SHUT = "shut"
    """Grey: formal and final, cannot be undone."""
    BAD = "bad"


class Weight(StrEnum):
    """How strongly a button calls."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    DANGER = "danger"


class Method(StrEnum):
    """A link to read, or a form to send."""

    GET = "get"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button (parts/action.html): POST becomes a small form with the CSRF token."""

    label: Text
    url: str
    weight: Weight = Weight.PRIMARY
    method: Method = Method.GET
    fields: tuple[tuple[str, str], ...] = ()


class LineState(StrEnum):
    """How far one line of a timeline is."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    AHEAD = "ahead"
    """Will happen at the printed instant unless somebody acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of parts/timeline.html: what, its own state and instant, who, and a way to retry."""

    state: LineState
    what: Text
    at: datetime | None = None
    who: Text = ""
    note: Text = ""
    retry: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFace:
    """The card picture (parts/card.html): masked texts only, and the stripe of its state."""

    name: str
    number: str
    city: Text
    bank: Text = ""
    stripe: Text
    tone: Tone = Tone.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The panel of parts/status.html: a sentence, who acts, by when, one button, the code small."""

    sentence: Text
    tone: Tone = Tone.PLAIN
    who: Text = ""
    until: datetime | None = None
    until_label: Text = ""
    action: Action | None = None
    code: str = ""


class StepState(StrEnum):
    """Where a step of a ladder or a task of a list stands."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of parts/ladder.html."""

    label: Text
    state: StepState
    at: datetime | None = None
    note: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer of parts/summary.html, with the page that changes it."""

    label: Text
    value: Text
    change_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One line of parts/tasks.html."""

    title: Text
    state: StepState
    label: Text
    url: str = ""
    hint: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A small word of state (parts/tag.html)."""

    text: Text
    tone: Tone = Tone.PLAIN


class Align(StrEnum):
    """Words to the left, figures to the right."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of parts/table.html."""

    title: Text
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A table cell that is more than a text."""

    text: Text = ""
    url: str = ""
    tag: Tag | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: the caption says what it holds, ``empty`` what to do when it holds nothing."""

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell | Text]]
    empty: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A large way in (parts/tiles.html): a situation in the visitor's words."""

    title: Text
    url: str
    hint: Text = ""
    icon: str = "card"
    weight: Weight = Weight.SECONDARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One entry of the error summary that belongs to no Django form: message and field id."""

    message: Text
    field_id: str = ""
