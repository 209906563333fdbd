"""Why something about a chip is not done, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class ChipRefusal(Reason):
    """Refusals of the acts about chips, devices and purchases without a line."""

    NOT_ENTITLED = Words(
        "这个岗位不能办理芯片内的“{item}”，没有办理。请转有权限的岗位。",
        "這個崗位不能辦理晶片內的「{item}」，沒有辦理。請轉有權限的崗位。",
        "This post may not deal with “{item}” on a chip, so nothing was done. Pass it to a post"
        " that may.",
    )
    NO_SUCH_ITEM = Words(
        "卡内没有“{item}”这一项，没有登记。请核对项目编号。",
        "卡內沒有「{item}」這一項，沒有登記。請核對項目編號。",
        "A card has no item “{item}”, so nothing was recorded. Check its number.",
    )
    KEY_ITEM = Words(
        "“{item}”是关键信息，不能在卡上改写。请办理换卡。",
        "「{item}」是關鍵資訊，不能在卡上改寫。請辦理換卡。",
        "“{item}” is key information and is never rewritten on a card. Apply for a new card.",
    )
    BAD_VALUE = Words(
        "“{item}”的内容不符合卡的规定，没有登记。请核对长度和代码。",
        "「{item}」的內容不符合卡的規定，沒有登記。請核對長度和代碼。",
        "The content of “{item}” does not fit the card's rules, so nothing was recorded. Check its"
        " length and its code.",
    )
    UNPROVED = Words(
        "这张卡没有通过芯片认证，不能办理。请收好卡片，按可疑卡处理，并请持卡人出示身份证件。",
        "這張卡沒有通過晶片認證，不能辦理。請收好卡片，按可疑卡處理，並請持卡人出示身分證件。",
        "The chip of this card did not prove itself, so nothing was done. Keep the card as a"
        " suspicious one and ask the holder for an identity paper.",
    )
    NOT_THIS_CARD = Words(
        "读卡器里的卡和登记的卡不是同一张，没有办理。请放入卡号为{card}的卡。",
        "讀卡器裡的卡和登記的卡不是同一張，沒有辦理。請放入卡號為{card}的卡。",
        "The card in the reader is not the card on file, so nothing was done. Put in card {card}.",
    )
    UNKNOWN_CARD = Words(
        "没有登记过这张卡，没有办理。请核对卡号。",
        "沒有登記過這張卡，沒有辦理。請核對卡號。",
        "This card is not on file, so nothing was done. Check its number.",
    )
    STOPPED = Words(
        "这张卡已停用，不再往卡内写入。请按挂失或补卡流程办理。",
        "這張卡已停用，不再往卡內寫入。請按掛失或補卡流程辦理。",
        "This card is stopped, so nothing is written on it. Follow the report of loss or the"
        " replacement.",
    )
    UNREAD = Words(
        "这张卡还没有读过芯片，不能交给持卡人。请先读卡核对姓名、性别和号码。",
        "這張卡還沒有讀過晶片，不能交給持卡人。請先讀卡核對姓名、性別和號碼。",
        "The chip of this card was not read yet, so it may not be handed over. Read it first and"
        " compare name, sex and number.",
    )
    READ_DIFFERENT = Words(
        "芯片内的{fields}和卡面不一致，不能交给持卡人。请退回制卡中心重做。",
        "晶片內的{fields}和卡面不一致，不能交給持卡人。請退回製卡中心重做。",
        "{fields} on the chip differ from the face of the card, so it may not be handed over. Send"
        " it back to be made again.",
    )
    NO_SUCH_WRITE = Words(
        "没有这项待写入的内容，没有办理。请重新查看待写入清单。",
        "沒有這項待寫入的內容，沒有辦理。請重新查看待寫入清單。",
        "There is no such pending write, so nothing was done. Look at the list again.",
    )
    WRITE_ENDED = Words(
        "这项内容已经写完或取消，没有再写。请重新查看待写入清单。",
        "這項內容已經寫完或取消，沒有再寫。請重新查看待寫入清單。",
        "This write was done or dropped already, so it was not done again. Look at the list again.",
    )
    NOT_THE_LAST = Words(
        "上一次写卡之后这张卡又写过别的内容，不能自动修复。请交由复核人员处理。",
        "上一次寫卡之後這張卡又寫過別的內容，不能自動修復。請交由複核人員處理。",
        "Something else was written on this card since, so the torn write is not repaired by"
        " itself. A reviewer looks into it.",
    )
    UNKNOWN_DEVICE = Words(
        "没有登记过这台设备（{device}），没有受理。请先登记设备。",
        "沒有登記過這台設備（{device}），沒有受理。請先登記設備。",
        "This device ({device}) is not registered, so nothing was taken. Register it first.",
    )
    DEVICE_EXISTS = Words(
        "设备{device}已经登记，没有重复登记。请改为变更登记。",
        "設備{device}已經登記，沒有重複登記。請改為變更登記。",
        "Device {device} is registered already. Record a change instead.",
    )
    VAULT_AWAY = (
        Words(
            "密码机暂时没有应答，这一笔还没有核对。请稍后原样再传。",
            "密碼機暫時沒有應答，這一筆還沒有核對。請稍後原樣再傳。",
            "The key vault does not answer, so this record was not checked yet. Send it again"
            " unchanged.",
        ),
        Retry.LATER,
    )
    NO_SUCH_CASE = Words(
        "没有这个待处理事项，没有办理。请核对编号。",
        "沒有這個待處理事項，沒有辦理。請核對編號。",
        "There is no such case, so nothing was done. Check its number.",
    )
    CASE_ENDED = Words(
        "这个事项已于{at}处理完毕，没有再次处理。",
        "這個事項已於{at}處理完畢，沒有再次處理。",
        "This case was ended at {at}, so nothing was done again.",
    )
    CANNOT_PAY = Words(
        "这一笔不能入账：账户余额不足或没有登记过持卡人。请选择其他结论。",
        "這一筆不能入帳：帳戶餘額不足或沒有登記過持卡人。請選擇其他結論。",
        "This purchase cannot be paid: the balance is short or nobody's card was named. Choose"
        " another verdict.",
    )
