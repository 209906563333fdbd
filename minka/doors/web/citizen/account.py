"""The holder's own account on line (G5): prove who you are once, then balance, list and paper.

The proof is the code to the registered telephone. It is good for some minutes, for this browser
alone, and the visitor can end it at any time; the session names the person by the register's own
number, never by the citizen's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minka.desk.account_look import balance
from minka.desk.account_seen import looks_of, refused_uses
from minka.desk.act import Request
from minka.desk.dispute import disputes_of
from minka.desk.look import PersonFile, file_of_person
from minka.desk.prove import CheckCode, SendCode, check_code, send_code
from minka.desk.statement import IssueStatement, issue_statement
from minka.doors.office import office
from minka.doors.web import movements
from minka.doors.web.citizen.account_show import looks_table, questions_table, refused_table
from minka.doors.web.citizen.city import City, in_city, page
from minka.doors.web.citizen.forms import CodeForm, FactsForm
from minka.doors.web.citizen.lost import language, visitor
from minka.doors.web.parts import Wrong
from minka.kit.fen import yuan
from minka.kit.secret import Clear

PURPOSE = "account"
DRAFT, PROVED, NEXT = "account_draft", "account_proved", "account_next"
LASTS = timedelta(minutes=20)
KINDS = ("pdf", "large", "csv")


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, city: City) -> HttpResponse:
    """Page one: who you are; a code goes to the registered telephone, whoever asks."""
    if proved(request, city):
        return HttpResponseRedirect(f"/{city.id}/account/view/")
    if request.method != "POST":
        return page(request, city, "account_ask", {"form": FactsForm(("name", "id_number"), ())})
    form = FactsForm(("name", "id_number"), (), request.POST)
    if not form.is_valid():
        return page(request, city, "account_ask", {"form": form}, status=422)
    given = form.cleaned_data
    command = SendCode(city.id, Clear(given["id_number"]), Clear(given["name"]), PURPOSE)
    answer = send_code(office(), asked(request), command)
    request.session[DRAFT] = {"region": city.id, "proof": answer.facts.get("proof", "")}
    return HttpResponseRedirect(f"/{city.id}/account/code/")


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, city: City) -> HttpResponse:
    """Page two: the code; a right one opens the account for some minutes."""
    draft: dict[str, Any] = request.session.get(DRAFT) or {}
    if draft.get("region") != city.id:
        return HttpResponseRedirect(f"/{city.id}/account/")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        command = CheckCode(draft["proof"], Clear(form.cleaned_data["code"]), PURPOSE)
        answer = check_code(office(), asked(request), command)
        if answer.accepted and answer.facts["proved"] == "yes":
            _open(request, city, int(answer.facts["person"]))
            return HttpResponseRedirect(request.session.pop(NEXT, f"/{city.id}/account/view/"))
        wrong = answer.say(language(request)) or _("验证码不对。请核对短信，或返回重新获取。")
        form.add_error("code", wrong)
    status = 422 if form.is_bound else 200
    return page(request, city, "account_code", {"form": form}, status=status)


def _open(request: HttpRequest, city: City, person_id: int) -> None:
    until = (city.at + LASTS).isoformat()
    request.session.pop(DRAFT)
    request.session[PROVED] = {"region": city.id, "person": person_id, "until": until}


def proved(request: HttpRequest, city: City) -> int:
    """The register's number of whoever has proved to be the holder here; 0 for nobody."""
    kept: dict[str, Any] = request.session.get(PROVED) or {}
    if kept.get("region") != city.id or city.at >= datetime.fromisoformat(kept["until"]):
        return 0
    return int(kept["person"])


View = Callable[..., HttpResponse]


def holders(view: View) -> View:
    """A page for the proved holder, who is given as ``file``; anyone else proves first."""

    @wraps(view)
    def opened(request: HttpRequest, city: City, **more: str) -> HttpResponse:
        file = file_of_person(office(), proved(request, city))
        if file is None or file.person.region != city.id:
            return HttpResponseRedirect(f"/{city.id}/account/")
        return view(request, city, file, **more)

    return in_city(opened)


def asked(request: HttpRequest, key: str = "") -> Request:
    """A request of the visitor; without a key, one that is never repeated."""
    made = key or f"web-{secrets.token_urlsafe(18)}"
    return Request(key=made, origin="web", caller=Clear(visitor(request)))


@require_safe
@holders
def view(request: HttpRequest, city: City, file: PersonFile) -> HttpResponse:
    """The balance with its instant, the list of a period, refusals, questions, who looked."""
    return show(request, city, file)


def show(
    request: HttpRequest, city: City, file: PersonFile, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    """The account's page, with something wrong if it is said."""
    person_id, here = file.person.person_id, f"/{city.id}/account/use/"
    form, days = movements.period(request.GET, city.at)
    since, until = days.span()
    found, card = balance(office(), person_id), file.in_hand()
    listed = movements.listed(person_id, days)
    context = {
        "form": form,
        "days": days,
        "file": file,
        "balance": found,
        "balance_yuan": yuan(found.fen) if found else "",
        "held_yuan": yuan(found.held_fen) if found and found.held_fen else "",
        "lines": movements.lines(listed, lambda ref: f"{here}{ref}/"),
        "more": len(listed) >= movements.SHOWN,
        "refused": refused_table(refused_uses(office(), person_id, since, until), city),
        "questions": questions_table(disputes_of(office(), person_id), city),
        "looks": looks_table(looks_of(office(), person_id, since)),
        "lends": bool(card and card.card.bank_id),
        "key": f"web-{secrets.token_urlsafe(18)}",
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    return page(request, city, "account", context, status=422 if form.errors else status)


@require_POST
@holders
def statement(request: HttpRequest, city: City, file: PersonFile) -> HttpResponse:
    """The statement of the days as PDF, in large print, or as CSV; each is put on record."""
    form, days = movements.period(request.POST, city.at)
    kind = str(request.POST.get("kind", ""))
    if kind not in KINDS or (form.is_bound and not form.is_valid()):
        return show(request, city, file, wrong=_("请选择日期和要下载的样式。"), status=422)
    command = IssueStatement(
        region=city.id,
        since=days.since,
        until=days.until,
        channel="web",
        person_id=file.person.person_id,
    )
    key = f"{request.POST.get('key') or f'web-{secrets.token_urlsafe(18)}'}:{kind}"
    answer = issue_statement(office(), asked(request, key), command)
    if not answer.accepted or answer.facts["person"] != file.person.person_id:
        return show(request, city, file, wrong=answer.say(language(request)), status=422)
    return movements.paper(request, city.law, file, answer, kind=kind)


@require_POST
@in_city
def leave(request: HttpRequest, city: City) -> HttpResponse:
    """End the proof at once."""
    request.session.pop(PROVED, None)
    return HttpResponseRedirect(f"/{city.id}/")
