"""Why a PIN is refused, or an act about it, in order of precedence."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class PinRefusal(Reason):
    """Refusals of PINs; no sentence tells whether a digit was near the truth."""

    PIN_NO_SUCH_CHANNEL = Words(
        "本地规定不能这样办理密码业务。可以这样办：{channels}。",
        "本地規定不能這樣辦理密碼業務。可以這樣辦：{channels}。",
        "Local rules do not allow this for a PIN. You can use: {channels}.",
    )
    PIN_PAPERS_MISSING = Words(
        "还缺材料：{missing}。请持卡人本人带齐再来。",
        "還缺材料：{missing}。請持卡人本人帶齊再來。",
        "Papers are missing: {missing}. The holder must come in person and bring them.",
    )
    PIN_NEEDED = Words(
        "要输入密码才能办理，没有结算。请在密码键盘上输入密码。",
        "要輸入密碼才能辦理，沒有結算。請在密碼鍵盤上輸入密碼。",
        "A PIN is needed, so nothing was settled. Enter it on the PIN pad.",
    )
    PIN_NOT_SET = Words(
        "这张卡还没有设密码。请持卡人带身份证到网点设密码。",
        "這張卡還沒有設密碼。請持卡人帶身份證到網點設密碼。",
        "This card has no PIN yet. The holder sets one at a counter with the ID card.",
    )
    PIN_LOST = Words(
        "原密码已挂失，不能再用。请带身份证到网点重置密码，可拨打{hotline}询问。",
        "原密碼已掛失，不能再用。請帶身份證到網點重置密碼，可撥打{hotline}詢問。",
        "The PIN was reported lost and cannot be used. Reset it at a counter with the ID card; ask"
        " at {hotline}.",
    )
    PIN_LOCKED = Words(
        "密码连续输错，已锁定到{until}。请到时再试，或带身份证到网点重置。",
        "密碼連續輸錯，已鎖定到{until}。請到時再試，或帶身份證到網點重置。",
        "Too many wrong PINs; it is locked until {until}. Try again then, or reset it at a counter"
        " with the ID card.",
    )
    PIN_LOCKED_UNTIL_RESET = Words(
        "密码连续输错，已锁定。请带身份证到网点重置密码，可拨打{hotline}询问。",
        "密碼連續輸錯，已鎖定。請帶身份證到網點重置密碼，可撥打{hotline}詢問。",
        "Too many wrong PINs; it is locked. Reset it at a counter with the ID card; ask at"
        " {hotline}.",
    )
    PIN_WRONG = Words(
        "密码不对，还可以试{left}次。忘记密码请带身份证到网点重置。",
        "密碼不對，還可以試{left}次。忘記密碼請帶身份證到網點重置。",
        "The PIN is not right; {left} tries are left. If it is forgotten, reset it at a counter"
        " with the ID card.",
    )
    PIN_ALREADY_SET = Words(
        "这张卡已经设过密码。要换密码请办理修改，忘记了请办理重置。",
        "這張卡已經設過密碼。要換密碼請辦理修改，忘記了請辦理重置。",
        "This card has a PIN already. Change it, or reset it if it is forgotten.",
    )
    PIN_ALREADY_LOST = Words(
        "原密码已经挂失，不用重复办理。请带身份证到网点重置密码。",
        "原密碼已經掛失，不用重複辦理。請帶身份證到網點重置密碼。",
        "The PIN is already reported lost; nothing more is needed. Reset it at a counter.",
    )
    PIN_LENGTH = Words(
        "密码要{length}位数字。请重新输入。",
        "密碼要{length}位數字。請重新輸入。",
        "A PIN has {length} digits. Please enter it again.",
    )
    PIN_WEAK = Words(
        "这个密码太容易猜，不能用：{why}。请换一个。",
        "這個密碼太容易猜，不能用：{why}。請換一個。",
        "This PIN is too easy to guess: {why}. Choose another.",
    )
    PIN_SAME = Words(
        "新密码和原密码一样。请换一个。",
        "新密碼和原密碼一樣。請換一個。",
        "The new PIN is the old one. Choose another.",
    )
