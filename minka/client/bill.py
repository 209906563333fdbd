"""What a hospital settles: a credential, a bill, a purchase, in the interface's own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from minka.kit.fen import yuan
from minka.kit.secret import Clear

Fields = Mapping[str, Any]
"""Further fields of a node by their names in the interface; amounts as text or ``Decimal``."""


class By(StrEnum):
    """What the patient shows (mdtrt_cert_type)."""

    E_CREDENTIAL = "01"
    ID_CARD = "02"
    CARD = "03"


class Account(StrEnum):
    """Whether the individual account pays along (acct_used_flag)."""

    UNUSED = "0"
    USED = "1"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential and its number; ``card_sn`` is the card's identification code."""

    by: By
    number: Clear
    card_sn: str = ""

    def fields(self) -> dict[str, str]:
        """As the interface has it."""
        return {"mdtrt_cert_type": self.by.value, "mdtrt_cert_no": self.number.reveal()}


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of an outpatient visit or of a stay.

    ``number`` is the hospital's own: one number is settled once until it is refunded. ``batch`` is
    the chrg_bchno of its lines; a stay has none. ``more`` are further fields of the settlement.
    """

    number: str
    psn_no: str
    mdtrt_id: str
    credential: Credential
    total_fen: int
    insutype: str = "310"
    med_type: str = "11"
    batch: str = ""
    account: Account = Account.USED
    more: Fields = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The fields that pre-settlement and settlement share."""
        return {
            "psn_no": self.psn_no,
            **self.credential.fields(),
            "medfee_sumamt": yuan(self.total_fen),
            "psn_setlway": "01",
            "mdtrt_id": self.mdtrt_id,
            "insutype": self.insutype,
            "acct_used_flag": self.account.value,
            **self.more,
        }


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought at a pharmacy: header and lines in one call."""

    number: str
    psn_no: str
    credential: Credential
    total_fen: int
    begun_at: datetime
    lines: Sequence[Fields]
    insutype: str = "310"
    med_type: str = "41"
    account: Account = Account.USED
    more: Fields = field(default_factory=dict)

    def nodes(self) -> dict[str, Any]:
        """The two nodes of 2101 and 2102."""
        header = {
            "psn_no": self.psn_no,
            **self.credential.fields(),
            "begntime": self.begun_at,
            "medfee_sumamt": yuan(self.total_fen),
            "insutype": self.insutype,
            "acct_used_flag": self.account.value,
            "med_type": self.med_type,
            **self.more,
        }
        return {"druginfo": header, "drugdetail": [dict(line) for line in self.lines]}
