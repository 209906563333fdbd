"""A small hospital for the tests: a client of its own, a platform, and faults between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from minka.bench.kit_faults import Faults, rule
from minka.bench.kit_platform import Gate, Platform
from minka.bench.kit_stage import QuickUpstream, Stage
from minka.client import (
    Ask,
    Bill,
    By,
    Client,
    Credential,
    Identity,
    Outcome,
    Site,
    Success,
)
from minka.kit.clock import CHINA
from minka.kit.fen import yuan
from minka.kit.secret import Clear

GATE = Gate()
FIRST = "P990100000001"


@dataclass
class Ward:
    """A client, its platform and what lies between."""

    client: Client
    platform: Platform
    stage: Stage
    identity: Identity
    path: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def fault(self, *texts: str) -> None:
        """These faults and no others, from now on."""
        self.stage.faults.rules = [rule(text) for text in texts]

    def again(self) -> Client:
        """The same hospital after its software was started anew."""
        self.client.close()
        self.client = Client(self.client.site, self.path, self.identity)
        got(self.client.sign_in("1"))
        return self.client

    def credential(self, by: By = By.CARD, psn_no: str = FIRST) -> Credential:
        """A credential of somebody invented."""
        who = self.platform.books.people[psn_no]
        number = {By.CARD: who.card_number, By.ID_CARD: who.certno}.get(by, f"EC{psn_no}")
        return Credential(by, Clear(number), who.card_sn)

    def bill(self, total_fen: int = 12_000, psn_no: str = FIRST) -> Bill:
        """A visit with one line, ready to be settled."""
        number = f"B{next(self.numbers)}"
        shown = self.credential(psn_no=psn_no)
        found = got(self.client.register(psn_no, shown, **visit_fields(number)))
        mdtrt_id = found.output["data"]["mdtrt_id"]
        got(self.client.upload(psn_no, [line(number, mdtrt_id, total_fen)]))
        return Bill(number, psn_no, mdtrt_id, shown, total_fen, batch=number)

    def settle(self, bill: Bill) -> Outcome:
        """Pre-settle and settle."""
        return self.client.settle(bill, got(self.client.pre_settle(bill)))

    def stands(self, bill: Bill) -> int:
        """What stands for a bill in the platform's books, in fen."""
        return self.platform.books.net(bill.mdtrt_id)

    def booked(self) -> int:
        """What stands in the hospital's own book, in fen."""
        days = {entry.at.strftime("%Y-%m-%d") for entry in self.platform.books.entries.values()}
        return sum(row.total_fen for day in days for row in self.client.book.lines(day))

    def agree(self) -> bool:
        """Whether both books hold the same."""
        return self.booked() == self.platform.books.net()


@contextmanager
def ward(folder: Path, *, ask: Ask = Ask.SAME_MSGID, patience_ms: int = 300) -> Iterator[Ward]:
    """A ward of its own, signed in."""
    identity = Identity.new()
    platform = Platform(Gate(public_key=identity.public_key))
    stage = Stage(QuickUpstream(platform), Faults())
    url = stage.start()
    site = Site(
        url,
        GATE.code,
        "演示医院",
        "990100",
        paasid=GATE.paasid,
        secret=GATE.secret,
        ask=ask,
        patience_ms=patience_ms,
    )
    path = folder / "outbound.db"
    made = Ward(Client(site, path, identity), platform, stage, identity, path)
    got(made.client.sign_in("1"))
    yield made
    made.client.close()
    stage.stop()


def got(outcome: Outcome) -> Success:
    """A success, or the test ends here."""
    assert isinstance(outcome, Success), outcome
    return outcome


def visit_fields(number: str) -> dict[str, Any]:
    """What a registration says besides the person."""
    return {
        "insutype": "310",
        "begntime": datetime.now(CHINA),
        "ipt_otp_no": number,
        "atddr_no": "D1",
        "dr_name": "医生甲",
        "dept_code": "01",
        "dept_name": "内科",
        "caty": "A03",
    }


def line(number: str, mdtrt_id: str, total_fen: int, code: str = "A001") -> dict[str, Any]:
    """One line of a bill."""
    return {
        "feedetl_sn": f"{number}-1",
        "mdtrt_id": mdtrt_id,
        "chrg_bchno": number,
        "rx_circ_flag": "0",
        "fee_ocur_time": datetime.now(CHINA),
        "med_list_codg": code,
        "medins_list_codg": code,
        "det_item_fee_sumamt": yuan(total_fen),
        "cnt": "1",
        "pric": yuan(total_fen),
        "bilg_dept_codg": "01",
        "bilg_dept_name": "内科",
        "bilg_dr_codg": "D1",
        "bilg_dr_name": "医生甲",
        "hosp_appr_flag": "0",
    }
