"""Messages that come twice, late, out of order, changed, or after their reversal (X1, P6, I10)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from minka.client import Bill
from minka.client.carrier import HttpCarrier
from minka.kit.clock import CHINA
from tests.insurance.hall import Patient, Ward, got, lose_card
from tests.insurance.raw import Letter, again, letter, send
from tests.insurance.rows import ADMISSION, diagnosis, drug, line, purchase, registration, stay_line


def registering(here: Ward, who: Patient, number: str = "O1") -> dict[str, Any]:
    """The node of a 2201."""
    return {"psn_no": who.psn_no, **who.shows().fields(), **registration(number)}


def admitting(here: Ward, who: Patient) -> Letter:
    """A 2401."""
    node: dict[str, Any] = {
        **ADMISSION,
        "psn_no": who.psn_no,
        **who.shows().fields(),
        "ipt_no": "I1",
    }
    node["begntime"] = datetime.now(CHINA)
    diagnoses = [{**diagnosis(), "psn_no": who.psn_no}]
    return letter(here.hospital, "2401", who.psn_no, mdtrtinfo=node, diseinfo=diagnoses)


def reversing(here: Ward, who: Patient, of: Letter, infno: str = "") -> Letter:
    """A 2601 of another message."""
    provider = here.pharmacy if of.msgid.startswith("P") else here.hospital
    node = {"psn_no": who.psn_no, "omsgid": of.msgid, "oinfno": infno or of.infno}
    return letter(provider, "2601", who.psn_no, data=node)


def settling(here: Ward, who: Patient, bill: Bill) -> Letter:
    """A 2207 of a bill that lies in scope."""
    zero = dict.fromkeys(("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"), "0")
    fields = bill.fields()
    node = {**fields, "chrg_bchno": bill.batch, "med_type": "11", **zero}
    node["inscp_scp_amt"] = fields["medfee_sumamt"]
    return letter(here.hospital, "2207", who.psn_no, data=node)


def buying(here: Ward, who: Patient, fen: int = 700) -> Letter:
    """A 2102."""
    nodes = purchase(who, "R", fen, lines=[drug("R-1", fen)]).nodes()
    nodes["druginfo"]["invono"] = ""
    return letter(here.pharmacy, "2102", who.psn_no, **nodes)


def test_every_writing_message_has_one_effect_and_one_answer(here: Ward) -> None:
    """2201, 2204, 2205, 2202, 2301, 2302, 2402, 2405 and 2404, each sent three times."""
    who, hospital = here.patient(), here.hospital

    def thrice(infno: str, **nodes: Any) -> str:
        one = letter(hospital, infno, who.psn_no, **nodes)
        answers = {send(hospital, one) for _ in range(3)}
        assert len(answers) == 1, infno
        (said,) = answers
        assert said.done, (infno, said.words)
        return said.output

    found = thrice("2201", data=registering(here, who))
    visit = str(here.count("select max(visit_no) from visit"))
    assert visit in found
    rows = [{"psn_no": who.psn_no, **line("A", visit, 100)}]
    thrice("2204", feedetail=rows)
    thrice("2205", data={"psn_no": who.psn_no, "mdtrt_id": visit, "chrg_bchno": "A"})
    thrice("2202", data={"psn_no": who.psn_no, "mdtrt_id": visit, "ipt_otp_no": "O1"})
    stay = here.hospital.admit(who)
    thrice("2301", feedetail=[{"psn_no": who.psn_no, **stay_line("L", stay, 100)}])
    gone = {"psn_no": who.psn_no, "mdtrt_id": stay}
    thrice("2302", data=[{**gone, "feedetl_sn": "L"}])
    left = {**gone, "insutype": "310", "endtime": datetime.now(CHINA), "dscg_way": "1"}
    left |= {"dscg_dept_codg": "01", "dscg_dept_name": "内科"}
    thrice("2402", dscginfo=left, diseinfo=[{"psn_no": who.psn_no, **diagnosis()}])
    thrice("2405", data=gone)
    thrice("2404", data=gone)
    assert here.count("select count(*) from visit where person_id = %s", who.who.person_id) == 2
    fees = "select count(*) from fee_upload where person_id = %s"
    assert here.count(fees, who.who.person_id) == 4
    steps = "select count(*) from visit_step where person_id = %s"
    assert here.count(steps, who.who.person_id) == 4


def test_another_content_under_the_same_key_is_refused(here: Ward) -> None:
    """A key is bound to the content of its first message, also to its person (X1)."""
    who, other = here.patient(), here.patient()
    one = letter(here.hospital, "2201", data=registering(here, who))
    assert send(here.hospital, one).done
    for changed in (registering(here, who, "O2"), registering(here, other)):
        said = send(here.hospital, again(one, here.hospital, data=changed))
        assert "另一份内容" in said.words
    assert here.count("select count(*) from visit where person_id = %s", other.who.person_id) == 0


def test_a_refusal_is_kept_under_its_key(here: Ward) -> None:
    """The cause is gone, the answer is the same; a new message is done (P6)."""
    who = here.patient()
    visit = here.hospital.visit(who)
    wrong = letter(here.hospital, "2405", data={"psn_no": who.psn_no, "mdtrt_id": visit})
    first = send(here.hospital, wrong)
    assert not first.done
    assert send(here.hospital, wrong) == first
    lose_card(here.office, who)
    shown = letter(here.hospital, "2201", data=registering(here, who))
    refused = send(here.hospital, shown)
    assert "不能结算" in refused.words
    assert send(here.hospital, shown) == refused


def test_an_admission_is_reversed_before_and_after(here: Ward) -> None:
    """2601 of a 2401: a tombstone for one that is late, an end for one that came (I10)."""
    who = here.patient()
    late = admitting(here, who)
    undo = reversing(here, who, late)
    assert send(here.hospital, undo).done
    assert send(here.hospital, undo).done
    for _ in range(2):
        assert "冲正" in send(here.hospital, late).words
    assert here.count("select count(*) from visit where person_id = %s", who.who.person_id) == 0
    came = admitting(here, who)
    first = send(here.hospital, came)
    assert first.done
    assert send(here.hospital, reversing(here, who, came)).done
    assert send(here.hospital, reversing(here, who, came)).done
    assert send(here.hospital, came) == first
    stay = str(here.count("select max(visit_no) from visit"))
    rows = [{"psn_no": who.psn_no, **stay_line("L", stay, 100)}]
    said = send(here.hospital, letter(here.hospital, "2301", feedetail=rows))
    assert "已经结束" in said.words


def test_an_admission_with_something_settled_is_not_reversed(here: Ward) -> None:
    """What is settled is refunded first; a refused admission has nothing to undo."""
    who = here.patient()
    came = admitting(here, who)
    assert send(here.hospital, came).done
    stay = str(here.count("select max(visit_no) from visit"))
    split = got(here.hospital.client.upload_stay(who.psn_no, [stay_line("L", stay, 9_000)]))
    bill = Bill(f"R{stay}", who.psn_no, stay, who.shows(), 9_000)
    quoted = got(here.hospital.client.pre_settle_stay(bill, split.output["result"]))
    got(here.hospital.client.settle_stay(bill, quoted))
    assert "已经结算" in send(here.hospital, reversing(here, who, came)).words
    lost = here.patient()
    lose_card(here.office, lost)
    refused = admitting(here, lost)
    assert not send(here.hospital, refused).done
    assert send(here.hospital, reversing(here, lost, refused)).done
    other = here.patient()
    assert "没有查到" in send(here.hospital, reversing(here, other, came)).words


def test_a_settlement_is_reversed_before_and_after(here: Ward) -> None:
    """2601 of 2207 and 2102 in both orders: the account is what it was."""
    who = here.patient()
    before = here.balance(who)
    makes: list[Callable[[], Letter]] = [
        lambda: settling(here, who, here.hospital.bill(who)),
        lambda: buying(here, who),
    ]
    for make in makes:
        provider = here.hospital if make().infno == "2207" else here.pharmacy
        late = make()
        assert send(provider, reversing(here, who, late)).done
        assert "冲正" in send(provider, late).words
        came = make()
        assert send(provider, came).done
        assert here.balance(who) < before
        assert send(provider, reversing(here, who, came)).done
        assert send(provider, came).done
        assert here.balance(who) == before


def test_a_purchase_that_is_not_settled_leaves_nothing(here: Ward) -> None:
    """2102 refused by its second half: no visit, no charges, one answer (P9; the issue, 2)."""
    who = here.patient()
    old = drug("R-1", 700, fee_ocur_time=datetime(2019, 6, 1, 9, tzinfo=CHINA))
    nodes = purchase(who, "R", 700, lines=[old]).nodes()
    nodes["druginfo"]["invono"] = ""
    one = letter(here.pharmacy, "2102", who.psn_no, **nodes)
    refused = send(here.pharmacy, one)
    assert not refused.done
    assert "参保" in refused.words
    assert send(here.pharmacy, one) == refused
    left = "select (select count(*) from visit where person_id = %s)"
    left += " + (select count(*) from fee_upload where person_id = %s)"
    assert here.count(left, who.who.person_id, who.who.person_id) == 0
    kept = "select count(*) from settlement where person_id = %s and kind = 4"
    assert here.count(kept, who.who.person_id) == 1


def test_only_what_may_be_reversed_is(here: Ward) -> None:
    """Another transaction, another's message id: refused, nothing left behind."""
    who = here.patient()
    one = letter(here.hospital, "2201", data=registering(here, who))
    said = send(here.hospital, reversing(here, who, one))
    assert not said.done
    foreign = buying(here, who)
    node = {"psn_no": who.psn_no, "omsgid": foreign.msgid, "oinfno": "2102"}
    assert "不是本机构" in send(here.hospital, letter(here.hospital, "2601", data=node)).words
    assert send(here.pharmacy, foreign).done


