"""The expense of a loss period on line (R6-08): what is known, the claim, and where it stands."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minka.care.reimburse import claim_entry
from minka.desk import wording
from minka.desk.lending import suspended_until, warnings_of
from minka.desk.look import PersonFile
from minka.desk.reimburse import REASONS, STATES, FileClaim, WithdrawClaim, file_claim
from minka.desk.reimburse import withdraw_claim as take_back
from minka.desk.reimburse_facts import state_of
from minka.desk.reimburse_look import ClaimView, Prefilled, claim_view, prefilled
from minka.doors.office import office
from minka.doors.web.citizen.account import NEXT, asked, holders, proved
from minka.doors.web.citizen.city import City, in_city, page, say
from minka.doors.web.citizen.lost import MINE, language
from minka.doors.web.citizen.reimburse_form import InvoiceForm
from minka.doors.web.parts import Cell, Column, Row, Step, StepState, Table, Tag, Text, Tone, Wrong
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.law.wording import say as say_field

TONES = {"paid": Tone.GOOD, "submitted": Tone.WAIT, "reviewed": Tone.WAIT, "refused": Tone.SHUT}


@in_city
@require_safe
def start(request: HttpRequest, city: City) -> HttpResponse:
    """Prove who you are, where that is still to do, and come back to the claim."""
    here = f"/{city.id}/reimburse/claim/"
    if proved(request, city):
        return HttpResponseRedirect(here)
    request.session[NEXT] = here
    return HttpResponseRedirect(f"/{city.id}/account/")


@require_http_methods(["GET", "HEAD", "POST"])
@holders
def claim(request: HttpRequest, city: City, file: PersonFile) -> HttpResponse:
    """The claim of the proved holder, filled in with what the register knows."""
    known = prefilled(office(), file.person.person_id)
    if known is None:
        return page(request, city, "reimburse_none", {})
    form = InvoiceForm(known, request.POST if request.method == "POST" else None)
    wrong = ""
    if form.is_valid():
        answer = _file(request, city, file, form.cleaned_data)
        if answer.accepted:
            receipt = answer.facts["receipt"]
            request.session[MINE] = [*request.session.get(MINE, []), receipt][-5:]
            return HttpResponseRedirect(f"/{city.id}/reimburse/{receipt}/?new=1")
        wrong = answer.say(language(request))
    context = {
        "form": form,
        "known": known,
        "file": file,
        "rows": _loss_rows(known),
        "spent": _spent(known),
        "claims": _claims(known, city),
        "papers": [say(each["words"]) for each in wording.items(known.terms.papers)],
        "warnings": warnings_of(office(), file.person.person_id),
        "suspended_until": suspended_until(office(), file.person.person_id),
        "key": str(request.POST.get("key") or f"web-{secrets.token_urlsafe(18)}"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    if wrong:
        context["key"] = f"web-{secrets.token_urlsafe(18)}"
    bad = bool(wrong) or bool(form.errors)
    return page(request, city, "reimburse", context, status=422 if bad else 200)


def _file(request: HttpRequest, city: City, file: PersonFile, given: dict[str, Any]) -> Any:
    command = FileClaim(
        region=city.id,
        channel="web",
        number=file.person.number,
        provider=given["provider"],
        invoice_no=given["invoice_no"],
        paid_on=given["paid_on"],
        total_fen=given["total"],
        basis=int(given["basis"]),
    )
    return file_claim(office(), asked(request, str(request.POST.get("key", ""))[:80]), command)


def _loss_rows(known: Prefilled) -> list[Row]:
    """The loss and its time, in words."""
    if known.lost is None or known.time is None:
        return []
    until = known.lost.window.until
    return [
        Row(label=_("挂失或换卡编号"), value=known.lost.case.receipt),
        Row(label=_("停用时间"), value=china_text(known.lost.case.stopped_at)),
        Row(label=_("可报销的期间从"), value=china_text(known.time.since)),
        Row(label=_("到"), value=china_text(until) if until else _("现在（还没有领到新卡）")),
    ]


def _spent(known: Prefilled) -> Table:
    """What is on record in the time, the newest first; the one that can be paid is marked."""
    rows: list[list[Cell | Text]] = [
        [
            Cell(at=each.at) if each.at else each.day.isoformat(),
            each.provider_name,
            yuan(each.total_fen),
            Cell(tag=Tag(text=_("最近一次"), tone=Tone.GOOD)) if each is known.latest else "",
        ]
        for each in reversed(known.expenses)
    ]
    columns = [
        Column(title=_("时间")),
        Column(title=_("机构")),
        Column(title=_("总额（元）")),
        Column(title=_("能否报销")),
    ]
    return Table(
        caption=_("这段时间里没有用医保结算的费用"),
        columns=columns,
        rows=rows,
        empty=_("没有查到医院上传的费用记录。可以按发票填写。"),
    )


def _claims(known: Prefilled, city: City) -> Table:
    """The holder's claims with their states."""
    rows: list[list[Cell | Text]] = [
        [
            Cell(text=each["receipt"], url=f"/{city.id}/reimburse/{each['receipt']}/"),
            Cell(at=each["accepted_at"]),
            yuan(each["total_fen"]),
            Cell(tag=state_tag(state_of(each))),
        ]
        for each in reversed(known.claims)
    ]
    columns = [
        Column(title=_("受理编号")),
        Column(title=_("申请时间")),
        Column(title=_("发票总额（元）")),
        Column(title=_("进度")),
    ]
    return Table(caption=_("我的报销申请"), columns=columns, rows=rows)


