"""卡内查询 at the counter: a card read, held against the file, and written (I5, L3, C2-C8).

The reader is one that this server reaches itself (a workstation that is its own server, and the
demo city's virtual cards): it works without JavaScript. A workstation's own reader is reached by
the page's script, which brings what the local reader service gave; nothing is written on its word,
for the server has not proven that card.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.chip.connection import CardGone
from minka.chip.faults import CardFault
from minka.desk import chip_contact
from minka.desk.act import Answer
from minka.desk.chip_check import CheckCard, check_card
from minka.desk.chip_contact import Contact
from minka.desk.chip_look import side_by_side
from minka.desk.chip_read import keep_reading
from minka.desk.look import file_of_person
from minka.devices.pcsc_reader import NoCard, ReaderFault
from minka.doors import at_reader
from minka.doors import settings as surroundings
from minka.doors.office import office
from minka.doors.web import chip_shown
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.shield import CONTENT_POLICY
from minka.doors.web.staff import chip_brought
from minka.doors.web.staff.cases import keep as keep_case
from minka.doors.web.staff.cases import open_case, the_case
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page
from minka.keys.vault import KeyRefused, VaultGone

ROLES = ("counter_clerk", "medical_staff", "reviewer")
HOME = "/staff/chip/"
NAV = (Nav(label=gettext_lazy("卡内查询"), url=HOME, roles=ROLES),)
_SPEAKS_TO_SERVICE = (
    f"{CONTENT_POLICY}; connect-src 'self' ws://127.0.0.1:{chip_brought.SERVICE_PORT}"
)
"""The page's script speaks to the reader service of its own machine, and to nobody else."""
READER = "chip_reader"
"""Which reader this session used last."""


def own_readers() -> list[at_reader.Seen]:
    """The readers of this server itself: in a demonstration, or on a workstation that is one."""
    return at_reader.seen() if surroundings.current().demo_readers else []


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ROLES)
def find(request: StaffRequest, who: Who) -> HttpResponse:
    """Choose a reader; the card in it opens the page."""
    wrong = ""
    if request.method == "POST":
        reader = str(request.POST.get("reader", ""))[:80]
        brought = str(request.POST.get("brought", ""))
        checking = request.POST.get("do") == "check"
        act = _checked if checking else chip_contact.keep
        answer = _brought(who, brought) if brought else _read(request, who, reader, act)
        if isinstance(answer, Answer) and answer.accepted:
            person_id = int(answer.facts["person_id"])
            if _is_ours(who, person_id):
                _say_verdict(request, answer)
                request.session[READER] = "" if brought else reader
                case = open_case(request, person_id, "chip")
                return HttpResponseRedirect(f"{HOME}{case.handle}/")
            wrong = _("这张卡不是本市登记的，请到发卡地办理。")
        else:
            wrong = answer.say(language()) if isinstance(answer, Answer) else answer
    readers = own_readers()
    context = {
        "readers": readers,
        "used": request.session.get(READER, ""),
        "wrong_list": [Wrong(message=wrong, field_id="reader")] if wrong else [],
        "service_port": chip_brought.SERVICE_PORT,
        "files": chip_brought.FILES,
    }
    answer_page = page(request, who, "chip/find", context, status=422 if wrong else 200)
    answer_page.headers["Content-Security-Policy"] = _SPEAKS_TO_SERVICE
    return answer_page


def _is_ours(who: Who, person_id: int) -> bool:
    file = file_of_person(office(), person_id)
    return file is not None and file.person.region == who.region


def _brought(who: Who, text: str) -> Answer | str:
    command = chip_brought.reading(text, who.place_id)
    if command is None:
        return _("读卡服务送来的内容看不懂。请再读一次。")
    return keep_reading(office(), who.request(fresh_key("b")), command)


def _checked(contact: Contact) -> Answer:
    """The hand-over check: the reading is kept, and held against what is printed (C1)."""
    command = CheckCard(chip_contact.as_reading(contact))
    return check_card(contact.office, contact.new_request(), command)


def _say_verdict(request: StaffRequest, answer: Answer) -> None:
    if answer.facts.get("verdict") == "equal":
        messages.success(request, _("卡面和芯片一致，可以交给持卡人。"))
    elif answer.facts.get("verdict") == "differs":
        names = [words[language()] for words in answer.facts["fields"]]
        told = {"fields": _("、").join(names)}
        messages.error(request, _("芯片内的%(fields)s和卡面不一致，不能交给持卡人。") % told)


