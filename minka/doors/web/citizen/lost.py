"""Report a card lost in three pages, as few fields as the law allows, without log-in."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from minka.cards.card import AtLapse
from minka.desk.act import Answer, Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.preview import LossForm, loss_form
from minka.doors.office import office
from minka.doors.web.citizen.city import City, in_city, listed, page, said
from minka.doors.web.citizen.forms import FactsForm
from minka.doors.web.parts import Row, Wrong
from minka.kit.clock import china_text
from minka.kit.identity import mask_name, mask_number
from minka.kit.secret import Clear

DRAFT = "lost"
MINE = "mine"


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, city: City) -> HttpResponse:
    """Page one: who you are, and what happened where the rule knows several reasons."""
    asked = loss_form(office(), city.id, "web")
    if asked is None:
        return page(request, city, "no_web", {"ways": ways(city)})
    draft = request.session.get(DRAFT) or {}
    kept = draft.get("facts") if draft.get("region") == city.id else None
    if request.method != "POST":
        form = FactsForm(asked.facts, asked.reasons, initial=kept)
        return page(request, city, "lost", {"form": form, "asked": asked})
    form = FactsForm(asked.facts, asked.reasons, request.POST)
    if not form.is_valid():
        return page(request, city, "lost", {"form": form, "asked": asked}, status=422)
    request.session[DRAFT] = {
        "region": city.id,
        "facts": dict(form.cleaned_data),
        "key": f"web-{secrets.token_urlsafe(18)}",
    }
    return HttpResponseRedirect(f"/{city.id}/lost/check/")


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, city: City) -> HttpResponse:
    """Page two: the answers, and what will follow, with every instant computed."""
    draft: dict[str, Any] = request.session.get(DRAFT) or {}
    asked = loss_form(office(), city.id, "web")
    if draft.get("region") != city.id or asked is None:
        return HttpResponseRedirect(f"/{city.id}/lost/")
    shown = {"rows": _rows(draft, city), "asked": asked, "points": _consequences(asked)}
    if request.method != "POST":
        return page(request, city, "check", shown)
    answer = report_loss(office(), _request(request, draft), _command(city, draft, asked))
    if answer.accepted:
        return _confirmed(request, city, answer)
    return _refused(request, city, answer, shown)


def _confirmed(request: HttpRequest, city: City, answer: Answer) -> HttpResponse:
    """Only now, after the commit, is anything called done; the address of the case lives on."""
    receipt = answer.facts["receipt"]
    mine = [*request.session.get(MINE, []), receipt]
    request.session.pop(DRAFT, None)
    request.session[MINE] = mine[-5:]
    return HttpResponseRedirect(f"/{city.id}/case/{receipt}/?new=1")


def _refused(
    request: HttpRequest, city: City, answer: Answer, shown: dict[str, Any]
) -> HttpResponse:
    """A refusal keeps the draft; a standing report is shown instead of made twice."""
    draft = request.session[DRAFT]
    draft["key"] = f"web-{secrets.token_urlsafe(18)}"
    request.session[DRAFT] = draft
    if answer.code in ("loss.already_lost", "loss.already_formal"):
        receipt = str(answer.facts.get("receipt", ""))
        request.session[MINE] = [*request.session.get(MINE, []), receipt][-5:]
        return HttpResponseRedirect(f"/{city.id}/case/{receipt}/?already=1")
    wrong = [Wrong(message=answer.say(language(request)))]
    return page(request, city, "check", {**shown, "wrong_list": wrong}, status=422)


def _consequences(asked: LossForm) -> list[str]:
    """What the red button does, each with its computed instant; never a rule."""
    points = [_("社保功能立即停用，我们同时通知银行止付。")]
    if asked.needs_staff:
        points = [_("本市规定要由医保工作人员确认后生效。")]
    if asked.stops_by:
        points.append(_("结算最迟停止于 %(at)s。") % {"at": china_text(asked.stops_by)})
    if asked.lapses_at is None:
        points.append(_("不会自动恢复；找回后要撤销挂失。"))
    elif asked.at_lapse is AtLapse.CANCEL:
        points.append(
            _("如果不再办理，卡将被注销于 %(at)s。") % {"at": china_text(asked.lapses_at)}
        )
    else:
        until = {"at": china_text(asked.lapses_at)}
        points.append(_("如果不办正式挂失，卡将恢复使用于 %(at)s。") % until)
    if asked.terms.assumed:
        points.append(_("假定：原文没有规定的内容，本演示城市按假定值办理。"))
    return points


def _command(city: City, draft: dict[str, Any], asked: LossForm) -> ReportLoss:
    facts = dict(draft["facts"])
    reason = facts.pop("reason", "") or asked.reasons[0]
    stated = {name: Clear(str(value)) for name, value in facts.items()}
    number = stated.pop("id_number", Clear(""))
    return ReportLoss(city.id, "web", number, stated, reason=reason)


def _request(request: HttpRequest, draft: dict[str, Any]) -> Request:
    return Request(key=draft["key"], origin="web", caller=Clear(visitor(request)))


def visitor(request: HttpRequest) -> str:
    """The address a visitor comes from, for throttling; kept only as a keyed index."""
    return str(request.META.get("REMOTE_ADDR", ""))


def language(request: HttpRequest) -> str:
    """The visitor's language tag."""
    return str(getattr(request, "LANGUAGE_CODE", "zh-hans"))


def _rows(draft: dict[str, Any], city: City) -> list[Row]:
    back = f"/{city.id}/lost/"
    return [
        Row(label=_label(name), value=_shown(name, str(value)), change_url=back)
        for name, value in draft["facts"].items()
    ]


def _label(name: str) -> str:
    return _("卡怎么了") if name == "reason" else said("fact", name)


def _shown(name: str, value: str) -> str:
    if name == "id_number":
        return mask_number(value)
    if name == "name":
        return mask_name(value)
    return said("reason", value) if name == "reason" else value


def ways(city: City) -> list[tuple[str, str]]:
    """Every way to report a loss in the city: the channel, and its number or places."""
    found = []
    for entry in city.law.entries("loss"):
        for channel in entry.value("channels") or ():
            places = entry.value("place")
            where = listed("place", places.kinds) if places else ""
            found.append((said("channel", channel.kind), channel.number or where))
    return list(dict.fromkeys(found))
