"""The registry is the table of fields, as each area speaks it (I4, I9)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from minka.wire.insurance import pages, table
from minka.wire.insurance.area import HERE, FundSum, HexCase, area, areas, load
from minka.wire.insurance.checks import body_faults
from minka.wire.insurance.faults import Rule
from minka.wire.insurance.field import Kind, Presence, Shape, Way
from minka.wire.insurance.registry import registry
from tests.house.sources import ROOT

REFERENCE = ROOT.parent / "shared" / "reference" / "insurance-fields.csv"

REQUIRED = (
    "9001 9002 1101 1161 1201 2001 2101 2102 2103 2201 2202 2203 2203A 2204 2205 2206 2207 2208 "
    "2301 2302 2303 2304 2305 2401 2402 2404 2405 2601 5203 5206 3201"
).split()

CREDENTIAL = "1101 2101 2102 2201 2206 2207 2303 2304 2401".split()
NUMBERLESS = "2103 2202 2204 2205 2208 2301 2302 2305 2402 2404 2405 2601".split()

NO_OUTPUT = ("2202 2203 2203A 2205 2302 2402 2403 2404 2405 2504 2506 2601 3204 3261 3262").split()
"""Reference: 3.9; what 3204 answers is unknown."""

LISTS_OUT = {
    *("insuinfo", "idetinfo", "setldetail", "detlcutinfo", "cuminfo", "trtinfo", "list"),
}


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the reference does not lie beside us")
def test_our_table_is_the_reference_with_one_more_column() -> None:
    """Nothing was lost or changed when the table was taken over."""
    with REFERENCE.open(encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    ours = [{key: row[key] for key in wanted[0]} for row in table.rows()]
    assert ours == wanted
    assert len(ours) == 1406
    assert all(row["name_hant"] for row in table.rows())


@pytest.mark.parametrize("infno", REQUIRED)
def test_every_required_transaction_is_known(infno: str) -> None:
    """By code, with its Chinese name and its nodes."""
    known = registry().transaction(infno)
    assert known.infno == infno
    assert known.name_zh
    assert known.nodes_in or infno == "1161"


@pytest.mark.parametrize("key", areas())
def test_every_row_stands_somewhere(key: str) -> None:
    """Each line of the table is a field of a node or, for files and readers, stands apart."""
    known = registry(key).transactions
    for row in table.rows():
        if row["infno"] == table.ENVELOPE:
            continue
        transaction = known[row["infno"]]
        there = {(n.name, f.name) for way in Way for n, f in transaction.fields(way)}
        apart = {(node.name, field.name) for node in transaction.apart for field in node.fields}
        assert (row["node"], row["field"]) in there | apart


def test_all_transactions_are_described_and_none_else() -> None:
    """transactions.yaml names exactly what the table holds."""
    described = set(load("transactions.yaml"))
    assert described == {row["infno"] for row in table.rows()} - {table.ENVELOPE}


def test_where_a_card_is_shown() -> None:
    """A blocked card is refused where its number comes, and nowhere else (D2).

    Refunds, cancellations and reversals carry no number and keep working.
    """
    known = registry().transactions.values()
    assert sorted(each.infno for each in known if each.carries_credential) == CREDENTIAL
    assert all(not registry().transaction(infno).carries_credential for infno in NUMBERLESS)


def test_transactions_without_an_answer_have_no_node() -> None:
    """An ``infcode`` of 0 is all that they say."""
    known = registry().transactions.values()
    silent = {each.infno for each in known if not each.nodes_out}
    assert sorted(silent - {"9102"}) == NO_OUTPUT


def test_lists_of_answers() -> None:
    """Nodes that repeat are lists wherever they stand."""
    for transaction in registry().transactions.values():
        for node in transaction.nodes_out:
            assert node.shape is Shape.LIST or node.name not in LISTS_OUT


def test_numbers_have_a_scale() -> None:
    """Amounts are fen, quantities ten-thousandths, prices millionths, ratios ten-thousandths."""
    line = registry().transaction("2204").node("feedetail")
    assert [line[name].scale for name in ("det_item_fee_sumamt", "cnt", "pric")] == [2, 4, 6]
    split = registry().transaction("2204").node("result", Way.OUT)
    assert (split["selfpay_prop"].scale, split["selfpay_prop"].digits) == (4, 5)


def test_the_insured_area_is_asked_for_with_a_person() -> None:
    """``insuplc_admdvs`` is mandatory once the input holds ``psn_no``."""
    for infno, wanted in (("2207", True), ("1101", False), ("9001", False)):
        assert registry().envelope(infno)["insuplc_admdvs"].mandatory is wanted


def test_areas_show_every_setting() -> None:
    """Each setting of the reference's section 10 differs between at least two areas."""
    shown = [area(key) for key in areas()]
    assert len(shown) >= 3
    varied = (
        *("code", "transport", "gateway", "signature_case", "recer_sys_code", "infcode", "amounts"),
        *("fund_sum", "extension", "visit", "monthly_clearing", "dictionary_download"),
        *("fund_pay_types", "statement", "refund_flag", "empty_refund_flag"),
    )
    for name in varied:
        assert len({str(getattr(each, name)) for each in shown}) >= 2, name
    assert area("yunhe").signature_case is HexCase.UPPER
    assert area("yunhe").fund_sum is FundSum.WITH_ACCOUNT


