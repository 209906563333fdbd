"""The law of PINs: dated, marked, and in agreement with the rules it cites: R5."""

from __future__ import annotations

from datetime import date

from minka.law.book import Book
from minka.law.pins import ACTS, pin_law, regions
from minka.law.terms import term

DAY = date(2026, 6, 1)
KIND = {"R5-09": "change", "R5-10": "change", "R5-11": "report_lost_and_change"}


def test_every_cited_way_is_in_the_regions_own_rules(book: Book) -> None:
    """R5-09, R5-10, R5-11: channel, paper and act of each cited way are those of the entry."""
    cited = 0
    for region in regions():
        law, own = pin_law(region, DAY), book.on(region, DAY)
        for act in ACTS:
            for kind, way in law.acts[act].items():
                if not way.cite:
                    continue
                entry = own.entry(way.cite)
                assert kind in [channel.kind for channel in entry.value("channels")]
                papers = entry.value("papers_self")
                assert way.papers == ((papers.kind,) if papers else ())
                assert entry.value("pin") == KIND[way.cite]
                cited += 1
    assert cited == 4


def test_what_no_source_says_is_marked_assumed() -> None:
    """I5: a number without a source says so; a region that is silent has the rule of everywhere."""
    for region in ("R1", "V1", *regions()):
        law = pin_law(region, DAY)
        assert {"tries", "lock", "most_wrong", "length"} <= set(law.assumed)
        uncited = {a for a in ACTS if any(not way.cite for way in law.acts[a].values())}
        assert uncited <= set(law.assumed)
    assert pin_law("R1", DAY).ref == "pins:everywhere@2021-01-22"
    assert pin_law("R5", date(1999, 1, 1)) == pin_law("R5", DAY)


def test_every_code_has_its_words() -> None:
    """A refusal can name each channel and paper in three languages."""
    for region in ("R1", *regions()):
        for act in ACTS:
            for kind, way in pin_law(region, DAY).acts[act].items():
                assert term("channel", kind).en
                assert all(term("paper", paper).en for paper in way.papers)
