"""The individual account on a screen: its figure, its movements, one transaction, its paper.

The citizen's pages and every staff desk draw with this, so that all show one and the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from minka.desk.account_look import Movement, SettlementView, movements, settlement
from minka.desk.account_seen import moved_at, reason_said
from minka.desk.act import Answer
from minka.desk.dispute import Dispute
from minka.desk.look import PersonFile, receipted
from minka.desk.statement import day_starts, statement_of, statement_on_record
from minka.doors.office import office
from minka.doors.papers.statement import Owner, Size, as_csv, printed
from minka.doors.web.account_trace import sentences
from minka.doors.web.choices import Mode, mode_of
from minka.doors.web.parts import Align, Cell, Column, Row, Table, Tag, Tone
from minka.doors.web.printed import as_pdf, letterhead
from minka.kit.clock import CHINA, china_text
from minka.kit.fen import yuan
from minka.kit.words import Words
from minka.law.region import RegionLaw

SHOWN = 100
"""Movements on one page; the statement has them all."""
LOOK_BACK = timedelta(days=92)


class PeriodForm(forms.Form):
    """From which day to which day, both included."""

    since = forms.DateField(
        label=gettext_lazy("从哪天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": gettext_lazy("请填写从哪天开始。"),
            "invalid": gettext_lazy("日期请写成 2026-11-22 这样。"),
        },
    )
    until = forms.DateField(
        label=gettext_lazy("到哪天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": gettext_lazy("请填写到哪天为止。"),
            "invalid": gettext_lazy("日期请写成 2026-11-22 这样。"),
        },
    )

    def clean(self) -> dict[str, Any]:
        """The days in order."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("结束日期不能早于开始日期。"))
        return given


@dataclass(frozen=True, slots=True)
class Days:
    """The days a page shows, both included."""

    since: date
    until: date

    def span(self) -> tuple[datetime, datetime]:
        """From the first instant of the first day to the first instant after the last."""
        return day_starts(self.since), day_starts(self.until) + timedelta(days=1)


def period(given: Any, at: datetime) -> tuple[PeriodForm, Days]:
    """The form as it was sent, and its days; the last three months where it is empty or wrong."""
    today = at.astimezone(CHINA).date()
    usual = Days((today - LOOK_BACK).replace(day=1), today)
    if "since" not in given and "until" not in given:
        return PeriodForm(initial={"since": usual.since, "until": usual.until}), usual
    form = PeriodForm(given)
    if form.is_valid():
        return form, Days(form.cleaned_data["since"], form.cleaned_data["until"])
    return form, usual


def listed(person_id: int, days: Days) -> list[Movement]:
    """The movements of some days, the newest first."""
    since, until = days.span()
    return movements(office(), person_id, since, until, limit=SHOWN)


def table(found: Sequence[Movement], use_url: Callable[[str], str]) -> Table:
    """The list at a desk: what, where, what came in or went out, the balance, who paid what."""
    right = {"align": Align.RIGHT}
    columns = [
        Column(title=_("时间")),
        Column(title=_("项目")),
        Column(title=_("医院、药店")),
        Column(title=_("划入（+）支出（-）"), **right),
        Column(title=_("余额"), **right),
        Column(title=_("费用总额"), **right),
        Column(title=_("基金支付"), **right),
        Column(title=_("现金支付"), **right),
    ]
    return Table(
        caption=_("账户明细（单位：元）"),
        columns=columns,
        rows=[_row(each, use_url) for each in found],
        empty=_("这段时间没有划入，也没有支出。可以换一段时间再查。"),
    )


def _row(each: Movement, use_url: Callable[[str], str]) -> list[Cell | str]:
    return [
        Cell(at=each.at),
        Cell(text=say(each.words), url=use_url(each.ref)),
        each.provider_name or "—",
        signed(each.amount_fen),
        yuan(each.balance_fen),
        *(_bill(each) or ("", "", "")),
    ]


def _bill(each: Movement) -> tuple[str, ...]:
    """The whole bill, the funds' part and the cash; empty where nothing was billed."""
    parts = (each.total_fen, each.fund_fen, each.cash_fen)
    return tuple(yuan(part) for part in parts) if each.total_fen else ()


