"""A sign that a card is lent, as its holder sees it by the number of the text message (K8)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from minka.desk.lending import sign
from minka.desk.look import receipted
from minka.doors.office import office
from minka.doors.web.citizen.city import City, in_city, page
from minka.doors.web.parts import Action, Tag, Tone, Weight

STATES = {"confirmed": Tone.BAD, "dismissed": Tone.GOOD}


@in_city
@require_safe
def show(request: HttpRequest, city: City, code: str) -> HttpResponse:
    """Whether it is still looked into, and what to do when it was somebody else."""
    known = receipted(office(), code)
    found = sign(office(), code) if known and known.kind == "lending" else None
    if known is None or found is None or known.file.person.region != city.id:
        raise Http404
    verdict = found["verdict"] or ""
    words = {"confirmed": _("核实属实"), "dismissed": _("核实后没有问题")}
    context = {
        "found": found,
        "tag": Tag(text=words.get(verdict, _("正在核实")), tone=STATES.get(verdict, Tone.WAIT)),
        "open": not verdict,
        "report_lost": Action(
            label=_("不是我用的：马上挂失"), url=f"/{city.id}/lost/", weight=Weight.DANGER
        ),
    }
    return page(request, city, "warning", context)
