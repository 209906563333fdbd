"""The hot list: gapless, signed, replayable, and always what the register says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from minka.bench import terminal
from minka.bench.terminal import HotlistKeeper, Policy, Refusal, Source, Word
from minka.cards.card import Move
from minka.desk.office import Office
from minka.desk.withdraw import FreezeCard, freeze_card
from minka.doors.outbox.hotlist import Signed, deltas, whole_list
from minka.doors.outbox.signing import HEADER, HouseKey
from minka.store import cards
from tests.desk.town import Resident, request
from tests.outbox.outside import (
    Outside,
    ask,
    now,
    open_place,
    report,
    report_formally,
    resident,
    turn,
    withdraw,
)


class Counted:
    """A monotonic clock that a test turns."""

    def __init__(self) -> None:
        self.reading = 1000.0

    def __call__(self) -> float:
        return self.reading


def keeper(key: HouseKey, clock: Counted | None = None) -> HotlistKeeper:
    """A terminal's list that is still empty."""
    policy = Policy(longest_age=timedelta(hours=24))
    return HotlistKeeper("R1", key.public, policy, clock or Counted())


def freeze(office: Office, someone: Resident, what: str = "freeze") -> None:
    """The holder stops or restarts the own card."""
    command = FreezeCard("R1", someone.number, what, {"name": someone.name})
    assert freeze_card(office, request(), command).accepted


def follow(outside: Outside, held: HotlistKeeper) -> None:
    """Bring a terminal's list up to date."""
    if held.version < 0:
        held.take(*whole_list(outside.office, outside.key, "R1"))
    held.take(*deltas(outside.office, outside.key, "R1", held.version))


def test_a_reported_card_is_listed_until_its_lapse(outside: Outside) -> None:
    """A7, E4: on the list with its end; a terminal lets it go by itself then, not before."""
    someone = resident(outside.office)
    answer = report(outside.office, someone)
    outside.deliver("hotlist")
    clock = Counted()
    held = keeper(outside.key, clock)
    held.policy = Policy(longest_age=timedelta(days=20))
    follow(outside, held)
    assert held.entries[someone.card_number] == datetime.fromisoformat(answer.facts["lapses_at"])
    assert held.ask(someone.card_number) is Word.REFUSED_LISTED
    clock.reading += timedelta(days=10, minutes=-1).total_seconds()
    assert held.ask(someone.card_number) is Word.REFUSED_LISTED
    clock.reading += 120
    assert held.ask(someone.card_number) is Word.MAY_TAKE
    assert held.ask("A00000000") is Word.MAY_TAKE


def test_in_doubt_about_the_time_a_listed_card_stays_shut(outside: Outside) -> None:
    """Offline rules 4 and 6: an old list ends the offline right and frees nobody."""
    someone = resident(outside.office)
    report(outside.office, someone)
    outside.deliver("hotlist")
    clock = Counted()
    held = keeper(outside.key, clock)
    assert held.ask("A00000000") is Word.REFUSED_NO_RIGHT
    follow(outside, held)
    clock.reading += timedelta(days=11).total_seconds()
    assert held.ask(someone.card_number) is Word.REFUSED_LISTED
    assert held.ask("A00000000") is Word.REFUSED_NO_RIGHT


def test_a_lost_card_that_is_found_leaves_the_list(outside: Outside) -> None:
    """E10: after the withdrawal the card is taken everywhere again."""
    someone = resident(outside.office)
    held = keeper(outside.key)
    report(outside.office, someone)
    outside.deliver("hotlist")
    follow(outside, held)
    withdraw(outside, someone)
    outside.deliver("hotlist")
    follow(outside, held)
    assert held.ask(someone.card_number) is Word.MAY_TAKE


def test_a_formal_loss_takes_the_end_off_the_entry(outside: Outside) -> None:
    """A8, A14: the provisional end is gone; a freeze ended beside it changes nothing."""
    open_place(outside)
    someone = resident(outside.office)
    held = keeper(outside.key)
    freeze(outside.office, someone)
    report(outside.office, someone)
    outside.deliver("hotlist")
    follow(outside, held)
    assert held.entries == {someone.card_number: None}
    freeze(outside.office, someone, "unfreeze")
    outside.deliver("hotlist")
    follow(outside, held)
    assert held.entries[someone.card_number] is not None
    report_formally(outside.office, someone)
    outside.deliver("hotlist")
    follow(outside, held)
    assert held.entries == {someone.card_number: None}


def test_a_cancelled_card_stays_on_the_list(outside: Outside) -> None:
    """A14, P11: a dead card never leaves."""
    someone = resident(outside.office)
    report(outside.office, someone)
    with outside.office.register.act() as connection:
        card = cards.load(connection, someone.person_id, someone.card_id)
        assert card is not None
        cards.move(connection, card, Move.CANCEL, at=cards.now(connection, None), cause="test")
    turn(outside.office, timedelta(days=40))
    outside.deliver("hotlist")
    held = keeper(outside.key)
    follow(outside, held)
    assert held.entries == {someone.card_number: None}


