"""The expectations of stories: each compares one thing with the answer or with the register."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from minka.bench.story_cast import Player
from minka.bench.story_text import Group, StoryFault
from minka.bench.story_words import NOTICES, REFUSALS, STANDINGS, USE_REFUSALS, word
from minka.desk.act import Answer
from minka.desk.look import CardView, PersonFile, file_of_person
from minka.desk.office import Office
from minka.kit.clock import CHINA
from minka.kit.fen import from_yuan
from minka.law.guide import markdown, page
from minka.law.region import Entry, RegionLaw
from minka.store import cards
from minka.store.connection import row

_SPAN = re.compile(r"(\d+)(天|小时|分钟|秒)")
_UNITS = {"天": "days", "小时": "hours", "分钟": "minutes", "秒": "seconds"}
_FORCES = {"预挂失": "provisional", "正式挂失": "formal"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step: the answer if the desk gave one, and where to look further."""

    office: Office
    law: RegionLaw
    player: Player | None
    at: datetime
    answer: Answer | None = None

    def facts(self, part: str = "") -> Mapping[str, Any]:
        """The facts of the answer; of a case that holds two, those of one part or both."""
        found: Mapping[str, Any] = self.answer.facts if self.answer else {}
        if part:
            return dict(found.get(part, found))
        if "replacement" in found:
            return {**found["loss"], **found["replacement"], "rules": _rules(found)}
        return found

    def text(self, name: str, part: str = "") -> str:
        """One fact as text; empty when it is not there."""
        value = self.facts(part).get(name)
        return "" if value is None else str(value)

    def instant(self, name: str) -> datetime | None:
        """One fact as an instant in China."""
        text = self.text(name)
        return datetime.fromisoformat(text).astimezone(CHINA) if text else None

    def file(self) -> PersonFile:
        """The file of the step's person."""
        if self.player is None:
            raise StoryFault("没有说是谁 · nobody is named")
        file = file_of_person(self.office, self.player.person_id)
        assert file is not None, "a person of the story is on file"
        return file


Check = Callable[[Outcome, Group], str]


def _rules(found: Mapping[str, Any]) -> list[str]:
    return [found["loss"]["rule"], found["replacement"]["rule"]]


def check(outcome: Outcome, wanted: Group) -> str:
    """What was found instead, or nothing when the expectation is met."""
    if wanted.key == "拒绝":
        return _refused(outcome, wanted)
    looks_inside = wanted.key in REGISTER or wanted.key in LAW
    refused = outcome.answer is not None and not outcome.answer.accepted
    if outcome.answer is not None and refused and not looks_inside and wanted.key != "说":
        return f"拒绝 {outcome.answer.code} {outcome.answer.say()}"
    act = {**ANSWER, **REGISTER, **LAW}.get(wanted.key)
    if act is None:
        known = "、".join(sorted({*ANSWER, *REGISTER, *LAW, "拒绝"}))
        raise StoryFault(f"没有这种结果：{wanted.key}。有：{known}")
    return act(outcome, wanted)


def _refused(outcome: Outcome, wanted: Group) -> str:
    """``拒绝 材料不全``, and after it what the sentence must hold: ``拒绝 材料不全 户口簿``."""
    answer = outcome.answer
    if answer is None or answer.accepted:
        return f"办成 {dict(outcome.facts())}"
    name, *held = wanted.words
    codes = USE_REFUSALS if answer.code.startswith("cards.") else REFUSALS
    code = word({**REFUSALS, **codes}, name, "拒绝原因")
    if answer.code.rpartition(".")[2] != code:
        return f"拒绝 {answer.code} {answer.say()}"
    return "" if all(each in answer.say() for each in held) else answer.say()


def _same(found: object, wanted: object) -> str:
    return "" if found == wanted else f"{found}"


