"""Every standing and life status as a sentence, with who must act and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from minka.cards.card import Standing, Status
from minka.kit.words import Words


@dataclass(frozen=True, slots=True)
class Plain:
    """A status for people: short name, sentence, who acts, and the act that is offered."""

    name: Words
    sentence: Words
    who: Words
    offer: str = ""


YOU = Words("您", "您", "you")
OFFICE = Words("经办机构", "經辦機構", "the office")
NOBODY = Words("无需办理", "無需辦理", "nothing to do")

STANDINGS: dict[Standing, Plain] = {
    Standing.USABLE: Plain(
        Words("正常", "正常", "In use"),
        Words("卡可以正常使用。", "卡可以正常使用。", "The card can be used."),
        NOBODY,
    ),
    Standing.PROVISIONAL_LOSS: Plain(
        Words("预挂失", "預掛失", "Provisionally reported lost"),
        Words(
            "卡已停用。到期前找回可撤销；找不到请办理正式挂失。",
            "卡已停用。到期前找回可撤銷；找不到請辦理正式掛失。",
            "The card is stopped. If you find it before the end you can withdraw the report;"
            " if not, report the loss formally.",
        ),
        YOU,
        "formal_loss",
    ),
    Standing.FORMAL_LOSS: Plain(
        Words("正式挂失", "正式掛失", "Formally lost"),
        Words(
            "这张卡已永久停用，不能撤销。请等新卡。",
            "這張卡已永久停用，不能撤銷。請等新卡。",
            "This card is stopped for good; this cannot be withdrawn. Wait for the new card.",
        ),
        OFFICE,
        "replacement",
    ),
    Standing.FROZEN: Plain(
        Words("暂停使用", "暫停使用", "Frozen by you"),
        Words(
            "您自己暂停了这张卡，随时可以恢复。",
            "您自己暫停了這張卡，隨時可以恢復。",
            "You froze this card yourself and can unfreeze it at any time.",
        ),
        YOU,
        "unfreeze",
    ),
    Standing.NOT_ACTIVE: Plain(
        Words("未启用", "未啟用", "Not active"),
        Words(
            "卡还不能使用，请本人启用。",
            "卡還不能使用，請本人啟用。",
            "The card cannot be used yet; the holder must activate it.",
        ),
        YOU,
        "activate",
    ),
    Standing.EXPIRED: Plain(
        Words("已过期", "已過期", "Expired"),
        Words(
            "卡已过有效期，请换卡。", "卡已過有效期，請換卡。", "The card has expired; exchange it."
        ),
        YOU,
        "replacement",
    ),
    Standing.CANCELLED: Plain(
        Words("已注销", "已註銷", "Cancelled"),
        Words(
            "这张卡已注销，不会再有效。",
            "這張卡已註銷，不會再有效。",
            "This card is cancelled and will never be valid again.",
        ),
        NOBODY,
    ),
    Standing.UNKNOWN: Plain(
        Words("没有这张卡", "沒有這張卡", "No such card"),
        Words("没有查到这张卡。", "沒有查到這張卡。", "There is no such card."),
        NOBODY,
    ),
}

PROGRESS: dict[Status, Plain] = {
    Status.ORDERED: Plain(
        Words("制卡中", "製卡中", "Being made"),
        Words("新卡正在制作。", "新卡正在製作。", "Your new card is being made."),
        OFFICE,
    ),
    Status.MADE: Plain(
        Words("在路上", "在路上", "On its way"),
        Words(
            "新卡已制好，正送往领卡网点。",
            "新卡已製好，正送往領卡網點。",
            "Your new card is made and on its way to the place of collection.",
        ),
        OFFICE,
    ),
    Status.READY: Plain(
        Words("可领取", "可領取", "Ready to collect"),
        Words(
            "请带齐证件到网点领卡。",
            "請帶齊證件到網點領卡。",
            "Bring your papers to the place of collection.",
        ),
        YOU,
        "collect",
    ),
    Status.SEALED: Plain(
        Words("已领取，请启用", "已領取，請啟用", "Collected, please activate"),
        Words(
            "新卡要由本人启用后才能用。",
            "新卡要由本人啟用後才能用。",
            "The holder must activate the new card before it can be used.",
        ),
        YOU,
        "activate",
    ),
    Status.ACTIVE: Plain(
        Words("正常", "正常", "In use"),
        Words("新卡可以正常使用。", "新卡可以正常使用。", "Your new card can be used."),
        NOBODY,
    ),
    Status.CANCELLED: Plain(
        Words("已注销", "已註銷", "Cancelled"),
        Words("这张卡不会再有效。", "這張卡不會再有效。", "This card will never be valid again."),
        NOBODY,
    ),
    Status.DESTROYED: Plain(
        Words("已退回销毁", "已退回銷毀", "Returned and destroyed"),
        Words(
            "逾期未领，卡已按记录退回销毁，请重新申请。",
            "逾期未領，卡已按記錄退回銷毀，請重新申請。",
            "The card was not collected in time and was destroyed on record. Please apply again.",
        ),
        YOU,
        "replacement",
    ),
}
