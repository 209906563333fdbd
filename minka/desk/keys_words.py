"""Words about keys: their acts, states, steps, duties, tiers and purposes."""

from __future__ import annotations

from collections.abc import Mapping

from minka.keys.ceremony import CeremonyMove, CeremonyState
from minka.keys.lifecycle import KeyState
from minka.keys.vault import Purpose
from minka.kit.words import Words

ACT_NAMES: Mapping[str, Words] = {
    "generate_key": Words(
        "在加密机内生成密钥", "在加密機內產生密鑰", "Generate a key in the vault"
    ),
    "start_ceremony": Words("开始密钥仪式", "開始密鑰儀式", "Start a key ceremony"),
    "import_key": Words("合成并导入密钥", "合成並匯入密鑰", "Combine the parts and import the key"),
    "activate_key": Words("启用密钥", "啟用密鑰", "Activate a key"),
    "suspend_key": Words("暂停密钥", "暫停密鑰", "Suspend a key"),
    "resume_key": Words("恢复密钥", "恢復密鑰", "Resume a key"),
    "rotate_key": Words("更换密钥", "更換密鑰", "Rotate a key"),
    "limit_key": Words("改变使用次数上限", "改變使用次數上限", "Change a key's use limit"),
    "export_key": Words("以密钥块导出", "以密鑰塊匯出", "Export a key as a block"),
    "deactivate_key": Words("停用密钥", "停用密鑰", "Deactivate a key"),
    "compromise_key": Words("标记为已泄露", "標記為已洩露", "Mark a key compromised"),
    "destroy_key": Words("销毁密钥", "銷毀密鑰", "Destroy a key"),
}
"""Every act on keys that two people must sign, in the order of a key's life."""

STATE_NAMES: Mapping[KeyState, Words] = {
    KeyState.PRE_ACTIVE: Words("待启用", "待啟用", "not yet active"),
    KeyState.ACTIVE: Words("使用中", "使用中", "active"),
    KeyState.SUSPENDED: Words("已暂停", "已暫停", "suspended"),
    KeyState.DEACTIVATED: Words("已停用", "已停用", "deactivated"),
    KeyState.COMPROMISED: Words("已泄露", "已洩露", "compromised"),
    KeyState.DESTROYED: Words("已销毁", "已銷毀", "destroyed"),
}

STEP_NAMES: Mapping[CeremonyState, Words] = {
    CeremonyState.PROPOSED: Words("已提出", "已提出", "proposed"),
    CeremonyState.SIGNED: Words("双签完毕，等录入分量", "雙簽完畢，等錄入分量", "signed"),
    CeremonyState.ENTERING: Words("正在录入分量", "正在錄入分量", "parts being entered"),
    CeremonyState.COMBINED: Words("已合成，等核对", "已合成，等核對", "combined"),
    CeremonyState.COMPARED: Words("已核对，等结束", "已核對，等結束", "compared"),
    CeremonyState.CLOSED: Words("已结束", "已結束", "closed"),
    CeremonyState.ABANDONED: Words("已终止", "已終止", "abandoned"),
    CeremonyState.LAPSED: Words("已过期", "已過期", "lapsed"),
}

MOVE_NAMES: Mapping[CeremonyMove, Words] = {
    CeremonyMove.SIGN: Words("签批", "簽批", "sign"),
    CeremonyMove.ENTER: Words("录入分量", "錄入分量", "enter a part"),
    CeremonyMove.COMBINE: Words("合成", "合成", "combine"),
    CeremonyMove.COMPARE: Words("核对", "核對", "compare"),
    CeremonyMove.CLOSE: Words("结束", "結束", "close"),
    CeremonyMove.ABANDON: Words("终止", "終止", "abandon"),
    CeremonyMove.LAPSE: Words("过期", "過期", "lapse"),
}

DUTY_NAMES: Mapping[str, Words] = {
    "proposer": Words("提出人", "提出人", "proposer"),
    "approver": Words("批准人", "批准人", "approver"),
    "custodian": Words("分管人", "分管人", "custodian"),
    "witness": Words("见证人", "見證人", "witness"),
}

TIER_NAMES: Mapping[str, Words] = {
    "ministry": Words("部级", "部級", "ministry"),
    "province": Words("省级", "省級", "province"),
    "city": Words("市级", "市級", "city"),
    "card": Words("卡片", "卡片", "card"),
    "terminal": Words("终端", "終端", "terminal"),
    "transport": Words("传输", "傳輸", "transport"),
}

PURPOSE_NAMES: Mapping[Purpose, Words] = {
    Purpose.INTERNAL: Words("内部认证", "內部認證", "internal authentication"),
    Purpose.EXTERNAL: Words("外部认证", "外部認證", "external authentication"),
    Purpose.MESSAGE: Words("安全报文", "安全報文", "secure messages"),
    Purpose.PURCHASE: Words("消费", "消費", "purchases"),
    Purpose.LOAD: Words("圈存", "圈存", "loads"),
    Purpose.TAC: Words("交易认证码", "交易認證碼", "transaction codes"),
    Purpose.MASTER: Words("主控", "主控", "master"),
    Purpose.TRANSPORT: Words("传输保护", "傳輸保護", "transport"),
}


def act_name(act: str) -> Words:
    """The words of an act; an unknown one stands for itself."""
    return ACT_NAMES.get(act, Words(act, act, act))


def state_name(state: str) -> Words:
    """The words of a state."""
    return STATE_NAMES[KeyState(state)]
