"""A settlement process in a thread, a small invented city behind it, and providers signed in."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg

from minka.bench.care_city import Cover, open_accounts
from minka.cards.card import Move
from minka.client import (
    Bill,
    By,
    Client,
    Credential,
    Identity,
    Outcome,
    Refused,
    Site,
    Success,
    settled,
)
from minka.client.figures import Settled
from minka.client.judge import Carried
from minka.client.messenger import Call
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.verify import verify
from minka.desk.visit import TOKEN
from minka.doors.insurance.switch import Places, Switch
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.store import cards
from minka.store.care import begin_coverage
from minka.store.connection import Connection
from minka.wire.insurance.registry import registry
from tests.desk.town import Resident, give_card, request, settle_in
from tests.insurance.rows import ADMISSION, diagnosis, line, registration

AREA, SCHEME = 990100, 310
HOSPITAL, PHARMACY, CLINIC = 7001, 7501, 7002
CODES = {HOSPITAL: "H99010007001", PHARMACY: "P99010007501", CLINIC: "H99010007002"}
SECRET = "secret of the tests"
ITEMS = (
    ("A001", 1, "drug"),
    ("B001", 2, "service"),
    ("B002", 2, "consumable"),
    ("C001", 3, "other"),
)
"""甲 without a limit; 乙 limited to 150.00 (level 3) or 99.00 a unit, 10 %; 乙 at 5 %; 丙."""


def found_city(office: Office, identity: Identity) -> None:
    """An area, its catalogue, and three providers with contracts and keys."""
    with office.register.act() as connection:
        run = connection.execute
        run("insert into pooling_area values (%s, 'R1', 'demo-city-A', 'demo', '示例市')", (AREA,))
        for number, code in CODES.items():
            kind = "pharmacy" if number == PHARMACY else "hospital"
            level = 1 if number == CLINIC else 3
            run(
                "insert into provider (provider_no, fixmedins_code, area, kind, level, name, uscc)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                (number, code, AREA, kind, level, f"示例机构{number}", f"52990100{number}"),
            )
            run(
                "insert into designation (provider_no, scheme, from_on) values"
                " (%s, 310, '2019-01-01'), (%s, 390, '2019-01-01')",
                (number, number),
            )
            run(
                "insert into insurance_client (origin_no, paasid, secret, public_key)"
                " values (%s, %s, %s, %s)",
                (number, f"test_{number}", SECRET.encode(), identity.public_key),
            )
        _catalogue(connection)
        run("update care_version set version = version + 1")


def _catalogue(connection: Connection) -> None:
    for code, cls, kind in ITEMS:
        connection.execute(
            "insert into catalogue_item (area, code, from_on, name, class, kind)"
            " values (%s, %s, '2019-01-01', %s, %s, %s)",
            (AREA, code, f"示例{code}", cls, kind),
        )
    connection.execute(
        "insert into catalogue_item values"
        " (%s, 'OLD1', '2019-01-01', '2020-01-01', '旧', 1, 'drug')",
        (AREA,),
    )
    connection.execute(
        "insert into price_limit values (%s, 'B001', 0, '2019-01-01', 'infinity', 99000000),"
        " (%s, 'B001', 3, '2019-01-01', 'infinity', 150000000)",
        (AREA, AREA),
    )
    connection.execute(
        "insert into selfpay_ratio values (%s, 'B002', 0, '2019-01-01', 'infinity', 700),"
        " (%s, 'B002', 11, '2019-01-01', 'infinity', 500)",
        (AREA, AREA),
    )


@dataclass(frozen=True, slots=True)
class Patient:
    """An insured person with a card and a token."""

    who: Resident
    token: str

    @property
    def psn_no(self) -> str:
        """The number the interface knows him by."""
        return str(self.who.person_id)

    def shows(self, by: By = By.CARD) -> Credential:
        """What he shows."""
        number = {
            By.CARD: self.who.card_number,
            By.ID_CARD: self.who.number.reveal(),
            By.E_CREDENTIAL: self.token,
        }[by]
        return Credential(by, Clear(number), "SN1")


def insure(office: Office, *, balance_fen: int = 1_000_000, civil: int = 0) -> Patient:
    """Somebody in work with a year of allocations in the account."""
    someone = settle_in(office)
    token = f"EC{someone.person_id:028d}"
    with office.register.act() as connection:
        begin_coverage(
            connection,
            someone.person_id,
            scheme=SCHEME,
            psn_type=11,
            area=AREA,
            covered_from=date(2020, 1, 1),
            civil=civil,
        )
        monthly = balance_fen // 12
        if monthly:
            cover = Cover(SCHEME, 11, civil, date(2020, 1, 1), monthly_fen=monthly)
            at = cards.now(connection, None)
            open_accounts(connection, [(someone.person_id, AREA, cover)], at)
        connection.execute(
            "insert into e_credential values (%s, %s, now() + interval '1 day')",
            (office.keys.index(TOKEN, Clear(token)), someone.person_id),
        )
    return Patient(someone, token)


def lose_card(office: Office, patient: Patient) -> None:
    """The card is reported lost."""
    command = ReportLoss("R1", "hotline", patient.who.number, {"name": patient.who.name})
    assert report_loss(office, request("hotline_agent"), command).accepted


def new_card(office: Office, patient: Patient) -> Patient:
    """The card is cancelled and another one is given in its place."""
    with office.register.act() as connection:
        old = cards.load(connection, patient.who.person_id, patient.who.card_id)
        assert old is not None
        at = cards.now(connection, None)
        cards.move(connection, old, Move.CANCEL, at=at, cause="test")
        made = give_card(connection, patient.who.person_id, "R1", kind=old.kind)
    who = replace(patient.who, card_id=made.card_id, card_number=made.card_number)
    return replace(patient, who=who)


class Hall:
    """The settlement process, in a thread with a loop of its own."""

    def __init__(self, office: Office, url: str) -> None:
        self.switch = Switch(office, url, Places(port=0, host_port=-1))
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> int:
        """Open the doors; gives the port."""
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self.switch.start(), self.loop).result(60)

    def stop(self) -> None:
        """Close them."""
        asyncio.run_coroutine_threadsafe(self.switch.stop(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


class Provider:
    """A provider's software: the client library, and every answer checked against the registry."""

    def __init__(self, number: int, port: int, folder: Path, identity: Identity) -> None:
        site = Site(
            f"http://127.0.0.1:{port}/insurance",
            CODES[number],
            f"示例机构{number}",
            str(AREA),
            paasid=f"test_{number}",
            secret=SECRET,
            patience_ms=20_000,
        )
        self.client = Client(site, folder / f"{number}.db", identity)
        self.numbers = itertools.count(1)
        self.heard: list[tuple[str, bytes]] = []
        inner = self.client._carrier.carry

        def carry(body: bytes, *more: Any) -> Carried:
            came = inner(body, *more)
            self.heard.append((json.loads(body)["infno"], came.body or b""))
            return came

        self.client._carrier.carry = carry  # type: ignore[method-assign]
        got(self.client.sign_in("1"))

    def ask(self, infno: str, psn_no: str = "", **nodes: Any) -> Outcome:
        """Any transaction, by its nodes."""
        return self.client.call(Call(infno, nodes, psn_no))

    def register(self, patient: Patient, shown: Credential | None = None, **more: Any) -> Outcome:
        """2201."""
        fields = {**registration(f"O{next(self.numbers)}"), **more}
        return self.client.register(patient.psn_no, shown or patient.shows(), **fields)

    def visit(self, patient: Patient, shown: Credential | None = None) -> str:
        """2201, and the number of the visit."""
        found = got(self.register(patient, shown))
        return str(found.output["data"]["mdtrt_id"])

    def bill(
        self, patient: Patient, total_fen: int = 10_000, *, shown: Credential | None = None
    ) -> Bill:
        """A visit with one line of class 甲, ready to be settled."""
        shown = shown or patient.shows()
        mdtrt_id = self.visit(patient, shown)
        batch = f"B{next(self.numbers)}"
        got(self.client.upload(patient.psn_no, [line(batch, mdtrt_id, total_fen)]))
        number = f"{batch}-{mdtrt_id}"
        return Bill(number, patient.psn_no, mdtrt_id, shown, total_fen, batch=batch)

    def settle(self, bill: Bill) -> Settled:
        """2206 and 2207."""
        quoted = got(self.client.pre_settle(bill))
        return settled(got(self.client.settle(bill, quoted)).output)

    def admit(self, patient: Patient, shown: Credential | None = None) -> str:
        """2401, and the number of the stay."""
        found = got(self.try_admit(patient, shown))
        return str(found.output["result"]["mdtrt_id"])

    def try_admit(self, patient: Patient, shown: Credential | None = None) -> Outcome:
        """2401."""
        return self.client.admit(
            patient.psn_no,
            shown or patient.shows(),
            [diagnosis()],
            ipt_no=f"I{next(self.numbers)}-{patient.psn_no}",
            begntime=datetime.now(CHINA),
            **ADMISSION,
        )

    def discharge(self, patient: Patient, mdtrt_id: str) -> Outcome:
        """2402."""
        stay = {
            "insutype": "310",
            "dscg_dept_codg": "01",
            "dscg_dept_name": "内科",
            "dscg_way": "1",
            "endtime": datetime.now(CHINA),
        }
        return self.client.discharge(patient.psn_no, mdtrt_id, [diagnosis()], **stay)

    def unsound(self) -> list[str]:
        """What the registry finds wrong with the successful answers that came."""
        book = registry("demo")
        wrong = []
        for infno, body in self.heard:
            answer: Any = book.plain(body)
            if str(answer["infcode"]) == "0":
                wrong += [f"{infno} {fault.say()}" for fault in book.faults_out(infno, answer)]
        return wrong


