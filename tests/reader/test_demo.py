"""`minka reader serve --demo`: a vendor's page reads a virtual card without reader or key (J4)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minka.bench.card_maker import make
from minka.bench.chip_city import FOLDER, keep_image
from minka.doors.reader.demo import DemoReaders
from tests.card.world import SM4, blank
from tests.reader.command import PAGE, serving, socket
from tests.reader.serving import ask, say
from tests.reader.world import WHICH


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one virtual card in it."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    keep_image(folder / "M00000019.card", make(SM4, blank()))
    return tmp_path


def test_a_page_reads_and_writes_the_virtual_card(home: Path) -> None:
    """J4: the basic reading goes on with the demo province; a changed PIN stays on the card."""
    surroundings = {**os.environ, "MINKA_HOME": str(home)}
    with serving(["--demo"], surroundings) as at:
        with socket(at["own"]) as line:
            listed = ask(line, act="list")["readers"]
            assert listed == [{"name": "virtual:1", "card": True}]
            found = say(line, act="read", clear=True, files="SSSEEF05|07|$DF01EF06|23|$")
            assert found["card"]["name"] == "测试甲"
            assert found["items"]["SSSEEF05"] == {"07": "M00000019"}
        with socket(at["bizcode"]) as line:
            body = {"pOldPIN": "123456", "pNewPIN": "654321"}
            assert say(line, bizcode="1012", body=body)["recode"] == "0"
            assert say(line, bizcode="1011", body={"pPIN": "654321"})["recode"] == "0"
            asked = {"iAuthType": 1, "pCardInfo": WHICH, "pFileAddr": "DF01EF06|23|$"}
            read = say(line, bizcode="1005", body=asked | {"pPin": "654321"})
            assert read["body"]["pOutInfo"] == "DF01EF06||$"


@pytest.mark.parametrize(
    "surroundings", [{}, {"MINKA_PRODUCTION": "1"}], ids=["no cards", "production"]
)
def test_without_virtual_cards_it_says_so(tmp_path: Path, surroundings: dict[str, str]) -> None:
    """J4, T15: no card was made, or this is no demonstration: a sentence, and exit code 6."""
    words = [sys.executable, "-c", "from minka.doors.cli import main; main()"]
    done = subprocess.run(
        [*words, "reader", "serve", "--demo", "--page", PAGE],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "MINKA_HOME": str(tmp_path), **surroundings},
    )
    assert done.returncode == 6
    assert "虚拟卡" in done.stderr


def test_the_readers_of_a_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """J4: each card has its reader, and its memory is kept between two connections."""
    monkeypatch.setenv("MINKA_HOME", str(home))
    readers = DemoReaders()
    assert readers.names() == ("virtual:1",)
    card = readers.connect("virtual:1")
    assert card.reset() == card.atr
    assert card.transmit(bytes.fromhex("0020000003111111")) == b"\x63\xc5"
    with card.transaction():
        card.close()
    card.close()
    card = readers.connect("virtual:1")
    assert card.transmit(bytes.fromhex("0020000000")) == b"\x63\xc5"
    card.close()
