"""docs/host.md: what a terminal's maker needs to know, made from the code.

``python -m minka.doors.host.pages docs/host.md`` writes the file anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from minka.doors.host.refusals import FIELD_39
from minka.wire.iso8583.dialect import Dialect, names, read

_HEAD = """\
# The host door: card terminals over ISO 8583

<!-- Written by `python -m minka.doors.host.pages docs/host.md`; do not edit. -->

ISO 8583:1987 over TCP. How a network writes it is a *dialect*, a file of
`minka/wire/iso8583/dialects/`; each dialect is spoken on a port of its own, from the host door's
port upwards in the order of this table. A new dialect is a new file, and no code.
"""

_RULES = """\
## Messages

| request | answer | what | fields asked for |
|---|---|---|---|
| 0800, 70 = 001 | 0810 | sign-on: new working keys in 62 | 11 41 70 |
| 0800, 70 = 101 | 0810 | the same, authenticated with the keys in use | 11 41 70 MAC |
| 0800, 70 = 301 / 002 | 0810 | echo / sign-off | 11 41 70, for 002 the MAC |
| 0100, 3 = 31xxxx | 0110 | balance, in 54 | 2 or 35, 3 11 12 13 41 42 52 MAC |
| 0200, 3 = 00xxxx | 0210 | purchase with PIN | 2 or 35, 3 4 11 12 13 41 42 49 52 MAC |
| 0400, 0420 | 0410, 0430 | reversal, also as an advice | 2 or 35, 3 4 11 12 13 41 42 90 MAC |

- A message is known by fields 13, 12 and 11 and its terminal, for ever. Sent again (0201, 0401,
  0421, or unchanged) it has one effect and one answer. Sent with other content it is 94.
- No answer in time, or 98: send a reversal and repeat it until it is answered. A reversal whose
  original is unknown is accepted too, and refuses the original when it comes later (68).
- 96 says that nothing was booked: send the same message again.
- A0 says that the MAC is wrong or the switch was started anew: sign on, then go on.
- 90 is the original's type, its field 11, its fields 13 and 12, and 22 zeros. That its ten digits
  of time are local time and not field 7 is our rule: field 7 changes in a repeat.
- 43 with a country in its last two places, 19, 20, 49 and 51 may only say China. Cash, transfers,
  cash back and their merchant categories (18) are refused before the books are asked.
- 37 comes from the message's own number and is the same in every repeat. 44 names a fault and its
  field, such as `digits:4` or `missing:49`.

## Keys

62 of an answer to a sign-on is 38 bytes: the PIN key under the terminal's master key (16) with its
check value (3), then the MAC key likewise. Keys are enciphered block by block with the dialect's
cipher; a check value is the first bytes of enciphered zeros. New keys are in use from the first
message that is authenticated with them; the answer that brings them bears a MAC of the new key.

A PIN block is bound to twelve digits. For a bank number they are its last twelve without the check
digit. For a social security card they are its letter as two digits (A = 10 … Z = 35) and its seven
digits, with zeros in front; that rule is ours, and so is `sm4_4`: ISO 9564-1 format 4 with SM4.
"""


def written() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_dialects(), _RULES, *_answers()])


def _dialects() -> Iterator[str]:
    yield "| dialect | frame | digits | bitmap | MAC | PIN block | what it is |"
    yield "|---|---|---|---|---|---|---|"
    for name in names():
        yield _row(read(name))
    yield ""


def _row(dialect: Dialect) -> str:
    tpdu = ", TPDU" if dialect.tpdu_bytes else ""
    header = f", header {dialect.header.hex()}" if dialect.header else ""
    over = "fields " + " ".join(map(str, dialect.mac_over)) if dialect.mac_over else "the message"
    bitmap = "bytes" if dialect.bitmap.value == "bcd" else "hexadecimal"
    cells = (
        f"`{dialect.name}`",
        f"{dialect.frame.value}{tpdu}{header}",
        dialect.digits.value,
        bitmap,
        f"{dialect.mac.value} over {over}",
        dialect.pin.value,
        dialect.about,
    )
    return f"| {' | '.join(cells)} |"


def _answers() -> Iterator[str]:
    yield "## Field 39\n"
    yield "| 39 | refusal | 说明 | what it says |"
    yield "|---|---|---|---|"
    yield "| 00 | - | 成功 | approved |"
    ordered = sorted(FIELD_39.items(), key=lambda item: (item[1], item[0].code))
    for answer, group in groupby(ordered, key=lambda item: item[1]):
        for reason, _ in group:
            words = reason.words
            yield f"| {answer} | `{reason.code}` | {words.zh_hans} | {words.en} |"
    yield ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