def state_tag(state: str) -> Tag:
    """A claim's state as a word with its colour."""
    return Tag(text=say(STATES[state]), tone=TONES.get(state, Tone.PLAIN))


@in_city
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, city: City, code: str) -> HttpResponse:
    """A claim by its number: how far it is; what it is about is for the proved holder alone."""
    found = claim_view(office(), code)
    if found is None or found.person.region != city.id:
        raise Http404
    mine = proved(request, city) == found.person.person_id
    wrong = ""
    if request.method == "POST" and mine:
        command = WithdrawClaim(found.claim["receipt"], found.person.number)
        answer = take_back(office(), asked(request), command)
        if answer.accepted:
            return HttpResponseRedirect(f"/{city.id}/reimburse/{found.claim['receipt']}/")
        wrong = answer.say(language(request))
    context = {
        "found": found,
        "mine": mine,
        "is_new": request.GET.get("new") == "1",
        "tag": state_tag(found.state),
        "steps": steps(found),
        "rows": rows_of(found) if mine else [],
        "open": found.state in ("submitted", "reviewed"),
        "reason": _reason(found),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    return page(request, city, "reimburse_claim", context, status=422 if wrong else 200)


def _reason(found: ClaimView) -> str:
    words = REASONS.get(str(found.claim["end_reason"]))
    return say(words) if words and found.state == "refused" else ""


def steps(found: ClaimView) -> list[Step]:
    """Filed, reviewed, paid; a claim that ended otherwise stops where it ended."""
    claim_row, state = found.claim, found.state
    filed = Step(label=_("已受理"), state=StepState.DONE, at=claim_row["accepted_at"])
    seen = claim_row["reviewed_at"]
    review = Step(
        label=_("审核发票和明细"), state=StepState.DONE if seen else StepState.NOW, at=seen
    )
    if state in ("refused", "withdrawn", "superseded"):
        ended = Step(label=say(STATES[state]), state=StepState.STUCK, at=claim_row["ended_at"])
        return [filed, *([review] if seen else []), ended]
    paid = {"paid": StepState.DONE, "reviewed": StepState.NOW}.get(state, StepState.AHEAD)
    return [filed, review, Step(label=_("付款"), state=paid, at=claim_row["paid_out_at"])]


def rows_of(found: ClaimView) -> list[Row]:
    """What the claim is about."""
    claim_row = found.claim
    rows = [
        Row(label=_("机构"), value=claim_row["provider_name"]),
        Row(label=_("发票号码"), value=claim_row["invoice_no"]),
        Row(label=_("付款日期"), value=claim_row["paid_on"].isoformat()),
        Row(label=_("发票总额（元）"), value=yuan(claim_row["total_fen"])),
    ]
    if claim_row["reviewed_fen"] is not None:
        rows.append(Row(label=_("基金应付（元）"), value=yuan(claim_row["reviewed_fen"])))
    if claim_row["payment_receipt"]:
        rows.append(Row(label=_("付款编号"), value=claim_row["payment_receipt"]))
    return rows


@in_city
@require_safe
def about(request: HttpRequest, city: City) -> HttpResponse:
    """What the region's rule says about it, before anybody proves who he is."""
    entry = claim_entry(city.law)
    if entry is None:
        return page(request, city, "reimburse_none", {})
    names = ("condition", "reimbursement", "reasons", "loss_period", "papers_self", "place")
    leaves = [(name, entry.leaf(name)) for name in names if name in entry.leaves]
    rules = [
        {
            "label": say(wording.named("field", name)),
            "value": say(say_field(name, leaf.value)),
            "assumed": leaf.marked,
        }
        for name, leaf in leaves
        if leaf.value is not None
    ]
    shown = {"rules": rules, "cite": entry.leaf("reimbursement").cite, "rule_id": entry.id}
    return page(request, city, "reimburse_about", shown)
