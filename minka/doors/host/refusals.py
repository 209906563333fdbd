"""Refusals of the host door, and the one table that turns every refusal into field 39.

Field 39 as ISO 8583:1987 and the card networks use it. No code tells a till of a loss: every stop
of a card is 62, and the card may be given back. Two answers want action by the terminal: 96 means
that nothing was booked and the same message may be sent again; 98 means that nobody knows, and the
terminal must reverse.
"""

from __future__ import annotations

from collections.abc import Mapping

from minka.accounts.refusals import AccountRefusal as A
from minka.cards.pin_refusals import PinRefusal as P
from minka.cards.refusals import UseRefusal as U
from minka.care.refusals import CareRefusal as C
from minka.desk.refusals import DeskRefusal as D
from minka.doors.host.ledger import ACCEPTED
from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class HostRefusal(Reason):
    """Refusals that only the host door knows, in order of precedence."""

    FORMAT = Words(
        "报文格式不对（{fault}）。请检查终端的报文配置。",
        "報文格式不對（{fault}）。請檢查終端的報文配置。",
        "The message is not well formed ({fault}). Check the terminal's message settings.",
    )
    NOT_OFFERED = Words(
        "终端请求的交易不受理。可以消费、查询余额、冲正、签到。",
        "終端請求的交易不受理。可以消費、查詢餘額、沖正、簽到。",
        "This kind of transaction is not offered. Purchase, balance, reversal and sign-on are.",
    )
    TERMINAL_UNKNOWN = Words(
        "终端没有登记，不能交易。请向经办机构登记终端。",
        "終端沒有登記，不能交易。請向經辦機構登記終端。",
        "The terminal is not registered, so it cannot be used. Register it with the agency.",
    )
    PROVIDER_WRONG = Words(
        "终端不属于报文里的机构，不能交易。请核对商户号。",
        "終端不屬於報文裡的機構，不能交易。請核對商戶號。",
        "The terminal does not belong to the provider in the message. Check the merchant number.",
    )
    MAC_WRONG = Words(
        "报文校验不通过，没有结算。请重新签到后再试。",
        "報文校驗不通過，沒有結算。請重新簽到後再試。",
        "The message authentication failed, so nothing was settled. Sign on again and retry.",
    )
    PIN_UNREADABLE = Words(
        "密码密文解不开，没有核对密码。请重新签到，再输入一次。",
        "密碼密文解不開，沒有核對密碼。請重新簽到，再輸入一次。",
        "The PIN block does not open, so no PIN was tried. Sign on again and enter it once more.",
    )
    BUSY = (
        Words(
            "系统忙，没有记账。请稍后用同一笔报文再试。",
            "系統忙，沒有記帳。請稍後用同一筆報文再試。",
            "Busy: nothing was booked. Send the same message again shortly.",
        ),
        Retry.LATER,
    )
    OUTCOME_UNKNOWN = Words(
        "结果不明。请发冲正，直到收到应答。",
        "結果不明。請發沖正，直到收到應答。",
        "The outcome is not known. Send a reversal until it is answered.",
    )


H = HostRefusal

FIELD_39: Mapping[Reason, str] = {
    H.FORMAT: "30",
    H.NOT_OFFERED: "12",
    H.TERMINAL_UNKNOWN: "97",
    H.PROVIDER_WRONG: "03",
    H.MAC_WRONG: "A0",
    H.PIN_UNREADABLE: "99",
    H.BUSY: "96",
    H.OUTCOME_UNKNOWN: "98",
    D.KEY_REUSED: "94",
    D.AWAY: "96",
    U.AMOUNT_WRONG: "13",
    U.UNKNOWN: "14",
    U.CANCELLED: "62",
    U.FORMAL_LOSS: "62",
    U.PROVISIONAL_LOSS: "62",
    U.FROZEN: "62",
    U.NOT_ACTIVE: "62",
    U.EXPIRED: "54",
    P.PIN_NEEDED: "55",
    P.PIN_WRONG: "55",
    P.PIN_NOT_SET: "86",
    P.PIN_LOST: "75",
    P.PIN_LOCKED: "75",
    P.PIN_LOCKED_UNTIL_RESET: "75",
    P.PIN_NO_SUCH_CHANNEL: "57",
    P.PIN_PAPERS_MISSING: "57",
    P.PIN_ALREADY_SET: "57",
    P.PIN_ALREADY_LOST: "57",
    P.PIN_LENGTH: "57",
    P.PIN_WEAK: "57",
    P.PIN_SAME: "57",
    A.NO_ACCOUNT: "14",
    A.ACCOUNT_CLOSED: "14",
    A.CASH: "57",
    A.TRANSFER: "57",
    A.CREDIT: "57",
    A.ABROAD: "93",
    A.NOT_DESIGNATED: "58",
    A.NOT_AN_AMOUNT: "13",
    A.BALANCE_SHORT: "51",
    A.UNKNOWN_ENTRY: "25",
    A.NOT_CORRECTABLE: "12",
    A.ALREADY_UNDONE: "94",
    C.REVERSED: "68",
    C.SETTLEMENT_UNKNOWN: "25",
    C.ALREADY_SETTLED: "94",
    C.ALREADY_UNDONE: "94",
    C.CARD_UNKNOWN: "14",
    C.CARD_STOPPED: "62",
    C.CARD_REPLACED: "62",
    C.CREDENTIAL_WRONG: "14",
    C.NOT_COVERED: "57",
    C.SUSPENDED: "57",
    C.NOT_DESIGNATED: "58",
    C.SCHEME_WRONG: "57",
    C.ACCOUNT_SHORT: "51",
    C.VISIT_UNKNOWN: "25",
    C.VISIT_CLOSED: "12",
    C.NOTHING_DUE: "13",
    C.RETURNS_EXCEED: "64",
    C.BILL_CHANGED: "64",
    C.YEAR_CLOSED: "57",
}
"""Field 39 of every refusal a terminal can meet; what is not here cannot come from a terminal."""

_BY_CODE = {reason.code: answer for reason, answer in FIELD_39.items()}
APPROVED, DO_NOT_HONOUR = "00", "05"


def field_39(code: str) -> str:
    """The two characters for an outcome's code; 05 for a refusal that no terminal should meet."""
    return APPROVED if code == ACCEPTED else _BY_CODE.get(code, DO_NOT_HONOUR)
