"""The books of the kit's quick platform: people, visits, lines, settlements, all in memory.

Its benefits are simple on purpose (the fund pays seven tenths of what is in scope): the kit tries
how software behaves, not how a city reckons. The real reckoning is the switch's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from minka.bench.people import invented_number
from minka.client.figures import fen
from minka.kit.clock import CHINA
from minka.kit.fen import yuan

FUND_TENTHS = 7
LIMIT_FEN = 1000
"""Price limit of what begins with BL, each."""
AREA = "990100"
SCHEME = "310"
NOT_OF_A_REFUND = frozenset(
    "psn_no psn_name psn_cert_type certno insutype psn_type cvlserv_flag med_type clr_way"
    " clr_type".split()
)
"""What the answers of 2208, 2305 and 2103 leave out (interface, section 3.1)."""
NAMES = ("张样例", "李样例", "王样例", "赵样例", "钱样例", "孙样例")


class No(Exception):
    """A refusal in words."""


@dataclass(slots=True)
class Person:
    """Somebody invented."""

    psn_no: str
    name: str
    certno: str
    card_number: str
    card_sn: str
    balance_fen: int
    blocked: str = ""
    used_fen: int = 0
    """In scope of this year; what 5206 tells."""


@dataclass(slots=True)
class Visit:
    """An outpatient visit, a stay or a purchase."""

    mdtrt_id: str
    psn_no: str
    kind: str
    state: str = "open"
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """A row of the settlement book; a refund or a reversal is a row of its own, negative."""

    setl_id: str
    msgid: str
    infno: str
    psn_no: str
    mdtrt_id: str
    kind: str
    at: datetime
    med_type: str
    batch: str
    amounts: dict[str, int]
    of_setl_id: str = ""
    undone: str = ""


@dataclass(slots=True)
class Books:
    """Everything the platform remembers."""

    people: dict[str, Person] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    answers: dict[str, tuple[bytes, dict[str, Any]]] = field(default_factory=dict)
    """What each message said and was answered."""
    tombstones: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    admissions: dict[str, str] = field(default_factory=dict)
    day_shift: timedelta = timedelta(0)
    count: int = 0

    def number(self, prefix: str) -> str:
        """A number nothing else has."""
        self.count += 1
        return f"{prefix}{AREA}{self.count:09d}"

    def now(self) -> datetime:
        """The platform's time, moved on when its day was cut."""
        return datetime.now(CHINA) + self.day_shift

    def person(self, psn_no: str) -> Person:
        """A person by number."""
        if psn_no not in self.people:
            raise No("人员编号不存在")
        return self.people[psn_no]

    def shown(self, by: str, number: str, card_sn: str = "") -> Person:
        """Whose credential it is; a blocked card opens nothing."""
        for each in self.people.values():
            if number == {"02": each.certno, "03": each.card_number}.get(by, f"EC{each.psn_no}"):
                if by == "03" and each.blocked:
                    raise No("该社会保障卡已挂失，不能结算")
                if by == "03" and card_sn and card_sn != each.card_sn:
                    raise No("卡识别码与在用卡不符")
                return each
        raise No("凭证号码没有登记")

    def agrees(self, node: Mapping[str, Any]) -> Person:
        """The person of a settlement, whose credential must be that person's."""
        found = self.shown(node["mdtrt_cert_type"], node["mdtrt_cert_no"])
        if found.psn_no != node["psn_no"]:
            raise No("凭证与人员编号不是同一人")
        return found

    def visit(self, node: Mapping[str, Any], *states: str) -> Visit:
        """The visit of a message, in one of the states."""
        found = self.visits.get(node["mdtrt_id"])
        if found is None or found.psn_no != node["psn_no"]:
            raise No("就诊登记不存在或不是本人的")
        if states and found.state not in states:
            raise No("就诊登记的状态不允许办理")
        return found

    def open_visit(self, psn_no: str, kind: str) -> Visit:
        """A new visit."""
        self.person(psn_no)
        made = Visit(self.number("M"), psn_no, kind)
        self.visits[made.mdtrt_id] = made
        return made

    def live(self, visit: Visit, batch: str) -> Entry | None:
        """The settlement that stands for a batch of a visit."""
        for each in self.entries.values():
            same = each.mdtrt_id == visit.mdtrt_id and each.batch in ("", batch)
            if same and each.kind == "settlement" and not each.undone:
                return each
        return None

    def post(self, entry: Entry) -> Entry:
        """Write a row and move the person's balance and accumulator by it."""
        who = self.person(entry.psn_no)
        who.balance_fen -= entry.amounts["account"]
        who.used_fen += entry.amounts["in_scope"]
        self.entries[entry.setl_id] = entry
        return entry

    def undo(self, entry: Entry, kind: str, msgid: str, infno: str) -> Entry:
        """The negative mirror of a settlement, or of a refund."""
        made = Entry(
            **(_fields(entry) | {"setl_id": self.number("S"), "msgid": msgid, "infno": infno}),
            kind=kind,
            at=self.now(),
            amounts={name: -amount for name, amount in entry.amounts.items()},
            of_setl_id=entry.setl_id,
        )
        entry.undone = made.setl_id
        if entry.of_setl_id:
            self.entries[entry.of_setl_id].undone = ""
        return self.post(made)

    def net(self, mdtrt_id: str = "") -> int:
        """What stands in the books, in fen, of one visit or of all."""
        rows = self.entries.values()
        return sum(e.amounts["total"] for e in rows if mdtrt_id in ("", e.mdtrt_id))


