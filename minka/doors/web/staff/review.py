"""What two people must sign: one proposes here, another approves, neither is the beneficiary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.desk.act import Answer
from minka.desk.approval import EVERY_REGION, Approve, Propose, approve, propose, waiting
from minka.desk.look import receipted
from minka.desk.privileged import ACTS, ON_KEYS, collect_by
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Text, Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page
from minka.store import cards
from minka.store.connection import Row, rows

SIGNERS = ("reviewer", "security_administrator")
HOME = "/staff/review/"
NAV = (Nav(label=gettext_lazy("双人复核"), url=HOME, roles=SIGNERS),)
NAMES: dict[str, Text] = {
    "release_quarantine": gettext_lazy("重新发送搁置的消息"),
    "destroy_card": gettext_lazy("逾期未领的卡退回销毁"),
    "waive_fee": gettext_lazy("减免补卡费"),
    "refund_fee": gettext_lazy("退还补卡费"),
    "pay_claim": gettext_lazy("支付丢卡期间费用报销"),
    "suspend_settlement": gettext_lazy("暂停医保联网结算"),
    "resume_settlement": gettext_lazy("提前恢复联网结算"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*SIGNERS)
def review(request: StaffRequest, who: Who) -> HttpResponse:
    """Proposals that wait, and what could be proposed; a POST is one signature."""
    wrong: list[Wrong] = []
    if request.method == "POST":
        answer = _sign(request, who)
        if answer.accepted:
            done = request.POST.get("do") == "approve"
            told = _("已批准并办理。") if done else _("已提出，等另一位同事批准。")
            messages.success(request, told)
            return HttpResponseRedirect(HOME)
        wrong = [Wrong(message=answer.say(language()))]
    context = {
        "proposals": proposals(who),
        "uncollected": uncollected(who) if who.role == "reviewer" else [],
        "messages_aside": quarantined(who),
        "key": fresh_key(who.role),
        "wrong_list": wrong,
    }
    return page(request, who, "back_office/review", context, status=422 if wrong else 200)


def _sign(request: StaffRequest, who: Who) -> Answer:
    given = request.POST
    asked = who.request(str(given.get("key") or "") or fresh_key(who.role))
    if given.get("do") == "approve":
        act_id = str(given.get("act_id", ""))
        if not (act_id.isascii() and act_id.isdigit()) or len(act_id) > 18:
            raise Http404
        return approve(office(), asked, Approve(int(act_id), str(given.get("content_hash", ""))))
    name = str(given.get("act", ""))
    if name not in ("destroy_card", "release_quarantine"):
        raise Http404
    field = "receipt" if name == "destroy_card" else "outbox_id"
    return propose(office(), asked, Propose(name, {field: str(given.get(field, ""))[:40]}))


def proposals(who: Who) -> list[dict[str, Any]]:
    """What waits for a second signature in this city, and whether this person may give it."""
    acts = {name: act for name, act in ACTS.items() if name not in ON_KEYS}
    mine = [name for name, act in acts.items() if who.role in act.approvers | act.proposers]
    found = [each for each in waiting(office(), mine) if _is_ours(who, each)]
    return [
        {
            **each,
            "name": NAMES.get(each["act"], each["act"]),
            "about": " ".join(str(value) for value in each["content"].values()),
            "can": who.role in ACTS[each["act"]].approvers
            and each["proposed_by"] != who.staff_number,
        }
        for each in found
    ]


def _is_ours(who: Who, proposal: Row) -> int:
    if who.role in EVERY_REGION:
        return 1
    receipt = proposal["content"].get("receipt")
    if receipt:
        found = receipted(office(), str(receipt))
        return int(found is not None and found.file.person.region == who.region)
    ours = {str(each["outbox_id"]) for each in quarantined(who)}
    return int(str(proposal["content"].get("outbox_id")) in ours)


def quarantined(who: Who) -> list[Row]:
    """Messages about people of this city that were set aside."""
    with office().register.act() as connection:
        return rows(connection, "staffroom.quarantined", region=who.region)


def uncollected(who: Who) -> list[dict[str, Any]]:
    """Finished cards that nobody has come for, until when they are kept, and what is due."""
    with office().register.act() as connection:
        now = cards.now(connection, office().fence())
        found = rows(connection, "issue.uncollected", since=now)
        ours = [each for each in found if each["region"] == who.region]
        kept = [(each, collect_by(office(), connection, each)) for each in ours]
    return [
        {**each, "deadline": until, "due": until is not None and until <= now}
        for each, until in kept
    ]


urlpatterns = [path("review/", review, name="staff_review")]
