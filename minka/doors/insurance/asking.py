"""Questions at the door: person, institution, benefits, settlement, accumulators.

1101 and 1161 answer with the clear name and number: that is what the interface has them for. Each
stands in the audit as a look, and neither is ever logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from minka.care.decide import Credential
from minka.desk.visit import Showing
from minka.desk.visit_look import (
    Benefit,
    Found,
    Identified,
    Stated,
    Used,
    benefits_of,
    identify,
    kind_of,
    settlement_of,
    used_by,
)
from minka.desk.visit_refusals import VisitRefusal
from minka.doors.insurance.acting import by_hand, message_of, showing_of
from minka.doors.insurance.core import Call
from minka.doors.insurance.settling import number, rendered
from minka.kit.secret import Clear
from minka.store.hot.arrays import day

IDENTITY_CARD = "01"
PAID_HERE = "1"
"""pay_loc: settled at the provider [inferred]."""
INSURED, PAUSED, ENDED = "1", "2", "4"
"""psn_insu_stas [recalled]."""
TYPES = {"hospital": "1", "pharmacy": "2"}
"""fixmedins_type: medical institution, pharmacy [recalled]."""
CUM_TYPES = {
    "op_deductible": "OP_DEDC",
    "op_scope": "OP_INSCP",
    "op_fund": "OP_FUND",
    "admissions": "ADM_CNT",
    "pool_paid": "HIFP_PAY",
    "large_paid": "HIFOB_PAY",
    "own_scope": "PSN_INSCP",
}
"""cum_type_code of each sum: our own codes, for no list of the national ones is public."""


def person(call: Call) -> None:
    """1101: who shows this credential, and how insured."""
    data = call.message.input.data
    stated = Stated(Clear(data.certno or ""), Clear(data.psn_name or ""))
    _identify(call, showing_of(data), stated, partial(_person, call))


def _identify(call: Call, showing: Showing, stated: Stated, show: Any) -> None:
    doing = partial(identify, call.core.office, message_of(call, ""), showing, stated)
    by_hand(call, doing, show)


def _person(call: Call, found: Identified) -> None:
    call.say(call.dialect.outputs.output("1101", **_nodes(found)))


def _nodes(found: Identified) -> dict[str, Any]:
    coverage = found.coverage
    return {
        "baseinfo": {
            "psn_no": str(coverage.person_id),
            "psn_cert_type": IDENTITY_CARD,
            "certno": found.number.reveal(),
            "psn_name": found.name.reveal(),
            "gend": found.sex,
            "brdy": found.born_on.isoformat() if found.born_on else None,
            "age": found.age * 10,
        },
        "insuinfo": [_insured(found)],
        "idetinfo": [],
    }


def _insured(found: Identified) -> dict[str, Any]:
    coverage = found.coverage
    today = (found.at.date() - date(2000, 1, 1)).days
    over = today >= coverage.covered_until
    return {
        "balc": coverage.balance,
        "insutype": str(coverage.scheme),
        "psn_type": str(coverage.psn_type),
        "psn_insu_stas": ENDED if over else PAUSED if found.paused else INSURED,
        "psn_insu_date": day(coverage.covered_from).isoformat(),
        "paus_insu_date": day(coverage.covered_until).isoformat() if over else None,
        "cvlserv_flag": str(coverage.civil),
        "insuplc_admdvs": f"{coverage.area:06d}",
        "emp_name": found.employer or None,
    }


def card_read(call: Call) -> None:
    """1161: the same for a card in a reader, whose number the message carries."""
    said = call.message.input
    node = said.get("data", said) if isinstance(said, dict) else {}
    card = str(node.get("cardno") or node.get("mdtrt_cert_no") or "")
    if not card or len(card) > 50:
        return call.refuse(VisitRefusal.NO_READER)
    showing = Showing(Credential.CARD, Clear(card), str(node.get("card_sn") or "")[:32])
    return _identify(call, showing, Stated(), partial(_card_read, call, card))


def _card_read(call: Call, card: str, found: Identified) -> None:
    nodes = _nodes(found)
    nodes["cardecinfo"] = {
        "psn_cert_type": IDENTITY_CARD,
        "certno": found.number.reveal(),
        "psn_name": found.name.reveal(),
        "cardno": card,
        "card_sn": found.chip.hex().upper() or None,
    }
    call.say(call.dialect.outputs.output("1161", **nodes))


def institution(call: Call) -> None:
    """1201: the institution that asks."""
    asked, own = call.message.input.medinsinfo, call.provider
    if asked.fixmedins_code not in (None, "", own.fixmedins_code):
        return call.refuse(VisitRefusal.NOT_OURS)
    found = {
        "fixmedins_code": own.fixmedins_code,
        "fixmedins_name": own.name,
        "uscc": own.uscc or own.fixmedins_code,
        "fixmedins_type": TYPES.get(own.kind, "1"),
        "hosp_lv": f"{own.level:02d}",
    }
    return call.say(call.dialect.outputs.output("1201", medinsinfo=found))


def benefits(call: Call) -> None:
    """2001: whether each fund pays for such a visit."""
    data = call.message.input.data
    if data.fixmedins_code != call.provider.fixmedins_code:
        return call.refuse(VisitRefusal.NOT_OURS)
    doing = partial(
        benefits_of,
        call.core.office,
        call.core.book,
        person_id=number(data.psn_no),
        scheme=int(data.insutype),
        basis=kind_of(data.med_type),
        on=date.fromisoformat(data.begntime[:10]),
        provider=call.provider,
    )
    return by_hand(call, doing, partial(_benefits, call, data.psn_no))


def _benefits(call: Call, psn_no: str, found: list[Benefit]) -> None:
    rows = [
        {
            "psn_no": psn_no,
            "trt_chk_type": "1",
            "fund_pay_type": each.fund,
            "trt_enjymnt_flag": "0" if each.why else "1",
            "begndate": each.from_on.isoformat(),
            "enddate": each.until_on.isoformat() if each.until_on else None,
            "trt_chk_rslt": each.why or None,
        }
        for each in found
    ]
    call.say(call.dialect.outputs.output("2001", trtinfo=rows))


def settlement(call: Call) -> None:
    """5203: a settlement of this institution, and whether it was taken back."""
    data = call.message.input.data
    doing = partial(
        settlement_of,
        call.core.office,
        call.provider,
        person_id=number(data.psn_no),
        visit_no=number(data.mdtrt_id),
        key=(number(data.setl_id[:18]), number(data.setl_id[18:])),
    )
    by_hand(call, doing, partial(_settlement, call))


def _settlement(call: Call, found: Found) -> None:
    own, entry = call.provider, found.entry
    more = {
        "medins_setl_id": f"{own.fixmedins_code}{entry.msg_no:018d}",
        "fixmedins_code": own.fixmedins_code,
        "fixmedins_name": own.name,
        "hosp_lv": f"{own.level:02d}",
        "fixmedins_poolarea": f"{own.area:06d}",
        "insu_optins": f"{entry.area:06d}",
        "pay_loc": PAID_HERE,
        "begndate": found.begun_on.isoformat(),
        "enddate": found.ended_on.isoformat(),
        "refd_setl_flag": "1" if found.undone or entry.total < 0 else "0",
        "year": str(entry.year),
        "dise_codg": found.disease[0] or None,
        "dise_name": found.disease[1] or None,
    }
    call.say(rendered(call, entry, found.shown.encode(), more))


def accumulators(call: Call) -> None:
    """5206: what a person's year had used at the end of a month."""
    data = call.message.input.data
    month = data.cum_ym or ""
    if month and not _is_month(month):
        return call.fail("累计年月（cum_ym）不是年月，没有查询。请按yyyyMM填写。")
    doing = partial(used_by, call.core.office, number(data.psn_no), month)
    return by_hand(call, doing, partial(_accumulators, call))


def _is_month(text: str) -> int:
    plain = len(text) == 6 and text.isascii() and text.isdigit()
    return int(plain and "1900" < text[:4] < "9999" and "01" <= text[4:] <= "12")


def _accumulators(call: Call, found: Used) -> None:
    call.say(call.dialect.outputs.output("5206", cuminfo=list(_sums(found))))


def _sums(found: Used) -> Iterator[Mapping[str, object]]:
    for name, code in CUM_TYPES.items():
        fen = found.sums[name]
        yield {
            "insutype": str(found.scheme),
            "year": str(found.year),
            "cum_ym": found.month,
            "cum_type_code": code,
            "cum": fen * 100 if name == "admissions" else fen,
        }


HANDLERS = {
    "1101": person,
    "1161": card_read,
    "1201": institution,
    "2001": benefits,
    "5203": settlement,
    "5206": accumulators,
}
