"""Why a claim for the expense of a loss period is refused, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class ClaimRefusal(Reason):
    """Refusals of a claim (R6-08); the first that applies is the answer."""

    NO_CLAIM_RULE = Words(
        "本地规定没有写明丢卡期间的费用可以手工报销。请拨打{hotline}询问。",
        "本地規定沒有寫明丟卡期間的費用可以手工報銷。請撥打{hotline}詢問。",
        "Local rules do not say that an expense of the loss period is reimbursed. Call {hotline}.",
    )
    CLAIM_NOT_VERIFIED = Words(
        "所报信息与登记不一致，没有办理。请核对后再试，或带证件到网点。",
        "所報資訊與登記不一致，沒有辦理。請核對後再試，或帶證件到網點。",
        "What you gave does not agree with the register, so nothing was done. Check it, or bring"
        " your papers to a service point.",
    )
    CLAIM_PAPERS_MISSING = Words(
        "还缺材料：{missing}。补齐后再来，这次申请没有登记。",
        "還缺材料：{missing}。補齊後再來，這次申請沒有登記。",
        "Papers are missing: {missing}. Come back with them; this claim was not taken.",
    )
    NO_LOSS_CASE = Words(
        "没有查到挂失或损坏换卡的记录，不能按丢卡期间报销。请先办理挂失或换卡。",
        "沒有查到掛失或損壞換卡的記錄，不能按丟卡期間報銷。請先辦理掛失或換卡。",
        "There is no loss report and no replacement of a damaged card, so there is no loss period."
        " Report the loss or apply for a new card first.",
    )
    REASON_NOT_CLAIMED = Words(
        "本地规定的报销原因不含“{reason}”。可以报销的原因：{reasons}。",
        "本地規定的報銷原因不含「{reason}」。可以報銷的原因：{reasons}。",
        "The rule does not cover “{reason}”. It covers: {reasons}.",
    )
    ALREADY_REIMBURSED = Words(
        "这次丢卡的费用已于{at}报销过，编号{receipt}。每次丢卡只报销一次。",
        "這次丟卡的費用已於{at}報銷過，編號{receipt}。每次丟卡只報銷一次。",
        "An expense of this loss was reimbursed at {at}, no. {receipt}. Each loss is reimbursed"
        " once.",
    )
    CLAIM_PENDING = Words(
        "这张发票已经申请报销，正在办理，不用重复提交。编号{receipt}。",
        "這張發票已經申請報銷，正在辦理，不用重複提交。編號{receipt}。",
        "This invoice has been claimed and is being dealt with; nothing more is needed. No."
        " {receipt}.",
    )
    PROVIDER_UNKNOWN = Words(
        "没有这家医疗机构或药店。请核对机构编号。",
        "沒有這家醫療機構或藥店。請核對機構編號。",
        "There is no such hospital or pharmacy. Please check its code.",
    )
    PROVIDER_NOT_DESIGNATED = Words(
        "{provider}在{day}不是医保定点机构，费用不能报销。",
        "{provider}在{day}不是醫保定點機構，費用不能報銷。",
        "{provider} was not a designated provider on {day}, so the expense is not reimbursed.",
    )
    NOT_COVERED_THEN = Words(
        "{day}当天没有医保待遇，费用不能报销。如有疑问请到参保地经办机构核对。",
        "{day}當天沒有醫保待遇，費用不能報銷。如有疑問請到參保地經辦機構核對。",
        "There was no insurance cover on {day}. Ask the agency of your place of coverage if this"
        " looks wrong.",
    )
    OUTSIDE_LOSS_PERIOD = Words(
        "这笔费用不在丢卡期间。可以报销的期间：{since}至{until}。",
        "這筆費用不在丟卡期間。可以報銷的期間：{since}至{until}。",
        "The expense lies outside the loss period, which is {since} to {until}.",
    )
    SETTLED_WITH_INSURANCE = Words(
        "这次就诊已经用医保结算，不是全额自付，不能再报销。",
        "這次就診已經用醫保結算，不是全額自付，不能再報銷。",
        "This visit was settled with the insurance and not paid in full, so it is not reimbursed.",
    )
    INVOICE_PAID = Words(
        "这张发票已经报销过，不能再用。请核对发票号码。",
        "這張發票已經報銷過，不能再用。請核對發票號碼。",
        "This invoice has been reimbursed already and cannot be used again. Check its number.",
    )
    LATER_EXPENSE = Words(
        "只报销最近一次费用。{day}在{provider}还有一笔更近的费用，请改为申请那一笔。",
        "只報銷最近一次費用。{day}在{provider}還有一筆更近的費用，請改為申請那一筆。",
        "Only the latest expense is reimbursed. There is a later one, of {day} at {provider}; claim"
        " that one instead.",
    )
    LINES_DIFFER = Words(
        "明细合计{lines}元，与发票总额{total}元不一致。请核对后再提交。",
        "明細合計{lines}元，與發票總額{total}元不一致。請核對後再提交。",
        "The lines add up to {lines} yuan and the invoice says {total} yuan. Please check.",
    )
    NOTHING_DUE = Words(
        "按待遇规定，这笔费用基金应付0元（多因未过起付线）。申请保留，没有报销次数被用掉。",
        "按待遇規定，這筆費用基金應付0元（多因未過起付線）。申請保留，沒有報銷次數被用掉。",
        "By the benefit rules the fund pays nothing for it, mostly because the deductible is still"
        " open. The claim stands and your one reimbursement is not used up.",
    )
    YEAR_OVER = Words(
        "这笔费用属于{year}年，当年的待遇累计已经结转，不能在这里计算。请转交基金核算人工处理。",
        "這筆費用屬於{year}年，當年的待遇累計已經結轉，不能在這裡計算。請轉交基金核算人工處理。",
        "This expense belongs to {year}, whose figures are closed, so it is not worked out here."
        " Pass it to the fund's accountants.",
    )
    NEEDS_TWO_PEOPLE = Words(
        "金额{amount}元，满{limit}元须两人审批。请提出审批，由另一位同事批准。",
        "金額{amount}元，滿{limit}元須兩人審批。請提出審批，由另一位同事批准。",
        "The amount is {amount} yuan; from {limit} yuan two people decide. Propose it, and let a"
        " colleague approve.",
    )
    CLAIM_CLOSED = Words(
        "这份申请已经办结：{state}。如有新的费用，请另行申请。",
        "這份申請已經辦結：{state}。如有新的費用，請另行申請。",
        "This claim is closed: {state}. Make another claim for another expense.",
    )
    NOT_REVIEWED = Words(
        "这份申请还没有审核，不能付款。请先由医保工作人员审核明细。",
        "這份申請還沒有審核，不能付款。請先由醫保工作人員審核明細。",
        "This claim has not been reviewed, so it cannot be paid. Medical insurance staff review it"
        " first.",
    )
    AMOUNT_MOVED = Words(
        "审核后待遇累计有变化，应付金额由{before}元变为{now}元，没有付款。请重新审核。",
        "審核後待遇累計有變化，應付金額由{before}元變為{now}元，沒有付款。請重新審核。",
        "Since the review the year's figures moved and the amount changed from {before} to {now}"
        " yuan, so nothing was paid. Review it again.",
    )
