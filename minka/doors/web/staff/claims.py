"""Claims for the loss period at staff: taken at a counter, reviewed, paid by one or by two."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.desk.act import Answer
from minka.desk.approval import Propose, propose
from minka.desk.reimburse import REASONS, STATES, FileClaim, RefuseClaim, file_claim, refuse_claim
from minka.desk.reimburse_look import ClaimView, claim_view, waiting_claims
from minka.desk.reimburse_pay import PayClaim, ReviewClaim, pay_claim, review_claim
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Row, Table, Tag, Text, Tone, Wrong
from minka.doors.web.staff.claim_form import CounterClaimForm, RefuseForm, ReviewForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.kit.fen import yuan

REVIEWING = ("medical_staff", "reviewer")
TAKING = ("counter_clerk", "medical_staff")
EVERY = ("counter_clerk", *REVIEWING)
HOME = "/staff/claims/"
NAV = (Nav(label=gettext_lazy("丢卡费用报销"), url=HOME, roles=EVERY),)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*EVERY)
def claims(request: StaffRequest, who: Who) -> HttpResponse:
    """The claims of the city that wait; a counter takes a new one here."""
    taking = who.role in TAKING
    form = CounterClaimForm(request.POST if request.method == "POST" and taking else None)
    wrong = ""
    if form.is_valid():
        answer = _file(request, who, form)
        if answer.accepted:
            messages.success(request, _("已受理：%s。请审核发票。") % answer.facts["receipt"])
            return HttpResponseRedirect(f"{HOME}{answer.facts['receipt']}/")
        wrong = answer.say(language())
    context = {
        "table": _queue(who),
        "form": form if taking else None,
        "key": fresh_key("e"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    bad = bool(wrong) or bool(form.errors)
    return page(request, who, "claims/queue", context, status=422 if bad else 200)


def _file(request: StaffRequest, who: Who, form: CounterClaimForm) -> Answer:
    given = form.cleaned_data
    command = FileClaim(
        region=who.region,
        channel="counter",
        number=form.number(),
        provider=given["provider"],
        invoice_no=given["invoice_no"],
        paid_on=given["paid_on"],
        total_fen=given["total"],
        treated_on=given["treated_on"],
        basis=int(given["basis"]),
        papers=form.papers(),
    )
    key = str(request.POST.get("key") or "") or fresh_key("e")
    return file_claim(office(), who.request(key), command)


def _queue(who: Who) -> Table:
    rows: list[list[Cell | Text]] = [
        [
            Cell(text=each["receipt"], url=f"{HOME}{each['receipt']}/"),
            f"{each['name_mask']} {each['number_mask']}",
            each["provider_name"],
            yuan(each["total_fen"]),
            Cell(at=each["accepted_at"]),
            Cell(tag=_tag("reviewed" if each["reviewed"] else "submitted")),
        ]
        for each in waiting_claims(office(), who.region)
    ]
    columns = [
        Column(title=_("受理编号")),
        Column(title=_("持卡人")),
        Column(title=_("机构")),
        Column(title=_("发票总额（元）")),
        Column(title=_("受理时间")),
        Column(title=_("进度")),
    ]
    return Table(
        caption=_("等待办理的报销申请"),
        columns=columns,
        rows=rows,
        empty=_("没有等待办理的报销申请。"),
    )


_TONES = {"paid": Tone.GOOD, "submitted": Tone.WAIT, "reviewed": Tone.WAIT, "refused": Tone.SHUT}


def _tag(state: str) -> Tag:
    return Tag(text=say(STATES[state]), tone=_TONES.get(state, Tone.PLAIN))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*EVERY)
def claim(request: StaffRequest, who: Who, code: str) -> HttpResponse:
    """One claim: what it is about, what the funds would pay, and what may be done now."""
    found = claim_view(office(), code)
    if found is None or found.person.region != who.region:
        raise Http404
    act = str(request.POST.get("do", "")) if request.method == "POST" else ""
    review = ReviewForm(found.bill is not None, request.POST if act == "review" else None)
    refusal = RefuseForm(request.POST if act == "refuse" else None)
    wrong = ""
    if act:
        answer = _act(act, request, who, (found, review, refusal))
        if answer is not None and answer.accepted:
            messages.success(request, _done(act, answer))
            return HttpResponseRedirect(f"{HOME}{found.claim['receipt']}/")
        wrong = answer.say(language()) if answer is not None else ""
    context = {
        "found": found,
        "tag": _tag(found.state),
        "rows": _rows(found),
        "notes": found.notes,
        "open": found.state in ("submitted", "reviewed") and who.role in REVIEWING,
        "payable": found.state == "reviewed" and who.role in REVIEWING,
        "review": review,
        "refusal": refusal,
        "reason": _reason(found),
        "key": fresh_key("e"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    bad = bool(act)
    return page(request, who, "claims/show", context, status=422 if bad else 200)


_Shown = tuple[ClaimView, ReviewForm, RefuseForm]


def _act(act: str, request: StaffRequest, who: Who, shown: _Shown) -> Answer | None:
    """What a button does; None when its form is not filled in rightly."""
    found, review, refusal = shown
    receipt = found.claim["receipt"]
    asked = who.request(str(request.POST.get("key") or "") or fresh_key("e"))
    if act == "review":
        if not review.is_valid():
            return None
        command = ReviewClaim(receipt, review.lines(), review.papers())
        return review_claim(office(), asked, command)
    if act == "refuse":
        if not refusal.is_valid():
            return None
        reason = refusal.cleaned_data["reason"]
        return refuse_claim(office(), asked, RefuseClaim(receipt, reason))
    if act == "pay":
        return pay_claim(office(), asked, PayClaim(receipt))
    if act == "propose":
        content = {"receipt": receipt, "fund_fen": str(found.claim["reviewed_fen"])}
        return propose(office(), asked, Propose("pay_claim", content))
    raise Http404


def _done(act: str, answer: Answer) -> str:
    if act == "review":
        return _("审核好了：基金应付 %s 元。") % str(answer.facts["fund"])
    if act == "pay":
        return _("已付款 %(fund)s 元，付款编号 %(code)s。") % {
            "fund": str(answer.facts["fund"]),
            "code": str(answer.facts["payment_receipt"]),
        }
    if act == "propose":
        return _("已提出审批，请另一位同事在双人复核里批准。")
    return _("已办结，持卡人会收到短信。")


def _reason(found: ClaimView) -> str:
    words = REASONS.get(str(found.claim["end_reason"]))
    return say(words) if words else ""


def _rows(found: ClaimView) -> list[Row]:
    row, person = found.claim, found.person
    rows = [
        Row(label=_("持卡人"), value=f"{person.name_mask} {person.number_mask}"),
        Row(label=_("机构"), value=f"{row['provider_name']} {row['fixmedins_code']}"),
        Row(label=_("发票号码"), value=row["invoice_no"]),
        Row(label=_("付款日期"), value=row["paid_on"].isoformat()),
        Row(label=_("就诊日期"), value=row["treated_on"].isoformat()),
        Row(label=_("发票总额（元）"), value=yuan(row["total_fen"])),
        Row(label=_("来源"), value=_sources()[row["source"]]),
    ]
    if row["reviewed_fen"] is not None:
        rows += [
            Row(label=_("基金应付（元）"), value=yuan(row["reviewed_fen"])),
            Row(label=_("审核人"), value=row["reviewed_by"]),
            Row(label=_("需要几人决定"), value=str(found.people)),
        ]
    if row["payment_receipt"]:
        rows.append(Row(label=_("付款编号"), value=row["payment_receipt"]))
    return rows


def _sources() -> dict[str, str]:
    return {
        "record": _("机构已上传费用，没有结算"),
        "refused": _("机构已上传费用，刷卡被拒"),
        "stated": _("持卡人带来的发票"),
    }


urlpatterns = [
    path("claims/", claims, name="staff_claims"),
    path("claims/<slug:code>/", claim, name="staff_claim"),
]
