"""Visits: opened on a credential, described, discharged, cancelled, and never edited.

| step | when it may be | when not |
|---|---|---|
| opened | covered, contracted, credential good | its key is reversed |
| changed | open | another kind of benefit once something is settled |
| discharged, discharge_cancelled | open stay | twice |
| cancelled, reversed | nothing of it is settled | something is |

A visit opened on a card is bound to that card: a later settlement by card needs the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.care.decide import Ask, Credential, may_settle, may_show
from minka.care.plan import VisitKind
from minka.care.refusals import CareRefusal
from minka.care.split import AccountUse
from minka.care.state import Coverage, Earlier, standing
from minka.cipher.field import FieldKeys
from minka.desk.care_book import Provider
from minka.desk.visit_act import Facts, Scene, Work, steps_of, turned
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.clock import CHINA
from minka.kit.outcome import Reason
from minka.kit.secret import Clear
from minka.store import people
from minka.store.connection import Connection, Row, do, row, rows, the_row
from minka.store.hot.arrays import day_number, instant

TOKEN = "token"
"""The domain of the keyed index of an electronic credential's token."""
ENDED = frozenset({"cancelled", "reversed"})
OUTPATIENT = frozenset({VisitKind.OUTPATIENT, VisitKind.CHRONIC})
STAY = frozenset({VisitKind.INPATIENT})


@dataclass(frozen=True, slots=True)
class Showing:
    """What somebody showed: a token, an identity number or a card number."""

    credential: int
    number: Clear
    card_sn: str = ""
    """What the chip said of itself (卡识别码), where a message carries it."""


@dataclass(frozen=True, slots=True)
class Names:
    """Whom what was shown names: the person, and the chip of the person's card as it is known."""

    who: Callable[[], int]
    chip: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Opening:
    """A visit that is to be opened."""

    basis: int
    med_type: int
    scheme: int
    begun_at: datetime
    ipt_otp_no: str
    showing: Showing
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """A visit as it stands: its kind after every change, and whether the patient has left."""

    visit_no: int
    basis: int
    med_type: int
    discharged: int
    ended: int


def register(opening: Opening) -> Work:
    """2201: open a visit. Refusals: coverage, contract, credential, scheme."""

    def work(scene: Scene) -> Facts:
        admit_person(scene, opening)
        number = open_visit(scene, opening)
        psn_no = str(scene.coverage.person_id)
        return {"mdtrt_id": str(number), "psn_no": psn_no, "ipt_otp_no": opening.ipt_otp_no}

    return work


def admit_person(scene: Scene, opening: Opening) -> None:
    """Whether this person, with what he shows, may be treated here on this insurance."""
    names = _names(
        scene.connection, scene.office.keys, opening.showing, scene.coverage, at=scene.at
    )
    admit(scene.coverage, scene.message.provider, opening, at=instant(scene.at), names=names)


def admit(
    coverage: Coverage, provider: Provider, opening: Opening, *, at: int, names: Names
) -> None:
    """The same from values in hand."""
    on = day_number(opening.begun_at.astimezone(CHINA).date())
    wrong: Reason | None = (
        may_settle(coverage, provider.contracts, on=on, at=at)
        or shown_wrong(coverage, opening.showing, at, names)
        or (CareRefusal.SCHEME_WRONG if opening.scheme != coverage.scheme else None)
    )
    if wrong is not None:
        raise turned(wrong, hotline="12333")


def shows_wrong(
    connection: Connection, keys: FieldKeys, coverage: Coverage, showing: Showing, *, at: datetime
) -> Reason | None:
    """Why what was shown does not stand for this person at an instant, or None."""
    names = _names(connection, keys, showing, coverage, at=at)
    return shown_wrong(coverage, showing, instant(at), names)


