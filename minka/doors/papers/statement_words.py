"""The words of the printed statement in three languages."""

from __future__ import annotations

from minka.kit.words import Words

W = Words
LABELS: dict[str, Words] = {
    "title": W("个人账户对账单", "個人帳戶對帳單", "Statement of the individual account"),
    "kind": W("社会保障卡服务", "社會保障卡服務", "Social security card service"),
    "number": W("对账单编号", "對帳單編號", "Statement number"),
    "name": W("姓名", "姓名", "Name"),
    "id_number": W("证件号码", "證件號碼", "ID number"),
    "card": W("卡号", "卡號", "Card"),
    "period": W("期间", "期間", "Period"),
    "issued": W("出具时间", "出具時間", "Issued at"),
    "check": W("核对码", "核對碼", "Check value"),
    "lines": W("明细条数", "明細條數", "Lines"),
    "opening": W("期初余额", "期初餘額", "Opening balance"),
    "in": W("划入", "劃入", "In"),
    "out": W("支出", "支出", "Out"),
    "closing": W("期末余额", "期末餘額", "Closing balance"),
    "at": W("时间", "時間", "Time"),
    "what": W("项目与编号", "項目與編號", "What, and its number"),
    "provider": W("医院、药店或来源", "醫院、藥店或來源", "Hospital, pharmacy or source"),
    "balance": W("余额", "餘額", "Balance"),
    "total": W("费用总额", "費用總額", "Whole bill"),
    "fund": W("基金支付", "基金支付", "Paid by funds"),
    "cash": W("现金支付", "現金支付", "Paid in cash"),
    "sum": W("合计", "合計", "Sum"),
    "treasury": W("社保经办机构", "社保經辦機構", "Social insurance agency"),
    "empty": W(
        "这段时间没有划入，也没有支出。",
        "這段時間沒有劃入，也沒有支出。",
        "In this period nothing came in and nothing was spent.",
    ),
    "adds": W(
        "单位：元。期初余额＋划入－支出＝期末余额；“支出”是个人账户支付的部分。",
        "單位：元。期初餘額＋劃入－支出＝期末餘額；「支出」是個人帳戶支付的部分。",
        "In yuan. Opening balance + in - out = closing balance; “out” is what the account paid.",
    ),
    "doubt": W(
        "对某一笔有疑问，请凭明细里的编号在网上、热线或窗口提出；不是本人用的，请同时挂失。",
        "對某一筆有疑問，請憑明細裡的編號在網上、熱線或窗口提出；不是本人用的，請同時掛失。",
        "If you doubt a line, ask on line, by the hotline or at a counter by its number. If it was"
        " not you, report the card lost as well.",
    ),
    "purpose": W(
        "个人账户只能用于定点医院、药店，不能取现、转账。",
        "個人帳戶只能用於定點醫院、藥店，不能取現、轉帳。",
        "The account pays only at designated hospitals and pharmacies: no cash, no transfer.",
    ),
    "scan": W("扫码核验", "掃碼核驗", "Scan to verify"),
    "ask": W("有疑问请拨打", "有疑問請撥打", "Questions: call"),
}


def label(name: str, language: str) -> str:
    """The words of a label in a language."""
    return LABELS[name].say(language)
