"""What a clerk can do for the visitor at this counter today, each built from the law alone.

| deed | desk act | rule |
|---|---|---|
| pre | ReportLoss provisional | loss at a counter |
| formal | ReportLoss formal | loss at a counter |
| lose | LoseAndReplace | formal loss and replacement in one visit (A9) |
| employer | ReportLoss by the employer's clerk | loss at the contribution counter (R2-04) |
| replace | ApplyReplacement | replacement |
| withdraw | WithdrawLoss | withdrawal |
| collect | CollectCard | collection |
| activate | ActivateCard | the holder alone, or a minor's guardian |
| cancel | WithdrawApplication | before the card is handed over |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from minka.cards.card import Standing, Status
from minka.desk import screen
from minka.desk.look import ApplicationView, PersonFile
from minka.desk.preview import LossForm, ReplaceForm, loss_form, replace_form
from minka.doors.office import office
from minka.doors.web.staff.who import Who
from minka.issue.collection import CollectTerms, collect_terms, terms_of_the_visit
from minka.kit.clock import CHINA
from minka.law.papers import NOTHING, AllOf, Paper, Papers
from minka.law.terms import vocabulary
from minka.law.values import Photo, Verdict
from minka.loss.terms import WithdrawTerms, withdraw_terms

CODES = (
    "lose",
    "formal",
    "pre",
    "employer",
    "withdraw",
    "replace",
    "collect",
    "activate",
    "cancel",
)
ACTORS = ("holder", "agent", "guardian")
_NEITHER = ("found",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act at the counter: what to ask and see, and what would follow."""

    code: str
    actor: str
    actors: tuple[str, ...]
    reason: str = ""
    reasons: tuple[str, ...] = ()
    papers: Papers = NOTHING
    facts: tuple[str, ...] = ()
    """Facts the rule asks for beside the number that was read."""
    condition: str = ""
    photo: Photo | None = None
    photo_on_file: str = ""
    waivers: tuple[str, ...] = ()
    loss: LossForm | None = None
    replacement: ReplaceForm | None = None
    withdrawal: WithdrawTerms | None = None
    application: ApplicationView | None = None
    assumed: tuple[str, ...] = ()
    rules: tuple[str, ...] = field(default=())

    @property
    def needs_photo(self) -> bool:
        """Whether a photo must be handed in now."""
        if self.photo is None:
            return False
        return not (self.photo.reuse is Verdict.ALLOWED and self.photo_on_file)

    @property
    def is_irrevocable(self) -> bool:
        """Whether the old card can never be used again after this."""
        return self.code in ("lose", "formal")


def deeds(who: Who, file: PersonFile) -> dict[str, Deed]:
    """Every act that the law knows at this counter for this person, whether open now or not."""
    found = {code: deed(who, file, code) for code in CODES}
    return {code: each for code, each in found.items() if each is not None}


def deed(
    who: Who, file: PersonFile, code: str, *, actor: str = "", reason: str = ""
) -> Deed | None:
    """One act for who comes and why; None where the law has no such act at this counter."""
    maker = _MAKERS.get(code)
    return maker(who, file, actor, reason) if maker else None


def minor(file: PersonFile) -> bool:
    """Whether the person acts through a guardian today."""
    return bool(file.person.is_minor_on(file.at.astimezone(CHINA).date()))


def _actors(file: PersonFile, known: Callable[[str], object]) -> tuple[str, ...]:
    """Who may come: an adult or his agent, a minor's guardian."""
    wanted = ("guardian", "holder") if minor(file) else ("holder", "agent")
    found = tuple(actor for actor in wanted if known(actor))
    return found[:1] if minor(file) else found


def _chosen(actor: str, actors: tuple[str, ...]) -> str:
    return actor if actor in actors else actors[0]


def _loss(who: Who, actor: str, force: str) -> LossForm | None:
    place = who.place_kind
    return loss_form(office(), who.region, "counter", force=force, actor=actor, place=place)