def _names(
    connection: Connection, keys: FieldKeys, showing: Showing, coverage: Coverage, *, at: datetime
) -> Names:
    def chip() -> bytes:
        card = {"person_id": coverage.person_id, "card_id": coverage.card_id}
        found = row(connection, "visit.chip", **card)
        return bytes(found["id_code"]) if found else b""

    return Names(lambda: who_shows(connection, keys, showing, at), chip)


def shown_wrong(coverage: Coverage, showing: Showing, at: int, names: Names) -> Reason | None:
    """The same from values in hand."""
    if showing.credential != Credential.CARD:
        same = names.who() == coverage.person_id
        return None if same else CareRefusal.CREDENTIAL_WRONG
    number = showing.number.reveal().encode()
    ask = Ask(showing.credential, number, 0, None, AccountUse.NO, 0)
    return may_show(coverage, ask, at) or _another_chip(showing, names)


def _another_chip(showing: Showing, names: Names) -> VisitRefusal | None:
    """A card of the same number may be the one before; a chip nobody has read yet tells nothing."""
    known = names.chip() if showing.card_sn else b""
    said = showing.card_sn.upper()
    return VisitRefusal.CHIP_OTHER if known and known.hex().upper() != said else None


def who_shows(connection: Connection, keys: FieldKeys, showing: Showing, at: datetime) -> int:
    """The person a credential names at an instant; nought when it names nobody."""
    if showing.credential == Credential.CARD:
        found = row(connection, "visit.by_card", card_number=showing.number.reveal())
    elif showing.credential == Credential.TOKEN:
        index = keys.index(TOKEN, showing.number)
        found = row(connection, "visit.token", index=index, at=at)
    else:
        return people.find(connection, keys, showing.number) or 0
    return int(found["person_id"]) if found else 0


def open_visit(scene: Scene, opening: Opening) -> int:
    """Write a visit down; gives its number."""
    coverage = scene.coverage
    on_card = opening.showing.credential == Credential.CARD
    written = the_row(
        scene.connection,
        "visit.open",
        person_id=coverage.person_id,
        provider_no=scene.message.origin_no,
        basis=opening.basis,
        med_type=opening.med_type,
        scheme=coverage.scheme,
        credential=opening.showing.credential,
        card_id=coverage.card_id if on_card else 0,
        ipt_otp_no=opening.ipt_otp_no,
        begun_at=opening.begun_at,
        at=scene.at,
        details=Jsonb(dict(opening.details)),
        shown=shown_of(scene.connection, scene.office.keys, coverage, opening.med_type),
    )
    number: int = written["visit_no"]
    return number


def shown_of(connection: Connection, keys: FieldKeys, coverage: Coverage, med_type: int) -> str:
    """What settlements of a visit show of their person: masks, sex, birthday and codes."""
    person = the_row(connection, "visit.shown", person_id=coverage.person_id)
    number = keys.unseal(people.NUMBER, person["number_sealed"])
    born = person["born_on"].isoformat() if person["born_on"] else ""
    masks = (person["name_mask"], person["number_mask"])
    return shown_text(masks, number, born, coverage=coverage, med_type=med_type)


def shown_text(
    masks: tuple[str, str], number: Clear, born: str, *, coverage: Coverage, med_type: int
) -> str:
    """The same from values in hand: the masks of name and number, and an ISO day or nothing."""
    kinds = (coverage.psn_type, coverage.civil, med_type)
    name = masks[0].replace("|", "")
    return "|".join(map(str, (name, masks[1], sex_of(number), born, *kinds)))


def sex_of(number: Clear) -> str:
    """``1`` for a man, ``2`` for a woman: the seventeenth digit of the citizen number."""
    digit = number.reveal()[16:17]
    return "1" if digit.isdigit() and int(digit) % 2 else "2"


def change(
    visit_no: int,
    med_type: int,
    basis: int,
    details: Facts,
    *,
    bases: frozenset[VisitKind] = OUTPATIENT,
) -> Work:
    """2203 and 2403: what kind of visit it is and what for. The newest word counts."""

    def work(scene: Scene) -> Facts:
        known = open_one(scene, visit_no, bases)
        if basis != known.basis and settled_now(scene, visit_no):
            raise turned(VisitRefusal.SOMETHING_SETTLED)
        step(scene, visit_no, "changed", changed_to(med_type, basis, details))
        return {}

    return work


