"""Questions about transactions at who answers: the bank's retail department, the office (G7)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from minka.cards.words import STANDINGS
from minka.desk.dispute import (
    ANSWERERS,
    AnswerDispute,
    Dispute,
    ReadDispute,
    answer_dispute,
    dispute_of,
    read_dispute,
    waiting_disputes,
)
from minka.desk.look import PersonFile, file_of_person
from minka.desk.preview import now
from minka.desk.rules import hotline_of
from minka.doors.office import office
from minka.doors.web import movements
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Row, Table, Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.question_form import AnswerForm
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.kit.secret import Clear

HOME = "/staff/questions/"
NAV = (Nav(label=gettext_lazy("交易疑问"), url=HOME, roles=ANSWERERS),)


@require_safe
@for_roles(*ANSWERERS)
def queue(request: StaffRequest, who: Who) -> HttpResponse:
    """What waits for an answer, first the one whose day comes first."""
    at = now(office())
    found = waiting_disputes(office(), who.region, who.bank_id)
    rows = [
        [
            Cell(text=each.code, url=f"{HOME}{each.code}/"),
            f"{each.name_mask} {each.number_mask}",
            say(each.reason_words),
            Cell(at=each.opened_at),
            Cell(at=each.last_moment) if each.last_moment else "—",
            Cell(tag=movements.question_tag(each, at)),
        ]
        for each in found
    ]
    columns = [
        Column(title=_("受理编号")),
        Column(title=_("持卡人")),
        Column(title=_("疑问")),
        Column(title=_("受理时间")),
        Column(title=_("最迟答复")),
        Column(title=_("进度")),
    ]
    table = Table(
        caption=_("等待答复的交易疑问"),
        columns=columns,
        rows=rows,
        empty=_("没有等待答复的疑问。"),
    )
    return page(request, who, "questions/queue", {"table": table})


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ANSWERERS)
def show(request: StaffRequest, who: Who, code: str) -> HttpResponse:
    """A question with its evidence, and the answer to give."""
    opened = ReadDispute(who.region, code, who.bank_id)
    found = dispute_of(office(), code)
    if found is None or not read_dispute(office(), who.request(), opened).accepted:
        raise Http404
    form = AnswerForm(request.POST if request.method == "POST" else None)
    wrong = ""
    if form.is_valid():
        given = form.cleaned_data
        command = AnswerDispute(
            region=who.region,
            receipt=found.code,
            outcome=given["outcome"],
            words=Clear(given["words"]),
            bank_id=who.bank_id,
        )
        key = str(request.POST.get("key") or "") or fresh_key("a")
        answer = answer_dispute(office(), who.request(key), command)
        if answer.accepted:
            messages.success(request, _("已答复 %s，持卡人会收到短信。") % found.code)
            return HttpResponseRedirect(HOME)
        wrong = answer.say(language())
    context = {
        "found": found,
        "form": form,
        "key": fresh_key("a"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
        **_evidence(who, found),
    }
    bad = bool(wrong) or bool(form.errors)
    return page(request, who, "questions/show", context, status=422 if bad else 200)


def _evidence(who: Who, found: Dispute) -> dict[str, Any]:
    """The transaction with its shares and how they were found, and how the card stood then."""
    hotline = hotline_of(who.law())
    use = movements.use_of(found.person_id, found.ref, hotline)
    file = file_of_person(office(), found.person_id)
    return {
        "rows": [
            Row(label=_("持卡人"), value=f"{found.name_mask} {found.number_mask}"),
            *movements.question_rows(found),
        ],
        "tag": movements.question_tag(found, now(office())),
        "use": use,
        "card_rows": _card_then(found, file) if file else [],
        "outcome": say(found.outcome_words) if found.outcome_words else "",
    }


def _card_then(found: Dispute, file: PersonFile) -> list[Row]:
    """Which card it was, and how it stood at the instant of the transaction."""
    view = next((v for v in file.cards if v.card.card_id == found.card_id), None)
    if view is None:
        return []
    then = view.card.standing_at(found.about_at)
    return [
        Row(label=_("卡号"), value=view.number_mask),
        Row(label=_("当时卡的状态"), value=say(STANDINGS[then].name)),
        Row(label=_("现在卡的状态"), value=say(view.plain.name)),
    ]


urlpatterns = [
    path("questions/", queue, name="staff_questions"),
    path("questions/<slug:code>/", show, name="staff_question"),
]
