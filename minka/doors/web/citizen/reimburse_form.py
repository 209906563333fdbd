"""The invoice that the holder wants paid back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minka.desk.reimburse_look import Prefilled
from minka.kit.fen import from_yuan, yuan

BASES = (
    ("1", _("门诊")),
    ("3", _("药店购药")),
    ("2", _("门诊慢特病")),
    ("4", _("住院")),
)
MOST_FEN = 10**11
_QUIET = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class InvoiceForm(forms.Form):
    """Where, when, what number, how much; filled in from what the provider uploaded."""

    provider = forms.ChoiceField(
        label=_("在哪里看病、买药"),
        error_messages={
            "required": _("请选择医院或药店。"),
            "invalid_choice": _("请从列出的定点机构中选择。"),
        },
    )
    basis = forms.ChoiceField(
        label=_("是什么费用"),
        choices=BASES,
        initial="1",
        error_messages={"required": _("请选择是什么费用。")},
    )
    invoice_no = forms.CharField(
        label=_("发票号码"),
        help_text=_("发票右上角的号码。"),
        max_length=40,
        widget=forms.TextInput(attrs=dict(_QUIET)),
        error_messages={
            "required": _("请填写发票号码。"),
            "max_length": _("发票号码太长，请核对。"),
        },
    )
    paid_on = forms.DateField(
        label=_("付款日期"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("请填写付款日期。"),
            "invalid": _("日期不对，请照发票填写。"),
        },
    )
    total = forms.CharField(
        label=_("发票总额（元）"),
        help_text=_("全部自己付的总额，例如 256.40。"),
        max_length=14,
        widget=forms.TextInput(attrs={**_QUIET, "inputmode": "decimal"}),
        error_messages={"required": _("请填写发票总额。"), "max_length": _("金额不对，请核对。")},
    )

    def __init__(self, known: Prefilled, data: Any = None) -> None:
        last = known.latest
        codes = {each["provider_no"]: each["fixmedins_code"] for each in known.providers}
        filled = {
            "provider": codes.get(last.provider_no, "") if last else "",
            "paid_on": last.day.isoformat() if last else None,
            "total": yuan(last.total_fen) if last else "",
        }
        super().__init__(data, initial=filled)
        listed = [(each["fixmedins_code"], each["name"]) for each in known.providers]
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField), "declared above"
        field.choices = [("", _("请选择")), *listed]

    def clean_total(self) -> int:
        """The amount in fen."""
        try:
            amount = from_yuan(str(self.cleaned_data["total"]))
        except ValueError:
            raise forms.ValidationError(_("金额不对，请照发票填写，例如 256.40。")) from None
        if not 0 < amount <= MOST_FEN:
            raise forms.ValidationError(_("金额不对，请照发票填写，例如 256.40。"))
        return int(amount)
