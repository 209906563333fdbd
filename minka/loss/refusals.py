"""Why a report, a withdrawal or a freeze is refused, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class LossRefusal(Reason):
    """Refusals of the acts about a lost card; the first that applies is the answer."""

    TOO_MANY = (
        Words(
            "短时间内尝试太多次。请{minutes}分钟后再试，或拨打{hotline}由人工办理。",
            "短時間內嘗試太多次。請{minutes}分鐘後再試，或撥打{hotline}由人工辦理。",
            "Too many attempts in a short time. Try again in {minutes} minutes or call {hotline}.",
        ),
        Retry.LATER,
    )
    NO_SUCH_CHANNEL = Words(
        "本地规定不受理以这种方式办理。可以这样办：{channels}。",
        "本地規定不受理以這種方式辦理。可以這樣辦：{channels}。",
        "Local rules do not allow this here. You can use: {channels}.",
    )
    KIOSK_CLASS = Words(
        "这台自助终端所在医院不到{class_min}级，按规定不能在此挂失。请拨打{hotline}或到服务网点。",
        "這台自助終端所在醫院不到{class_min}級，按規定不能在此掛失。請撥打{hotline}或到服務網點。",
        "This terminal stands in a hospital below class {class_min}, where the rule allows no loss"
        " report. Call {hotline} or go to a service point.",
    )
    FACTS_MISSING = Words(
        "还缺这些信息：{missing}。请补全后再提交。",
        "還缺這些資訊：{missing}。請補全後再提交。",
        "These facts are still missing: {missing}. Please add them and submit again.",
    )
    NOT_VERIFIED = Words(
        "所报信息与登记不一致，没有办理。请核对姓名和证件号码；"
        "也可能在别的城市参保，请拨打{hotline}或带证件到网点。",
        "所報資訊與登記不一致，沒有辦理。請核對姓名和證件號碼；"
        "也可能在別的城市參保，請撥打{hotline}或帶證件到網點。",
        "What you gave does not agree with the register, so nothing was done. Check the name and"
        " the ID number; the card may belong to another city. Call {hotline} or bring your papers.",
    )
    REASON_NOT_COVERED = Words(
        "这条规定不含“{reason}”。可以选：{reasons}。",
        "這條規定不含「{reason}」。可以選：{reasons}。",
        "This rule does not cover “{reason}”. You can choose: {reasons}.",
    )
    PAPERS_MISSING = Words(
        "还缺材料：{missing}。材料清单已列在一次性告知单上，补齐后再来。",
        "還缺材料：{missing}。材料清單已列在一次性告知單上，補齊後再來。",
        "Papers are missing: {missing}. The one-time notice lists them all; come back with them.",
    )
    DOCUMENT_UNKNOWN = Words(
        "没有查到编号{code}的单据，或它不属于本人。请核对编号。",
        "沒有查到編號{code}的單據，或它不屬於本人。請核對編號。",
        "There is no document {code} for this person. Please check the number.",
    )
    DOCUMENT_USED = Words(
        "编号{code}的单据已经用过，一张单据只能办理一次。请重新开具。",
        "編號{code}的單據已經用過，一張單據只能辦理一次。請重新開具。",
        "Document {code} has been used; each document serves once. Ask for a new one.",
    )
    DOCUMENT_NOT_STAMPED = Words(
        "编号{code}的证明信还没有医保处盖章。请先到医保处盖章确认。",
        "編號{code}的證明信還沒有醫保處蓋章。請先到醫保處蓋章確認。",
        "Letter {code} has not been stamped. Have the medical insurance office stamp it first.",
    )
    NO_CARD = Words(
        "名下没有可以办理的卡。如需新卡请办理申领。",
        "名下沒有可以辦理的卡。如需新卡請辦理申領。",
        "There is no card on which this can be done. Apply for a card if you need one.",
    )
    ALREADY_FORMAL = Words(
        "这张卡已于{since}正式挂失，受理编号{receipt}。不能撤销，请办理补卡。",
        "這張卡已於{since}正式掛失，受理編號{receipt}。不能撤銷，請辦理補卡。",
        "This card was formally reported lost at {since}, receipt {receipt}. It cannot be undone;"
        " apply for a replacement.",
    )
    ALREADY_LOST = Words(
        "这张卡已经挂失，不用重复办理。受理编号{receipt}，{until}。",
        "這張卡已經掛失，不用重複辦理。受理編號{receipt}，{until}。",
        "This card is already reported lost; nothing more is needed. Receipt {receipt}, {until}.",
    )
    CARD_CANCELLED = Words(
        "这张卡已经注销，不会再有效，不用挂失。",
        "這張卡已經註銷，不會再有效，不用掛失。",
        "This card is cancelled and will never be valid again; there is nothing to report.",
    )
    NOT_REPORTED = Words(
        "这张卡没有挂失，不需要撤销。",
        "這張卡沒有掛失，不需要撤銷。",
        "This card is not reported lost; there is nothing to withdraw.",
    )
    FORMAL_IS_FINAL = Words(
        "正式挂失后不能撤销（{cite}）。旧卡不会再有效，请等新卡。",
        "正式掛失後不能撤銷（{cite}）。舊卡不會再有效，請等新卡。",
        "A formal loss cannot be withdrawn ({cite}). The old card stays dead; wait for the new"
        " one.",
    )
    NO_WITHDRAWAL_RULE = Words(
        "本地规定没有写明可以撤销挂失，不能办理。请拨打{hotline}询问。",
        "本地規定沒有寫明可以撤銷掛失，不能辦理。請撥打{hotline}詢問。",
        "Local rules do not say that a report can be withdrawn, so it was not. Call {hotline}.",
    )
    REISSUE_HANDLED = Words(
        "新卡已经在办，不能再撤销挂失（{cite}）。",
        "新卡已經在辦，不能再撤銷掛失（{cite}）。",
        "The new card is already being made, so the report cannot be withdrawn ({cite}).",
    )
    WITHDRAW_ELSEWHERE = Words(
        "撤销挂失要到这些地方办理：{places}。请带{papers}。",
        "撤銷掛失要到這些地方辦理：{places}。請帶{papers}。",
        "A report is withdrawn at: {places}. Bring {papers}.",
    )
    RENEWAL_NOT_ALLOWED = Words(
        "本地规定到期后不能再次电话挂失，请到窗口办理。",
        "本地規定到期後不能再次電話掛失，請到窗口辦理。",
        "Local rules allow no second report by this channel. Please go to a counter.",
    )
    NOT_FROZEN = Words(
        "这张卡没有暂停使用，不需要恢复。",
        "這張卡沒有暫停使用，不需要恢復。",
        "This card is not frozen; there is nothing to undo.",
    )
    ALREADY_CONFIRMED = Words(
        "这份挂失已经确认过，受理编号{receipt}。",
        "這份掛失已經確認過，受理編號{receipt}。",
        "This report has been confirmed already, receipt {receipt}.",
    )
    CONFIRMED_BY_ANOTHER = Words(
        "按规定要由{who}确认，您的岗位不能确认。请转交。",
        "按規定要由{who}確認，您的崗位不能確認。請轉交。",
        "The rule asks for confirmation by {who}; your post cannot give it. Please pass it on.",
    )
