"""The verbs of stories: what a step does at the door, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from minka.bench.people import invented_number
from minka.bench.places import kiosk_id
from minka.bench.portrait import portrait
from minka.bench.story_cast import Player
from minka.bench.story_checks import Outcome
from minka.bench.story_doors import Door
from minka.bench.story_text import Step, StoryFault
from minka.bench.story_words import (
    ACTORS,
    DOCUMENTS,
    FACTS,
    REASONS,
    ROLES,
    THE_CARD,
    paper,
    place,
    word,
)
from minka.desk.act import Request
from minka.desk.apply import ApplyReplacement, LoseAndReplace
from minka.desk.calendar import LoadNotice
from minka.desk.collect import ActivateCard, AdvanceCard, CollectCard, PayFee, WithdrawApplication
from minka.desk.confirm import ConfirmReport
from minka.desk.loss import Agent, ReportLoss
from minka.desk.office import Office
from minka.desk.papers import IssueDocument, StampDocument
from minka.desk.photo import SubmitPhoto
from minka.desk.queue import CallNext, TakeTicket
from minka.desk.use import UseCard
from minka.desk.withdraw import FreezeCard, WithdrawLoss
from minka.kit.fen import from_yuan
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.law.region import RegionLaw

CHANNELS = {
    "热线挂失": ("hotline", "hotline_agent"),
    "窗口挂失": ("counter", "counter_clerk"),
    "终端挂失": ("kiosk", ""),
    "网上挂失": ("web", ""),
    "短信挂失": ("sms", ""),
    "单位网上挂失": ("employer_online", "employer_clerk"),
    "征收窗口挂失": ("employer_counter", "counter_clerk"),
    "银行挂失": ("bank_counter", "bank_clerk"),
}


@dataclass(slots=True)
class Stage:
    """A story in progress: its register, its door, its people."""

    office: Office
    door: Door
    law: RegionLaw
    players: dict[str, Player]
    keys: int = 0

    def request(self, step: Step, role: str) -> Request:
        """A request of its own for a step, unless the story names its key."""
        self.keys += 1
        keyed, by = step.group("编号"), step.group("由")
        caller = step.group("来电")
        return Request(
            key=f"story:{keyed.text() if keyed else self.keys}",
            origin="story",
            actor=by.text() if by else "story",
            role=word(ROLES, by.text(), "岗位") if by else role,
            caller=Clear(caller.text() if caller else ""),
        )


Act = Callable[[Stage, Step], Outcome]


def _who(stage: Stage, step: Step) -> Player:
    if not step.who:
        raise StoryFault(f"第{step.line}行：没有说是谁 · nobody is named: {step.text}")
    return stage.players[step.who]


def _perform(stage: Stage, step: Step, command: object, role: str = "") -> Outcome:
    answer = stage.door.perform(stage.request(step, role), command)
    return Outcome(stage.office, stage.law, stage.players.get(step.who), step.at, answer)


def _stated(step: Step, player: Player) -> tuple[Clear, dict[str, Clear]]:
    """The number and the further facts as stated: ``报 姓名 错卡号``."""
    group = step.group("报")
    said = group.words if group else ("身份证号码",)
    truth, stated = player.truth(), {}
    for each in said:
        wrong = each.startswith("错")
        name = word(FACTS, each.removeprefix("错"), "信息")
        stated[name] = Clear(_wrong(name, truth[name]) if wrong else truth[name])
    return stated.pop("id_number", Clear("")), stated


def _wrong(name: str, true: str) -> str:
    """A fact that is well formed and not his."""
    if name == "id_number":
        return invented_number(true[:6], true[6:14], int(true[14:17]) + 300)
    return f"{true[:-1]}{'X' if true[-1:] != 'X' else '0'}" if name != "name" else f"{true}甲"


def _shown(step: Step) -> tuple[ShownPaper, ...]:
    group = step.group("带")
    return tuple(paper(each) for each in (group.words if group else ()) if each != THE_CARD)


def _documents(step: Step, player: Player) -> tuple[str, ...]:
    group = step.group("凭")
    return tuple(player.documents.get(each, each) for each in (group.words if group else ()))


def _agent(stage: Stage, step: Step) -> tuple[str, Agent | None]:
    """Who acts: ``代办 亲属 李某``; the holder when nobody is named."""
    group = step.group("代办")
    if group is None:
        return "holder", None
    kind, *names = group.words
    actor = word(ACTORS, kind, "代办人")
    deputy = stage.players[names[0]] if names else None
    if deputy is None:
        return actor, None
    return actor, Agent(Clear(deputy.name), deputy.number, kind)


def _place(stage: Stage, step: Step) -> str:
    group = step.group("在")
    return place(stage.law.id, group.text()) if group else ""


def _report(stage: Stage, step: Step) -> Outcome:
    player = _who(stage, step)
    channel, role = CHANNELS[step.verb]
    command = _loss_of(stage, step, player, channel)
    outcome = _perform(stage, step, command, role)
    player.loss = outcome.text("receipt") or player.loss
    return outcome


def _loss_of(stage: Stage, step: Step, player: Player, channel: str) -> ReportLoss:
    number, stated = _stated(step, player)
    actor, agent = _agent(stage, step)
    if channel.startswith("employer"):
        actor = "employer_clerk"
    reason, force, unit = step.group("原因"), step.group("正式"), step.group("单位")
    where = _place(stage, step)
    kiosk = channel == "kiosk"
    return ReportLoss(
        region=stage.law.id,
        channel=channel,
        number=number,
        stated=stated,
        reason=word(REASONS, reason.text(), "原因") if reason else "lost",
        force="formal" if force else "",
        actor=actor,
        agent=agent,
        employer_id=f"{stage.law.id}-E{unit.text()}" if unit else "",
        place_id="" if kiosk else where,
        kiosk_id=kiosk_id(where) if kiosk else "",
        papers=_shown(step),
        documents=_documents(step, player),
    )


def _confirm(stage: Stage, step: Step) -> Outcome:
    return _perform(stage, step, ConfirmReport(_who(stage, step).loss), "medical_staff")


def _withdraw(stage: Stage, step: Step) -> Outcome:
    player = _who(stage, step)
    group = step.group("带")
    by = step.group("渠道")
    channels = {"网上": "web", "热线": "hotline", "终端": "kiosk", "窗口": "counter"}
    command = WithdrawLoss(
        region=stage.law.id,
        channel=word(channels, by.text(), "渠道") if by else "counter",
        number=player.number,
        place_id=_place(stage, step),
        papers=_shown(step),
        found_card_number=player.card_number if group and THE_CARD in group.words else "",
        actor=_agent(stage, step)[0],
    )
    return _perform(stage, step, command, "counter_clerk")


def _freeze(what: str) -> Act:
    def act(stage: Stage, step: Step) -> Outcome:
        player = _who(stage, step)
        stated = {"name": Clear(player.name)}
        return _perform(stage, step, FreezeCard(stage.law.id, player.number, what, stated))

    return act


def _application(stage: Stage, step: Step, player: Player, channel: str) -> ApplyReplacement:
    reason, waiver = step.group("原因"), step.group("减免")
    bank, photo = step.group("新卡银行"), step.group("照片")
    actor, agent = _agent(stage, step)
    return ApplyReplacement(
        region=stage.law.id,
        channel=channel,
        number=player.number,
        place_id=_place(stage, step),
        reason=word(REASONS, reason.text(), "原因") if reason else "lost",
        stated={"name": Clear(player.name)},
        actor=actor,
        agent=agent,
        papers=_shown(step),
        documents=_documents(step, player),
        photo_code=(player.photo or photo.text()) if photo else "",
        waiver=waiver.text() if waiver else "",
        bank_id=bank.text() if bank else "",
    )


def _apply(stage: Stage, step: Step) -> Outcome:
    player = _who(stage, step)
    command = _application(stage, step, player, "counter")
    return _keep(player, _perform(stage, step, command, "counter_clerk"))


def _both(stage: Stage, step: Step) -> Outcome:
    """Formal loss and replacement in one visit; at a bank its own counter takes them."""
    player = _who(stage, step)
    channel = "bank_counter" if "BOC" in _place(stage, step) else "counter"
    loss = _loss_of(stage, step, player, channel)
    command = LoseAndReplace(
        replace(loss, force="formal"), _application(stage, step, player, channel)
    )
    role = "bank_clerk" if channel == "bank_counter" else "counter_clerk"
    return _keep(player, _perform(stage, step, command, role))


def _keep(player: Player, outcome: Outcome) -> Outcome:
    player.application = outcome.text("receipt", "replacement") or player.application
    player.slip = outcome.text("slip", "replacement") or player.slip
    player.loss = outcome.text("receipt", "loss") or player.loss
    return outcome


def _photo(stage: Stage, step: Step) -> Outcome:
    """``王某 交照片 合格``: a drawn portrait, good or with a fault."""
    player, look = _who(stage, step), step.group("")
    command = SubmitPhoto(
        stage.law.id, player.number, Clear(portrait(look.text() if look else "合格"))
    )
    outcome = _perform(stage, step, command, "counter_clerk")
    player.photo = outcome.text("photo_code") or player.photo
    return outcome


def _pay(stage: Stage, step: Step) -> Outcome:
    means = step.group("")
    names = {"现金": "cash", "扫码": "qr", "刷卡": "card"}
    by = word(names, means.text(), "付款方式") if means else "cash"
    return _perform(stage, step, PayFee(_who(stage, step).application, by), "counter_clerk")


def _advance(move: str) -> Act:
    def act(stage: Stage, step: Step) -> Outcome:
        return _perform(stage, step, AdvanceCard(_who(stage, step).application, move), "factory")

    return act


def _collect(stage: Stage, step: Step) -> Outcome:
    player = _who(stage, step)
    actor, agent = _agent(stage, step)
    slip = step.group("凭")
    command = CollectCard(
        slip=slip.text() if slip else player.slip,
        place_id=_place(stage, step),
        number=player.number,
        papers=_shown(step),
        actor=actor,
        agent=agent,
    )
    return _perform(stage, step, command, "counter_clerk")


def _activate(stage: Stage, step: Step) -> Outcome:
    player, actor = _who(stage, step), _agent(stage, step)[0]
    return _perform(stage, step, ActivateCard(player.application, player.number, actor))


def _withdraw_application(stage: Stage, step: Step) -> Outcome:
    player = _who(stage, step)
    command = WithdrawApplication(player.application, player.number)
    return _perform(stage, step, command, "counter_clerk")


def _issue(stage: Stage, step: Step) -> Outcome:
    """``王某 开具挂失单，由 银行经办``; an employer's letter names its employer: ``单位 1``."""
    player, name = _who(stage, step), step.verb.removeprefix("开具")
    unit = step.group("单位")
    command = IssueDocument(
        kind=word(DOCUMENTS, name, "单据"),
        number=player.number,
        issued_by=f"{stage.law.id}-E{unit.text()}" if unit else "BANK1",
        employer_id=f"{stage.law.id}-E{unit.text()}" if unit else "",
    )
    outcome = _perform(stage, step, command, "bank_clerk")
    player.documents[name] = outcome.text("code") or player.documents.get(name, "")
    return outcome


