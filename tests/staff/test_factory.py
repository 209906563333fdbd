"""The card's way to its place: A13, E13; to-make list, batches, and cards of other places."""

from __future__ import annotations

import base64

from minka.bench.places import place_id
from minka.cards.card import Status
from minka.desk.apply import ApplyReplacement, apply_replacement
from minka.desk.photo import SubmitPhoto, submit_photo
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from tests.desk.test_photo import portrait
from tests.desk.town import Resident, request
from tests.staff.desk import Clerk, Hall


def ordered(hall: Hall, place: str = "") -> tuple[Resident, str]:
    """A person whose new card was applied for, and its receipt."""
    someone = hall.resident()
    image = Clear(base64.b64encode(portrait()).decode())
    photo = submit_photo(hall.office, request(), SubmitPhoto("R1", someone.number, image))
    command = ApplyReplacement(
        region="R1",
        channel="counter",
        number=someone.number,
        place_id=place or place_id("R1", "service_point"),
        papers=(ShownPaper("resident_id"),),
        photo_code=str(photo.facts["photo_code"]),
    )
    answer = apply_replacement(hall.office, request("counter_clerk"), command)
    assert answer.accepted, answer
    return someone, str(answer.facts["receipt"])


def status(hall: Hall, someone: Resident) -> Status:
    """How far the new card is."""
    running = hall.file(someone).running()
    assert running is not None
    return running.status


def test_a_batch_is_made_and_booked_in(hall: Hall) -> None:
    """A13: made by ticks, booked in by scans; the list is empty afterwards."""
    cases = [ordered(hall) for _ in range(3)]
    maker = Clerk(hall.staff("factory"))
    listed = maker.get("factory/")
    assert listed.has(*(receipt for _, receipt in cases))
    done = maker.post("factory/", {"receipt": [receipt for _, receipt in cases], "key": "k-1"})
    assert done.has("已办 3 张")
    assert {status(hall, someone) for someone, _ in cases} == {Status.MADE}
    clerk = hall.clerk()
    assert clerk.get("stock/").has(*(receipt for _, receipt in cases))
    scanned = "\n".join(receipt.lower() for _, receipt in cases[:2])
    assert clerk.post("stock/", {"scanned": scanned, "key": "k-2"}).has("已办 2 张")
    assert [status(hall, someone) for someone, _ in cases] == [
        Status.READY,
        Status.READY,
        Status.MADE,
    ]


def test_each_card_of_a_batch_stands_for_itself(hall: Hall) -> None:
    """A good one is done, an unknown one and an unreadable one are named; nothing else moves."""
    someone, receipt = ordered(hall)
    maker = Clerk(hall.staff("factory"))
    mixed = maker.post("factory/", {"scanned": f"{receipt}\nB-0000-0000-0\n乱码", "key": "k-3"})
    assert mixed.status == 422
    assert mixed.has("已办 1 张", "乱码：不在这张清单上", "B-0000-0000-0")
    assert status(hall, someone) is Status.MADE
    empty = maker.post("factory/", {"key": "k-4"})
    assert empty.status == 422
    assert empty.has("请勾选或扫描要办的卡")


def test_another_places_card_is_not_booked_in(hall: Hall) -> None:
    """A13: a card leaves and enters the stock of its own place only."""
    someone, receipt = ordered(hall, place_id("R1", "service_point", 2))
    maker = Clerk(hall.staff("factory"))
    maker.post("factory/", {"receipt": receipt, "key": "k-5"})
    refused = hall.clerk().post("stock/", {"receipt": receipt, "key": "k-6"})
    assert refused.status == 422
    assert status(hall, someone) is Status.MADE
    other = Clerk(hall.staff("factory", "R3"))
    assert receipt not in other.get("factory/").text


def test_posts(hall: Hall) -> None:
    """The role matrix of making and stock."""
    assert Clerk(hall.staff("factory")).get("stock/").status == 403
    assert hall.clerk().get("factory/").status == 403
    assert hall.agent().get("factory/").status == 403
    assert Clerk(hall.staff("bank_clerk", "R5", bank_id="BOC")).get("stock/").has("没有登记网点")
