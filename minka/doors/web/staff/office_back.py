"""The back office: what is at risk, what waits, what the rules leave open, and the calendar."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from minka.cards.card import Status
from minka.cards.words import PROGRESS
from minka.desk.calendar import LoadNotice, load_notice
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.kiosk.terminal import setup_code
from minka.doors.web.parts import Cell, Column, Table, Tag, Text, Tone, Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.review import uncollected
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, said, say
from minka.law import gaps as law_gaps
from minka.store import cards
from minka.store.connection import rows, the_row
from minka.store.models import Kiosk

CLERKS = ("reference_clerk",)
READERS = ("reference_clerk", "reviewer", "auditor", "security_administrator")
ADMINS = ("reference_clerk", "security_administrator", "auditor")
HOME = "/staff/office/"
AT_RISK = timedelta(days=3)
NAV = (
    Nav(label=gettext_lazy("后台总览"), url=HOME, roles=READERS),
    Nav(label=gettext_lazy("规则核对"), url="/staff/office/rules/", roles=READERS),
    Nav(label=gettext_lazy("节假日通知"), url="/staff/office/calendar/", roles=CLERKS),
    Nav(label=gettext_lazy("自助终端"), url="/staff/office/kiosks/", roles=CLERKS),
    Nav(label=gettext_lazy("基础数据"), url="/staff/admin/", roles=ADMINS),
)


@require_safe
@for_roles(*READERS)
def overview(request: StaffRequest, who: Who) -> HttpResponse:
    """Promises at risk, cards nobody collects, messages on their way, reports that wait."""
    with office().register.act() as connection:
        now = cards.now(connection, office().fence())
        risky = rows(connection, "issue.at_risk", by=now + AT_RISK)
        flowing = rows(connection, "outbox.waiting", now=now)
        waiting = the_row(connection, "staffroom.unconfirmed_count", region=who.region)
    ours = [each for each in risky if each["region"] == who.region]
    idle = uncollected(who)
    context = {
        "figures": [
            (_("三天内到期、还没到网点的卡"), len(ours)),
            (_("网点没人来领的卡"), len(idle)),
            (_("等确认的挂失"), waiting["waiting"]),
            (_("搁置的消息"), sum(each["quarantined"] for each in flowing)),
        ],
        "risk": _risk(ours, now),
        "idle": _idle(idle),
        "flow": _flow(flowing),
    }
    return page(request, who, "back_office/overview", context)


def _table(caption: Text, titles: list[str], lines: Any, empty: Text) -> Table:
    columns = [Column(title=title) for title in titles]
    return Table(caption=caption, columns=columns, rows=list(lines), empty=empty)


def _risk(found: Any, now: Any) -> Table:
    late = Tag(text=_("已超期"), tone=Tone.BAD)
    soon = Tag(text=_("将到期"), tone=Tone.WAIT)
    lines = (
        (
            Cell(at=each["promised_at"]),
            each["receipt"],
            say(PROGRESS[Status(each["status"])].name),
            each["collect_at"],
            Cell(tag=late if each["promised_at"] <= now else soon),
        )
        for each in found
    )
    titles = [_("承诺日期"), _("受理编号"), _("进度"), _("领卡网点"), _("状态")]
    return _table(_("可能赶不上承诺日期的卡"), titles, lines, _("没有赶不上的卡。"))


def _idle(found: Any) -> Table:
    due = Tag(text=_("已到期，可提出销毁"), tone=Tone.BAD)
    kept = Tag(text=_("保管中"), tone=Tone.PLAIN)
    lines = (
        (
            Cell(at=each["ready_at"]),
            each["receipt"],
            each["collect_at"],
            Cell(at=each["deadline"]),
            Cell(tag=due if each["due"] else kept),
        )
        for each in found
    )
    titles = [_("到网点时间"), _("受理编号"), _("领卡网点"), _("保管到"), _("状态")]
    return _table(_("没人来领的卡"), titles, lines, _("没有等人来领的卡。"))


TOPICS: dict[str, Text] = {
    "bank.stop": gettext_lazy("通知银行止付"),
    "bank.resume": gettext_lazy("通知银行恢复"),
    "hotlist.add": gettext_lazy("黑名单：加入"),
    "hotlist.remove": gettext_lazy("黑名单：移出"),
}


def _topic(name: str) -> str:
    """What a message is for; texts to people are told apart by their own name."""
    if name in TOPICS:
        return str(TOPICS[name])
    return f"{_('短信')} · {name.partition('.')[2]}" if name.startswith("notice.") else name


def _flow(found: Any) -> Table:
    lines = (
        (
            _topic(each["topic"]),
            str(each["waiting"]),
            Cell(text=str(each["failing"])),
            Cell(text=str(each["quarantined"])),
            Cell(at=each["oldest"]),
        )
        for each in found
    )
    titles = [_("消息"), _("等待"), _("重试中"), _("搁置"), _("最早的一条")]
    empty = _("没有积压，全部已送达。")
    return _table(_("发往银行、终端和手机的消息（全系统）"), titles, lines, empty)


@require_safe
@for_roles(*READERS)
def rules(request: StaffRequest, who: Who) -> HttpResponse:
    """What each city's rules still leave open: silent fields, and values that are assumed."""
    book = office().book()
    asked = request.GET.get("region", who.region)
    region = asked if asked in book.regions else who.region
    with office().register.act() as connection:
        law = office().law(region, cards.now(connection, office().fence()))
    answered = {
        law_gaps.Answer.OPEN: Tag(text=_("原文未规定"), tone=Tone.BAD),
        law_gaps.Answer.ASSUMED: Tag(text=_("假定"), tone=Tone.WAIT),
    }
    fields = _table(
        _("原文没有给出的内容"),
        [_("条目"), _("项目"), _("现在怎么办"), _("问题"), _("说明")],
        (
            (
                each.entry,
                said("field", each.field),
                Cell(tag=answered[each.answer]),
                " ".join(each.points),
                each.note,
            )
            for each in law_gaps.gaps(law)
        ),
        _("没有缺口。"),
    )
    questions = _table(
        _("要由本市回答的问题"),
        [_("编号"), _("问题"), _("现在怎么办")],
        (
            (point.id, say(point.question), Cell(tag=answered[answer]))
            for point, answer in law_gaps.points(law)
        ),
        _("没有未回答的问题。"),
    )
    context = {
        "regions": [(each, each == region) for each in book.regions],
        "title": say(law.names),
        "fields": fields,
        "questions": questions,
    }
    return page(request, who, "back_office/rules", context)


