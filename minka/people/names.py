"""Names compared as people mean them: one character in two encodings is one name."""

from __future__ import annotations

import unicodedata

MIDDLE_DOTS = dict.fromkeys(map(ord, "•‧・･⋅∙"), "·")
PRIVATE_TO_UNICODE = str.maketrans(
    {
        # Characters of GB 18030-2005 that stood in the private use area and have had a place of
        # their own since Unicode 4.1 to 5.2 (GB 18030-2022, table of changed mappings).
        "\ue81e": "龴",
        "\ue826": "龵",
        "\ue82b": "龶",
        "\ue82c": "龷",
        "\ue832": "龸",
        "\ue843": "龹",
        "\ue854": "龺",
        "\ue864": "龻",
        "\ue863": "𤇾",
        "\ue816": "𠂇",
        "\ue817": "𠂉",
        "\ue818": "𠃌",
        "\ue831": "𢦏",
        "\ue83b": "𡗗",
        "\ue855": "𣥂",
    }
)


def written_form(name: str) -> str:
    """The name as stored and printed: composed, trimmed, private-use characters replaced."""
    plain = unicodedata.normalize("NFC", name).translate(PRIVATE_TO_UNICODE)
    return " ".join(plain.translate(MIDDLE_DOTS).split())


def comparison_form(name: str) -> str:
    """The name for comparing: compatibility forms, spaces, dots and case do not count."""
    folded = unicodedata.normalize("NFKC", written_form(name)).casefold()
    return "".join(c for c in folded if c not in " ·.-")


def same_name(one: str, other: str) -> int:
    """One when two written names mean the same person's name, else nought."""
    return int(bool(one) and comparison_form(one) == comparison_form(other))
