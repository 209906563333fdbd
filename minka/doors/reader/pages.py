"""docs/reader.md: the reader service for whoever installs it or writes a page, made from the code.

``python -m minka.doors.reader.pages docs/reader.md`` writes the file anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from minka.doors.reader.codes import CONTINUE_WITH_HSM, SENTENCES
from minka.doors.reader.dialects import BIZ, ELSEWHERE
from minka.doors.reader.driver import FUNCTIONS
from minka.doors.reader.settings import ReaderSettings

_HEAD = """\
# The reader service: cards at a counter, a kiosk or a hospital window

<!-- Written by `python -m minka.doors.reader.pages docs/reader.md`; do not edit. -->

One service on each machine that has a reader. Pages in a browser, programs, and old programs
through a C library all speak with it; it alone speaks with the card. It listens on 127.0.0.1 and
nowhere else.

```
pip install 'minka[reader]'          # pyscard: needs swig, gcc and libpcsclite-dev to be built
minka reader list                    # the readers, and whether a card is in each
minka reader serve --page https://his.test --sam "Module 00"
minka reader serve --demo --page http://127.0.0.1:8000   # the demo city's virtual cards and keys
minka reader serve --virtual Desk=35963     # a port at which a virtual card calls, without pcscd
```

| port | what | who may call |
|---|---|---|
| 18080 | WebSocket, Minka's own form | named pages, programs |
| 18885 | WebSocket, `{"bizcode":…,"body":…}` | named pages, programs |
| 12342 | WebSocket, `{"function":…}` and `{"func":…,"in":[…]}` | named pages, programs |
| 8089 | HTTP, `/readCard` | named pages, programs |
| 8089 | HTTP, `/driver/<function>` | programs alone: the C library |

## Who comes in

- A page comes in when its origin is in `open_pages`, letter for letter; `null`, which pages in
  files and sandboxes send, never does. A page of https may call: browsers take 127.0.0.1 for safe.
  New browsers ask the person once, and ask the service before (private network access); it answers
  for named pages.
- The Host of a request must be one of `open_names` with the right port, so that a page whose name
  was made to point at this machine stays outside.
- A program sends no origin. Over HTTP it sends `X-Minka-Program` when it acts, which a page cannot
  do without asking first, and is refused. Whoever can run programs on the machine can also use the
  reader itself: `programs: closed` shuts the ports to them, not the reader.
- One operation runs at a time. What a first step left half done belongs to its caller: others wait
  until it is finished, given up, or `hold_s` is over. After `patience_s` the answer is -4.
- The log has a function's name, its code and its milliseconds. It never has an argument or an
  output.

## Minka's own form

One JSON object in, one out. Every answer has `ok`, `code` and `words`, and repeats `id`. `lang`
says in which language: zh-hans, zh-hant or en.

| act | besides | answer |
|---|---|---|
| list | | `readers`: `name`, `card` |
| read | `kind` (iType), `files` (a pFileAddr), `clear` | `card`; `items` by file and tag if clear |
| call | `function`, `arguments`, `clear` | the code; `out` if clear |
| watch | | from now on `{"event": "inserted", "reader": …}`, removed, attached, detached |
| pad | | this page shows the PIN pad: it gets `{"ask": 1, "title": …, "fewest": 4, "most": 12}` |
| pin | `id` (the number asked), `pin` or null | nothing; the function that waits goes on |

Numbers and names are masked unless `clear` is true and the setting `clear` lets it.
"""

_STEPS = """\
Strings are GBK at the C library and Unicode at the sockets. A field ends with `|`, a file with `$`.
iType: 1 contact, 2 contactless, 3 contact first, 4 contactless first. iAuthType: 1 PIN, 2 key.

- Every function selects the environment anew and reads the identification code and the card number;
  pCardInfo (`卡识别码|卡号|`) must name the same card, or the answer is -22.
