"""The real switch behind the kit's faults: a small city of its own, seeded once and kept.

``python -m minka.bench.kit_city FOLDER`` starts the register and the switch, prints one line of
test data (``Target`` as JSON) and then moves the world by lines of JSON: ``{"act": "lost",
"id_number": …}``. It ends with its input.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minka.bench.kit_faults import Fault
from minka.bench.kit_probe import Holder, Target
from minka.bench.kit_stage import Heard, HttpUpstream
from minka.kit.secret import Clear

if TYPE_CHECKING:
    from minka.bench.people import Invented
    from minka.desk.office import Office
    from minka.store.connection import Connection

REGION = "R1"
WANTED = 6
REVERSED = 3
LEAST_FEN = 30_000

_COVERED = """
select r.number_index, c.card_number
from coverage c join person_registry r using (person_id)
where c.scheme = 310 and c.psn_type = 11 and c.area = %(area)s and c.balance_fen >= %(least)s
    and c.open_from <= clock_timestamp() and c.open_until > clock_timestamp()
order by c.person_id desc
"""


_LOST = """
select r.number_index, c.card_number
from coverage c join person_registry r using (person_id)
where c.scheme = 310 and c.area = %(area)s and c.balance_fen >= %(least)s
    and c.card_number <> '' and c.open_until <= clock_timestamp()
order by c.person_id desc
"""
_BOOK = """
select lpad(s.msg_no::text, 18, '0') || lpad(s.origin_no::text, 8, '0') as setl_id,
    s.visit_no, s.person_id, s.kind, s.total, s.account,
    s.pool + s.large + s.serious + s.civil + s.enterprise + s.assistance + s.other as fund,
    case when s.of_msg_no is null then '' else
        lpad(s.of_msg_no::text, 18, '0') || lpad(s.of_origin_no::text, 8, '0') end as of
