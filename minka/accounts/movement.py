"""Every kind of movement on a person's account, with its name for people."""

from __future__ import annotations

from enum import Enum

from minka.kit.words import Words


class Movement(Enum):
    """What moved a person's account; the value is the word the books use."""

    SETTLEMENT = "settlement"
    PURCHASE = "purchase"
    REFUND = "refund"
    REVERSAL = "reversal"
    OPENING = "opening"
    ALLOCATION = "allocation"
    ADJUSTMENT = "adjustment"
    CORRECTION = "correction"
    HOLD = "hold"
    RELEASE = "release"
    POST = "post"
    MOVE = "move"
    CLOSE = "close"
    REIMBURSEMENT = "reimbursement"


NAMES: dict[str, Words] = {
    "settlement": Words("就诊结算", "就診結算", "Settlement of a visit"),
    "purchase": Words("刷卡购药", "刷卡購藥", "Purchase with the card"),
    "refund": Words("退费", "退費", "Refund"),
    "reversal": Words("冲正", "沖正", "Reversal"),
    "opening": Words("期初余额转入", "期初餘額轉入", "Opening balance"),
    "allocation": Words("每月划入", "每月劃入", "Monthly allocation"),
    "adjustment": Words("调整", "調整", "Adjustment"),
    "correction": Words("更正", "更正", "Correction"),
    "hold": Words("预占", "預占", "Amount held"),
    "release": Words("释放预占", "釋放預占", "Hold released"),
    "post": Words("预占入账", "預占入帳", "Held amount paid"),
    "move": Words("余额转移", "餘額轉移", "Balance moved"),
    "close": Words("账户注销转出", "帳戶註銷轉出", "Account closed"),
    "reimbursement": Words("手工报销", "手工報銷", "Reimbursement"),
}

OTHER = Words("其他变动", "其他變動", "Other movement")


def words_of(kind: str) -> Words:
    """The name of a kind of movement for people."""
    return NAMES.get(kind, OTHER)
