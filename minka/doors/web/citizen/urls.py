"""Addresses of the citizen's pages: a city first, then a situation."""

from __future__ import annotations

from django.urls import path, register_converter

from minka.doors.web.citizen import (
    account,
    account_use,
    case,
    chip,
    home,
    lost,
    prove,
    reimburse,
    warning,
)


class RegionConverter:
    """A region id such as R1 or V2."""

    regex = "[A-Z][A-Za-z0-9]{0,11}"

    def to_python(self, value: str) -> str:
        """The id itself."""
        return value

    def to_url(self, value: str) -> str:
        """The id itself."""
        return value


register_converter(RegionConverter, "region")

urlpatterns = [
    path("", home.cities, name="cities"),
    path("<region:region>/", home.home, name="home"),
    path("<region:region>/lost/", lost.ask, name="lost"),
    path("<region:region>/lost/check/", lost.check, name="check"),
    path("<region:region>/case/", case.find, name="find"),
    path("<region:region>/case/<slug:code>/", case.show, name="case"),
    path("<region:region>/case/<slug:code>/paper/", case.paper, name="paper"),
    path("<region:region>/found/", case.found_it, name="found"),
    path("<region:region>/replace/", home.replace, name="replace"),
    path("<region:region>/freeze/", prove.ask, name="prove"),
    path("<region:region>/freeze/code/", prove.code, name="code"),
    path("<region:region>/account/", account.ask, name="account"),
    path("<region:region>/account/code/", account.code, name="account_code"),
    path("<region:region>/account/view/", account.view, name="account_view"),
    path("<region:region>/account/statement/", account.statement, name="account_statement"),
    path("<region:region>/account/chip/", chip.show, name="account_chip"),
    path("<region:region>/account/leave/", account.leave, name="account_leave"),
    path("<region:region>/account/use/<slug:ref>/", account_use.use, name="account_use"),
    path("<region:region>/question/<slug:code>/", account_use.question, name="question"),
    path("<region:region>/statement/<slug:code>/", account_use.verify, name="statement"),
    path("<region:region>/reimburse/", reimburse.about, name="reimburse"),
    path("<region:region>/reimburse/start/", reimburse.start, name="reimburse_start"),
    path("<region:region>/reimburse/claim/", reimburse.claim, name="reimburse_claim"),
    path("<region:region>/reimburse/<slug:code>/", reimburse.show, name="reimburse_show"),
    path("<region:region>/warning/<slug:code>/", warning.show, name="warning"),
    path("<region:region>/places/", home.places, name="places"),
    path("<region:region>/helper/", home.by_agent, name="by_agent"),
    path("<region:region>/guide/", home.guide, name="guide"),
]
