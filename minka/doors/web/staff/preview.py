"""The paper beside the case: what will be printed before an act, what is printed after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import segno
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from minka.cards.card import Status
from minka.desk import screen, wording
from minka.desk.look import PersonFile, Receipted, receipted
from minka.desk.rules import hotline_of
from minka.doors.office import office
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet
from minka.doors.papers.words import label
from minka.doors.web.staff.deeds import Deed, promised
from minka.doors.web.staff.readout import consequences
from minka.doors.web.staff.who import Who, language, said, say
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.law.papers import AllOf, Paper, ShownPaper
from minka.people.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A sheet for the screen: its content, its code to scan, and where the PDF of it lies."""

    sheet: Sheet
    kind: str = ""
    qr: str = ""


def letterhead(request: HttpRequest, who: Who) -> sheets.Letterhead:
    """Whose paper it is."""
    law = who.law()
    return sheets.Letterhead(
        city=law.names,
        hotline=hotline_of(law),
        language=language(),
        status_url=request.build_absolute_uri(f"/{who.region}/case/"),
    )


def before(
    who: Who,
    file: PersonFile,
    deed: Deed,
    *,
    seen: Sequence[ShownPaper],
    given: Mapping[str, str],
) -> Sheet:
    """The paper of an act that is not done yet: masked, without a number, instants as of now."""
    view = file.in_hand()
    bank = screen.beside(office(), view.card, file.at).bank if view else ""
    rows = [
        (_l("name"), file.person.name_mask),
        (_l("number"), file.person.number_mask),
        (_l("card"), view.number_mask if view else "—"),
    ]
    if deed.reason:
        rows.append((_l("reason"), said("reason", deed.reason)))
    if deed.actor != "holder":
        rows.append((_("办理人"), said("actor", deed.actor)))
    rows += _promise_rows(who, deed, given.get("waiver", ""))
    return Sheet(
        title=_title(deed),
        kind=_l("social_only"),
        city=say(who.law().names),
        language=language(),
        number_label=_l("receipt"),
        rows=rows,
        lines_title=_l("what_happens") if deed.loss else "",
        lines=consequences(deed.loss, view, bank) if deed.loss else [],
        items_title=_("已查验的材料") if seen else "",
        items=[say(wording.papers(_as_paper(each))) for each in seen],
        box=_l("formal") if deed.is_irrevocable else "",
        sign=[_l("holder"), _l("clerk")],
    )


def _as_paper(shown: ShownPaper) -> Paper:
    return Paper(shown.kind, shown.copy, shown.owner)


def _title(deed: Deed) -> str:
    names = {
        "lose": "slip_title",
        "replace": "slip_title",
        "collect": "slip_title",
        "activate": "accept_title",
        "cancel": "accept_title",
        "withdraw": "accept_title",
    }
    return _l(names.get(deed.code, "loss_title"))


def _promise_rows(who: Who, deed: Deed, waiver: str) -> list[tuple[str, str]]:
    form = deed.replacement
    if form is None:
        return []
    at = promised(deed)
    soft = _l("provisional") if form.provisional == "yes" else ""
    day = _("当场领取") if form.terms.on_the_spot() else china_text(at)[:10] if at else "—"
    fee = form.terms.fee.due(deed.reason, waiver or None) if form.terms.fee else 0
    return [
        (_l("promise"), day + soft),
        (_l("place"), who.place_name),
        (_l("fee"), f"{yuan(fee)}{_l('yuan')}" if fee else _l("free")),
    ]


def _l(name: str) -> str:
    return label(name, language())


def after(request: HttpRequest, who: Who, code: str) -> list[Drawn]:
    """Every paper that a receipt entitles to, the most important first."""
    found = receipted(office(), code) if code else None
    if found is None:
        return []
    kinds = [kind for kind in PAPERS if PAPERS[kind](found)]
    person = found.file.person
    return [drawn(masked(sheet_of(request, who, found, kind), person), kind) for kind in kinds]


def masked(sheet: Sheet, person: Person) -> Sheet:
    """The sheet as the screen shows it: the name is clear on paper only."""
    name = person.name.reveal()
    rows = [(label, person.name_mask if text == name else text) for label, text in sheet.rows]
    return replace(sheet, rows=rows)


def drawn(sheet: Sheet, kind: str = "") -> Drawn:
    """A sheet with its code to scan drawn."""
    code = segno.make(sheet.qr, error="m").svg_inline(scale=3, border=2) if sheet.qr else ""
    return Drawn(sheet=sheet, kind=kind, qr=SafeString(code))


PAPERS = {
    "slip": lambda found: (
        found.application is not None
        and found.application.status in (Status.ORDERED, Status.MADE, Status.READY)
    ),
    "loss": lambda found: found.report is not None,
    "acceptance": lambda found: found.application is not None,
    "fee": lambda found: found.application is not None and bool(found.application.fee_receipt),
}
"""Which papers a receipt entitles to."""


def sheet_of(request: HttpRequest, who: Who, found: Receipted, kind: str) -> Sheet:
    """One paper of a receipt, as it is printed."""
    head = letterhead(request, who)
    if kind == "loss":
        return sheets.loss_receipt(head, found)
    application = found.application
    assert application is not None, "every other paper is about an application"
    place = screen.place_name(office(), application.collect_at, language())
    named = replace(
        found, code=application.receipt, application=replace(application, collect_at=place)
    )
    if kind == "slip":
        return sheets.collection_slip(head, named, _bring(who))
    if kind == "fee":
        person_id, application_id = found.file.person.person_id, application.application_id
        paid = screen.fee_paid(office(), person_id, application_id)
        assert paid is not None, "a fee receipt is about a payment"
        return sheets.fee_receipt(head, named, paid.means, paid.at)
    return sheets.acceptance(head, named)


def _bring(who: Who) -> list[str]:
    entry = who.law().collect()
    tree = entry.value("papers_self") if entry else None
    items = tree.items if isinstance(tree, AllOf) else (tree,) if tree else ()
    return [say(wording.papers(each)) for each in items]
