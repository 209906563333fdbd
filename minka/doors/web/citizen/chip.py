"""What was on the holder's card when it was last read, beside what is on file (L3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from minka.desk.chip_items import HOLDER
from minka.desk.chip_look import side_by_side
from minka.desk.look import PersonFile
from minka.doors.office import office
from minka.doors.web import chip_shown
from minka.doors.web.citizen.account import holders
from minka.doors.web.citizen.city import City, page


@require_safe
@holders
def show(request: HttpRequest, city: City, file: PersonFile) -> HttpResponse:
    """The last reading, every difference with its reason and one thing to do."""
    seen = side_by_side(office(), int(file.person.person_id), HOLDER)
    context = {
        "read": seen is not None and seen.reading is not None,
        "facts": chip_shown.facts(seen) if seen else [],
        "groups": chip_shown.groups(seen.lines) if seen else [],
        "differing": chip_shown.wrong(seen.lines) if seen else [],
        "waiting": chip_shown.waiting(seen) if seen else [],
        "money": chip_shown.money(seen.money) if seen else [],
    }
    return page(request, city, "chip", context)
