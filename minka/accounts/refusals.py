"""Why money does not move, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class AccountRefusal(Reason):
    """Refusals of the acts on an account; the first that applies is the answer."""

    NO_ACCOUNT = Words(
        "没有查到这个人的个人账户。请核对号码，或向参保地经办机构询问。",
        "沒有查到這個人的個人帳戶。請核對號碼，或向參保地經辦機構詢問。",
        "This person has no individual account here. Check the number, or ask the agency.",
    )
    ACCOUNT_CLOSED = Words(
        "这个个人账户已经注销，余额已转出，不能再办理。",
        "這個個人帳戶已經註銷，餘額已轉出，不能再辦理。",
        "This account is closed and its balance was moved; nothing more can be done on it.",
    )
    CASH = Words(
        "个人账户的钱只能用于看病购药，不能提取现金。需要现金请使用卡上的银行账户。",
        "個人帳戶的錢只能用於看病購藥，不能提取現金。需要現金請使用卡上的銀行帳戶。",
        "The medical account pays for care alone; it never gives cash. For cash use the bank"
        " account of the card.",
    )
    TRANSFER = Words(
        "个人账户的钱只能用于看病购药，不能转账给个人。需要转账请使用卡上的银行账户。",
        "個人帳戶的錢只能用於看病購藥，不能轉帳給個人。需要轉帳請使用卡上的銀行帳戶。",
        "The medical account pays for care alone; it is never transferred to a person. For"
        " transfers use the bank account of the card.",
    )
    CREDIT = Words(
        "社保卡不能透支，也不能开通信用额度，没有办理。请用余额或现金支付。",
        "社保卡不能透支，也不能開通信用額度，沒有辦理。請用餘額或現金支付。",
        "A social security card gives no credit and no credit line can be opened on it. Pay from"
        " the balance or in cash.",
    )
    ABROAD = Words(
        "社保卡只能在中国内地使用，这笔境外交易没有办理。",
        "社保卡只能在中國內地使用，這筆境外交易沒有辦理。",
        "The card works in mainland China alone; this transaction from abroad was not done.",
    )
    NOT_DESIGNATED = Words(
        "这家机构现在不是定点机构，不能用个人账户支付。请到定点医院或定点药店。",
        "這家機構現在不是定點機構，不能用個人帳戶支付。請到定點醫院或定點藥店。",
        "This place is not a designated provider now, so the account cannot pay here. Go to a"
        " designated hospital or pharmacy.",
    )
    NOT_AN_AMOUNT = Words(
        "金额要大于零。请核对后再试。",
        "金額要大於零。請核對後再試。",
        "The amount must be more than zero. Please check it and try again.",
    )
    BALANCE_SHORT = Words(
        "个人账户可用余额{free}元，不够{amount}元。其余部分请用现金或其他方式支付。",
        "個人帳戶可用餘額{free}元，不夠{amount}元。其餘部分請用現金或其他方式支付。",
        "The account has {free} yuan free, less than {amount} yuan. Pay the rest in another way.",
    )
    UNKNOWN_ENTRY = Words(
        "没有查到这笔账，或它不属于这个人。请核对编号。",
        "沒有查到這筆帳，或它不屬於這個人。請核對編號。",
        "There is no such entry on this person's account. Please check its number.",
    )
    NOT_CORRECTABLE = Words(
        "这笔账不能这样更正：结算由医院退费，预占请释放。",
        "這筆帳不能這樣更正：結算由醫院退費，預占請釋放。",
        "This entry is not corrected here: a settlement is refunded by its provider, a hold is"
        " released.",
    )
    ALREADY_UNDONE = Words(
        "这笔账已经更正过，不会重复办理。",
        "這筆帳已經更正過，不會重複辦理。",
        "This entry has been undone already; nothing is undone twice.",
    )
    ALREADY_OPENED = Words(
        "这个账户的期初余额已经记过，不会重复记账。",
        "這個帳戶的期初餘額已經記過，不會重複記帳。",
        "The opening balance of this account was entered already; it is entered once.",
    )
    HOLD_TOO_LONG = Words(
        "预占最长{days}天，没有办理。请缩短时间。",
        "預占最長{days}天，沒有辦理。請縮短時間。",
        "Money is held for at most {days} days, so nothing was done. Choose a shorter time.",
    )
    HOLD_ENDED = Words(
        "这笔预占已经结束（到期、释放或入账），不能再用。请重新预占。",
        "這筆預占已經結束（到期、釋放或入帳），不能再用。請重新預占。",
        "This hold has ended: it ran out, was released or was paid. Hold the money anew.",
    )
    HOLD_TOO_SMALL = Words(
        "这笔预占只有{held}元，不够{amount}元。",
        "這筆預占只有{held}元，不夠{amount}元。",
        "Only {held} yuan are held, less than {amount} yuan.",
    )
    HOLD_OPEN = Words(
        "账户还有{held}元预占没有结束。请先释放，或等到期后再办。",
        "帳戶還有{held}元預占沒有結束。請先釋放，或等到期後再辦。",
        "{held} yuan are still held on this account. Release them first, or wait until they run"
        " out.",
    )
    SAME_ACCOUNT = Words(
        "转出和转入是同一个账户，不用办理。",
        "轉出和轉入是同一個帳戶，不用辦理。",
        "The balance would move to the account it is on; there is nothing to do.",
    )
    DAY_NOT_OVER = (
        Words(
            "这一天的账还没有收齐，不能结账。请稍后再试。",
            "這一天的帳還沒有收齊，不能結帳。請稍後再試。",
            "The entries of this day are not all in yet, so it cannot be closed. Try again"
            " shortly.",
        ),
        Retry.LATER,
    )
    DAY_BEFORE = Words(
        "已经结过更晚的账，不能再补结{day}。",
        "已經結過更晚的帳，不能再補結{day}。",
        "A later day is closed already, so {day} cannot be closed any more.",
    )
    NO_ALLOCATION_RULE = Words(
        "这个统筹区没有写明每月划入的标准，没有办理。",
        "這個統籌區沒有寫明每月劃入的標準，沒有辦理。",
        "No rule says what is allocated monthly in this pooling area, so nothing was done.",
    )
