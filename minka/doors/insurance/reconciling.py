"""A day's books at the door: totals, lines, and the files they come in (3201, 3202, 9101, 9102)."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from functools import partial
from typing import Any

from minka.desk.office import Office
from minka.desk.reconcile import Asked, FundCounts, Refunds, Result, Sums, added, beside, held
from minka.desk.reconcile_file import compare_file, file_of, keep_file
from minka.desk.visit_act import Facts
from minka.desk.visit_refusals import VisitRefusal
from minka.doors.insurance.acting import by_hand, message_of
from minka.doors.insurance.core import DECIDED, Call
from minka.doors.insurance.settling import number
from minka.wire.insurance.area import EmptyRefundFlag, FundSum

SEPARATORS = {"tab": "\t", "space": " "}
LARGEST = 5_000_000
"""Bytes of a file."""
WORDS = {
    Result.BALANCED: "两边相符。",
    Result.OURS_MORE: "中心多：请用明细对账（3202）查出后冲正或补记。",
    Result.THEIRS_MORE: "机构多：请用明细对账（3202）查出后作废或重新结算。",
    Result.DIFFERS: "笔数相同、金额不一致：请用明细对账（3202）逐笔核对。",
}


def _asked(call: Call, data: Any) -> Asked:
    area = call.dialect.area
    empty = "1" if area.empty_refund_flag is EmptyRefundFlag.INCLUDED else "0"
    counted = (data.refd_setl_flag or empty) == "1"
    return Asked(
        call.provider.provider_no,
        date.fromisoformat(data.stmt_begndate),
        date.fromisoformat(data.stmt_enddate),
        Refunds.INCLUDED if counted else Refunds.EXCLUDED,
        FundCounts(int(area.fund_sum is FundSum.WITH_ACCOUNT)),
        data.clr_type or "",
        int(getattr(data, "insutype", None) or 0),
        number(data.setl_optins),
    )


def _sums(office: Office, asked: Asked) -> Sums:
    with office.register.act() as connection:
        return added(held(connection, asked))


def totals(call: Call) -> None:
    """3201: the provider's totals beside ours."""
    data = call.message.input.data
    theirs = Sums(
        *(data.medfee_sumamt, data.fund_pay_sumamt, data.acct_pay, int(data.fixmedins_setl_cnt))
    )
    doing = partial(_sums, call.core.office, _asked(call, data))
    by_hand(call, doing, partial(_totals, call, data.setl_optins, theirs))


def _totals(call: Call, optins: str, theirs: Sums, ours: Sums) -> None:
    result = beside(theirs, ours)
    info = {
        "setl_optins": optins,
        "stmt_rslt": result.value,
        "stmt_rslt_dscr": WORDS[result],
    }
    call.say(call.dialect.outputs.output("3201", stmtinfo=info))


def lines(call: Call) -> None:
    """3202: an uploaded file beside the journal, line by line."""
    data = call.message.input.data
    separator = SEPARATORS[call.dialect.area.statement.separator]
    doing = partial(
        compare_file,
        call.core.office,
        message_of(call, ""),
        _asked(call, data),
        data.file_qury_no,
        separator=separator,
    )
    by_hand(call, doing, partial(_lines, call))


def _lines(call: Call, facts: Facts) -> None:
    call.say(call.dialect.outputs.output("3202", fileinfo=facts))


def upload(call: Call) -> None:
    """9101: a file is kept."""
    data = call.message.input.fsUploadIn
    if data.fixmedins_code != call.provider.fixmedins_code:
        return call.refuse(VisitRefusal.NOT_OURS)
    try:
        content = base64.b64decode(data.in_, validate=True)
    except (binascii.Error, ValueError):
        return call.fail("文件数据（in）不是Base64，没有受理。请编码后重新上传。")
    if not 0 < len(content) <= LARGEST:
        return call.fail(f"文件应有1到{LARGEST}字节，没有受理。请分开上传。")
    message = message_of(call, "")
    doing = partial(keep_file, call.core.office, message, data.filename, content)
    return by_hand(call, doing, partial(_uploaded, call))


def _uploaded(call: Call, facts: Facts) -> None:
    root = {**facts, "fixmedins_code": call.provider.fixmedins_code}
    call.say(call.dialect.outputs.rows("9101", "(root)", [root])[0])


def download(call: Call) -> None:
    """9102: a file of this provider; the answer is its bytes, and no JSON."""
    data = call.message.input.fsDownloadIn
    if data.fixmedins_code != call.provider.fixmedins_code:
        return call.refuse(VisitRefusal.NOT_OURS)
    doing = partial(file_of, call.core.office, message_of(call, ""), data.file_qury_no)
    return by_hand(call, doing, partial(_downloaded, call))


def _downloaded(call: Call, content: bytes) -> None:
    call.request.reply(content, b"", DECIDED)


HANDLERS = {"3201": totals, "3202": lines, "9101": upload, "9102": download}
