"""The form of one act at the counter: exactly what its rule asks, and the command it becomes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minka.desk.apply import ApplyReplacement, LoseAndReplace
from minka.desk.collect import ActivateCard, CollectCard, WithdrawApplication
from minka.desk.loss import Agent, ReportLoss
from minka.desk.withdraw import WithdrawLoss
from minka.doors.web.staff import checklist
from minka.doors.web.staff.cases import Case
from minka.doors.web.staff.deeds import Deed
from minka.doors.web.staff.forms import LONGEST, number_of, text_field
from minka.doors.web.staff.who import Who, said
from minka.kit.codes import read_code
from minka.kit.secret import Clear
from minka.law.papers import Paper, ShownPaper, leaves
from minka.people.photo import MOST_BYTES

RELATIONS = (
    ("spouse", gettext_lazy("配偶")),
    ("parent", gettext_lazy("父母")),
    ("child", gettext_lazy("子女")),
    ("sibling", gettext_lazy("兄弟姐妹")),
    ("relative", gettext_lazy("其他亲属")),
    ("other", gettext_lazy("其他人")),
)
_FOUND = ("social_security_card", "medical_card")
Command = (
    ReportLoss
    | LoseAndReplace
    | ApplyReplacement
    | WithdrawLoss
    | CollectCard
    | ActivateCard
    | WithdrawApplication
)


class DeedForm(forms.Form):
    """What the clerk reads, sees and asks for one act."""

    def __init__(self, deed: Deed, case: Case, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.deed, self.case = deed, case
        self.needs = checklist.needs(deed.papers)
        self._slip()
        self._who_comes()
        for need in self.needs:
            self.fields.update(checklist.fields(need))
        self._things_read()
        self._choices()

    def _who_comes(self) -> None:
        """The number from the reader unless it was read before, and who acts for the holder."""
        if self.case.by != "number":
            missing = _("请读持卡人的证件，或输入证件号码。")
            self.fields["id_number"] = text_field(_("持卡人证件号码"), missing, longest=24)
        for fact in self.deed.facts:
            missing = _("请填写%(what)s。") % {"what": said("fact", fact)}
            longest = LONGEST.get(fact, 40)
            self.fields[fact] = text_field(said("fact", fact), missing, longest=longest)
        if self.deed.actor == "holder":
            return
        clerk = self.deed.actor == "employer_clerk"
        who = {"agent": _("代办人"), "guardian": _("监护人")}.get(self.deed.actor, _("单位经办人"))
        if clerk:
            missing = _("请填写单位编号。")
            self.fields["employer_id"] = text_field(_("单位编号"), missing, longest=20)
        named = {"who": who}
        self.fields["agent_name"] = text_field(
            _("%(who)s姓名") % named, _("请填写%(who)s姓名。") % named, longest=50
        )
        self.fields["agent_number"] = text_field(
            _("%(who)s证件号码") % named, _("请读取或输入%(who)s证件号码。") % named, longest=24
        )
        if self.deed.actor == "agent":
            self.fields["agent_relation"] = forms.ChoiceField(
                label=_("与持卡人的关系"), choices=RELATIONS
            )

    def _slip(self) -> None:
        """The slip that the visitor brings, scanned."""
        if self.deed.code != "collect":
            return
        missing = _("请扫描领卡证明，或输入编号。")
        self.fields["slip"] = text_field(_("领卡证明编号"), missing, longest=200)
        if self.case.receipt.startswith("S-"):
            self.fields["slip"].initial = self.case.receipt

    def _things_read(self) -> None:
        """The found card, whose number is read from the thing itself."""
        deed = self.deed
        kinds = {each.kind for each in leaves(deed.papers) if isinstance(each, Paper)}
        if deed.code == "withdraw" and kinds & set(_FOUND):
            missing = _("请从找回的卡上读取卡号。没有带卡不能撤销。")
            hint = _("从卡面或读卡器读取，不要问持卡人。")
            self.fields["found_card_number"] = text_field(
                _("找回的卡的卡号"), missing, longest=12, hint=hint
            )

    def _choices(self) -> None:
        """Photo, waiver and the holder's declaration."""
        deed = self.deed
        if deed.photo is not None:
            size = f"{deed.photo.width_px}×{deed.photo.height_px}"
            kept = deed.photo_on_file and not deed.needs_photo
            hint = _("已有照片，可以沿用；换照片请上传。") if kept else ""
            self.fields["photo"] = forms.FileField(
                label=_("电子照片（%(size)s 像素，JPEG 或 PNG）") % {"size": size},
                help_text=hint,
                required=deed.needs_photo,
                error_messages={
                    "required": _("这里要一张新照片。请现场拍照后上传。"),
                    "empty": _("照片文件是空的。请重新选择。"),
                },
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
            )
        if deed.waivers:
            choices = [("", _("不减免")), *((w, said("waiver", w)) for w in deed.waivers)]
            self.fields["waiver"] = forms.ChoiceField(
                label=_("费用减免"), choices=choices, required=False
            )
        if deed.condition:
            self.fields["condition"] = forms.BooleanField(
                label=_("持卡人声明：%(what)s") % {"what": said("condition", deed.condition)},
                error_messages={"required": _("请持卡人本人声明并确认后再办理。")},
            )

    def clean_id_number(self) -> str:
        """The holder's number in normal form."""
        return number_of(self.cleaned_data["id_number"])

    def clean_agent_number(self) -> str:
        """The agent's number in normal form."""
        return number_of(self.cleaned_data["agent_number"])

    def clean_slip(self) -> str:
        """The slip's code; a scanned address ends in it."""
        code = read_code(str(self.cleaned_data["slip"]).strip().rstrip("/").rpartition("/")[2])
        if code is None:
            raise forms.ValidationError(_("编号不完整或有一位不对，请再扫一次。"))
        return code

    def clean_photo(self) -> Any:
        """A photo small enough to be looked at."""
        photo = self.cleaned_data.get("photo")
        if photo is not None and photo.size > MOST_BYTES:
            raise forms.ValidationError(_("照片超过 500 KB。请压缩或重新拍照。"))
        return photo

    def value(self, name: str) -> str:
        """A checked text, or nothing."""
        return str(self.cleaned_data.get(name) or "").strip()

    def papers(self) -> tuple[ShownPaper, ...]:
        """The papers that were seen."""
        return checklist.shown(self.needs, self.cleaned_data)

    def documents(self) -> tuple[str, ...]:
        """The numbers of papers that are verified."""
        return checklist.codes(self.needs, self.cleaned_data)

    def agent(self) -> Agent | None:
        """Who acts for the holder."""
        if self.deed.actor == "holder":
            return None
        relation = self.value("agent_relation") or self.deed.actor
        return Agent(Clear(self.value("agent_name")), Clear(self.value("agent_number")), relation)

    def command(self, who: Who, number: Clear, *, photo_code: str = "") -> Command:
        """The desk's command of a checked form; ``number`` is the holder's."""
        deed = self.deed
        if deed.code in ("pre", "formal", "employer"):
            return self._loss(who, number)
        if deed.code == "replace":
            return self._replacement(who, number, photo_code)
        if deed.code == "lose":
            new = self._replacement(who, number, photo_code)
            return LoseAndReplace(self._loss(who, number), new)
        if deed.code == "withdraw":
            return WithdrawLoss(
                who.region,
                "counter",
                number,
                who.place_id,
                papers=self.papers(),
                found_card_number=self.value("found_card_number").upper(),
            )
        assert deed.application is not None, "what is left is about an application"
        if deed.code == "collect":
            return CollectCard(
                self.value("slip"),
                who.place_id,
                number,
                papers=self.papers(),
                actor=deed.actor,
                agent=self.agent(),
            )
        if deed.code == "activate":
            return ActivateCard(deed.application.receipt, number, actor=deed.actor)
        return WithdrawApplication(deed.application.receipt, number)

    def _loss(self, who: Who, number: Clear) -> ReportLoss:
        deed = self.deed
        employer = deed.code == "employer"
        force = {"pre": "provisional", "formal": "formal", "lose": "formal"}.get(deed.code, "")
        return ReportLoss(
            who.region,
            "employer_counter" if employer else "counter",
            number,
            {fact: Clear(self.value(fact)) for fact in deed.facts},
            reason=deed.reason,
            force=force,
            actor=deed.actor,
            agent=self.agent(),
            employer_id=self.value("employer_id"),
            place_id=who.place_id,
            papers=self.papers(),
            documents=() if deed.code == "lose" else self.documents(),
        )

    def _replacement(self, who: Who, number: Clear, photo_code: str) -> ApplyReplacement:
        deed = self.deed
        return ApplyReplacement(
            who.region,
            "counter",
            number,
            who.place_id,
            reason=deed.reason,
            actor=deed.actor,
            agent=self.agent(),
            papers=self.papers(),
            documents=self.documents(),
            photo_code=photo_code,
            waiver=self.value("waiver"),
        )