def _fields(entry: Entry) -> dict[str, Any]:
    return {
        "psn_no": entry.psn_no,
        "mdtrt_id": entry.mdtrt_id,
        "med_type": entry.med_type,
        "batch": entry.batch,
    }


def town() -> Books:
    """Books with six invented people, each with an account."""
    made = Books()
    for n, name in enumerate(NAMES, start=1):
        certno = invented_number("119901", f"198{n}0101", n)
        psn_no = f"P{AREA}{n:06d}"
        made.people[psn_no] = Person(
            psn_no, name, certno, f"K{n:08d}", f"SN{n:014d}", balance_fen=500_000
        )
    return made


def split(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line split: class by the code's first letter (A, B, C), BL with a limit per unit."""
    amount, code = fen(line["det_item_fee_sumamt"]), str(line["med_list_codg"])
    if code[:1] not in "ABC":
        raise No(f"目录编码不存在：{code}")
    own = amount if code[0] == "C" else 0
    count = int(Decimal(str(line["cnt"])) * 10_000)
    over = max(0, amount - LIMIT_FEN * count // 10_000) if code.startswith("BL") else 0
    first = ((amount - over) + 5) // 10 if code[0] == "B" else 0
    return {
        "feedetl_sn": str(line["feedetl_sn"]),
        "det_item_fee_sumamt": amount,
        "cnt": line["cnt"],
        "pric": line["pric"],
        "pric_uplmt_amt": LIMIT_FEN if code.startswith("BL") else 9_999_900,
        "selfpay_prop": {"A": 0, "B": 1000, "C": 10000}[code[0]],
        "fulamt_ownpay_amt": own,
        "overlmt_amt": over,
        "preselfpay_amt": first,
        "inscp_scp_amt": amount - own - over - first,
        "chrgitm_lv": {"A": "01", "B": "02", "C": "03"}[code[0]],
        "chrg_bchno": str(line.get("chrg_bchno", "")),
    }


def amounts(lines: Sequence[Mapping[str, Any]], used: str, balance_fen: int) -> dict[str, int]:
    """The parts of a bill; they add up to it."""
    own, over, first, scope = (
        sum(line[name] for line in lines)
        for name in ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    )
    total = own + over + first + scope
    fund = scope * FUND_TENTHS // 10
    account = max(0, min(total - fund, balance_fen)) if used == "1" else 0
    return {
        "total": total,
        "own_pay": own,
        "over_limit": over,
        "self_first": first,
        "in_scope": scope,
        "fund": fund,
        "account": account,
        "cash": total - fund - account,
    }


def shown(entry: Entry, who: Person) -> dict[str, Any]:
    """The fields of SETLINFO that every settlement has."""
    part = {name: Decimal(yuan(amount)) for name, amount in entry.amounts.items()}
    cash = {"2208": "pdn_cash_pay", "2103": "cash_payamt"}.get(entry.infno, "psn_cash_pay")
    person = "psn_pay" if entry.infno == "2103" else "psn_part_amt"
    whole = {
        "mdtrt_id": entry.mdtrt_id,
        "psn_no": who.psn_no,
        "psn_name": who.name,
        "psn_cert_type": "01",
        "certno": who.certno,
        "insutype": SCHEME,
        "psn_type": "11",
        "cvlserv_flag": "0",
        "setl_time": entry.at.strftime("%Y-%m-%d %H:%M:%S"),
        "med_type": entry.med_type,
        "medfee_sumamt": part["total"],
        "fulamt_ownpay_amt": part["own_pay"],
        "overlmt_selfpay": part["over_limit"],
        "preselfpay_amt": part["self_first"],
        "inscp_scp_amt": part["in_scope"],
        "act_pay_dedc": 0,
        "hifp_pay": part["fund"],
        "pool_prop_selfpay": Decimal(FUND_TENTHS) / 10,
        **dict.fromkeys(("cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay"), 0),
        **dict.fromkeys(("oth_pay", "hosp_part_amt", "acct_mulaid_pay"), 0),
        "fund_pay_sumamt": part["fund"],
        person: Decimal(yuan(entry.amounts["account"] + entry.amounts["cash"])),
        "acct_pay": part["account"],
        cash: part["cash"],
        "balc": Decimal(yuan(who.balance_fen)),
        "medins_setl_id": entry.msgid,
        "clr_optins": AREA,
        "clr_way": "1",
        "clr_type": {"2102": "41", "2304": "21"}.get(entry.infno, "11"),
        "setl_id": entry.setl_id,
    }
    hidden = NOT_OF_A_REFUND if entry.infno in ("2103", "2208", "2305") else ()
    return {name: value for name, value in whole.items() if name not in hidden}
