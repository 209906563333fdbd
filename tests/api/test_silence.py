"""Unknown, wrong and not yours cannot be told apart: status, body, size and time (T13)."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

import pytest

from minka.desk.office import Office
from minka.kit.secret import Clear
from tests.api.asking import Asking, Partners, Told
from tests.api.town import a_bank
from tests.desk.town import invented_number, settle_in

EACH = 300
MOST_OF_SPREAD = 0.5
"""The difference of medians may be at most this part of the spread between quartiles."""

Report = Callable[[Clear, Clear], Told]


def _timed(report: Report, kinds: dict[str, tuple[Clear, Clear]]) -> dict[str, list[float]]:
    """Times of each kind, taken in turns so that the machine's moods fall on all alike."""
    took: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(EACH):
        for name, (number, stated) in kinds.items():
            begun = time.perf_counter()
            report(number, stated)
            took[name].append(time.perf_counter() - begun)
    return took


def _alike(report: Report, kinds: dict[str, tuple[Clear, Clear]]) -> None:
    told = {name: report(*given) for name, given in kinds.items()}
    assert {each.code for each in told.values()} == {"loss.not_verified"}, told
    assert len({each.raw.content for each in told.values()}) == 1
    assert len({str(sorted(each.raw.headers.items())) for each in told.values()}) == 1
    took = _timed(report, kinds)
    middles = {name: median(each) for name, each in took.items()}
    low, _, high = quantiles([t for each in took.values() for t in each], n=4)
    furthest = max(middles.values()) - min(middles.values())
    assert furthest < MOST_OF_SPREAD * (high - low), (middles, high - low)


@pytest.mark.parametrize("bound", ["free", "bank"])
def test_nobody_learns_whether_a_number_is_known(
    ask: Asking, desk_office: Office, partners: Partners, bound: str
) -> None:
    """T13: unknown, wrong name, another region (and another bank's) in the same time."""
    known, foreign = settle_in(desk_office), settle_in(desk_office, "R2")
    limits: dict[str, Any] = {"bank_id": a_bank(partners.url)} if bound == "bank" else {}
    caller = ask.as_(partners.enrol("loss:report", **limits))
    kinds = {
        "unknown": (Clear(invented_number(997, "19010101")), known.name),
        "wrong name": (known.number, Clear("无名氏")),
        "another region": (foreign.number, foreign.name),
    }
    if bound == "bank":
        kinds["another bank"] = (known.number, known.name)

    def report(number: Clear, name: Clear) -> Told:
        return caller.post(
            "/v1/loss-reports",
            region="R1",
            channel="hotline",
            id_number=number,
            stated={"name": name},
        )

    _alike(report, kinds)


def test_nobody_learns_whether_a_client_is_known(
    ask: Asking, desk_office: Office, partners: Partners
) -> None:
    """An unknown client and a wrong secret are answered alike."""
    token = partners.enrol("loss:report")
    wrong = f"{token.partition('.')[0]}.wrong"
    told = [ask.as_(each).post("/v1/loss-reports", {}) for each in (wrong, "nobody.wrong")]
    assert told[0].status == 401
    assert told[0].raw.content == told[1].raw.content
