"""What staff type: identity numbers, the facts of a rule, receipts, and what is said when wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minka.doors.web.staff.who import said
from minka.kit.codes import read_code
from minka.kit.identity import Fault, fault, normal_form
from minka.kit.secret import Clear

NUMBER_FAULTS = {
    Fault.LENGTH: _("证件号码要 18 位，请数一数。"),
    Fault.CHARACTERS: _("证件号码只有数字，最后一位可以是 X。"),
    Fault.AREA: _("证件号码前 2 位的地区不对，请核对。"),
    Fault.BIRTH_DATE: _("证件号码第 7 到 14 位的出生日期不对，请核对。"),
    Fault.CHECK: _("证件号码校验不通过，有一位不对，请逐位核对。"),
}
QUIET = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
"""The browser neither remembers nor corrects what is typed about a person."""
LONGEST = {"id_number": 24, "name": 50, "card_number": 12, "employer_name": 120}


def number_of(text: object) -> str:
    """A citizen number in normal form; a ``ValidationError`` names the part that is wrong."""
    number = normal_form(str(text))
    wrong = fault(number)
    if wrong is not None:
        raise forms.ValidationError(NUMBER_FAULTS[wrong])
    return number


def text_field(
    label: Any,
    missing: Any,
    *,
    longest: int = 60,
    hint: Any = "",
    attrs: Mapping[str, str] | None = None,
) -> forms.CharField:
    """A line of text that must be filled in."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=longest,
        widget=forms.TextInput(attrs={**QUIET, **(attrs or {})}),
        error_messages={"required": missing, "max_length": _("填写的内容太长，请核对。")},
    )


class NumberForm(forms.Form):
    """The visitor's citizen number, by the card reader or by hand."""

    id_number = text_field(
        _("证件号码"),
        _("请读卡或输入证件号码。"),
        longest=24,
        attrs={"inputmode": "text"},
    )

    def clean_id_number(self) -> str:
        """The number in normal form."""
        return number_of(self.cleaned_data["id_number"])


class ReceiptForm(forms.Form):
    """A receipt or slip, scanned or typed."""

    receipt = text_field(_("受理编号或领卡证明编号"), _("请扫描或输入编号。"), longest=200, hint="")

    def clean_receipt(self) -> str:
        """The code; a scanned address ends in it."""
        code = read_code(str(self.cleaned_data["receipt"]).strip().rstrip("/").rpartition("/")[2])
        if code is None:
            raise forms.ValidationError(_("编号不完整或有一位不对，请再扫一次或逐位核对。"))
        return code


class CallerForm(forms.Form):
    """Exactly the facts that the region's rule asks of a caller, and two with which to be surer."""

    phone = forms.CharField(
        label=_("来电号码"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={**QUIET, "inputmode": "tel"}),
        error_messages={"max_length": _("电话号码太长，请核对。")},
    )
    card_last4 = forms.CharField(
        label=_("卡号后 4 位"),
        required=False,
        max_length=4,
        widget=forms.TextInput(attrs=dict(QUIET)),
        error_messages={"max_length": _("只填卡号的后 4 位。")},
    )

    def __init__(
        self, facts: Sequence[str], reasons: Sequence[str], data: Any = None, **more: Any
    ) -> None:
        super().__init__(data, **more)
        self.required = ("id_number", *(fact for fact in facts if fact != "id_number"))
        for fact in self.required:
            missing = _("请问并填写%(what)s。") % {"what": said("fact", fact)}
            self.fields[fact] = text_field(
                said("fact", fact), missing, longest=LONGEST.get(fact, 40)
            )
        if len(reasons) > 1:
            self.fields["reason"] = forms.ChoiceField(
                label=_("卡怎么了"),
                choices=[(reason, said("reason", reason)) for reason in reasons],
                widget=forms.RadioSelect,
                initial=reasons[0],
                required=False,
                error_messages={"invalid_choice": _("请从列出的原因中选择。")},
            )
        self.order_fields([*self.required, "reason", "phone", "card_last4"])

    def clean_id_number(self) -> str:
        """The number in normal form."""
        return number_of(self.cleaned_data["id_number"])

    def number(self) -> Clear:
        """The stated number."""
        return Clear(str(self.cleaned_data["id_number"]))

    def stated(self) -> dict[str, Clear]:
        """The other stated facts."""
        return {
            name: Clear(str(value))
            for name, value in self.cleaned_data.items()
            if value and name not in ("id_number", "reason")
        }
