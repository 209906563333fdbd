"""What goes wrong with a card, each with its sentence for the person at the reader."""

from __future__ import annotations

from minka.chip import status
from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class CardReason(Reason):
    """Why something could not be done with the card in the reader."""

    NOT_OURS = Words(
        "这张卡不是社会保障卡，或读不出社保应用。请换一张卡再试。",
        "這張卡不是社會保障卡，或讀不出社保應用。請換一張卡再試。",
        "This is no social security card, or its application cannot be read. Try another card.",
    )
    CARD_BLOCKED = Words(
        "这张卡的芯片已永久锁定，不能再用。请办理换卡。",
        "這張卡的晶片已永久鎖定，不能再用。請辦理換卡。",
        "The chip of this card is blocked for good. Apply for a replacement.",
    )
    APPLICATION_BLOCKED = Words(
        "卡内这个应用已永久锁定。请办理换卡。",
        "卡內這個應用已永久鎖定。請辦理換卡。",
        "This application on the card is blocked for good. Apply for a replacement.",
    )
    NOT_GENUINE = Words(
        "芯片没有通过真伪验证，可能是假卡。不要办理业务，请报告主管。",
        "晶片沒有通過真偽驗證，可能是假卡。不要辦理業務，請報告主管。",
        "The chip could not prove that it is genuine; it may be forged. Do nothing with it and"
        " report it.",
    )
    OTHER_CARD = Words(
        "读卡器里不是原来那张卡。请放回原来的卡。",
        "讀卡器裡不是原來那張卡。請放回原來的卡。",
        "Another card is in the reader. Put the first one back.",
    )
    STOPPED = Words(
        "这张卡已停用。请联系服务热线或到服务网点。",
        "這張卡已停用。請聯絡服務熱線或到服務網點。",
        "This card is stopped. Call the hotline or go to a service point.",
    )
    NOT_ACCEPTED = Words(
        "这台终端不受理这种卡。请到服务网点办理。",
        "這台終端不受理這種卡。請到服務網點辦理。",
        "This terminal does not take cards of this kind. Go to a service point.",
    )
    NOT_YET_VALID = Words(
        "这张卡还没有到启用日期。",
        "這張卡還沒有到啟用日期。",
        "This card is not valid yet.",
    )
    EXPIRED = Words(
        "这张卡已过有效期。请办理换卡。",
        "這張卡已過有效期。請辦理換卡。",
        "This card is past its day. Apply for a replacement.",
    )
    PIN_NEEDED = Words(
        "这项内容要先输入卡密码。",
        "這項內容要先輸入卡密碼。",
        "The card's PIN must be entered first.",
    )
    PIN_WRONG = Words(
        "密码不对，还可以试{tries}次。",
        "密碼不對，還可以試{tries}次。",
        "Wrong PIN, {tries} tries left.",
    )
    PIN_BLOCKED = Words(
        "密码已锁定。请带身份证到服务网点解锁或重置。",
        "密碼已鎖定。請帶身份證到服務網點解鎖或重置。",
        "The PIN is blocked. Bring your ID card to a service point to have it unblocked or reset.",
    )
    PIN_FORM = Words(
        "密码应为4到16位数字。",
        "密碼應為4到16位數字。",
        "A PIN has 4 to 16 digits.",
    )
    KEY_NEEDED = Words(
        "这项内容要用密钥{key}，这里没有。请在有权限的网点办理。",
        "這項內容要用密鑰{key}，這裡沒有。請在有權限的網點辦理。",
        "This needs the key {key}, which is not here. Go to an office that has it.",
    )
    KEY_REFUSED = Words(
        "卡不接受密钥{key}。请检查密钥级别和版本，再报告主管。",
        "卡不接受密鑰{key}。請檢查密鑰級別和版本，再報告主管。",
        "The card refuses the key {key}. Check its level and version, then report it.",
    )
    KEY_BLOCKED = Words(
        "卡内密钥{key}已锁定。请办理换卡。",
        "卡內密鑰{key}已鎖定。請辦理換卡。",
        "The key {key} on the card is blocked. Apply for a replacement.",
    )
    NOT_ALLOWED = Words(
        "卡不允许这样做：还没有通过所需的验证。",
        "卡不允許這樣做：還沒有通過所需的驗證。",
        "The card does not allow this: what it asks for has not been shown.",
    )
    NO_SUCH_FILE = Words(
        "卡内没有文件{file}。",
        "卡內沒有檔案{file}。",
        "The card has no file {file}.",
    )
    NO_SUCH_RECORD = Words(
        "卡内没有这条记录。",
        "卡內沒有這條記錄。",
        "The card has no such record.",
    )
    NOT_SUPPORTED = Words(
        "卡不支持这项操作，或芯片已锁定。请重新插卡再试。",
        "卡不支援這項操作，或晶片已鎖定。請重新插卡再試。",
        "The card does not support this, or its chip is blocked. Put it in again and try once"
        " more.",
    )
    NEVER_WRITTEN = Words(
        "文件{file}只由卡自己写入。",
        "檔案{file}只由卡自己寫入。",
        "Only the card itself writes file {file}.",
    )
    NO_ROOM = Words(
        "卡内空间不够，没有写入。",
        "卡內空間不夠，沒有寫入。",
        "There is no room on the card; nothing was written.",
    )
    NOT_WRITTEN = Words(
        "写入后读回的内容不一致。请不要取走卡，重新写入。",
        "寫入後讀回的內容不一致。請不要取走卡，重新寫入。",
        "What was read back differs from what was written. Leave the card in and write again.",
    )
    NOT_LAST = Words(
        "卡内最后一笔不是要修复的这一笔，没有改动。请报告主管。",
        "卡內最後一筆不是要修復的這一筆，沒有改動。請報告主管。",
        "The last transaction on the card is not the one to repair; nothing was changed. Report"
        " it.",
    )
    NO_PROOF = Words(
        "卡内没有这笔交易，没有扣款。",
        "卡內沒有這筆交易，沒有扣款。",
        "The card knows nothing of this transaction; nothing was taken.",
    )
    TOO_LITTLE_MONEY = Words(
        "卡内余额不足。",
        "卡內餘額不足。",
        "There is not enough money on the card.",
    )
    MAC_WRONG = Words(
        "卡没有认可校验码，没有办理。请检查密钥后再试。",
        "卡沒有認可校驗碼，沒有辦理。請檢查密鑰後再試。",
        "The card does not accept the MAC; nothing was done. Check the keys and try again.",
    )
    COUNTER_SPENT = Words(
        "卡内交易计数已到上限。请办理换卡。",
        "卡內交易計數已到上限。請辦理換卡。",
        "The card's counter is at its end. Apply for a replacement.",
    )
    MEMORY = (
        Words(
            "芯片写入失败。请擦净芯片再试一次；仍不行请换卡。",
            "晶片寫入失敗。請擦淨晶片再試一次；仍不行請換卡。",
            "The chip could not write. Clean its contacts and try again; if it fails, replace it.",
        ),
        Retry.LATER,
    )
    TORN_DATA = Words(
        "卡内数据不完整，读不出来。",
        "卡內資料不完整，讀不出來。",
        "The data on the card are incomplete and cannot be read.",
    )
    UNEXPECTED = Words(
        "没有办成：{meaning}（{sw}）。",
        "沒有辦成：{meaning}（{sw}）。",
        "It was not done: {meaning} ({sw}).",
    )


