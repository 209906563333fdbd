"""The kinds of values in bodies and answers, each with its rule as OpenAPI shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import WithJsonSchema as Shown
from pydantic.types import AwareDatetime
from pydantic_core import PydanticCustomError, core_schema

from minka.desk.loss import Agent
from minka.kit.identity import fault, normal_form
from minka.kit.secret import Clear
from minka.law.papers import Copy, Owner, ShownPaper


class Body(BaseModel):
    """What a client sends: no unknown names."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(extra="ignore")


@dataclass(frozen=True, slots=True)
class _Clear:
    """A clear text of a pattern: it leaves validation as ``Clear`` and is printed nowhere."""

    pattern: str
    example: str
    check: Literal["none", "citizen_number"] = "none"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        text = core_schema.str_schema(strict=True, pattern=self.pattern)
        return core_schema.no_info_after_validator_function(self.close, text)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "examples": [self.example]}

    def close(self, text: str) -> Clear:
        """The text closed; a citizen number with a wrong part is refused by that part's name."""
        if self.check == "citizen_number":
            wrong = fault(normal_form(text))
            if wrong is not None:
                raise PydanticCustomError(f"citizen_number_{wrong.value}", "citizen number")
        return Clear(text)


_LINE = r"^[^\u0000-\u001f\u007f]{1,60}$"

CitizenNumber = Annotated[
    Clear, _Clear(r"^[0-9]{17}[0-9Xx]$", "11000019850310001X", "citizen_number")
]
Name = Annotated[Clear, _Clear(_LINE, "试甲某")]
Phone = Annotated[Clear, _Clear(r"^\+?[0-9]{5,15}$", "13800000000")]
Image = Annotated[Clear, _Clear(r"^[A-Za-z0-9+/]{4,}={0,2}$", "aGVsbG8=")]
Digits = Annotated[Clear, _Clear(r"^[0-9]{6}$", "000000")]
CardText = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[0-9A-Z]{4,24}$"), Field(examples=["A00000017"])
]
CardNumber = Annotated[Clear, _Clear(r"^[0-9A-Z]{4,24}$", "A00000017")]
MemberNumber = Annotated[Clear, _Clear(r"^[0-9A-Za-z-]{1,30}$", "M1")]
LastFour = Annotated[Clear, _Clear(r"^[0-9A-Z]{4}$", "0017")]

Key = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._~-]{8,64}$"),
    Field(
        description="One key, one effect, one answer, for ever: the same key with the same body"
        " gives the same answer; with another body 409 desk.key_reused.",
        examples=["3f6c1a52-77f0-4d0e-9a64"],
    ),
]
Code = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9 -]{9,18}$"),
    Field(description="A receipt, slip or document code.", examples=["G-7K2M-9QX4-T"]),
]
Region = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9]{1,12}$"), Field(examples=["R1"])
]
Word = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A word of the rules: a channel, a reason, an actor, a kind of paper or place."""
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_.-]{1,20}$")]
Line = Annotated[str, StringConstraints(strict=True, pattern=_LINE)]
Fen = Annotated[int, Field(strict=True, ge=1, le=10**12, description="Money in fen.")]


def _only_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", "instant")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_only_text)]
"""An instant a client names: RFC 3339 with its offset."""
Instant = Annotated[str, Shown({"type": "string", "format": "date-time"})]
"""An instant in an answer: RFC 3339 with its offset."""
Texts = Annotated[
    dict[str, str],
    Shown(
        {
            "type": "object",
            "properties": {tag: {"type": "string"} for tag in ("zh-hans", "zh-hant", "en")},
            "required": ["zh-hans", "zh-hant", "en"],
        }
    ),
]
"""One sentence in the three languages."""


class Stated(Body):
    """What the caller states about the holder; the region's rule says which are asked."""

    name: Name | None = None
    card_number: CardNumber | None = None
    card_last4: LastFour | None = None
    card_computer_number: MemberNumber | None = None
    employer_name: Name | None = None
    phone: Phone | None = None

    def known(self) -> dict[str, Clear]:
        """The facts that were given."""
        return {name: value for name, value in self if value is not None}


class ShownPaperBody(Body):
    """A paper that was shown."""

    kind: Word = Field(examples=["resident_id"])
    copy_: Literal["unstated", "original", "original_and_copy"] = Field("original", alias="copy")
    owner: Literal["holder", "agent", "clerk"] = "holder"


class AgentBody(Body):
    """Who acts for the holder, as read from his papers."""

    name: Name
    id_number: CitizenNumber
    relation: Line | None = None


Papers = Annotated[tuple[ShownPaperBody, ...], Field(max_length=20)]
Documents = Annotated[
    tuple[Code, ...], Field(max_length=10, description="Codes of verifiable papers.")
]
Staff = Annotated[Id | None, Field(description="Who of the partner's staff does this.")]


class KeyBody(Body):
    """Nothing but the key, where the address says the rest."""

    request_key: Key
    staff: Staff = None


def agent_of(body: AgentBody | None) -> Agent | None:
    """The agent of a body."""
    return Agent(body.name, body.id_number, body.relation or "") if body else None


def papers_of(papers: Papers) -> tuple[ShownPaper, ...]:
    """The papers of a body."""
    return tuple(ShownPaper(p.kind, Copy(p.copy_), Owner(p.owner)) for p in papers)


class Problem(BaseModel):
    """A refusal (RFC 9457). ``detail`` says what, why and what next in the language asked for."""

    type: str = Field(examples=["/problems/loss.not_verified"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["loss.not_verified"])
    retryable: bool = Field(description="The same request may be sent again unchanged, later.")
    facts: dict[str, Any] = Field(description="What fills the sentence, for machines.")
    errors: list[FieldError] = Field(description="For api.not_valid: each broken rule.")


class FieldError(BaseModel):
    """One rule that one field breaks; the value itself is never given back."""

    field: str = Field(examples=["/id_number"])
    rule: str = Field(examples=["citizen_number_check"])
    detail: str
