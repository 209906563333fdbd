"""Why a message is turned away at the API's own door, before any desk has seen it."""

from __future__ import annotations

from minka.kit.outcome import Reason, Retry
from minka.kit.words import Words


class DoorRefusal(Reason):
    """Refusals of the door itself, in the order in which they are found."""

    @property
    def code(self) -> str:
        """The stable public code: ``api.`` and the name, for other doors have refusals too."""
        return f"api.{self.name.lower()}"

    NO_SUCH_ADDRESS = Words(
        "没有这个地址，什么也没有办理。请核对地址；全部地址列在 /api/openapi.json。",
        "沒有這個位址，什麼也沒有辦理。請核對位址；全部位址列在 /api/openapi.json。",
        "There is no such address, so nothing was done. Check it; all are in /api/openapi.json.",
    )
    NO_SUCH_METHOD = Words(
        "这个地址不接受这种方法，什么也没有办理。可用的方法写在 Allow 标头里，请改用。",
        "這個位址不接受這種方法，什麼也沒有辦理。可用的方法寫在 Allow 標頭裡，請改用。",
        "This address does not take this method, so nothing was done. Use one of the Allow header.",
    )
    BUSY = (
        Words(
            "现在请求太多，没有办理。请按 Retry-After 的秒数后"
            "用同一个请求编号再试；急需挂失请拨打{hotline}。",
            "現在請求太多，沒有辦理。請按 Retry-After 的秒數後"
            "用同一個請求編號再試；急需掛失請撥打{hotline}。",
            "Too many requests just now, so nothing was done. Send it again under the same key"
            " after the seconds of Retry-After; to stop a card at once call {hotline}.",
        ),
        Retry.LATER,
    )
    AWAY = (
        Words(
            "暂时连不上登记系统，没有得到办成的确认。请稍后用同一个请求编号再发，不会重复办理。",
            "暫時連不上登記系統，沒有得到辦成的確認。請稍後用同一個請求編號再發，不會重複辦理。",
            "The register cannot be reached, so nothing is known to be done. Send it again shortly"
            " under the same key; it is never done twice.",
        ),
        Retry.LATER,
    )
    NO_TOKEN = Words(
        "需要有效的令牌，没有办理。请在 Authorization 标头里给出 Bearer 令牌，或向管理员申领。",
        "需要有效的權杖，沒有辦理。請在 Authorization 標頭裡給出 Bearer 權杖，或向管理員申領。",
        "A valid token is needed, so nothing was done. Give it in the Authorization header as"
        " Bearer, or ask the administrator for one.",
    )
    OUT_OF_SCOPE = Words(
        "这个令牌没有“{scope}”权限，没有办理。请使用有权限的令牌，或向管理员申请。",
        "這個權杖沒有「{scope}」權限，沒有辦理。請使用有權限的權杖，或向管理員申請。",
        "This token lacks the scope “{scope}”, so nothing was done. Use one that has it, or ask the"
        " administrator.",
    )
    NOT_YOURS = Words(
        "这个令牌不能替“{field}”所写的地区、单位、银行或网点办理。请改用自己的编号。",
        "這個權杖不能替「{field}」所寫的地區、單位、銀行或網點辦理。請改用自己的編號。",
        "This token cannot act for the region, employer, bank or place in “{field}”. Use your own.",
    )
    WRONG_TYPE = Words(
        "内容的类型不对，没有读取。请发送 application/json，编码用 UTF-8。",
        "內容的類型不對，沒有讀取。請發送 application/json，編碼用 UTF-8。",
        "The content is of the wrong type and was not read. Send application/json in UTF-8.",
    )
    TOO_LARGE = Words(
        "内容超过 1 MB，没有读取。请减少内容后再发。",
        "內容超過 1 MB，沒有讀取。請減少內容後再發。",
        "The content is larger than 1 MB and was not read. Make it smaller and send it again.",
    )
    NOT_JSON = Words(
        "内容不是完整的 JSON，没有办理：{fault}。请改正后再发。",
        "內容不是完整的 JSON，沒有辦理：{fault}。請改正後再發。",
        "The content is not whole JSON, so nothing was done: {fault}. Correct it, send it again.",
    )
    NOT_VALID = Words(
        "内容不合要求，没有办理。请按 errors 里的每一项改正后再发。",
        "內容不合要求，沒有辦理。請按 errors 裡的每一項改正後再發。",
        "The content breaks rules, so nothing was done. Correct each item of errors; send again.",
    )
    NOT_FOUND = Words(
        "没有查到所写的编号。请核对后再试。",
        "沒有查到所寫的編號。請核對後再試。",
        "The number in the address was not found. Check it and try again.",
    )
    FAULT = (
        Words(
            "这是我们的故障，没有得到办成的确认。请稍后用同一个请求编号再发；急需挂失请拨打{hotline}。",
            "這是我們的故障，沒有得到辦成的確認。請稍後用同一個請求編號再發；急需掛失請撥打{hotline}。",
            "This is a fault of ours and nothing is known to be done. Send it again shortly under"
            " the same key; to stop a card at once call {hotline}.",
        ),
        Retry.LATER,
    )