@dataclass(frozen=True, slots=True)
class Line:
    """One movement as the holder reads it, a few short lines that need no wide screen."""

    what: str
    url: str
    at: datetime
    provider: str
    amount: str
    balance: str
    bill: tuple[str, ...]
    is_use: str
    """``yes`` where the holder can say: this was not me."""


def lines(found: Sequence[Movement], use_url: Callable[[str], str]) -> list[Line]:
    """The list as the holder reads it."""
    return [
        Line(
            what=say(each.words),
            url=use_url(each.ref),
            at=each.at,
            provider=each.provider_name,
            amount=signed(each.amount_fen),
            balance=yuan(each.balance_fen),
            bill=_bill(each),
            is_use="yes" if each.kind in USES else "",
        )
        for each in found
    ]


USES = ("settlement", "purchase", "post", "hold")
"""Movements by which somebody used the card or the account."""


def instant_of(text: str) -> datetime:
    """An instant as an answer holds it."""
    return datetime.fromisoformat(text)


def signed(amount_fen: int) -> str:
    """An amount in yuan with its sign."""
    return f"+{yuan(amount_fen)}" if amount_fen > 0 else yuan(amount_fen)


def say(words: Words) -> str:
    """Words in the language of the page."""
    return words.say(get_language() or "zh-hans")


@dataclass(frozen=True, slots=True)
class Use:
    """One transaction as it is shown: facts, shares, and how the shares were found."""

    ref: str
    kind: str
    title: str
    rows: Sequence[Row]
    shares: Sequence[Row]
    steps: Sequence[str]
    is_use: str
    """``yes`` when somebody used the card by it."""


def use_of(person_id: int, ref: str, hotline: str) -> Use | None:
    """One transaction of a person by its number, or None."""
    view = settlement(office(), ref)
    if view is not None:
        return _settled(view, hotline) if view.person_id == person_id else None
    found = _movement(person_id, ref)
    return _moved(found) if found else None


def _movement(person_id: int, ref: str) -> Movement | None:
    at = moved_at(office(), person_id, ref)
    if at is None:
        return None
    found = movements(office(), person_id, at, at + timedelta(microseconds=1))
    return next((each for each in found if each.ref == ref), None)


def _settled(view: SettlementView, hotline: str) -> Use:
    rows = [
        Row(label=_("时间"), value=china_text(view.at)),
        Row(label=_("医院、药店"), value=view.provider_name),
        Row(label=_("交易编号"), value=view.ref),
        Row(label=_("凭什么办理"), value=CREDENTIALS.get(view.credential, "—")),
    ]
    if view.undone_by_ref:
        rows.append(Row(label=_("已由这一笔退回"), value=view.undone_by_ref))
    if view.undoes_ref:
        rows.append(Row(label=_("退回的是这一笔"), value=view.undoes_ref))
    language = get_language() or "zh-hans"
    if view.reason:
        why = reason_said(view.reason, language, hotline)
        rows.append(Row(label=_("没有办成的原因"), value=why))
    steps = sentences(view, language)
    is_use = "yes" if view.kind in (*USES, "refusal") else ""
    return Use(view.ref, view.kind, say(view.words), rows, shares(view), steps, is_use)


CREDENTIALS = {
    1: gettext_lazy("医保电子凭证"),
    2: gettext_lazy("身份证"),
    3: gettext_lazy("社会保障卡"),
}
"""How the holder was known at the provider."""


def shares(view: SettlementView) -> list[Row]:
    """Who paid which part of a bill; the parts add up to the whole."""
    amounts = view.amounts
    parts = [
        (_("统筹基金"), amounts["pool"]),
        (_("大额补助"), amounts["large"]),
        (_("大病保险"), amounts["serious"]),
        (_("公务员补助"), amounts["civil"]),
        (_("企业补充"), amounts["enterprise"]),
        (_("医疗救助"), amounts["assistance"]),
        (_("其他基金"), amounts["other"]),
        (_("医院承担"), amounts["hospital"]),
        (_("个人账户"), amounts["account"]),
        (_("现金"), amounts["cash"]),
    ]
    always = (_("统筹基金"), _("个人账户"), _("现金"))
    shown = [Row(label=k, value=yuan(v)) for k, v in parts if v or k in always]
    return [*shown, Row(label=_("费用总额"), value=yuan(amounts["total"]))]


