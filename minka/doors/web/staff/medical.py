"""The medical insurance office: stamp an employer's letter (R5-02), verify any numbered paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.desk.look import receipted
from minka.desk.papers import StampDocument, stamp_document
from minka.doors.office import office
from minka.doors.web import movements
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff import banking
from minka.doors.web.staff.employer import letter_tag
from minka.doors.web.staff.forms import ReceiptForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page

STAMPING = ("medical_staff",)
VERIFYING = ("medical_staff", "bank_clerk", "counter_clerk", "reviewer")
HOME = "/staff/documents/"
NAV = (Nav(label=gettext_lazy("验证单据"), url=HOME, roles=VERIFYING),)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*VERIFYING)
def documents(request: StaffRequest, who: Who) -> HttpResponse:
    """Type or scan a number: what the paper is, who issued it, whether it is stamped or used."""
    if request.method != "POST":
        return _page(request, who, ReceiptForm(), None)
    if request.POST.get("do") == "stamp":
        return _stamp(request, who)
    form = ReceiptForm(request.POST)
    document = _document(who, str(form.cleaned_data["receipt"])) if form.is_valid() else None
    known = movements.verified(who.region, form.cleaned_data["receipt"]) if form.is_valid() else []
    if known:
        return page(request, who, "documents", {"form": form, "statement": known})
    if form.is_valid() and document is None:
        form.add_error("receipt", _("没有查到这份单据，或不属于本市。请核对编号。"))
    return _page(request, who, form, document)


def _stamp(request: StaffRequest, who: Who) -> HttpResponse:
    """Stamp once; only the medical office stamps, and only letters of its own city."""
    code = str(request.POST.get("code", ""))
    document = _document(who, code)
    if document is None or who.role not in STAMPING or document["kind"] != "employer_letter":
        wrong = _("这份单据不用或不能在这里盖章。")
        return _page(request, who, ReceiptForm(), document, wrong=wrong)
    key = str(request.POST.get("key") or "") or fresh_key(who.role)
    stamped_by = who.place_name or str(who.role_name)
    answer = stamp_document(office(), who.request(key), StampDocument(code, stamped_by))
    if not answer.accepted:
        return _page(request, who, ReceiptForm(), document, wrong=answer.say(language()))
    messages.success(request, _("已盖章：%s。请本人带身份证和这份证明信到银行。") % code)
    return HttpResponseRedirect(HOME)


def _document(who: Who, code: str) -> dict[str, Any] | None:
    found = receipted(office(), code)
    if found is None or found.kind != "document" or found.file.person.region != who.region:
        return None
    person = found.file.person
    masks = {"name_mask": person.name_mask, "number_mask": person.number_mask}
    listed = banking.documents_of(found.file)
    document = next((each for each in listed if each["code"] == found.code), None)
    return {**document, **masks} if document else None


def _page(
    request: StaffRequest,
    who: Who,
    form: ReceiptForm,
    document: dict[str, Any] | None,
    *,
    wrong: str = "",
) -> HttpResponse:
    stampable = (
        document is not None
        and document["kind"] == "employer_letter"
        and document["stamped_at"] is None
        and who.role in STAMPING
    )
    letter = document is not None and document["kind"] == "employer_letter"
    context = {
        "form": form,
        "document": document,
        "tag": letter_tag(document) if document and letter else None,
        "stampable": stampable,
        "key": fresh_key(who.role),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    bad = bool(wrong) or bool(form.errors)
    return page(request, who, "documents", context, status=422 if bad else 200)


urlpatterns = [path("documents/", documents, name="staff_documents")]
