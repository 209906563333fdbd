"""kill -9 of the software at any point: never two settlements, never a lost one (P3, P9)."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minka.client import Ask
from tests.client.ward import FIRST, Ward, got, line, visit_fields, ward

CLERK = Path(__file__).with_name("clerk.py")


def clerk(here: Ward, visits: list[str]) -> subprocess.Popen[str]:
    """A clerk's programme: settles each visit's bill, repairs, refunds every third."""
    site, pair = here.client.site, here.identity
    words = [site.url, site.ask.value, pair.public_key.hex(), pair.private_key.hex()]
    return subprocess.Popen(
        [sys.executable, CLERK, here.path, *words, here.credential().number.reveal(), *visits],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CLERK.parent.parent.parent,
    )


def visits_of(here: Ward, count: int) -> list[str]:
    """Visits with their lines uploaded, so that only settling is left."""
    made = []
    for n in range(count):
        number = f"K{n}"
        found = got(here.client.register(FIRST, here.credential(), **visit_fields(number)))
        mdtrt_id = found.output["data"]["mdtrt_id"]
        got(here.client.upload(FIRST, [line(number, mdtrt_id, 1_000)]))
        made.append(f"{number}:{mdtrt_id}")
    return made


def killed_until_done(here: Ward, visits: list[str], rounds: int, chance: random.Random) -> None:
    """Start the clerk again and again, killed at a random moment each time; then let it finish."""
    for _ in range(rounds):
        running = clerk(here, visits)
        assert running.stdout is not None
        running.stdout.readline()  # it has signed in
        time.sleep(chance.random() * 0.25)
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=20)
    last = clerk(here, visits)
    assert last.communicate(timeout=60)[0].endswith("done\n")
    assert last.returncode == 0


def check(here: Ward, visits: list[str]) -> None:
    """One settlement stands for every bill that was not refunded, and the books are equal."""
    for n, each in enumerate(visits):
        mdtrt_id = each.partition(":")[2]
        rows = [e for e in here.platform.books.entries.values() if e.mdtrt_id == mdtrt_id]
        standing = [e for e in rows if e.kind == "settlement" and not e.undone]
        assert len(standing) == (0 if n % 3 == 2 else 1), rows
    assert here.agree()


def test_the_clerks_programme_is_killed(tmp_path: Path) -> None:
    """A dozen kills over six bills, with answers being lost as well."""
    with ward(tmp_path) as here:
        visits = visits_of(here, 6)
        here.fault("lost_reply:2207@0.2", "lost_reply:2208@0.2", "slow@0.5~20ms")
        killed_until_done(here, visits, 6, random.Random(3))
        check(here, visits)


@pytest.mark.nightly
@pytest.mark.parametrize("ask", list(Ask))
@pytest.mark.parametrize("seed", range(10))
def test_the_clerks_programme_is_killed_all_night(tmp_path: Path, ask: Ask, seed: int) -> None:
    """Two hundred kills for each way of repairing."""
    with ward(tmp_path, ask=ask) as here:
        visits = visits_of(here, 20)
        here.fault("lost_reply:2207@0.2", "lost_reply:2208@0.2", "slow@0.5~20ms")
        killed_until_done(here, visits, 20, random.Random(seed))
        check(here, visits)
