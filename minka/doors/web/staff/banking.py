"""What a bank may do by the law of its city, each act under the key of the form that asked."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minka.cards.card import Standing, Status
from minka.cards.number import mask
from minka.desk.act import Answer
from minka.desk.apply import ApplyReplacement, LoseAndReplace, lose_and_replace
from minka.desk.collect import ActivateCard, CollectCard, activate_card, collect_card
from minka.desk.look import PersonFile
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.papers import IssueDocument, issue_document
from minka.desk.photo import SubmitPhoto, submit_photo
from minka.desk.preview import LossForm, ReplaceForm, loss_form, replace_form
from minka.doors.office import office
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet
from minka.doors.web.parts import Cell, Column, Table, Tag, Tone
from minka.doors.web.printed import CASES, letterhead
from minka.doors.web.staff import checklist
from minka.doors.web.staff.checklist import Need
from minka.doors.web.staff.forms import QUIET
from minka.doors.web.staff.who import Who, fresh_key, said
from minka.kit.clock import china_text
from minka.kit.secret import Clear
from minka.law.papers import NOTHING, Papers, ShownPaper, leaves
from minka.law.region import RegionLaw
from minka.law.values import Verdict
from minka.store import cards
from minka.store.connection import Row, rows
from minka.store.models import Bank

CHANNEL = "bank_counter"
LARGEST_PHOTO = 1024 * 1024
NOTICES = ("bank_loss_slip", "bank_loss_notice")
"""Papers that a bank issues and an office asks for; which one, a region's own rules say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is open for a visitor at this bank today."""

    loss: LossForm | None
    replacement: ReplaceForm | None
    notice: str
    state: str
    """``loss`` when the card can be stopped here, ``stopped`` when it is, else ``none``."""
    collect: str
    activate: str
    needs: tuple[Need, ...]
    papers: Papers
    photo: str
    """The size of the photo that the replacement still needs; empty when one is on file."""

    @property
    def notice_name(self) -> str:
        """The notice in the language of the page."""
        return said("paper", self.notice) if self.notice else ""

    @property
    def may_issue(self) -> str:
        """``yes`` once the card is stopped, or where the bank takes no report for the office."""
        return "yes" if self.notice and (self.loss is None or self.state == "stopped") else ""

    @property
    def lapses(self) -> str:
        """When the stop ends by itself, if it does."""
        at = self.loss.lapses_at if self.loss else None
        return china_text(at) if at else ""


def visit(who: Who, file: PersonFile) -> Visit:
    """Read the law and the card."""
    law, view, running = who.law(), file.in_hand(), file.running()
    here = law.loss(channel=CHANNEL, place=who.place_kind or None)
    loss = loss_form(office(), who.region, CHANNEL) if here else None
    new = replace_form(office(), who.region, place=who.place_kind) if who.place_kind else None
    stopped = view is not None and view.standing in (
        Standing.FORMAL_LOSS,
        Standing.PROVISIONAL_LOSS,
    )
    usable = view is not None and view.standing in (Standing.USABLE, Standing.FROZEN)
    tree = (loss.papers if loss else None) or NOTHING
    status = running.status if running else None
    return Visit(
        loss=loss,
        replacement=new if running is None else None,
        notice=notice_kind(law),
        state="loss" if usable and loss else "stopped" if stopped else "none",
        collect="yes" if status is Status.READY and _is_here(who, file) else "",
        activate="yes" if status is Status.SEALED else "",
        needs=tuple(checklist.needs(tree)),
        papers=tree,
        photo=_photo(new, file) if new and running is None else "",
    )


def _photo(new: ReplaceForm, file: PersonFile) -> str:
    rule = new.terms.photo
    if rule is None or (rule.reuse is Verdict.ALLOWED and file.person.photo_code):
        return ""
    return f"{rule.width_px}×{rule.height_px}"


def _is_here(who: Who, file: PersonFile) -> bool:
    running = file.running()
    return running is not None and running.collect_at == who.place_id


