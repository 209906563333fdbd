"""The papers themselves, each built from what the register says and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cards.card import AtLapse, Force
from minka.cards.number import mask
from minka.desk.look import ApplicationView, PersonFile, Receipted
from minka.doors.papers.press import Sheet
from minka.doors.papers.words import MEANS, label
from minka.kit.clock import CHINA, china_text
from minka.kit.fen import yuan
from minka.kit.words import Words
from minka.law.terms import term


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is: city, hotline, language, and where the code to scan leads."""

    city: Words
    hotline: str
    language: str
    status_url: str = ""

    def say(self, name: str) -> str:
        """A label in the language of the paper."""
        return label(name, self.language)

    def footer(self) -> str:
        """Whom to ask, and the mark of assumed values."""
        asks = f"{self.say('ask')} {self.hotline} · {self.say('complain')} {self.hotline}"
        return f"{asks} · {self.say('assumed')}"


def loss_receipt(head: Letterhead, found: Receipted) -> Sheet:
    """挂失单: number, both stops, the computed end, and what still works."""
    report = found.report
    assert report is not None, "a loss receipt is about a report"
    view = next(v for v in found.file.cards if v.card.card_id == report["card_id"])
    block = next((b for b in view.card.blocks if b.block_id == report["block_id"]), None)
    stops = [
        (each.at, each.kind)
        for each in found.file.events
        if each.receipt == found.code and each.kind in ("social_stop", "bank_stop")
    ]
    said = {kind: at for at, kind in stops}
    bank = "bank_pending" if view.card.bank_id else "bank_none"
    lines = [
        (head.say("accepted"), _exact(report["accepted_at"])),
        (head.say("social"), _exact(said["social_stop"]) if "social_stop" in said else "—"),
        (head.say("bank"), _exact(said["bank_stop"]) if "bank_stop" in said else head.say(bank)),
    ]
    if report["stops_by"]:
        lines.append((head.say("stops_by"), _exact(report["stops_by"])))
    if block is not None:
        lines.append(_end(head, block.force, block.at_lapse, block.until_at))
    return Sheet(
        title=head.say("loss_title"),
        number=found.code,
        rows=[
            *_who(head, found.file),
            (head.say("card"), mask(view.card.card_number)),
            (head.say("force"), term("force", report["force"]).say(head.language)),
            (head.say("reason"), term("reason", report["reason"]).say(head.language)),
        ],
        lines_title=head.say("what_happens"),
        lines=lines,
        box=head.say("found") if report["force"] != "formal" else head.say("formal"),
        notes=_lending(head, found.file),
        sign=[head.say("holder"), head.say("clerk")],
        **_framed(head, found.code),
    )


def acceptance(head: Letterhead, found: Receipted) -> Sheet:
    """受理通知书: what was accepted, by when it is done, and whom to call."""
    application = _application(found)
    return Sheet(
        title=head.say("accept_title"),
        number=found.code,
        rows=[*_who(head, found.file), *_of_application(head, application)],
        notes=_lending(head, found.file),
        sign=[head.say("holder"), head.say("clerk")],
        **_framed(head, found.code),
    )


def collection_slip(head: Letterhead, found: Receipted, bring: Sequence[str]) -> Sheet:
    """领卡证明: one-time code, computed date, place, papers to bring."""
    application = _application(found)
    return Sheet(
        title=head.say("slip_title"),
        number=application.slip,
        rows=[
            (head.say("receipt"), application.receipt),
            *_who(head, found.file),
            *_of_application(head, application),
        ],
        items_title=head.say("bring"),
        items=list(bring),
        box=head.say("slip_once"),
        notes=_lending(head, found.file),
        **{**_framed(head, application.slip), "kind": head.say("slip_long")},
    )


def fee_receipt(head: Letterhead, found: Receipted, means: str, paid_at: datetime) -> Sheet:
    """Fee receipt: amount, number, instant."""
    application = _application(found)
    return Sheet(
        title=head.say("fee_title"),
        number=application.fee_receipt,
        rows=[
            (head.say("receipt"), application.receipt),
            *_who(head, found.file),
            (head.say("fee"), f"{yuan(application.fee_fen)}{head.say('yuan')}"),
            (head.say("means"), MEANS[means].say(head.language) if means in MEANS else means),
            (head.say("accepted"), _exact(paid_at)),
        ],
        notes=_lending(head, found.file),
        sign=[head.say("clerk")],
        **_framed(head, application.receipt),
    )


def one_time_notice(
    head: Letterhead, what: str, missing: Sequence[str], whole: Sequence[str]
) -> Sheet:
    """一次性告知单: everything still missing, and the whole list, on one sheet."""
    return Sheet(
        title=head.say("notice_title"),
        rows=[(what, "")],
        items_title=head.say("missing"),
        items=list(missing),
        lines_title=head.say("all_papers"),
        lines=[(each, "") for each in whole],
        sign=[head.say("holder"), head.say("clerk")],
        **{**_framed(head, ""), "qr": ""},
    )


def issued_document(
    head: Letterhead, title: str, rows: Sequence[tuple[str, str]], code: str
) -> Sheet:
    """A numbered paper that another office verifies: the bank's slip, the employer's letter."""
    return Sheet(
        title=head.say(title),
        number=code,
        rows=list(rows),
        sign=[head.say("clerk")],
        **{**_framed(head, code), "number_label": head.say("document"), "qr": code},
    )


def _lending(head: Letterhead, file: PersonFile) -> list[str]:
    """K8: the warning on every receipt of a holder whose card has, or will have, a bank part."""
    return [head.say("lend")] if any(view.card.bank_id for view in file.cards) else []


def _framed(head: Letterhead, code: str) -> dict[str, Any]:
    return {
        "kind": head.say("social_only"),
        "city": head.city.say(head.language),
        "language": head.language,
        "number_label": head.say("receipt"),
        "footer": head.footer(),
        "qr": f"{head.status_url}{code}" if code else "",
        "qr_words": head.say("scan"),
    }


def _who(head: Letterhead, file: PersonFile) -> list[tuple[str, str]]:
    """The holder's own paper bears the name as written; the number stays masked."""
    return [
        (head.say("name"), file.person.name.reveal()),
        (head.say("number"), file.person.number_mask),
    ]


def _of_application(head: Letterhead, view: ApplicationView) -> list[tuple[str, str]]:
    day = view.promised_at.astimezone(CHINA).strftime("%Y-%m-%d") if view.promised_at else "—"
    soft = head.say("provisional") if view.promise == "provisional" else ""
    fee = f"{yuan(view.fee_fen)}{head.say('yuan')}" if view.fee_fen else head.say("free")
    return [
        (head.say("reason"), term("reason", view.reason).say(head.language)),
        (head.say("accepted"), china_text(view.accepted_at)),
        (head.say("promise"), day + soft),
        (head.say("place"), view.collect_at),
        (head.say("fee"), fee),
    ]


def _application(found: Receipted) -> ApplicationView:
    assert found.application is not None, "this paper is about an application"
    return found.application


def _end(
    head: Letterhead, force: Force, at_lapse: AtLapse, until: datetime | None
) -> tuple[str, str]:
    if force is Force.FORMAL:
        return head.say("formal"), ""
    if until is None:
        return head.say("never"), ""
    return head.say("cancel" if at_lapse is AtLapse.CANCEL else "release"), _exact(until)


def _exact(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
