"""卡内查询 at a terminal: ID card tapped, card put in, both sides shown, news written (L3, C2)."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from minka.chip.connection import CardGone
from minka.chip.faults import CardFault
from minka.desk import chip_contact
from minka.desk.act import Request
from minka.desk.chip_items import KIOSK
from minka.desk.chip_look import side_by_side
from minka.desk.look import PersonFile
from minka.devices.pcsc_reader import ReaderFault
from minka.doors import at_reader
from minka.doors.office import office
from minka.doors.web import chip_shown
from minka.doors.web.citizen.lost import language
from minka.doors.web.kiosk import reader
from minka.doors.web.kiosk.lost import holder
from minka.doors.web.kiosk.terminal import Stand, at_terminal, page
from minka.keys.vault import KeyRefused, VaultGone


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def chip(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Only the holder of the tapped ID card sees his card; a typed number opens nothing."""
    file = holder(request, stand)
    if isinstance(file, HttpResponse):
        return file
    said = _at_reader(request, stand, file)
    seen = side_by_side(office(), int(file.person.person_id), KIOSK)
    if seen is None:
        return page(request, stand, "unknown", {}, status=422)
    context = {
        "said": said,
        "read": seen.reading is not None,
        "facts": chip_shown.facts(seen),
        "groups": chip_shown.groups(seen.lines),
        "differing": chip_shown.wrong(seen.lines),
        "waiting": chip_shown.waiting(seen),
    }
    return page(request, stand, "chip", context)


def _at_reader(request: HttpRequest, stand: Stand, file: PersonFile) -> str:
    """Read and write the holder's card where it lies in the terminal; what to say of it."""
    held = [v.card.card_number for v in file.cards] if reader.demo_readers() == "yes" else []
    for number in held:
        try:
            return _contact(request, stand, file, f"{at_reader.VIRTUAL}{number}")
        except CardFault as fault:
            return fault.say(language(request))
        except CardGone:
            return _("卡中途拿走了。请再放入同一张卡，系统会核对写完没有。")
        except (ReaderFault, VaultGone, KeyRefused):
            continue
    return _("终端里没有您的卡。下面是上次读卡的内容。")


def _contact(request: HttpRequest, stand: Stand, file: PersonFile, name: str) -> str:
    actor = stand.terminal.kiosk_id

    def fresh() -> Request:
        return Request(f"kiosk-{secrets.token_urlsafe(18)}", "kiosk", actor, KIOSK)

    with at_reader.powered(name) as card:
        desk, place = at_reader.office_at(name), stand.terminal.place_id
        contact = chip_contact.meet(desk, card, actor, fresh, place_id=place)
        chip_contact.read(contact)
        kept = chip_contact.keep(contact)
        if not kept.accepted:
            return kept.say(language(request))
        if kept.facts["person_id"] != file.person.person_id:
            return _("读卡器里不是您的卡。请放入您自己的卡。")
        if chip_contact.stamp(contact) is not None:
            return _("这张卡已停用。请到窗口办理，或拨打热线询问。")
        person_id, card_id = int(file.person.person_id), kept.facts["card_id"]
        done = [answer for _w, answer in chip_contact.write(contact, person_id, card_id)]
        chip_contact.read(contact)
        chip_contact.keep(contact)
    written = sum(a.accepted and a.facts["step"] in ("done", "repaired") for a in done)
    return _("已把 %(n)d 项新内容写入您的卡。") % {"n": written} if written else ""
