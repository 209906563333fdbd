"""Why a visit is not opened, changed or closed, and why charges are not taken; nothing was done."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class VisitRefusal(Reason):
    """Refusals of visits and their charges; {line} is the number of the line that is wrong."""

    NO_SUCH_PERSON = Words(
        "没有查到这个人的参保登记，没有办理。请重新读取人员信息（1101）后再试。",
        "沒有查到這個人的參保登記，沒有辦理。請重新讀取人員資訊（1101）後再試。",
        "There is no coverage of this person, so nothing was done. Read the person's record (1101)"
        " and try again.",
    )
    WRONG_KIND = Words(
        "就诊类别与这项交易不符，没有办理。请核对医疗类别和交易编号。",
        "就診類別與這項交易不符，沒有辦理。請核對醫療類別和交易編號。",
        "This kind of visit does not belong to this transaction, so nothing was done. Check the"
        " kind of visit and the transaction's number.",
    )
    SOMETHING_SETTLED = Words(
        "这次就诊有已经结算的费用，没有办理。请先退费，再办理。",
        "這次就診有已經結算的費用，沒有辦理。請先退費，再辦理。",
        "Something of this visit is settled, so nothing was done. Refund it first, then do this.",
    )
    DISCHARGED = Words(
        "这次住院已经办理出院，没有办理。如需更改，请先撤销出院（2405）。",
        "這次住院已經辦理出院，沒有辦理。如需更改，請先撤銷出院（2405）。",
        "The patient is discharged, so nothing was done. Take the discharge back (2405) first.",
    )
    NOT_DISCHARGED = Words(
        "这次住院没有办理过出院，没有撤销。请核对就诊编号。",
        "這次住院沒有辦理過出院，沒有撤銷。請核對就診編號。",
        "The patient was not discharged, so nothing was taken back. Check the visit's number.",
    )
    CHIP_OTHER = Words(
        "卡识别码不是这个人现在所用的卡的，没有办理。请用现在的卡重新读卡，或换一种凭证。",
        "卡識別碼不是這個人現在所用的卡的，沒有辦理。請用現在的卡重新讀卡，或換一種憑證。",
        "This identification code is not that of the card the person uses now, so nothing was"
        " done. Read that card, or use another credential.",
    )
    ORIGINAL_OTHER = Words(
        "原报文编号是另一种交易（{infno}）的，没有冲正。请核对原交易编号（oinfno）后重新冲正。",
        "原報文編號是另一種交易（{infno}）的，沒有沖正。請核對原交易編號（oinfno）後重新沖正。",
        "That message was another transaction ({infno}), so nothing was reversed. Check the"
        " original's transaction number (oinfno) and reverse it again.",
    )
    SEVERAL_VISITS = Words(
        "一份报文里有几次就诊的明细，没有受理。请每次就诊分开上传。",
        "一份報文裡有幾次就診的明細，沒有受理。請每次就診分開上傳。",
        "The message holds lines of several visits, so none was taken. Send each visit's lines"
        " apart.",
    )
    SEVERAL_DISEASES = Words(
        "同一收费批次（{batch}）的病种编码不一致，没有受理。请分批次上传。",
        "同一收費批次（{batch}）的病種編碼不一致，沒有受理。請分批次上傳。",
        "The lines of one batch ({batch}) name different diseases, so none was taken. Send them in"
        " batches of their own.",
    )
    LINE_TWICE = Words(
        "费用明细{line}已经上传过，没有受理。请核对流水号；要改，请先撤销原明细。",
        "費用明細{line}已經上傳過，沒有受理。請核對流水號；要改，請先撤銷原明細。",
        "Line {line} was uploaded before, so nothing was taken. Check its number; to change it,"
        " take the first one back.",
    )
    ITEM_UNKNOWN = Words(
        "费用明细{line}的医疗目录编码（{code}）在费用发生之日不在目录内，没有受理。请核对编码和日期。",
        "費用明細{line}的醫療目錄編碼（{code}）在費用發生之日不在目錄內，沒有受理。請核對編碼和日期。",
        "The item of line {line} ({code}) is not in the catalogue of that day, so nothing was"
        " taken. Check code and day.",
    )
    DAY_WRONG = Words(
        "费用明细{line}的发生时间在今天以后，没有受理。请核对日期。",
        "費用明細{line}的發生時間在今天以後，沒有受理。請核對日期。",
        "The day of line {line} lies ahead, so nothing was taken. Check its date.",
    )
    AMOUNT_WRONG = Words(
        "费用明细{line}的金额不等于数量乘单价，没有受理。请核对金额。",
        "費用明細{line}的金額不等於數量乘單價，沒有受理。請核對金額。",
        "The amount of line {line} is not quantity times price, so nothing was taken. Check it.",
    )
    SIGN_WRONG = Words(
        "费用明细{line}的数量或金额的正负不对，没有受理。退费请填原流水号和负数量。",
        "費用明細{line}的數量或金額的正負不對，沒有受理。退費請填原流水號和負數量。",
        "The sign of line {line} is wrong, so nothing was taken. A return names its first line and"
        " has a negative quantity.",
    )
    RETURN_UNKNOWN = Words(
        "费用明细{line}要退的原明细没有查到，没有受理。请核对原流水号。",
        "費用明細{line}要退的原明細沒有查到，沒有受理。請核對原流水號。",
        "The line that {line} returns was not found, so nothing was taken. Check its number.",
    )
    RETURN_TOO_MUCH = Words(
        "费用明细{line}退回的多于原来收取的，没有受理。请核对数量和金额。",
        "費用明細{line}退回的多於原來收取的，沒有受理。請核對數量和金額。",
        "Line {line} returns more than was charged, so nothing was taken. Check quantity and"
        " amount.",
    )
    LINE_UNKNOWN = Words(
        "没有查到费用明细{line}，没有撤销。请核对流水号或批次号。",
        "沒有查到費用明細{line}，沒有撤銷。請核對流水號或批次號。",
        "Line {line} was not found, so nothing was taken back. Check its number or its batch.",
    )
    LINE_SETTLED = Words(
        "费用明细{line}已经结算，没有撤销。请先退费，再撤销。",
        "費用明細{line}已經結算，沒有撤銷。請先退費，再撤銷。",
        "Line {line} is settled, so it was not taken back. Refund the settlement first.",
    )
    LINE_RETURNED = Words(
        "费用明细{line}有退费明细，没有撤销。请先撤销退费明细。",
        "費用明細{line}有退費明細，沒有撤銷。請先撤銷退費明細。",
        "Line {line} has returns, so it was not taken back. Take the returns back first.",
    )
    NO_READER = Words(
        "没有收到读卡数据，没有查询。请在报文中填写卡号，或用1101查询。",
        "沒有收到讀卡資料，沒有查詢。請在報文中填寫卡號，或用1101查詢。",
        "No card was read, so nobody was looked up. Put the card's number into the message, or use"
        " 1101.",
    )
    NOT_OURS = Words(
        "没有查到这个机构，或不是本机构。请核对机构编号。",
        "沒有查到這個機構，或不是本機構。請核對機構編號。",
        "There is no such institution, or it is not your own. Check its code.",
    )
    FILE_UNKNOWN = Words(
        "没有这个文件，或已过下载期限。请核对文件查询号，或重新上传、重新对账。",
        "沒有這個文件，或已過下載期限。請核對文件查詢號，或重新上傳、重新對帳。",
        "There is no such file, or its time is over. Check the query number, or upload or"
        " reconcile again.",
    )
    FILE_UNREADABLE = Words(
        "上传的文件第{line}行读不出，没有对账。请按七列、制表符分隔、UTF-8的TXT压缩为ZIP后重新上传。",
        "上傳的文件第{line}行讀不出，沒有對帳。請按七列、製表符分隔、UTF-8的TXT壓縮為ZIP後重新上傳。",
        "Line {line} of the file cannot be read, so nothing was compared. Upload a ZIP with one"
        " TXT in UTF-8, seven columns between tabs.",
    )
