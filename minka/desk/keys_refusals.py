"""Refusals of the desk about keys, beside those of ``minka.keys.refusals``."""

from __future__ import annotations

from minka.kit.outcome import Reason
from minka.kit.words import Words


class KeyDeskRefusal(Reason):
    """Why an act on keys cannot be proposed or done as it was filled in."""

    FIELD_WRONG = Words(
        "“{field}”填得不对，没有办理。请核对后重新提出。",
        "「{field}」填得不對，沒有辦理。請核對後重新提出。",
        "“{field}” does not hold, so nothing was done. Check it and propose again.",
    )
    KEY_THERE = Words(
        "密钥{key}第{version}版已经有了。请用下一个版本号。",
        "密鑰{key}第{version}版已經有了。請用下一個版本號。",
        "There is a version {version} of key {key} already. Use the next number.",
    )
    NOT_ALL_COMPARED = Words(
        "{parts}个分量中，见证人核对相符的有{right}个。全部相符后才能合成。",
        "{parts}個分量中，見證人核對相符的有{right}個。全部相符後才能合成。",
        "The witness found {right} of {parts} parts right. They are combined when all are.",
    )
    PART_COMPARED = Words(
        "这个校验值已经核对过，不能改。",
        "這個校驗值已經核對過，不能改。",
        "This check value was compared already; the finding stands.",
    )
    PART_MISSING = Words(
        "这个分量还没有录入，等分管人录入后再核对。",
        "這個分量還沒有錄入，等分管人錄入後再核對。",
        "This part was not entered yet. Wait for its custodian.",
    )
    VAULT_HAS_IT = Words(
        "加密机里已有同名同版的密钥，登记里却没有。请先核对加密机。",
        "加密機裡已有同名同版的密鑰，登記裡卻沒有。請先核對加密機。",
        "The vault holds a key of this name and version that the register does not. Look first.",
    )
    BLOCK_TAKEN = Words(
        "这次批准的密钥块已经取走，或批准已过24小时。要再取须重新提出。",
        "這次批准的密鑰塊已經取走，或批准已過24小時。要再取須重新提出。",
        "The block of this approval was taken, or the approval is older than 24 hours. Propose"
        " again.",
    )
    PARTS_SPOILED = Words(
        "加密机收到的分量数与登记不符，没有合成。请终止这次仪式，重新开始。",
        "加密機收到的分量數與登記不符，沒有合成。請終止這次儀式，重新開始。",
        "The vault has another number of parts than the register, so no key was made. Abandon this"
        " ceremony and begin a new one.",
    )
