"""A card at a desk: proven, read, written at its contact, and put right when torn (C2-C8, X32)."""

from __future__ import annotations

import pytest

from minka.bench.card_memory import Torn
from minka.bench.card_plan import Shape
from minka.chip.connection import CardGone
from minka.chip.faults import CardReason
from minka.cipher.card_key import Algorithm
from minka.desk import chip_contact
from minka.desk.chip_compare import Cure, Difference, Line
from minka.desk.chip_look import side_by_side
from minka.desk.chip_write import pending
from minka.desk.office import Office
from tests.chip_use.cards import Bearer, bearer, meet, tell


def line(office: Office, someone: Bearer, item: str, role: str = "counter_clerk") -> Line:
    """The line of an item on the page."""
    seen = side_by_side(office, someone.person_id, role)
    assert seen is not None
    return next(each for each in seen.lines if each.place.address == item)


def contact(office: Office, someone: Bearer, role: str = "counter_clerk") -> list[str]:
    """A whole contact: read, keep, write; what became of each write."""
    at_desk = meet(office, someone, role)
    chip_contact.read(at_desk)
    kept = chip_contact.keep(at_desk)
    assert kept.accepted, kept.code
    done = chip_contact.write(at_desk, someone.person_id, someone.card.card_id)
    steps = [answer.facts.get("step", answer.code) for _, answer in done]
    chip_contact.read(at_desk)
    assert chip_contact.keep(at_desk).accepted
    return steps


def test_a_change_of_status_is_written_at_the_next_contact(office: Office) -> None:
    """Employed on the card, retired on file: named, then written, then the same (C2, L3)."""
    someone = bearer(office)
    assert contact(office, someone) == []
    assert line(office, someone, "DF01EF07.29").difference is Difference.ONLY_CARD
    assert tell(office, someone, "DF01EF07.29", v="3").accepted
    before = line(office, someone, "DF01EF07.29")
    assert (before.difference, before.cure) == (Difference.OLDER, Cure.NEXT_CONTACT)
    assert before.on_card is not None
    assert before.on_file is not None
    assert (before.on_card.say(), before.on_file.say()) == ("在业", "退休")
    assert contact(office, someone) == ["done"]
    after = line(office, someone, "DF01EF07.29")
    assert (after.difference, after.raw_card) == (Difference.SAME, "29 01 33")
    assert contact(office, someone) == []


def test_contributions_carry_the_day_on_which_they_were_true(office: Office) -> None:
    """The summary on the card says of which day it is (C3), and pension data stand beside (C4)."""
    someone = bearer(office)
    said = {"18": "110", "1C": "86400.00", "1D": "216", "1E": "2026-10-31"}
    assert tell(office, someone, "DF03EF19.79", **said).accepted
    assert tell(office, someone, "DF03EF07.70", v="110").accepted
    assert contact(office, someone) == ["done", "done"]
    summary = line(office, someone, "DF03EF19.79")
    assert summary.difference is Difference.SAME
    assert summary.card_day == summary.file_day
    assert summary.on_card is not None
    parts = {part.item.mark: part.say("en") for part in summary.on_card.parts}
    assert parts["1C"].replace(",", "") == "86400.00"
    pension = line(office, someone, "DF03EF07.70")
    assert (pension.card_day is not None, pension.file_day is not None) == (True, True)


def test_an_employment_record_leaves_the_earlier_ones(office: Office) -> None:
    """A record is added, the older ones move down unchanged (C7)."""
    someone = bearer(office)
    first = {"p1": "2-02-10", "p2": "2012-03-01", "p3": "2019-08-31", "p4": "示例机械厂"}
    second = {**first, "p2": "2019-09-01", "p3": "2026-08-31", "p4": "示例纺织厂"}
    assert tell(office, someone, "DF02EF07.-", **first).accepted
    assert contact(office, someone) == ["done"]
    assert tell(office, someone, "DF02EF07.-", **second).accepted
    assert contact(office, someone) == ["done"]
    at_desk = meet(office, someone)
    found = [f for f in chip_contact.read(at_desk, ("DF02EF07",)) if f.raw.strip(b"\0\xff")]
    assert len(found) == 2
    assert "示例纺织厂".encode("gbk") in found[0].raw
    assert "示例机械厂".encode("gbk") in found[1].raw


