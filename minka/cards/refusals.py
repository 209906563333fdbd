"""Why a card does not pay, in order of precedence; no sentence tells a stranger of a loss."""

from __future__ import annotations

from minka.cards.card import Standing
from minka.kit.outcome import Reason
from minka.kit.words import Words

_ASK = Words(
    "这张卡现在不能结算。请持卡人拨打{hotline}或到服务网点询问；卡可以还给持卡人。",
    "這張卡現在不能結算。請持卡人撥打{hotline}或到服務網點詢問；卡可以還給持卡人。",
    "This card cannot pay now. The holder can ask at {hotline} or at a service point; the card may"
    " be given back.",
)
"""What any stop says at a till, whoever holds the card: the code alone tells which stop it is."""


class UseRefusal(Reason):
    """Refusals of a use; the code is for the institution, the sentence for whoever stands there."""

    AMOUNT_WRONG = Words(
        "金额必须大于零，没有结算。请核对金额后再试。",
        "金額必須大於零，沒有結算。請核對金額後再試。",
        "The amount must be above zero, so nothing was settled. Check it and try again.",
    )
    UNKNOWN = Words(
        "没有认出这张卡，没有结算。请核对卡号，或请持卡人拨打{hotline}询问。",
        "沒有認出這張卡，沒有結算。請核對卡號，或請持卡人撥打{hotline}詢問。",
        "This card was not recognised, so nothing was settled. Check its number, or let the holder"
        " ask at {hotline}.",
    )
    CANCELLED = _ASK
    FORMAL_LOSS = _ASK
    PROVISIONAL_LOSS = _ASK
    FROZEN = _ASK
    NOT_ACTIVE = Words(
        "这张卡还没有启用，不能结算。请持卡人本人启用后再用，可拨打{hotline}询问。",
        "這張卡還沒有啟用，不能結算。請持卡人本人啟用後再用，可撥打{hotline}詢問。",
        "This card is not active yet and cannot pay. The holder must activate it first; ask at"
        " {hotline}.",
    )
    EXPIRED = Words(
        "这张卡已过有效期，不能结算。请持卡人换卡，可拨打{hotline}询问。",
        "這張卡已過有效期，不能結算。請持卡人換卡，可撥打{hotline}詢問。",
        "This card has expired and cannot pay. The holder must exchange it; ask at {hotline}.",
    )


REFUSAL_OF: dict[Standing, UseRefusal] = {
    Standing.UNKNOWN: UseRefusal.UNKNOWN,
    Standing.CANCELLED: UseRefusal.CANCELLED,
    Standing.FORMAL_LOSS: UseRefusal.FORMAL_LOSS,
    Standing.PROVISIONAL_LOSS: UseRefusal.PROVISIONAL_LOSS,
    Standing.FROZEN: UseRefusal.FROZEN,
    Standing.NOT_ACTIVE: UseRefusal.NOT_ACTIVE,
    Standing.EXPIRED: UseRefusal.EXPIRED,
}
"""Every standing but ``USABLE``."""
