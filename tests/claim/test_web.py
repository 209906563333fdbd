"""Claims and warnings on the holder's pages and at staff's screens (H5, K8, P12, P19)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from minka.desk.lending_watch import follow
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.kit.clock import CHINA
from minka.store.care import begin_coverage
from tests.desk.town import Resident, request
from tests.staff import conftest as on_the_register

desk_office, hall = on_the_register.desk_office, on_the_register.hall

from tests.account.books import Visitor  # noqa: E402  # needs Django set up by the import above
from tests.claim import ward  # noqa: E402
from tests.staff.desk import Clerk, Hall, Screen  # noqa: E402

CLAIM = re.compile(r"\bE-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")


@pytest.fixture(scope="module", autouse=True)
def _ward(desk_office: Office, database_url: str) -> None:
    ward.build(database_url)


@pytest.fixture
def someone(desk_office: Office, hall: Hall) -> Resident:
    """A covered resident of R6 whose card was reported lost."""
    found = hall.resident("R6")
    with desk_office.register.act() as connection:
        cover = {"scheme": ward.EMPLOYEES, "psn_type": ward.IN_WORK, "area": ward.AREA}
        begin_coverage(connection, found.person_id, **cover, covered_from=date(2015, 1, 1))
    command = ReportLoss("R6", "hotline", found.number, {"name": found.name})
    assert report_loss(desk_office, request("hotline_agent"), command).accepted
    return found


def medical(hall: Hall) -> Clerk:
    """A member of staff of the medical office of R6."""
    return Clerk(hall.staff("medical_staff", "R6"))


def invoice(number: str, total: str = "5000.00") -> dict[str, str]:
    """What the holder types."""
    return {
        "provider": "H99070000001",
        "basis": "1",
        "paid_on": ward.today().isoformat(),
        "total": total,
        "invoice_no": number,
    }


def proved(office: Office, who: Resident, language: str = "zh-hans") -> Visitor:
    """A browser in which the holder has proved who he is, on the way to a claim."""
    visitor = Visitor(office, language=language)
    assert visitor.get("R6/reimburse/start/").url == "/R6/account/"
    assert visitor.prove(who, "R6").url == "/R6/reimburse/claim/"
    return visitor


def code_in(screen: Screen) -> str:
    """The number of a claim on the screen."""
    found = CLAIM.search(screen.url + screen.text)
    assert found is not None, screen.text[:500]
    return found[0]


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "最近一次"), ("zh-hant", "最近一次"), ("en", "latest medical expense")],
)
def test_the_rule_is_told_before_anybody_proves_himself(
    desk_office: Office, language: str, words: str
) -> None:
    """R6-08: the phrase itself, and what of it is assumed; another city says it has no rule."""
    screen = Visitor(desk_office, language=language).get("R6/reimburse/")
    assert screen.has("予以報銷一次且為掛失更換前最近一次發生的醫療費用", words, "mk-assumed")
    assert Visitor(desk_office).get("R1/reimburse/").has("没有写明")


def test_a_claim_is_filled_in_filed_and_seen(
    desk_office: Office, someone: Resident, database_url: str
) -> None:
    """H5: the hospital's record fills the form; the receipt leads to the way it takes."""
    ward.uploaded(database_url, someone, datetime.now(CHINA), 321_000)
    visitor = proved(desk_office, someone)
    screen = visitor.get("R6/reimburse/claim/")
    assert screen.has("示例医院", "3210.00", "最近一次", "发票")
    assert someone.number.reveal() not in screen.text
    done = visitor.post("R6/reimburse/claim/", **invoice("WEB-1", "3210.00"))
    assert done.has("报销申请已受理", "已受理", "审核发票和明细", "撤回申请")
    code = code_in(done)
    stranger = Visitor(desk_office).get(f"R6/reimburse/{code}/")
    assert stranger.has("等待审核", "确认是您本人")
    assert "3210.00" not in stranger.text
    assert Visitor(desk_office).post("R6/case/", receipt=code).url == f"/R6/reimburse/{code}/"
    assert Visitor(desk_office).get(f"R1/reimburse/{code}/").status == 404
    assert visitor.post(f"R6/reimburse/{code}/").has("本人撤回")


