"""A small city that lives for a minute with planted people and keys, and leaves its traces.

Everything is real: PostgreSQL with its log wide open, the settlement process and a hospital behind
TLS, the web server, the soft vault in its process with custodians. What each leaves behind is
collected under a name.
"""

from __future__ import annotations

import logging
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg

from minka.bench.care_city import Cover, open_accounts
from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.card_key import Algorithm, derive
from minka.cipher.field import SoftFieldKeys
from minka.cipher.octets import xor
from minka.client import Bill, By, Client, Credential, Identity, Site, settled
from minka.client.carrier import HttpCarrier
from minka.desk.office import Office
from minka.devices.vault_client import CustodyClient, VaultClient
from minka.devices.vault_settings import Duty, VaultSettings
from minka.keys.component import restored
from minka.keys.vault import Export, KeyName, KeyPath, KeyTerms, Purpose
from minka.kit.secret import Clear
from minka.law.book import Book
from minka.store import cards, people
from minka.store.care import begin_coverage
from minka.store.cluster import Cluster, create_database, discard, start
from minka.store.connection import Register
from minka.store.people import NewPerson
from tests.api.asking import Partners, key
from tests.browser.server import serving
from tests.canary.plants import Planted, Plants
from tests.canary.relay import Relays, Tape, certificate, relays
from tests.canary.scanner import Canary
from tests.desk.staff import hire
from tests.desk.town import Resident, give_card
from tests.devices.vaults import Stand
from tests.insurance.hall import AREA, CODES, HOSPITAL, SCHEME, SECRET, Hall, found_city, got
from tests.insurance.rows import line, registration
from tests.keys_desk.ward import STAFF, Ward, parts_of

LOUD = {
    "log_statement": "all",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "wal_compression": "off",
    "fsync": "off",
}
"""PostgreSQL writes down every statement with every value, and nothing is compressed away."""

FACTORS = (b"990000sh", b"990100sx")


@dataclass
class Lived:
    """What a city left behind, by place; and secrets that came up while it lived."""

    data: Path
    files: dict[str, Path] = field(default_factory=dict)
    bytes: dict[str, bytes] = field(default_factory=dict)
    more: list[Canary] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)
    url: str = ""
    asked_about: list[Planted] = field(default_factory=list)
    """Those about whom the hospital asked, whose number and name the interface gives it."""


@contextmanager
def lived(folder: Path, book: Book, plants: Plants, *, acts: int) -> Iterator[Lived]:
    """A city after so many acts at each door; its database still runs, so that one can leak."""
    home = folder / "pg"
    home.mkdir()
    cluster = start(home, settings=LOUD)
    try:
        yield _live(folder, cluster, book, plants, acts=acts)
    finally:
        discard(home)


def _live(folder: Path, cluster: Cluster, book: Book, plants: Plants, *, acts: int) -> Lived:
    create_database(cluster.url("postgres"), "canary")
    url = cluster.url("canary")
    script = "import sys; from minka.doors.schema import migrate; migrate(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, url], check=True)
    trace = Lived(cluster.home, url=url)
    secret = secrets.token_bytes(32)
    trace.more.append(Canary("field secret", octets=secret[:16]))
    register = Register(url, size=8, wait_s=5)
    office = Office(register=register, book=lambda: book, keys=SoftFieldKeys(secret))
    log = folder / "process.log"
    with ExitStack() as ends:
        ends.callback(register.close)
        written = ends.enter_context(log.open("w", encoding="utf-8"))
        ends.enter_context(redirect_stderr(written))
        ends.enter_context(_everything_logged(written))
        wires = ends.enter_context(relays())
        residents = _settle(office, plants.people, acts)
        _at_the_hospital(trace, office, wires, folder, residents)
        _on_the_web(trace, wires, folder, residents, secret)
        _at_the_vault(trace, wires, folder, plants, office)
    trace.files |= {"process log": log, "database and its log": cluster.home}
    checkpoint(trace)
    return trace


