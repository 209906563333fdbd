"""Hotline, bank, medical office and counter: G3, G4, G6, G7, K8; the same figure at every door."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader

from minka.bench.places import place_id
from minka.desk.dispute import disputes_of
from minka.doors.api import desks
from minka.store.cluster import database_url
from tests.account.books import Books, Holder, Visitor, question_in
from tests.api.asking import Asking, Partners
from tests.staff.desk import Clerk, Hall, Screen

PERIOD = {"since": "2020-01-01", "until": "2099-12-31"}
SEEN = {"p0": "on", "p1": "on"}


def banker(hall: Hall, bank_id: str = "BOC", **more: Any) -> Clerk:
    """A clerk of the bank of R5."""
    where = {"place_id": place_id("R5", "boc_savings_office")}
    return Clerk(hall.staff("bank_clerk", "R5", bank_id=bank_id, **where), **more)


def officer(hall: Hall, region: str = "R5") -> Clerk:
    """A member of staff of the medical insurance office."""
    return Clerk(hall.staff("medical_staff", region))


def at_the_desk(clerk: Clerk, holder: Holder) -> tuple[Screen, str]:
    """The account as the ID card opens it: the screen, and its address."""
    screen = clerk.post("balance/", {"id_number": holder.someone.number.reveal()})
    found = re.match(r"/staff/(balance/[\w-]{12}/)$", screen.url)
    assert found is not None, screen.text[:800]
    return screen, found[1]


def on_the_phone(hall: Hall, holder: Holder, *, wrong: str = "") -> tuple[Clerk, Screen]:
    """A caller who states his facts to the hotline of R1."""
    agent = hall.agent("R1")
    someone = holder.someone
    facts = {"name": wrong or someone.name.reveal(), "id_number": someone.number.reveal()}
    return agent, agent.post("hotline/", {**facts, "do": "check"})


def test_a_caller_who_is_identified_hears_the_balance(books: Books) -> None:
    """G3: after the facts agree, the figure with its time stamp, as a sentence to read out."""
    holder = books.holder("R1", "BANK1")
    agent, screen = on_the_phone(books.hall, holder)
    link = re.search(r"/staff/(balance/[\w-]{12}/)", screen.text)
    assert link is not None, screen.text[:800]
    shown = agent.get(link[1])
    assert shown.has("244.50", "您的个人账户余额是 244.50 元", "截至")
    assert "打印交易记录" not in shown.text, "nothing is printed on the telephone"
    assert holder.someone.number.reveal() not in shown.text


def test_a_caller_who_is_not_identified_hears_nothing(books: Books) -> None:
    """G3, T13: wrong facts, and a receipt's number, open no account."""
    holder = books.holder("R1", "BANK1")
    agent, screen = on_the_phone(books.hall, holder, wrong="别人")
    assert "/staff/balance/" not in screen.text
    assert agent.get("balance/AAAAAAAAAAAA/").status == 404
    visitor = Visitor(books.office)
    visitor.prove(holder.someone, "R1")
    done = visitor.post(f"R1/account/use/{holder.visit.ref}/", reason="amount", words="")
    by_receipt = agent.post("hotline/receipt/", {"status-receipt": question_in(done)})
    assert "/staff/balance/" not in by_receipt.text
    assert agent.get(f"balance/{by_receipt.handle()}/").status == 404


def figure_on(screen: Screen) -> str:
    """The balance as the page shows it."""
    found = re.search(r'mk-balance__figure">([\d.]+)<', screen.text)
    assert found is not None, screen.text[:800]
    return found[1]


