"""An area's differences from the national form, each one a setting (reference: section 10)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from minka.kit.words import Words

HERE = "minka.wire.insurance"
NATIONAL = "demo"


class HexCase(StrEnum):
    """How the gateway writes a signature's hex."""

    LOWER = "lower"
    UPPER = "upper"


class Gateway(StrEnum):
    """What stands before the platform."""

    TIF = "tif"
    """Four headers and a SHA-256."""
    APIKEY = "apikey"
    """One key in one header."""


class Transport(StrEnum):
    """How a client reaches the platform."""

    HTTP = "http"
    DLL = "dll"


class Form(StrEnum):
    """How a number is written in JSON."""

    NUMBER = "number"
    STRING = "string"


class FundSum(StrEnum):
    """Whether the fund's total holds what the person's account paid."""

    WITHOUT_ACCOUNT = "without_account"
    WITH_ACCOUNT = "with_account"


class EmptyRefundFlag(StrEnum):
    """What totals mean when no refund flag is sent with them."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Statement:
    """How an area writes its files and totals of a day."""

    columns: int
    separator: str
    packing: str
    grouping: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The values of a coded field; an open one is incomplete and refuses nothing."""

    values: Mapping[str, str]
    is_open: bool
    mark: str

    @property
    def only(self) -> tuple[str, ...]:
        """The only values allowed; empty for an open list."""
        return () if self.is_open else tuple(self.values)


@dataclass(frozen=True, slots=True)
class Area:
    """Every setting in which areas differ."""

    key: str
    code: str
    names: Words
    transport: Transport
    gateway: Gateway
    signature_case: HexCase
    recer_sys_code: tuple[str, ...]
    infcode: Form
    amounts: Form
    fund_sum: FundSum
    extension: str
    visit: str
    monthly_clearing: str
    dictionary_download: str
    fund_pay_types: Mapping[str, str]
    """National code of a fund -> the area's own."""
    statement: Statement
    refund_flag: str
    empty_refund_flag: EmptyRefundFlag
    dictionaries: Mapping[str, Dictionary]
    fields: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """Changes of fields: by name for every ``in`` node, or by ``infno/node/field``."""
    extra: tuple[Mapping[str, Any], ...] = field(repr=False)
    nodes: Mapping[str, Mapping[str, Mapping[str, str]]] = field(repr=False)


def load(name: str) -> Any:
    """The content of one of the package's own YAML files."""
    text = files(HERE).joinpath(name).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def areas() -> tuple[str, ...]:
    """The keys of every area that is written down, the national form first."""
    found = sorted(item.name for item in files(HERE).joinpath("areas").iterdir())
    keys = [name.removesuffix(".yaml") for name in found if name.endswith(".yaml")]
    return (NATIONAL, *(key for key in keys if key != NATIONAL))


@cache
def area(key: str = NATIONAL) -> Area:
    """The settings of an area; what its file leaves out is the national form's. ``KeyError``."""
    if key not in areas():
        raise KeyError(key)
    national = load(f"areas/{NATIONAL}.yaml")
    own = {} if key == NATIONAL else load(f"areas/{key}.yaml")
    merged = {**national, **own}
    merged["nodes"] = {**national.get("nodes", {}), **own.get("nodes", {})}
    merged["fields"] = _laid_over(national["fields"], own.get("fields", {}))
    merged["extra"] = [*national.get("extra", []), *own.get("extra", [])]
    return _area(key, merged)


def _laid_over(
    ours: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Each field's changes together, the area's own last."""
    return {name: {**ours.get(name, {}), **own.get(name, {})} for name in [*ours, *own]}


def _area(key: str, read: Mapping[str, Any]) -> Area:
    flag = read["refund_flag"]
    return Area(
        key=key,
        code=read["code"],
        names=Words(*read["name"]),
        transport=Transport(read["transport"]),
        gateway=Gateway(read["gateway"]),
        signature_case=HexCase(read["signature_case"]),
        recer_sys_code=tuple(read["recer_sys_code"]),
        infcode=Form(read["infcode"]),
        amounts=Form(read["amounts"]),
        fund_sum=FundSum(read["fund_sum"]),
        extension=read["extension"],
        visit=str(read["visit"]),
        monthly_clearing=read["monthly_clearing"],
        dictionary_download=read["dictionary_download"],
        fund_pay_types=read["fund_pay_types"],
        statement=_statement(read["statement"]),
        refund_flag=flag["name"],
        empty_refund_flag=EmptyRefundFlag(flag["empty_means"]),
        dictionaries=_dictionaries(read.get("dictionaries", {})),
        fields=read["fields"],
        extra=tuple(read["extra"]),
        nodes=read["nodes"],
    )


def _statement(read: Mapping[str, Any]) -> Statement:
    grouping = tuple(read["grouping"])
    return Statement(read["columns"], read["separator"], read["packing"], grouping)


def _dictionaries(own: Mapping[str, Any]) -> dict[str, Dictionary]:
    read = dict(load("dictionaries.yaml"))
    for name, change in own.items():
        known = read.get(name, {}).get("values", {})
        values = {**change.get("values", known), **change.get("more", {})}
        read[name] = {**read.get(name, {}), **change, "values": values}
    return {name: _dictionary(each) for name, each in read.items()}


def _dictionary(read: Mapping[str, Any]) -> Dictionary:
    values = {code: words for key, words in read["values"].items() for code in _expanded(key)}
    return Dictionary(values, bool(read.get("open")), read["mark"])


def _expanded(code: str) -> list[str]:
    """``99xx`` is every code from 9900 to 9999."""
    places = [range(10) if letter == "x" else letter for letter in code]
    return ["".join(map(str, each)) for each in itertools.product(*places)]
