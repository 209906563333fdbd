"""What staff type about a claim: the invoice, its lines, the papers seen, why it is refused."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minka.care.claim_pay import ClaimLine
from minka.desk.reimburse import REASONS
from minka.doors.web.staff.forms import number_of, text_field
from minka.doors.web.staff.who import say
from minka.kit.fen import from_yuan
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper

MOST_LINES = 8
MOST_FEN = 10**11
BASES = (("1", _("门诊")), ("3", _("药店购药")), ("2", _("门诊慢特病")), ("4", _("住院")))
CLASSES = (("", "—"), ("1", _("甲类")), ("2", _("乙类")), ("3", _("丙类")))
PAPERS = (("resident_id", _("居民身份证")), ("expense_invoice", _("发票原件和明细")))


def fen_of(text: str) -> int:
    """An amount above zero in fen; a ``ValidationError`` otherwise."""
    try:
        amount = int(from_yuan(text))
    except ValueError:
        amount = 0
    if not 0 < amount <= MOST_FEN:
        raise forms.ValidationError(_("金额不对，请照发票填写，例如 256.40。"))
    return amount


def _money(label: Any) -> forms.CharField:
    return text_field(label, _("请填写金额。"), longest=14, attrs={"inputmode": "decimal"})


def _date(label: Any, *, required: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=bool(required),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": required, "invalid": _("日期不对，请照发票填写。")},
    )


def _seen() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("看过的材料"),
        choices=PAPERS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class CounterClaimForm(forms.Form):
    """A claim as the holder brings it to a counter."""

    id_number = text_field(_("持卡人证件号码"), _("请读卡或输入证件号码。"), longest=24)
    provider = text_field(_("医疗机构或药店编号"), _("请输入机构编号。"), longest=20)
    basis = forms.ChoiceField(label=_("费用类别"), choices=BASES)
    invoice_no = text_field(_("发票号码"), _("请填写发票号码。"), longest=40)
    paid_on = _date(_("付款日期"), required=_("请填写付款日期。"))
    treated_on = _date(_("就诊日期（与付款不同时填写）"))
    total = _money(_("发票总额（元）"))
    papers_seen = _seen()

    def clean_id_number(self) -> str:
        """The number in normal form."""
        return number_of(self.cleaned_data["id_number"])

    def clean_total(self) -> int:
        """The amount in fen."""
        return fen_of(str(self.cleaned_data["total"]))

    def number(self) -> Clear:
        """The holder's number."""
        return Clear(str(self.cleaned_data["id_number"]))

    def papers(self) -> tuple[ShownPaper, ...]:
        """The papers that were seen."""
        return tuple(ShownPaper(kind) for kind in self.cleaned_data["papers_seen"])


class ReviewForm(forms.Form):
    """The lines of the invoice; none where the charges that the provider uploaded are taken."""

    papers_seen = _seen()

    def __init__(self, uploaded: object, data: Any = None) -> None:
        super().__init__(data)
        self.uploaded = uploaded
        for nth in range(1, MOST_LINES + 1):
            self.fields[f"class_{nth}"] = forms.ChoiceField(
                label=_("类别"), choices=CLASSES, required=False
            )
            for name, label in (("amount", _("金额（元）")), ("limit", _("限价（元）"))):
                self.fields[f"{name}_{nth}"] = forms.CharField(
                    label=label, required=False, max_length=14
                )
            self.fields[f"ratio_{nth}"] = forms.IntegerField(
                label=_("先行自付百分比"), required=False, min_value=0, max_value=100
            )

    def rows(self) -> list[list[Any]]:
        """The fields line by line, for the page."""
        names = ("class", "amount", "limit", "ratio")
        return [[self[f"{name}_{nth}"] for name in names] for nth in range(1, MOST_LINES + 1)]

    def clean(self) -> dict[str, Any]:
        """Each line that is begun has a class and an amount."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        lines = []
        for nth in range(1, MOST_LINES + 1):
            amount, cls = cleaned.get(f"amount_{nth}"), cleaned.get(f"class_{nth}")
            if not amount and not cls:
                continue
            if not amount or not cls:
                self.add_error(f"amount_{nth}", _("这一行的类别和金额都要填写。"))
                continue
            lines.append(self._line(cleaned, nth))
        if not lines and not self.uploaded and not self.errors:
            self.add_error("amount_1", _("请按发票明细填写至少一行。"))
        cleaned["lines"] = tuple(line for line in lines if line)
        return cleaned

    def _line(self, cleaned: dict[str, Any], nth: int) -> ClaimLine | None:
        try:
            amount = fen_of(cleaned[f"amount_{nth}"])
            limit = fen_of(cleaned[f"limit_{nth}"]) if cleaned.get(f"limit_{nth}") else None
        except forms.ValidationError as wrong:
            self.add_error(f"amount_{nth}", wrong)
            return None
        ratio = int(cleaned.get(f"ratio_{nth}") or 0) * 100
        return ClaimLine(int(cleaned[f"class_{nth}"]), amount, limit, ratio)

    def lines(self) -> tuple[ClaimLine, ...]:
        """The lines that were filled in."""
        lines: tuple[ClaimLine, ...] = self.cleaned_data["lines"]
        return lines

    def papers(self) -> tuple[ShownPaper, ...]:
        """The papers that were seen."""
        return tuple(ShownPaper(kind) for kind in self.cleaned_data["papers_seen"])


class RefuseForm(forms.Form):
    """Why a claim is refused."""

    reason = forms.ChoiceField(
        label=_("不通过的原因"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择原因。"), "invalid_choice": _("请选择原因。")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField), "declared above"
        field.choices = [(code, say(words)) for code, words in REASONS.items()]
