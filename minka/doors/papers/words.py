"""The words of the papers in three languages."""

from __future__ import annotations

from minka.kit.words import Words

W = Words
LABELS: dict[str, Words] = {
    "receipt": W("受理编号", "受理編號", "Receipt"),
    "name": W("姓名", "姓名", "Name"),
    "number": W("证件号码", "證件號碼", "ID number"),
    "card": W("卡号", "卡號", "Card"),
    "force": W("挂失方式", "掛失方式", "Kind of report"),
    "reason": W("原因", "原因", "Reason"),
    "accepted": W("受理时间", "受理時間", "Taken at"),
    "social": W("社保功能停用", "社保功能停用", "Social security part stopped"),
    "bank": W("银行账户止付", "銀行帳戶止付", "Bank account stopped"),
    "bank_pending": W(
        "处理中，我们会一直重试", "處理中，我們會一直重試", "under way; we keep trying"
    ),
    "bank_none": W("此卡没有银行账户", "此卡沒有銀行帳戶", "this card has no bank account"),
    "stops_by": W("规定最迟停用", "規定最遲停用", "Latest by rule"),
    "release": W("不办正式挂失则恢复使用", "不辦正式掛失則恢復使用", "Works again unless formal"),
    "cancel": W("到期卡被注销", "到期卡被註銷", "Card is cancelled at"),
    "never": W("不会自动恢复", "不會自動恢復", "Does not end by itself"),
    "formal": W("永久停用，不能撤销", "永久停用，不能撤銷", "Stopped for good"),
    "what_happens": W("什么时候发生什么", "什麼時候發生什麼", "What happens when"),
    "loss_title": W("挂失单", "掛失單", "Loss receipt"),
    "accept_title": W("受理通知书", "受理通知書", "Notice of acceptance"),
    "slip_title": W("领卡证明", "領卡證明", "Collection slip"),
    "slip_long": W(
        "新发与补（换）社会保障卡证明",
        "新發與補（換）社會保障卡證明",
        "Certificate of issue or replacement of a social security card",
    ),
    "fee_title": W("补卡费收据", "補卡費收據", "Fee receipt"),
    "notice_title": W("一次性告知单", "一次性告知單", "One-time notice"),
    "letter_title": W("挂失通知单", "掛失通知單", "Bank's loss notice"),
    "employer_title": W("单位证明信", "單位證明信", "Employer's letter"),
    "document": W("单据编号", "單據編號", "Document number"),
    "issued_by": W("开具单位", "開具單位", "Issued by"),
    "issued_at": W("开具时间", "開具時間", "Issued at"),
    "promise": W("可领卡日期", "可領卡日期", "Ready from"),
    "provisional": W(
        "（暂定，放假通知公布后重算）",
        "（暫定，放假通知公布後重算）",
        " (provisional, computed again when the holiday notice is out)",
    ),
    "place": W("领卡地点", "領卡地點", "Place of collection"),
    "fee": W("补卡费", "補卡費", "Fee"),
    "yuan": W("元", "元", " yuan"),
    "free": W("不收费", "不收費", "free of charge"),
    "means": W("交费方式", "交費方式", "Paid by"),
    "bring": W("领卡请带", "領卡請帶", "Bring to collect"),
    "missing": W("还缺这些材料", "還缺這些材料", "These papers are still missing"),
    "all_papers": W("全部材料", "全部材料", "All papers"),
    "old_card": W("原卡", "原卡", "Old card"),
    "clerk": W("经办人（盖章）", "經辦人（蓋章）", "Clerk (stamp)"),
    "holder": W("申请人签名", "申請人簽名", "Applicant's signature"),
    "scan": W("扫码查进度", "掃碼查進度", "Scan for progress"),
    "slip_once": W(
        "本证明只能使用一次，也是等卡期间的凭证，请妥善保管。",
        "本證明只能使用一次，也是等卡期間的憑證，請妥善保管。",
        "This slip works once and is your proof while you wait. Keep it safe.",
    ),
    "lend": W(
        "请勿出借社保卡：加载金融功能的卡出借等于出借银行卡。",
        "請勿出借社保卡：載入金融功能的卡出借等於出借銀行卡。",
        "Do not lend the card: with its bank part, lending it is lending a bank card.",
    ),
    "found": W(
        "找回原卡后，正式挂失前可以撤销挂失；正式挂失后不能撤销。",
        "找回原卡後，正式掛失前可以撤銷掛失；正式掛失後不能撤銷。",
        "If you find the card you can withdraw the report before a formal loss, never after it.",
    ),
    "assumed": W(
        "标“假定”的内容是演示城市的假定值，不是规定。",
        "標「假定」的內容是演示城市的假定值，不是規定。",
        "Values marked as assumed are of the demo city, not of a rule.",
    ),
    "ask": W("有疑问请拨打", "有疑問請撥打", "Questions: call"),
    "complain": W("投诉请拨打", "投訴請撥打", "Complaints: call"),
    "social_only": W("社会保障卡服务", "社會保障卡服務", "Social security card service"),
}


def label(name: str, language: str) -> str:
    """The words of a label in a language."""
    return LABELS[name].say(language)


MEANS: dict[str, Words] = {
    "cash": W("现金", "現金", "cash"),
    "qr": W("扫码", "掃碼", "QR code"),
    "card": W("银行卡", "銀行卡", "bank card"),
}
