"""Our own client as a vendor's software: the acts of a trial done with ``minka.client``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from minka.bench.kit_driver import Act, Setting
from minka.client import (
    Bill,
    By,
    Client,
    Credential,
    Identity,
    Line,
    Outcome,
    Purchase,
    Refused,
    Site,
    State,
    Success,
    Unknown,
    settled,
)
from minka.kit.clock import CHINA
from minka.kit.fen import from_yuan
from minka.kit.secret import Clear

Said = dict[str, Any]


class OwnDriver:
    """One trial's client."""

    def __init__(self, setting: Setting) -> None:
        site = Site(
            setting.url,
            setting.fixmedins_code,
            setting.fixmedins_name,
            setting.area,
            paasid=setting.paasid,
            secret=setting.secret,
            patience_ms=setting.patience_ms,
        )
        pair = Identity(bytes.fromhex(setting.public_key), bytes.fromhex(setting.private_key))
        self.client = Client(site, Path(setting.folder) / "outbound.db", pair)
        self._bills: dict[str, Callable[[], Outcome]] = {}
        self._split: dict[str, list[dict[str, Any]]] = {}

    def close(self) -> None:
        """See ``Driver.close``."""
        self.client.close()

    def act(self, act: Act) -> Said:
        """See ``Driver.act``."""
        found: Said = getattr(self, f"on_{act['act']}")(act)
        return found

    def has(self, bill: str) -> int:
        """Whether a bill has come so far that settling it is all that is left."""
        return int(bill in self._bills)

    def on_sign_in(self, _act: Act) -> Said:
        """9001."""
        return self._said(self.client.sign_in("1"))

    def on_visit(self, act: Act) -> Said:
        """1101, 2201, 2204, 2206, 2207."""
        shown, number = _credential(act), str(act["bill"])
        person = self.client.person(shown)
        if not isinstance(person, Success):
            return self._said(person)
        psn_no = str(person.output["baseinfo"]["psn_no"])
        opened = self.client.register(psn_no, shown, **_registration(number))
        if not isinstance(opened, Success):
            return self._said(opened)
        mdtrt_id = str(opened.output["data"]["mdtrt_id"])
        rows = [_line(number, n, mdtrt_id, row) for n, row in enumerate(act["lines"])]
        uploaded = self.client.upload(psn_no, rows)
        if not isinstance(uploaded, Success):
            return self._said(uploaded)
        bill = Bill(number, psn_no, mdtrt_id, shown, _total(act), batch=number)
        self._bills[number] = lambda: self._settle(bill)
        return self._said(self._settle(bill))

    def _settle(self, bill: Bill) -> Outcome:
        quoted = self.client.pre_settle(bill)
        return self.client.settle(bill, quoted) if isinstance(quoted, Success) else quoted

    def on_purchase(self, act: Act) -> Said:
        """1101, 2101, 2102."""
        shown, number = _credential(act), str(act["bill"])
        person = self.client.person(shown)
        if not isinstance(person, Success):
            return self._said(person)
        psn_no = str(person.output["baseinfo"]["psn_no"])
        rows = [_line(number, n, "", row) for n, row in enumerate(act["lines"])]
        lines = [_bought(row) | {"psn_no": psn_no} for row in rows]
        now = datetime.now(CHINA)
        bought = Purchase(number, psn_no, shown, _total(act), now, lines)
        self._bills[number] = lambda: self._buy(bought)
        return self._said(self._buy(bought))

    def _buy(self, bought: Purchase) -> Outcome:
        quoted = self.client.pre_settle_purchase(bought)
        return self.client.settle_purchase(bought) if isinstance(quoted, Success) else quoted

    def on_stay(self, act: Act) -> Said:
        """1101, 2401, 2301, 2303, 2304."""
        shown, number = _credential(act), str(act["bill"])
        person = self.client.person(shown)
        if not isinstance(person, Success):
            return self._said(person)
        psn_no = str(person.output["baseinfo"]["psn_no"])
        self._bills[number] = lambda: self._stay(act, psn_no, shown)
        return self._said(self._bills[number]())

    def _stay(self, act: Act, psn_no: str, shown: Credential) -> Outcome:
        number = str(act["bill"])
        diagnoses = [_DIAGNOSIS | {"diag_time": datetime.now(CHINA)}]
        opened = self.client.admit(psn_no, shown, diagnoses, **_admission(number))
        if not isinstance(opened, Success):
            return opened
        mdtrt_id = str(opened.output["result"]["mdtrt_id"])
        if number not in self._split:
            rows = [_line(number, n, mdtrt_id, row) for n, row in enumerate(act["lines"])]
            uploaded = self.client.upload_stay(psn_no, [row | {"med_type": "21"} for row in rows])
            if not isinstance(uploaded, Success):
                return uploaded
            self._split[number] = uploaded.output["result"]
        bill = Bill(number, psn_no, mdtrt_id, shown, _total(act), med_type="21")
        quoted = self.client.pre_settle_stay(bill, self._split[number])
        return self.client.settle_stay(bill, quoted) if isinstance(quoted, Success) else quoted

    def on_settle(self, act: Act) -> Said:
        """The clerk presses the button again."""
        return self._said(self._bills[str(act["bill"])]())

    def on_refund(self, act: Act) -> Said:
        """2208, 2103 or 2305, by what stands for the bill."""
        standing = self.client.log.standing(str(act["bill"]))
        if standing is None or standing.state is not State.SUCCESS:
            return {"outcome": "refused", "message": "没有可退的结算"}
        done = self.client.outcome(standing.msgid)
        assert isinstance(done, Success)
        how = {
            "2207": self.client.refund,
            "2102": self.client.refund_purchase,
            "2304": self.client.refund_stay,
        }
        return self._said(how[standing.infno](settled(done.output)))

    def on_repair(self, _act: Act) -> Said:
        """Clear up what is unknown."""
        self.client.repair()
        states = (State.OPEN, State.REVERSING)
        return {"open": sum(len(self.client.log.in_state(state)) for state in states)}

    def on_outcome(self, act: Act) -> Said:
        """What is known of a bill now."""
        standing = self.client.log.standing(str(act["bill"]))
        if standing is None:
            return {"outcome": "refused", "message": ""}
        return self._said(self.client.outcome(standing.msgid))

    def on_book(self, act: Act) -> Said:
        """The day book of the given days."""
        rows = [row for day in act["days"] for row in self.client.book.lines(day)]
        return {
            "lines": [
                {"setl_id": row.setl_id, "total_fen": row.total_fen, "of": row.of_setl_id}
                for row in rows
            ]
        }

    def on_compare(self, act: Act) -> Said:
        """Our book beside the platform's lines."""
        theirs = [
            Line(
                *(row["setl_id"], row["mdtrt_id"], row["psn_no"], row["total_fen"]),
                *(row["fund_fen"], row["account_fen"]),
                of_setl_id=row["of"],
            )
            for row in act["lines"]
        ]
        found = self.client.book.compare(str(act["day"]), theirs)
        return {"differences": [{"setl_id": e.setl_id, "cause": e.cause.name} for e in found]}

    def on_prove(self, act: Act) -> Said:
        """3201 for every group of a day."""
        groups = self.client.book.totals(str(act["day"]))
        return {"results": [self._proved(group) for group in groups]}

    def _proved(self, group: dict[str, Any]) -> str:
        found = self.client.proved(group)
        return str(found.output["stmtinfo"]["stmt_rslt"]) if isinstance(found, Success) else "?"

    def _said(self, found: Outcome) -> Said:
        """One of three words, and what the clerk is shown."""
        match found:
            case Success():
                info = found.output.get("setlinfo") or {}
                return {"outcome": "success", "setl_id": info.get("setl_id", ""), "message": ""}
            case Refused():
                return {"outcome": "refused", "message": found.message}
            case Unknown():
                return {"outcome": "unknown", "message": found.say()}


