"""Bodies of answers: plain integers and texts in, the interface's fields in their order out.

Numbers come as integers of their own scale (fen; ten-thousandths for ratios; tenths for an age) and
leave as decimal digits, never through a binary fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from minka.wire.insurance.area import Area, Form, FundSum
from minka.wire.insurance.field import Field, Kind, Node, Shape, Transaction, Way
from minka.wire.insurance.figures import plain
from minka.wire.insurance.registry import Registry

Values = Mapping[str, object]
"""Fields by name: integers for numbers, texts for the rest; a key nobody asks for is left out."""

SPELLED = {"pdn_cash_pay": "psn_cash_pay", "cash_payamt": "psn_cash_pay", "psn_pay": "psn_part_amt"}
"""How 2208, 2103 and 5203 write two amounts -> how 2207 does; callers use 2207's names."""

AMOUNTS = tuple(
    "medfee_sumamt fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt act_pay_dedc"
    " hifp_pay pool_prop_selfpay cvlserv_pay hifes_pay hifmi_pay hifob_pay maf_pay oth_pay"
    " fund_pay_sumamt psn_part_amt acct_pay psn_cash_pay hosp_part_amt balc".split()
)
"""The numbers of a settlement under 2207's names, in the order ``Outputs.settled`` takes."""
HEADER = tuple(
    "mdtrt_id setl_id psn_no psn_name psn_cert_type certno gend brdy insutype psn_type cvlserv_flag"
    " setl_time mdtrt_cert_type med_type medins_setl_id clr_optins clr_way clr_type".split()
)
"""The texts of a settlement, in the order ``Outputs.settled`` takes."""
_FUND_SUM, _ACCOUNT = AMOUNTS.index("fund_pay_sumamt"), AMOUNTS.index("acct_pay")
_DETAIL_TEXTS = ("fund_pay_type", "fund_pay_type_name")
_DETAIL_NUMBERS = ("inscp_scp_amt", "crt_payb_lmt_amt", "fund_payamt")

_Figure = Callable[[int], Any]


@lru_cache(maxsize=16384)
def _amount(fen: int) -> msgspec.Raw:
    """Digits of fen with two decimals, for JSON to take as they are.

    Half the amounts of a settlement stand in it twice or more, so the last ones are kept.
    """
    if fen > 99:
        digits = b"%d" % fen
        return msgspec.Raw(digits[:-2] + b"." + digits[-2:])
    return msgspec.Raw(plain(fen, 2).encode())


def _figure(field: Field, form: Form) -> _Figure:
    scale = field.scale
    if form is Form.STRING:
        return lambda number: plain(number, scale)
    if scale == 2:
        return _amount
    return lambda number: msgspec.Raw(plain(number, scale).encode())


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Makes the rows of one node, fields in the table's order."""

    made: type[msgspec.Struct]
    names: tuple[str, ...]
    """Every field by the caller's name, in order."""
    numbers: tuple[tuple[int, str, _Figure, Any, Any], ...]
    """For each number its place, the caller's name, its digits, a zero, and what missing is."""

    def row(self, texts: Values, numbers: Mapping[str, int]) -> msgspec.Struct:
        """One row; texts that are missing are null, mandatory numbers that are missing zero."""
        cells: list[object] = list(map(texts.get, self.names))
        for place, name, figure, zero, missing in self.numbers:
            number = numbers.get(name)
            if number:
                cells[place] = figure(number)
            else:
                cells[place] = missing if number is None else zero
        return self.made(*cells)

    def blank(self, named: Sequence[str]) -> list[object]:
        """A row before anything is known: of the numbers, those ``named`` are zero."""
        cells: list[object] = [None] * len(self.names)
        for place, name, _, zero, missing in self.numbers:
            cells[place] = zero if name in named else missing
        return cells


class Filler:
    """Makes rows of one node from texts and numbers that always come in the same order."""

    __slots__ = ("_blank", "_figures", "_made", "_texts")

    def __init__(self, writer: RowWriter, texts: Sequence[str], numbers: Sequence[str]) -> None:
        self._made = writer.made
        numbered = {name: (place, figure, zero) for place, name, figure, zero, _ in writer.numbers}
        self._blank = writer.blank(numbers)
        self._texts = [
            (at, writer.names.index(name)) for at, name in enumerate(texts) if name in writer.names
        ]
        self._figures = [
            (at, *numbered[name][:2]) for at, name in enumerate(numbers) if name in numbered
        ]

    def row(self, texts: Sequence[object], numbers: Sequence[int]) -> msgspec.Struct:
        """One row; the texts and numbers in the order of their names."""
        cells = self._blank.copy()
        for at, place in self._texts:
            cells[place] = texts[at]
        for at, place, figure in self._figures:
            if number := numbers[at]:
                cells[place] = figure(number)
        return self._made(*cells)


def row_writer(transaction: Transaction, node: Node, form: Form) -> RowWriter:
    """The writer of one node of a transaction's answer."""
    made = msgspec.defstruct(
        f"{node.name.title()}{transaction.infno}Out",
        [(field.attribute, Any, None) for field in node.fields],
        rename={f.attribute: f.name for f in node.fields if f.attribute != f.name},
        gc=False,
        namespace={"__repr__": lambda self: f"{type(self).__name__}(…)"},
    )
    names = tuple(SPELLED.get(field.name, field.name) for field in node.fields)
    return RowWriter(made, names, tuple(_numbers(node, names, form)))


