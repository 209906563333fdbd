"""The parties outside the house, as the tests of the outbox use them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench.bank import BankServer
from minka.bench.sms import SmsServer
from minka.desk.act import Answer
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.doors.outbox.bank import BankDoor
from minka.doors.outbox.hotlist import HotlistDoor
from minka.doors.outbox.post import client
from minka.doors.outbox.signing import HouseKey
from minka.doors.outbox.sms import SmsDoor
from minka.doors.outbox.worker import Lane, Pace, Rests, deliver_next
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.store import cards, people
from minka.store.people import NewPerson
from tests.desk.town import Resident, give_card, invented_number, request

QUICK = Pace(first=timedelta(microseconds=1), longest=timedelta(microseconds=1), tries=4)
PATIENCE_MS = 400


@dataclass(slots=True)
class Outside:
    """One demo bank, one SMS centre, and the lanes that lead to them."""

    office: Office
    key: HouseKey
    url: str
    bank: BankServer
    sms: SmsServer
    lanes: tuple[Lane, ...] = ()
    stopped: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        line = client(PATIENCE_MS)
        texts = SmsDoor(self.office, line, self.key, self.sms.endpoint)
        rests = [Rests(first_s=0.0) for _ in range(3)]
        self.lanes = (
            Lane("bank", BankDoor(line, self.key), 2, QUICK, rests[0]),
            Lane("notice", texts, 1, QUICK, rests[1]),
            Lane("hotlist", HotlistDoor(), 1, QUICK, rests[2]),
        )

    def lane(self, name: str) -> Lane:
        """One lane by its name."""
        return next(lane for lane in self.lanes if lane.name == name)

    def deliver(self, *names: str, most: int = 60) -> int:
        """Deliver what is due in the lanes named, or in all; how many tries it took."""
        tries = 0
        for lane in self.lanes:
            while (not names or lane.name in names) and tries < most:
                if not deliver_next(self.office, lane):
                    break
                tries += 1
        return tries

    def stop_bank(self) -> None:
        """The bank's line is dead."""
        self.bank.stop()
        self.stopped.add("bank")

    def stop_sms(self) -> None:
        """The SMS centre's line is dead."""
        self.sms.stop()
        self.stopped.add("sms")

    def close(self) -> None:
        """Close whatever still listens."""
        for name, server in (("bank", self.bank), ("sms", self.sms)):
            if name not in self.stopped:
                server.stop()


def open_bank(url: str, bank_id: str, endpoint: str) -> None:
    """Put a bank on file."""
    ask(
        url,
        "insert into bank (bank_id, name, name_en, phone, endpoint) values (%s, %s, '', %s, %s)",
        (bank_id, "示例银行", "000-96001", endpoint),
    )


def ask(url: str, statement: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """A statement on the register by its owner, for looking and for setting a scene."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = connection.execute(statement, values)
        return list(found.fetchall()) if found.description else []


def turn(office: Office, forward: timedelta) -> None:
    """Turn the register's clock."""
    with office.register.act() as connection:
        connection.execute("update clock_shift set shift = shift + %s", (forward,))


def now(office: Office) -> datetime:
    """The register's time."""
    with office.register.act() as connection:
        return cards.now(connection, None)


_serial = iter(range(1, 1000))


def resident(
    office: Office,
    region: str = "R1",
    *,
    bank_id: str = "BANK1",
    phone: str | None = None,
    born: str = "19850310",
    guardian_id: int | None = None,
) -> Resident:
    """An invented person with an active card and a telephone of his own; ``""`` for none."""
    serial = next(_serial)
    number, name = Clear(invented_number(serial, born)), Clear(f"外{serial}某")
    number_of = Clear(f"139{serial:08d}") if phone is None else Clear(phone)
    with office.register.act() as connection:
        new = NewPerson(
            region,
            number,
            name,
            phone=number_of or None,
            member_number="M1",
            guardian_id=guardian_id,
        )
        person_id = people.add(connection, office.keys, new)
        card = give_card(
            connection, person_id, region, kind="social_security_card", bank_id=bank_id
        )
    return Resident(person_id, card.card_id, number, name, card.card_number)


def phone_of(office: Office, someone: Resident) -> str:
    """The registered telephone of a resident."""
    with office.register.act() as connection:
        person = people.load(connection, office.keys, someone.person_id)
    assert person is not None
    assert person.phone is not None
    return person.phone.reveal()


def report(office: Office, someone: Resident, region: str = "R1") -> Answer:
    """A telephone report that is taken."""
    command = ReportLoss(region, "hotline", someone.number, {"name": someone.name})
    answer = report_loss(office, request("hotline_agent"), command)
    assert answer.accepted, answer
    return answer


def report_formally(office: Office, someone: Resident, region: str = "R1") -> Answer:
    """A formal report at a service point."""
    command = ReportLoss(
        region,
        "counter",
        someone.number,
        {"name": someone.name},
        force="formal",
        place_id="P1",
        papers=(ShownPaper("resident_id"),),
    )
    answer = report_loss(office, request("counter_clerk"), command)
    assert answer.accepted, answer
    return answer


def states(url: str, someone: Resident, topic: str = "%") -> list[dict[str, Any]]:
    """The messages about a person's cards with how far they have got."""
    return ask(
        url,
        "select s.*, o.body from outbox_state s join outbox o using (outbox_id, person_id)"
        " where s.person_id = %s and s.topic like %s order by s.due_at, s.outbox_id",
        (someone.person_id, topic),
    )


def withdraw(outside: Outside, someone: Resident) -> None:
    """The holder takes the report back at a service point."""
    open_place(outside)
    command = WithdrawLoss(
        "R1",
        "counter",
        someone.number,
        place_id="P1",
        papers=(ShownPaper("resident_id"),),
        found_card_number=someone.card_number,
    )
    answer = withdraw_loss(outside.office, request("counter_clerk"), command)
    assert answer.accepted, answer


def open_place(outside: Outside) -> None:
    """A service point of R1."""
    ask(
        outside.url,
        "insert into place (place_id, region, kind, name, name_en, district, address, phone, hours,"
        " services, directions) select 'P1', 'R1', 'service_point', '示例网点',"
        " '', '', '', '', '', '', '' on conflict do nothing",
    )
