"""What a holder doubts, as a clerk or agent writes it down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minka.desk.dispute import OUTCOMES, REASONS
from minka.doors.web.staff.who import say

LONGEST = 300


class QuestionForm(forms.Form):
    """What is doubted, and the holder's own words."""

    reason = forms.ChoiceField(
        label=_("疑问"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择疑问。"),
            "invalid_choice": _("请从列出的疑问中选择。"),
        },
    )
    words = forms.CharField(
        label=_("持卡人的说明"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"max_length": _("说明太长，请缩短到 300 字以内。")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        _choices(self, "reason", [(code, say(words)) for code, words in REASONS.items()])


class AnswerForm(forms.Form):
    """How a question ends, and what the holder reads."""

    outcome = forms.ChoiceField(
        label=_("核对结果"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择核对结果。"),
            "invalid_choice": _("请从列出的结果中选择。"),
        },
    )
    words = forms.CharField(
        label=_("给持卡人的答复"),
        help_text=_("写明核对了什么、依据是什么、接下来怎么办。"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={
            "required": _("请写明给持卡人的答复。"),
            "max_length": _("答复太长，请缩短到 300 字以内。"),
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        _choices(self, "outcome", [(code, say(words)) for code, words in OUTCOMES.items()])


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
