"""Why an application, a collection or an activation is refused, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class IssueRefusal(Reason):
    """Refusals of the acts about a replacement; the first that applies is the answer."""

    NOT_HERE = Words(
        "补换卡不在这里办理。可以到：{places}。",
        "補換卡不在這裡辦理。可以到：{places}。",
        "Replacements are not made here. Go to: {places}.",
    )
    NO_CARD = Words(
        "名下没有可以补换的卡。如需新卡请办理申领。",
        "名下沒有可以補換的卡。如需新卡請辦理申領。",
        "There is no card to replace. Apply for a first card if you need one.",
    )
    APPLICATION_OPEN = Words(
        "已经申请过补卡，不用重复办理。受理编号{receipt}，现在：{progress}。",
        "已經申請過補卡，不用重複辦理。受理編號{receipt}，現在：{progress}。",
        "A replacement has been applied for already; nothing more is needed. Receipt {receipt},"
        " now: {progress}.",
    )
    REASON_NOT_COVERED = Words(
        "这里不办理“{reason}”的补换卡。可以选：{reasons}。",
        "這裡不辦理「{reason}」的補換卡。可以選：{reasons}。",
        "A replacement for “{reason}” is not made here. You can choose: {reasons}.",
    )
    NOT_VERIFIED = Words(
        "所报信息与登记不一致，没有办理。请核对后再试，或带证件到网点。",
        "所報資訊與登記不一致，沒有辦理。請核對後再試，或帶證件到網點。",
        "What you gave does not agree with the register, so nothing was done. Check it, or bring"
        " your papers to a service point.",
    )
    PAPERS_MISSING = Words(
        "还缺材料：{missing}。材料清单已列在一次性告知单上，补齐后再来。",
        "還缺材料：{missing}。材料清單已列在一次性告知單上，補齊後再來。",
        "Papers are missing: {missing}. The one-time notice lists them all; come back with them.",
    )
    PHOTO_NEEDED = Words(
        "需要一张电子照片：{size}像素。请现场拍照或提供照片编号。",
        "需要一張電子照片：{size}像素。請現場拍照或提供照片編號。",
        "An electronic photo of {size} pixels is needed. Take one here or give its number.",
    )
    PHOTO_REJECTED = Words(
        "照片不合格：{fault}。请重新拍照。",
        "照片不合格：{fault}。請重新拍照。",
        "The photo cannot be used: {fault}. Please take another.",
    )
    SLIP_UNKNOWN = Words(
        "没有这张领卡证明。请核对编号，或凭证件查询。",
        "沒有這張領卡證明。請核對編號，或憑證件查詢。",
        "There is no such collection slip. Check the number, or ask with your papers.",
    )
    SLIP_USED = Words(
        "这张领卡证明已于{at}使用，一张只能领一次。如不是本人领取，请立即告诉工作人员。",
        "這張領卡證明已於{at}使用，一張只能領一次。如不是本人領取，請立即告訴工作人員。",
        "This collection slip was used at {at}; each serves once. If that was not you, tell the"
        " staff at once.",
    )
    NOT_READY = Words(
        "新卡还没到，现在：{progress}。预计{promised}起可领。",
        "新卡還沒到，現在：{progress}。預計{promised}起可領。",
        "The new card is not here yet; now: {progress}. It should be ready from {promised}.",
    )
    WRONG_PLACE = Words(
        "这张卡在{place}领取，请到那里办理。",
        "這張卡在{place}領取，請到那裡辦理。",
        "This card is collected at {place}. Please go there.",
    )
    FEE_UNPAID = Words(
        "补卡费{fee}元还没有交。请先交费再领卡。",
        "補卡費{fee}元還沒有交。請先交費再領卡。",
        "The fee of {fee} yuan has not been paid. Please pay before collecting the card.",
    )
    FEE_PAID = Words(
        "这笔费用已经收过，收据编号{receipt}，不会重复收费。",
        "這筆費用已經收過，收據編號{receipt}，不會重複收費。",
        "This fee has been paid already, receipt {receipt}; it is never charged twice.",
    )
    NO_FEE = Words(
        "这次补卡不收费，不用交。",
        "這次補卡不收費，不用交。",
        "This replacement is free of charge; there is nothing to pay.",
    )
    NOT_TO_ACTIVATE = Words(
        "这张卡现在不能启用：{progress}。请先领卡，或到领卡网点询问。",
        "這張卡現在不能啟用：{progress}。請先領卡，或到領卡網點詢問。",
        "This card cannot be activated now: {progress}. Collect it first, or ask where it is"
        " collected.",
    )
    HOLDER_ONLY = Words(
        "启用只能由本人（未成年人由监护人）办理，代办人不能启用。",
        "啟用只能由本人（未成年人由監護人）辦理，代辦人不能啟用。",
        "Only the holder (or a minor's guardian) can activate the card; an agent cannot.",
    )
    TOO_LATE = Words(
        "新卡已经领取，不能撤销申请。",
        "新卡已經領取，不能撤銷申請。",
        "The new card has been collected, so the application cannot be withdrawn.",
    )
    NOT_DUE = Words(
        "还没到领卡期限{deadline}，不能退回销毁。",
        "還沒到領卡期限{deadline}，不能退回銷毀。",
        "The time to collect runs until {deadline}; the card cannot be destroyed yet.",
    )
    NOT_AT_THIS_STEP = Words(
        "这张卡不在这一步，现在：{progress}。请刷新后再办。",
        "這張卡不在這一步，現在：{progress}。請刷新後再辦。",
        "The card is not at this step, now: {progress}. Refresh and try again.",
    )
