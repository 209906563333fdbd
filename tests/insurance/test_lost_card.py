"""A card that is lost: refused wherever it is shown, no hindrance anywhere else (P1, X33, 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from minka.client import Bill, By, Outcome, Refused, Success, settled
from minka.client.figures import Settled
from minka.kit.clock import CHINA
from tests.insurance.hall import Patient, Ward, got, lose_card, new_card, no
from tests.insurance.rows import line, purchase, stay_line, visit_words


@dataclass(frozen=True, slots=True)
class Begun:
    """A patient in the middle of everything when the card is lost."""

    here: Ward
    who: Patient
    bill: Bill
    stay: str
    done: Settled
    bought: Settled
    stayed: Settled
    gone: str
    left: str

    @property
    def psn_no(self) -> str:
        """The person's number."""
        return self.who.psn_no

    def ask(self, infno: str, **nodes: Any) -> Outcome:
        """At the hospital."""
        return self.here.hospital.ask(infno, self.psn_no, **nodes)

    def data(self, mdtrt_id: str, **more: Any) -> dict[str, Any]:
        """The node of the short transactions."""
        return {"data": {"psn_no": self.psn_no, "mdtrt_id": mdtrt_id, **more}}


def begin(here: Ward) -> Begun:
    """Visits, stays and a purchase, settled and not; then the card is lost."""
    who, hospital = here.patient(), here.hospital
    done = hospital.settle(hospital.bill(who))
    bought = settled(got(here.pharmacy.client.settle_purchase(
        purchase(who, f"T{who.psn_no}", 700)
    )).output)  # fmt: skip
    paid = hospital.admit(who)
    split = got(hospital.client.upload_stay(who.psn_no, [stay_line("S1", paid, 9_000)]))
    bill = Bill(f"S{paid}", who.psn_no, paid, who.shows(), 9_000)
    quoted = got(hospital.client.pre_settle_stay(bill, split.output["result"]))
    stayed = settled(got(hospital.client.settle_stay(bill, quoted)).output)
    left = hospital.admit(who)
    got(hospital.discharge(who, left))
    stay = hospital.admit(who)
    got(hospital.client.upload_stay(who.psn_no, [stay_line("S2", stay, 9_000)]))
    open_bill = hospital.bill(who)
    begun = Begun(here, who, open_bill, stay, done, bought, stayed, hospital.visit(who), left)
    lose_card(here.office, who)
    return begun


Step = Callable[[Begun], Outcome]

GOES_ON: dict[str, Step] = {
    "2202": lambda b: b.ask("2202", **b.data(b.gone, ipt_otp_no="O1")),
    "2203": lambda b: b.ask(
        "2203", mdtrtinfo=visit_words(b.bill.mdtrt_id, b.who), diseinfo=[]
    ),
    "2203A": lambda b: b.ask(
        "2203A", mdtrtinfo=visit_words(b.bill.mdtrt_id, b.who), diseinfo=[]
    ),
    "2204": lambda b: b.here.hospital.client.upload(
        b.psn_no, [line("NEW", b.bill.mdtrt_id, 500)]
    ),
    "2205": lambda b: b.ask("2205", **b.data(b.bill.mdtrt_id, chrg_bchno=b.bill.batch)),
    "2208": lambda b: b.ask("2208", **b.data(b.done.mdtrt_id, setl_id=b.done.setl_id)),
    "2301": lambda b: b.here.hospital.client.upload_stay(
        b.psn_no, [stay_line("NEW", b.stay, 500)]
    ),
    "2302": lambda b: b.here.hospital.client.delete_stay(b.psn_no, b.stay, "S2"),
    "2305": lambda b: b.ask("2305", **b.data(b.stayed.mdtrt_id, setl_id=b.stayed.setl_id)),
    "2402": lambda b: b.here.hospital.discharge(b.who, b.stay),
    "2404": lambda b: b.ask("2404", **b.data(b.stay)),
    "2405": lambda b: b.ask("2405", **b.data(b.left)),
    "2601": lambda b: b.ask("2601", data={
        "psn_no": b.psn_no, "oinfno": "2207", "omsgid": f"H99010007001{b.done.setl_id[:18]}"
    }),
    "2103": lambda b: b.here.pharmacy.ask(
        "2103", b.psn_no, **b.data(b.bought.mdtrt_id, setl_id=b.bought.setl_id)
    ),
    "2001": lambda b: b.ask("2001", data={
        "psn_no": b.psn_no, "insutype": "310", "fixmedins_code": "H99010007001",
        "med_type": "11", "begntime": datetime.now(CHINA),
    }),
    "5203": lambda b: b.here.hospital.client.settlement(b.done),
    "5206": lambda b: b.here.hospital.client.accumulators(b.psn_no),
}  # fmt: skip

IS_REFUSED: dict[str, Step] = {
    "1101": lambda b: b.here.hospital.client.person(b.who.shows()),
    "1161": lambda b: b.ask("1161", data={"cardno": b.who.who.card_number}),
    "2101": lambda b: b.here.pharmacy.client.pre_settle_purchase(purchase(b.who, "M1", 100)),
    "2102": lambda b: b.here.pharmacy.client.settle_purchase(purchase(b.who, "M2", 100)),
    "2201": lambda b: b.here.hospital.register(b.who),
    "2206": lambda b: b.here.hospital.client.pre_settle(b.bill),
    "2207": lambda b: b.ask("2207", data=settlement_words(b)),
    "2303": lambda b: b.ask("2303", data=stay_words(b)),
    "2304": lambda b: b.ask("2304", data=stay_words(b)),
    "2401": lambda b: b.here.hospital.try_admit(b.who),
}


