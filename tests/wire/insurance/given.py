"""Messages for the tests of the interface: made from the registry by a seed, whole or broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from minka.wire.insurance.field import Field, Kind, Node, Shape, Transaction, Way
from minka.wire.insurance.registry import Registry

LETTERS = '0123456789ABCxyz医保一卡通 -_.,"\\\n'
PROVIDER = "H99010000001"
SECOND = "20260302093015"

ODD: tuple[Any, ...] = (
    *(None, "", 0, 1, -1, True, False, [], {}, ["x"], {"a": 1}, " ", "x" * 5000),
    *("1e2", "1E2", "12.345", "12.3400", "-12.30", "+1", ".5", "5.", "--1", "1_0", "１２.３０"),
    *("²", "NaN", "Infinity", "0x10", "9" * 17, "9" * 5000, "00012.30", "-0", "1,000.00"),
    *("2026-02-30", "2026-W01-1", "2026-03-02", "20260302", "2026-03-02T09:30:15"),
    *("2026-03-02 09:30:15", "2026-03-02 24:00:00", "2026-03-02 09:30:60", "2026/03/02 09:30:15"),
    *(
        "310",
        "99",
        "9901",
        "03",
        "0000",
        f"{PROVIDER}{SECOND}0001",
        f"{PROVIDER}202602300930150001",
    ),
)
RAW = (
    "1e2",
    "1E-2",
    "12.30",
    "12.345",
    "-0.0",
    "1e999",
    "123456789012345678901",
    "0.10",
    "9" * 400,
)
"""Digits as a client may write them in JSON, unquoted."""


def pattern_text(field: Field) -> str:
    """A text for the one pattern the invented areas use: digits that are not all zero."""
    return "000123456"[: field.length or 9]


def value(field: Field, chance: random.Random) -> Any:
    """Something the field takes."""
    match field.kind:
        case Kind.NUMBER:
            return _number(field, chance)
        case Kind.DATE:
            return (
                f"20{chance.randint(10, 30)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            )
        case Kind.DATETIME:
            return f"2026-03-{chance.randint(1, 28):02} {chance.randint(0, 23):02}:30:15"
        case Kind.MSGID:
            return f"{PROVIDER}{SECOND}{chance.randint(0, 9999):04}"
        case Kind.FREE:
            return chance.choice(('{"er_flag":"1"}', {"er_flag": "0"}))
    if field.values:
        return chance.choice(field.values)
    if field.pattern:
        return pattern_text(field)
    size = chance.randint(1, min(field.length or 20, 20))
    return "".join(chance.choices(LETTERS, k=size))


def _number(field: Field, chance: random.Random) -> Any:
    whole = chance.randrange(10 ** min(field.digits - field.scale, 9))
    decimals = chance.randint(0, field.scale)
    text = f"{whole}.{chance.randrange(10**decimals):0{decimals}}" if decimals else str(whole)
    if chance.random() < 0.2:
        text = f"-{text}"
    return chance.choice((text, msgspec.Raw(text.encode())))


def row(fields: tuple[Field, ...], chance: random.Random) -> dict[str, Any]:
    """A node's fields: all mandatory ones, some of the others."""
    filled = {}
    for field in fields:
        if field.mandatory or field.required_when or chance.random() < 0.5:
            filled[chance.choice((field.name, *field.spellings))] = value(field, chance)
    return filled


def node(of: Node, chance: random.Random) -> Any:
    """An object, or a list of one to three."""
    if of.shape is Shape.LIST:
        return [row(of.fields, chance) for _ in range(chance.randint(1, 3))]
    return row(of.fields, chance)


def body(transaction: Transaction, chance: random.Random, way: Way = Way.IN) -> dict[str, Any]:
    """A body with every node, fields of a root node directly in it."""
    made: dict[str, Any] = {}
    for each in transaction.nodes(way):
        if each.shape is Shape.ROOT:
            made.update(row(each.fields, chance))
        elif each.mandatory or chance.random() < 0.5:
            made[each.name] = node(each, chance)
    return made


@cache
def head_fields(registry: Registry, infno: str) -> tuple[Field, ...]:
    """The envelope's fields, kept because thousands of messages are made."""
    return registry.envelope(infno).fields


def message(registry: Registry, infno: str, chance: random.Random) -> dict[str, Any]:
    """A whole request that breaks no rule."""
    head = row(head_fields(registry, infno), chance)
    made = {**head, "infno": infno, "input": body(registry.transaction(infno), chance)}
    return dict(chance.sample(sorted(made.items()), len(made)))


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of a message: its container and its key."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from places(tree[key])


def break_once(made: dict[str, Any], chance: random.Random) -> None:
    """One member, wherever it stands, is taken away, renamed or given an odd value."""
    container, key = chance.choice(list(places(made)))
    if key == "infno":
        return
    act = chance.random()
    if act < 0.2:
        del container[key]
    elif act < 0.3 and isinstance(container, dict):
        container[f"{key}_x"] = container.pop(key)
    elif act < 0.4:
        container[key] = msgspec.Raw(chance.choice(RAW).encode())
    else:
        container[key] = chance.choice(ODD)


def encoded(made: object) -> bytes:
    """The bytes of a message."""
    return msgspec.json.encode(made)


def settled(area_code: str) -> dict[str, Any]:
    """One envelope with the values a reader expects, for examples."""
    return {
        "infno": "2207",
        "msgid": f"{PROVIDER}{SECOND}0001",
        "mdtrtarea_admvs": area_code,
        "insuplc_admdvs": area_code,
        "recer_sys_code": "HIS",
        "dev_no": "",
        "signtype": "HMAC-SM3",
        "infver": "V1.0",
        "opter_type": "1",
        "opter": "0012",
        "opter_name": "收费员",
        "inf_time": "2026-03-02 09:30:15",
        "fixmedins_code": PROVIDER,
        "fixmedins_name": "示范市第一示范医院",
        "sign_no": "S20260302000001",
        "input": {"data": dict(SETTLEMENT)},
    }


SETTLEMENT: dict[str, Any] = {
    "psn_no": "99010000000000000012345",
    "mdtrt_cert_type": "03",
    "mdtrt_cert_no": "A00012345",
    "med_type": "11",
    "medfee_sumamt": 123.45,
    "psn_setlway": "01",
    "mdtrt_id": "20260302000000001",
    "chrg_bchno": "20260302000000001",
    "insutype": "310",
    "acct_used_flag": "1",
    "invono": "",
    "fulamt_ownpay_amt": "10.00",
    "overlmt_selfpay": "0.00",
    "preselfpay_amt": 13.45,
    "inscp_scp_amt": 100,
    "expContent": "",
}
