"""Trees of papers: what suffices, what is missing, a notice that is never wrong (A3, A11, B6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.law.book import Book, read
from minka.law.papers import (
    NOTHING,
    AllOf,
    Copy,
    OneOf,
    OpenList,
    Owner,
    Paper,
    Papers,
    ShownPaper,
    leaves,
    missing,
)
from minka.law.reading import read_papers

ID, BOOK = Paper("resident_id"), Paper("household_book")
CERTIFICATE = Paper("collection_certificate")
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def book() -> Book:
    """The book with the demo overlay."""
    return read()


def shown(*kinds: str) -> tuple[ShownPaper, ...]:
    """Originals of the holder."""
    return tuple(ShownPaper(kind) for kind in kinds)


def test_one_of_two_is_enough() -> None:
    """R1-02 (A3): the ID card or the household book."""
    either = OneOf((ID, BOOK))
    assert missing(either, shown("household_book")) == ()
    assert missing(either, shown("passport")) == (either,)


def test_the_first_grouping() -> None:
    """R1-08 (A11, O1-8): (ID card or household book) and the certificate."""
    tree = AllOf((OneOf((ID, BOOK)), CERTIFICATE))
    assert missing(tree, shown("resident_id")) == (CERTIFICATE,)
    assert missing(tree, shown("collection_certificate")) == (OneOf((ID, BOOK)),)
    assert missing(tree, shown("household_book", "collection_certificate")) == ()


def test_a_choice_of_bundles_says_what_each_way_still_needs() -> None:
    """A half-shown bundle comes back as its rest."""
    tree = OneOf((AllOf((ID, BOOK)), CERTIFICATE))
    assert missing(tree, shown("resident_id")) == (OneOf((BOOK, CERTIFICATE)),)
    wide = OneOf((AllOf((ID, BOOK)), AllOf((CERTIFICATE, Paper("mandate")))))
    assert missing(wide, ()) == (wide,)


def test_original_and_copy() -> None:
    """R2-04 (B11): the original alone does not do where a copy is asked for; the reverse does."""
    both = Paper("resident_id", Copy.ORIGINAL_AND_COPY)
    assert missing(both, shown("resident_id")) == (both,)
    copied = ShownPaper("resident_id", Copy.ORIGINAL_AND_COPY)
    assert missing(both, [copied]) == ()
    assert missing(ID, [copied]) == ()


def test_whose_paper_it_is() -> None:
    """R6-05 (H4): the agent's own ID card does not stand for the principal's."""
    assert missing(ID, [ShownPaper("resident_id", owner=Owner.AGENT)]) == (ID,)


def test_open_list_takes_what_the_region_accepts() -> None:
    """R3-02 (O3-4): the list is open, and the region completes it."""
    listed = OpenList("valid_id_document", ("passport",))
    assert missing(listed, shown("passport")) == ()
    assert missing(listed, shown("valid_id_document")) == ()
    assert missing(listed, shown("medical_card")) == (listed,)


def test_nothing_is_needed() -> None:
    """Where the rule asks for no paper nothing is missing."""
    assert missing(NOTHING, ()) == ()


def test_agent_in_r2_needs_six_things(book: Book) -> None:
    """R2-06 (B4, B5, B6): without the principal's household book the case cannot be filed."""
    tree = book.on("R2", DAY).entry("R2-06").leaf("papers_agent").value
    all_but = [
        *shown("bank_loss_slip", "resident_id", "relation_proof", "e_photo"),
        ShownPaper("resident_id", owner=Owner.AGENT),
    ]
    assert missing(tree, all_but) == (BOOK,)
    proof = [paper for paper in all_but if paper.kind != "relation_proof"]
    copied = ShownPaper("household_book", Copy.ORIGINAL_AND_COPY)
    assert missing(tree, [*proof, copied]) == ()


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("resident_id", ID),
        ("agent's resident_id", Paper("resident_id", owner=Owner.AGENT)),
        ("resident_id, original", Paper("resident_id", Copy.ORIGINAL)),
        ("resident_id, original and copy", Paper("resident_id", Copy.ORIGINAL_AND_COPY)),
        ("none", NOTHING),
        ({"open_list": "valid_id_document"}, OpenList("valid_id_document")),
        ({"one_of": ["resident_id", "household_book"]}, OneOf((ID, BOOK))),
        ({"all_of": [{"one_of": ["resident_id"]}, "household_book"]}, AllOf((OneOf((ID,)), BOOK))),
    ],
)
def test_how_trees_are_written(written: object, tree: Papers) -> None:
    """The notation of the rule files."""
    assert read_papers(written) == tree


