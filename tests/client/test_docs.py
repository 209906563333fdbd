"""The example of docs/client.md runs as it stands (I9)."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from minka.bench import kit_client, kit_server
from minka.bench.kit_faults import Fault
from minka.bench.kit_serve import served
from minka.client import Client


def test_the_example_runs(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Against a served kit, in a folder of its own."""
    text = (project / "docs" / "client.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    stage = served([])
    (tmp_path / "visit.py").write_text(code, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "visit.py"), init_globals={"KIT": stage.target})
    names["client"].close()
    stage.stop()
    assert "receipt" in capsys.readouterr().out
    assert (tmp_path / "outbound.db").exists()


def test_the_pages_name_every_call_fault_and_count(project: Path) -> None:
    """A call, a fault or a case that is added shows in the pages."""
    client = (project / "docs" / "client.md").read_text(encoding="utf-8")
    kit = (project / "docs" / "kit.md").read_text(encoding="utf-8")
    calls = {name for name in vars(Client) if not name.startswith("_")} - {"close"}
    assert {name for name in calls if f"`{name}`" not in client} == set()
    assert {each.title for each in Fault if f"`{each.title}`" not in kit} == set()
    assert f"{len(kit_server.CASES)} cases" in kit
    assert f"{len(kit_client.CASES)} cases" in kit
