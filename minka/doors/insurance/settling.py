"""Settlements at the door: pre-settle, settle, refund and reverse, and how they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeAlias

from minka.care.bill import Bill
from minka.care.decide import Ask, Credential
from minka.care.entry import Entry, numbers_of
from minka.care.split import AccountUse
from minka.desk.settle_job import Job, Outcome, Task, Verdict
from minka.desk.settle_think import NO_ASK
from minka.desk.visit import TOKEN
from minka.doors.insurance.core import UNDECIDED, Call
from minka.kit.secret import Clear
from minka.store import cards
from minka.store.connection import RegisterAway, row
from minka.store.hot.arrays import moment
from minka.store.people import number_index
from minka.wire.insurance.figures import instant19
from minka.wire.insurance.output import AMOUNTS, HEADER

UNKNOWN = "平台没有得到结果，是否记账未知。请用原报文编号重发，或冲正（2601）。"
REVERSIBLE = frozenset({"2102", "2103", "2207", "2208", "2304", "2305", "2401"})
Told: TypeAlias = Callable[[Outcome], None]
_YES = {"1": AccountUse.YES}


def number(text: str | None) -> int:
    """A number of ours out of its text; nought for what can be none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def ask_of(call: Call, data: Any) -> Ask:
    """What a settlement or pre-settlement asks."""
    echo = None
    if getattr(data, "inscp_scp_amt", None) is not None:
        echo = Bill(
            data.medfee_sumamt,
            data.fulamt_ownpay_amt or 0,
            data.overlmt_selfpay or 0,
            data.preselfpay_amt or 0,
            data.inscp_scp_amt,
        )
    return Ask(
        int(data.mdtrt_cert_type),
        data.mdtrt_cert_no.encode(),
        data.medfee_sumamt,
        echo,
        _YES.get(data.acct_used_flag or "0", AccountUse.NO),
        int(data.insutype),
    )


def put(call: Call, job: Job, told: Told) -> None:
    """Into the person's lane, once it is known whose identity was shown."""
    shown = Clear(job.ask.card_number.decode())
    keys = call.core.office.keys
    if job.ask.credential == Credential.NUMBER:
        job.number_index = number_index(keys, shown)
    if job.ask.credential != Credential.TOKEN:
        return call.core.settle(job, told)
    return call.core.later(_put_by_token(call, job, keys.index(TOKEN, shown), told))


async def _put_by_token(call: Call, job: Job, index: bytes, told: Told) -> None:
    """A token is looked up first: it stands for the identity of the person it was given to."""
    core = call.core

    def look() -> bytes:
        with core.office.register.act() as connection:
            at = cards.now(connection, core.office.fence())
            found = row(connection, "visit.token_number", index=index, at=at)
        return bytes(found["number_index"]) if found else b"nobody"

    try:
        job.number_index = await core.by_hand(look)
    except RegisterAway:
        return call.fail(UNKNOWN, UNDECIDED)
    return core.settle(job, told)


def settle(task: Task, batch_field: str, call: Call) -> None:
    """2206, 2207, 2303, 2304: the bill of a registered visit."""
    data = call.message.input.data
    ask = ask_of(call, data)
    job = Job(
        task,
        *call.key,
        number(data.psn_no),
        int(call.message.infno),
        ask,
        visit_no=number(data.mdtrt_id),
        batch=getattr(data, batch_field, "").encode() if batch_field else b"",
        content_hash=call.content_hash(),
    )
    if task is Task.PREVIEW:
        job.msg_no, job.origin_no = 0, call.provider.provider_no
    put(call, job, partial(settled, call))


def refund(call: Call) -> None:
    """2208, 2305, 2103: money back after a known settlement; no card is asked for."""
    data = call.message.input.data
    setl_id = data.setl_id
    job = Job(
        Task.REFUND,
        *call.key,
        number(data.psn_no),
        int(call.message.infno),
        NO_ASK,
        visit_no=number(data.mdtrt_id),
        of_msg_no=number(setl_id[:18]),
        of_origin_no=number(setl_id[18:]),
        content_hash=call.content_hash(),
    )
    call.core.settle(job, partial(settled, call))


def reverse(call: Call) -> None:
    """2601: a message whose outcome its sender does not know shall have no effect."""
    data = call.message.input.data
    code = call.provider.fixmedins_code
    if data.oinfno not in REVERSIBLE:
        return call.fail(f"交易{data.oinfno}不能冲正，没有办理。请核对原交易编号。")
    if len(data.omsgid) != 30 or data.omsgid[:12] != code or not number(data.omsgid[12:]):
        return call.fail("原发送方报文ID（omsgid）不是本机构的报文编号，没有冲正。请核对。")
    if data.oinfno == "2401":
        return call.core.handlers["2601/2401"](call)
    job = Job(
        Task.REVERSE,
        *call.key,
        number(data.psn_no),
        2601,
        NO_ASK,
        of_msg_no=number(data.omsgid[12:]),
        of_origin_no=call.provider.provider_no,
        content_hash=call.content_hash(),
    )
    return call.core.settle(job, partial(_reversed, call))


