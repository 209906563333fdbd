"""Words about keys at the desk: the acts that are signed there, duties and tiers."""

from __future__ import annotations

from collections.abc import Mapping

from minka.keys.approval import KeyAct
from minka.keys.lifecycle import KeyState
from minka.keys.table import Level
from minka.keys.wording import ACTS, LEVELS, STATES
from minka.kit.words import Words

ACT_NAMES: Mapping[str, Words] = {
    "generate_key": Words(
        "在加密机内生成密钥", "在加密機內產生密鑰", "Generate a key in the vault"
    ),
    "start_ceremony": Words("开始密钥仪式", "開始密鑰儀式", "Start a key ceremony"),
    "import_key": Words("合成并导入密钥", "合成並匯入密鑰", "Combine the parts and import the key"),
    "activate_key": ACTS[KeyAct.ACTIVATE],
    "suspend_key": ACTS[KeyAct.SUSPEND],
    "resume_key": ACTS[KeyAct.RESUME],
    "rotate_key": Words("更换密钥", "更換密鑰", "Rotate a key"),
    "limit_key": Words("改变使用次数上限", "改變使用次數上限", "Change a key's use limit"),
    "export_key": ACTS[KeyAct.EXPORT_BLOCK],
    "deactivate_key": ACTS[KeyAct.DEACTIVATE],
    "compromise_key": ACTS[KeyAct.COMPROMISE],
    "destroy_key": ACTS[KeyAct.DESTROY],
}
"""Every act on keys that two people must sign, in the order of a key's life."""

DUTY_NAMES: Mapping[str, Words] = {
    "proposer": Words("提出人", "提出人", "proposer"),
    "approver": Words("批准人", "批准人", "approver"),
    "custodian": Words("分管人", "分管人", "custodian"),
    "witness": Words("见证人", "見證人", "witness"),
}

TIER_NAMES: Mapping[str, Words] = {
    "ministry": LEVELS[Level.MINISTRY],
    "province": LEVELS[Level.PROVINCE],
    "city": LEVELS[Level.CITY],
    "card": Words("卡片", "卡片", "card"),
    "terminal": Words("终端", "終端", "terminal"),
    "transport": Words("传输", "傳輸", "transport"),
}


def act_name(act: str) -> Words:
    """The words of an act; an unknown one stands for itself."""
    return ACT_NAMES.get(act, Words(act, act, act))


def state_name(state: str) -> Words:
    """The words of a state."""
    return STATES[KeyState(state)]