def _minute(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M") if instant else "没有"


def _instant(name: str) -> Check:
    """An instant to the minute, or ``没有`` when there must be none."""

    def act(outcome: Outcome, wanted: Group) -> str:
        text = wanted.text()
        found = _minute(outcome.instant(name))
        return _same(found[:10] if len(text) == 10 and text[4] == "-" else found, text)

    return act


def _span(of: str, after: str) -> Check:
    """The exact time between two instants of the answer: ``有效 10天``."""

    def act(outcome: Outcome, wanted: Group) -> str:
        end, start = outcome.instant(of), outcome.instant(after)
        if end is None or start is None:
            return "没有"
        return _same(end - start, _duration(wanted.text()))

    return act


def _duration(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise StoryFault(f"看不懂时间 {text}")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _fact(name: str, value: str) -> Check:
    return lambda outcome, _: _same(outcome.text(name), value)


def _money(name: str) -> Check:
    def act(outcome: Outcome, wanted: Group) -> str:
        return _same(outcome.text(name), str(from_yuan(wanted.text().removesuffix("元"))))

    return act


def _rule(outcome: Outcome, wanted: Group) -> str:
    """The rules the act stands on: ``依据 R1-06 R1-07``."""
    found = [ref.partition("@")[0] for ref in outcome.facts().get("rules", [outcome.text("rule")])]
    return _same(found, list(wanted.words))


def _assumed(outcome: Outcome, wanted: Group) -> str:
    found = list(outcome.facts().get("assumed", ()))
    return "" if all(each in found for each in wanted.words) else " ".join(found)


def _old_card(outcome: Outcome, wanted: Group) -> str:
    """What the application did to the old card: ``旧卡 正式挂失``, ``旧卡 照用``."""
    stops = {**_FORCES, "照用": "", "已停": ""}
    return _same(outcome.text("old_card_stop"), word(stops, wanted.text(), "旧卡"))


def _says(outcome: Outcome, wanted: Group) -> str:
    said = outcome.answer.say() if outcome.answer else ""
    return "" if wanted.text() in said else said


def _done(outcome: Outcome, wanted: Group) -> str:
    return "" if outcome.answer is None or outcome.answer.accepted else outcome.answer.code


def _again(outcome: Outcome, wanted: Group) -> str:
    """The same answer was given again, and nothing was done twice."""
    return "" if outcome.answer and outcome.answer.replayed else "不是重复的答复"


def _standing(outcome: Outcome, wanted: Group) -> str:
    """``卡 正常``; at another instant ``卡 正常 于 2026-12-02 15:32:01``; ``旧卡`` before it."""
    view = _card(outcome, wanted)
    if view is None:
        return "没有这张卡"
    code = word(STANDINGS, wanted.words[0], "卡态")
    at = _named_instant(wanted) or outcome.at
    card = view.card
    with outcome.office.register.act() as connection:
        now = max(at, cards.now(connection, None)) if at == outcome.at else at
        found = cards.standing(connection, card.person_id, card.card_id, now)
    return _same(found.value, code)


def _named_instant(wanted: Group) -> datetime | None:
    if "于" not in wanted.words:
        return None
    text = " ".join(wanted.words[wanted.words.index("于") + 1 :])
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def _card(outcome: Outcome, wanted: Group) -> CardView | None:
    file = outcome.file()
    assert outcome.player is not None, "a file belongs to a person"
    first = outcome.player.card_number
    kinds: dict[str, list[CardView]] = {
        "原卡": [v for v in file.cards if v.card.card_number == first],
        "新卡": [v for v in file.cards if v.card.card_number != first],
    }
    meant = file.in_hand()
    return next(iter(kinds.get(wanted.key, [meant] if meant else [])), None)


def _two_stops(outcome: Outcome, wanted: Group) -> str:
    """``两项停用 社保已停 银行处理中``: each side for itself."""
    view = _card(outcome, wanted)
    stops = view.stops if view else None
    if stops is None:
        return "没有停用"
    bank = {"none": "无银行账户", "pending": "银行处理中", "confirmed": "银行已停"}[stops.bank]
    found = ["社保已停" if stops.social_at else "社保处理中", bank]
    return _same(found, list(wanted.words))


def _offered(outcome: Outcome, wanted: Group) -> str:
    found = outcome.file().running()
    return _same(found.plain.name.zh_hans if found else "没有", wanted.text())


def _promised(outcome: Outcome, wanted: Group) -> str:
    """``可领 2026-12-14``, ``可领 2027-02-09 暂定``."""
    running = outcome.file().running()
    if running is None or running.promised_at is None:
        return "没有"
    firm = {"firm": "确定", "provisional": "暂定"}[running.promise]
    found = [running.promised_at.astimezone(CHINA).strftime("%Y-%m-%d"), firm]
    return _same(found[: len(wanted.words)], list(wanted.words))


def _told(outcome: Outcome, wanted: Group) -> str:
    """``通知 到期提醒 于 2026-11-22 15:32``: a text that is due by now, or at an instant."""
    assert outcome.player is not None, "a text goes to a person"
    topic = word(NOTICES, wanted.words[0], "通知")
    at = _named_instant(wanted)
    with outcome.office.register.act() as connection:
        found = connection.execute(
            "select next_at from outbox_state where person_id = %s and topic = %s"
            " order by outbox_id desc",
            (outcome.player.person_id, topic),
        ).fetchall()
    due = [each["next_at"].astimezone(CHINA) for each in found]
    if at is not None:
        return "" if any(_minute(each) == _minute(at) for each in due) else f"{due}"
    now = outcome.at + timedelta(minutes=1)
    return "" if any(each <= now for each in due) else f"{due}"


def _untold(outcome: Outcome, wanted: Group) -> str:
    return "" if _told(outcome, wanted) else "有"


def _count(table: str, where: str) -> Check:
    def act(outcome: Outcome, wanted: Group) -> str:
        assert outcome.player is not None, "counted for a person"
        with outcome.office.register.act() as connection:
            found = connection.execute(
                f"select count(*) as n from {table} where person_id = %s {where}".encode(),
                (outcome.player.person_id,),
            ).fetchone()
        return _same(found["n"] if found else 0, int(wanted.words[0].removesuffix("件")))

    return act


def _kept(outcome: Outcome, wanted: Group) -> str:
    """``记录 reason=stolen actor=agent``: what the last report of the person stores."""
    assert outcome.player is not None, "a report is about a person"
    with outcome.office.register.act() as connection:
        known = row(connection, "loss.receipt", code=outcome.player.loss)
        if known is None:
            return "没有挂失记录"
        place = {"person_id": known["person_id"], "report_id": known["fact_id"]}
        report = row(connection, "loss.report", **place) or {}
    wrong = [
        f"{name}={report.get(name)}"
        for name, _, value in (each.partition("=") for each in wanted.words)
        if str(report.get(name)) != value
    ]
    return " ".join(wrong)


def _new_kind(outcome: Outcome, wanted: Group) -> str:
    view = _card(outcome, Group("新卡"))
    return _same(view.card.kind if view else "没有新卡", wanted.text())


def _guide(outcome: Outcome, wanted: Group) -> str:
    """``指南 余额 清户通知单``: the public guide page of the region holds every word."""
    workdays = outcome.office.book().workdays(outcome.law.id)
    shown = markdown(page(outcome.law, outcome.at, workdays), "zh-hans")
    return " ".join(each for each in wanted.words if each not in shown)


def _entry(outcome: Outcome, wanted: Group) -> tuple[Entry, list[str]]:
    entry_id, *rest = wanted.words
    return outcome.law.entry(entry_id), rest


def _law_says(outcome: Outcome, wanted: Group) -> str:
    """``规则 R1-01 channels 96102 24h``: the field's value, as data, holds every word."""
    entry, (field, *held) = _entry(outcome, wanted)
    found = str(entry.value(field))
    return "" if all(each in found for each in held) else found


def _law_silent(outcome: Outcome, wanted: Group) -> str:
    """``原文未说 R1-01 fee``: the source says nothing, or what is used is marked as assumed."""
    entry, names = _entry(outcome, wanted)
    spoken = [n for n in names if entry.value(n) is not None and not entry.leaf(n).marked]
    return " ".join(f"{name}={entry.value(name)}" for name in spoken)


def _cited(outcome: Outcome, wanted: Group) -> str:
    entry, (field, phrase) = _entry(outcome, wanted)
    found = entry.leaf(field).cite
    return "" if phrase in found else found


ANSWER: dict[str, Check] = {
    "办成": _done,
    "重复答复": _again,
    "说": _says,
    **{name: _fact("force", code) for name, code in _FORCES.items()},
    "待确认": _fact("state", "unconfirmed"),
    "已停用": _fact("state", "in_force"),
    "到期": _instant("lapses_at"),
    "有效": _span("lapses_at", "accepted_at"),
    "最迟停用": _instant("stops_by"),
    "停用时限": _span("stops_by", "stopped_at"),
    "银行到期": _instant("bank_lapses_at"),
    "恢复": _instant("resumed_at"),
    "最迟恢复": _instant("resumes_by"),
    "恢复时限": _span("resumes_by", "withdrawn_at"),
    "承诺": _instant("promised_at"),
    "暂定": _fact("promise", "provisional"),
    "确定": _fact("promise", "firm"),
    "当场": _fact("on_the_spot", "yes"),
    "不当场": _fact("on_the_spot", "no"),
    "费用": _money("fee_fen"),
    "实收": _money("amount_fen"),
    "退费": _money("refund_fen"),
    "旧卡": _old_card,
    "依据": _rule,
    "假定": _assumed,
    "号码": lambda outcome, wanted: _same(outcome.text("ticket"), wanted.text()),
    "前面": lambda o, wanted: _same(o.text("ahead"), wanted.text().removesuffix("人")),
    "改期": lambda o, wanted: _same(o.text("moved"), wanted.text().removesuffix("件")),
}
"""Expectations about the answer."""

REGISTER: dict[str, Check] = {
    **dict.fromkeys(("卡", "原卡", "新卡"), _standing),
    "两项停用": _two_stops,
    "进度": _offered,
    "可领": _promised,
    "通知": _told,
    "没有通知": _untold,
    "记录": _kept,
    "新卡种": _new_kind,
    "可疑": _count("loss_report", "and details->>'suspicion' <> ''"),
    "挂失记录": _count("loss_report", ""),
    "补卡申请": _count("application", ""),
    "停用记录": _count("block", ""),
}
"""Expectations about the register, whatever was answered."""

LAW: dict[str, Check] = {
    "规则": _law_says,
    "原文未说": _law_silent,
    "原文": _cited,
    "指南": _guide,
}
"""Expectations about the law of the day."""
