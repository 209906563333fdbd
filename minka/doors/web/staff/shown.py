"""A person's file as staff see it: masked facts, both stops, the story, and which acts are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from minka.cards.card import Standing
from minka.cards.card import Status as CardStatus
from minka.cards.words import PROGRESS
from minka.desk import screen
from minka.desk.look import ApplicationView, CardView, PersonFile, offers
from minka.desk.screen import Beside
from minka.desk.tale import Event
from minka.doors.office import office
from minka.doors.web.parts import (
    Align,
    Cell,
    Column,
    Line,
    LineState,
    Status,
    Step,
    StepState,
    Table,
    Tag,
    Text,
    Tone,
)
from minka.doors.web.staff.who import language, said, say
from minka.issue.refusals import IssueRefusal
from minka.kit.clock import china_text
from minka.kit.fen import Fen, yuan
from minka.loss.refusals import LossRefusal

TONES = {
    Standing.USABLE: Tone.GOOD,
    Standing.PROVISIONAL_LOSS: Tone.WAIT,
    Standing.FROZEN: Tone.WAIT,
    Standing.FORMAL_LOSS: Tone.SHUT,
    Standing.CANCELLED: Tone.SHUT,
    Standing.EXPIRED: Tone.BAD,
}
STATES = {
    "done": LineState.DONE,
    "pending": LineState.PENDING,
    "failed": LineState.FAILED,
    "planned": LineState.AHEAD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact about a person or card; ``field`` names what a click may reveal, if anything."""

    label: Text
    shown: str
    field: str = ""
    reason: str = "identity_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """One side of a card: whether it works, and since when it does not."""

    label: Text
    tag: Tag
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An act of the law: open now, or why it is not."""

    label: Text
    state: str
    """``here``, ``elsewhere`` or ``closed``."""
    why: str = ""


def facts(file: PersonFile) -> list[Fact]:
    """The person and the card in hand, masked."""
    person, view = file.person, file.in_hand()
    found = [
        Fact(label=_("姓名"), shown=person.name_mask, field="name"),
        Fact(label=_("证件号码"), shown=person.number_mask, field="number"),
    ]
    if person.phone_mask:
        shown = {"shown": person.phone_mask, "field": "phone", "reason": "call_back"}
        found.append(Fact(label=_("登记手机"), **shown))
    if person.member_number:
        tail = f"****{person.member_number[-3:]}"
        found.append(Fact(label=_("个人编号"), shown=tail, field="member_number"))
    if view is not None:
        found.append(Fact(label=_("卡号"), shown=view.number_mask, field="card_number"))
    if person.employer_name:
        found.append(Fact(label=_("单位"), shown=person.employer_name))
    return found


def stops(view: CardView) -> list[Stopped]:
    """The social and the bank side apart, each with its own instant."""
    works, stopped = Tag(text=_("正常"), tone=Tone.GOOD), _("已停用")
    if view.standing is Standing.CANCELLED:
        gone = Tag(text=say(view.plain.name), tone=Tone.SHUT)
        return [Stopped(label=_("社保功能"), tag=gone), Stopped(label=_("银行账户"), tag=gone)]
    no_bank = Tag(text=_("没有银行账户"), tone=Tone.PLAIN)
    if view.stops is None:
        social = works if view.standing is Standing.USABLE else _standing_tag(view)
        bank = works if view.card.bank_id else no_bank
        return [Stopped(label=_("社保功能"), tag=social), Stopped(label=_("银行账户"), tag=bank)]
    tone = TONES.get(view.standing, Tone.WAIT)
    banks = {
        "none": no_bank,
        "pending": Tag(text=_("止付处理中，自动重试"), tone=Tone.WAIT),
        "confirmed": Tag(text=_("已止付"), tone=tone),
    }
    social_at = view.stops.social_at
    return [
        Stopped(label=_("社保功能"), tag=Tag(text=stopped, tone=tone), at=social_at),
        Stopped(label=_("银行账户"), tag=banks[view.stops.bank], at=view.stops.bank_at),
    ]


def _standing_tag(view: CardView) -> Tag:
    return Tag(text=say(view.plain.name), tone=TONES.get(view.standing, Tone.PLAIN))