def _numbers(
    node: Node, names: tuple[str, ...], form: Form
) -> Iterator[tuple[int, str, _Figure, Any, Any]]:
    for place, field in enumerate(node.fields):
        if field.kind is Kind.NUMBER:
            figure = _figure(field, form)
            zero = figure(0)
            yield place, names[place], figure, zero, zero if field.mandatory else None


class Outputs:
    """Writers for every answer of one area; built as they are asked for."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.area: Area = registry.area
        self._writers: dict[tuple[str, str], RowWriter] = {}
        self._fillers: dict[str, tuple[Filler, Filler]] = {}
        self._funds = self._named_funds()

    def writer(self, infno: str, node: str) -> RowWriter:
        """The writer of one node; ``KeyError`` when the transaction has no such answer."""
        key = (infno, node)
        found = self._writers.get(key)
        if found is None:
            transaction = self.registry.transaction(infno)
            shape = transaction.node(node, Way.OUT)
            found = self._writers[key] = row_writer(transaction, shape, self.area.amounts)
        return found

    def settlement(
        self,
        infno: str,
        amounts: Mapping[str, int],
        header: Values,
        details: Sequence[Values] = (),
    ) -> dict[str, Any]:
        """``setlinfo`` and ``setldetail`` of 2101-2103, 2206-2208, 2303-2305 and 5203.

        ``amounts`` are fen under the names of 2207 (``age`` tenths, ``pool_prop_selfpay``
        ten-thousandths); ``fund_pay_sumamt`` comes without the account, and leaves as the area
        wants it. ``details`` name their fund by the national code.
        """
        if self.area.fund_sum is FundSum.WITH_ACCOUNT:
            with_account = amounts.get("fund_pay_sumamt", 0) + amounts.get("acct_pay", 0)
            amounts = {**amounts, "fund_pay_sumamt": with_account}
        info = self.writer(infno, "setlinfo").row(header, amounts)
        return {"setlinfo": info, "setldetail": self._details(infno, details)}

    def _details(self, infno: str, details: Sequence[Values]) -> list[msgspec.Struct]:
        detail = self.writer(infno, "setldetail").row
        made = []
        for each in details:
            fund = self._funds.get(each["fund_pay_type"])
            made.append(detail({**each, **fund} if fund else each, each))  # type: ignore[arg-type]
        return made

    def _named_funds(self) -> dict[object, Values]:
        """The area's own code and the name of each fund, by national code."""
        funds = self.area.dictionaries["fund_pay_type"].values
        own = self.area.fund_pay_types
        return {
            code: {"fund_pay_type": own.get(code, code), "fund_pay_type_name": name}
            for code, name in funds.items()
        }

    def settled(
        self,
        infno: str,
        amounts: Sequence[int],
        header: Sequence[str | None],
        details: Sequence[tuple[str, int, int, int]] = (),
    ) -> dict[str, Any]:
        """What ``settlement`` gives, from sequences: the way of every bill that is settled.

        ``amounts`` are fen in the order of ``AMOUNTS`` (``pool_prop_selfpay`` ten-thousandths);
        ``fund_pay_sumamt`` comes without the account, and leaves as the area wants it. ``header``
        is in the order of ``HEADER``. ``details`` name a fund by the national code, and give its
        scope, its ceiling's part and what it paid.
        """
        fillers = self._fillers.get(infno)
        if fillers is None:
            fillers = self._fillers[infno] = self._filled(infno)
        if self.area.fund_sum is FundSum.WITH_ACCOUNT:
            amounts = list(amounts)
            amounts[_FUND_SUM] += amounts[_ACCOUNT]
        info, detail = fillers
        rows = [detail.row(self._fund(each[0]), each[1:]) for each in details]
        return {"setlinfo": info.row(header, amounts), "setldetail": rows}

    def _filled(self, infno: str) -> tuple[Filler, Filler]:
        detail = self.writer(infno, "setldetail")
        return Filler(self.writer(infno, "setlinfo"), HEADER, AMOUNTS), Filler(
            detail, _DETAIL_TEXTS, _DETAIL_NUMBERS
        )

    def _fund(self, national: str) -> tuple[str, str | None]:
        fund = self._funds.get(national)
        if fund is None:
            return national, None
        return str(fund["fund_pay_type"]), str(fund["fund_pay_type_name"])

    def rows(self, infno: str, node: str, rows: Iterable[Values]) -> list[msgspec.Struct]:
        """The rows of a list node, each a mapping that holds numbers and texts together."""
        write = self.writer(infno, node).row
        return [write(each, each) for each in rows]  # type: ignore[arg-type]

    def output(self, infno: str, **nodes: Values | Iterable[Values]) -> dict[str, Any]:
        """A whole body from mappings: one for an object node, several for a list node."""
        transaction = self.registry.transaction(infno)
        made: dict[str, Any] = {}
        for node in transaction.nodes_out:
            if node.name not in nodes:
                continue
            given: Any = nodes[node.name]
            several = given if node.shape is Shape.LIST else [given]
            written = self.rows(infno, node.name, several)
            made[node.name] = written if node.shape is Shape.LIST else written[0]
        return made
