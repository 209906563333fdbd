"""Review, back office, audit and reference data: A10, E14, K8, P12; each post its own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from minka.bench.places import place_id
from minka.doors.web.kiosk.terminal import is_setup_code, setup_code
from minka.store.models import Kiosk, Operator, Place
from tests.staff.desk import Clerk, Hall
from tests.staff.test_factory import ordered

READS = {
    "office/": {"reference_clerk", "reviewer", "auditor", "security_administrator"},
    "office/rules/": {"reference_clerk", "reviewer", "auditor", "security_administrator"},
    "office/calendar/": {"reference_clerk"},
    "office/kiosks/": {"reference_clerk"},
    "review/": {"reviewer", "security_administrator"},
    "audit/": {"auditor"},
    "documents/": {"medical_staff", "bank_clerk", "counter_clerk", "reviewer"},
    "factory/": {"factory"},
    "stock/": {"counter_clerk", "bank_clerk"},
    "bank/": {"bank_clerk"},
    "employer/": {"employer_clerk"},
}


@pytest.mark.parametrize("role", [role for role, _ in Operator.ROLES])
def test_role_matrix(hall: Hall, role: str) -> None:
    """Each post opens its own pages; every other page is 403, also to a POST."""
    clerk = Clerk(hall.staff(role))
    for path, allowed in READS.items():
        assert clerk.get(path).status == (200 if role in allowed else 403), (role, path)
        if role not in allowed:
            assert clerk.post(path, {"do": "approve"}).status in (403, 405)


def turn_clock(hall: Hall, forward: timedelta) -> None:
    """Turn the bench's clock."""
    with hall.office.register.act() as connection:
        connection.execute("update clock_shift set shift = shift + %s", (forward,))


def test_an_uncollected_card_is_destroyed_by_two(hall: Hall) -> None:
    """E14, P12: after the rule's time; one proposes, another approves, nobody approves his own."""
    someone, receipt = ordered(hall)
    hall.make(receipt)
    first, second = (Clerk(hall.staff("reviewer")) for _ in range(2))
    assert first.get("review/").has(receipt, "还没到期")
    asked = {"do": "propose", "act": "destroy_card", "receipt": receipt}
    turn_clock(hall, timedelta(days=91))
    assert first.get("review/").has("提出退回销毁")
    assert first.get("office/").has("已到期，可提出销毁")
    assert first.post("review/", asked).has("等另一位同事批准")
    own = first.get("review/")
    assert own.has("要由另一位同事批准")
    page = second.get("review/").text
    given = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("act_id", "content_hash")
    }
    assert first.post("review/", {"do": "approve", **given}).status == 422
    changed = {**given, "content_hash": "00" * 32}
    assert second.post("review/", {"do": "approve", **changed}).status == 422
    assert second.post("review/", {"do": "approve", **given}).has("已批准并办理")
    assert hall.file(someone).running() is None
    turn_clock(hall, -timedelta(days=91))


def test_promises_at_risk(hall: Hall) -> None:
    """A10: a card that is not at its place three days before its promise is on the list."""
    _, receipt = ordered(hall)
    clerk = Clerk(hall.staff("reference_clerk"))
    assert receipt not in clerk.get("office/").text
    turn_clock(hall, timedelta(days=40))
    assert clerk.get("office/").has(receipt, "已超期", "可能赶不上承诺日期的卡")
    other = Clerk(hall.staff("reference_clerk", "R3"))
    assert receipt not in other.get("office/").text
    turn_clock(hall, -timedelta(days=40))


def test_a_message_set_aside_is_released_by_two(hall: Hall) -> None:
    """P12: quarantined messages of the own city, proposed and approved by two."""
    someone, _receipt = ordered(hall)
    with hall.office.register.act() as connection:
        found = connection.execute(
            "update outbox_state set quarantined_at = register_now(), last_fault = 'bad answer'"
            " where person_id = %s and lane = 'bank' returning outbox_id",
            (someone.person_id,),
        ).fetchall()
    aside = str(found[0]["outbox_id"])
    first, second = (Clerk(hall.staff("reviewer")) for _ in range(2))
    assert first.get("review/").has(aside, "bad answer")
    elsewhere = Clerk(hall.staff("reviewer", "R3")).get("review/")
    assert "bad answer" not in elsewhere.text
    asked = {"do": "propose", "act": "release_quarantine", "outbox_id": aside}
    assert first.post("review/", asked).has("等另一位同事批准")
    page = second.get("review/").text
    given = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("act_id", "content_hash")
    }
    assert second.post("review/", {"do": "approve", **given}).has("已批准并办理")
    assert "bad answer" not in second.get("review/").text
    assert second.post("review/", {"do": "approve", "act_id": "x"}).status == 404
    assert second.post("review/", {"do": "propose", "act": "waive_fee"}).status == 404


def test_the_rules_page_shows_every_gap(hall: Hall) -> None:
    """Silent fields are visible, assumed ones are marked; another region can be read."""
    clerk = Clerk(hall.staff("reference_clerk"))
    assert clerk.get("office/rules/").has("假定", "R1-01", "要由本市回答的问题")
    assert clerk.get("office/rules/?region=R5").has("R5-03")
    assert clerk.get("office/rules/?region=NOWHERE").has("R1-01")