def test_an_area_nobody_wrote_is_a_key_error() -> None:
    """Neither a file's path nor an empty name is an area."""
    for key in ("nowhere", "", "../dictionaries"):
        with pytest.raises(KeyError):
            registry(key)


def _only_fault(key: str, infno: str, node: str, **fields: str) -> Rule | None:
    """The rule a single field of a node breaks in an area."""
    ((name, value),) = fields.items()
    shape = registry(key).transaction(infno).node(node)
    lined = [{name: value}] if shape.shape is Shape.LIST else {name: value}
    found = body_faults(registry(key).transaction(infno), {node: lined})
    rules = [each.rule for each in found if each.field == name]
    return rules[0] if rules else None


@pytest.mark.parametrize(
    ("key", "infno", "node", "field", "value", "rule"),
    [
        ("demo", "2204", "feedetail", "feedetl_sn", "L-000000000000001", None),
        ("beishan", "2204", "feedetail", "feedetl_sn", "L-1", Rule.PATTERN),
        ("beishan", "2204", "feedetail", "feedetl_sn", "000", Rule.PATTERN),
        ("beishan", "2204", "feedetail", "feedetl_sn", "1234567890123456", Rule.LENGTH),
        ("beishan", "2204", "feedetail", "feedetl_sn", "017", None),
        ("beishan", "2302", "data", "feedetl_sn", "0000", None),
        ("demo", "2204", "feedetail", "hosp_appr_flag", "0", None),
        ("yunhe", "2204", "feedetail", "hosp_appr_flag", "0", Rule.CODE),
        ("yunhe", "2204", "feedetail", "hosp_appr_flag", "2", None),
        ("demo", "2207", "data", "med_type", "9905", None),
        ("demo", "2207", "data", "med_type", "1401", Rule.CODE),
        ("beishan", "2207", "data", "med_type", "1401", None),
        ("demo", "2601", "data", "oinfno", "2304A", None),
        ("demo", "2601", "data", "oinfno", "2206", Rule.CODE),
        ("beishan", "2207", "data", "pay_way", "", Rule.MANDATORY),
        ("beishan", "2207", "data", "pay_way", "03", Rule.CODE),
        ("yunhe", "9001", "signIn", "mac", "", Rule.MANDATORY),
        ("demo", "9001", "signIn", "mac", "", None),
        ("yunhe", "2304", "data", "acct_used_flag", "", None),
        ("demo", "2304", "data", "acct_used_flag", "", Rule.MANDATORY),
        ("demo", "2207", "data", "mdtrt_cert_type", "04", Rule.CODE),
    ],
)
def test_what_areas_take(
    key: str, infno: str, node: str, field: str, value: str, rule: Rule | None
) -> None:
    """Line numbers, approval flags, dictionaries, extra and mandatory fields differ by area."""
    assert _only_fault(key, infno, node, **{field: value}) is rule


def test_an_areas_own_fields_stand_on_both_sides() -> None:
    """Fields added by an area are checked and written like the others."""
    own = registry("beishan").transaction("2207")
    assert own.node("data")["pay_way"].presence is Presence.MANDATORY
    assert own.node("setlinfo", Way.OUT)["local_subsidy"].kind is Kind.NUMBER
    assert "pay_way" not in registry().transaction("2207").node("data")
    assert registry("yunhe").transaction("3262").node("data").shape is Shape.ROOT


def test_results_of_reconciliation_have_two_writings() -> None:
    """One digit here, six there; a conflict of versions that an area settles."""
    values = {key: area(key).dictionaries["stmt_rslt"].only for key in ("demo", "yunhe")}
    assert values["demo"] == ("000000", "000101", "000102", "000103")
    assert values["yunhe"] == ("0", "1", "2", "3")


def test_the_page_is_current() -> None:
    """docs/insurance.md is what the registry says."""
    there = (ROOT / "docs" / "insurance.md").read_text(encoding="utf-8")
    assert there == pages.written()


def test_data_lies_in_the_package() -> None:
    """What is read at run time is shipped beside the code."""
    folder = Path(ROOT, *HERE.split("."))
    assert (folder / "fields.csv").is_file()
    assert {f"{key}.yaml" for key in areas()} == {f.name for f in (folder / "areas").iterdir()}