def notice_kind(law: RegionLaw) -> str:
    """The bank's paper that the region's replacement asks for; empty where none does."""
    trees = [
        tree
        for entry in law.entries("replace")
        for tree in (entry.value("papers_self"), entry.value("papers_agent"))
        if tree is not None
    ]
    asked = [leaf.kind for tree in trees for leaf in leaves(tree) if leaf.kind in NOTICES]
    return asked[0] if asked else ""


def is_served(who: Who, file: PersonFile) -> bool:
    """Whether this bank serves the person's card."""
    view = file.in_hand()
    own = view is not None and view.card.bank_id == who.bank_id
    return file.person.region == who.region and (own or not who.bank_id)


class BankForm(forms.Form):
    """Papers as ticked, numbers of verifiable papers, the reason, and whether a card is wanted."""

    def __init__(self, found: Visit, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        for need in found.needs:
            self.fields |= checklist.fields(need)
        reasons = found.loss.reasons if found.loss else ()
        if len(reasons) > 1:
            self.fields["reason"] = forms.ChoiceField(
                label=_("卡怎么了"),
                choices=[(each, said("reason", each)) for each in reasons],
                widget=forms.RadioSelect,
                initial=reasons[0],
            )
        if found.replacement is not None:
            self.fields["both"] = forms.BooleanField(
                label=_("同时办理补卡"), required=False, initial=1
            )
        if found.photo:
            self.fields["photo"] = forms.FileField(
                label=_("电子照片（%s 像素）") % found.photo, required=False, max_length=200
            )


class CollectForm(forms.Form):
    """The slip that is handed in for the finished card."""

    slip = forms.CharField(
        label=gettext_lazy("领卡证明编号"),
        max_length=30,
        widget=forms.TextInput(attrs=dict(QUIET)),
        error_messages={"required": gettext_lazy("请扫描或输入领卡证明编号。")},
    )


def lose(who: Who, file: PersonFile, found: Visit, form: BankForm) -> Answer | None:
    """The loss, alone or with the replacement, and then the notice where one is asked for."""
    if not form.is_valid() or found.loss is None:
        return None
    key = str(form.data.get("key") or "") or fresh_key(who.role)
    wanted, given = list(found.needs), form.cleaned_data
    papers, codes = checklist.shown(wanted, given), checklist.codes(wanted, given)
    reason = str(given.get("reason") or found.loss.reasons[0])
    number = file.person.number
    loss = ReportLoss(
        region=who.region,
        channel=CHANNEL,
        number=number,
        reason=reason,
        place_id=who.place_id,
        papers=papers,
        documents=codes,
    )
    if not given.get("both"):
        answer = report_loss(office(), who.request(key), loss)
    else:
        photo = _submitted(who, number, given.get("photo"))
        if photo is not None and not photo.accepted:
            return photo
        new = ApplyReplacement(
            region=who.region,
            channel=CHANNEL,
            number=number,
            place_id=who.place_id,
            reason=reason,
            papers=papers,
            documents=codes,
            photo_code=str(photo.facts["photo_code"]) if photo else "",
        )
        answer = lose_and_replace(office(), who.request(key), LoseAndReplace(loss, new))
    if answer.accepted and found.notice:
        _notice(who, file, found, f"{key}n")
    return answer


def _submitted(who: Who, number: Clear, file: Any) -> Answer | None:
    """The photo that was handed in, through the region's gate."""
    if file is None:
        return None
    image = Clear(base64.b64encode(file.read(LARGEST_PHOTO)).decode("ascii"))
    return submit_photo(office(), who.request(), SubmitPhoto(who.region, number, image))


def missing(found: Visit, form: BankForm) -> list[str]:
    """What the one-time notice lists: the papers that were not there."""
    if not form.is_bound or not form.is_valid():
        return []
    wanted = list(found.needs)
    seen = checklist.shown(wanted, form.cleaned_data)
    return checklist.lacking(found.papers, seen, checklist.codes(wanted, form.cleaned_data))[0]


def issue_notice(who: Who, file: PersonFile, found: Visit, key: str) -> Answer | None:
    """The bank's notice again, or alone where the office's side is reported elsewhere (B1)."""
    return _notice(who, file, found, key) if found.may_issue else None


def _notice(who: Who, file: PersonFile, found: Visit, key: str) -> Answer:
    """The bank's numbered paper about this loss; another office verifies it, once (B1, F2)."""
    command = IssueDocument(found.notice, file.person.number, issued_by=bank_name(who))
    return issue_document(office(), who.request(key), command)


def collect(who: Who, file: PersonFile, form: CollectForm) -> Answer | None:
    """Hand the finished card over against the slip and the ID card that was read."""
    if not form.is_valid():
        return None
    key = str(form.data.get("key") or "") or fresh_key(who.role)
    command = CollectCard(
        slip=form.cleaned_data["slip"],
        place_id=who.place_id,
        number=file.person.number,
        papers=(ShownPaper("resident_id"),),
    )
    return collect_card(office(), who.request(key), command)


def activate(who: Who, file: PersonFile, key: str) -> Answer | None:
    """The holder brings the new card to life at the counter."""
    running = file.running()
    if running is None:
        return None
    command = ActivateCard(running.receipt, file.person.number)
    return activate_card(office(), who.request(key), command)


def bank_name(who: Who) -> str:
    """The bank as it stands on its papers, with the branch."""
    bank = Bank.objects.filter(bank_id=who.bank_id).first()
    parts = [bank.name if bank else who.bank_id, who.place_name]
    return " ".join(part for part in parts if part)


def papers_of(file: PersonFile) -> list[tuple[str, str]]:
    """Kind and code of every paper this visitor may be handed."""
    with office().register.act() as connection:
        found = rows(connection, "look.receipts_of_person", person_id=file.person.person_id)
    names = {"loss": _("挂失单"), "application": _("受理通知书"), "slip": _("领卡证明")}
    newest = sorted(found, key=lambda each: -int(each["fact_id"]))
    return [(names[each["kind"]], each["code"]) for each in newest if each["kind"] in CASES][:6]


def documents_of(file: PersonFile) -> list[Row]:
    """The verifiable papers about a person, the newest first, in the words of the page."""
    with office().register.act() as connection:
        who = {"person_id": file.person.person_id}
        found = rows(connection, "staffroom.documents_of_person", **who)
    return [{**each, "name": said("paper", each["kind"])} for each in found]


def notice_sheet(request: HttpRequest, who: Who, file: PersonFile, document: Row) -> Sheet:
    """The bank's paper, or the employer's letter, as it is printed."""
    head, view = letterhead(request, who.law()), file.in_hand()
    title = "employer_title" if document["kind"] == "employer_letter" else "letter_title"
    lines = [
        (head.say("name"), file.person.name.reveal()),
        (head.say("number"), file.person.number_mask),
        (head.say("card"), view.number_mask if view else "—"),
        (head.say("issued_by"), document["issued_by"]),
        (head.say("issued_at"), china_text(document["issued_at"])),
    ]
    return sheets.issued_document(head, title, lines, document["code"])


def stops_waiting(who: Who) -> Table:
    """The stops and resumptions that this bank has not confirmed yet."""
    with office().register.act() as connection:
        now = cards.now(connection, office().fence())
        place = {"bank_id": who.bank_id, "region": who.region}
        found = rows(connection, "staffroom.stops_of_bank", now=now, **place)
    columns = (
        Column(title=_("发出时间")),
        Column(title=_("卡号")),
        Column(title=_("要办什么")),
        Column(title=_("已试次数")),
        Column(title=_("状态")),
    )
    return Table(
        caption=_("等本行确认的止付和恢复"),
        columns=columns,
        rows=[_stop(each) for each in found],
        empty=_("没有等待本行确认的止付。"),
    )


def _stop(found: Row) -> tuple[Cell | str, ...]:
    what = _("止付") if found["topic"] == "bank.stop" else _("恢复")
    waits = Tag(text=_("等待中"), tone=Tone.WAIT)
    failing = Tag(text=_("重试中"), tone=Tone.BAD)
    aside = Tag(text=_("已搁置，待复核"), tone=Tone.BAD)
    state = aside if found["quarantined_at"] else failing if found["failing_since"] else waits
    number = mask(found["card_number"])
    return (Cell(at=found["due_at"]), number, what, str(found["tries"]), Cell(tag=state))
