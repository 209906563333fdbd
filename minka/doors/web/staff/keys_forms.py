"""What is filled in about keys: a plan, what an act needs besides, a part typed unseen."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minka.desk.keys_plan import ALGORITHMS, TIERS
from minka.desk.keys_words import TIER_NAMES
from minka.doors.web.staff.who import say
from minka.keys.vault import Purpose
from minka.keys.wording import PURPOSES


def _tiers() -> list[tuple[str, str]]:
    return [(tier, say(TIER_NAMES[tier])) for tier in TIERS]


def _purposes() -> list[tuple[str, str]]:
    return [(each.value, say(PURPOSES[each])) for each in Purpose]


class PlanForm(forms.Form):
    """A key to be made, inside the vault or out of parts."""

    name = forms.CharField(label=_("密钥名称"), max_length=24, help_text=_("例如 IRK、UK1DF01"))
    version = forms.IntegerField(label=_("版本"), min_value=1, max_value=255, initial=1)
    algorithm = forms.ChoiceField(
        label=_("算法"), choices=[(name, name) for name in ALGORITHMS], initial="sm4"
    )
    tier = forms.ChoiceField(label=_("层级"), choices=_tiers, initial="city")
    purpose = forms.ChoiceField(label=_("用途"), choices=_purposes)
    parent_no = forms.IntegerField(label=_("上级密钥编号"), min_value=1, required=False)
    held_for = forms.CharField(
        label=_("使用方（工号，或 post:factory）"),
        max_length=24,
        required=False,
        help_text=_("使用方从中受益，不能签字。"),
    )
    use_limit = forms.IntegerField(label=_("使用次数上限"), min_value=1, required=False)
    custodians = forms.CharField(
        label=_("分管人工号（每人一个分量，用空格分开）"),
        max_length=200,
        required=False,
        help_text=_("不填写就在加密机内产生；填写就开始密钥仪式。"),
    )
    witness = forms.CharField(label=_("见证人工号"), max_length=20, required=False)
    part_checks = forms.CharField(
        label=_("信封上的分量校验值（用空格分开）"), max_length=120, required=False
    )
    key_check = forms.CharField(label=_("发送方给出的密钥校验值"), max_length=10, required=False)

    def proposal(self) -> tuple[str, dict[str, str]]:
        """The act and its content, as two people sign it."""
        given = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return ("start_ceremony" if given.get("custodians") else "generate_key"), given


_REASON = forms.CharField(label=_("原因"), max_length=200)
_FIELDS: dict[str, dict[str, forms.Field]] = {
    "rotate_key": {
        "verifies_until": forms.DateField(
            label=_("旧版校验到哪天"), widget=forms.DateInput(attrs={"placeholder": "2036-01-01"})
        ),
        "active_from": forms.DateField(label=_("新版从哪天起"), required=False),
        "successor": forms.IntegerField(
            label=_("仪式带来的新版密钥编号"), min_value=1, required=False
        ),
    },
    "limit_key": {"use_limit": forms.IntegerField(label=_("使用次数上限"), min_value=1)},
    "export_key": {
        "under_no": forms.IntegerField(label=_("传输密钥编号"), min_value=1),
        "receiver": forms.CharField(label=_("接收方（工号，或 post:factory）"), max_length=24),
    },
    "activate_key": {},
}


class ActForm(forms.Form):
    """What an act on a key needs besides the key."""

    def __init__(self, act: str, data: Any = None) -> None:
        super().__init__(data, prefix=act, auto_id="id_%s")
        self.act = act
        wanted = _FIELDS.get(act, {"reason": _REASON})
        self.fields.update({name: deepcopy(field) for name, field in wanted.items()})

    def content(self, key_no: int) -> dict[str, str]:
        """The content of the proposal."""
        given = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return {"key_no": str(key_no), **given}


class PartForm(forms.Form):
    """A custodian's own part; never drawn again, whatever was wrong."""

    part = forms.CharField(
        label=_("您的分量（十六进制，可分组）"),
        max_length=120,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        ),
        help_text=_("输入时不显示，不保存，只送进加密机。"),
    )


class CompareForm(forms.Form):
    """What the witness was read."""

    check_value = forms.CharField(
        label=_("分管人念出的校验值"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, part: int, data: Any = None) -> None:
        super().__init__(data, prefix=f"part{part}")
        self.part = part
        if part == 0:
            self.fields["check_value"].label = _("另一处记载的整把密钥校验值")
