"""The machine is taken away in mid-day: losses are reported, keys are not used (T16)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.keys.vault import KeyName, KeyPath, Purpose, VaultGone
from tests.desk.town import request, settle_in
from tests.devices.vaults import DES, FACTORS, Stand, enter, token

KEY = KeyName("DTK", 1, DES)


def _has_tac(stand: Stand) -> bool:
    try:
        stand.vault.transaction_code(KeyPath(KEY, FACTORS), b"a purchase")
    except VaultGone:
        return False
    return True


def test_every_loss_report_is_taken_and_no_purchase_is_proved(
    office: Office, tmp_path: Path
) -> None:
    """T16, P15: thirty reports while the token goes and comes; each is accepted, and just the
    purchases of the time without the token go unproved."""
    stand = token(tmp_path)
    stand.settings = msgspec.structs.replace(stand.settings, patience_ms=1000)
    stand.start()
    try:
        enter(stand.custody, KEY, Purpose.TAC)
        taken, proved = [], []
        for turn in range(30):
            if turn == 10:
                stand.tokens.rename(tmp_path / "away")
            if turn == 20:
                (tmp_path / "away").rename(stand.tokens)
            someone = settle_in(office)
            command = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
            proved.append(_has_tac(stand))
            taken.append(report_loss(office, request("hotline_agent"), command).accepted)
    finally:
        stand.end()
    assert taken == [True] * 30
    assert proved == [True] * 10 + [False] * 10 + [True] * 10
