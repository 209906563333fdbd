"""What the agent says: the law's own script, before the report and after it with every instant."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from minka.desk.look import CardView, Receipted
from minka.desk.preview import LossForm
from minka.doors.office import office
from minka.doors.web.staff.who import language, say
from minka.kit.clock import china_text
from minka.law.guide import Step, script
from minka.law.region import Entry, RegionLaw
from minka.law.steps import Duty

_ENDS = ("release", "cancel", "none", "bank_lapse", "found", "final")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of the script; ``assumed`` when its rule is assumed."""

    text: str
    ask: bool
    assumed: bool


def opening(law: RegionLaw, entry: Entry) -> list[Spoken]:
    """Greeting and questions: what is said before anything is done."""
    steps = [s for s in script(law, entry) if s.code == "greeting" or s.duty is Duty.ASK]
    return [_spoken(step, {}) for step in steps]


def closing(law: RegionLaw, found: Receipted) -> list[Spoken]:
    """What is read out after a report, with receipt and instants from the register itself."""
    report = found.report
    entry = office().book().cited(report["rule_ref"]) if report else None
    if report is None or entry is None:
        return []
    known = _instants(report, entry, law)
    waits = report["confirmed_at"] is None
    codes = ("taken", "confirm") if waits else ("taken", "stops", "bank", *_ends(found))
    steps = [step for step in script(law, entry) if step.code in codes]
    return [_spoken(step, known) for step in steps if _needed(step) <= known.keys()]


def _ends(found: Receipted) -> tuple[str, ...]:
    """The sentences about the end that are still true of this card."""
    view = next(
        (v for v in found.file.cards if found.report and v.card.card_id == found.report["card_id"]),
        None,
    )
    formal = view is not None and view.block is not None and view.block.force.value == "formal"
    return ("final",) if formal else _ENDS


def _instants(report: Mapping[str, object], entry: Entry, law: RegionLaw) -> dict[str, str]:
    at = report["accepted_at"]
    assert isinstance(at, datetime), "a report has an instant"
    bank = entry.due("bank_stop_deadline", at, office().book().workdays(law.id))
    instants = {
        "accepted_at": at,
        "stops_by": report["stops_by"],
        "lapses_at": report["until_at"],
        "bank_lapses_at": report["bank_until_at"],
        "bank_stops_by": bank.at if bank else None,
    }
    told = {k: china_text(v) for k, v in instants.items() if isinstance(v, datetime)}
    return {**told, "receipt": str(report["receipt"])}


def _needed(step: Step) -> set[str]:
    """The names a sentence wants filled."""
    return {name for _, name, _, _ in string.Formatter().parse(step.words.zh_hans) if name}


def _spoken(step: Step, known: Mapping[str, str]) -> Spoken:
    text = step.words.say(language(), **known) if known else say(step.words)
    return Spoken(text, step.duty is Duty.ASK, bool(step.source))


def consequences(form: LossForm, view: CardView | None, bank: str) -> list[tuple[str, str]]:
    """What a report would do now, as label and computed instant."""
    mark = _("（假定）")

    def marked(field: str) -> str:
        return mark if field in form.terms.assumed else ""

    stops = china_text(form.stops_by or form.at)
    told = [(_("社保功能停用，最迟"), stops + marked("stop_deadline"))]
    if view is not None and view.card.bank_id:
        told.append((_("同时通知银行止付"), bank or view.card.bank_id))
    if form.force.value == "formal":
        told.append((_("期限"), _("永久停用，不能撤销")))
    elif form.lapses_at is None:
        told.append((_("期限"), _("不会自动解除") + marked("lapse_period")))
    else:
        cancels = form.at_lapse.value == "cancel"
        label = _("到期注销") if cancels else _("到期自动解除，卡恢复使用")
        told.append((label, china_text(form.lapses_at) + marked("lapse_period")))
    if form.needs_staff:
        told.append((_("生效"), _("您确认后生效")))
    return told
