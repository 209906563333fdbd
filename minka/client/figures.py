"""The amounts of a settlement as the platform gave them, in fen, and whether they add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from minka.kit.fen import Fen

CASH = ("psn_cash_pay", "pdn_cash_pay", "cash_payamt")
PERSON = ("psn_part_amt", "psn_pay")
FUNDS = (
    *("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay"),
    "hifdm_pay",
)
ECHOED = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
"""The four totals of a pre-settlement that its settlement repeats."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement, or with negative amounts a refund; everything in fen."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    at: str
    total_fen: Fen
    fund_fen: Fen
    account_fen: Fen
    cash_fen: Fen
    balance_fen: Fen
    insutype: str
    clr_type: str
    clr_optins: str

    @property
    def day(self) -> str:
        """The platform's own day, ``yyyy-mm-dd``: the day both books count it on."""
        return self.at[:10]


def fen(value: Any) -> Fen:
    """Fen of an amount in yuan, number or text; ``ValueError`` for anything else."""
    try:
        amount = Decimal(str(value).strip() or "0") * 100
        whole = int(amount)
    except (InvalidOperation, OverflowError) as why:
        raise ValueError(f"not an amount: {value!r}") from why
    if whole != amount:
        raise ValueError(f"not whole fen: {value!r}")
    return Fen(whole)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), 0)


def _word(row: Mapping[str, Any], name: str) -> str:
    return "" if row.get(name) is None else str(row[name])


def info_of(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settlement's node, or nothing."""
    found = output.get("setlinfo")
    return found if isinstance(found, dict) else {}


def msgid_of(output: Mapping[str, Any]) -> str:
    """The message a settlement says it belongs to."""
    return _word(info_of(output), "medins_setl_id")


def settled(output: Mapping[str, Any]) -> Settled:
    """The figures of an answer; ``ValueError`` when an amount is none."""
    row = info_of(output)
    return Settled(
        setl_id=_word(row, "setl_id"),
        mdtrt_id=_word(row, "mdtrt_id"),
        psn_no=_word(row, "psn_no"),
        at=_word(row, "setl_time"),
        total_fen=fen(row.get("medfee_sumamt", 0)),
        fund_fen=fen(_first(row, ("fund_pay_sumamt",))),
        account_fen=fen(_first(row, ("acct_pay",))),
        cash_fen=fen(_first(row, CASH)),
        balance_fen=fen(_first(row, ("balc",))),
        insutype=_word(row, "insutype"),
        clr_type=_word(row, "clr_type"),
        clr_optins=_word(row, "clr_optins"),
    )


def is_legible(output: Mapping[str, Any]) -> bool:
    """Whether every amount that is booked is an amount."""
    try:
        settled(output)
    except ValueError:
        return False
    return True


def doubts(output: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of the invariants of section 6.2 the answer breaks, by number; usually none.

    Where the fund's sum includes the account, invariant 2 holds with cash in the person's place.
    """
    row = info_of(output)
    if not row:
        return ()
    try:
        return tuple(_broken(row))
    except ValueError:
        return ("amount",)


def _broken(row: Mapping[str, Any]) -> list[str]:
    total, fund = fen(row.get("medfee_sumamt", 0)), fen(row.get("fund_pay_sumamt") or 0)
    person, cash = fen(_first(row, PERSON)), fen(_first(row, CASH))
    hospital, shared = (fen(row.get(n) or 0) for n in ("hosp_part_amt", "acct_mulaid_pay"))
    account = fen(row.get("acct_pay") or 0)
    broken = []
    if all(row.get(n) is not None for n in ECHOED):
        broken += ["1"] * (total != sum(fen(row[n]) for n in ECHOED))
    if not any(row.get(name) is not None for name in PERSON):
        return broken
    broken += ["2"] * (total not in (fund + person + hospital, fund + cash + hospital))
    broken += ["3"] * (person not in (account + cash + shared, account + cash))
    if all(row.get(n) is not None for n in FUNDS[:-1]):
        parts = sum(fen(row.get(n) or 0) for n in FUNDS)
        broken += ["6"] * (fund not in (parts, parts + account))
    return broken
