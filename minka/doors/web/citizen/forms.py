"""The few things a citizen is asked, and what is said when they are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minka.doors.web.citizen.city import said
from minka.kit.identity import Fault, fault, normal_form
from minka.kit.secret import Clear

NUMBER_FAULTS = {
    Fault.LENGTH: _("证件号码要 18 位，请数一数。"),
    Fault.CHARACTERS: _("证件号码只有数字，最后一位可以是 X。"),
    Fault.AREA: _("证件号码开头的地区部分不对，请核对前 6 位。"),
    Fault.BIRTH_DATE: _("证件号码里的出生日期不对，请核对第 7 到 14 位。"),
    Fault.CHECK: _("证件号码校验不通过，请逐位核对，有一位不对。"),
}
_NO_HINTS = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
_HINTS = {
    "id_number": _("身份证上的 18 位号码。"),
    "card_computer_number": _("医保卡或缴费单上的个人编号。"),
    "card_number": _("卡面上的 9 位卡号；记不清可以拨打热线。"),
    "employer_name": _("参保登记的单位全称。"),
}
_LONGEST = {"id_number": 24, "name": 50, "card_number": 12, "employer_name": 120}


class FactsForm(forms.Form):
    """Exactly the facts that the region's law asks for, and the reason where there is a choice."""

    def __init__(
        self, facts: Sequence[str], reasons: Sequence[str], data: Any = None, **more: Any
    ) -> None:
        super().__init__(data, **more)
        for fact in facts:
            self.fields[fact] = forms.CharField(
                label=said("fact", fact),
                help_text=_HINTS.get(fact, ""),
                max_length=_LONGEST.get(fact, 40),
                widget=forms.TextInput(attrs=dict(_NO_HINTS)),
                error_messages={
                    "required": _("请填写%(what)s。") % {"what": said("fact", fact)},
                    "max_length": _("填写的内容太长，请核对。"),
                },
            )
        if len(reasons) > 1:
            self.fields["reason"] = forms.ChoiceField(
                label=_("卡怎么了"),
                choices=[(reason, said("reason", reason)) for reason in reasons],
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("请选择卡怎么了。"),
                    "invalid_choice": _("请从列出的原因中选择。"),
                },
            )

    def clean_id_number(self) -> str:
        """The number in normal form, or the part of it that is wrong."""
        number = normal_form(str(self.cleaned_data["id_number"]))
        wrong = fault(number)
        if wrong is not None:
            raise forms.ValidationError(NUMBER_FAULTS[wrong])
        return number

    def stated(self) -> dict[str, Clear]:
        """What was stated, as clear facts for the desk."""
        return {
            name: Clear(str(value))
            for name, value in self.cleaned_data.items()
            if name != "reason" and value
        }


class CodeForm(forms.Form):
    """The six digits of a text message."""

    code = forms.CharField(
        label=_("短信验证码"),
        help_text=_("登记手机收到的 6 位数字，10 分钟内有效。"),
        max_length=6,
        widget=forms.TextInput(attrs={**_NO_HINTS, "inputmode": "numeric"}),
        error_messages={
            "required": _("请填写短信验证码。"),
            "max_length": _("验证码是 6 位数字。"),
        },
    )


class ReceiptForm(forms.Form):
    """A receipt or slip number."""

    receipt = forms.CharField(
        label=_("受理编号或领卡证明编号"),
        help_text=_("例如 G-28T5-CY4T-R，大小写和横线都可以不管。"),
        max_length=30,
        widget=forms.TextInput(attrs=dict(_NO_HINTS)),
        error_messages={
            "required": _("请填写编号。"),
            "max_length": _("编号太长，请核对。"),
        },
    )


class LastFourForm(forms.Form):
    """The last four characters of the identity number, to see and print one's own paper."""

    last4 = forms.CharField(
        label=_("证件号码后 4 位"),
        max_length=4,
        min_length=4,
        widget=forms.TextInput(attrs=dict(_NO_HINTS)),
        error_messages={
            "required": _("请填写证件号码后 4 位。"),
            "min_length": _("请填写证件号码后 4 位。"),
            "max_length": _("请填写证件号码后 4 位。"),
        },
    )
