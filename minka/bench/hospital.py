"""The pretend hospital: patients come, are registered, charged, settled; some come for money back.

It speaks through the client library alone. What stays unknown during the day is cleared up at
night, and then its book and the platform's must be equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from minka.bench import care_forms as forms
from minka.bench.counter import Counted, card
from minka.client import Bill, Credential, Outcome, Settled, Success

OUTPATIENT_KINDS = ("drug", "service")
STAY_KINDS = ("drug", "service", "consumable")


def outpatient(counter: Counted, card_number: str, *, scheme: int = 310) -> Outcome:
    """1101, 2201, 2204, 2206, 2207."""
    shown, number = card(card_number), counter.number()
    client = counter.client
    opened = _opened(counter, shown, number, scheme)
    if not isinstance(opened, Bill):
        return counter.note(number, opened)
    basket = counter.basket(OUTPATIENT_KINDS, 5)
    bill = replace(opened, total_fen=forms.total(basket))
    rows = forms.lines(number, basket, bill.mdtrt_id)
    uploaded = counter.sure(lambda: client.upload(bill.psn_no, rows))
    if not isinstance(uploaded, Success):
        return counter.note(number, uploaded)
    quoted = counter.sure(lambda: client.pre_settle(bill))
    if not isinstance(quoted, Success):
        return counter.note(number, quoted)
    return counter.note(number, client.settle(bill, quoted))


def _opened(counter: Counted, shown: Credential, number: str, scheme: int) -> Bill | Outcome:
    client = counter.client
    person = counter.sure(lambda: client.person(shown))
    if not isinstance(person, Success):
        return person
    psn_no = str(person.output["baseinfo"]["psn_no"])
    form = forms.registration(number, scheme)
    opened = counter.sure(lambda: client.register(psn_no, shown, **form))
    if not isinstance(opened, Success):
        return opened
    visit = str(opened.output["data"]["mdtrt_id"])
    return Bill(number, psn_no, visit, shown, 0, insutype=str(scheme), batch=number)


def stay(counter: Counted, card_number: str, *, scheme: int = 310) -> Outcome:
    """1101, 2401, 2301, 2303, 2304, 2402: one stay with two days of charges."""
    shown, number, client = card(card_number), counter.number(), counter.client
    person = counter.sure(lambda: client.person(shown))
    if not isinstance(person, Success):
        return counter.note(number, person)
    psn_no = str(person.output["baseinfo"]["psn_no"])
    form, diagnoses = forms.admission(number, scheme), [forms.diagnosis()]
    admitted = counter.sure(lambda: client.admit(psn_no, shown, diagnoses, **form))
    if not isinstance(admitted, Success):
        return counter.note(number, admitted)
    visit = str(admitted.output["result"]["mdtrt_id"])
    bill = Bill(number, psn_no, visit, shown, 0, insutype=str(scheme), med_type="21")
    ended = _settled_stay(counter, bill)
    if isinstance(ended, Success):
        leaving = forms.leaving(scheme)
        counter.sure(lambda: client.discharge(psn_no, visit, diagnoses, **leaving))
    return counter.note(number, ended)


def _settled_stay(counter: Counted, bill: Bill) -> Outcome:
    client, total, split = counter.client, 0, []
    for day in (1, 2):
        basket = counter.basket(STAY_KINDS, 8)
        rows = forms.lines(f"{bill.number}-{day}", basket, bill.mdtrt_id)
        rows = [{**row, "med_type": "21"} for row in rows]
        uploaded = counter.sure(_uploading(counter, bill.psn_no, rows))
        if not isinstance(uploaded, Success):
            return uploaded
        split += uploaded.output["result"]
        total += forms.total(basket)
    whole = replace(bill, total_fen=total)
    quoted = counter.sure(lambda: client.pre_settle_stay(whole, split))
    return client.settle_stay(whole, quoted) if isinstance(quoted, Success) else quoted


def _uploading(counter: Counted, psn_no: str, rows: Sequence[forms.Row]) -> Callable[[], Outcome]:
    return lambda: counter.client.upload_stay(psn_no, rows)


def take_back(counter: Counted, done: Settled) -> Outcome:
    """2208 or 2305: the patient gets his money back."""
    of_stay = done.clr_type == "21"
    refund = counter.client.refund_stay if of_stay else counter.client.refund
    return counter.note(f"refund {done.setl_id}", refund(done))


def day(counter: Counted, cards: Sequence[str], *, stays: int, refunds: int) -> None:
    """A day: each card an outpatient visit, some a stay too, and some of it is taken back."""
    for each in cards:
        outpatient(counter, each)
    for each in cards[:stays]:
        stay(counter, each)
    back = [one for _, one in counter.settled if one.total_fen > 0]
    for one in counter.chance.sample(back, min(refunds, len(back))):
        take_back(counter, one)