def test_what_is_wrong_is_said_at_the_field(desk_office: Office, someone: Resident) -> None:
    """H5: each field with its own words; a refusal of the rule above the form."""
    visitor = proved(desk_office, someone)
    empty = visitor.post("R6/reimburse/claim/", total="x")
    assert (empty.status, empty.has("请填写发票号码", "金额不对", "请选择医院或药店")) == (
        422,
        True,
    )
    old = {**invoice("WEB-2"), "paid_on": (ward.today() - timedelta(days=90)).isoformat()}
    assert visitor.post("R6/reimburse/claim/", **old).has("不在丢卡期间")


def test_nothing_is_claimed_without_proof(desk_office: Office, someone: Resident) -> None:
    """T13: the form is for the proved holder; who knows a code alone withdraws nothing."""
    visitor = Visitor(desk_office)
    assert visitor.post("R6/reimburse/claim/", **invoice("WEB-3")).url == "/R6/account/"
    code = code_in(proved(desk_office, someone).post("R6/reimburse/claim/", **invoice("WEB-4")))
    assert Visitor(desk_office).post(f"R6/reimburse/{code}/").has("等待审核")


def test_staff_review_and_pay_a_small_claim(
    desk_office: Office, hall: Hall, someone: Resident
) -> None:
    """H5: taken at the counter, lines typed, the amount said, paid; the holder sees it."""
    clerk = Clerk(hall.staff("counter_clerk", "R6"))
    taken = clerk.post(
        "claims/",
        {
            **invoice("DESK-1", "2000.00"),
            "id_number": someone.number.reveal(),
            "papers_seen": ["resident_id", "expense_invoice"],
        },
    )
    code = code_in(taken)
    assert taken.url == f"/staff/claims/{code}/"
    assert "计算并保存审核" not in taken.text
    officer = medical(hall)
    assert officer.get("claims/").has(code, "等待审核")
    lines = {"class_1": "1", "amount_1": "1500.00", "class_2": "2", "amount_2": "500.00"}
    papers = {"papers_seen": ["resident_id", "expense_invoice"]}
    wrong = officer.post(f"claims/{code}/", {"do": "review", **papers, "class_1": "1"})
    assert (wrong.status, wrong.has("类别和金额都要填写")) == (422, True)
    found = officer.post(f"claims/{code}/", {"do": "review", **papers, **lines, "ratio_2": "10"})
    assert found.has("审核好了", "基金应付", "已审核")
    paid = officer.post(f"claims/{code}/", {"do": "pay"})
    assert paid.has("已付款", "已报销", "P-")
    assert Visitor(desk_office).get(f"R6/reimburse/{code}/").has("已报销")
    again = proved(desk_office, someone).get("R6/reimburse/claim/")
    assert again.has("已经报销过")


def test_two_people_pay_a_large_claim(desk_office: Office, hall: Hall, someone: Resident) -> None:
    """P12: proposed on the claim's page, approved in the review room by another."""
    visitor = proved(desk_office, someone)
    code = code_in(visitor.post("R6/reimburse/claim/", **invoice("DESK-2", "9000.00")))
    officer = medical(hall)
    papers = {"papers_seen": ["resident_id", "expense_invoice"]}
    lines = {"class_1": "1", "amount_1": "9000.00"}
    found = officer.post(f"claims/{code}/", {"do": "review", **papers, **lines})
    assert found.has("要由两人决定")
    assert officer.post(f"claims/{code}/", {"do": "pay"}).has("须两人审批")
    assert officer.post(f"claims/{code}/", {"do": "propose"}).has("已提出审批")
    reviewer = Clerk(hall.staff("reviewer", "R6"))
    waiting = reviewer.get("review/")
    assert waiting.has(code, "支付丢卡期间费用报销")
    sign = {
        name: re.search(rf'name="{name}" value="([^"]+)"', waiting.text[waiting.text.index(code) :])
        for name in ("act_id", "content_hash", "key")
    }
    values = {name: match[1] for name, match in sign.items() if match}
    assert reviewer.post("review/", {"do": "approve", **values}).has("已批准并办理")
    assert visitor.get(f"R6/reimburse/{code}/").has("已报销")


