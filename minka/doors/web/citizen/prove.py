"""What only the holder may do from afar, with a code sent to the registered telephone."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.desk.act import Answer, Request
from minka.desk.collect import ActivateCard, activate_card
from minka.desk.prove import CheckCode, SendCode, check_code, send_code
from minka.desk.withdraw import FreezeCard, WithdrawLoss, freeze_card, withdraw_loss
from minka.doors.office import office
from minka.doors.web.citizen.city import City, in_city, page
from minka.doors.web.citizen.forms import CodeForm, FactsForm
from minka.doors.web.citizen.lost import MINE, language, visitor
from minka.doors.web.parts import Wrong
from minka.kit.secret import Clear

PROOF = "proof"
PURPOSES = {
    "freeze": gettext_lazy("暂停使用这张卡"),
    "unfreeze": gettext_lazy("恢复使用这张卡"),
    "activate": gettext_lazy("启用刚领到的新卡"),
    "withdraw": gettext_lazy("找回了卡，撤销挂失"),
}


class PurposeForm(FactsForm):
    """Who you are, and what should happen to the card."""

    def __init__(self, purposes: list[str], data: Any = None, **more: Any) -> None:
        super().__init__(("name", "id_number"), (), data, **more)
        self.fields["purpose"] = forms.ChoiceField(
            label=_("要办什么"),
            choices=[(each, PURPOSES[each]) for each in purposes],
            widget=forms.RadioSelect,
            error_messages={
                "required": _("请选择要办什么。"),
                "invalid_choice": _("请从列出的事项中选择。"),
            },
        )
        self.fields["receipt"] = forms.CharField(
            label=_("补卡受理编号（只有启用新卡要填）"), required=False, max_length=30
        )

    def clean(self) -> dict[str, Any]:
        """Activation needs the receipt of the application."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("purpose") == "activate" and not cleaned.get("receipt"):
            self.add_error("receipt", _("启用新卡请填写补卡受理编号。"))
        return cleaned


def _purposes(city: City) -> list[str]:
    entry = city.law.withdrawal(channel="web")
    online = entry is not None and any(c.kind == "web" for c in entry.value("channels") or ())
    return ["freeze", "unfreeze", "activate", *(["withdraw"] if online else [])]


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, city: City) -> HttpResponse:
    """Page one: who and what; a code goes to the registered telephone, whoever asks."""
    purposes = _purposes(city)
    if request.method != "POST":
        chosen = {"purpose": request.GET.get("purpose", "")}
        return page(request, city, "prove", {"form": PurposeForm(purposes, initial=chosen)})
    form = PurposeForm(purposes, request.POST)
    if not form.is_valid():
        return page(request, city, "prove", {"form": form}, status=422)
    given = form.cleaned_data
    command = SendCode(city.id, Clear(given["id_number"]), Clear(given["name"]), given["purpose"])
    answer = send_code(office(), _request(request, f"web-{secrets.token_urlsafe(18)}"), command)
    request.session[PROOF] = {
        "region": city.id,
        "proof": answer.facts.get("proof", ""),
        "key": f"web-{secrets.token_urlsafe(18)}",
        **given,
    }
    return HttpResponseRedirect(f"/{city.id}/freeze/code/")


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, city: City) -> HttpResponse:
    """Page two: the code; page three is the result."""
    draft: dict[str, Any] = request.session.get(PROOF) or {}
    if draft.get("region") != city.id:
        return HttpResponseRedirect(f"/{city.id}/freeze/")
    purpose = PURPOSES[draft["purpose"]]
    if request.method != "POST":
        return page(request, city, "code", {"form": CodeForm(), "purpose": purpose})
    form = CodeForm(request.POST)
    if form.is_valid() and not draft.get("proved"):
        _prove(request, draft, form)
    if not form.is_valid():
        return page(request, city, "code", {"form": form, "purpose": purpose}, status=422)
    answer = _ACTS[draft["purpose"]](city, _request(request, draft["key"]), draft)
    if not answer.accepted:
        wrong = [Wrong(message=answer.say(language(request)))]
        shown = {"form": form, "purpose": purpose, "wrong_list": wrong}
        return page(request, city, "code", shown, status=422)
    request.session.pop(PROOF)
    receipt = answer.facts["receipt"]
    request.session[MINE] = [*request.session.get(MINE, []), receipt][-5:]
    return page(request, city, "proved", {"answer": answer, "purpose": purpose})


def _prove(request: HttpRequest, draft: dict[str, Any], form: CodeForm) -> None:
    command = CheckCode(draft["proof"], Clear(form.cleaned_data["code"]), draft["purpose"])
    key = f"web-{secrets.token_urlsafe(18)}"
    answer = check_code(office(), _request(request, key), command)
    if answer.accepted and answer.facts["proved"] == "yes":
        draft["proved"] = "yes"
        request.session[PROOF] = draft
        return
    wrong = answer.say(language(request)) or _("验证码不对。请核对短信，或返回重新获取。")
    form.add_error("code", wrong)


def _request(request: HttpRequest, key: str) -> Request:
    return Request(key=key, origin="web", caller=Clear(visitor(request)))


def _freeze(city: City, request: Request, draft: dict[str, Any]) -> Answer:
    stated = {"name": Clear(draft["name"])}
    command = FreezeCard(city.id, Clear(draft["id_number"]), draft["purpose"], stated)
    return freeze_card(office(), request, command)


def _activate(city: City, request: Request, draft: dict[str, Any]) -> Answer:
    command = ActivateCard(draft["receipt"], Clear(draft["id_number"]), proof="code")
    return activate_card(office(), request, command)


def _withdraw(city: City, request: Request, draft: dict[str, Any]) -> Answer:
    return withdraw_loss(office(), request, WithdrawLoss(city.id, "web", Clear(draft["id_number"])))


_ACTS: dict[str, Callable[[City, Request, dict[str, Any]], Answer]] = {
    "freeze": _freeze,
    "unfreeze": _freeze,
    "activate": _activate,
    "withdraw": _withdraw,
}