def test_a_holiday_notice_is_loaded(hall: Hall) -> None:
    """A10: by typing or by file; wrong days name their fault; a second, other one is refused."""
    clerk = Clerk(hall.staff("reference_clerk"))
    assert clerk.post("office/calendar/", {"year": "2027"}).has("请填写日期，或上传文件")
    wrong = clerk.post("office/calendar/", {"year": "2027", "off": "1. Januar"})
    assert wrong.status == 422
    assert wrong.has("日期要写成 2027-01-01")
    other_year = clerk.post("office/calendar/", {"year": "2027", "off": "2028-01-03"})
    assert other_year.status == 422
    file = SimpleUploadedFile("2027.csv", b"2027-01-01,off\n2027-10-09,extra\n", "text/csv")
    done = clerk.post("office/calendar/", {"year": "2027", "file": file})
    assert done.has("已载入 2 天")
    assert clerk.post("office/calendar/", {"year": "2027", "off": "2027-05-03"}).status == 422
    broken = SimpleUploadedFile("x.csv", b"what,ever\n", "text/csv")
    assert clerk.post("office/calendar/", {"year": "2029", "file": broken}).has("读不懂")


def test_terminals_are_bound_by_todays_code(hall: Hall) -> None:
    """A4: the back office shows the code; yesterday's still binds, an older one does not."""
    where = Place.objects.get(place_id=place_id("R1", "service_point"))
    Kiosk.objects.get_or_create(kiosk_id="K-TEST", defaults={"place": where})
    shown = Clerk(hall.staff("reference_clerk")).get("office/kiosks/")
    assert shown.has("K-TEST", setup_code("K-TEST"))
    assert is_setup_code("K-TEST", setup_code("K-TEST").lower())
    assert not is_setup_code("K-TEST", setup_code("K-OTHER"))


def test_the_auditor_sees_who_looked(hall: Hall) -> None:
    """K8: acts and looks by staff number, by act, by person; other cities and clear text never."""
    someone = hall.resident("R4", bank_id="BANK1")
    where = {"place_id": place_id("R4", "service_bank"), "bank_id": "BANK1"}
    login = hall.staff("bank_clerk", "R4", **where)
    banker = Clerk(login)
    banker.post("bank/", {"id_number": someone.number.reveal()})
    number = Operator.objects.get(user__username=login).staff_number
    auditor = Clerk(hall.staff("auditor", "R4"))
    found = auditor.get(f"audit/?actor={number}")
    assert found.has(number, "打开档案", "1100**********")
    assert someone.number.reveal() not in found.text
    assert number not in auditor.get("audit/?act=ReportLoss").text.split("<table")[-1]
    foreign = Clerk(hall.staff("auditor", "R1")).get(f"audit/?actor={number}")
    assert "打开档案</td>" not in foreign.text
    assert auditor.get("audit/?receipt=G-0000-0000-0").status == 422
    assert auditor.get("audit/?since=2026-99-99").status == 422
    assert auditor.get("audit/?skip=abc").status == 200


def test_reference_data_belongs_to_its_post(hall: Hall) -> None:
    """Three posts: data, log-ins, reading; a superuser flag gives no more; nobody deletes."""
    data, guard = Clerk(hall.staff("reference_clerk")), Clerk(hall.staff("security_administrator"))
    auditor, other = Clerk(hall.staff("auditor")), Clerk(hall.staff("counter_clerk"))
    for clerk in (data, guard, auditor, other):
        _admit(clerk)
    pages = {
        "admin/store/place/": (200, 403, 200, 403),
        "admin/store/place/add/": (200, 403, 403, 403),
        "admin/store/operator/": (403, 200, 200, 403),
        "admin/store/operator/add/": (403, 200, 403, 403),
        "admin/auth/user/": (403, 200, 200, 403),
        "admin/store/place/import/": (200, 403, 403, 403),
        "admin/store/apiclient/": (403, 200, 200, 403),
    }
    for path, expected in pages.items():
        got = tuple(each.get(path).status for each in (data, guard, auditor, other))
        assert got == expected, path
    place = place_id("R1", "service_point")
    assert data.get(f"admin/store/place/{place}/delete/").status == 403


def test_nobody_gives_himself_a_post(hall: Hall) -> None:
    """The security administrator changes everyone's row but the own one."""
    login = hall.staff("security_administrator")
    guard, mine = Clerk(login), Operator.objects.get(user__username=login)
    _admit(guard)
    page = guard.get(f"admin/store/operator/{mine.pk}/change/")
    assert page.status == 200
    assert 'name="_save"' not in page.text
    other = Operator.objects.exclude(pk=mine.pk).first()
    assert other is not None
    assert 'name="_save"' in guard.get(f"admin/store/operator/{other.pk}/change/").text


def test_places_come_in_as_a_file(hall: Hall) -> None:
    """G14, K8: a csv is shown before it is taken; the change is in the auditor's list."""
    data = Clerk(hall.staff("reference_clerk"))
    _admit(data)
    head = "place_id,region,kind,name,district,address,hours,open_from"
    line = "R1-NEW-1,R1,service_point,新网点,东区,东路1号,全天,2027-01-01"
    file = SimpleUploadedFile("places.csv", f"{head}\n{line}\n".encode())
    shown = data.post("admin/store/place/import/", {"import_file": file, "format": "0"})
    assert shown.status == 200, shown.text
    assert shown.has("R1-NEW-1")
    names = ("import_file_name", "original_file_name", "format", "resource")
    given = {
        name: shown.text.split(f'name="{name}" value="')[1].split('"')[0]
        for name in names
        if f'name="{name}" value="' in shown.text
    }
    assert data.post("admin/store/place/process_import/", given).status == 200
    assert Place.objects.filter(place_id="R1-NEW-1").exists()
    assert Clerk(hall.staff("auditor")).get("audit/").has("基础数据的改动", "新网点")


def _admit(clerk: Clerk) -> None:
    """Django's own switch for its back office, as the security administrator sets it."""
    from django.contrib.auth.models import User

    key = clerk.client.cookies["minka_session"].value
    from django.contrib.sessions.backends.db import SessionStore

    user = User.objects.get(pk=SessionStore(key)["_auth_user_id"])
    user.is_staff = user.is_superuser = True
    user.save()
