"""What no committed file may hold: machine paths, download addresses, real people, loose ids."""

from __future__ import annotations

import csv
import re

import pytest

from minka.kit import identity
from tests.house.sources import ROOT, committed_texts

REFERENCE = ROOT.parent / "shared" / "reference"

MACHINE_PATH = re.compile(r"""(?m)(?:^|[\s"'=(:`])/(?:work|root|farm|tmp/m)(?:/|["'\s`]|$)""")
DOWNLOAD_ADDRESS = re.compile(
    r"(?i)pypi\.org/simple|files\.pythonhosted|registry\.npmjs|npmmirror|pypi\.tuna|mirrors?\.[a-z]+\."
    r"|--(?:extra-)?index-url|\"resolved\":|--find-links"
)
CITED = re.compile(r"\b(?:R[1-6]-\d{2}|[A-L][1-9]\d?|X[1-9]\d?)\b")
"""Ids of the mission and of the six real cities; invented cities are free to number theirs."""

LONG_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")

KEEPS_THE_RULE = {"tests/house/test_repository.py", "Makefile"}
"""Files that must name what they forbid."""


def hits(pattern: re.Pattern[str]) -> list[str]:
    """Each committed line that matches, as path, number and match."""
    return [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1} {found[0].strip()}"
        for path, text in committed_texts()
        if path not in KEEPS_THE_RULE
        for found in pattern.finditer(text)
    ]


def test_no_path_of_the_machine_it_was_written_on() -> None:
    """A newcomer's machine has other folders."""
    assert hits(MACHINE_PATH) == []


def test_no_download_address() -> None:
    """Packages come from wherever the reader's own tools are told to look."""
    assert hits(DOWNLOAD_ADDRESS) == []


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_locks_pin_every_package_by_hash(name: str) -> None:
    """A lock holds exact versions and hashes, no address and no unpinned line."""
    text = (ROOT / "requirements" / name).read_text()
    entries = [entry for entry in re.split(r"\n(?=[a-z0-9])", text) if not entry.startswith("#")]
    assert len(entries) > 40
    assert [
        e.split()[0] for e in entries if "==" not in e.split()[0] or "--hash=sha256:" not in e
    ] == []
    assert "://" not in text


def test_documents_hold_no_citizen_number() -> None:
    """A number that passes its check may be somebody's: documents show masked ones."""
    documents = [
        (p, t) for p, t in committed_texts() if p.endswith((".md", ".html", ".txt", ".rst"))
    ]
    assert [
        f"{path}: a number ending in {found[0][-4:]}"
        for path, text in documents
        if not path.startswith("requirements/")
        for found in LONG_NUMBER.finditer(text)
        if identity.fault(found[0].upper()) is None
    ] == []


def rule_ids() -> set[str]:
    """Every id of the mission and of the cities' rules, from the references beside the checkout."""
    with (REFERENCE / "mission.csv").open(encoding="utf-8") as file:
        mission = {row["id"] for row in csv.DictReader(file)}
    rules = set(re.findall(r"\bR[1-9]-\d{2}\b", (REFERENCE / "city-rules.md").read_text("utf-8")))
    return mission | rules


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the references do not lie beside this checkout")
def test_every_cited_id_exists() -> None:
    """A test or story that cites a rule nobody wrote proves nothing."""
    known = rule_ids()
    cited = {
        (path, found[0])
        for path, text in committed_texts()
        if path.startswith(("tests/", "docs/"))
        and path.endswith((".py", ".txt", ".md", ".story"))
        and not path.startswith("tests/house/")
        for found in CITED.finditer(text)
    }
    assert sorted(f"{path} cites {name}" for path, name in cited if name not in known) == []
