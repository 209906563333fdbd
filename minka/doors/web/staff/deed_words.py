"""The acts of the counter in words: their names, their buttons, and what is said when done."""

from __future__ import annotations

from django.utils.translation import gettext as _


def titles() -> dict[str, str]:
    """The name of every act at the counter."""
    return {
        "lose": _("正式挂失并补卡"),
        "formal": _("只办正式挂失"),
        "pre": _("书面预挂失"),
        "employer": _("单位经办人代为挂失"),
        "replace": _("补换卡"),
        "withdraw": _("撤销挂失"),
        "collect": _("领卡"),
        "activate": _("启用新卡"),
        "cancel": _("撤销补卡申请"),
    }


def buttons() -> dict[str, str]:
    """What the button of every act says."""
    return {
        "lose": _("确认正式挂失并补卡"),
        "formal": _("确认正式挂失"),
        "pre": _("确认预挂失"),
        "employer": _("确认挂失"),
        "replace": _("受理补换卡"),
        "withdraw": _("确认撤销挂失"),
        "collect": _("核对无误，交卡"),
        "activate": _("启用新卡"),
        "cancel": _("确认撤销申请"),
    }


def sentences() -> dict[str, str]:
    """What is said when an act is done."""
    return {
        "lose": _("已正式挂失并受理补卡"),
        "formal": _("已正式挂失"),
        "pre": _("已预挂失"),
        "employer": _("已挂失"),
        "replace": _("已受理补换卡"),
        "withdraw": _("挂失已撤销，卡恢复使用"),
        "collect": _("新卡已交付，请本人启用"),
        "activate": _("新卡已启用，旧卡已注销"),
        "cancel": _("补卡申请已撤销"),
    }
