"""`python -m minka.bench.card_insert`: a virtual card and a PSAM in the pcscd of this machine.

Needs a running pcscd with vsmartcard-vpcd; the card goes into the first virtual reader, the PSAM
into the second, until Ctrl-C. Without an argument it is the card of the reference's session (PIN
123456); with one, the card in that file, whose memory is written back at the end.
"""

from __future__ import annotations

import secrets
import signal
import sys
from pathlib import Path
from threading import Event

from minka.bench.card_maker import Blank, make
from minka.bench.card_memory import Memory
from minka.bench.card_os import card as powered
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.bench.psam_maker import Terminal, sam_cells, sam_from
from minka.bench.vpcd import FIRST_PORT, SECOND_PORT, ReaderGone, VirtualReader
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear

HISTORICAL = bytes.fromhex("00990102038699990100000001")
ISSUER = {"01": "990100D15600000500000001FFFFFFFF", "02": "3", "03": "3.00", "07": "M00000019"}
HOLDER = {"08": "990101199001010019", "09": "测试甲", "0A": "1", "0B": "01"}


def demo_cells() -> bytes:
    """The memory of the card that goes in when none is named."""
    contents = {"SSSEEF05": ISSUER, "SSSEEF06": HOLDER, "DF04EF05": {"8F": "2"}}
    return make(Shape(), Blank("990100", HISTORICAL, contents, pin=Clear("123456")))


def main() -> None:
    """Put both in and wait for Ctrl-C, also where whoever started us let it be ignored."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    memory = Memory(path.read_bytes() if path else demo_cells())
    card = powered(memory, random=secrets.token_bytes)
    sam = sam_from(sam_cells(Terminal(algorithms=(Algorithm.SM4, Algorithm.TRIPLE_DES))))
    try:
        with (
            VirtualReader(Slot(card), FIRST_PORT),
            VirtualReader(Slot(sam), SECOND_PORT),
        ):
            print("card and PSAM are in; Ctrl-C takes them out", flush=True)
            Event().wait()
    except ReaderGone as fault:
        sys.exit(f"{fault}: start pcscd (`sudo pcscd --foreground`) with vsmartcard-vpcd installed")
    except KeyboardInterrupt:
        print("out", flush=True)
    finally:
        if path is not None:
            path.write_bytes(memory.cells)


if __name__ == "__main__":
    main()
