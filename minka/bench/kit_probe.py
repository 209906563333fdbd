"""Says anything to a platform: right, wrong, twice, out of order; and reads what comes back."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

import httpx

from minka.bench.kit_case import Failed, Skipped, expect
from minka.client.figures import ECHOED, fen
from minka.client.gateway import MAC, SESSION, SM2, Session, mac_of, signed
from minka.client.identity import Identity
from minka.kit.clock import CHINA
from minka.kit.fen import yuan
from minka.wire.insurance.area import HexCase
from minka.wire.insurance.gateway import NONCE, headers

_NUMBERS = count()
_RUN = uuid.uuid4().hex[:6]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody the platform knows, invented or of its test data."""

    id_number: str
    card_number: str = ""
    card_sn: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A platform under trial, and what its test data hold.

    ``codes`` are catalogue codes of class 甲, 乙 and 丙. ``blocked`` is somebody whose card is
    reported lost. ``identity`` signs in where the platform seals its sessions.
    """

    url: str
    code: str = "H99010000001"
    name: str = "演示医院"
    area: str = "990100"
    paasid: str = "kit"
    secret: str = "kit-secret"
    hex_case: HexCase = HexCase.LOWER
    insutype: str = "310"
    recer_sys_code: str = "99"
    codes: tuple[str, str, str] = ("A001", "B001", "C001")
    holders: tuple[Holder, ...] = ()
    blocked: Holder | None = None
    identity: Identity | None = None
    patience_s: int = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as it came."""

    status: int
    raw: bytes
    said: Mapping[str, Any]
    ms: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_yes(self) -> bool:
        """Whether it says 0."""
        return str(self.said.get("infcode")) == "0"

    @property
    def is_no(self) -> bool:
        """Whether it says -1 and why."""
        return str(self.said.get("infcode")) == "-1" and bool(self.error)

    @property
    def error(self) -> str:
        """Its reason."""
        return str(self.said.get("err_msg") or "")

    @property
    def output(self) -> Mapping[str, Any]:
        """Its output."""
        found = self.said.get("output")
        return found if isinstance(found, dict) else {}

    @property
    def info(self) -> Mapping[str, Any]:
        """Its settlement."""
        found = self.output.get("setlinfo")
        return found if isinstance(found, dict) else {}

    def short(self) -> str:
        """For a report: no person in it."""
        return f"HTTP {self.status} infcode={self.said.get('infcode')!r} {self.error[:120]}"


@dataclass(slots=True)
class Visit:
    """An outpatient visit of the probe."""

    psn_no: str
    mdtrt_id: str
    batch: str
    shown: dict[str, str]
    total_fen: int
    split: list[Mapping[str, Any]] = field(default_factory=list)


