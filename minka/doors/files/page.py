"""docs/files.md: what files may look like, made from the mappings and refusals themselves.

``python -m minka.doors.files.page docs/files.md`` writes the file anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from minka.doors.files import mapping
from minka.doors.files.mapping import FIELDS, REQUIRED
from minka.doors.files.refusals import FileRefusal, RowRefusal

HEAD = """# Registers as files

<!-- Written by `python -m minka.doors.files.page docs/files.md`; do not edit. -->

    minka import persons|cards|agencies FILE [--mapping NAME|FILE] [--region R1]
                 [--dry-run] [--resume] [--refused FILE] [--json]
    minka export persons|cards|agencies FILE --reason WHY [--mapping NAME] [--region R1]

- A file is csv (UTF-8 with or without its mark, or GB18030; comma, tab or semicolon) or the first
  sheet of a workbook. Agencies first, then people, then cards; one file may hold people and cards
  and is then imported twice.
- Each row is added, known already (same content), repeated in the file, or refused with a reason;
  the register is never overwritten. `--refused` writes only the refused rows, with the reason, in a
  file that can be corrected and imported as it is. Exit code 4: some row was refused.
- `--dry-run` checks every row and changes nothing.
- A chunk of rows is one commit together with its progress and its audit event. After a kill,
  `--resume` goes on; two imports of one file take turns; no row is ever written twice.
- A card comes in with the moves that lead to its state. A formal loss stops it for good; a
  provisional one until the time the file gives, or until somebody ends it. The hot list and the
  bank are told; holders are not alarmed about what they know.
- An export is recorded with its reason before the first row is read, and only its owner can read
  the file. Imported into an empty register and exported again, it is the same to the byte.
- Cells that a spreadsheet could take for a formula carry an apostrophe, and lose it coming in.

# Mappings

Without `--mapping` the first of these that fits the head is taken. A partner with other columns or
codes gets a YAML file of its own: `extends: aac`, and below it only what differs.
"""


def written() -> str:
    """The page."""
    parts = [HEAD]
    for name in mapping.names():
        parts.append(f"\n## {name}: {mapping.dialect('persons', name).about.en}\n")
        parts += [_columns(kind, name) for kind in FIELDS]
    parts.append("\n# Refusals of a row\n\nA sentence names column and line, never a value.\n\n")
    parts += [f"- `{each.name.lower()}` {each.words.en}\n" for each in RowRefusal]
    parts.append("\n# Refusals of a file\n\n")
    parts += [f"- `{each.code}` {each.words.en}\n" for each in FileRefusal]
    return "".join(parts)


def _columns(kind: str, name: str) -> str:
    part = mapping.dialect(kind, name).part
    lines = [f"\n### {kind}\n\n| field | columns |\n|---|---|\n"]
    for field, columns in part.fields.items():
        mark = " (needed)" if field in REQUIRED[kind] else ""
        lines.append(f"| {field}{mark} | {', '.join(columns)} |\n")
    for codes in part.codes:
        meant = "; ".join(f"{code} = {_fills(fills)}" for code, fills in codes.values.items())
        lines.append(f"| codes of {codes.column} | {meant} |\n")
    return "".join(lines)


def _fills(fills: object) -> str:
    assert isinstance(fills, dict)
    return ", ".join(f"{name} {value or 'none'}" for name, value in fills.items()) or "accepted"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
