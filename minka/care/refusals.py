"""Why a bill is not settled or not undone, in order of precedence; no sentence tells of a loss."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class CareRefusal(Reason):
    """Refusals of a settlement, then of its refund; the first that applies is the answer."""

    REVERSED = Words(
        "这笔交易已被冲正，没有结算，以后也不会生效。请用新的报文编号重新结算。",
        "這筆交易已被沖正，沒有結算，以後也不會生效。請用新的報文編號重新結算。",
        "This message was reversed, so nothing was settled and never will be by it. Settle again"
        " under a new message number.",
    )
    VISIT_UNKNOWN = Words(
        "没有查到这个人在本机构的这次就诊，没有结算。请核对就诊编号，或重新登记。",
        "沒有查到這個人在本機構的這次就診，沒有結算。請核對就診編號，或重新登記。",
        "This person has no such visit at this provider, so nothing was settled. Check its number,"
        " or register the visit again.",
    )
    VISIT_CLOSED = Words(
        "这次就诊已经结束或撤销，没有办理。如需结算，请重新登记。",
        "這次就診已經結束或撤銷，沒有辦理。如需結算，請重新登記。",
        "This visit has ended or was cancelled, so nothing was done. Register a new visit to"
        " settle.",
    )
    ALREADY_SETTLED = Words(
        "这笔费用已经结算过，没有再收。请查询原结算单；要改，请先退费。",
        "這筆費用已經結算過，沒有再收。請查詢原結算單；要改，請先退費。",
        "These charges are settled already and were not taken again. Look up that settlement; to"
        " change it, refund it first.",
    )
    NOTHING_DUE = Words(
        "没有可以结算的费用明细。请先上传明细，再结算。",
        "沒有可以結算的費用明細。請先上傳明細，再結算。",
        "There are no charges to settle. Upload the lines first, then settle.",
    )
    RETURNS_EXCEED = Words(
        "退回的费用多于应付的费用，没有结算。请核对明细，或对原结算办理退费。",
        "退回的費用多於應付的費用，沒有結算。請核對明細，或對原結算辦理退費。",
        "More is returned than is due, so nothing was settled. Check the lines, or refund the"
        " earlier settlement.",
    )
    NOT_DESIGNATED = Words(
        "本机构在费用发生之日不是这个险种的定点机构，没有结算。请持卡人到定点机构，或自费。",
        "本機構在費用發生之日不是這個險種的定點機構，沒有結算。請持卡人到定點機構，或自費。",
        "On the day of care this provider was not designated for the scheme, so nothing was"
        " settled. Go to a designated provider, or pay privately.",
    )
    NOT_COVERED = Words(
        "费用发生之日没有参保，没有结算。请核对日期，或向参保地经办机构询问。",
        "費用發生之日沒有參保，沒有結算。請核對日期，或向參保地經辦機構詢問。",
        "The person was not covered on the day of care, so nothing was settled. Check the day, or"
        " ask the agency.",
    )
    SUSPENDED = Words(
        "医保待遇现在暂停，没有结算。请向参保地经办机构询问，恢复后再办。",
        "醫保待遇現在暫停，沒有結算。請向參保地經辦機構詢問，恢復後再辦。",
        "The benefits are suspended now, so nothing was settled. Ask the agency; settle after they"
        " resume.",
    )
    CREDENTIAL_WRONG = Words(
        "所出示的凭证与本次就诊的人不符，没有结算。请核对证件，或换一种凭证。",
        "所出示的憑證與本次就診的人不符，沒有結算。請核對證件，或換一種憑證。",
        "What was shown does not belong to the person of this visit, so nothing was settled. Check"
        " it, or use another credential.",
    )
    CARD_UNKNOWN = Words(
        "没有认出这张卡，没有结算。请核对卡号，或换一种凭证。",
        "沒有認出這張卡，沒有結算。請核對卡號，或換一種憑證。",
        "This card was not recognised, so nothing was settled. Check its number, or use another"
        " credential.",
    )
    CARD_STOPPED = Words(
        "这张卡现在不能结算。请持卡人询问经办机构，或换一种凭证；卡可以还给持卡人。",
        "這張卡現在不能結算。請持卡人詢問經辦機構，或換一種憑證；卡可以還給持卡人。",
        "This card cannot pay now. The holder can ask the agency, or use another credential; the"
        " card may be given back.",
    )
    CARD_REPLACED = Words(
        "登记之后卡已经换过，没有结算。请用新卡重新读卡登记，或换一种凭证。",
        "登記之後卡已經換過，沒有結算。請用新卡重新讀卡登記，或換一種憑證。",
        "The card was replaced since the visit was registered, so nothing was settled. Read the new"
        " card and register again, or use another credential.",
    )
    SCHEME_WRONG = Words(
        "险种、人员类别或就诊类别与参保登记不符，没有结算。请重新读取人员信息后再试。",
        "險種、人員類別或就診類別與參保登記不符，沒有結算。請重新讀取人員資訊後再試。",
        "Scheme, person type or kind of visit do not agree with the coverage, so nothing was"
        " settled. Read the person's record again and try again.",
    )
    BILL_CHANGED = Words(
        "费用与上传的明细或预结算不一致，没有结算。请重新预结算，核对后再结算。",
        "費用與上傳的明細或預結算不一致，沒有結算。請重新預結算，核對後再結算。",
        "The bill differs from the uploaded lines or the pre-settlement, so nothing was settled."
        " Pre-settle again, check, then settle.",
    )
    YEAR_CLOSED = Words(
        "费用属于已经结转的年度，不能在线结算。请到经办机构办理报销。",
        "費用屬於已經結轉的年度，不能線上結算。請到經辦機構辦理報銷。",
        "The care belongs to a year that is carried forward, so it cannot be settled here. Claim it"
        " at the agency.",
    )
    ACCOUNT_SHORT = Words(
        "个人账户可用余额不够，没有结算。请改用现金支付不足部分。",
        "個人帳戶可用餘額不夠，沒有結算。請改用現金支付不足部分。",
        "The account has not enough free money, so nothing was settled. Pay the rest in cash.",
    )
    SETTLEMENT_UNKNOWN = Words(
        "没有查到这个人在本机构的这笔结算，没有办理。请核对结算编号。",
        "沒有查到這個人在本機構的這筆結算，沒有辦理。請核對結算編號。",
        "This person has no such settlement at this provider, so nothing was undone. Check its"
        " number.",
    )
    ALREADY_UNDONE = Words(
        "这笔结算已经退费或冲正，没有再退。请查询退费单。",
        "這筆結算已經退費或沖正，沒有再退。請查詢退費單。",
        "This settlement was refunded or reversed already, so nothing was given back again. Look up"
        " that refund.",
    )
