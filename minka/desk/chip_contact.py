"""A card in a reader at a desk, from the first look to the last write.

| step | what |
|---|---|
| meet | open the card, tell it apart, let it prove itself with the vault's key (K2) |
| read | every file that the post may see and that opens; the others say why not |
| keep | the reading goes on file |
| stamp | a stopped card is refused, or blocked for good where its successor lives |
| write | a torn write is settled first (X32); then each pending one: begun, written, read back |

``CardGone`` comes through: what was begun stays begun, and the next contact settles it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from minka.chip import gate as gates
from minka.chip import reading, tlv, writing
from minka.chip.connection import CardConnection
from minka.chip.contents import Inner, read_file
from minka.chip.faults import CardFault, CardReason
from minka.chip.filespec import CardFile, Standing, Structure
from minka.chip.rules import key_of
from minka.chip.session import CardSession, Gate, NoKeys
from minka.chip.values import Value
from minka.cipher.card_key import Algorithm
from minka.desk.act import Answer, Request, Verdict
from minka.desk.chip_items import Place, may_see, shown
from minka.desk.chip_keys import ChipKeys, VaultCardKeys
from minka.desk.chip_read import (
    FIRST,
    Found,
    KeepReading,
    found_of,
    keep_reading,
    packed,
)
from minka.desk.chip_stamp import MeetCard, Order, StampCard, meet_card, stamp_card
from minka.desk.chip_write import (
    BeginWrite,
    EndWrite,
    InReader,
    Pending,
    RepairWrite,
    begin_write,
    end_write,
    pending,
    repair_write,
)
from minka.desk.office import Office
from minka.keys.vault import KeyRefused, VaultGone
from minka.kit.secret import Clear

PHOTO, FINGERS = "SSSEEF08", "SSSEEF07"
SKIPPED = frozenset({PHOTO, FINGERS})
"""Files that are long, and shown nowhere in a list of fields."""
BLOCKED_APPLICATION = "DF04"
"""The application that pays: blocking it ends the card's money, and the files stay readable."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A file that was not read, and why."""

    file: str
    fault: CardFault


@dataclass(slots=True)
class Contact:
    """A card in a reader, at a post."""

    office: Office
    session: CardSession
    gate: Gate
    card: InReader
    new_request: Callable[[], Request]
    """A fresh request of the post for each act."""
    place_id: str = ""
    found: tuple[Found, ...] = ()
    closed: list[Closed] = field(default_factory=list)

    @property
    def role(self) -> str:
        """The post that stands at the reader."""
        return self.new_request().role


def meet(
    office: Office,
    connection: CardConnection,
    terminal: str,
    new_request: Callable[[], Request],
    *,
    pin: Clear | None = None,
    place_id: str = "",
) -> Contact:
    """Open a card and let it prove itself; ``CardFault`` when it is none of ours."""
    session = reading.open_card(connection)
    gate = Gate(_keys(office, session), pin)
    card = InReader(
        id_code=session.identification,
        proof=_proof(office, session, gate),
        terminal=terminal,
        factor=session.factor,
        version=session.generation.version,
        algorithm=int(session.algorithm),
    )
    return Contact(office, session, gate, card, new_request, place_id)


def _keys(office: Office, session: CardSession) -> VaultCardKeys | NoKeys:
    algorithm = Algorithm(int(session.algorithm))
    card = ChipKeys(session.identification, session.factor, algorithm)
    try:
        return VaultCardKeys(office.vault(), card)
    except VaultGone:
        return NoKeys()


def _proof(office: Office, session: CardSession, gate: Gate) -> str:
    """``proved``, ``refused``, or ``untried`` where no key is here to try it with."""
    try:
        reading.prove_card(session, gate, random=office.randomness(16))
    except (VaultGone, KeyRefused):
        return "untried"
    except CardFault as fault:
        return "untried" if fault.reason is CardReason.KEY_NEEDED else "refused"
    return "proved"


def read(contact: Contact, names: tuple[str, ...] = ()) -> tuple[Found, ...]:
    """Read the named files, or all that the post may see; what did not open is in ``closed``."""
    contact.found, contact.closed = (), []
    for file in contact.session.files.files():
        wanted = file.name in names if names else _is_listed(file)
        if wanted and may_see(contact.role, file):
            contact.found += _file(contact, file)
    return contact.found


def _is_listed(file: CardFile) -> bool:
    used = file.standing in (Standing.ENABLED, Standing.PRESET)
    return used and file.name not in SKIPPED


