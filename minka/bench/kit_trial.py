"""One trial of a vendor's client: platform, faults, driver, and the log the kit judges from."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minka.bench import kit_driver
from minka.bench.kit_books import Entry
from minka.bench.kit_case import Skipped, equal, expect
from minka.bench.kit_driver import Driver, Setting
from minka.bench.kit_faults import rule
from minka.bench.kit_platform import Gate, Platform
from minka.bench.kit_stage import Heard, QuickUpstream, Stage
from minka.client.gateway import SM2
from minka.client.identity import Identity
from minka.kit.fen import yuan

PATIENCE_MS = 1_000
"""How long a client under trial waits for an answer; faults are timed by it."""
REPAIRS = 100
SETTLEMENTS = ("2207", "2102", "2304")
Said = dict[str, Any]

Make = Callable[[Setting], Driver]
"""Starts the vendor's software for one trial."""


@dataclass(slots=True)
class Trial:
    """Everything of one case; ``close`` ends it."""

    platform: Platform
    stage: Stage
    driver: Driver
    folder: Path

    def close(self) -> None:
        """End driver and platform."""
        self.driver.close()
        self.stage.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What the driver is asked.

    def act(self, name: str, **more: Any) -> Said:
        """One act."""
        return self.driver.act({"act": name, **more})

    def credential(self, place: int = 0) -> dict[str, str]:
        """A card of somebody."""
        who = list(self.platform.books.people.values())[place]
        return {"type": "03", "number": who.card_number, "card_sn": who.card_sn}

    def bill(self, name: str, *amounts: int) -> dict[str, Any]:
        """A bill of 甲 and 乙 lines, in fen."""
        rows = [{"code": "AB"[n % 2] + "001", "amount": yuan(fen)} for n, fen in enumerate(amounts)]
        return {"bill": name, "credential": self.credential(), "lines": rows}

    def visit(self, name: str = "B1", *amounts: int) -> Said:
        """A visit from 1101 to 2207."""
        return self.act("visit", **self.bill(name, *(amounts or (8_000, 452))))

    def purchase(self, name: str = "B1") -> Said:
        """A pharmacy's sale."""
        return self.act("purchase", **self.bill(name, 3_000))

    def stay(self, name: str = "B1") -> Said:
        """A stay up to its settlement."""
        return self.act("stay", **self.bill(name, 90_000))

    def outcome(self, name: str = "B1") -> str:
        """What the driver knows of a bill now."""
        return str(self.act("outcome", bill=name)["outcome"])

    def repaired(self) -> None:
        """Repair until the driver has nothing open."""
        for _ in range(REPAIRS):
            if not self.act("repair").get("open"):
                return
            time.sleep(0.1)
        expect("补救最后清零 · repair comes to an end", self.act("repair"), None)

    def days(self) -> list[str]:
        """The platform's days so far."""
        rows = self.platform.books.entries.values()
        return sorted({e.at.strftime("%Y-%m-%d") for e in rows} | {self.day()})

    def day(self) -> str:
        """The platform's day."""
        return self.platform.books.now().strftime("%Y-%m-%d")

    # What the kit sees.

    def fault(self, *texts: str) -> None:
        """These faults from now on."""
        self.stage.faults.rules = [rule(text) for text in texts]

    def heard(self, *infnos: str) -> list[Heard]:
        """What was said, in order."""
        return [each for each in self.stage.heard if not infnos or each.infno in infnos]

    def entries(self) -> list[Entry]:
        """The platform's book."""
        return list(self.platform.books.entries.values())

    def standing(self) -> list[Entry]:
        """Settlements that stand."""
        return [e for e in self.entries() if e.kind == "settlement" and not e.undone]

    def net(self) -> int:
        """What stands at the platform, in fen."""
        return self.platform.books.net()

    def booked(self) -> int:
        """What the driver's day book holds, in fen."""
        rows = self.act("book", days=self.days()).get("lines") or []
        return sum(int(row["total_fen"]) for row in rows)

    def agreed(self) -> None:
        """Both books hold the same."""
        equal("两边账一致（分）· both books agree, in fen", self.booked(), self.net())

    def sealed(self) -> None:
        """Go on only where the client seals its messages."""
        if not any(SM2 in each.headers for each in self.heard("9001")):
            raise Skipped("客户端不用会话密封 · the client does not use sealed sessions")


def begin(make: Make) -> Trial:
    """A fresh platform with a fresh client, signed in."""
    pair = Identity.new()
    platform = Platform(Gate(public_key=pair.public_key))
    stage = Stage(QuickUpstream(platform))
    folder = kit_driver.folder()
    setting = Setting(
        stage.start(),
        platform.gate.code,
        "演示医院",
        "990100",
        platform.gate.paasid,
        platform.gate.secret,
        pair.public_key.hex(),
        pair.private_key.hex(),
        PATIENCE_MS,
        str(folder),
    )
    trial = Trial(platform, stage, make(setting), folder)
    trial.act("sign_in")
    return trial


def inputs(heard: Sequence[Heard], node: str = "data") -> list[dict[str, Any]]:
    """The input nodes of messages."""
    return [dict(each.message.get("input", {}).get(node, {})) for each in heard]