def _credential(act: Act) -> Credential:
    shown = act["credential"]
    return Credential(By(shown["type"]), Clear(shown["number"]), shown.get("card_sn", ""))


def _total(act: Act) -> int:
    return sum(from_yuan(row["amount"]) for row in act["lines"])


def _registration(number: str) -> dict[str, Any]:
    doctor = {"atddr_no": "D1", "dr_name": "医生甲", "dept_code": "01", "dept_name": "内科"}
    now = datetime.now(CHINA)
    return {"insutype": "310", "begntime": now, "ipt_otp_no": number, "caty": "A03", **doctor}


def _line(number: str, n: int, mdtrt_id: str, row: Act) -> dict[str, Any]:
    return {
        "feedetl_sn": f"{number}-{n}",
        "mdtrt_id": mdtrt_id,
        "chrg_bchno": number,
        "rx_circ_flag": "0",
        "fee_ocur_time": datetime.now(CHINA),
        "med_list_codg": row["code"],
        "medins_list_codg": row["code"],
        "det_item_fee_sumamt": row["amount"],
        "cnt": "1",
        "pric": row["amount"],
        "bilg_dept_codg": "01",
        "bilg_dept_name": "内科",
        "bilg_dr_codg": "D1",
        "bilg_dr_name": "医生甲",
        "hosp_appr_flag": "0",
    }


def _bought(row: dict[str, Any]) -> dict[str, Any]:
    hidden = ("mdtrt_id", "bilg_dept_codg", "bilg_dept_name", "hosp_appr_flag", "chrg_bchno")
    return {name: value for name, value in row.items() if name not in hidden}


_DIAGNOSIS = {
    "diag_type": "1",
    "maindiag_flag": "1",
    "diag_srt_no": "1",
    "diag_code": "Z00.0",
    "diag_name": "检查",
    "diag_dept": "01",
    "dise_dor_no": "D1",
    "dise_dor_name": "医生甲",
}


def _admission(number: str) -> dict[str, Any]:
    return {
        "insutype": "310",
        "med_type": "21",
        "ipt_no": number,
        "begntime": datetime.now(CHINA),
        "atddr_no": "D1",
        "chfpdr_name": "医生甲",
        "adm_diag_dscr": "观察",
        "adm_dept_codg": "01",
        "adm_dept_name": "内科",
        "adm_bed": "3",
        "dscg_maindiag_code": "Z00.0",
        "dscg_maindiag_name": "检查",
    }


def main() -> None:
    """Our own client, driven by lines of JSON."""
    driver = OwnDriver(Setting(**json.loads(sys.stdin.readline())))
    for line in sys.stdin:
        print(json.dumps(driver.act(json.loads(line)), ensure_ascii=False), flush=True)
    driver.close()


if __name__ == "__main__":
    main()
