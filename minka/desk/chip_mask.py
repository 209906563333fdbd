"""What of a chip may stand on a screen that others see: identity masked, in words and in bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from minka.cards.number import mask as mask_card
from minka.chip.contents import Field
from minka.kit.identity import mask_name, mask_number, mask_phone

SHOWN_OF_PLACE = 6
"""Characters of an address that stay: the province and the city."""


def _place(text: str) -> str:
    return text[:SHOWN_OF_PLACE] + "***" if len(text) > SHOWN_OF_PLACE else "***"


def _rest(text: str) -> str:
    return "*" * min(len(text), 3)


MASKS: Mapping[str, Callable[[str], str]] = {
    "SSSEEF05.01": lambda text: text[:8] + "…" + text[-8:],
    "SSSEEF05.07": mask_card,
    "SSSEEF06.08": mask_number,
    "SSSEEF06.09": mask_name,
    "SSSEEF06.4E": _rest,
    "SSSEEF06.0D": lambda text: text[:4] + "-**-**",
    "DF01EF05.21": _place,
    "DF01EF06.23": _place,
    "DF01EF06.28": mask_phone,
    "DF01EF06.2C": mask_name,
    "DF01EF06.2D": mask_phone,
    "DF04EF05.87": mask_number,
    "DF04EF05.8A": mask_number,
    "DF04EF05.8B": mask_number,
}
"""Items that name a person, by address, each with how it is masked."""


def address(field: Field) -> str:
    """File and tag of a field."""
    return f"{field.file.name}.{field.item.mark}"


def names_somebody(field: Field) -> bool:
    """Whether the item is masked."""
    return address(field) in MASKS


def said(field: Field, language: str = "zh-hans") -> str:
    """A field in plain words, masked; an item of items by its parts."""
    if field.parts:
        parts = [p for p in field.parts if p.reading.value is not None]
        return "；".join(f"{name(p, language)} {p.say(language)}" for p in parts)
    text = field.say(language)
    return MASKS.get(address(field), str)(text) if field.reading.value is not None else text


def name(field: Field, language: str = "zh-hans") -> str:
    """The item's name in the standard."""
    return field.item.name_en if language == "en" else field.item.name_zh


def clear(field: Field, language: str = "zh-hans") -> str:
    """A field in plain words, nothing masked."""
    return said(field, language) if field.parts else field.say(language)


def raw(field: Field) -> str:
    """The bytes as they lie on the card, in hexadecimal."""
    value = field.reading.raw
    tag = field.item.tag
    return ((bytes((tag, len(value))) if tag else b"") + value).hex(" ").upper()


def hidden_raw(field: Field) -> str:
    """The bytes, but for those of an item that names somebody: only how many there are."""
    return f"({len(field.reading.raw)})" if names_somebody(field) else raw(field)
