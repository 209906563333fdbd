"""A hall for tests: places, staff who are logged in with two factors, residents with cards."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from minka.bench import places
from minka.bench.places import place_id
from minka.desk.collect import AdvanceCard, advance_card
from minka.desk.look import PersonFile, file_of_person
from minka.desk.office import Office
from minka.desk.preview import now
from minka.kit.secret import Clear
from minka.law.region import RegionLaw
from minka.store import people
from minka.store.models import Bank, Employer, Operator, Place
from minka.store.people import NewPerson
from tests.desk.town import Resident, give_card, invented_number, request

RECEIPT = re.compile(r"\b[GBSRFD]-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")


@dataclass(frozen=True, slots=True)
class Screen:
    """One answer as a clerk sees it."""

    status: int
    text: str
    url: str
    headers: dict[str, str]

    def has(self, *words: str) -> bool:
        """Whether every word stands on the screen."""
        missing = [word for word in words if word not in self.text]
        assert not missing, f"{missing} not in {plain(self.text)[:3000]}"
        return True

    def handle(self) -> str:
        """The opaque handle of the case on the screen."""
        found = re.search(r"/staff/(?:hotline|counter|case)/([\w-]{12})/", self.url + self.text)
        assert found is not None, plain(self.text)[:1500]
        return found[1]

    def receipts(self, letter: str) -> list[str]:
        """The receipts of a kind on the screen, in order and once."""
        found = RECEIPT.findall(self.text)
        return list(dict.fromkeys(code for code in found if code.startswith(letter)))


def plain(text: str) -> str:
    """The words of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


class Clerk:
    """A member of staff at a browser."""

    def __init__(self, login: str, *, language: str = "zh-hans", factors: int = 2) -> None:
        self.client = Client(HTTP_HOST="localhost")
        self.client.cookies["minka_language"] = language
        user = User.objects.get(username=login)
        staff_cookie(self.client, user, factors)

    def get(self, path: str, **headers: str) -> Screen:
        """Read a page."""
        return self._screen(self.client.get(f"/staff/{path}", headers=headers, follow=True))

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Screen:
        """Send a form, and follow to where it leads."""
        sent = self.client.post(f"/staff/{path}", data or {}, headers=headers, follow=True)
        return self._screen(sent)

    def raw(self, path: str) -> Any:
        """The answer itself, not followed."""
        return self.client.get(f"/staff/{path}")

    def _screen(self, answer: Any) -> Screen:
        url = answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]
        pdf = answer.headers.get("Content-Type") == "application/pdf"
        text = "" if pdf else answer.content.decode()
        return Screen(answer.status_code, text, url, dict(answer.headers))


def staff_cookie(client: Client, user: User, factors: int) -> None:
    """Give a test client the session of a member of staff."""
    client.cookies["minka_session"] = session_key(user, factors)


def session_key(user: User, factors: int) -> str:
    """Open a staff session, as a log-in with so many factors leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    methods = [{"method": "password", "at": 1}, {"method": "mfa", "type": "totp", "at": 2}]
    session["account_authentication_methods"] = methods[:factors]
    session["account_authentication_methods_user"] = str(user.pk)
    session.create()
    return str(session.session_key)


def session_of(login: str) -> str:
    """The key of a new session of a member of staff, with both factors used."""
    return session_key(User.objects.get(username=login), 2)


def build(law: RegionLaw) -> None:
    """The banks, employers and places of a region, as the demo city invents them."""
    for bank_id, name, name_en, phone, lapse_days in places.BANKS:
        told = {"name": name, "name_en": name_en, "phone": phone, "lapse_days": lapse_days}
        Bank.objects.get_or_create(bank_id=bank_id, defaults=told)
    Employer.objects.bulk_create(Employer(**asdict(each)) for each in places.employers(law))
    Place.objects.bulk_create(Place(**asdict(each)) for each in places.places(law))


class Hall:
    """The demo places, and whoever a test needs."""

    def __init__(self, office: Office) -> None:
        self.office = office
        at = now(office)
        self.laws = {region: office.law(region, at) for region in office.book().regions}
        for law in self.laws.values():
            build(law)
        self._serial = iter(range(1, 999))

    def staff(self, role: str, region: str = "R1", **more: Any) -> str:
        """A new member of staff with a second factor; gives the log-in name."""
        login = f"{region}-{role}-{secrets.token_hex(3)}"
        user = User.objects.create(username=login, password="!")
        if more.pop("factor", "yes") == "yes":
            TOTP.activate(user, generate_totp_secret())
        number = f"T{user.pk:05d}"
        Operator.objects.create(user=user, staff_number=number, role=role, region=region, **more)
        return login

    def agent(self, region: str = "R1", language: str = "zh-hans") -> Clerk:
        """A hotline agent at his console."""
        return Clerk(self.staff("hotline_agent", region), language=language)

    def clerk(
        self, kind: str = "service_point", region: str = "R1", language: str = "zh-hans"
    ) -> Clerk:
        """A clerk at the first place of a kind."""
        where = {"place_id": place_id(region, kind)}
        return Clerk(self.staff("counter_clerk", region, **where), language=language)

    def resident(
        self,
        region: str = "R1",
        *,
        bank_id: str = "BANK1",
        born: str = "19850310",
        employer_id: str = "",
        guardian_id: int | None = None,
        name: str = "",
    ) -> Resident:
        """A new resident with an active card."""
        serial = next(self._serial)
        number, named = Clear(invented_number(serial, born)), Clear(name or f"窗{serial}客")
        person = NewPerson(
            region,
            number,
            named,
            phone=Clear("13800000000"),
            member_number=f"M{serial:05d}",
            employer_id=employer_id or None,
            guardian_id=guardian_id,
            photo_code="on-file",
        )
        with self.office.register.act() as connection:
            person_id = people.add(connection, self.office.keys, person)
            kind = self.laws[region].card_kind
            card = give_card(connection, person_id, region, kind=kind, bank_id=bank_id)
        return Resident(person_id, card.card_id, number, named, card.card_number)

    def file(self, someone: Resident) -> PersonFile:
        """The register's own view of a resident."""
        file = file_of_person(self.office, someone.person_id)
        assert file is not None
        return file

    def make(self, receipt: str) -> None:
        """The factory makes a card and the place books it in."""
        for move in ("make", "stock"):
            answer = advance_card(self.office, request("factory"), AdvanceCard(receipt, move))
            assert answer.accepted, answer