def test_a_reversal_that_names_another_transaction_is_refused(here: Ward) -> None:
    """A key of a 2401 called a settlement, and of a 2201 called a 2401: nothing changes (P9)."""
    who = here.patient()
    came = admitting(here, who)
    first = send(here.hospital, came)
    node = {"psn_no": who.psn_no, "omsgid": came.msgid, "oinfno": "2207"}
    wrong = letter(here.hospital, "2601", data=node)
    refused = send(here.hospital, wrong)
    assert "另一种交易（2401）" in refused.words
    assert send(here.hospital, wrong) == refused
    stone = "select count(*) from settlement where msg_no = %s"
    assert here.count(stone, came.msg_no) == 0
    stands = "select count(*) from visit_step where person_id = %s"
    assert here.count(stands, who.who.person_id) == 0
    assert send(here.hospital, came) == first
    opened = letter(here.hospital, "2201", data=registering(here, who))
    assert send(here.hospital, opened).done
    node = {"psn_no": who.psn_no, "omsgid": opened.msgid, "oinfno": "2401"}
    said = send(here.hospital, letter(here.hospital, "2601", data=node))
    assert "另一种交易（2201）" in said.words
    assert here.count(stands, who.who.person_id) == 0
    assert send(here.hospital, reversing(here, who, came)).done
    assert here.count(stands, who.who.person_id) == 1