def changed_to(med_type: int, basis: int, details: Facts) -> Facts:
    """What the step of a change says; ``kind`` is one number, so that the last is a maximum."""
    kind = {"med_type": med_type, "basis": basis, "kind": basis * 10_000 + med_type}
    return {**details, **kind}


def cancel(visit_no: int, bases: frozenset[VisitKind]) -> Work:
    """2202 and 2404: the visit did not take place; refused while something of it is settled."""

    def work(scene: Scene) -> Facts:
        open_one(scene, visit_no, bases)
        if settled_now(scene, visit_no):
            raise turned(VisitRefusal.SOMETHING_SETTLED)
        step(scene, visit_no, "cancelled", {})
        return {}

    return work


def discharge(visit_no: int, details: Facts) -> Work:
    """2402: the patient leaves; charges are closed, the settlement may come before or after."""

    def work(scene: Scene) -> Facts:
        if open_one(scene, visit_no, STAY).discharged:
            raise turned(VisitRefusal.DISCHARGED)
        step(scene, visit_no, "discharged", details)
        return {}

    return work


def undo_discharge(visit_no: int) -> Work:
    """2405: the patient has not left after all."""

    def work(scene: Scene) -> Facts:
        if not open_one(scene, visit_no, STAY).discharged:
            raise turned(VisitRefusal.NOT_DISCHARGED)
        step(scene, visit_no, "discharge_cancelled", {})
        return {}

    return work


def open_one(scene: Scene, visit_no: int, bases: frozenset[VisitKind]) -> Known:
    """A visit of this person at this provider that is open and of one of these kinds."""
    found = row(scene.connection, "visit.visit", visit_no=visit_no)
    steps = steps_of(scene.connection, visit_no) if found else ()
    owner = (scene.coverage.person_id, scene.message.origin_no)
    return found_open(found, steps, owner=owner, bases=bases)


def found_open(
    found: Row | None, steps: Sequence[Row], *, owner: tuple[int, int], bases: frozenset[VisitKind]
) -> Known:
    """The same from values in hand; ``owner`` is the person and the provider."""
    if found is None or (found["person_id"], found["provider_no"]) != owner:
        raise turned(CareRefusal.VISIT_UNKNOWN)
    known = as_it_stands(found, steps)
    if known.ended:
        raise turned(CareRefusal.VISIT_CLOSED)
    if known.basis not in bases:
        raise turned(VisitRefusal.WRONG_KIND)
    return known


def as_it_stands(found: Row, steps: Sequence[Row]) -> Known:
    """A visit after all that happened to it."""
    basis, med_type, discharged, ended = found["basis"], found["med_type"], 0, 0
    for each in steps:
        if each["step"] == "changed":
            basis, med_type = each["details"]["basis"], each["details"]["med_type"]
        elif each["step"] in ENDED:
            ended = 1
        else:
            discharged = int(each["step"] == "discharged")
    return Known(found["visit_no"], basis, med_type, discharged, ended)


def step(scene: Scene, visit_no: int, name: str, details: Facts) -> None:
    """Write down what happened to a visit."""
    do(
        scene.connection,
        "visit.step",
        visit_no=visit_no,
        person_id=scene.coverage.person_id,
        step=name,
        at=scene.at,
        details=Jsonb(dict(details)),
    )


def earlier_of(connection: Connection, visit_no: int) -> list[Earlier]:
    """The settlements of a visit and what undid them."""
    return [Earlier(**each) for each in rows(connection, "visit.settled", visit_no=visit_no)]


def settled_now(scene: Scene, visit_no: int) -> int:
    """How many settlements of a visit stand."""
    return len(standing(earlier_of(scene.connection, visit_no)))