def test_qualifications_are_recorded_with_body_and_date(office: Office) -> None:
    """An entitled office records a skill level with who certified it and when (C6)."""
    someone = bearer(office)
    said = {"5B": "3", "5C": "示例鉴定中心", "5D": "2026-05-20", "5E": "Z0001"}
    assert tell(office, someone, "DF02EF05.43", "counter_clerk", **said).accepted
    assert contact(office, someone) == ["done"]
    assert line(office, someone, "DF02EF05.43").difference is Difference.SAME


def test_disability_is_for_entitled_offices_alone(office: Office) -> None:
    """The counter neither records, reads nor sees the grade; medical staff does (C8)."""
    someone = bearer(office)
    assert tell(office, someone, "DF03EF06.47", "counter_clerk", v="09").code == "desk.not_entitled"
    assert tell(office, someone, "DF03EF06.47", "medical_staff", v="09").accepted
    assert contact(office, someone) == ["desk.not_entitled"]
    at_counter = meet(office, someone)
    assert not any(f.item.startswith("DF03EF06") for f in chip_contact.read(at_counter))
    assert contact(office, someone, "medical_staff") == ["done"]
    hidden = line(office, someone, "DF03EF06.47")
    assert (hidden.difference, hidden.on_card, hidden.on_file) == (Difference.CLOSED, None, None)
    assert (hidden.raw_card, hidden.cure) == ("", Cure.ENTITLED)
    seen = line(office, someone, "DF03EF06.47", "medical_staff")
    assert seen.on_card is not None
    assert seen.on_card.say("en") == "disability grade 9"
    assert line(office, someone, "DF03EF06.47", "holder").on_card is not None


def test_key_information_is_never_rewritten(office: Office) -> None:
    """A name is changed by a new card, not by a pen (X26)."""
    someone = bearer(office)
    assert tell(office, someone, "SSSEEF06.09", v="新名字").code == "desk.key_item"
    with office.register.act() as connection:
        connection.execute("select 1")
    assert line_after_rename(office, someone).cure is Cure.NEW_CARD


def line_after_rename(office: Office, someone: Bearer) -> Line:
    """The name's line when the card was made under another name."""
    other = bearer(office, more={"SSSEEF06": {"09": "旧名字", "08": "110000198503100000"}})
    contact(office, other)
    del someone
    return line(office, other, "SSSEEF06.09")


@pytest.mark.parametrize("torn", list(Torn))
def test_a_torn_write_is_put_right_at_the_next_contact(office: Office, torn: Torn) -> None:
    """Power goes after any byte: the next contact finds old or new, ends with new (X32, P18)."""
    someone = bearer(office)
    contact(office, someone)
    begun = 0
    for cut in range(1, 60, 3):
        value = "35"[cut % 2]
        assert tell(office, someone, "DF01EF07.29", v=value).accepted
        begun += cut_short(office, someone, cut, torn)
        assert contact(office, someone) in (["done"], ["repaired"], [])
        assert line(office, someone, "DF01EF07.29").raw_card == f"29 01 3{value}"
        assert pending(office, someone.person_id, someone.card.card_id) == []
    assert begun > 5


def cut_short(office: Office, someone: Bearer, cut: int, torn: Torn) -> int:
    """One when the power went after a write had begun."""
    at_desk = meet(office, someone)
    someone.slot.cut_power_after(cut, torn)
    try:
        for _ in chip_contact.write(at_desk, someone.person_id, someone.card.card_id):
            pass
    except CardGone:
        (left,) = pending(office, someone.person_id, someone.card.card_id)
        if left.step == "begun":
            assert line(office, someone, "DF01EF07.29").difference is Difference.TORN
            return 1
    finally:
        someone.slot.insert()
    return 0


def test_a_lost_answer_is_repaired_and_not_written_twice(office: Office) -> None:
    """The card did it and its answer was lost: found written, settled as repaired (X32)."""
    someone = bearer(office)
    contact(office, someone)
    record = {"p1": "2-02-10", "p2": "2012-03-01", "p3": "2019-08-31", "p4": "示例机械厂"}
    assert tell(office, someone, "DF02EF07.-", **record).accepted
    lost = 0
    for commands in range(1, 30):
        at_desk = meet(office, someone)
        someone.slot.faults.lose_answer(commands)
        try:
            for _ in chip_contact.write(at_desk, someone.person_id, someone.card.card_id):
                pass
        except CardGone:
            lost += 1
        someone.slot.insert()
        someone.slot.faults.lose_in = None
        if not pending(office, someone.person_id, someone.card.card_id):
            break
    assert lost > 3
    at_desk = meet(office, someone)
    found = [f for f in chip_contact.read(at_desk, ("DF02EF07",)) if f.raw.strip(b"\0\xff")]
    assert len(found) == 1