def _file(contact: Contact, file: CardFile) -> tuple[Found, ...]:
    try:
        records = reading.read_records(contact.session, file.name, contact.gate)
    except CardFault as fault:
        contact.closed.append(Closed(file.name, fault))
        return ()
    except KeyRefused:
        needed = CardFault(CardReason.KEY_NEEDED, key=str(key_of(file.read)))
        contact.closed.append(Closed(file.name, needed))
        return ()
    return found_of(read_file(file, records))


def keep(contact: Contact) -> Answer:
    """Put the reading on file; see ``chip_read.keep_reading``."""
    return keep_reading(contact.office, contact.new_request(), as_reading(contact))


def as_reading(contact: Contact) -> KeepReading:
    """What was read, as a command."""
    number = contact.session.card_number
    read_as = packed(contact.found, contact.card.version)
    return KeepReading(number, contact.card, read_as, contact.place_id)


def stamp(contact: Contact) -> Answer | None:
    """Do with a stopped card what the register orders, and say so; None for a card that may pay."""
    number = contact.session.card_number
    met = meet_card(contact.office, contact.new_request(), MeetCard(number, contact.card))
    if not met.accepted:
        return met
    if met.facts["told"] == Order.NONE.value:
        return None
    result = "refused"
    if met.facts["told"] == Order.BLOCK_APPLICATION.value:
        result = _block(contact)
    done = StampCard(number, contact.card, result)
    return stamp_card(contact.office, contact.new_request(), done)


def _block(contact: Contact) -> str:
    try:
        gates.block_application(contact.session, BLOCKED_APPLICATION, contact.gate)
    except CardFault as fault:
        blocked = fault.reason is CardReason.APPLICATION_BLOCKED
        return "was_blocked" if blocked else "failed"
    return "blocked"


def write(contact: Contact, person_id: int, card_id: int) -> Iterator[tuple[Pending, Answer]]:
    """Carry out every pending write of the card, oldest first; each with its last answer.

    A write that is refused ends nothing but itself. ``CardGone`` ends all, and leaves it begun.
    A card of the first generation has other items under these tags: nothing is written on it.
    """
    if contact.card.version == FIRST:
        return
    for waiting in pending(contact.office, person_id, card_id):
        yield waiting, _one(contact, waiting)


def _one(contact: Contact, waiting: Pending) -> Answer:
    named = (waiting.person_id, waiting.write_id, contact.card)
    try:
        before = current(contact, waiting.place, waiting.nth)
    except CardFault as fault:
        return _unreadable(waiting, fault)
    if waiting.step == "begun":
        command = RepairWrite(*named, before)
        repaired = repair_write(contact.office, contact.new_request(), command)
        if not repaired.accepted or repaired.facts["step"] != "failed":
            return repaired
    begun = begin_write(contact.office, contact.new_request(), BeginWrite(*named, before))
    if not begun.accepted:
        return begun
    reason = ""
    try:
        _put(contact, waiting)
    except CardFault as fault:
        reason = f"{fault.reason.name.lower()} {fault.sw:04X}"
    found = current(contact, waiting.place, waiting.nth)
    ended = EndWrite(*named, found, reason)
    return end_write(contact.office, contact.new_request(), ended)


def _unreadable(waiting: Pending, fault: CardFault) -> Answer:
    """An item that does not open is not written: nobody could say what stood there before."""
    spoken = {tag: fault.say(tag) for tag in ("zh-hans", "zh-hant", "en")}
    kept = {"write_id": waiting.write_id, "item": waiting.place.address}
    return Answer(Verdict.REFUSED, f"chip.{fault.reason.name.lower()}", kept, spoken)


def current(contact: Contact, place: Place, nth: int) -> Clear:
    """What stands in an item now, in hexadecimal; of a cyclic file its newest record."""
    records = reading.read_records(contact.session, place.file.name, contact.gate)
    if place.file.structure is not Structure.TLV:
        return Clear(records[0].hex() if records else "")
    own = [r.value for r in tlv.records(b"".join(records)) if r.tag == place.item.tag]
    return Clear(own[nth - 1].hex() if len(own) >= nth else "")


def _put(contact: Contact, waiting: Pending) -> None:
    place, given = waiting.place, values(waiting.place, waiting.value)
    if waiting.how == "append":
        assert isinstance(given, dict), "a record of a cyclic file has parts"
        writing.append(contact.session, place.file.name, given, contact.gate)
        return
    where = (place.file.name, place.item.tag)
    writing.write_item(contact.session, where, given, contact.gate, nth=waiting.nth)


def values(place: Place, raw: bytes) -> Value | Inner:
    """The bytes of an item as the values that make them again."""
    said = shown(place, raw)
    if not said.parts:
        return said.reading.value
    return {part.item.mark: part.reading.value for part in said.parts}
