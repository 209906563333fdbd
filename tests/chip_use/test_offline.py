"""Purchases without a line: posted once, disputed aloud, never lost (T10, P8, safety §9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import sleep

import pytest

from minka.cards.card import AtLapse, Block, Force
from minka.desk.chip_case import EndCase, cases, end_case
from minka.desk.chip_device import (
    ChangeDevice,
    Held,
    ProveList,
    change_device,
    devices,
    list_proof,
    prove_list,
)
from minka.desk.chip_offline import UploadOffline, upload
from minka.desk.chip_offline_rules import Purchase
from minka.desk.office import Office
from minka.store.cards import add_block, load
from minka.store.cards import now as register_now
from tests.chip_use.town import (
    TILL,
    VAULT,
    Holder,
    bought,
    cases_of,
    clerk,
    now,
    set_up_till,
    settle,
    signed,
)
from tests.desk.town import request

_batches = iter(range(1, 10_000))


def send(office: Office, *purchases: Purchase, batch: str = "") -> list[str]:
    """Bring purchases in; the outcome of each, with what was found."""
    named = UploadOffline(TILL, batch or f"b{next(_batches)}", purchases)
    first, *each = upload(office, request("medical_staff"), named, VAULT)
    assert first.accepted, first.say("en")
    return [f"{a.facts['outcome']}:{a.facts['findings']}" if a.accepted else a.code for a in each]


@pytest.fixture(scope="module")
def holders(office: Office) -> list[Holder]:
    """People with money and a chip, since more than the second that a till writes."""
    set_up_till(office)
    made = [settle(office) for _ in range(20)]
    sleep(1.1)
    return made


@pytest.fixture
def holder(holders: list[Holder]) -> Holder:
    """One of them."""
    return holders.pop()


def balance(office: Office, holder: Holder) -> int:
    """The person's account in fen."""
    with office.register.act() as connection:
        found = connection.execute(
            "select balance_fen from coverage where person_id = %s", (holder.person_id,)
        ).fetchone()
    assert found is not None
    return int(found["balance_fen"])


def test_a_true_purchase_is_posted_once(office: Office, holder: Holder) -> None:
    """One counter pays once, and the account goes down by its own part alone (T10)."""
    at = now(office)
    purchase = bought(holder, 1, at)
    assert send(office, purchase, batch="once") == ["posted:"]
    assert balance(office, holder) == 100_000 - 1200
    assert send(office, purchase, batch="once") == ["posted:"]
    assert send(office, purchase, batch="another") == ["posted:again"]
    assert balance(office, holder) == 100_000 - 1200
    assert cases_of(office, holder) == []


def test_a_batch_number_stands_for_one_content(office: Office, holder: Holder) -> None:
    """A batch that comes again with another content is refused as a whole (P6)."""
    at = now(office)
    assert send(office, bought(holder, 1, at), batch="same") == ["posted:"]
    command = UploadOffline(TILL, "same", (bought(holder, 2, at),))
    (answer,) = upload(office, request("medical_staff"), command, VAULT)
    assert answer.code == "desk.key_reused"


def test_a_copied_card_is_stopped_for_review(office: Office, holder: Holder) -> None:
    """The same counter with another content: disputed, and the card stops until it is due (T10)."""
    at = now(office)
    assert send(office, bought(holder, 1, at)) == ["posted:"]
    twin = bought(holder, 1, at, account_fen=900, terminal_seq=77)
    assert send(office, twin) == ["disputed:clone"]
    assert balance(office, holder) == 100_000 - 1200
    with office.register.act() as connection:
        card = load(connection, holder.person_id, holder.card_id)
    assert card is not None
    (block,) = card.blocks
    assert block.until_at is not None
    assert (block.force, block.at_lapse) == (Force.PROVISIONAL, AtLapse.RELEASE)
    sleep(1.1)
    assert send(office, bought(holder, 2, now(office))) == ["disputed:blocked"]


def test_skipped_counters_are_flagged_until_they_come_in(office: Office, holder: Holder) -> None:
    """A gap is a case with an owner and a day; another till's upload explains it (T10)."""
    at = now(office)
    assert send(office, bought(holder, 1, at)) == ["posted:"]
    assert send(office, bought(holder, 4, at)) == ["posted:skipped"]
    assert cases_of(office, holder) == ["skipped"]
    assert send(office, bought(holder, 2, at)) == ["posted:"]
    assert _open(office, holder) == 1
    assert send(office, bought(holder, 3, at)) == ["posted:"]
    assert _open(office, holder) == 0


def _open(office: Office, holder: Holder) -> int:
    mine = [c for c in cases(office, "R1") if c["person_id"] == holder.person_id]
    return sum(c["ended_at"] is None for c in mine)


def test_a_block_before_the_claimed_time_is_never_paid_silently(
    office: Office, holder: Holder
) -> None:
    """Lost at ten, bought at eleven: a dispute with an owner and a deadline, no money (P8)."""
    before = bought(holder, 2, now(office))
    with office.register.act() as connection:
        card = load(connection, holder.person_id, holder.card_id)
        assert card is not None
        lost_at = register_now(connection, None)
        lost = Block(10**9 + holder.card_id, Force.FORMAL, lost_at, None, AtLapse.NONE)
        add_block(connection, card, lost)
    sleep(1.1)
    assert send(office, bought(holder, 1, now(office))) == ["disputed:blocked"]
    assert balance(office, holder) == 100_000
    case = next(c for c in cases(office, "R1") if c["person_id"] == holder.person_id)
    assert (case["kind"], case["owner"]) == ("blocked", "medical_staff")
    assert case["due_at"] > case["opened_at"]
    assert send(office, before) == ["posted:"]


