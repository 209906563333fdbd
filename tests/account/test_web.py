"""The holder's own pages: G5, G6, G7, K8."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from pypdf import PdfReader

from minka.kit.fen import yuan
from minka.kit.identity import mask_name
from tests.account.books import Books, Holder, Visitor, question_in

FORM = {"since": "2020-01-01", "until": "2099-12-31"}


def opened(books: Books, holder: Holder, language: str = "zh-hans") -> Visitor:
    """A browser in which the holder has proved who he is."""
    visitor = Visitor(books.office, language=language)
    assert visitor.prove(holder.someone).url == "/R5/account/view/"
    return visitor


def test_proof_then_balance_with_its_instant(books: Books) -> None:
    """G5: after the code the holder sees balance, time stamp and movements; masked."""
    holder = books.holder()
    screen = Visitor(books.office).prove(holder.someone)
    assert screen.has("244.50", "截至", "就诊结算", "刷卡购药", "期初余额转入", "示例hospital")
    assert screen.has("-20.00", "-35.50", "+300.00", "100.00", "70.00", "10.00")
    assert holder.someone.name.reveal() not in screen.text
    assert holder.someone.number.reveal() not in screen.text
    assert screen.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["view/", f"use/{'1' * 26}/"])
def test_nothing_is_seen_without_proof(books: Books, path: str) -> None:
    """G5, T13: whoever has not proved is asked to; a wrong code opens nothing."""
    holder, visitor = books.holder(), Visitor(books.office)
    assert visitor.get(f"R5/account/{path}").url == "/R5/account/"
    assert visitor.raw("R5/account/statement/", kind="pdf").headers["Location"] == "/R5/account/"
    someone = holder.someone
    stated = {"name": someone.name.reveal(), "id_number": someone.number.reveal()}
    visitor.post("R5/account/", **stated)
    assert visitor.post("R5/account/code/", code="x").status == 422
    assert visitor.get("R5/account/view/").url == "/R5/account/"


def test_the_proof_is_for_this_city_and_can_be_ended(books: Books) -> None:
    """G5: another city's page asks anew; leaving closes the account at once."""
    visitor = opened(books, books.holder())
    assert visitor.get("R4/account/view/").url == "/R4/account/"
    assert visitor.get("R5/account/").url == "/R5/account/view/"
    visitor.post("R5/account/leave/")
    assert visitor.get("R5/account/view/").url == "/R5/account/"


def test_the_period_is_chosen(books: Books) -> None:
    """G5, G6: days without movements say so; a wrong order is told at the field."""
    visitor = opened(books, books.holder())
    none = visitor.get("R5/account/view/?since=2020-01-01&until=2020-01-31")
    assert none.has("这段时间没有划入，也没有支出")
    assert none.has("244.50")
    wrong = visitor.get("R5/account/view/?since=2026-02-02&until=2026-01-01")
    assert wrong.status == 422
    assert wrong.has("结束日期不能早于开始日期")


