"""Names compared as people mean them: one character in two encodings is one name."""

from __future__ import annotations

import unicodedata

MIDDLE_DOTS = dict.fromkeys(map(ord, "•‧・･⋅∙"), "·")
PRIVATE_TO_UNICODE = {
    # Characters that older GB 18030 tables kept in the private use area (recalled, not read in
    # the standard; a wrong row can only make two spellings of one name differ).
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE832: 0x9FB8,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE864: 0x9FBB,
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE831: 0x215D7,
    0xE83B: 0x2298F,
    0xE855: 0x241FE,
}


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