@pytest.fixture
def hospital(books: Books, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """A designated hospital's system at the API, on the same register."""
    office = books.office
    monkeypatch.setattr(desks, "opened", lambda: desks.Desks(office, office, office.register))
    partners = Partners(database_url())
    return Asking().as_(partners.enrol("account:balance", "account:statement", regions="R5"))


def test_the_same_figure_to_the_fen_at_every_door(books: Books, hospital: Asking) -> None:
    """G4: bank, office, counter, hospital, the holder's page and statement say one figure."""
    holder = books.holder()
    body = {"region": "R5", "id_number": holder.someone.number.reveal()}
    assert hospital.post("/v1/account-balances", **body)["balance_fen"] == 24450
    days = {"since": "2026-01-01", "until": "2099-12-31"}
    assert hospital.post("/v1/account-statements", **body, **days)["closing_fen"] == 24450
    figure = "244.50"
    clerk = Clerk(books.hall.staff("counter_clerk", "R5"))
    for desk in (banker(books.hall), officer(books.hall), clerk):
        screen, _ = at_the_desk(desk, holder)
        assert figure_on(screen) == figure
    own = Visitor(books.office).prove(holder.someone)
    assert figure_on(own) == figure
    assert books.fen(holder.someone) == 24450


def test_a_desk_sees_only_whom_it_serves(books: Books) -> None:
    """G4, T14: another bank's or city's visitor is not opened, by number or by a strange case."""
    holder = books.holder()
    for clerk in (banker(books.hall, "BANK1"), officer(books.hall, "R4")):
        screen = clerk.post("balance/", {"id_number": holder.someone.number.reveal()})
        assert screen.status == 422
        assert "244.50" not in screen.text
    _, address = at_the_desk(banker(books.hall), holder)
    assert banker(books.hall).get(address).status == 404
    agent = books.hall.agent("R1")
    assert agent.get("balance/").status == 403
    assert agent.raw(f"{address}statement/").status_code in (403, 405)


@pytest.mark.parametrize("role", ["bank", "office"])
def test_the_record_is_printed_against_both_papers(books: Books, role: str) -> None:
    """G6, R5-07: without the certificate it names what is missing; with both it prints all."""
    holder = books.holder()
    clerk = banker(books.hall) if role == "bank" else officer(books.hall)
    screen, address = at_the_desk(clerk, holder)
    assert screen.has("打印交易记录", "R5-07", "医保证", "居民身份证")
    refused = clerk.post(f"{address}statement/", {"kind": "pdf", "p0": "on", **PERIOD})
    assert refused.status == 422
    assert refused.has("还缺这些材料", "医保证")
    paper = clerk.client.post(f"/staff/{address}statement/", {"kind": "pdf", **SEEN, **PERIOD})
    assert paper.headers["Content-Type"] == "application/pdf"
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(paper.content)).pages)
    for figure in ("300.00", "20.00", "35.50", "244.50"):
        assert figure in text
    assert "请勿出借" in text
    code = re.search(r"T-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", text)
    assert code is not None
    assert clerk.post("documents/", {"receipt": code[0]}).has("核对码", "明细条数")
    stranger = Clerk(books.hall.staff("medical_staff", "R4"))
    assert stranger.post("documents/", {"receipt": code[0]}).status == 422


def test_a_question_at_the_desk(books: Books) -> None:
    """G7, R5-08: the clerk writes it down on the transaction; the day is read out."""
    holder = books.holder()
    clerk = banker(books.hall)
    _, address = at_the_desk(clerk, holder)
    use = f"{address}use/{holder.visit.ref}/"
    assert clerk.get(use).has("统筹基金", "70.00", "持卡人有疑问")
    assert clerk.post(use, {"reason": "", "words": ""}).status == 422
    done = clerk.post(use, {"reason": "shares", "words": "听不懂"})
    assert done.has("疑问已受理", "最迟", "前答复")
    (mine,) = disputes_of(books.office, holder.someone.person_id)
    assert (mine.code, mine.channel) == (question_in(done), "bank_counter")
    other = books.holder()
    assert clerk.get(f"{address}use/{other.visit.ref}/").status == 404


def test_the_retail_department_answers_with_the_evidence(books: Books) -> None:
    """G7: amounts, steps, provider, the card as it stood then; a dated answer the holder reads."""
    holder = books.holder()
    visitor = Visitor(books.office)
    visitor.prove(holder.someone)
    use = f"R5/account/use/{holder.visit.ref}/"
    code = question_in(visitor.post(use, reason="amount", words="多收了"))
    clerk = banker(books.hall)
    assert clerk.get("questions/").has(code, "金额不对")
    shown = clerk.get(f"questions/{code}/")
    assert shown.has("多收了", "示例hospital", "统筹基金", "70.00", "医疗费总额100.00元")
    assert shown.has("个人账户20.00元", "答复持卡人")
    assert clerk.post(f"questions/{code}/", {"outcome": "right", "words": ""}).status == 422
    told = {"outcome": "right", "words": "已与医院核对收费单据，金额相符。"}
    assert clerk.post(f"questions/{code}/", told).has("已答复")
    assert code not in clerk.get("questions/").text.partition("<table")[2]
    assert clerk.post(f"questions/{code}/", told).status == 422
    read = visitor.get(f"R5/question/{code}/")
    assert read.has("已答复", "经核对，这笔交易无误", "金额相符")
    assert visitor.get("R5/account/view/").has("打开了您的疑问")


def test_who_sees_a_question(books: Books) -> None:
    """G7, T14: not another bank, city or role."""
    holder = books.holder()
    visitor = Visitor(books.office)
    visitor.prove(holder.someone)
    use = f"R5/account/use/{holder.drugs.ref}/"
    code = question_in(visitor.post(use, reason="not_me", words=""))
    assert officer(books.hall).get(f"questions/{code}/").has("这不是我本人用的", "示例pharmacy")
    for stranger in (banker(books.hall, "BANK1"), officer(books.hall, "R4")):
        assert stranger.get(f"questions/{code}/").status == 404
        assert code not in stranger.get("questions/").text
    assert books.hall.agent("R1").get("questions/").status == 403


def test_the_holder_sees_who_looked(books: Books) -> None:
    """G5: each look of a desk stands on the holder's own page."""
    holder = books.holder()
    at_the_desk(banker(books.hall), holder)
    own = Visitor(books.office).prove(holder.someone)
    assert own.has("谁查看过我的资料", "查看了账户余额", "打开了档案", "银行")