def _reported(force: str, code: str) -> Callable[..., Deed | None]:
    def make(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
        actors = _actors(file, lambda each: _loss(who, each, force))
        form = _loss(who, _chosen(actor, actors), force) if actors else None
        if form is None or form.force.value != force:
            return None
        return Deed(
            code=code,
            actor=_chosen(actor, actors),
            actors=actors,
            reasons=tuple(form.reasons),
            reason=reason if reason in form.reasons else form.reasons[0],
            papers=form.papers,
            facts=tuple(each for each in form.facts if each != "id_number"),
            condition=_condition(who, force),
            loss=form,
            assumed=form.terms.assumed,
            rules=(form.terms.rule_ref,),
        )

    return make


def _condition(who: Who, force: str) -> str:
    law = who.law()
    entry = law.loss(channel="counter", force=force, place=who.place_kind or None)
    return str(entry.value("condition") or "") if entry else ""


def _employer(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    form = loss_form(
        office(),
        who.region,
        "employer_counter",
        actor="employer_clerk",
        place=who.place_kind,
    )
    if form is None:
        return None
    return Deed(
        code="employer",
        actor="employer_clerk",
        actors=("employer_clerk",),
        reasons=tuple(form.reasons),
        reason=reason if reason in form.reasons else form.reasons[0],
        papers=form.papers,
        loss=form,
        assumed=form.terms.assumed,
        rules=(form.terms.rule_ref,),
    )


def _replace_reasons(who: Who, actor: str) -> tuple[str, ...]:
    """Every reason for which a card is replaced here, in the order of the vocabulary."""
    law, kind = who.law(), who.place_kind or None
    found = []
    for reason in vocabulary()["reason"]:
        entry = law.replace(place=kind, reason=reason, actor=actor)
        named = entry is not None and reason in (entry.value("reasons") or ("lost",))
        if named and reason not in _NEITHER:
            found.append(reason)
    return tuple(found)


def _replace(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    actors = _actors(file, lambda each: _replace_reasons(who, each))
    if not actors:
        return None
    chosen = _chosen(actor, actors)
    reasons = _replace_reasons(who, chosen)
    why = reason if reason in reasons else _likely(file, reasons)
    form = replace_form(office(), who.region, place=who.place_kind, reason=why, actor=chosen)
    assert form is not None, "the reason was offered by its rule"
    fee = form.terms.fee
    return Deed(
        code="replace",
        actor=chosen,
        actors=actors,
        reasons=reasons,
        reason=why,
        papers=form.terms.papers,
        photo=form.terms.photo,
        photo_on_file=file.person.photo_code,
        waivers=fee.waived_for if fee else (),
        replacement=form,
        assumed=form.terms.assumed,
        rules=(form.terms.rule_ref,),
    )


def _likely(file: PersonFile, reasons: tuple[str, ...]) -> str:
    """A card that works is replaced because it is broken; one that is stopped, because lost."""
    view = file.in_hand()
    works = view is not None and view.standing is Standing.USABLE
    return "damaged" if works and "damaged" in reasons else reasons[0]


def _lose(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    loss = _MAKERS["formal"](who, file, actor, reason)
    if loss is None:
        return None
    new = _replace(who, file, actor, reason or "lost")
    reasons = tuple(each for each in loss.reasons if new and each in new.reasons)
    if new is None or not reasons:
        return None
    why = reason if reason in reasons else reasons[0]
    new = _replace(who, file, actor, why)
    assert new is not None, "the reason was offered by its rule"
    actors = tuple(each for each in loss.actors if each in new.actors)
    return Deed(
        code="lose",
        actor=_chosen(actor, actors),
        actors=actors,
        reasons=reasons,
        reason=why,
        papers=_both(loss.papers, new.papers),
        facts=loss.facts,
        condition=loss.condition,
        photo=new.photo,
        photo_on_file=new.photo_on_file,
        waivers=new.waivers,
        loss=loss.loss,
        replacement=new.replacement,
        assumed=tuple(dict.fromkeys((*loss.assumed, *new.assumed))),
        rules=(*loss.rules, *new.rules),
    )


def _both(one: Papers, other: Papers) -> Papers:
    """Two rules' papers as one list; a paper both ask for stands once."""
    items = [*(one.items if isinstance(one, AllOf) else (one,))]
    items += other.items if isinstance(other, AllOf) else (other,)
    return AllOf(tuple(dict.fromkeys(items)))


def _withdraw(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    law = who.law()
    entry = law.withdrawal(channel="counter")
    terms = withdraw_terms(entry) if entry else None
    kinds = terms.places if terms else None
    here = kinds is None or kinds.takes(who.place_kind)
    if terms is None or "counter" not in terms.channels or not here:
        return None
    chosen = "guardian" if minor(file) else "holder"
    return Deed(
        code="withdraw",
        actor=chosen,
        actors=(chosen,),
        papers=terms.papers,
        withdrawal=terms,
        assumed=terms.assumed,
        rules=(terms.rule_ref,),
    )


def _collect(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    running = file.running()
    if running is None:
        return None
    wanted = ("guardian",) if minor(file) else ("holder", "agent")
    known = {each: _collect_terms(who, file, running, each) for each in wanted}
    actors = tuple(each for each in wanted if known[each]) or wanted[:1]
    chosen = _chosen(actor, actors)
    terms = known[chosen]
    return Deed(
        code="collect",
        actor=chosen,
        actors=actors,
        papers=terms.papers if terms else Paper("resident_id"),
        application=running,
        assumed=terms.assumed if terms else (),
        rules=(terms.rule_ref,) if terms else (),
    )


def _collect_terms(
    who: Who, file: PersonFile, running: ApplicationView, actor: str
) -> CollectTerms | None:
    """The rule of collection; where there is none, the papers of the application's own rule."""
    law, asked = who.law(), "applicant" if actor == "holder" else actor
    entry = law.collect(place=who.place_kind or None, actor=asked) or law.collect(actor=asked)
    if entry is not None:
        return collect_terms(entry, actor)
    applied = screen.rule_of(office(), file.person.person_id, running.application_id)
    return terms_of_the_visit(applied, actor) if applied else None


def _activate(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    running = file.running()
    if running is None or running.status is not Status.SEALED:
        return None
    chosen = "guardian" if minor(file) else "holder"
    return Deed(code="activate", actor=chosen, actors=(chosen,), application=running)


def _cancel(who: Who, file: PersonFile, actor: str, reason: str) -> Deed | None:
    running = file.running()
    if running is None or running.status is Status.SEALED:
        return None
    return Deed(code="cancel", actor="holder", actors=("holder",), application=running)


_MAKERS: Mapping[str, Callable[..., Deed | None]] = {
    "pre": _reported("provisional", "pre"),
    "formal": _reported("formal", "formal"),
    "lose": _lose,
    "employer": _employer,
    "replace": _replace,
    "withdraw": _withdraw,
    "collect": _collect,
    "activate": _activate,
    "cancel": _cancel,
}

OFFERED: Mapping[str, str] = {
    "pre": "report_provisional",
    "formal": "report_formal",
    "lose": "report_formal",
    "employer": "report_provisional",
    "replace": "apply",
    "withdraw": "withdraw",
    "collect": "collect",
    "activate": "activate",
    "cancel": "withdraw_application",
}
"""Under which name ``desk.look.offers`` says whether a deed is open now."""


def promised(deed: Deed) -> datetime | None:
    """The instant a replacement is promised for, or None."""
    return deed.replacement.promised_at if deed.replacement else None
