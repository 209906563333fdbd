"""From the till's PSAM to the books: MAC1, MAC2, TAC, limits, torn, upload (C5, T10, X32)."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from time import sleep

import pytest

from minka.bench.card_maker import NEW_ACCOUNT
from minka.bench.card_memory import Memory
from minka.bench.card_os import card as powered
from minka.bench.card_slot import Slot
from minka.bench.chip_till import HeldList, NotTaken, Till, TillRefusal, psam_of
from minka.chip.accept import StopList
from minka.chip.connection import CardGone
from minka.chip.faults import CardFault, CardReason
from minka.chip.purchase import Amounts, PurchaseTorn
from minka.chip.purchase import Purchase as AtCard
from minka.chip.reading import read_log
from minka.desk import chip_contact
from minka.desk.chip_look import BALANCE, side_by_side
from minka.desk.chip_money import Part, explain, taken_on_card
from minka.desk.chip_offline import UploadOffline, upload
from minka.desk.chip_read import Found
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.desk.verify import verify
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.law.chip import read
from minka.store.connection import Register
from tests.chip_use.cards import Bearer, bearer, meet
from tests.chip_use.town import VAULT, set_up_till
from tests.desk.money_town import found_area, insure
from tests.desk.town import request

AREA, TILL = "110000", "110000000001"
PIN = Clear("123456")
_slips = count(1, 100)
ONE = Amounts(1200, 300, 500)


def clock() -> datetime:
    """The till's own clock."""
    return datetime.now(UTC)


def till(*, hours: int = 1, stops: StopList | None = None) -> Till:
    """A till that lost its line an hour ago."""
    at = clock()
    held = HeldList(0, at - timedelta(hours=hours), at - timedelta(hours=2), stops or StopList())
    rules = read().on("R1", at.astimezone(CHINA).date())
    return Till(rules, held, clock, psam_of(AREA, TILL, next(_slips)))


def rich(office: Office) -> Bearer:
    """Somebody with an account, and 100 yuan of it on his card."""
    found_area(office)
    resident = insure(office)
    opening = OpenBalance(int(resident.person_id), 50_000, "test")
    assert open_balance(office, request(), opening).accepted
    account = replace(NEW_ACCOUNT, balance=10_000, purchases=6)
    modes = {"DF04EF05": {"8F": "2"}}
    someone = bearer(office, account=account, resident=resident, more=modes)
    assert chip_contact.keep(meet(office, someone)).accepted
    sleep(1.1)
    return someone


def bring_in(office: Office, at: Till, batch: str) -> list[str]:
    """What becomes of everything the till took."""
    command = UploadOffline(TILL, batch, at.brought_in())
    first, *each = upload(office, request("medical_staff"), command, VAULT)
    assert first.accepted, first.code
    return [f"{one.facts['outcome']}:{one.facts['findings']}" for one in each]


def test_from_the_psam_to_the_books(office: Office) -> None:
    """The PSAM's MAC1, the card's MAC2 and TAC, the vault's check: posted, and the books hold."""
    set_up_till(office, TILL)
    someone, at = rich(office), till()
    first = at.sell(someone.slot, ONE, PIN)
    second = at.sell(someone.slot, ONE, PIN)
    assert (first.card_seq, second.card_seq) == (6, 7)
    assert second.terminal_seq == first.terminal_seq + 1
    assert bring_in(office, at, "psam") == ["posted:", "posted:"]
    assert bring_in(office, at, "psam") == ["posted:", "posted:"]


def test_the_books_are_sound_after_it(office: Office, database_url: str) -> None:
    """Every derived figure is found again with these purchases in the books (P7)."""
    set_up_till(office, TILL)
    someone, at = rich(office), till()
    at.sell(someone.slot, ONE, PIN)
    assert bring_in(office, at, "books") == ["posted:"]
    register = Register(database_url)
    try:
        found = verify(register)
    finally:
        register.close()
    assert found.differences == 0


def test_a_clone_with_its_keys_is_found_by_its_counter(office: Office) -> None:
    """Even a whole copy, keys and all, cannot pay twice: one counter, one purchase (T10)."""
    set_up_till(office, TILL)
    someone = rich(office)
    twin = bearer_copy(someone)
    here, there = till(), till()
    here.sell(someone.slot, ONE, PIN)
    there.sell(twin.slot, Amounts(900, 0, 0), PIN)
    assert bring_in(office, here, "true") == ["posted:"]
    told = bring_in(office, there, "copy")
    assert told[0].startswith("disputed:clone")