def test_an_admission_and_a_reversal_of_its_key_at_once(here: Ward) -> None:
    """2401 and a 2601 that calls it a settlement: refused and it stands, or it has no effect."""
    who = here.patient()
    for _ in range(12):
        came = admitting(here, who)
        node = {"psn_no": who.psn_no, "omsgid": came.msgid, "oinfno": "2304"}
        wrong = letter(here.hospital, "2601", data=node)
        carriers = [HttpCarrier(here.hospital.client.site) for _ in range(2)]
        with ThreadPoolExecutor(2) as both:
            asked = [
                both.submit(send, here.hospital, one, carrier)
                for one, carrier in zip((came, wrong), carriers, strict=True)
            ]
            _, reversal = (each.result() for each in asked)
        stays = "select count(*) from message m join visit v on v.visit_no::text = convert_from("
        stays += "m.answer, 'UTF8')::jsonb -> 'done' ->> 'mdtrt_id' where m.msg_no = %s and not"
        stays += " exists (select from visit_step s where s.visit_no = v.visit_no)"
        stood = here.count(stays, came.msg_no)
        assert stood == int(not reversal.done)
        for carrier in carriers:
            carrier.close()


def test_the_register_re_derives_to_nothing_different(here: Ward) -> None:
    """After all of the above (P9)."""
    assert here.differences() == []