def words_of(pdf: bytes) -> str:
    """The text of a paper."""
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("kind", ["pdf", "large"])
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_statement_on_paper(books: Books, language: str, kind: str) -> None:
    """G6, K8: every line, the sums, page numbers, check value, and the lending warning."""
    holder = books.holder()
    answer = opened(books, holder, language).raw("R5/account/statement/", kind=kind, **FORM)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    text = words_of(answer.content)
    for figure in ("300.00", "55.50", "244.50", "20.00", "35.50", "135.50", "70.00"):
        assert figure in text, figure
    assert holder.visit.ref in text.replace("\n", "")
    lends = {"zh-hans": "请勿出借", "zh-hant": "請勿出借", "en": "Do not lend"}[language]
    assert lends in text
    assert "1 / 1" in text
    reader = PdfReader(io.BytesIO(answer.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert holder.someone.name.reveal() in text.replace(" ", "")
    assert holder.someone.number.reveal() not in text


def test_a_card_without_a_bank_part_warns_of_no_lending(books: Books) -> None:
    """K8: the warning is for cards with a bank part."""
    holder = books.holder(bank_id="")
    answer = opened(books, holder).raw("R5/account/statement/", kind="pdf", **FORM)
    assert "请勿出借" not in words_of(answer.content)


def table_of(answer: Any) -> list[list[str]]:
    """A CSV as a spreadsheet reads it."""
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_statement_as_a_table(books: Books) -> None:
    """G6: UTF-8 with BOM, the same lines and sums, masked, offered as a file."""
    holder = books.holder()
    answer = opened(books, holder).raw("R5/account/statement/", kind="csv", **FORM)
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = table_of(answer)
    assert ["期末余额", "244.50"] in rows
    total = next(row for row in rows if row[0] == "合计")
    assert total[3:] == ["300.00", "55.50", "244.50", "135.50", "70.00", "10.00"]
    assert holder.someone.name.reveal() not in answer.content.decode()


def hall_mask(holder: Holder) -> str:
    """The name as screens of the house mask it."""
    return mask_name(holder.someone.name.reveal())


def test_the_paper_can_be_verified(books: Books) -> None:
    """G6: the number leads to days, lines and check value; to no amount and no person."""
    holder = books.holder()
    visitor = opened(books, holder)
    answer = visitor.raw("R5/account/statement/", kind="csv", **FORM)
    code = answer.headers["Content-Disposition"].partition('"')[2].rpartition(".csv")[0]
    check = next(row[1] for row in table_of(answer) if row[0] == "核对码")
    stranger = Visitor(books.office).get(f"R5/statement/{code}/")
    assert stranger.has(code, check, "明细条数")
    assert "244.50" not in stranger.text
    assert holder.someone.name.reveal() not in stranger.text
    assert hall_mask(holder) not in stranger.text
    assert Visitor(books.office).get(f"R4/statement/{code}/").status == 404
    found = Visitor(books.office).post("R5/case/", receipt=code)
    assert found.url == f"/R5/statement/{code}/"


def test_one_transaction_with_its_shares(books: Books) -> None:
    """G5, G7: who paid which part, in words, and the form to doubt it."""
    holder = books.holder()
    screen = opened(books, holder).get(f"R5/account/use/{holder.visit.ref}/")
    assert screen.has("统筹基金", "70.00", "个人账户", "20.00", "现金", "10.00", "100.00")
    assert screen.has("示例hospital", "提出疑问", "这不是我本人用的", "请勿出借")


def test_anothers_transaction_does_not_exist(books: Books) -> None:
    """G5, T14: neither shown nor doubted."""
    visitor, other = opened(books, books.holder()), books.holder()
    for ref in (other.visit.ref, "L1", "L999", "9" * 26, "x"):
        assert visitor.get(f"R5/account/use/{ref}/").status == 404, ref
        assert visitor.post(f"R5/account/use/{ref}/", reason="amount").status == 404


def test_a_question_from_the_list_to_the_answer(books: Books) -> None:
    """G7: opened on the transaction, shown with its day, listed; a stranger sees no content."""
    holder = books.holder()
    visitor = opened(books, holder)
    use = f"R5/account/use/{holder.visit.ref}/"
    assert visitor.post(use, reason="").has("请选择您的疑问")
    done = visitor.post(use, reason="twice", words="只看了一次病", key="web-one-question-key")
    code = question_in(done)
    assert done.has("疑问已受理", code, "重复扣款", "最迟答复", "假定", "只看了一次病", "正在核对")
    again = visitor.post(use, reason="amount", words="")
    assert again.status == 422
    assert again.has(code)
    assert visitor.get("R5/account/view/").has(code, "重复扣款")
    stranger = Visitor(books.office).get(f"R5/question/{code}/")
    assert stranger.has(code, "请先确认是您本人")
    assert "只看了一次病" not in stranger.text
    assert "重复扣款" not in stranger.text
    assert holder.visit.ref not in stranger.text
    assert Visitor(books.office).post("R5/case/", receipt=code).url == f"/R5/question/{code}/"


def test_this_was_not_me(books: Books) -> None:
    """G7, X33: every use has its objection button, and it leads on to stopping the card."""
    holder = books.holder()
    books.refuse(holder.someone)
    visitor = opened(books, holder)
    listed = visitor.get("R5/account/view/")
    assert listed.text.count("?reason=not_me#question") == 3, "two uses and a refused attempt"
    use = f"R5/account/use/{holder.drugs.ref}/"
    chosen = visitor.get(f"{use}?reason=not_me")
    assert 'value="not_me"' in chosen.text.partition("checked")[0].rpartition("<input")[2]
    done = visitor.post(use, reason="not_me", words="")
    assert done.has("卡可能在别人手里", "马上挂失，停用这张卡", "/R5/lost/")


def test_a_person_without_an_account_is_told_so(books: Books) -> None:
    """G5: never zero yuan for want of an account."""
    someone = books.hall.resident("R5", bank_id="BOC")
    screen = Visitor(books.office).prove(someone)
    assert screen.has("没有查到您的个人账户")
    assert yuan(0) not in screen.text.partition("<main")[2]