def bearer_copy(someone: Bearer) -> Bearer:
    """The same chip once more, every cell of it."""
    cells = bytes(someone.slot.card.memory.cells)
    return replace(someone, slot=Slot(powered(Memory(cells), random=os.urandom)))


@pytest.mark.parametrize(
    ("amounts", "hours", "why"),
    [
        (ONE, 25, TillRefusal.LIST_OLD),
        (Amounts(30_000, 0, 0), 1, TillRefusal.OVER_PURCHASE),
    ],
)
def test_a_till_keeps_to_its_limits(
    office: Office, amounts: Amounts, hours: int, why: TillRefusal
) -> None:
    """Too old a list, too much at once: refused before the card is asked for money."""
    someone = rich(office)
    with pytest.raises(NotTaken) as refused:
        till(hours=hours).sell(someone.slot, amounts, PIN)
    assert refused.value.why is why


def test_a_till_refuses_the_sixth_of_a_day(office: Office) -> None:
    """So many of one card in one day, and a card on its list never."""
    someone, at = rich(office), till()
    for _ in range(5):
        at.sell(someone.slot, Amounts(100, 0, 0), PIN)
    with pytest.raises(NotTaken) as often:
        at.sell(someone.slot, Amounts(100, 0, 0), PIN)
    assert often.value.why is TillRefusal.OVER_USES
    code = meet(office, someone).card.id_code
    listed = StopList(frozenset({(code, someone.card.card_number)}))
    with pytest.raises(NotTaken) as stopped:
        till(stops=listed).sell(someone.slot, ONE, PIN)
    assert stopped.value.why is TillRefusal.LISTED


def test_a_torn_purchase_is_settled_by_its_proof(office: Office) -> None:
    """The answer was lost: the same card proves whether it took the money (X32)."""
    set_up_till(office, TILL)
    someone = rich(office)
    code, number = meet(office, someone).card.id_code, someone.card.card_number
    for commands in range(1, 40):
        at, asked = till(), AtCard(ONE, TILL, clock().replace(microsecond=0))
        at.now = lambda asked=asked: asked.at  # type: ignore[misc]
        torn = lost_after(at, someone, commands)
        someone.slot.insert()
        if torn is not None:
            break
    assert torn is not None
    with pytest.raises(CardFault) as wrong:
        at.settle(bearer(office).slot, torn, asked, (code, number))
    assert wrong.value.reason is CardReason.OTHER_CARD
    assert at.settle(someone.slot, torn, asked, (code, number)) is not None
    assert bring_in(office, at, "torn") == ["posted:"]


def lost_after(at: Till, someone: Bearer, commands: int) -> PurchaseTorn | None:
    """The debit whose answer was lost; None when it was another answer, and nothing was taken."""
    someone.slot.faults.lose_answer(commands)
    try:
        at.sell(someone.slot, ONE, PIN)
    except PurchaseTorn as torn:
        return torn
    except (CardGone, CardFault):
        return None
    raise AssertionError("an answer was to be lost")


def test_the_balance_is_explained_line_by_line(office: Office) -> None:
    """File, purchases not brought in, rest not loaded: they add up to what the card holds (C5)."""
    someone, at = rich(office), till()
    at.sell(someone.slot, ONE, PIN)
    contact = meet(office, someone, pin="123456")
    log = read_log(contact.session, contact.gate)
    found = chip_contact.read(contact)
    card_fen = 10_000 - 1200
    contact.found = (*found, Found(BALANCE, 1, card_fen.to_bytes(4)))
    assert chip_contact.keep(contact).accepted
    seen = side_by_side(office, someone.person_id, "medical_staff")
    assert seen is not None
    amounts = {line.part: line.amount_fen for line in seen.money}
    assert amounts[Part.ON_FILE] == 50_000
    assert amounts[Part.NOT_BROUGHT_IN] == -1200
    assert amounts[Part.ON_CARD] == card_fen
    assert sum(line.amount_fen for line in seen.money[:-1]) == card_fen
    assert [fen for _, fen, _ in taken_on_card(log)] == [1200]
    odd = explain(1_000, 5_000, [], frozenset())
    assert [line.part for line in odd] == [Part.ON_FILE, Part.UNEXPLAINED, Part.ON_CARD]
