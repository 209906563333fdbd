"""The names of keys' states, moves, steps, purposes and levels in the three languages."""

from __future__ import annotations

from collections.abc import Mapping

from minka.keys.approval import KeyAct
from minka.keys.ceremony import CeremonyMove, CeremonyState
from minka.keys.lifecycle import KeyMove, KeyState
from minka.keys.table import Level
from minka.keys.vault import Purpose
from minka.kit.words import Words

STATES: Mapping[KeyState, Words] = {
    KeyState.PRE_ACTIVE: Words("待启用", "待啟用", "not yet active"),
    KeyState.ACTIVE: Words("使用中", "使用中", "active"),
    KeyState.SUSPENDED: Words("已暂停", "已暫停", "suspended"),
    KeyState.DEACTIVATED: Words("已停用", "已停用", "deactivated"),
    KeyState.COMPROMISED: Words("已泄露", "已洩露", "compromised"),
    KeyState.DESTROYED: Words("已销毁", "已銷毀", "destroyed"),
}

KEY_MOVES: Mapping[KeyMove, Words] = {
    KeyMove.ACTIVATE: Words("启用", "啟用", "activate"),
    KeyMove.SUSPEND: Words("暂停", "暫停", "suspend"),
    KeyMove.RESUME: Words("恢复", "恢復", "resume"),
    KeyMove.DEACTIVATE: Words("停用", "停用", "deactivate"),
    KeyMove.COMPROMISE: Words("标记为已泄露", "標記為已洩露", "mark compromised"),
    KeyMove.DESTROY: Words("销毁", "銷毀", "destroy"),
}

STEPS: Mapping[CeremonyState, Words] = {
    CeremonyState.PROPOSED: Words("已提出", "已提出", "proposed"),
    CeremonyState.SIGNED: Words("双签完毕，等录入分量", "雙簽完畢，等錄入分量", "signed"),
    CeremonyState.ENTERING: Words("正在录入分量", "正在錄入分量", "parts being entered"),
    CeremonyState.COMBINED: Words("已合成，等核对", "已合成，等核對", "combined"),
    CeremonyState.COMPARED: Words("已核对，等结束", "已核對，等結束", "compared"),
    CeremonyState.CLOSED: Words("已结束", "已結束", "closed"),
    CeremonyState.ABANDONED: Words("已终止", "已終止", "abandoned"),
    CeremonyState.LAPSED: Words("已过期", "已過期", "lapsed"),
}

CEREMONY_MOVES: Mapping[CeremonyMove, Words] = {
    CeremonyMove.SIGN: Words("签批", "簽批", "sign"),
    CeremonyMove.ENTER: Words("录入分量", "錄入分量", "enter a part"),
    CeremonyMove.COMBINE: Words("合成", "合成", "combine"),
    CeremonyMove.COMPARE: Words("核对", "核對", "compare"),
    CeremonyMove.CLOSE: Words("结束", "結束", "close"),
    CeremonyMove.ABANDON: Words("终止", "終止", "abandon"),
    CeremonyMove.LAPSE: Words("过期", "過期", "lapse"),
}

ACTS: Mapping[KeyAct, Words] = {
    KeyAct.LOAD: Words("装载密钥", "裝載密鑰", "Load a key"),
    KeyAct.GENERATE: Words("在加密机内生成密钥", "在加密機內產生密鑰", "Generate a key"),
    KeyAct.IMPORT_BLOCK: Words("导入密钥块", "匯入密鑰塊", "Import a key block"),
    KeyAct.EXPORT_BLOCK: Words("以密钥块导出", "以密鑰塊匯出", "Export a key as a block"),
    KeyAct.ACTIVATE: Words("启用密钥", "啟用密鑰", "Activate a key"),
    KeyAct.SUSPEND: Words("暂停密钥", "暫停密鑰", "Suspend a key"),
    KeyAct.RESUME: Words("恢复密钥", "恢復密鑰", "Resume a key"),
    KeyAct.DEACTIVATE: Words("停用密钥", "停用密鑰", "Deactivate a key"),
    KeyAct.COMPROMISE: Words("标记为已泄露", "標記為已洩露", "Mark a key compromised"),
    KeyAct.DESTROY: Words("销毁密钥", "銷毀密鑰", "Destroy a key"),
    KeyAct.UNSEAL: Words("开封密钥库", "開封密鑰庫", "Unseal the vault"),
    KeyAct.BACK_UP: Words("备份密钥库的封印", "備份密鑰庫的封印", "Back up the vault's seal"),
    KeyAct.SET_ADDRESSES: Words("更换密钥地址表", "更換密鑰地址表", "Change the address table"),
    KeyAct.SET_RECIPE: Words("更换分散因子", "更換分散因子", "Change the diversification recipe"),
    KeyAct.SET_KEY_TABLE: Words("更换密钥表", "更換密鑰表", "Change the key table"),
}

PURPOSES: Mapping[Purpose, Words] = {
    Purpose.INTERNAL: Words("内部认证", "內部認證", "internal authentication"),
    Purpose.EXTERNAL: Words("外部认证", "外部認證", "external authentication"),
    Purpose.MESSAGE: Words("安全报文", "安全報文", "secure messages"),
    Purpose.PURCHASE: Words("消费", "消費", "purchases"),
    Purpose.LOAD: Words("圈存", "圈存", "loads"),
    Purpose.TAC: Words("交易认证码", "交易認證碼", "transaction codes"),
    Purpose.MASTER: Words("主控", "主控", "master"),
    Purpose.TRANSPORT: Words("传输保护", "傳輸保護", "transport"),
}

LEVELS: Mapping[Level, Words] = {
    Level.MINISTRY: Words("部级", "部級", "ministry"),
    Level.PROVINCE: Words("省级", "省級", "province"),
    Level.CITY: Words("市级", "市級", "city"),
}