@contextmanager
def _everything_logged(written: Any) -> Iterator[None]:
    handler = logging.StreamHandler(written)
    # The hospital's and the citizen's own programs are not the city's: their addresses stand here.
    handler.addFilter(lambda record: record.name.partition(".")[0] not in ("httpx", "httpcore"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@dataclass(frozen=True, slots=True)
class Living:
    """Someone planted, with a card and a cover."""

    planted: Planted
    who: Resident


def _settle(office: Office, planted: tuple[Planted, ...], acts: int) -> list[Living]:
    """Everybody is registered; the first have cards and accounts."""
    found: list[Living] = []
    for batch in _cut(planted):
        with office.register.act() as connection:
            for each in batch:
                new = NewPerson("R1", Clear(each.number), Clear(each.name), Clear(each.phone))
                person_id = people.add(connection, office.keys, new)
                if len(found) >= 2 * acts:
                    continue
                card = give_card(connection, person_id, "R1", kind="social_security_card")
                who = Resident(person_id, card.card_id, new.number, new.name, card.card_number)
                found.append(Living(each, who))
    return found


def _cut(planted: tuple[Planted, ...]) -> Iterator[tuple[Planted, ...]]:
    for at in range(0, len(planted), 200):
        yield planted[at : at + 200]


def _insure(office: Office, living: list[Living]) -> None:
    with office.register.act() as connection:
        for each in living:
            begin_coverage(
                connection,
                each.who.person_id,
                scheme=SCHEME,
                psn_type=11,
                area=AREA,
                covered_from=date(2020, 1, 1),
                civil=0,
            )
            cover = Cover(SCHEME, 11, 0, date(2020, 1, 1), monthly_fen=80_000)
            at = cards.now(connection, None)
            open_accounts(connection, [(each.who.person_id, AREA, cover)], at)


def _at_the_hospital(
    trace: Lived, office: Office, wires: Relays, folder: Path, living: list[Living]
) -> None:
    """1101 by identity card, 2201, 2204, 2206, 2207 and 2208 over HTTPS, half by identity card."""
    living = living[: len(living) // 2]
    identity = Identity.new()
    found_city(office, identity)
    _insure(office, living)
    hall = Hall(office, trace.url)
    port = hall.start()
    outside, inside = Tape(), Tape()
    server, client = certificate(folder)
    shown = wires.tcp(wires.tcp(port, inside, tls=server), outside)
    site = Site(
        f"https://127.0.0.1:{shown}/insurance",
        CODES[HOSPITAL],
        "示例医院",
        str(AREA),
        paasid=f"test_{HOSPITAL}",
        secret=SECRET,
    )
    carrier = HttpCarrier(site, transport=httpx.HTTPTransport(verify=client))
    own = folder / "hospital"
    own.mkdir()
    hospital = Client(site, own / "hospital.db", identity, carrier=carrier)
    try:
        got(hospital.sign_in("1"))
        for number, each in enumerate(living):
            _cared_for(hospital, each, number)
            trace.asked_about.append(each.planted)
    finally:
        hospital.close()
        hall.stop()
    trace.acts["settlements"] = len(living)
    trace.files["hospital's own log"] = own
    trace.bytes["hospital wire"] = bytes(outside.asked + outside.answered)
    trace.bytes["hospital answers inside TLS"] = bytes(inside.answered)


def _cared_for(hospital: Client, living: Living, number: int) -> None:
    who, by = living.who, (By.ID_CARD, By.CARD)[number % 2]
    text = who.number.reveal() if by is By.ID_CARD else who.card_number
    shown = Credential(by, Clear(text), "SN1")
    psn_no = str(who.person_id)
    got(hospital.person(shown, certno=who.number.reveal(), psn_name=who.name.reveal()))
    visit = got(hospital.register(psn_no, shown, **registration(f"O{number}")))
    mdtrt_id = str(visit.output["data"]["mdtrt_id"])
    got(hospital.upload(psn_no, [line(f"B{number}", mdtrt_id, 10_000)]))
    bill = Bill(f"B{number}-{mdtrt_id}", psn_no, mdtrt_id, shown, 10_000, batch=f"B{number}")
    quoted = got(hospital.pre_settle(bill))
    answer = got(hospital.settle(bill, quoted))
    if number % 4 == 0:
        got(hospital.refund(settled(answer.output)))


def _on_the_web(
    trace: Lived, wires: Relays, folder: Path, living: list[Living], secret: bytes
) -> None:
    """Loss reports by citizens, wrong ones too, and a partner's questions, over HTTPS."""
    home = folder / "web"
    home.mkdir()
    living = living[len(living) // 2 :]
    outside, inside = Tape(), Tape()
    tls = folder / "web tls"
    tls.mkdir()
    server, client = certificate(tls)
    about = {"MINKA_DATABASE_URL": trace.url, "MINKA_FIELD_SECRET": secret.hex()}
    token = Partners(trace.url).enrol("card:standing", "loss:report", role="hotline_agent")
    with serving(home, about) as web:
        port = int(web.url.rpartition(":")[2])
        shown = wires.tcp(wires.tcp(port, inside, tls=server), outside)
        address = f"https://127.0.0.1:{shown}"
        with httpx.Client(base_url=address, verify=client, timeout=60) as asking:
            codes = [_reported(asking, each, token) for each in living]
    trace.acts["loss reports"] = sum(code == 201 for code in codes)
    trace.bytes["web wire"] = bytes(outside.asked + outside.answered)
    trace.bytes["web answers inside TLS"] = bytes(inside.answered)
    trace.files["web home and log"] = home


def _reported(asking: httpx.Client, living: Living, token: str) -> int:
    person = living.planted
    body: dict[str, Any] = {
        "request_key": key(),
        "region": "R1",
        "channel": "hotline",
        "id_number": person.number,
        "stated": {"name": person.name},
        "caller": person.phone,
    }
    bearer = {"Authorization": f"Bearer {token}", "Host": "localhost"}
    wrong = {**body, "request_key": key(), "stated": {"name": person.name[::-1]}}
    asking.post("/api/v1/loss-reports", json=wrong, headers=bearer)
    asking.post("/api/v1/loss-reports", json={**body, "region": person.number}, headers=bearer)
    asking.get(f"/{person.number}/{person.name}", headers=bearer)
    asking.get("/", params={"q": person.number}, headers=bearer)
    told = asking.post("/api/v1/loss-reports", json=body, headers=bearer)
    return told.status_code


def _at_the_vault(
    trace: Lived, wires: Relays, folder: Path, plants: Plants, office: Office
) -> None:
    """Keys, a factory's batch, PINs, ceremonies, a seal and its opening: through the relays."""
    settings = VaultSettings(folder=folder / "vault", duty=Duty.DRILL)
    stand, tape = Stand(settings), Tape()
    front = msgspec.structs.replace(settings, folder=folder / "front")
    front.folder.mkdir(mode=0o700)
    said = folder / "vault.log"
    try:
        with said.open("wb") as written:
            stand.start(written)
        wires.unix(front.socket, settings.socket, tape)
        wires.unix(front.custody_socket, settings.custody_socket, tape)
        vault, custody = VaultClient(front), CustodyClient(front)
        shares = custody.initialise(3, 5)
        trace.more += [Canary("share", text=share) for share in shares]
        trace.more.append(Canary("master key", octets=restored(shares[:3])))
        trace.more += _worked(vault, custody, plants)
        keyed = replace(office, vault=lambda: vault, custody=lambda: custody, vault_id="soft:city")
        trace.more += _ceremonies(Ward(keyed, trace.url, vault), len(plants.components) // 10)
        custody.seal()
        for share in shares[1:4]:
            custody.unseal(share)
        stand.stop()
    finally:
        stand.end()
    trace.acts["keys"] = len(plants.components)
    trace.bytes["vault wire"] = bytes(tape.asked + tape.answered)
    trace.files |= {"vault folder": settings.folder, "vault log": said}


def _worked(vault: VaultClient, custody: CustodyClient, plants: Plants) -> list[Canary]:
    found: list[Canary] = []
    under = KeyName("ZMK")
    custody.generate(under, Purpose.TRANSPORT)
    given = [number.to_bytes(8) for number in range(500)]
    for number, (pair, root) in enumerate(zip(plants.components, plants.roots(), strict=True)):
        name = KeyName(f"K{number}")
        for part in pair:
            custody.add_component("canary", name, part)
        purpose = Purpose.MESSAGE if number % 2 else Purpose.EXTERNAL
        terms = KeyTerms(export=Export.UNDER_TRANSPORT)
        custody.combine("canary", name, purpose, 2, terms=terms)
        vault.wrap(name, under)
        vault.diversify_and_wrap(name, FACTORS, given, under)
        found += [_derived(root, card) for card in given]
        if number % 2:
            _pins(vault, name, plants.pins)
    return found


def _ceremonies(ward: Ward, count: int) -> list[Canary]:
    """Three custodians each, through the desk and its journal; one first types his part wrong."""
    for number, role in STAFF.items():
        hire(ward.url, number, role)
    found = []
    for _ in range(count):
        parts = parts_of("cust1", "cust2", "cust3")
        ceremony_no = ward.opened()
        assert not ward.enter(ceremony_no, "cust1", parts["cust1"] + "0").accepted
        assert not ward.enter(ceremony_no, "cust4", parts["cust2"]).accepted
        ward.entered(ceremony_no, parts)
        octets = [bytes.fromhex(part) for part in parts.values()]
        whole = reduce(xor, octets)
        read_aloud = check_value(BlockCipher.SM4, whole).hex().upper()
        assert ward.done("import_key", ceremony_no=ceremony_no)["check_value"] == read_aloud
        assert ward.compare(ceremony_no, 0, read_aloud).facts["verdict"] == "same"
        assert ward.close(ceremony_no).accepted
        found += [Canary("component", octets=part) for part in octets]
        found.append(Canary("root", octets=whole))
    return found


def _derived(root: bytes, card: bytes) -> Canary:
    return Canary("card key", octets=derive(Algorithm.SM4, root, *FACTORS, card))


def _pins(vault: VaultClient, name: KeyName, pins: tuple[str, ...]) -> None:
    path = KeyPath(name, (*FACTORS, bytes(8)))
    for pin in pins:
        for plain in (bytes.fromhex(pin), pin.encode()):
            vault.secure_message(path, secrets.token_bytes(8), b"\x84\x24\x00\x01\x00", plain)


def checkpoint(trace: Lived) -> None:
    """Everything is in the database's files, and its dump is taken anew."""
    with psycopg.connect(trace.url, autocommit=True) as connection:
        connection.execute("checkpoint")
    trace.bytes["dump"] = dump(trace.url)


def dump(url: str) -> bytes:
    """Every row of every table as text, as pg_dump writes them."""
    whole = bytearray()
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        names = cursor.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema') order by 1"
        ).fetchall()
        for (name,) in names:
            with cursor.copy(f"copy {name} to stdout".encode()) as rows:
                whole += f"{name}\n".encode() + b"".join(bytes(row) for row in rows)
    return bytes(whole)


def places(trace: Lived) -> Mapping[str, list[tuple[str, bytes]]]:
    """Every place that is looked at, with its parts."""
    whole = {name: [(name, content)] for name, content in trace.bytes.items()}
    for name, path in trace.files.items():
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        whole[name] = [(str(each), each.read_bytes()) for each in files if each.is_file()]
    return whole
