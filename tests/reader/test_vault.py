"""The HSM steps with a soft vault in a process of its own at the other end (K3, K5, J4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from minka.bench.card_keys import root
from minka.bench.card_plan import Shape
from minka.cipher.card_key import Algorithm
from minka.doors.reader.codes import Code
from minka.doors.reader.hsm import VaultServices, Who
from minka.doors.reader.own import basic
from minka.keys.table import key_row
from minka.keys.vault import KeyName, KeyReason, KeyRefused, VaultGone
from tests.card.world import AREA, DES, HISTORICAL, SM4, new_card
from tests.devices.vaults import Stand, enter, soft
from tests.reader.world import BASIC, WHICH, BenchVault, Counter

WHO = Who(AREA, HISTORICAL.hex())
HELD = ("IRK", "RKSSSE", "PUK", "STKSSSE", "DPK", "UK4DF01", "RK1DF01")


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A vault with the bench's roots, entered by two custodians."""
    found = soft(tmp_path_factory.mktemp("vault") / "soft")
    found.start()
    custody = found.custody
    for name in HELD:
        row = key_row(name)
        for algorithm in (Algorithm.TRIPLE_DES, Algorithm.SM4):
            length = row.length if algorithm is Algorithm.TRIPLE_DES else 16
            enter(custody, KeyName(name, 1, algorithm), row.purpose, root(name, length))
    yield found
    found.end()


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
def test_a_whole_business_with_the_vault(stand: Stand, shape: Shape) -> None:
    """K3, J4: read, write, reset and pay; no key ever leaves the vault's process."""
    counter = Counter(new_card(shape))
    services = VaultServices(stand.vault, counter.settings)
    first = counter.out("iReadCardBas_HSM_Step1", "3")
    assert counter.out("iReadCardBas_HSM_Step2", services.internal(first)) == BASIC
    data = "DF01EF06|示例市幸福路１号|990100|$"
    first = counter.out("iWriteCard_HSM_Step1", "3", WHICH, "DF01EF06|23|24|$")
    counter.out("iWriteCard_HSM_Step2", services.external(WHO, first), data)
    first = counter.out("iReadCard_HSM_Step1", "3", WHICH, "DF01EF06|23|24|$")
    assert counter.out("iReadCard_HSM_Step2", services.external(WHO, first)) == data
    first = counter.out("iReloadPIN_HSM_Step1", "3", WHICH)
    key = services.external(WHO, first)
    second = counter.out("iReloadPIN_HSM_Step2", key, pins=["654321"] * 2)
    assert counter.code("iReloadPIN_HSM_Step3", services.message(WHO, second)) == 0
    pay = "10.00|5.00|20240102030405|"
    first = counter.out("iDoDebit_HSM_Step1", "3", WHICH, pay, pins=["654321"])
    assert counter.out("iDoDebit_HSM_Step2", services.purchase(WHO, first)).count("|") == 9


def test_the_vault_keeps_each_key_to_its_purpose(stand: Stand) -> None:
    """K5: a key named in the wrong place, or not held at all, is refused, not used."""
    services = VaultServices(stand.vault, Counter().settings)
    for address, reason in (("DPK", KeyReason.WRONG_PURPOSE), ("UK1DF03", KeyReason.UNKNOWN)):
        with pytest.raises(KeyRefused) as refused:
            services.external(WHO, f"03|{address}|{'0' * 16}|{'0' * 16}|")
        assert refused.value.reason is reason


def test_a_vault_that_is_gone_stops_the_business(stand: Stand, tmp_path: Path) -> None:
    """K5: nothing is answered in its place; the card is asked nothing more."""
    away = soft(tmp_path / "away")
    away.start()
    vault = away.vault
    away.kill()
    with pytest.raises(VaultGone):
        VaultServices(vault, Counter().settings).internal(
            Counter().out("iReadCardBas_HSM_Step1", "3")
        )


def test_a_page_is_told_when_the_vault_is_gone(stand: Stand) -> None:
    """K5, J4: the basic reading ends with -12, or -27272 for a key it lacks; no card is held."""
    counter = Counter()
    vault = BenchVault()
    vault.away = 1
    driver = counter.driver
    found = basic(driver, VaultServices(vault, counter.settings), "3")
    assert (found.code, driver.holds_a_card) == (Code.NOT_OPENED, False)
    named = VaultServices(stand.vault, counter.settings, {"IRK": "NOBODY"})
    found = basic(driver, named, "3")
    assert (found.code, driver.holds_a_card) == (Code.KEY_NOT_FOUND, False)


def test_a_key_without_an_address_is_asked_for_by_name(tmp_path: Path) -> None:
    """J4: the operator's table says where the machine keeps what; what it omits goes by name."""
    table = tmp_path / "addresses.csv"
    table.write_text("key,version,algorithm,address\nRKSSSE,1,sm4,0A01\n", "utf-8")
    counter = Counter(address_table=table)
    for files, address in (("SSSEEF06|08|$", "0A01"), ("DF01EF05|20|$", "RK1DF01")):
        first = counter.out("iReadCard_HSM_Step1", "3", WHICH, files)
        assert first.split("|")[1] == address
        assert counter.out("iReadCard_HSM_Step2", counter.services.external(WHO, first))
