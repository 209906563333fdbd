"""Every refusal has its words, its status, its page, and its entry in the documents."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import minka
from minka.doors.api.pages import SPOKEN, reasons, written
from minka.doors.api.problems import retry_of
from minka.doors.api.statuses import STATUSES, TITLES
from minka.kit.outcome import Reason
from tests.api.asking import Asking

ELSEWHERE = {
    "RowRefusal": "rows of a register that comes in as a file",
    "FileRefusal": "files that come in",
    "Flaw": "faults of rule files",
    "Rule": "fields of insurance messages, which the insurance door answers",
    "GateRefusal": "the gateway before the insurance door",
    "CareRefusal": "settlements, which the insurance and host doors answer",
    "VisitRefusal": "visits and charges, which the insurance door answers",
    "SessionRefusal": "sessions of the insurance door",
    "AccountRefusal": "acts on the books, of the command line",
    "PinRefusal": "PINs, at tills, bank counters and by telephone",
    "ChipRefusal": "chips, devices and off-line purchases, at desks and terminals",
    "CardReason": "cards in a reader, at a desk or a reader's own service",
    "KeyRefusal": "keys and ceremonies, at the pages of custodians and the command line",
    "KeyDeskRefusal": "acts on keys, there too",
    "HostRefusal": "card terminals, which the host door answers",
    "Why": "what a hospital's own client says",
}
"""Lists of reasons that no act of the API can answer with."""

ALL = list(reasons())
_ENDS_CHINESE = re.compile("[。；，]")
_ENDS_ENGLISH = re.compile(r"[.;,]( |$)")


def _lists() -> set[type[Reason]]:
    """Every list of reasons in the package, wherever it stands."""
    for module in pkgutil.walk_packages(minka.__path__, "minka."):
        rooms = module.name.split(".")
        if "refusals" in rooms or rooms[1] in ("desk", "loss", "issue", "cards", "law"):
            importlib.import_module(module.name)
    return set(Reason.__subclasses__())


def test_no_list_of_reasons_is_forgotten() -> None:
    """A new list is either answered by the API or named as one that is not."""
    ours = [each for each in _lists() if each.__module__.startswith("minka.")]
    found = {each.__name__ for each in ours}
    assert found - {each.__name__ for each in SPOKEN} == set(ELSEWHERE) & found


def test_the_table_of_statuses_is_exhaustive() -> None:
    """Every refusal has one status, and no status is for a refusal that is none."""
    codes = [reason.code for reason in ALL]
    assert len(codes) == len(set(codes))
    assert set(codes) == set(STATUSES)
    assert set(STATUSES.values()) == set(TITLES)


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: str(reason.code))
def test_each_says_what_and_what_next_in_three_languages(reason: Reason) -> None:
    """Three different sentences, each of at least two parts: what happened, and what to do."""
    words = reason.words
    assert len({words.zh_hans, words.zh_hant, words.en}) >= 2
    assert len(_ENDS_CHINESE.findall(words.zh_hans)) >= 2, words.zh_hans
    assert len(_ENDS_CHINESE.findall(words.zh_hant)) >= 2, words.zh_hant
    assert len(_ENDS_ENGLISH.findall(words.en)) >= 2, words.en
    holes = [sorted(re.findall(r"{(\w+)}", text)) for text in (words.zh_hans, words.zh_hant)]
    assert holes[0] == holes[1]


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: str(reason.code))
def test_the_door_knows_what_may_be_sent_again(reason: Reason) -> None:
    """``retryable`` of a problem is the refusal's own word."""
    assert retry_of(reason.code) is reason.retry


def test_the_documents_list_every_refusal(project: Path) -> None:
    """docs/refusals.md is what the code says."""
    assert (project / "docs" / "refusals.md").read_text(encoding="utf-8") == written()


def test_a_problems_address_leads_to_its_page(ask: Asking) -> None:
    """The type of a problem can be opened."""
    kind = ask.get("/v1/places/NOWHERE")["type"]
    page = ask.browser.get(kind)
    assert page.status_code == 200
    assert "api.not_found" in page.content.decode()
    assert ask.browser.get("/problems/none.such").status_code == 404