@dataclass
class Ward:
    """Everything a test needs."""

    office: Office
    url: str
    hall: Hall
    port: int
    hospital: Provider
    pharmacy: Provider
    clinic: Provider
    identity: Identity
    people: list[Patient] = field(default_factory=list)

    def patient(self, **cover: int) -> Patient:
        """Somebody new."""
        self.people.append(insure(self.office, **cover))
        return self.people[-1]

    def count(self, words: str, *values: object) -> int:
        """A number out of the register."""
        with self.office.register.act() as connection:
            found = connection.execute(words.encode(), values).fetchone()
        assert found is not None
        number: int = next(iter(found.values()))
        return number

    def balance(self, patient: Patient) -> int:
        """What is in the account."""
        return self.count(
            "select balance_fen from coverage where person_id = %s", patient.who.person_id
        )

    def end_token(self, patient: Patient) -> None:
        """The person's token runs out: the register is asked as its owner, for desks never may."""
        with psycopg.connect(self.url, autocommit=True) as owner:
            owner.execute(
                "update e_credential set until_at = now() where person_id = %s",
                (patient.who.person_id,),
            )

    def differences(self) -> list[str]:
        """What re-deriving everything finds."""
        return [str(each) for each in verify(self.office.register).shown]


@contextmanager
def ward(office: Office, url: str, folder: Path) -> Iterator[Ward]:
    """A city with a process that runs, and three providers signed in."""
    identity = Identity.new()
    found_city(office, identity)
    hall = Hall(office, url)
    port = hall.start()
    here = [Provider(each, port, folder, identity) for each in (HOSPITAL, PHARMACY, CLINIC)]
    hospital, pharmacy, clinic = here
    yield Ward(office, url, hall, port, hospital, pharmacy, clinic, identity)
    for each in here:
        each.client.close()
    hall.stop()


def got(outcome: Outcome) -> Success:
    """A success, or the test ends here."""
    assert isinstance(outcome, Success), outcome
    return outcome


def no(outcome: Outcome) -> str:
    """A refusal's words, or the test ends here."""
    assert isinstance(outcome, Refused), outcome
    return outcome.message