class NoticeForm(forms.Form):
    """The year's notice: the days of rest on weekdays, the working days on week-ends."""

    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=2021, max_value=2100)
    file = forms.FileField(
        label=gettext_lazy("文件（csv：日期,off 或 extra）"), required=False, max_length=120
    )
    off = forms.CharField(
        label=gettext_lazy("放假的工作日（每行一个日期）"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        required=False,
        max_length=4000,
    )
    extra = forms.CharField(
        label=gettext_lazy("上班的周末（每行一个日期）"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        required=False,
        max_length=2000,
    )

    def clean_off(self) -> tuple[date, ...]:
        """The days of rest."""
        return _days(self.cleaned_data["off"])

    def clean_extra(self) -> tuple[date, ...]:
        """The working days."""
        return _days(self.cleaned_data["extra"])

    def clean(self) -> dict[str, Any]:
        """Days of the file join the typed ones; no day at all is no notice."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("file") is not None:
            text = cleaned["file"].read(100_000).decode("utf-8-sig", errors="replace")
            try:
                listed = [
                    (each[1].strip(), _day(each[0]))
                    for each in csv.reader(io.StringIO(text))
                    if each
                ]
            except (IndexError, ValueError):
                self.add_error("file", _("文件里有一行读不懂。每行写：2027-01-01,off"))
                return cleaned
            for kind in ("off", "extra"):
                cleaned[kind] = (*cleaned.get(kind, ()), *(day for k, day in listed if k == kind))
        if not (cleaned.get("off") or cleaned.get("extra") or self.errors):
            self.add_error("off", _("请填写日期，或上传文件。"))
        return cleaned


def _days(text: str) -> tuple[date, ...]:
    try:
        return tuple(_day(word) for word in text.replace(",", " ").split())
    except ValueError:
        raise forms.ValidationError(_("日期要写成 2027-01-01。")) from None


def _day(text: str) -> date:
    return date.fromisoformat(text.strip().lstrip("\ufeff"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CLERKS)
def calendar(request: StaffRequest, who: Who) -> HttpResponse:
    """Load the State Council's holiday notice; every provisional promise is counted anew."""
    form = NoticeForm(request.POST or None, request.FILES or None)
    wrong: list[Wrong] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        off, extra = sorted(set(given["off"])), sorted(set(given["extra"]))
        command = LoadNotice(given["year"], tuple(off), tuple(extra))
        key = str(request.POST.get("key") or "") or fresh_key(who.role)
        answer = load_notice(office(), who.request(key), command)
        if answer.accepted:
            told = _("已载入 %(days)s 天，%(moved)s 个承诺日期改变。") % answer.facts
            messages.success(request, told)
            return HttpResponseRedirect("/staff/office/calendar/")
        wrong = [Wrong(message=answer.say(language()))]
    published = sorted(office().book().calendar.published_years)
    context = {"form": form, "years": published, "wrong_list": wrong, "key": fresh_key(who.role)}
    bad = bool(wrong) or (form.is_bound and bool(form.errors))
    return page(request, who, "back_office/calendar", context, status=422 if bad else 200)


@require_safe
@for_roles(*CLERKS)
def kiosks(request: StaffRequest, who: Who) -> HttpResponse:
    """The terminals of the city, and today's code that binds each to a screen."""
    found = Kiosk.objects.filter(place__region=who.region).select_related("place")
    on, off = Tag(text=_("在用"), tone=Tone.GOOD), Tag(text=_("停用"), tone=Tone.SHUT)
    lines = (
        (
            each.kiosk_id,
            each.place.name,
            Cell(tag=on if each.active else off),
            setup_code(each.kiosk_id) if each.active else "—",
        )
        for each in found[:200]
    )
    titles = [_("终端编号"), _("网点"), _("状态"), _("今天的登记码")]
    table = _table(_("自助终端"), titles, lines, _("还没有登记终端。"))
    return page(request, who, "back_office/kiosks", {"table": table})


urlpatterns = [
    path("office/", overview, name="staff_office"),
    path("office/rules/", rules, name="staff_rules"),
    path("office/calendar/", calendar, name="staff_calendar"),
    path("office/kiosks/", kiosks, name="staff_kiosks"),
]