@pytest.mark.parametrize(
    "written", [{}, {"all_of": []}, {"both": ["resident_id"]}, {"all_of": "x"}, "two papers", 3]
)
def test_other_notations_are_refused(written: object) -> None:
    """What is no tree is not guessed."""
    with pytest.raises((ValueError, TypeError)):
        read_papers(written)


kinds = st.sampled_from(["resident_id", "household_book", "mandate", "e_photo"])
copies = st.sampled_from(list(Copy))
owners = st.sampled_from([Owner.HOLDER, Owner.AGENT])
papers = st.builds(Paper, kinds, copies, owners)
lists = st.builds(OpenList, kinds, st.lists(kinds, max_size=2).map(tuple), owners)
trees: st.SearchStrategy[Papers] = st.recursive(
    papers | lists,
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda items: st.sampled_from([AllOf(tuple(items)), OneOf(tuple(items))])
    ),
    max_leaves=8,
)
tables = st.lists(st.builds(ShownPaper, kinds, copies, owners), max_size=4)


def suffices(tree: Papers, table: list[ShownPaper]) -> bool:
    """The meaning of a tree, said a second time."""
    match tree:
        case AllOf(items):
            return all(suffices(item, table) for item in items)
        case OneOf(items):
            return any(suffices(item, table) for item in items)
    return not missing(tree, table)


def asked(tree: Paper | OpenList) -> ShownPaper:
    """The paper a leaf asks for."""
    copy = tree.copy if isinstance(tree, Paper) else Copy.ORIGINAL
    return ShownPaper(tree.kind, copy, tree.owner)


@given(trees, tables)
def test_nothing_is_missing_exactly_when_it_suffices(tree: Papers, table: list[ShownPaper]) -> None:
    """The one-time notice is empty if and only if the papers do."""
    assert (missing(tree, table) == ()) == suffices(tree, table)


@given(trees, tables)
def test_bringing_what_is_missing_suffices(tree: Papers, table: list[ShownPaper]) -> None:
    """Whoever comes back with everything on the notice is not sent away again."""
    notice = missing(tree, table)
    brought = [asked(leaf) for item in notice for leaf in leaves(item)]
    assert missing(tree, [*table, *brought]) == ()


@given(trees, tables)
def test_bringing_one_way_of_each_choice_suffices(tree: Papers, table: list[ShownPaper]) -> None:
    """Of an open choice the first way is enough."""
    brought = [asked(leaf) for item in missing(tree, table) for leaf in _first_way(item)]
    assert missing(tree, [*table, *brought]) == ()


def _first_way(tree: Papers) -> list[Paper | OpenList]:
    match tree:
        case AllOf(items):
            return [leaf for item in items for leaf in _first_way(item)]
        case OneOf(items):
            return _first_way(items[0])
        case Paper() | OpenList():
            return [tree]


@given(trees, tables, tables)
def test_another_paper_never_makes_it_worse(
    tree: Papers, table: list[ShownPaper], more: list[ShownPaper]
) -> None:
    """What was enough stays enough."""
    assert missing(tree, table) != () or missing(tree, [*table, *more]) == ()


@given(trees, tables)
def test_the_notice_repeats_itself(tree: Papers, table: list[ShownPaper]) -> None:
    """What is missing of the missing is the same."""
    notice = missing(tree, table)
    assert tuple(again for item in notice for again in missing(item, table)) == notice
