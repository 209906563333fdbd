"""Address tables of real machines are the operator's: read, checked, never guessed (J5)."""

from __future__ import annotations

import pytest

from minka.cipher.card_key import Algorithm
from minka.keys.address import AddressFault, demo_addresses, read_addresses
from minka.keys.script import INFORMATIVE, STANDARD, key_script, roots
from minka.keys.table import CardVersion
from minka.keys.vault import KeyName, KeyReason, KeyRefused

HEAD = "key,version,algorithm,address\n"


def test_a_table_says_where_each_version_of_a_key_lies() -> None:
    """J5: by name, version and algorithm; what is not there is refused by name."""
    table = read_addresses("# our machine\n" + HEAD + "IRK,1,sm4,0A01\nIRK,2,sm4,0A02\n\n")
    assert table.address(KeyName("IRK")) == "0A01"
    assert table.address(KeyName("IRK", 2)) == "0A02"
    for absent in (KeyName("PUK"), KeyName("IRK", 3), KeyName("IRK", 1, Algorithm.TRIPLE_DES)):
        with pytest.raises(KeyRefused) as caught:
            table.address(absent)
        assert caught.value.reason is KeyReason.UNKNOWN


def test_the_demo_table_serves_cards_of_every_version() -> None:
    """J5: invented, complete, and it says so."""
    for version in CardVersion:
        for algorithm in (Algorithm.TRIPLE_DES, Algorithm.SM4):
            script = key_script(version, algorithm, applications=(*STANDARD, *INFORMATIVE))
            found = [demo_addresses().address(key) for key in roots(script)]
            assert len(set(found)) == len(script)
            assert all(address.startswith("demo-") for address in found)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line"),
        ("IRK,1,sm4,0A01\n", "first line"),
        (HEAD + "IRK,1,sm4\n", "line 2"),
        (HEAD + "IRK,0,sm4,0A01\n", "line 2"),
        (HEAD + "IRK,1,aes,0A01\n", "line 2"),
        (HEAD + "IRK,1,sm4,0A 01\n", "line 2"),
        (HEAD + "I K,1,sm4,0A01\n", "line 2"),
        ("# a\n" + HEAD + "IRK,1,sm4,1\n\nIRK,1,sm4,2\n", "line 5: a key or an address"),
        (HEAD + "IRK,1,sm4,1\nPUK,1,sm4,1\n", "line 3: a key or an address"),
    ],
)
def test_a_table_with_a_mistake_is_not_read(text: str, why: str) -> None:
    """J5: the line is named; two keys at one address would be two functions of one key."""
    with pytest.raises(AddressFault, match=why):
        read_addresses(text)


def test_a_fault_shows_no_address() -> None:
    """P13: what an operator's document says stays out of logs."""
    with pytest.raises(AddressFault) as caught:
        read_addresses(HEAD + "IRK,1,sm4,SECRET PLACE\n")
    assert "SECRET" not in str(caught.value)
