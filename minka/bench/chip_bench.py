"""`minka bench chip`: the virtual card, the keys of a factory, and the real pcscd, measured.

Every figure is of work that was looked at: the session's answers are compared byte for byte, a
sample of the cards made is put into the card system, proven by its key and read back, a sample of
the derived keys is derived again one by one.

In-process figures are a second of one processor's time, so that a busy neighbour does not count;
those through pcscd are a second of the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from time import process_time_ns
from typing import Any

from gmssl_pyx import sm2_key_generate

from minka.bench.card_batch import Batch, Commission
from minka.bench.card_core import Chip
from minka.bench.card_keys import Counted, of_card, root
from minka.bench.card_maker import Blank, card_from, make
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.bench.pcsc_line import Line, LineCard, wait_until
from minka.bench.pcscd import NoPcscd, Pcscd
from minka.bench.vpcd import VirtualReader
from minka.chip.connection import CardGone
from minka.chip.filespec import specification
from minka.chip.numbers import IdentificationCode, card_check_character, institution_number
from minka.chip.profile import CardProfile
from minka.chip.tlv import records
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.cipher.mac import SignKey, verify
from minka.kit.identity import check_character
from minka.kit.secret import Clear

Tell = Callable[[str], object]
AREA = "990100"
SAMPLE = 25
SECOND = 10**9
READING = [
    bytes.fromhex(command)
    for command in (
        *("00A40000023F00", "00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "00A4020002EF05"),
        *("00B2010012", "00B2020003", "00B2030006", "00B204000E", "00B2050006", "00B2060006"),
        *("00B207000B", "0084000008", "0020000003123456", "00A4000002DF01", "00A4020002EF06"),
        *("00B2023405", "0084000008"),
    )
]
"""A basic reading of sixteen commands; every one is answered 9000."""


@dataclass(slots=True)
class Checked:
    """What was looked at, and what was wrong with it; a measurement with a fault is none."""

    looked_at: int = 0
    faults: int = 0
    first: str = ""

    def that(self, holds: object, what: str) -> None:
        """Note that something holds or does not."""
        self.looked_at += 1
        if not holds:
            self.faults += 1
            self.first = self.first or what

    def as_json(self) -> dict[str, Any]:
        """For the report; ``stored`` is how much was looked at."""
        return {"stored": self.looked_at, "faults": self.faults} | (
            {"first": self.first} if self.first else {}
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 3
    cards: int = 2_000
    commands: int = 20_000
    through_pcscd: int = 5_000
    derivations: int = 200_000
    signatures: int = 300
    checked: Checked = field(default_factory=Checked)


def measure_chip(plan: Plan, tell: Tell) -> dict[str, Any]:
    """All figures, each the median of its rounds, one core, in memory."""
    measures: dict[str, Callable[[Plan], int]] = {
        "apdu_in_process_per_s": _in_process,
        "diversifications_per_s": lambda p: _diversified(p, Algorithm.SM4),
        "diversifications_3des_per_s": lambda p: _diversified(p, Algorithm.TRIPLE_DES),
        "cards_personalized_per_s": lambda p: _personalized(p, Algorithm.SM4),
        "cards_personalized_3des_per_s": lambda p: _personalized(p, Algorithm.TRIPLE_DES),
        "sm2_verifications_per_s": _sm2,
    }
    report: dict[str, Any] = {}
    for name, measure in measures.items():
        report[name] = int(median(measure(plan) for _ in range(plan.rounds)))
        tell(f"{name} {report[name]}")
    report |= _through_pcscd(plan)
    tell(f"apdu_pcsc_per_s {report['apdu_pcsc_per_s']}")
    return (
        report
        | {"keys_per_card": len(Batch(Shape(), AREA).layout.keys)}
        | {"checked": plan.checked.as_json()}
    )


def people(count: int) -> list[Commission]:
    """Invented people of an area that does not exist, each with a chip and a PIN of its own."""
    return [_commission(number) for number in range(1, count + 1)]


def _commission(number: int) -> Commission:
    first = f"990101{1950 + number % 60}{1 + number % 12:02}{1 + number % 28:02}{number % 1000:03}"
    serial = f"M{number:07}"
    born = date(1950 + number % 60, 1 + number % 12, 1 + number % 28)
    profile = CardProfile(
        identification=bytes(IdentificationCode(AREA, number)),
        institution=institution_number(AREA, AREA, 1),
        issued_on=date(2024, 1, 1),
        valid_until=date(2034, 1, 1),
        card_number=serial + card_check_character(serial),
        person_number=Clear(first + check_character(first)),
        name=Clear("测试甲乙丙"[: 2 + number % 4]),
        sex=str(1 + number % 2),
        ethnic_group="01",
        birthplace=AREA,
        born_on=born,
        address=Clear(f"甲市乙区丙路{number}号"),
        address_area=AREA,
        phone=Clear(f"1380000{number % 10_000:04}"),
        nationality="CHN",
        standing="1",
    )
    historical = bytes.fromhex("0099010203869999") + number.to_bytes(5)
    return Commission(historical, profile, Clear(f"{(number * 7919) % 10**6:06}"))


def _per_second(count: int, nanoseconds: int) -> int:
    return count * SECOND // max(nanoseconds, 1)


def _in_process(plan: Plan) -> int:
    """A basic reading again and again, every answer compared with the first reading's."""
    card = _reading_card()
    wanted = [card.apdu(command) for command in READING]
    plan.checked.that(all(a.endswith(b"\x90\x00") for a in wanted), "a reading is answered")
    turns = max(plan.commands // len(READING), 1)
    same = 0
    began = process_time_ns()
    for _ in range(turns):
        answers = [card.apdu(command) for command in READING]
        same += answers[3:10] == wanted[3:10] and answers[14] == wanted[14]
    took = process_time_ns() - began
    plan.checked.that(same == turns, "every reading gives the same")
    return _per_second(turns * len(READING), took)


def _diversified(plan: Plan, algorithm: Algorithm) -> int:
    """One key for many cards: the card's level, which is what a factory does for each card."""
    start = card_key.derive(algorithm, root("IRK"), b"990000sh", b"990100sx")
    factors = b"".join(number.to_bytes(8) for number in range(plan.derivations))
    began = process_time_ns()
    keys = card_key.derive_each(algorithm, start, factors)
    took = process_time_ns() - began
    plan.checked.that(len(keys) == 16 * plan.derivations, "as many keys as cards")
    for number in range(0, plan.derivations, max(plan.derivations // SAMPLE, 1)):
        alone = card_key.derive(algorithm, start, number.to_bytes(8))
        plan.checked.that(keys[16 * number : 16 * number + 16] == alone, "a key derived alone")
    return _per_second(plan.derivations, took)


def _personalized(plan: Plan, algorithm: Algorithm) -> int:
    """Whole cards: all keys derived and placed, all values of the profile, PIN and counters."""
    asked, batch = people(plan.cards), Batch(Shape(algorithm=algorithm), AREA)
    batch.made(asked[:1])
    made: list[bytes] = []
    began = process_time_ns()
    for at in range(0, len(asked), 500):
        made += batch.made(asked[at : at + 500])
    took = process_time_ns() - began
    plan.checked.that(len(set(made)) == plan.cards, "every card is another")
    for number in range(0, plan.cards, max(plan.cards // SAMPLE, 1)):
        _look_at(plan.checked, card_from(made[number], Counted()), asked[number], algorithm)
    return _per_second(plan.cards, took)


def _look_at(checked: Checked, card: Chip, one: Commission, algorithm: Algorithm) -> None:
    """A card made is put into the card system, proves its key and shows its holder."""
    factor, original = bytes(range(8)), bytes(range(8, 16))
    answer = card.apdu(bytes.fromhex("0088000010") + factor + original)
    key = of_card("IRK", algorithm, area=AREA, historical=one.historical)
    own = card_key.session(algorithm, key, factor)
    proof = card_key.authentication(algorithm, own, original)
    checked.that(answer == proof + b"\x90\x00", "a card proves itself")
    _show(card, algorithm, one.historical)
    held = b""
    for number in range(1, 8):
        length = specification("3.0").file("SSSEEF06").items[number - 1].length + 2
        held += card.apdu(bytes((0, 0xB2, number, 0x34, length)))[:-2]
    found = {record.tag: record.value for record in records(held)}
    name = (found.get(0x09, b"") + found.get(0x4E, b"")).rstrip(b"\0").decode("gbk")
    checked.that(name == one.profile.name.reveal(), "the name reads back")
    number_read = found.get(0x08, b"").decode("ascii")
    checked.that(number_read == one.profile.person_number.reveal(), "the number reads back")
    pin = bytes.fromhex(one.pin.reveal())
    checked.that(card.apdu(b"\0\x20\0\0\x03" + pin) == b"\x90\x00", "the PIN is the holder's")


def _show(card: Chip, algorithm: Algorithm, historical: bytes) -> None:
    """External authentication with RKSSSE."""
    original = bytes(range(8, 16))
    challenge = card.apdu(bytes.fromhex("0084000008"))[:8]
    key = of_card("RKSSSE", algorithm, area=AREA, historical=historical)
    own = card_key.session(algorithm, key, challenge)
    shown = card_key.authentication(algorithm, own, original)
    card.apdu(bytes.fromhex("0082000A10") + shown + original)


def _sm2(plan: Plan) -> int:
    """Verifications; that a changed signature is refused, the ciphers' tests say."""
    public, secret = sm2_key_generate()
    pair = SignKey(public, secret)
    contents = [f"card {number}".encode() for number in range(20)]
    signed = [pair.sign(content) for content in contents]
    good = 0
    began = process_time_ns()
    for turn in range(plan.signatures):
        good += verify(public, contents[turn % 20], signed[turn % 20])
    took = process_time_ns() - began
    plan.checked.that(good == plan.signatures, "every signature fits")
    return _per_second(plan.signatures, took)


def _through_pcscd(plan: Plan) -> dict[str, Any]:
    """Commands through the real pcscd, the terminal in a process of its own."""
    try:
        with _inserted() as (card, line):
            for command in READING:
                answer = line.transmit(command)
                plan.checked.that(answer[-2:] == b"\x90\x00", "a reading through pcscd")
            before = card.random.count if isinstance(card.random, Counted) else 0
            challenge = bytes.fromhex("0084000008")
            took = [line.loop(plan.through_pcscd, challenge) for _ in range(plan.rounds)]
            drawn = card.random.count - before if isinstance(card.random, Counted) else 0
            plan.checked.that(drawn == plan.rounds * plan.through_pcscd, "the card saw each")
        return {"apdu_pcsc_per_s": _per_second(plan.through_pcscd, int(median(took)))}
    except (NoPcscd, CardGone) as fault:
        plan.checked.that(0, f"no pcscd: {fault}")
        return {"apdu_pcsc_per_s": 0}


@contextmanager
def _inserted() -> Iterator[tuple[Chip, LineCard]]:
    """A card in a pcscd of our own, and a terminal connected to it."""
    card = _reading_card()
    with (
        Pcscd() as daemon,
        VirtualReader(Slot(card), daemon.port),
        Line(daemon.environment()) as (line),
    ):
        wait_until(line, 0, 1)
        yield card, LineCard(line, 0)


def _reading_card() -> Chip:
    contents = {"SSSEEF05": {"03": "3.00", "07": "M00000019"}}
    historical = bytes.fromhex("00990102038699990100000001")
    blank = Blank(AREA, historical, contents, pin=Clear("123456"))
    return card_from(make(Shape(), blank), Counted())
