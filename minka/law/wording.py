"""Values of the rules said in three languages, with the vocabulary of ``terms.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from minka.kit.fen import yuan
from minka.kit.words import Words
from minka.law import values
from minka.law.papers import AllOf, Copy, OneOf, OpenList, Owner, Paper
from minka.law.period import Bound, Calendar, Period, Strength, Unit
from minka.law.terms import term

_AND = Words("、", "、", ", ")
_OR = Words("或", "或", " or ")
_THEN = Words("；", "；", "; ")
_NOTHING = Words("无需材料", "無需材料", "no papers needed")


def join(parts: Iterable[Words], between: Words = _AND) -> Words:
    """Several words as one, with the separator of each language."""
    all_parts = tuple(parts)
    return Words(
        between.zh_hans.join(part.zh_hans for part in all_parts),
        between.zh_hant.join(part.zh_hant for part in all_parts),
        between.en.join(part.en for part in all_parts),
    )


def fill(pattern: Words, **facts: Words | str) -> Words:
    """A pattern with its ``{names}`` filled, each language by its own words."""
    said = {name: Words(f, f, f) if isinstance(f, str) else f for name, f in facts.items()}
    return Words(
        pattern.zh_hans.format(**{name: words.zh_hans for name, words in said.items()}),
        pattern.zh_hant.format(**{name: words.zh_hant for name, words in said.items()}),
        pattern.en.format(**{name: words.en for name, words in said.items()}),
    )


_UNITS: Mapping[tuple[Unit, Calendar | None], Words] = {
    (Unit.MINUTE, Calendar.CLOCK): Words("{n}分钟", "{n}分鐘", "{n} minute{s}"),
    (Unit.HOUR, Calendar.CLOCK): Words("{n}小时", "{n}小時", "{n} hour{s}"),
    (Unit.DAY, None): Words("{n}天", "{n}天", "{n} day{s}"),
    (Unit.DAY, Calendar.CIVIL): Words("{n}天（日历日）", "{n}天（日曆日）", "{n} calendar day{s}"),
    (Unit.DAY, Calendar.WORKING): Words("{n}个工作日", "{n}個工作日", "{n} working day{s}"),
    (Unit.WORKING_DAY, Calendar.WORKING): Words("{n}个工作日", "{n}個工作日", "{n} working day{s}"),
}
_BOUNDS: Mapping[Bound, Words] = {
    Bound.WITHIN: Words("{time}内", "{time}內", "within {time}"),
    Bound.AFTER: Words("{time}后", "{time}後", "after {time}"),
}
_ON_THE_SPOT = Words("当场", "當場", "on the spot")
_MAY = Words("可{time}", "可{time}", "{time}, where the office can")
_NEVER = Words("没有期限", "沒有期限", "no limit")


def say_period(period: Period) -> Words:
    """A period as the rule words it; people are told the computed instant instead."""
    if period.unit is Unit.NEVER:
        return _NEVER
    if period.unit is Unit.VISIT:
        said = _ON_THE_SPOT
    else:
        unit = _UNITS[period.unit, period.calendar]
        plural = "" if period.value == 1 else "s"
        said = fill(unit, n=str(period.value), s=plural)
        said = fill(_BOUNDS.get(period.bound, Words("{time}", "{time}", "{time}")), time=said)
    if period.strength is Strength.MAY:
        said = fill(_MAY, time=said)
    if period.start is None:
        return said
    started = Words("{start}{time}", "{start}{time}", "{time} {start}")
    return fill(started, start=term("start", period.start.value), time=said)


def say_papers(papers: Any) -> Words:
    """A tree of papers on one line."""
    match papers:
        case Paper(kind, copy, owner):
            return _whose(owner, _copied(term("paper", kind), copy))
        case OpenList(kind, accepted, owner):
            named = join((term("paper", code) for code in accepted), _OR)
            example = Words(
                "{kind}（如{named}）", "{kind}（如{named}）", "{kind} (such as {named})"
            )
            words = term("paper", kind)
            return _whose(owner, fill(example, kind=words, named=named) if accepted else words)
        case AllOf(()):
            return _NOTHING
        case AllOf(items):
            return join((say_papers(item) for item in items), _THEN)
        case OneOf(items):
            return join((say_papers(item) for item in items), _OR)
    raise TypeError(f"no tree of papers: {papers!r}")


def _whose(owner: Owner, paper: Words) -> Words:
    if owner is Owner.HOLDER:
        return paper
    pattern = Words("{owner}的{paper}", "{owner}的{paper}", "{owner} {paper}")
    return fill(pattern, owner=term("owner", owner.value), paper=paper)


def _copied(paper: Words, copy: Copy) -> Words:
    if copy is Copy.UNSTATED:
        return paper
    pattern = Words("{paper}{copy}", "{paper}{copy}", "{paper} ({copy})")
    return fill(pattern, paper=paper, copy=term("copy", copy.value))


def say_channel(channel: values.Channel) -> Words:
    """One channel with its number, hours and place."""
    words = term("channel", channel.kind)
    if channel.number:
        words = fill(Words("{w}{n}", "{w}{n}", "{w} {n}"), w=words, n=channel.number)
    extra = []
    if channel.place:
        extra.append(_classed(term("place", channel.place), channel.class_min))
    if channel.hours:
        extra.append(term("hours", channel.hours))
    if not extra:
        return words
    return fill(Words("{w}（{x}）", "{w}（{x}）", "{w} ({x})"), w=words, x=join(extra))


_CLASSES = {1: ("一级", "一級", "one"), 2: ("二级", "二級", "two"), 3: ("三级", "三級", "three")}


def _classed(place: Words, class_min: int | None) -> Words:
    if class_min is None:
        return place
    pattern = Words("{c}以上的{p}", "{c}以上的{p}", "{p} of class {c} or higher")
    return fill(pattern, c=Words(*_CLASSES[class_min]), p=place)


def say_places(places: values.Places) -> Words:
    """Kinds of places, nearest or same."""
    kinds = (_classed(term("place", kind), places.class_min) for kind in places.kinds)
    words = join(kinds, _OR)
    if places.nearness is values.Nearness.NEAREST:
        near = Words("{near}的{w}", "{near}的{w}", "{near} {w}")
        words = fill(near, near=term("nearness", "nearest"), w=words)
    if places.same_as:
        same = Words(
            "{w}（与申请时同一处）",
            "{w}（與申請時同一處）",
            "{w} (the same as for the application)",
        )
        words = fill(same, w=words)
    return words


def say_fee(fee: values.Fee) -> Words:
    """The amount, the amounts by reason, and who pays nothing."""
    parts = [_amount(fee.amount_fen)]
    for reason, amount in fee.by_reason:
        each = Words("{reason}：{amount}", "{reason}：{amount}", "{reason}: {amount}")
        parts.append(fill(each, reason=term("reason", reason), amount=_amount(amount)))
    if fee.waived_for:
        free = Words("{who}免收", "{who}免收", "waived for {who}")
        parts.append(fill(free, who=join(term("waiver", code) for code in fee.waived_for)))
    return join(parts, _THEN)


def _amount(amount_fen: int) -> Words:
    if amount_fen == 0:
        return Words("不收费", "不收費", "free")
    return fill(Words("{n}元", "{n}元", "{n} yuan"), n=yuan(amount_fen))


def say_withdrawal(rule: values.Withdrawal) -> Words:
    """Whether a report can be taken back, by force, moment and office."""
    before = Words("正式挂失前：{v}", "正式掛失前：{v}", "before formal loss: {v}")
    after = Words("正式挂失后：{v}", "正式掛失後：{v}", "after formal loss: {v}")
    parts = [
        fill(before, v=term("verdict", rule.before_formal.value)),
        fill(after, v=term("verdict", rule.after_formal.value)),
    ]
    if rule.until:
        parts.append(term("until", rule.until.value))
    if rule.where:
        parts.append(term("where", rule.where.value))
    return join(parts, _THEN)


def _say_facts(facts: values.Facts) -> Words:
    words = join(term("fact", code) for code in facts.names)
    if facts.listing is values.Listing.CLOSED:
        return words
    return fill(Words("{w}等", "{w}等", "{w} and others"), w=words)


def _say_throttle(rule: values.Throttle) -> Words:
    pattern = Words(
        "{period}超过{n}次：{a}", "{period}超過{n}次：{a}", "more than {n} {period}: {a}"
    )
    action = term("throttle", rule.action)
    return fill(pattern, period=say_period(rule.period), n=str(rule.count), a=action)


def _say_photo(photo: values.Photo) -> Words:
    size = f"{photo.width_px}×{photo.height_px}"
    pattern = Words(
        "{size}像素，{dpi}dpi；沿用已有照片：{v}",
        "{size}像素，{dpi}dpi；沿用已有照片：{v}",
        "{size} pixels, {dpi} dpi; photo on file may serve: {v}",
    )
    return fill(pattern, size=size, dpi=str(photo.dpi), v=term("verdict", photo.reuse.value))


def _say_balance(balance: values.Balance) -> Words:
    action = term("balance", balance.action)
    if balance.after is None:
        return action
    pattern = Words("{after}{action}", "{after}{action}", "{action} {after}")
    return fill(pattern, action=action, after=term("event", balance.after))


def _say_reimbursement(rule: values.Reimbursement) -> Words:
    pattern = Words("{n}次：{which}", "{n}次：{which}", "{n} time(s): {which}")
    return fill(pattern, n=str(rule.count), which=term("reimbursement", rule.which))


def _say_loss_period(rule: values.LossPeriod) -> Words:
    parts = [term("begins", rule.begins)]
    if rule.before is not None:
        most = Words("最早为挂失前{p}", "最早為掛失前{p}", "at most {p} before the report")
        parts.append(fill(most, p=say_period(replace(rule.before, bound=Bound.UNSTATED))))
    return join([*parts, term("dated_by", rule.dated_by)], _THEN)


def _say_signing(rule: values.Signing) -> Words:
    pattern = Words("满{n}须由两人审批", "滿{n}須由兩人審批", "two people from {n}")
    return fill(pattern, n=_amount(rule.two_people_from_fen))


_LISTS = {"reasons": "reason", "actors": "actor"}
_CODES = {
    "again": "again",
    "certificate": "paper",
    "condition": "condition",
    "confirmed_by": "confirmer",
    "duty": "duty",
    "electronic_card": "electronic_card",
    "force": "force",
    "form": "form",
    "lapse_action": "lapse_action",
    "pin": "pin",
    "procedure": "procedure",
    "renewable": "renewable",
    "result": "result",
    "statement": "statement",
    "uncollected": "uncollected",
}
_SHAPES: Mapping[type, Any] = {
    Period: say_period,
    Paper: say_papers,
    OpenList: say_papers,
    AllOf: say_papers,
    OneOf: say_papers,
    values.Places: say_places,
    values.Facts: _say_facts,
    values.Fee: say_fee,
    values.Withdrawal: say_withdrawal,
    values.Throttle: _say_throttle,
    values.Photo: _say_photo,
    values.Balance: _say_balance,
    values.Reimbursement: _say_reimbursement,
    values.LossPeriod: _say_loss_period,
    values.Signing: _say_signing,
}


def say(field: str, value: Any) -> Words:
    """The value of a field in three languages; None is said as the silence of the source."""
    if value is None:
        return term("source", "silent")
    if type(value) in _SHAPES:
        words: Words = _SHAPES[type(value)](value)
        return words
    if field == "channels":
        return join((say_channel(channel) for channel in value), _THEN)
    if field in _LISTS:
        return join(term(_LISTS[field], code) for code in value)
    if field in _CODES:
        return term(_CODES[field], value)
    if value == "at_once":
        return term("collection", "at_once")
    return fill(Words("见{id}", "見{id}", "see {id}"), id=value)
