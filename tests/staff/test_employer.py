"""The employer's clerk: B9, G11, R2-02, R5-01; own staff only."""

from __future__ import annotations

from minka.cards.card import Standing
from minka.store.connection import rows
from tests.desk.town import Resident
from tests.staff.desk import Clerk, Hall


def proxy(hall: Hall, region: str = "R2", employer: str = "R2-E1") -> Clerk:
    """The clerk of an employer."""
    return Clerk(hall.staff("employer_clerk", region, employer_id=employer))


def told(someone: Resident) -> dict[str, str]:
    """What the rule asks of the clerk."""
    return {"id_number": someone.number.reveal(), "name": someone.name.reveal()}


def test_a_report_for_own_staff(hall: Hall) -> None:
    """B9, R2-02: three pages, the holder is told, the receipt is in the employer's list."""
    someone, clerk = hall.resident("R2", employer_id="R2-E1"), proxy(hall)
    check = clerk.post("employer/", told(someone))
    assert check.has("还没有提交", "短信会发到本人登记的手机")
    assert someone.number.reveal() not in check.text
    assert someone.name.reveal() not in check.text
    done = clerk.post("employer/check/")
    assert done.has("挂失已受理")
    receipt = done.receipts("G")[0]
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.PROVISIONAL_LOSS
    assert clerk.get("employer/").has(receipt)
    paper = clerk.get(f"employer/report/{receipt}/paper/")
    assert paper.headers["Content-Type"] == "application/pdf"
    with hall.office.register.act() as connection:
        place = {"person_id": someone.person_id, "card_id": someone.card_id}
        taken = rows(connection, "loss.reports_of_card", **place)
    assert taken[0]["channel"] == "employer_online"
    assert taken[0]["rule_ref"].startswith("R2-02@")


def test_somebody_elses_staff_is_nobody(hall: Hall) -> None:
    """B9: another employer's person and an unknown one get one answer; nothing is written."""
    stranger, clerk = hall.resident("R2", employer_id="R2-E2"), proxy(hall)
    assert clerk.post("employer/", told(stranger)).has("还没有提交")
    refused = clerk.post("employer/check/")
    assert refused.status == 422
    assert refused.has("所报信息与登记不一致")
    assert not hall.file(stranger).events


def test_a_second_report_changes_nothing(hall: Hall) -> None:
    """The standing report is shown in the list, with its number."""
    someone, clerk = hall.resident("R2", employer_id="R2-E1"), proxy(hall)
    clerk.post("employer/", told(someone))
    receipt = clerk.post("employer/check/").receipts("G")[0]
    clerk.post("employer/", told(someone))
    again = clerk.post("employer/check/")
    assert again.url == "/staff/employer/"
    assert again.has("已经挂失", receipt)


def test_another_employer_reads_nothing(hall: Hall) -> None:
    """A report and a letter belong to the employer that made them."""
    someone, clerk = hall.resident("R2", employer_id="R2-E1"), proxy(hall)
    clerk.post("employer/", told(someone))
    receipt = clerk.post("employer/check/").receipts("G")[0]
    other = proxy(hall, employer="R2-E2")
    assert receipt not in other.get("employer/").text
    assert other.get(f"employer/report/{receipt}/").status == 404
    assert other.get(f"employer/report/{receipt}/paper/").status == 404


def test_a_city_without_this_channel_says_so(hall: Hall) -> None:
    """R1 knows no report by employers: the ways there are, and no form that would be refused."""
    clerk = proxy(hall, "R1", "R1-E1")
    page = clerk.get("employer/")
    assert page.has("不能由单位在网上挂失")
    assert "id_id_number" not in page.text
    assert clerk.post("employer/letter/", {"letter-id_number": "1"}).status == 404


def test_the_letter_is_for_own_staff_and_printed(hall: Hall) -> None:
    """G11, R5-01: a numbered letter; a stranger gets none; a bad number names its fault."""
    someone = hall.resident("R5", bank_id="BOC", employer_id="R5-E1")
    clerk = proxy(hall, "R5", "R5-E1")
    done = clerk.post("employer/letter/", {"letter-id_number": someone.number.reveal()})
    assert done.has("证明信已开具", "待盖章")
    code = done.receipts("D")[0]
    assert clerk.get(f"employer/letter/{code}/").headers["Content-Type"] == "application/pdf"
    assert proxy(hall, "R5", "R5-E2").get(f"employer/letter/{code}/").status == 404
    stranger = hall.resident("R5", bank_id="BOC", employer_id="R5-E2")
    refused = clerk.post("employer/letter/", {"letter-id_number": stranger.number.reveal()})
    assert refused.status == 422
    assert refused.has("所报信息与登记不一致")
    assert clerk.post("employer/letter/", {"letter-id_number": "123"}).has("证件号码要 18 位")


def test_only_the_medical_office_stamps(hall: Hall) -> None:
    """R5-02: a counter clerk verifies the letter but cannot stamp it; a stamp stands once."""
    someone = hall.resident("R5", bank_id="BOC", employer_id="R5-E1")
    clerk = proxy(hall, "R5", "R5-E1")
    given = {"letter-id_number": someone.number.reveal()}
    code = clerk.post("employer/letter/", given).receipts("D")[0]
    other = Clerk(hall.staff("counter_clerk", "R5"))
    assert other.post("documents/", {"receipt": code}).has("待盖章")
    assert other.post("documents/", {"do": "stamp", "code": code}).status == 422
    foreign = Clerk(hall.staff("medical_staff", "R3"))
    assert foreign.post("documents/", {"do": "stamp", "code": code}).status == 422
    medical = Clerk(hall.staff("medical_staff", "R5"))
    assert medical.post("documents/", {"receipt": code}).has("确认盖章")
    assert medical.post("documents/", {"do": "stamp", "code": code}).has("已盖章")
    assert "确认盖章" not in medical.post("documents/", {"receipt": code}).text
    assert medical.post("documents/", {"receipt": "D-0000-0000-0"}).status == 422
    assert clerk.get("documents/").status == 403


def test_a_clerk_without_an_employer_sees_nothing(hall: Hall) -> None:
    """An account that was opened carelessly reads nobody's reports."""
    clerk = Clerk(hall.staff("employer_clerk", "R2"))
    assert clerk.get("employer/").has("本单位还没有挂失记录")
    assert Clerk(hall.staff("bank_clerk", "R2")).get("employer/").status == 403
