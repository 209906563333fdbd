"""One transaction with its shares, the question or objection about it (G7), and its answer."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk.dispute import OBJECTION, REASONS, OpenDispute, dispute_of, open_dispute
from minka.desk.look import PersonFile
from minka.doors.office import office
from minka.doors.web import movements
from minka.doors.web.citizen.account import asked, holders, proved
from minka.doors.web.citizen.city import City, in_city, page, say
from minka.doors.web.citizen.lost import language
from minka.doors.web.parts import Action, Weight, Wrong
from minka.kit.secret import Clear

LONGEST = 300


class QuestionForm(forms.Form):
    """What is doubted, and in a few words why."""

    reason = forms.ChoiceField(
        label=gettext_lazy("您的疑问是"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("请选择您的疑问。"),
            "invalid_choice": gettext_lazy("请从列出的疑问中选择。"),
        },
    )
    words = forms.CharField(
        label=gettext_lazy("补充说明"),
        help_text=gettext_lazy("不要写密码。最多 300 字。"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"max_length": gettext_lazy("说明太长，请缩短到 300 字以内。")},
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = [(code, say(words)) for code, words in REASONS.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@holders
def use(request: HttpRequest, city: City, file: PersonFile, ref: str) -> HttpResponse:
    """One transaction of the holder: when, where, which share; and the form to doubt it."""
    found = movements.use_of(file.person.person_id, ref, city.hotline)
    if found is None:
        raise Http404
    if request.method != "POST":
        form = QuestionForm(initial={"reason": request.GET.get("reason", "")})
        return _use(request, city, file, found, form=form)
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _use(request, city, file, found, form=form, status=422)
    given = form.cleaned_data
    words, person_id = Clear(given["words"]), file.person.person_id
    command = OpenDispute(city.id, person_id, ref, given["reason"], words=words, channel="web")
    key = str(request.POST.get("key") or "")
    answer = open_dispute(office(), asked(request, key), command)
    if not answer.accepted:
        wrong = answer.say(language(request))
        return _use(request, city, file, found, form=form, wrong=wrong, status=422)
    return HttpResponseRedirect(f"/{city.id}/question/{answer.facts['receipt']}/?new=1")


def _use(
    request: HttpRequest,
    city: City,
    file: PersonFile,
    found: movements.Use,
    *,
    form: QuestionForm,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    view = file.in_hand()
    context = {
        "use": found,
        "form": form,
        "lends": bool(view and view.card.bank_id),
        "key": f"web-{secrets.token_urlsafe(18)}",
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    return page(request, city, "account_use", context, status=status)


@in_city
@require_safe
def question(request: HttpRequest, city: City, code: str) -> HttpResponse:
    """A question by its number: how far it is for anyone, what it says for the proved holder."""
    found = dispute_of(office(), code)
    if found is None or found.region != city.id:
        raise Http404
    mine = found.person_id == proved(request, city)
    context: dict[str, Any] = {
        "found": found,
        "mine": mine,
        "is_new": mine and request.GET.get("new") == "1",
        "rows": movements.question_rows(found) if mine else movements.progress_rows(found),
        "tag": movements.question_tag(found, city.at),
    }
    if mine:
        about = movements.use_of(found.person_id, found.ref, city.hotline)
        context |= {
            "about": about,
            "outcome": say(found.outcome_words) if found.outcome_words else "",
            "report_lost": _report_lost(city) if found.reason == OBJECTION else None,
        }
    return page(request, city, "question", context)


def _report_lost(city: City) -> Action:
    """Whoever objects to a use is led to stopping the card."""
    return Action(label=_("马上挂失，停用这张卡"), url=f"/{city.id}/lost/", weight=Weight.DANGER)


@in_city
@require_safe
def verify(request: HttpRequest, city: City, code: str) -> HttpResponse:
    """Whether a printed statement is ours: days, lines and check value, never an amount."""
    rows = movements.verified(city.id, code)
    if not rows:
        raise Http404
    return page(request, city, "statement", {"rows": rows})
