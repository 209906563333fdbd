"""The origin of each yuan: X39."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from minka.accounts.lineage import Flow, Share, lineage
from minka.accounts.statement import Line, figures


def test_the_oldest_money_pays_first() -> None:
    """X39: January's allocation is spent before February's."""
    found = lineage([Flow("jan", 100), Flow("feb", 100), Flow("s1", -130), Flow("s2", -20)])
    assert found.paid == {
        "s1": (Share("jan", 100), Share("feb", 30)),
        "s2": (Share("feb", 20),),
    }
    assert found.left == (Share("feb", 50),)


def test_a_refund_goes_back_to_where_it_came_from() -> None:
    """X39: and the next payment takes the old money again."""
    flows = [Flow("jan", 100), Flow("feb", 100), Flow("s1", -130), Flow("r1", 130, "s1")]
    assert lineage(flows).left == (Share("jan", 100), Share("feb", 100))
    found = lineage([*flows, Flow("s2", -10)])
    assert found.paid == {"s2": (Share("jan", 10),)}


def test_a_corrected_credit_is_taken_from_itself() -> None:
    """X39: what of it is spent already comes from the oldest money."""
    flows = [Flow("jan", 100), Flow("feb", 100), Flow("fix", -100, "feb"), Flow("s1", -100)]
    found = lineage(flows)
    assert found.paid["fix"] == (Share("feb", 100),)
    assert found.paid["s1"] == (Share("jan", 100),)
    spent = lineage([Flow("a", 100), Flow("s", -40), Flow("b", 50), Flow("fix", -100, "a")])
    assert spent.paid["fix"] == (Share("a", 60), Share("b", 40))


@given(st.data())
def test_every_fen_has_one_origin(data: st.DataObject) -> None:
    """X39: shares add up to the payments, what is left to the balance, no credit is overspent."""
    flows: list[Flow] = []
    balance, undone = 0, set()
    for number in range(data.draw(st.integers(0, 30))):
        kind = data.draw(st.sampled_from(["credit", "debit", "refund"]))
        debits = [f for f in flows if f.amount_fen < 0 and f.ref not in undone and not f.undoes]
        if kind == "refund" and debits:
            of = data.draw(st.sampled_from(debits))
            undone.add(of.ref)
            flows.append(Flow(f"m{number}", -of.amount_fen, of.ref))
        elif kind == "debit" and balance:
            flows.append(Flow(f"m{number}", -data.draw(st.integers(1, balance))))
        else:
            flows.append(Flow(f"m{number}", data.draw(st.integers(1, 1000))))
        balance += flows[-1].amount_fen
    found = lineage(flows)
    assert sum(share.amount_fen for share in found.left) == balance
    standing = {f.ref: -f.amount_fen for f in flows if f.amount_fen < 0 and f.ref not in undone}
    assert {r: sum(s.amount_fen for s in shares) for r, shares in found.paid.items()} == standing
    brought = {f.ref: f.amount_fen for f in flows if f.amount_fen > 0 and not f.undoes}
    used: dict[str, int] = {}
    for share in [s for shares in found.paid.values() for s in shares] + list(found.left):
        used[share.source] = used.get(share.source, 0) + share.amount_fen
    assert used == brought


@given(st.integers(0, 10**6), st.lists(st.integers(-100, 100)))
def test_figures_of_a_statement_add_up(opening: int, amounts: list[int]) -> None:
    """I6: opening + credited - debited = closing; the kinds add up to the change."""
    lines = [Line(f"k{n % 3}", fen, abs(fen), 0, 0) for n, fen in enumerate(amounts)]
    found = figures(opening, lines)
    assert found.closing_fen == opening + sum(amounts)
    assert found.opening_fen + found.credited_fen - found.debited_fen == found.closing_fen
    assert sum(found.by_kind.values()) == sum(amounts)
    assert found.spent_fen == sum(abs(fen) for fen in amounts)