class CardFault(Exception):
    """Something could not be done; ``sw`` is 0 when the card's answer was in order."""

    def __init__(self, reason: CardReason, sw: int = 0, **facts: object) -> None:
        super().__init__(f"{reason.code} {sw:04X}")
        self.reason = reason
        self.sw = sw
        self.facts = facts

    def say(self, language: str = "zh-hans") -> str:
        """The sentence for the person; ``{sw}`` and ``{meaning}`` fill themselves."""
        own = {"sw": f"{self.sw:04X}", "meaning": status.meaning(self.sw, language)}
        return self.reason.words.say(language, **own, **self.facts)


_REASONS = {
    status.SECURITY: CardReason.NOT_ALLOWED,
    status.NO_FILE: CardReason.NO_SUCH_FILE,
    status.NO_RECORD: CardReason.NO_SUCH_RECORD,
    status.NO_SPACE: CardReason.NO_ROOM,
    status.NOT_SUPPORTED: CardReason.NOT_SUPPORTED,
    status.APPLICATION_BLOCKED: CardReason.APPLICATION_BLOCKED,
    status.MEMORY: CardReason.MEMORY,
    status.MESSAGE_WRONG: CardReason.MAC_WRONG,
    status.MAC_INVALID: CardReason.MAC_WRONG,
    status.TOO_LITTLE_MONEY: CardReason.TOO_LITTLE_MONEY,
    status.COUNTER_SPENT: CardReason.COUNTER_SPENT,
    status.NO_PROOF: CardReason.NO_PROOF,
}


def fault(sw: int, **facts: object) -> CardFault:
    """The fault of a status word where no command says it better."""
    return CardFault(_REASONS.get(sw, CardReason.UNEXPECTED), sw, **facts)
