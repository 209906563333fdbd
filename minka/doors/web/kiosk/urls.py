"""Addresses of the terminal's pages, under /kiosk/."""

from __future__ import annotations

from django.urls import path

from minka.doors.web.kiosk import balance, cases, chip, found, home, lost

urlpatterns = [
    path("", home.home, name="kiosk"),
    path("setup/", home.setup, name="kiosk_setup"),
    path("lost/", lost.start, name="kiosk_lost"),
    path("lost/check/", lost.check, name="kiosk_check"),
    path("slip/<slug:code>/", lost.slip, name="kiosk_slip"),
    path("found/", found.found_it, name="kiosk_found"),
    path("found/card/", found.card, name="kiosk_found_card"),
    path("replace/", found.replace, name="kiosk_replace"),
    path("replace/list/", found.checklist, name="kiosk_checklist"),
    path("progress/", cases.progress, name="kiosk_progress"),
    path("papers/", cases.papers, name="kiosk_papers"),
    path("paper/<slug:code>/", cases.paper, name="kiosk_paper"),
    path("balance/", balance.balance, name="kiosk_balance"),
    path("chip/", chip.chip, name="kiosk_chip"),
    path("places/", home.places, name="kiosk_places"),
    path("ticket/", home.ticket, name="kiosk_ticket"),
    path("staff/", home.staff, name="kiosk_staff"),
    path("wipe/", home.wipe, name="kiosk_wipe"),
]
