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