def test_nothing_is_written_on_another_card(office: Office) -> None:
    """The pending write of one card is refused with another in the reader (X32)."""
    someone, other = bearer(office), bearer(office)
    contact(office, someone)
    contact(office, other)
    assert tell(office, someone, "DF01EF07.29", v="3").accepted
    wrong = meet(office, other)
    done = list(chip_contact.write(wrong, someone.person_id, someone.card.card_id))
    assert [answer.code for _, answer in done] == ["desk.not_this_card"]


def test_a_card_of_the_first_generation_is_only_read(office: Office) -> None:
    """Its tags mean other things: shown as they were meant, compared in nothing but identity."""
    des = Algorithm.TRIPLE_DES
    old = bearer(office, shape=Shape(version="1.0", algorithm=des, names_algorithm=des))
    assert tell(office, old, "DF01EF07.29", v="3").accepted
    assert contact(office, old) == []
    seen = side_by_side(office, old.person_id, "counter_clerk")
    assert seen is not None
    assert seen.reading is not None
    assert seen.reading.version == "1.0"
    assert line(office, old, "SSSEEF05.07").difference is Difference.SAME
    assert all(each.difference is not Difference.ONLY_CARD for each in seen.lines)
    assert len(pending(office, old.person_id, old.card.card_id)) == 1


def test_a_card_whose_algorithm_no_vault_here_has(office: Office) -> None:
    """A card of an area whose cipher is not public: what is free is read, nothing is proven."""
    old = bearer(office, shape=Shape(version="1.0", algorithm=Algorithm.TRIPLE_DES))
    at_desk = meet(office, old)
    found = chip_contact.read(at_desk)
    assert at_desk.card.proof == "untried"
    assert {each.item.partition(".")[0] for each in found} == {"SSSEEF05", "SSSEEF06"}
    reasons = {each.fault.reason for each in at_desk.closed}
    assert reasons == {CardReason.KEY_NEEDED, CardReason.PIN_NEEDED}
    assert chip_contact.keep(at_desk).facts["proof"] == "unproved"


def test_a_stopped_card_learns_nothing(office: Office) -> None:
    """Nothing is written on a card that is reported lost."""
    someone = bearer(office)
    contact(office, someone)
    assert tell(office, someone, "DF01EF07.29", v="3").accepted
    with office.register.act() as connection:
        connection.execute(
            "insert into block (person_id, block_id, card_id, force, from_at, until_at, at_lapse,"
            " cause) values (%s, nextval('fact_id_seq'), %s, 'frozen', register_now(null), null,"
            " 'none', 'test')",
            (someone.person_id, someone.card.card_id),
        )
    assert contact(office, someone) == ["desk.stopped"]


def test_a_newer_fact_drops_the_older_write(office: Office) -> None:
    """Only the newest value reaches the card (C2)."""
    someone = bearer(office)
    tell(office, someone, "DF01EF07.29", v="5")
    tell(office, someone, "DF01EF07.29", v="3")
    assert len(pending(office, someone.person_id, someone.card.card_id)) == 1
    assert contact(office, someone) == ["done"]
    assert line(office, someone, "DF01EF07.29").raw_card == "29 01 33"


@pytest.mark.parametrize(
    ("item", "role", "value", "code"),
    [
        ("DF09EF07.29", "reviewer", "1", "desk.no_such_item"),
        ("DF01EF07.30", "reviewer", "1", "desk.no_such_item"),
        ("DF01EF07.29", "reviewer", "Q", "desk.bad_value"),
        ("DF01EF07.29", "reviewer", "12", "desk.bad_value"),
        ("DF03EF07.73", "reviewer", "2026-13-01", "desk.bad_value"),
        ("DF01EF07.29", "hotline_agent", "1", "desk.not_entitled"),
        ("SSSEEF06.08", "reviewer", "1", "desk.key_item"),
    ],
)
def test_facts_fit_the_card(office: Office, item: str, role: str, value: str, code: str) -> None:
    """What a card cannot hold, or a post may not record, is refused before it is on file."""
    someone = bearer(office)
    assert tell(office, someone, item, role, v=value).code == code