def test_a_till_may_lie_about_the_time(office: Office, holder: Holder) -> None:
    """The claimed time must lie between two signed instants, or it proves nothing."""
    at = now(office)
    early = replace(bought(holder, 1, at), synced_at=at + timedelta(seconds=1))
    future = bought(holder, 2, at + timedelta(hours=1))
    assert send(office, early, future) == ["disputed:time_unproven", "disputed:time_unproven"]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"account_fen": 30_000}, "disputed:over_purchase"),
        ({"account_fen": 0, "self_fen": 0, "pooled_fen": 0}, "rejected:no_amount"),
        ({"account_fen": -5}, "rejected:no_amount"),
    ],
)
def test_amounts_have_limits(
    office: Office, holder: Holder, change: dict[str, int], outcome: str
) -> None:
    """One purchase has a limit, and no purchase is without a price."""
    assert send(office, bought(holder, 1, now(office), **change)) == [outcome]


def test_a_day_has_limits(office: Office, holder: Holder, holders: list[Holder]) -> None:
    """Many small purchases: by sum and by number."""
    at = now(office)
    many = [bought(holder, seq, at, account_fen=1000) for seq in range(1, 8)]
    assert send(office, *many) == [*["posted:"] * 5, *["disputed:over_uses"] * 2]
    other = holders.pop()
    dear = [bought(other, seq, at, account_fen=19_000) for seq in range(1, 4)]
    assert send(office, *dear) == ["posted:", "posted:", "disputed:over_day"]


def test_an_old_list_ends_the_right(office: Office, holder: Holder) -> None:
    """A stop list of the day before yesterday: the terminal had no right any more (rule 6)."""
    at = now(office)
    old = replace(bought(holder, 1, at), list_at=at - timedelta(hours=30))
    assert send(office, signed(holder, old)) == ["disputed:list_old"]


def test_a_forged_record_is_rejected(office: Office, holder: Holder) -> None:
    """No transaction code, no money: the amount was changed after the card signed it."""
    at = now(office)
    forged = replace(bought(holder, 1, at), account_fen=19_999)
    assert send(office, forged) == ["rejected:tac_wrong"]
    unknown = replace(bought(holder, 2, at), id_code=bytes(16))
    assert send(office, unknown) == ["rejected:unknown_card"]
    assert send(office, bought(holder, 1, at)) == ["posted:"]


def test_the_vault_is_away(office: Office, holder: Holder) -> None:
    """Nothing is decided without the vault, and the same batch goes on afterwards (P8)."""
    purchase = bought(holder, 1, now(office))
    VAULT.away = 1
    try:
        assert send(office, purchase, batch="later") == ["desk.vault_away"]
    finally:
        VAULT.away = 0
    assert send(office, purchase, batch="later") == ["posted:"]


def test_a_short_account_is_disputed(office: Office) -> None:
    """Money that is not there is not paid, and somebody looks into it."""
    set_up_till(office)
    poor = settle(office, fen=0)
    sleep(1.1)
    assert send(office, bought(poor, 1, now(office))) == ["disputed:balance_short"]


def test_a_stopped_terminal_is_disputed(office: Office, holder: Holder) -> None:
    """A till that was stopped takes nothing; its records are looked into (X30)."""
    other = "990100000002"
    set_up_till(office, other)
    stopped = ChangeDevice(other, Held("lost", "P1", "pharmacy", "1.0", "set-1"), "stolen")
    assert change_device(office, request("security_administrator"), stopped).accepted
    sleep(1.1)
    purchase = signed(holder, bought(holder, 1, now(office)), other)
    command = UploadOffline(other, "x1", (purchase,))
    first, one = upload(office, request("medical_staff"), command, VAULT)
    assert (first.accepted, one.facts["findings"]) == (1, "device_stopped")


def test_an_unknown_terminal_is_refused(office: Office, holder: Holder) -> None:
    """A terminal nobody registered brings nothing in."""
    command = UploadOffline("990100999999", "1", (bought(holder, 1, now(office)),))
    (answer,) = upload(office, request("medical_staff"), command, VAULT)
    assert answer.code == "desk.unknown_device"


def test_cases_end_by_their_owner(office: Office, holder: Holder) -> None:
    """Only the owner ends a case; a reviewer pays it, once, and from suspense (P8, K4)."""
    at = now(office)
    send(office, bought(holder, 1, at, account_fen=30_000))
    (case,) = [c for c in cases(office, "R1") if c["person_id"] == holder.person_id]
    pay = EndCase("R1", case["case_id"], "paid", "the till is honest")
    assert end_case(office, clerk("medical_staff"), pay).code == "desk.not_allowed"
    refuse = EndCase("R1", case["case_id"], "refused", "no")
    assert end_case(office, clerk("counter_clerk"), refuse).code == "desk.not_allowed"
    reviewer = replace(clerk("reviewer"), actor="another")
    assert end_case(office, reviewer, pay).accepted
    assert balance(office, holder) == 100_000
    again = replace(clerk("reviewer"), actor="another")
    assert end_case(office, again, pay).code == "desk.case_ended"


def test_a_terminal_proves_its_list(office: Office) -> None:
    """A version of the stop list is held when its digest comes back (X31)."""
    set_up_till(office)
    lie = ProveList(TILL, "R1", 0, b"\0" * 32)
    assert prove_list(office, request(), lie).code == "desk.unknown_device"
    proof = list_proof(TILL, "R1", 0, [])
    assert prove_list(office, request(), ProveList(TILL, "R1", 0, proof)).accepted
    mine = next(d for d in devices(office, "R1") if d["device_no"] == TILL)
    assert (mine["list_version"], mine["state"]) == (0, "in_use")
