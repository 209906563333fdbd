"""A person with an account and a chip card that the bench's vault can open, for the tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from minka.bench.card_keys import of_card
from minka.bench.chip_vault import BenchVault
from minka.chip.numbers import IdentificationCode
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.desk.act import Request
from minka.desk.chip_device import AddDevice, Held, add_device
from minka.desk.chip_offline import transaction_message
from minka.desk.chip_offline_rules import Purchase
from minka.desk.chip_read import Found, KeepReading, keep_reading, packed
from minka.desk.chip_write import InReader
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.store.connection import row
from tests.desk.money_town import PHARMACY, found_area, insure
from tests.desk.town import Resident, request

AREA = "990100"
TILL = "990100000001"
_serials, _slips = count(1), count(1)


@dataclass(frozen=True, slots=True)
class Holder:
    """A resident and his chip."""

    resident: Resident
    id_code: bytes
    historical: bytes

    @property
    def person_id(self) -> int:
        """The person's number in the register."""
        return int(self.resident.person_id)

    @property
    def card_id(self) -> int:
        """The card's number in the register."""
        return self.resident.card_id

    def in_reader(self, proof: str = "proved", *, id_code: bytes = b"") -> InReader:
        """The chip as a terminal has proven it."""
        return InReader(
            id_code=id_code or self.id_code,
            proof=proof,
            terminal="reader-1",
            factor=self.historical[5:13],
            version="3.0",
            algorithm=int(Algorithm.SM4),
        )

    def reading(self, *found: Found, proof: str = "proved") -> KeepReading:
        """A reading of the chip."""
        return KeepReading(self.resident.card_number, self.in_reader(proof), packed(found))


def clerk(role: str = "counter_clerk", *, key: str = "") -> Request:
    """A request of a post."""
    return request(role, key=key)


def settle(office: Office, *, fen: int = 100_000) -> Holder:
    """A person with money, a card and a chip that was met once."""
    found_area(office)
    resident = insure(office)
    serial = next(_serials)
    code = bytes(IdentificationCode(AREA, serial))
    holder = Holder(resident, code, bytes.fromhex(f"0099010203869999{serial:010X}"))
    assert keep_reading(office, clerk(), holder.reading()).accepted
    if fen:
        opening = OpenBalance(holder.person_id, fen, "test")
        assert open_balance(office, request(), opening).accepted
    return holder


def set_up_till(office: Office, device_no: str = TILL, *, kind: str = "psam") -> None:
    """A terminal of the pharmacy with its PSAM."""
    found_area(office)
    held = Held("in_use", "P1", "pharmacy", "1.0", "set-1")
    command = AddDevice("R1", device_no, kind, held, PHARMACY)
    answer = add_device(office, request("security_administrator"), command)
    assert answer.accepted or answer.code == "desk.device_exists", answer.code


def now(office: Office) -> datetime:
    """The register's time to the second: what a terminal writes."""
    with office.register.act() as connection:
        found = row(connection, "cards.now", fence=None)
    assert found is not None
    at: datetime = found["at"]
    return at.astimezone(UTC).replace(microsecond=0)


def bought(holder: Holder, seq: int, at: datetime, **other: int) -> Purchase:
    """A purchase as a true card and a true terminal made it."""
    given = {
        "account_fen": 1200,
        "self_fen": 300,
        "pooled_fen": 500,
        "terminal_seq": next(_slips),
        **other,
    }
    blank = Purchase(
        id_code=holder.id_code,
        card_seq=seq,
        claimed_at=at,
        tac=b"",
        list_version=0,
        list_at=at - timedelta(hours=1),
        synced_at=at - timedelta(hours=2),
        **given,
    )
    return signed(holder, blank)


def signed(holder: Holder, purchase: Purchase, device_no: str = TILL) -> Purchase:
    """The purchase with the transaction code the card gives over it."""
    key = of_card("DTK", Algorithm.SM4, area=AREA, historical=holder.historical)
    message = transaction_message(purchase, device_no)
    return replace(purchase, tac=card_key.tac(Algorithm.SM4, key, message))


def cases_of(office: Office, holder: Holder) -> list[str]:
    """What is being looked into about a person, oldest first."""
    with office.register.act() as connection:
        found = connection.execute(
            "select kind from offline_case where person_id = %s order by case_id",
            (holder.person_id,),
        ).fetchall()
    return [each["kind"] for each in found]


VAULT = BenchVault()