def test_versions_have_no_gap_under_many_hands(outside: Outside) -> None:
    """Four sequencers at once: 1, 2, 3 … and every card's last word is the register's."""
    people = [resident(outside.office, bank_id="") for _ in range(12)]
    for someone in people:
        report(outside.office, someone)
    hands = [threading.Thread(target=outside.deliver, args=("hotlist",)) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    found = ask(outside.url, "select version, card_number from hotlist_change order by version")
    assert [each["version"] for each in found] == list(range(1, 13))
    assert {each["card_number"] for each in found} == {each.card_number for each in people}


def test_replay_from_any_version_gives_the_same_list(outside: Outside) -> None:
    """Whoever starts where, ends with what the whole list says."""
    someone, other = resident(outside.office), resident(outside.office)
    at_version: list[HotlistKeeper] = []
    for step in range(6):
        what = "freeze" if step % 2 == 0 else "unfreeze"
        freeze(outside.office, someone if step < 4 else other, what)
        outside.deliver("hotlist")
        held = keeper(outside.key)
        follow(outside, held)
        at_version.append(held)
    assert [held.version for held in at_version] == [1, 2, 3, 4, 5, 6]
    newest = keeper(outside.key)
    follow(outside, newest)
    for held in at_version:
        follow(outside, held)
        assert (held.version, held.entries) == (newest.version, newest.entries)
    from_nothing = keeper(outside.key)
    from_nothing.version = 0
    follow(outside, from_nothing)
    assert from_nothing.entries == newest.entries


def test_a_list_that_was_touched_is_refused(outside: Outside) -> None:
    """Every byte stands under the signature, and a refused list changes nothing."""
    someone = resident(outside.office)
    held = keeper(outside.key)
    follow(outside, held)
    report(outside.office, someone)
    outside.deliver("hotlist")
    genuine = deltas(outside.office, outside.key, "R1", 0)
    touched = genuine.content.replace(b'"add"', b'"remove"')
    assert touched != genuine.content
    for forged in (Signed(touched, genuine.signature), Signed(genuine.content, "AAAA")):
        with pytest.raises(Refusal):
            held.take(*forged)
    assert (held.version, held.entries) == (0, {})
    held.take(*genuine)
    assert someone.card_number in held.entries


def test_a_list_of_another_house_region_or_yesterday_is_refused(
    outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A replayed list, a foreign key and a gap are all seen."""
    from minka.doors.outbox.signing import house_key

    stranger = house_key(tmp_path_factory.mktemp("elsewhere"))
    held = keeper(outside.key)
    old = whole_list(outside.office, outside.key, "R1")
    for wrong in (
        whole_list(outside.office, stranger, "R1"),
        whole_list(outside.office, outside.key, "R2"),
    ):
        with pytest.raises(Refusal):
            held.take(*wrong)
    follow(outside, held)
    report(outside.office, resident(outside.office))
    report(outside.office, resident(outside.office))
    outside.deliver("hotlist")
    with pytest.raises(Refusal, match="follow"):
        held.take(*deltas(outside.office, outside.key, "R1", 1))
    follow(outside, held)
    with pytest.raises(Refusal, match="older"):
        held.take(*old)
    assert held.version == 2


def test_the_list_names_an_unknown_region_as_unknown(outside: Outside) -> None:
    """A city without rules has no list."""
    with pytest.raises(KeyError):
        whole_list(outside.office, outside.key, "R99")


@pytest.fixture
def source(outside: Outside) -> Iterator[str]:
    """A web door that serves the hot list and nothing else."""

    class Door(BaseHTTPRequestHandler):
        """The two addresses of the list."""

        def do_GET(self) -> None:
            """Serve the list and its changes."""
            since = self.path.partition("/hotlists/R1/changes?since=")[2]
            office, key = outside.office, outside.key
            said = deltas(office, key, "R1", int(since)) if since else whole_list(office, key, "R1")
            self.send_response(200)
            self.send_header(HEADER, said.signature)
            self.send_header("Content-Length", str(len(said.content)))
            self.end_headers()
            self.wfile.write(said.content)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_subscribed_terminal_follows_over_the_line(outside: Outside, source: str) -> None:
    """E4: a connected terminal refuses the card within a moment of the report."""
    import httpx

    someone = resident(outside.office)
    served = terminal.serve(source=Source(source, every_s=0.05), house=outside.key.public)
    try:
        report(outside.office, someone)
        outside.deliver("hotlist")
        served.terminal.fetch()
        ask_at = f"{served.url}/ask?card={someone.card_number}"
        assert httpx.get(ask_at, trust_env=False).json() == {"word": "refused_listed"}
        state = httpx.get(f"{served.url}/state", trust_env=False).json()
        assert (state["version"], state["cards"], state["fault"]) == (1, 1, "")
    finally:
        served.stop()


def test_a_list_far_behind_is_brought_up_in_pieces(
    outside: Outside, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes than one answer holds are asked for again."""
    from minka.doors.outbox import hotlist

    monkeypatch.setattr(hotlist, "MOST", 2)
    someone = resident(outside.office)
    for step in range(5):
        freeze(outside.office, someone, "freeze" if step % 2 == 0 else "unfreeze")
        outside.deliver("hotlist")
    piece = json.loads(deltas(outside.office, outside.key, "R1", 0).content)
    assert (len(piece["changes"]), piece["version"], piece["latest"]) == (2, 2, 5)
    held = keeper(outside.key)
    held.version = 0
    far = terminal.Terminal(held, Source(source))
    assert far.fetch() == 5
    assert held.listed(someone.card_number)


def test_time_of_the_list_is_the_registers(outside: Outside) -> None:
    """A turned clock turns the list's instant with it."""
    turn(outside.office, timedelta(days=100))
    said = json.loads(whole_list(outside.office, outside.key, "R1").content)
    assert abs(datetime.fromisoformat(said["at"]) - now(outside.office)) < timedelta(minutes=1)
