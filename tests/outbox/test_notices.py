"""Texts to the registered telephone: what they say, when, to whom, and that nothing leaks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from minka.bench.server import Fault
from minka.desk.prove import SendCode, send_code
from minka.doors.outbox.meaning import CardNow, Stop
from minka.doors.outbox.notices import NOTICES, Told, text
from minka.kit.clock import CHINA, china_text
from tests.desk.town import Resident, request
from tests.outbox.outside import (
    Outside,
    ask,
    now,
    open_place,
    phone_of,
    report,
    report_formally,
    resident,
    states,
    turn,
    withdraw,
)

STOP = Stop(
    7,
    "provisional",
    datetime(2026, 11, 22, 2, 33, tzinfo=CHINA),
    datetime(2026, 12, 2, 2, 33, tzinfo=CHINA),
    None,
    "release",
)
CARD = CardNow(
    card_number="T0000001X",
    region="R1",
    kind="social_security_card",
    bank_id="BANK1",
    standing="provisional_loss",
    status="active",
    dead_at=None,
    stops=[STOP],
    now=datetime(2026, 11, 22, 3, 0, tzinfo=CHINA),
)
FACTS = dict.fromkeys(
    "card from_at until_at ended_at at receipt hotline place promised_at refund code".split(),
    "X",
)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
@pytest.mark.parametrize("topic", NOTICES)
def test_every_topic_has_a_text_in_every_language(topic: str, language: str) -> None:
    """K8: no empty place, no rule, and the lending warning where the card has a bank part."""
    body = {"force": "provisional", "at_lapse": "release", "promised_at": "X", "refund_fen": 2500}
    said = text(topic, Told(body, CARD, STOP, FACTS), language)
    assert "…" not in said
    assert "{" not in said
    assert not re.search(r"\d", said), "a number that was not computed stands in a template"
    lends = {"zh-hans": "请勿外借", "zh-hant": "請勿外借", "en": "Never lend"}[language]
    assert (lends in said) == (topic not in ("notice.code", "notice.destroyed"))
    without = text(topic, Told(body, None, STOP, FACTS), language)
    assert lends not in without


def test_every_notice_that_is_sent_has_a_text(project: Path) -> None:
    """A topic without a text would be set aside unread."""
    sources = "".join(path.read_text("utf-8") for path in (project / "minka").rglob("*.py"))
    sent = set(re.findall(r"send\([^()]*?\"(notice\.\w+)\"", sources))
    assert len(sent) >= 10
    assert sent - set(NOTICES) == set()


def test_the_holder_is_told_the_computed_instants(outside: Outside) -> None:
    """A6, E2 of ux: the instant of the lapse, never the number of days."""
    someone = resident(outside.office)
    answer = report(outside.office, someone)
    outside.deliver("notice")
    (said,) = outside.sms.centre.inbox(phone_of(outside.office, someone))
    assert china_text(datetime.fromisoformat(answer.facts["lapses_at"])) in said
    assert china_text(datetime.fromisoformat(answer.facts["stopped_at"])) in said
    assert answer.facts["receipt"] in said
    assert "96102" in said
    assert "10天" not in said


def test_warning_and_lapse_come_at_their_turned_instants(outside: Outside) -> None:
    """A7, H7: a warning before the lapse, word at the lapse, nothing early, each once."""
    someone = resident(outside.office, bank_id="")
    answer = report(outside.office, someone)
    lapses = datetime.fromisoformat(answer.facts["lapses_at"])
    phone = phone_of(outside.office, someone)

    def told_after(moment: datetime) -> int:
        turn(outside.office, moment - now(outside.office))
        outside.deliver("notice")
        return len(outside.sms.centre.inbox(phone))

    day, minute = timedelta(hours=24), timedelta(minutes=1)
    assert told_after(lapses - day - minute) == 1
    assert told_after(lapses - day + minute) == 2
    assert told_after(lapses - minute) == 2
    assert told_after(lapses + minute) == 3
    assert told_after(lapses + timedelta(days=90)) == 3
    soon, lapsed = outside.sms.centre.inbox(phone)[1:]
    assert "将于" in soon
    assert "已于" in lapsed
    assert china_text(lapses) in soon
    assert china_text(lapses) in lapsed


def test_a_day_long_report_is_warned_of_at_once(outside: Outside) -> None:
    """H7, R6: a report of 24 hours leaves no day for a warning; it comes with the report."""
    someone = resident(outside.office, "R6", bank_id="")
    report(outside.office, someone, "R6")
    outside.deliver("notice")
    assert len(outside.sms.centre.inbox(phone_of(outside.office, someone))) == 2


def test_no_lapse_is_announced_for_a_card_formally_lost_since(outside: Outside) -> None:
    """A14: neither the warning nor the lapse of the provisional report goes out."""
    open_place(outside)
    someone = resident(outside.office)
    report(outside.office, someone)
    report_formally(outside.office, someone)
    for days in (9, 3):
        turn(outside.office, timedelta(days=days, hours=1))
        outside.deliver("notice")
    assert len(outside.sms.centre.inbox(phone_of(outside.office, someone))) == 2
    notes = [s["note"] for s in states(outside.url, someone, "notice.lapse%")]
    assert notes == ["dropped: the stop no longer ends like that"] * 2


def test_no_lapse_is_announced_for_a_report_that_was_withdrawn(outside: Outside) -> None:
    """The release is told once, with what to do if it was somebody else; then no more."""
    someone = resident(outside.office)
    report(outside.office, someone)
    withdraw(outside, someone)
    turn(outside.office, timedelta(days=12))
    outside.deliver("notice")
    said = outside.sms.centre.inbox(phone_of(outside.office, someone))
    assert len(said) == 2
    assert "不是您本人" in said[-1]


def test_a_holder_without_a_telephone_is_noted_and_not_tried_again(outside: Outside) -> None:
    """Undeliverable is an end, not an error."""
    someone = resident(outside.office, phone="")
    report(outside.office, someone)
    assert outside.deliver("notice") == 1
    (state,) = states(outside.url, someone, "notice.stopped")
    assert state["note"] == "undeliverable: no registered telephone"
    assert state["done_at"] is not None
    assert outside.sms.centre.texts() == []


def test_a_minors_text_goes_to_the_guardian(outside: Outside) -> None:
    """The guardian's telephone, even where the child has one."""
    guardian = resident(outside.office)
    born = f"{now(outside.office).year - 9}0310"
    child = resident(outside.office, born=born, guardian_id=guardian.person_id)
    grown = resident(outside.office, guardian_id=guardian.person_id)
    report(outside.office, child)
    report(outside.office, grown)
    outside.deliver("notice")
    assert len(outside.sms.centre.inbox(phone_of(outside.office, guardian))) == 1
    assert outside.sms.centre.inbox(phone_of(outside.office, child)) == []
    assert len(outside.sms.centre.inbox(phone_of(outside.office, grown))) == 1