def _stamp(stage: Stage, step: Step) -> Outcome:
    code = _who(stage, step).documents["证明信"]
    return _perform(stage, step, StampDocument(code, "医保处"), "medical_staff")


def _use(stage: Stage, step: Step) -> Outcome:
    """A use of the old or the new card at a hospital; ``旧卡`` uses the card of the beginning."""
    player, amount = _who(stage, step), step.group("付")
    old = step.group("旧卡")
    command = UseCard(
        amount_fen=from_yuan(amount.text().removesuffix("元")) if amount else 1000,
        provider_id=_place(stage, step) or place(stage.law.id, "医院"),
        card_number=player.card_number if old else "",
        number=Clear("") if old else player.number,
    )
    return _perform(stage, step, command)


def _ask(stage: Stage, step: Step) -> Outcome:
    """Nothing is done; the expectations ask the register."""
    return Outcome(stage.office, stage.law, stage.players.get(step.who), step.at)


def _ticket(stage: Stage, step: Step) -> Outcome:
    player = stage.players.get(step.who)
    command = TakeTicket(_place(stage, step), "card", player.number if player else None)
    return _perform(stage, step, command)


def _call(stage: Stage, step: Step) -> Outcome:
    return _perform(stage, step, CallNext(_place(stage, step)), "bank_clerk")


