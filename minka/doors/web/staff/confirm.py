"""Reports that take effect only with a word of staff: the list, and the word (R3-01, R5-02)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.desk.confirm import ConfirmReport, confirm_report
from minka.desk.look import receipted
from minka.desk.screen import unconfirmed
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, said

CONFIRMING = ("hotline_agent", "medical_staff", "counter_clerk")
HOME = "/staff/confirm/"
NAV = (Nav(label=gettext_lazy("待确认的挂失"), url=HOME, roles=CONFIRMING),)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CONFIRMING)
def confirm(request: StaffRequest, who: Who) -> HttpResponse:
    """Everything that waits for this role's word; a POST gives it."""
    wrong: list[Wrong] = []
    if request.method == "POST":
        code = str(request.POST.get("receipt", ""))
        found = receipted(office(), code)
        if found is None or found.file.person.region != who.region:
            wrong = [Wrong(message=_("没有查到这个编号。请刷新后再试。"))]
        else:
            key = str(request.POST.get("key") or "") or fresh_key(who.role)
            answer = confirm_report(office(), who.request(key), ConfirmReport(found.code))
            if answer.accepted:
                messages.success(request, _("挂失已确认，卡已停用：%s") % found.code)
                return HttpResponseRedirect(HOME)
            wrong = [Wrong(message=answer.say(language()))]
    waiting = [
        (each, said("channel", each.channel), said("confirmer", each.confirmed_by))
        for each in unconfirmed(office(), who.region, who.role)
    ]
    context = {"waiting": waiting, "key": fresh_key(who.role), "wrong_list": wrong}
    return page(request, who, "confirm", context, status=422 if wrong else 200)


urlpatterns = [path("confirm/", confirm, name="staff_confirm")]