def test_a_claim_is_refused_with_a_reason(
    hall: Hall, desk_office: Office, someone: Resident
) -> None:
    """H5: the holder reads why."""
    code = code_in(proved(desk_office, someone).post("R6/reimburse/claim/", **invoice("DESK-3")))
    officer = medical(hall)
    assert officer.post(f"claims/{code}/", {"do": "refuse"}).has("请选择原因")
    officer.post(f"claims/{code}/", {"do": "refuse", "reason": "not_genuine"})
    assert Visitor(desk_office).get(f"R6/reimburse/{code}/").has("没有通过", "不是原件")


def test_staff_of_another_city_see_nothing(
    hall: Hall, desk_office: Office, someone: Resident
) -> None:
    """T14: a claim belongs to its city; a desk without the role has no page."""
    code = code_in(proved(desk_office, someone).post("R6/reimburse/claim/", **invoice("DESK-4")))
    elsewhere = Clerk(hall.staff("medical_staff", "R5"))
    assert elsewhere.get(f"claims/{code}/").status == 404
    assert code not in elsewhere.get("claims/").text
    assert Clerk(hall.staff("factory", "R6")).get("claims/").status == 403


def test_a_sign_of_lending_from_the_journal_to_a_suspension(
    hall: Hall, desk_office: Office, someone: Resident, database_url: str
) -> None:
    """K8, T9: the holder is warned, staff decide, two suspend; every page says where it stands."""
    at = datetime.now(CHINA) - timedelta(hours=3)
    for nth in range(9):
        ward.settled(database_url, someone, at + timedelta(minutes=15 * nth))
    step = follow(desk_office, behind=timedelta(0), step=timedelta(days=2))
    assert step.signs == 1
    officer = medical(hall)
    listed = officer.get("lending/")
    assert listed.has("短时间频繁结算", "待核实", "示例医院")
    found = re.search(r"W-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", listed.text)
    assert found is not None
    code = found[0]
    warned = Visitor(desk_office).post("R6/case/", receipt=code)
    assert warned.url == f"/R6/warning/{code}/"
    assert warned.has("正在核实", "请勿出借社保卡", "马上挂失")
    assert proved(desk_office, someone).get("R6/reimburse/claim/").has("异常使用")
    assert officer.post(f"lending/{code}/", {"do": "decide"}).has("请选择结论")
    decided = officer.post(
        f"lending/{code}/", {"do": "decide", "verdict": "confirmed", "reason": "resold"}
    )
    assert decided.has("已记录", "药品转卖", "第735号", "暂停几个月")
    assert officer.post(f"lending/{code}/", {"do": "suspend", "months": "3"}).has("另一位同事批准")
    reviewer = Clerk(hall.staff("reviewer", "R6"))
    waiting = reviewer.get("review/")
    assert waiting.has(code, "暂停医保联网结算")
    part = waiting.text[waiting.text.index(code) :]
    values = {}
    for name in ("act_id", "content_hash", "key"):
        match = re.search(rf'name="{name}" value="([^"]+)"', part)
        assert match is not None
        values[name] = match[1]
    assert reviewer.post("review/", {"do": "approve", **values}).has("已批准并办理")
    assert officer.get(f"lending/{code}/").has("结算暂停至", "提前恢复")
    assert proved(desk_office, someone).get("R6/reimburse/claim/").has("医保联网结算暂停至")
    assert Visitor(desk_office).get(f"R6/warning/{code}/").has("核实属实")
