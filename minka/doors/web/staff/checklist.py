"""The papers of a rule as boxes for a clerk: one line for each paper, any-of as one choice.

| in the law's tree | on the screen | posted |
|---|---|---|
| a paper | one box | the paper, original |
| original and copy | two boxes | with the copy only when both were seen |
| one of, or an open list | a group: tick what is there | each ticked paper |
| a paper with a number | a line for the number | verified by the desk, used up once |
| the card or the slip itself | nothing: read elsewhere on the form | by the desk |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from minka.desk import wording
from minka.doors.web.staff.forms import QUIET
from minka.doors.web.staff.who import say
from minka.law.papers import (
    AllOf,
    Copy,
    OneOf,
    OpenList,
    Paper,
    Papers,
    ShownPaper,
    leaves,
    missing,
)

NUMBERED = {"bank_loss_slip", "bank_loss_notice", "employer_letter_stamped", "closeout_notice"}
"""Papers that are verified by their number."""
READ_ELSEWHERE = {"collection_certificate", "social_security_card", "medical_card"}


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the checklist: its field names start with ``name``."""

    name: str
    item: Papers

    @property
    def options(self) -> tuple[Papers, ...]:
        """What of it may be shown: one thing, or any of several."""
        match self.item:
            case OneOf(items):
                return tuple(each for item in items for each in Need("", item).options)
            case OpenList(kind, accepted, owner):
                named = tuple(Paper(each, owner=owner) for each in accepted)
                return (*named, Paper(kind, owner=owner))
            case _:
                return (self.item,)


def needs(tree: Papers, name: str = "p") -> list[Need]:
    """The lines of a rule's tree, without what is read elsewhere on the form."""
    items = list(_top(tree))
    found = [Need(f"{name}{place}", item) for place, item in enumerate(dict.fromkeys(items))]
    return [n for n in found if not (isinstance(n.item, Paper) and n.item.kind in READ_ELSEWHERE)]


def _top(tree: Papers) -> Iterator[Papers]:
    if isinstance(tree, AllOf):
        for item in tree.items:
            yield from _top(item)
    else:
        yield tree


def fields(need: Need) -> dict[str, forms.Field]:
    """The form fields of one line."""
    item = need.item
    if isinstance(item, Paper) and item.kind in NUMBERED:
        return {f"{need.name}_code": _code(item)}
    if isinstance(item, Paper) and item.copy is Copy.ORIGINAL_AND_COPY:
        plain = say(wording.papers(Paper(item.kind, owner=item.owner)))
        return {
            need.name: _box(_("%(paper)s：原件") % {"paper": plain}),
            f"{need.name}_copy": _box(_("%(paper)s：复印件") % {"paper": plain}),
        }
    if len(need.options) == 1:
        return {need.name: _box(say(wording.papers(item)))}
    numbered = [each for each in leaves(item) if isinstance(each, Paper) and each.kind in NUMBERED]
    choices = [
        (str(place), say(wording.papers(option)))
        for place, option in enumerate(need.options)
        if option not in numbered
    ]
    group = forms.MultipleChoiceField(
        label=_("有一样就行"),
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    return {need.name: group} | {
        f"{need.name}_code{place}": _code(paper) for place, paper in enumerate(numbered)
    }


def _box(label: str) -> forms.Field:
    return forms.BooleanField(label=label, required=False)


def _code(paper: Paper) -> forms.Field:
    label = _("%(paper)s：编号") % {"paper": say(wording.papers(paper))}
    widget = forms.TextInput(attrs={**QUIET, "placeholder": ""})
    return forms.CharField(label=label, required=False, max_length=20, widget=widget)


def shown(wanted: list[Need], given: Mapping[str, Any]) -> tuple[ShownPaper, ...]:
    """The papers that the ticks say were seen."""
    seen: list[ShownPaper] = []
    for need in wanted:
        ticked = given.get(need.name)
        if isinstance(ticked, (list, tuple)):
            for place in ticked:
                seen += _papers(need.options[int(place)])
        elif ticked:
            seen += _ticked(need.item, given.get(f"{need.name}_copy"))
    return tuple(dict.fromkeys(seen))


def _ticked(item: Papers, copied: object) -> list[ShownPaper]:
    if isinstance(item, Paper) and item.copy is Copy.ORIGINAL_AND_COPY:
        copy = Copy.ORIGINAL_AND_COPY if copied else Copy.ORIGINAL
        return [ShownPaper(item.kind, copy, item.owner)]
    return _papers(item)


def _papers(option: Papers) -> list[ShownPaper]:
    return [
        ShownPaper(each.kind, _reach(each), each.owner)
        for each in leaves(option)
        if each.kind not in NUMBERED
    ]


def _reach(paper: Paper | OpenList) -> Copy:
    whole = isinstance(paper, Paper) and paper.copy is Copy.ORIGINAL_AND_COPY
    return Copy.ORIGINAL_AND_COPY if whole else Copy.ORIGINAL


def codes(wanted: list[Need], given: Mapping[str, Any]) -> tuple[str, ...]:
    """The numbers of verifiable papers that were typed."""
    names = tuple(f"{need.name}_code" for need in wanted)
    typed = [str(v).strip() for k, v in given.items() if k.startswith(names) and v]
    return tuple(code for code in dict.fromkeys(typed) if code)


def lacking(
    tree: Papers, papers: tuple[ShownPaper, ...], numbered: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """What a one-time notice lists: what is still missing, and the whole list, in words."""
    read = [ShownPaper(kind) for kind in READ_ELSEWHERE]
    typed = [ShownPaper(kind) for kind in NUMBERED if numbered]
    left = missing(tree, (*papers, *read, *typed))
    whole = tree.items if isinstance(tree, AllOf) else (tree,)
    return [say(wording.papers(each)) for each in left], [say(wording.papers(e)) for e in whole]