class Probe:
    """One session with a platform under trial."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.session: Session | None = None
        self._http = httpx.Client(timeout=target.patience_s, trust_env=False)
        self._people: dict[str, str] = {}

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def msgid(self) -> str:
        """A new one."""
        now = datetime.now(CHINA).strftime("%Y%m%d%H%M%S")
        return f"{self.target.code}{now}{next(_NUMBERS) % 10_000:04d}"

    def number(self, prefix: str = "") -> str:
        """A number no other run has."""
        return f"{prefix}{_RUN}{next(_NUMBERS)}"

    def envelope(self, infno: str, nodes: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """The eighteen keys, with changes; a change to None takes the key out."""
        target = self.target
        made = {
            "infno": infno,
            "msgid": self.msgid(),
            "mdtrtarea_admvs": target.area,
            "insuplc_admdvs": target.area,
            "recer_sys_code": target.recer_sys_code,
            "dev_no": "",
            "dev_safe_info": "",
            "cainfo": "",
            "signtype": "",
            "infver": "V1.0",
            "opter_type": "1",
            "opter": "1",
            "opter_name": "测试员",
            "inf_time": _now(),
            "fixmedins_code": target.code,
            "fixmedins_name": target.name,
            "sign_no": self.session.sign_no if self.session else "",
            "input": nodes,
            **changes,
        }
        return {name: value for name, value in made.items() if value is not None}

    def headers(self, body: bytes) -> dict[str, str]:
        """What a gateway wants, and the session's seal."""
        target, stamp = self.target, str(int(time.time()))
        made = dict(
            headers(
                target.paasid,
                target.secret,
                timestamp=stamp,
                nonce=str(uuid.uuid4()),
                hexcase=target.hex_case,
            )
        )
        made["content-type"] = "application/json; charset=utf-8"
        if self.session is not None and self.session.mac is not None:
            made[SESSION] = self.session.sign_no
            made[MAC] = self.session.mac.code(stamp, made[NONCE], body).hex()
        return made

    def post(self, body: bytes, given: Mapping[str, str] | None = None) -> Seen:
        """Bytes and headers as they are; a platform that does not answer fails the case."""
        begun = time.monotonic()
        try:
            came = self._http.post(
                self.target.url, content=body, headers=dict(given or self.headers(body))
            )
        except httpx.HTTPError as why:
            raise Failed("平台有回答 · the platform answers", type(why).__name__) from why
        ms = int((time.monotonic() - begun) * 1000)
        return Seen(came.status_code, came.content, _read(came.content), ms, came.headers)

    def say(self, infno: str, nodes: Mapping[str, Any], **changes: Any) -> Seen:
        """One message."""
        return self.post(dump(self.envelope(infno, nodes, **changes)))

    def data(self, infno: str, **fields: Any) -> Seen:
        """One message whose input is ``data``."""
        return self.say(infno, {"data": fields})

    def must(self, infno: str, nodes: Mapping[str, Any]) -> Seen:
        """A message the case needs a yes to."""
        seen = self.say(infno, nodes)
        expect(f"{infno} 成功 · succeeds", seen.short(), seen.is_yes)
        return seen

    def sign_in(self) -> Seen:
        """9001, signed where the platform seals its sessions."""
        node = {"signIn": {"opter_no": "1", "mac": "00-00-00-00-00-00", "ip": "127.0.0.1"}}
        body = dump(self.envelope("9001", node, sign_no=""))
        given = self.headers(body)
        identity = self.target.identity
        if identity is not None:
            given[SM2] = identity.sign(signed(given, body))
        seen = self.post(body, given)
        if seen.is_yes:
            key = identity.session_key(seen.output) if identity else b""
            sign_no = str(seen.output.get("signinoutb", {}).get("sign_no", ""))
            self.session = Session(sign_no, mac_of(key))
        return seen

    # What hospitals do.

    def holder(self, place: int = 0) -> Holder:
        """Somebody; the case is left out where the target names too few."""
        if place >= len(self.target.holders):
            raise Skipped(f"需要{place + 1}位测试人员 · needs {place + 1} test holders")
        return self.target.holders[place]

    def shown(self, place: int = 0) -> dict[str, str]:
        """Somebody's identity card as a credential."""
        return {"mdtrt_cert_type": "02", "mdtrt_cert_no": self.holder(place).id_number}

    def person(self, place: int = 0) -> Seen:
        """1101 by identity card."""
        more = {"psn_cert_type": "01", "certno": self.holder(place).id_number}
        return self.must("1101", {"data": {**self.shown(place), "card_sn": "", **more}})

    def psn_no(self, place: int = 0) -> str:
        """The person's number, asked once."""
        number = self.holder(place).id_number
        if number not in self._people:
            self._people[number] = str(self.person(place).output["baseinfo"]["psn_no"])
        return self._people[number]

    def balance(self, place: int = 0) -> int:
        """The account's balance in fen."""
        rows = self.person(place).output.get("insuinfo") or []
        found = [row for row in rows if str(row.get("insutype")) == self.target.insutype]
        expect("insuinfo 有该险种 · insuinfo names the scheme", len(rows), found)
        return fen(found[0]["balc"])

    def used(self, place: int = 0) -> dict[str, int]:
        """The yearly accumulators in fen, by kind."""
        seen = self.must("5206", {"data": {"psn_no": self.psn_no(place), "cum_ym": ""}})
        rows = seen.output.get("cuminfo") or []
        kept = [row for row in rows if str(row.get("insutype")) == self.target.insutype]
        return {f"{row['year']} {row['cum_type_code']}": fen(row["cum"]) for row in kept}

    def register(self, place: int = 0) -> Visit:
        """2201."""
        psn_no, number = self.psn_no(place), self.number("V")
        seen = self.must("2201", {"data": self.registration(psn_no, number, self.shown(place))})
        mdtrt_id = str(seen.output["data"]["mdtrt_id"])
        return Visit(psn_no, mdtrt_id, number[:30], self.shown(place), 0)

    def registration(self, psn_no: str, number: str, shown: Mapping[str, str]) -> dict[str, Any]:
        """The fields of 2201."""
        return {
            "psn_no": psn_no,
            "insutype": self.target.insutype,
            "begntime": _now(),
            **shown,
            "ipt_otp_no": number,
            "atddr_no": "D1",
            "dr_name": "医生甲",
            "dept_code": "01",
            "dept_name": "内科",
            "caty": "A03",
        }

    def lines(self, visit: Visit, amounts: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
        """Lines of (class 0 甲, 1 乙 or 2 丙; fen)."""
        return [
            {
                "feedetl_sn": str(int(time.time() * 1000) % 10**9 * 10**5 + next(_NUMBERS)),
                "mdtrt_id": visit.mdtrt_id,
                "psn_no": visit.psn_no,
                "chrg_bchno": visit.batch,
                "rx_circ_flag": "0",
                "fee_ocur_time": _now(),
                "med_list_codg": self.target.codes[kind],
                "medins_list_codg": self.target.codes[kind],
                "det_item_fee_sumamt": yuan(amount),
                "cnt": "1",
                "pric": yuan(amount),
                "bilg_dept_codg": "01",
                "bilg_dept_name": "内科",
                "bilg_dr_codg": "D1",
                "bilg_dr_name": "医生甲",
                "hosp_appr_flag": "0",
            }
            for kind, amount in amounts
        ]

    def visit(self, *amounts: tuple[int, int], place: int = 0) -> Visit:
        """A visit with its lines uploaded; by itself 甲 and 乙."""
        visit = self.register(place)
        chosen = amounts or ((0, 8_000), (1, 452))
        seen = self.must("2204", {"feedetail": self.lines(visit, chosen)})
        visit.split = list(seen.output.get("result") or [])
        visit.total_fen = sum(amount for _, amount in chosen)
        return visit

    def bill(self, visit: Visit, **changes: Any) -> dict[str, Any]:
        """The fields of 2206."""
        return {
            "psn_no": visit.psn_no,
            **visit.shown,
            "med_type": "11",
            "medfee_sumamt": yuan(visit.total_fen),
            "psn_setlway": "01",
            "mdtrt_id": visit.mdtrt_id,
            "chrg_bchno": visit.batch,
            "acct_used_flag": "1",
            "insutype": self.target.insutype,
            **changes,
        }

    def quote(self, visit: Visit) -> Seen:
        """2206."""
        return self.must("2206", {"data": self.bill(visit)})

    def settlement(self, visit: Visit, **changes: Any) -> dict[str, Any]:
        """The fields of 2207, the four totals repeated from 2206."""
        info = self.quote(visit).info
        echoed = {name: str(info.get(name, "0")) for name in ECHOED}
        return {**self.bill(visit), "invono": "", **echoed, **changes}

    def settle(self, visit: Visit) -> Seen:
        """2206 and 2207."""
        return self.must("2207", {"data": self.settlement(visit)})

    def undo(self, seen: Seen, visit: Visit, infno: str = "2208") -> Seen:
        """A refund of a settlement."""
        return self.data(
            infno,
            setl_id=str(seen.info.get("setl_id")),
            mdtrt_id=visit.mdtrt_id,
            psn_no=visit.psn_no,
        )

    def reverse(self, omsgid: str, psn_no: str, oinfno: str = "2207") -> Seen:
        """2601."""
        return self.data("2601", psn_no=psn_no, omsgid=omsgid, oinfno=oinfno)


def dump(message: Mapping[str, Any]) -> bytes:
    """A message's bytes."""
    return json.dumps(message, ensure_ascii=False, default=str).encode()


def _now() -> str:
    return datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