def _stop(request: StaffRequest, contact: Contact) -> None:
    """Do with a stopped card what the register orders at its first contact, and say so."""
    done = chip_contact.stamp(contact)
    if done is None or not done.accepted:
        return
    if done.facts["result"] in ("blocked", "was_blocked"):
        messages.warning(request, _("这张卡已补换，卡内医保应用已永久锁定。请收回这张卡。"))
    else:
        messages.warning(request, _("这张卡已停用，不要办理结算。"))


def _read(
    request: StaffRequest, who: Who, reader: str, then: Callable[[Contact], Answer]
) -> Answer | str:
    """Read the card in a reader of this server and keep it; a sentence when that fails."""
    if reader not in [each.name for each in own_readers()]:
        return _("请选择读卡器。")
    try:
        with at_reader.powered(reader) as card:
            contact = _meet(who, reader, card)
            chip_contact.read(contact)
            answer = then(contact)
            if answer.accepted:
                _stop(request, contact)
            return answer
    except NoCard:
        return _("读卡器里没有卡。请放好卡再读。")
    except CardFault as fault:
        return fault.say(language())
    except (ReaderFault, CardGone, VaultGone, KeyRefused):
        return _("没有读成。请看卡是否放好，再读一次。")


def _meet(who: Who, reader: str, card: Any) -> Contact:
    desk = at_reader.office_at(reader)
    return chip_contact.meet(
        desk, card, reader, lambda: who.request(fresh_key("c")), place_id=who.place_id
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ROLES)
def show(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The card beside the file; what waits is written when it is asked for."""
    case = the_case(request, handle)
    reader = str(request.session.get(READER, ""))
    wrong: list[str] = []
    if request.method == "POST":
        wrong = _write(request, who, case.person_id, reader)
        keep_case(request, case)
        if not wrong:
            return HttpResponseRedirect(f"{HOME}{handle}/")
    seen = side_by_side(office(), case.person_id, who.role)
    if seen is None:
        raise Http404
    context = {
        "handle": handle,
        "facts": chip_shown.facts(seen),
        "groups": chip_shown.groups(seen.lines),
        "differing": chip_shown.wrong(seen.lines),
        "waiting": chip_shown.waiting(seen),
        "money": chip_shown.money(seen.money),
        "reader": reader if reader in [each.name for each in own_readers()] else "",
        "read": seen.reading is not None,
        "wrong_list": [Wrong(message=each) for each in wrong],
    }
    return page(request, who, "chip/show", context, status=422 if wrong else 200)


def _write(request: StaffRequest, who: Who, person_id: int, reader: str) -> list[str]:
    """Write what waits on the card in the reader; the sentences of what was not done."""
    if reader not in [each.name for each in own_readers()]:
        return [_("请先在这台机器上读卡。")]
    wrong: list[str] = []
    try:
        with at_reader.powered(reader) as card:
            contact = _meet(who, reader, card)
            kept = chip_contact.read(contact) and chip_contact.keep(contact)
            if not isinstance(kept, Answer) or not kept.accepted:
                return [kept.say(language()) if isinstance(kept, Answer) else _("没有读成。")]
            for waiting, answer in chip_contact.write(contact, person_id, kept.facts["card_id"]):
                name = waiting.place.name(language())
                if answer.accepted and answer.facts["step"] in ("done", "repaired"):
                    messages.success(request, f"{name}{_('：')}{_('已写入卡内')}")
                else:
                    why = answer.say(language()) or _("没有写成，下次再写。")
                    wrong.append(f"{name}{_('：')}{why}")
            chip_contact.read(contact)
            chip_contact.keep(contact)
    except CardGone:
        return [_("卡中途拿走了。请再放入同一张卡，系统会核对写完没有。")]
    except CardFault as fault:
        return [fault.say(language())]
    except (ReaderFault, VaultGone, KeyRefused):
        return [_("没有写成。请看卡是否放好，再试一次。")]
    return wrong


urlpatterns = [
    path("chip/", find, name="staff_chip"),
    path("chip/<str:handle>/", show, name="staff_chip_card"),
]