def settlement_words(begun: Begun) -> dict[str, Any]:
    """A 2207 with the four totals."""
    bill = begun.bill
    zero = dict.fromkeys(("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"), "0")
    return {
        **bill.fields(),
        "chrg_bchno": bill.batch,
        "med_type": "11",
        **zero,
        "inscp_scp_amt": "100.00",
    }


def stay_words(begun: Begun) -> dict[str, Any]:
    """A 2303 or 2304 with the four totals."""
    zero = dict.fromkeys(("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"), "0")
    bill = Bill("X", begun.psn_no, begun.stay, begun.who.shows(), 9_000)
    return {**bill.fields(), **zero, "inscp_scp_amt": "90.00", "mid_setl_flag": "0"}


def test_what_names_no_card_goes_on(here: Ward) -> None:
    """Every transaction without a credential works while the card is stopped."""
    found = {}
    for infno, step in GOES_ON.items():
        if infno in ("2202", "2208", "2302"):
            begun = begin(here)
        outcome = step(begun)
        found[infno] = "" if isinstance(outcome, Success) else outcome
    assert {infno: why for infno, why in found.items() if why} == {}


def test_what_shows_the_card_is_refused(here: Ward) -> None:
    """Nine choke points and the reader: each refuses, and no sentence tells of a loss."""
    begun = begin(here)
    before = here.balance(begun.who)
    said = {infno: no(step(begun)) for infno, step in IS_REFUSED.items()}
    assert {infno for infno, words in said.items() if "不能结算" not in words} == set()
    assert not any("挂失" in words for words in said.values())
    assert here.balance(begun.who) == before


@pytest.mark.parametrize("by", [By.ID_CARD, By.E_CREDENTIAL])
def test_another_credential_opens_every_door(here: Ward, by: By) -> None:
    """The same ten with an identity number and a token (E4)."""
    begun = begin(here)
    who, shown = begun.who, begun.who.shows(by)
    hospital, pharmacy = here.hospital, here.pharmacy
    got(hospital.client.person(shown))
    got(pharmacy.client.pre_settle_purchase(purchase(who, f"A{by}", 100, shown=shown)))
    got(pharmacy.client.settle_purchase(purchase(who, f"A{by}", 100, shown=shown)))
    got(hospital.register(who, shown))
    got(begun.ask("2206", data={**settlement_words(begun), **shown.fields()}))
    got(begun.ask("2207", data={**settlement_words(begun), **shown.fields()}))
    got(begun.ask("2303", data={**stay_words(begun), **shown.fields()}))
    got(begun.ask("2304", data={**stay_words(begun), **shown.fields()}))
    got(hospital.try_admit(who, shown))


def test_a_loss_between_quotation_and_settlement(here: Ward) -> None:
    """2206 answered, then the report, then 2207 refuses: a quotation promises nothing (P1)."""
    who = here.patient()
    bill = here.hospital.bill(who)
    quoted = got(here.hospital.client.pre_settle(bill))
    before = here.balance(who)
    lose_card(here.office, who)
    assert "不能结算" in no(here.hospital.client.settle(bill, quoted))
    assert here.balance(who) == before


def test_the_replaced_card_shows_nobody(here: Ward) -> None:
    """After a replacement the old number is unknown and the new one is the person (X33)."""
    who = here.patient()
    visit = here.hospital.bill(who)
    renewed = new_card(here.office, who)
    assert "没有认出" in no(here.hospital.client.person(who.shows()))
    assert "没有认出" in no(here.hospital.register(who))
    person = got(here.hospital.client.person(renewed.shows())).output["baseinfo"]
    assert person["psn_no"] == who.psn_no
    assert "没有认出" in no(here.hospital.client.pre_settle(visit))
    bound = Bill("B", who.psn_no, visit.mdtrt_id, renewed.shows(), 10_000, batch=visit.batch)
    assert "换过" in no(here.hospital.client.pre_settle(bound))


def test_a_token_that_ran_out_shows_nobody(here: Ward) -> None:
    """Credential 01 is looked up at each choke point, and ends with its time (E4)."""
    who = here.patient()
    shown = who.shows(By.E_CREDENTIAL)
    bill = here.hospital.bill(who, shown=shown)
    quoted = got(here.hospital.client.pre_settle(bill))
    other = here.patient()
    stranger = Bill("B", who.psn_no, bill.mdtrt_id, other.shows(By.E_CREDENTIAL), 10_000,
                    batch=bill.batch)  # fmt: skip
    assert "凭证" in no(here.hospital.client.pre_settle(stranger))
    here.end_token(who)
    assert "凭证" in no(here.hospital.client.settle(bill, quoted))
    assert "凭证" in no(here.hospital.client.person(shown))
    assert isinstance(here.hospital.register(who, shown), Refused)


def test_every_answer_and_the_books_are_sound(here: Ward) -> None:
    """After all of the above (P9); the wire's own checks find nothing in any answer."""
    assert here.differences() == []
    assert here.hospital.unsound() + here.pharmacy.unsound() == []