def status(view: CardView) -> Status:
    """Where the card stands: sentence, who acts, by when."""
    until = view.until_at
    label = ""
    if view.block is not None and until is not None:
        label = _("到期注销") if view.block.at_lapse.value == "cancel" else _("到期自动解除")
    return Status(
        sentence=say(view.plain.sentence),
        tone=TONES.get(view.standing, Tone.PLAIN),
        who=say(view.plain.who),
        until=until,
        until_label=label,
    )


def lines(file: PersonFile, *, about: str = "") -> list[Line]:
    """The story of the person's cards, the latest first as a screen reads; ``about`` a receipt."""
    told = [each for each in file.events if not about or each.receipt == about]
    ordered = sorted(told, key=lambda each: each.at, reverse=True)
    return [_line(each, len(file.cards)) for each in ordered]


def _line(event: Event, held: int) -> Line:
    marks = [event.receipt] if event.receipt else []
    marks += [event.card_mask] if held > 1 and event.card_mask else []
    waits = event.state == "pending"
    return Line(
        state=STATES[event.state],
        what=say(event.words),
        at=None if waits else event.at,
        who=said("channel", event.who) if event.kind == "reported" else _who(event),
        note=" · ".join(marks),
    )


def _who(event: Event) -> str:
    if event.kind in ("used", "refused") and event.who:
        return screen.place_name(office(), event.who, language())
    return "" if event.who == event.receipt else event.who


def is_pending(file: PersonFile) -> bool:
    """Whether a line of the story still waits for somebody's word."""
    return any(each.state == "pending" for each in file.events)


def uses(seen: Beside) -> Table:
    """The last three uses of the card."""
    columns = (
        Column(title=_("时间")),
        Column(title=_("机构")),
        Column(title=_("金额（元）"), align=Align.RIGHT),
    )
    rows = [(Cell(at=u.at), u.provider, yuan(Fen(u.amount_fen))) for u in seen.uses]
    return Table(
        caption=_("最近 3 次用卡"), columns=columns, rows=rows, empty=_("还没有用卡记录。")
    )


def act_names() -> dict[str, str]:
    """The name of every act in the language of the page."""
    return {
        "report_provisional": _("预挂失"),
        "report_formal": _("正式挂失"),
        "withdraw": _("撤销挂失"),
        "freeze": _("暂停使用"),
        "unfreeze": _("恢复使用"),
        "apply": _("补卡"),
        "pay": _("交费"),
        "collect": _("领卡"),
        "activate": _("启用新卡"),
        "withdraw_application": _("撤销补卡申请"),
    }


_WHY = {reason.code: reason for reason in (*LossRefusal, *IssueRefusal)}


def reasons(file: PersonFile) -> dict[str, str]:
    """Each act that is not open now, with the sentence that says why."""
    named = offers(file)
    filled = _facts_of(file)
    return {
        act: _WHY[code].words.say(language(), **filled)
        for act, code in named.items()
        if code != "open" and code in _WHY
    }


def _facts_of(file: PersonFile) -> dict[str, str]:
    view, running = file.in_hand(), file.running()
    block = view.block if view else None
    rule = office().law(file.person.region, file.at).withdrawal()
    return {
        "receipt": running.receipt if running else block.cause if block else "",
        "until": china_text(block.until_at) if block and block.until_at else "—",
        "since": china_text(block.from_at) if block else "",
        "progress": say(running.plain.name) if running else "—",
        "promised": china_text(running.promised_at)[:10]
        if running and running.promised_at
        else "—",
        "cite": rule.leaf("withdrawal").cite if rule else "",
        "hotline": "",
    }


_LADDER = (CardStatus.ORDERED, CardStatus.MADE, CardStatus.READY, CardStatus.SEALED)


def ladder(application: ApplicationView) -> list[Step]:
    """The way of a replacement, from acceptance to the holder's own activation."""
    reached = _LADDER.index(application.status) if application.status in _LADDER else len(_LADDER)
    accepted = Step(label=_("已受理"), state=StepState.DONE, at=application.accepted_at)
    steps = [
        Step(label=say(PROGRESS[status].name), state=_step_state(place, reached))
        for place, status in enumerate(_LADDER)
    ]
    return [accepted, *steps]


def _step_state(place: int, reached: int) -> StepState:
    if place < reached:
        return StepState.DONE
    return StepState.NOW if place == reached else StepState.AHEAD