from settlement s join provider p using (provider_no)
where p.fixmedins_code = %s and s.kind in (1, 2, 3)
order by s.at
"""


class City:
    """The child process that is the city."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._running = subprocess.Popen(
            [sys.executable, "-m", "minka.bench.kit_city", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.target = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._running.stdout is not None
        line = self._running.stdout.readline()
        if not line:
            raise OSError("the city did not start")
        found: dict[str, Any] = json.loads(line)
        return found

    def lost(self, holder: Holder) -> dict[str, Any]:
        """Somebody reports the card lost."""
        return self._ask(act="lost", id_number=holder.id_number)

    def book(self, code: str) -> list[dict[str, Any]]:
        """What stands in the register for a provider."""
        lines: list[dict[str, Any]] = self._ask(act="book", code=code)["lines"]
        return lines

    def pharmacy(self) -> dict[str, Any]:
        """The test data of the city's first pharmacy."""
        return self._ask(act="pharmacy")

    def _ask(self, **said: str) -> dict[str, Any]:
        assert self._running.stdin is not None
        print(json.dumps(said), file=self._running.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        """End the city; its folder stays."""
        assert self._running.stdin is not None
        self._running.stdin.close()
        self._running.wait(60)


class CityUpstream(HttpUpstream):
    """The switch behind the stage; the world there can be moved."""

    def __init__(self, city: City) -> None:
        super().__init__(city.target["url"])
        self._city = city

    def world(self, fault: Fault, heard: Heard) -> None:
        """A card is reported lost; the rest is out of reach."""
        nodes = heard.message.get("input", {}).values()
        shown = {node.get("mdtrt_cert_no") for node in nodes if isinstance(node, dict)}
        for each in self._city.target["holders"]:
            if fault is Fault.CARD_BLOCKED and shown & {each["id_number"], each["card_number"]}:
                self._city.lost(Holder(**each))

    def close(self) -> None:
        """End the city."""
        self._city.close()


@contextmanager
def _started(home: Path) -> Iterator[str]:
    """Register and switch, with everything seeded; the switch's URL."""
    from minka.bench import settle_switch
    from minka.store.cluster import running, start

    os.environ["MINKA_HOME"] = str(home)
    cluster = running(home / "database") or start(home / "database")
    os.environ["MINKA_DATABASE_URL"] = cluster.url()
    with ExitStack() as stack:
        stack.callback(cluster.stop)
        _seed(cluster.url(), home)
        secret = bytes.fromhex((home / "field_secret").read_text("ascii"))
        switch = settle_switch.start(cluster.url(), secret, home)
        stack.callback(switch.process.wait)
        stack.callback(switch.process.terminate)
        yield switch.url


def _seed(url: str, home: Path) -> None:
    from minka.doors.schema import migrate

    migrate(url)
    from minka.bench.city import seed
    from minka.doors.office import office

    seed(office(), home)


def _target(url: str, home: Path, kind: str = "hospital") -> Target:
    """The city's first hospital or pharmacy, and people who have a balance and a card."""
    from minka.bench import care_city
    from minka.bench.kit_target import pair_of
    from minka.doors.office import office
    from minka.store import cards

    the_office = office()
    with the_office.register.act() as connection:
        law = the_office.law(REGION, cards.now(connection, the_office.fence()))
        hospital = next(each for each in care_city.providers(law) if each.kind == kind)
        holders = _holders(connection, the_office, hospital.area, _COVERED)
        lost = _holders(connection, the_office, hospital.area, _LOST)
    if not lost:
        _lost(holders[-1].id_number)
    blocked = lost[0] if lost else holders.pop()
    client = care_city.read_client(home, hospital.fixmedins_code)
    return Target(
        url,
        code=hospital.fixmedins_code,
        name=hospital.name,
        area=f"{hospital.area:06d}",
        paasid=client["paasid"],
        secret=client["secret"],
        codes=_codes(),
        holders=tuple(holders),
        blocked=blocked,
        identity=pair_of({"public": client["public_key"], "private": client["private_key"]}),
    )


def _holders(connection: Connection, office: Office, area: int, which: str) -> list[Holder]:
    from minka.store.people import number_index

    people = {number_index(office.keys, each.number): each for each in _invented(office)}
    rows = connection.execute(which, {"area": area, "least": LEAST_FEN}).fetchall()
    found = [(people.get(bytes(row["number_index"])), row) for row in rows]
    return [
        Holder(who.number.reveal(), row["card_number"]) for who, row in found if who is not None
    ][:WANTED]


def _invented(office: Office) -> Iterator[Invented]:
    from minka.bench.city import laws_now
    from minka.bench.people import invent

    laws = laws_now(office)
    return invent({law.id: law.administrative_code for law in laws})


def _codes() -> tuple[str, str, str]:
    """The dearest item of each class, so that no limit cuts a case's amounts."""
    from minka.bench.care_catalogue import items

    dearest = sorted(items(), key=lambda each: each.price_fen)
    first, second, third = ({each.category: each.code for each in dearest}[n] for n in (1, 2, 3))
    return first, second, third


def _book(said: dict[str, Any]) -> dict[str, Any]:
    """What stands in the register for a provider: settlements and refunds, without what was
    reversed."""
    from minka.doors.office import office

    with office().register.act() as connection:
        found = connection.execute(_BOOK, (said["code"],)).fetchall()
    gone = {row["of"] for row in found if row["kind"] == REVERSED}
    names = {"mdtrt_id": "visit_no", "psn_no": "person_id", "total_fen": "total"}
    names |= {"setl_id": "setl_id", "fund_fen": "fund", "account_fen": "account", "of": "of"}
    return {
        "lines": [
            {name: row[column] for name, column in names.items()}
            for row in found
            if row["kind"] != REVERSED and row["setl_id"] not in gone
        ]
    }


def _lost(id_number: str) -> dict[str, Any]:
    """A report by telephone, as the holder makes it."""
    from minka.desk.act import Request
    from minka.desk.loss import ReportLoss, report_loss
    from minka.doors.office import office

    name = next(e.name for e in _invented(office()) if e.number.reveal() == id_number)
    command = ReportLoss(REGION, "hotline", Clear(id_number), {"name": name})
    answer = report_loss(office(), Request(secrets.token_hex(12), "kit"), command)
    return {"accepted": str(answer.accepted), "code": answer.code}


def main(home: Path) -> None:
    """Serve until the input ends."""
    from minka.bench.kit_target import target_json

    with _started(home) as url:
        print(json.dumps(target_json(_target(url, home))), flush=True)
        for line in sys.stdin:
            said = json.loads(line)
            match said["act"]:
                case "book":
                    done = _book(said)
                case "pharmacy":
                    done = target_json(_target(url, home, "pharmacy"))
                case _:
                    done = _lost(said["id_number"])
            print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