def _reversed(call: Call, outcome: Outcome) -> None:
    if outcome.verdict is Verdict.DONE:
        call.say()
    else:
        unsettled(call, outcome)


def settled(call: Call, outcome: Outcome) -> None:
    """Answer with the settlement, or say why there is none."""
    if outcome.verdict is Verdict.DONE and outcome.entry is not None:
        call.say(rendered(call, outcome.entry, outcome.shown))
    else:
        unsettled(call, outcome)


def unsettled(call: Call, outcome: Outcome) -> None:
    """Say that nothing was booked and why, or that nobody knows."""
    if outcome.verdict is Verdict.BUSY:
        call.busy()
    elif outcome.reason is not None:
        call.refuse(outcome.reason, {"hotline": "12333"})
    else:
        call.fail(UNKNOWN, UNDECIDED)


def rendered(
    call: Call, entry: Entry, shown: bytes, more: Mapping[str, str | None] | None = None
) -> dict[str, Any]:
    """SETLINFO and SETLDETAIL of a journal row; a refund's amounts are negative as they stand.

    ``more`` are further fields of the header, or others in the place of its own.
    """
    counted = entry.in_scope - entry.deductible
    share = (entry.pool * 10_000 + counted // 2) // counted if counted else 0
    numbers = numbers_of(entry)
    funds = sum(numbers[_POOL_AT : _POOL_AT + 7])
    amounts = (
        *numbers[_TOTAL : _TOTAL + 7],
        *(share, entry.civil, entry.enterprise, entry.serious, entry.large, entry.assistance),
        *(entry.other, funds, entry.account + entry.cash, entry.account, entry.cash),
        *(entry.hospital, entry.balance),
    )
    outputs, infno = call.dialect.outputs, call.message.infno
    header = _header(call, entry, shown)
    if not more:
        return outputs.settled(infno, amounts, header, _details(entry))
    named = {**dict(zip(HEADER, header, strict=True)), **more}
    details = [dict(zip(_DETAIL, each, strict=True)) for each in _details(entry)]
    return outputs.settlement(infno, dict(zip(AMOUNTS, amounts, strict=True)), named, details)


_TOTAL = Entry._fields.index("total")
_POOL_AT = Entry._fields.index("pool")
"""Here the parts of the seven funds begin."""
_DETAIL = ("fund_pay_type", "inscp_scp_amt", "crt_payb_lmt_amt", "fund_payamt")
_CLEARING = {1: "11", 2: "11", 3: "41", 4: "21"}
_POOL = {390: "390100"}
_CREDENTIALS = ("", "01", "02", "03")


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    """A second since 2000 as the interface writes it; many settlements fall into each."""
    return instant19(moment(seconds * 1_000_000))


def _header(call: Call, entry: Entry, shown: bytes) -> tuple[str | None, ...]:
    name, number_mask, gender, born, psn_type, civil, med_type = (
        shown.decode().split("|") if shown else ("", "", "", "", "", "0", "")
    )
    return (
        *(str(entry.visit_no), entry.setl_id, str(entry.person_id), name, "01", number_mask),
        *(gender, born, str(entry.scheme), psn_type, civil, _second(entry.at // 1_000_000)),
        *(_CREDENTIALS[entry.credential], med_type, call.message.msgid, str(entry.area), "1"),
        _CLEARING.get(entry.basis, "99"),
    )


def _details(entry: Entry) -> list[tuple[str, int, int, int]]:
    """Fund, its scope, its ceiling's part and what it paid, of each that paid."""
    found = [("310200", 0, 0, entry.account)] if entry.account else []
    if entry.pool:
        found.insert(0, (_POOL.get(entry.scheme, "310100"), entry.in_scope, 0, entry.pool))
    if entry.fund != entry.pool:
        numbers = numbers_of(entry)
        found += [(fund, 0, 0, paid) for fund, at in _FUNDS if (paid := numbers[at])]
    return found


_FUNDS = tuple(
    (fund, Entry._fields.index(name))
    for fund, name in (
        ("330100", "large"),
        ("390200", "serious"),
        ("320100", "civil"),
        ("370100", "enterprise"),
        ("610100", "assistance"),
    )
)
"""Funds beside the pool by the national code, and where their part stands in an entry."""


HANDLERS = {
    "2206": partial(settle, Task.PREVIEW, "chrg_bchno"),
    "2207": partial(settle, Task.SETTLE, "chrg_bchno"),
    "2303": partial(settle, Task.PREVIEW, ""),
    "2304": partial(settle, Task.SETTLE, ""),
    "2208": refund,
    "2305": refund,
    "2601": reverse,
}