def _moved(found: Movement) -> Use:
    rows = [
        Row(label=_("时间"), value=china_text(found.at)),
        Row(label=_("交易编号"), value=found.ref),
        Row(label=_("账户变动"), value=signed(found.amount_fen)),
        Row(label=_("变动后余额"), value=yuan(found.balance_fen)),
    ]
    if found.provider_name:
        rows.insert(1, Row(label=_("医院、药店"), value=found.provider_name))
    is_use = "yes" if found.kind in USES else ""
    return Use(found.ref, found.kind, say(found.words), rows, (), (), is_use)


def question_rows(found: Dispute) -> list[Row]:
    """What is doubted, then how the question stands, for whom it concerns."""
    return [Row(label=_("疑问"), value=say(found.reason_words)), *progress_rows(found)]


def progress_rows(found: Dispute) -> list[Row]:
    """How a question stands, for anyone who knows its number."""
    by = china_text(found.last_moment) if found.last_moment else _("本市规则没有规定答复期限")
    if found.promise == "assumed":
        by = f"{by}（{_('假定')}）"
    return [
        Row(label=_("受理编号"), value=found.code),
        Row(label=_("受理时间"), value=china_text(found.opened_at)),
        Row(label=_("最迟答复"), value=by),
    ]


def question_tag(found: Dispute, at: datetime) -> Tag:
    """How far a question is."""
    if found.answered_at is not None:
        return Tag(text=_("已答复"), tone=Tone.GOOD)
    if found.late_at(at):
        return Tag(text=_("已超过期限"), tone=Tone.BAD)
    return Tag(text=_("正在核对"), tone=Tone.WAIT)


def verified(region: str, code: str) -> list[Row]:
    """What is on record of a statement of a region, to hold its paper against; empty for none.

    Days, lines and check value; never an amount and never a person.
    """
    known = receipted(office(), code)
    if known is None or known.kind != "statement" or known.file.person.region != region:
        return []
    found = statement_on_record(office(), known.file.person.person_id, known.fact_id)
    assert found is not None, "a statement's receipt belongs to a statement"
    return [
        Row(label=_("对账单编号"), value=known.code),
        Row(label=_("出具时间"), value=china_text(found["issued_at"])),
        Row(
            label=_("期间"),
            value=f"{china_text(found['since_at'])} – {china_text(found['until_at'])}",
        ),
        Row(label=_("明细条数"), value=str(found["lines"])),
        Row(label=_("核对码"), value=found["check"]),
    ]


def paper(
    request: HttpRequest, law: RegionLaw, file: PersonFile, answer: Answer, *, kind: str
) -> HttpResponse:
    """The statement that was put on record, as ``pdf``, ``large`` (large print) or ``csv``."""
    facts = answer.facts
    span = [datetime.fromisoformat(facts[name]) for name in ("since_at", "until_at")]
    made = statement_of(office(), file.person.person_id, *span)
    assert made is not None, "a statement on record can be read again"
    view = file.in_hand()
    owner = Owner(
        name=file.person.name.reveal(),
        number_mask=file.person.number_mask,
        card_mask=view.number_mask if view else "",
        code=facts["code"],
        check=facts["check"],
        issued_at=china_text(datetime.fromisoformat(facts["issued_at"])),
        has_bank="yes" if view and view.card.bank_id else "no",
    )
    if kind == "csv":
        content = as_csv(made, owner, get_language() or "zh-hans")
        return _download(content, f"{owner.code}.csv")
    head = letterhead(request, law, to="statement")
    elder = kind == "large" or Mode.ELDER in mode_of(request)
    return as_pdf(printed(made, owner, head, Size.ELDER if elder else Size.STANDARD), owner.code)


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