def test_a_lost_reply_tells_nobody_twice(outside: Outside) -> None:
    """P6: the centre knows the key."""
    someone = resident(outside.office)
    outside.sms.party.faults.switch(Fault.LOST_REPLY, 3)
    report(outside.office, someone)
    outside.deliver("notice")
    assert len(outside.sms.centre.inbox(phone_of(outside.office, someone))) == 1


def test_neither_number_nor_text_is_logged_or_kept_in_a_fault(outside: Outside) -> None:
    """P13, I6: not in the log, not in the register's word about a fault."""
    someone = resident(outside.office)
    phone = phone_of(outside.office, someone)
    report(outside.office, someone)
    with capture_logs() as logs:
        for fault in (Fault.DOWN, Fault.ERROR, Fault.LOST_REPLY, Fault.NONE):
            outside.sms.party.faults.switch(fault, 1)
            outside.deliver("notice", most=1)
        outside.deliver("notice")
    assert len(outside.sms.centre.inbox(phone)) == 1
    written = str(logs) + str(ask(outside.url, "select last_fault, note from outbox_state"))
    assert len(logs) >= 4
    for secret in (phone, someone.number.reveal(), someone.name.reveal(), "停用"):
        assert secret not in written


def test_a_code_is_sealed_in_the_register_and_expires(outside: Outside) -> None:
    """A one-time code is opened only when it goes out, and not after it has run out."""
    office = outside.office
    someone, late = resident(office), resident(office)

    def ask_for_code(of: Resident) -> None:
        command = SendCode("R1", of.number, of.name, "freeze")
        assert send_code(office, request(), command).accepted

    ask_for_code(someone)
    outside.deliver("notice")
    (said,) = outside.sms.centre.inbox(phone_of(office, someone))
    (code,) = re.findall(r"\d{6}", said)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d前有效", said)
    kept = ask(outside.url, "select body from outbox") + ask(outside.url, "select * from request")
    assert code not in str(kept)
    ask_for_code(late)
    turn(office, timedelta(minutes=11))
    outside.deliver("notice")
    assert outside.sms.centre.inbox(phone_of(office, late)) == []
    (state,) = states(outside.url, late, "notice.code")
    assert state["note"] == "dropped: the code has expired"