- Step 2 and 3 go on with the card that Step 1 left under power, and only for the same caller.
- pFileAddr is `SSSEEF06|08|09|$DF01EF0A|37|$`; `3F00` is taken for `SSSE`. The output and
  pWriteData mirror it; an empty value is nothing between two bars. A transparent file is
  hexadecimal digits.
  A second mention of a tag is its second record, and so is `4002`; in a cyclic file a mark is the
  number of the record, 01 the newest.
- With PSAM: the module holds roots of any level; three, two and one factors are tried.
- With an encryption machine: the strings of Step 1 go to the province's services and what they
  answer is the pKey of the next step. `minka.doors.reader.hsm.VaultServices` answers them out of a
  key vault, and also the numbered strings 01 to 04 of one machine's interface.
"""

_BIZ_HEAD = """\
## The bizcode dialect

`{"bizcode":"1002","body":{"iType":3}}` is answered with `bizcode`, `recode`, `reinfo` and a `body`
that has `pOutInfo`. 1001 is answered with the terminal's device number. PINs in a body serve
instead of a pad. A code that is not served is answered with -13, and says so.
"""

_LIBRARY = """\
## The C library

`make -C native` builds `libminkacard.so` (`native/minkacard.h`): the functions above under their
own names, and the reader level of SSSE32 (`ICC_Reader_Open`, `_Close`, `_PowerOn`, `_PowerOff`,
`_GetStatus`, `_Application`, `_Libinfo`; slots 0x01 … for cards, 0x11 for the module). It has no
dependency and calls the service at port 8089, or at `MINKA_READER_HTTP_PORT`. Without the service
every function answers -11.

pOut must have room for 1,024 bytes; for `iReadCard`, `iReadCard_HSM_Step2` and `iReadDebitRecord`
for 20,480. What does not fit is not written at all, and the code is -42. The source is for POSIX
systems; a build for Windows is not made yet.

## What no open source tells

The defaults of settings that say "bench default" are ours; replace them from your own documents.
Besides these: SSF33 (02) needs a real module or machine; the exact buffers of other vendors'
libraries; the file notation of other vendors; -15 and the serial readers that give it.
"""


def written() -> str:
    """The whole page."""
    rest = [*_functions(), _BIZ_HEAD, *_bizcodes(), *_codes(), *_settings(), _LIBRARY]
    return "\n".join([_HEAD, *rest])


def _functions() -> Iterator[str]:
    yield "## The driver functions\n"
    yield "| function | takes |"
    yield "|---|---|"
    for name, function in FUNCTIONS.items():
        yield f"| `{name}` | {', '.join(function.arguments)} |"
    yield ""
    yield _STEPS


def _bizcodes() -> Iterator[str]:
    yield "| bizcode | function | PINs of the body, in asking order |"
    yield "|---|---|---|"
    for code, biz in BIZ.items():
        yield f"| {code} | `{biz.function}` | {', '.join(biz.pins)} |"
    yield ""
    yield (
        "Known and not served here: " + ", ".join(f"{c} {w}" for c, w in ELSEWHERE.items()) + ".\n"
    )


def _codes() -> Iterator[str]:
    yield "## Return codes\n"
    yield "A card's own refusal is minus its status word: 6A82 is -27266, 63C2 is -25538."
    five = ", ".join(str(int(code)) for code in sorted(CONTINUE_WITH_HSM, reverse=True))
    yield f"After {five} a caller goes on with the functions of the encryption machine.\n"
    yield "| code | 说明 | what it says |"
    yield "|---|---|---|"
    for code, words in SENTENCES.items():
        yield f"| {int(code)} | {words.zh_hans} | {words.en} |"
    yield ""


def _settings() -> Iterator[str]:
    yield "## Settings\n"
    yield "Each is the variable `MINKA_READER_` and its name in capitals, or a line of the YAML"
    yield "file of `minka reader serve --settings`.\n"
    yield "| setting | default | what it says |"
    yield "|---|---|---|"
    for name, field in ReaderSettings.model_fields.items():
        default = str(field.default).replace("|", "\\|")
        yield f"| `{name}` | `{default}` | {field.description} |"
    yield ""


def main() -> None:
    """Writes the page to the path given."""
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