def _notice(stage: Stage, step: Step) -> Outcome:
    """``公布节假日 2027，休 2027-01-01 …，班 2027-02-07``."""
    year, off, extra = (step.group(key) for key in ("", "休", "班"))
    days = [[date.fromisoformat(w) for w in g.words] if g else [] for g in (off, extra)]
    command = LoadNotice(int(year.text()) if year else 0, tuple(days[0]), tuple(days[1]))
    return _perform(stage, step, command, "reference_clerk")


VERBS: dict[str, Act] = {
    **dict.fromkeys(CHANNELS, _report),
    "确认挂失": _confirm,
    "撤销挂失": _withdraw,
    "暂停用卡": _freeze("freeze"),
    "恢复用卡": _freeze("unfreeze"),
    "交照片": _photo,
    "申请补卡": _apply,
    "正式挂失并补卡": _both,
    "缴费": _pay,
    "制卡": _advance("make"),
    "到货": _advance("stock"),
    "当场制卡": _advance("instant"),
    "领卡": _collect,
    "启用": _activate,
    "撤回申请": _withdraw_application,
    **{f"开具{name}": _issue for name in DOCUMENTS},
    "盖章": _stamp,
    "用卡": _use,
    "查": _ask,
    "取号": _ticket,
    "叫号": _call,
    "公布节假日": _notice,
}
"""Every verb, and what it does."""
