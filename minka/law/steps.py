"""The clerk's checklist and the hotline's script for an act, made from its rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from minka.kit.words import Words
from minka.law.papers import AllOf, OpenList, Paper, Papers
from minka.law.region import AGENTS, Entry, RegionLaw, Source
from minka.law.terms import term
from minka.law.values import Listing, Verdict
from minka.law.wording import fill, say, say_papers, say_places


class Duty(Enum):
    """What a line of a checklist or script asks of the clerk."""

    SEE = "see"
    ASK = "ask"
    DO = "do"
    SAY = "say"


@dataclass(frozen=True, slots=True)
class Step:
    """One line for the clerk; ``words`` may hold ``{names}`` that the desk fills by instants."""

    code: str
    duty: Duty
    words: Words
    source: Source
    need: Papers | None = None
    """The paper (or the choice of papers) a SEE line is about."""


def checklist(entry: Entry, actor: str = "holder") -> tuple[Step, ...]:
    """What the clerk sees, asks and does for an act, in the order of the counter."""
    steps: list[Step] = []
    name = "papers_agent" if actor in (*AGENTS, "employer_clerk") else "papers_self"
    if entry.value(name) is not None:
        steps += _papers_to_see(entry, name)
    if entry.value("facts_stated"):
        steps += _facts_to_ask(entry)
    for field, duty, words in _DEEDS:
        if entry.value(field) is not None:
            steps.append(_deed(entry, field, duty, words))
    return tuple(steps)


_SEE = Words("查验：{paper}", "查驗：{paper}", "See: {paper}")
_ASK = Words("请说出您的{fact}。", "請說出您的{fact}。", "Please state your {fact}.")
_MORE = Words(
    "必要时核对其他信息。", "必要時核對其他資訊。", "Ask for further facts where they are needed."
)
_DEEDS = (
    ("condition", Duty.ASK, Words("请声明：{value}", "請聲明：{value}", "Declare: {value}")),
    ("confirmed_by", Duty.DO, Words("由{value}确认", "由{value}確認", "Confirmed by {value}")),
    ("photo", Duty.DO, Words("照片：{value}", "照片：{value}", "Photo: {value}")),
    ("fee", Duty.DO, Words("收费：{value}", "收費：{value}", "Fee: {value}")),
    ("certificate", Duty.DO, Words("发放或收回：{value}", "發放或收回：{value}", "Paper: {value}")),
    ("result", Duty.DO, Words("结果：{value}", "結果：{value}", "Result: {value}")),
)


def _papers_to_see(entry: Entry, name: str) -> list[Step]:
    leaf = entry.leaf(name)
    items = leaf.value.items if isinstance(leaf.value, AllOf) else (leaf.value,)
    return [
        Step(_code(item), Duty.SEE, fill(_SEE, paper=say_papers(item)), leaf.assumed, item)
        for item in items
    ]


def _code(papers: Papers) -> str:
    return papers.kind if isinstance(papers, Paper | OpenList) else "one_of"


def _facts_to_ask(entry: Entry) -> list[Step]:
    leaf = entry.leaf("facts_stated")
    steps = [
        Step(code, Duty.ASK, fill(_ASK, fact=term("fact", code)), leaf.assumed)
        for code in leaf.value.names
    ]
    if leaf.value.listing is Listing.OPEN:
        steps.append(Step("further_facts", Duty.ASK, _MORE, leaf.assumed))
    return steps


def _deed(entry: Entry, field: str, duty: Duty, words: Words) -> Step:
    leaf = entry.leaf(field)
    return Step(field, duty, fill(words, value=say(field, leaf.value)), leaf.assumed)


_SENTENCES = {
    "greeting": Words(
        "您好，这里是{city}{hotline}。请问卡是怎么了？",
        "您好，這裡是{city}{hotline}。請問卡是怎麼了？",
        "Good day, this is the {hotline} of {city}. What happened to the card?",
    ),
    "confirm": Words(
        "请稍候，由{who}确认。", "請稍候，由{who}確認。", "One moment: {who} will confirm."
    ),
    "taken": Words(
        "已为您办理{force}，受理编号{{receipt}}，受理时间{{accepted_at}}。",
        "已為您辦理{force}，受理編號{{receipt}}，受理時間{{accepted_at}}。",
        "Your {force} loss report is taken at {{accepted_at}}; its number is {{receipt}}.",
    ),
    "stops": Words(
        "该卡的结算最迟于{{stops_by}}停止。",
        "該卡的結算最遲於{{stops_by}}停止。",
        "Settlement with the card stops at {{stops_by}} at the latest.",
    ),
    "bank": Words(
        "银行账户部分由银行停用，最迟于{{bank_stops_by}}；银行确认后会通知您。",
        "銀行帳戶部分由銀行停用，最遲於{{bank_stops_by}}；銀行確認後會通知您。",
        "The bank stops its part at {{bank_stops_by}} at the latest; you are told when it has.",
    ),
    "release": Words(
        "挂失有效至{{lapses_at}}，届时自动解挂，卡恢复使用；找不到卡请在此之前办理正式挂失或补卡。",
        "掛失有效至{{lapses_at}}，屆時自動解掛，卡恢復使用；找不到卡請在此之前辦理正式掛失或補卡。",
        "The block stands until {{lapses_at}}; then the card works again by itself. If you do not"
        " find it, report it formally or replace it before.",
    ),
    "cancel": Words(
        "挂失有效至{{lapses_at}}，届时该卡将被注销；如找回请在此之前办理撤销。",
        "掛失有效至{{lapses_at}}，屆時該卡將被註銷；如找回請在此之前辦理撤銷。",
        "The block stands until {{lapses_at}}; then the card is cancelled. If you find it, take"
        " the report back before.",
    ),
    "none": Words("挂失不会自动解除。", "掛失不會自動解除。", "The block does not end by itself."),
    "bank_lapse": Words(
        "银行账户部分的挂失有效至{{bank_lapses_at}}。",
        "銀行帳戶部分的掛失有效至{{bank_lapses_at}}。",
        "The bank's part stands until {{bank_lapses_at}}.",
    ),
    "found": Words(
        "如找回原卡，可到{place}撤销挂失。",
        "如找回原卡，可到{place}撤銷掛失。",
        "If you find the card, you can take the report back at {place}.",
    ),
    "final": Words("该挂失不能撤销。", "該掛失不能撤銷。", "This report cannot be taken back."),
}


def script(law: RegionLaw, entry: Entry) -> tuple[Step, ...]:
    """What the hotline agent asks and says for one loss rule, in order.

    ``{receipt}``, ``{accepted_at}``, ``{stops_by}``, ``{bank_stops_by}``, ``{lapses_at}`` and
    ``{bank_lapses_at}`` are filled by the desk with the computed instants, never with the rule.
    """
    return (_greeting(law), *_facts(entry), *_taken(entry), *_ends(law, entry))


def _greeting(law: RegionLaw) -> Step:
    hotline = term("channel", "hotline")
    words = fill(_SENTENCES["greeting"], city=law.names, hotline=hotline)
    return Step("greeting", Duty.SAY, words, Source.TEXT)


def _facts(entry: Entry) -> list[Step]:
    return _facts_to_ask(entry) if entry.value("facts_stated") else []


def _taken(entry: Entry) -> list[Step]:
    steps = []
    if entry.value("confirmed_by"):
        who = term("confirmer", entry.value("confirmed_by"))
        steps.append(_step("confirm", Duty.DO, entry, "confirmed_by", who=who))
    force = term("force", entry.value("force") or "provisional")
    steps.append(_step("taken", Duty.SAY, entry, "force", force=force))
    if entry.value("stop_deadline"):
        steps.append(_step("stops", Duty.SAY, entry, "stop_deadline"))
    if entry.value("bank_stop_deadline"):
        steps.append(_step("bank", Duty.SAY, entry, "bank_stop_deadline"))
    return steps


def _ends(law: RegionLaw, entry: Entry) -> list[Step]:
    steps = []
    lapse = law.lapse(entry)
    if lapse is not None and lapse.value("lapse_action"):
        steps.append(_step(lapse.value("lapse_action"), Duty.SAY, lapse, "lapse_action"))
        if lapse.value("bank_lapse_period"):
            steps.append(_step("bank_lapse", Duty.SAY, lapse, "bank_lapse_period"))
    rule = entry.value("withdrawal")
    if rule is not None:
        steps += _way_back(law, entry, rule.verdict(entry.value("force") or "provisional"))
    return steps


def _way_back(law: RegionLaw, entry: Entry, verdict: Verdict) -> list[Step]:
    if verdict is Verdict.REFUSED:
        return [_step("final", Duty.SAY, entry, "withdrawal")]
    rule = law.withdrawal()
    if verdict is not Verdict.ALLOWED or rule is None or rule.value("place") is None:
        return []
    return [_step("found", Duty.SAY, rule, "place", place=say_places(rule.value("place")))]


def _step(code: str, duty: Duty, entry: Entry, field: str, **facts: Words) -> Step:
    return Step(code, duty, fill(_SENTENCES[code], **facts), entry.leaf(field).assumed)
