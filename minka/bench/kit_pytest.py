"""The kit as tests of a vendor's run: ``pytest -p minka.bench.kit_pytest --kit-url URL``.

``--kit-client COMMAND`` tries a client's driver instead, ``--kit-with FILE`` gives a platform's
test data, ``--kit-case WORD`` chooses. Each case is one test with its own name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from minka.bench import kit_client, kit_server
from minka.bench.kit_case import Result, Verdict, chosen
from minka.bench.kit_driver import CommandDriver
from minka.bench.kit_probe import Target
from minka.bench.kit_serve import target


class NotSo(Exception):
    """A case that did not hold."""


class KitItem(pytest.Item):
    """One case."""

    def __init__(self, *, try_it: Callable[[], Result], **words: Any) -> None:
        super().__init__(**words)
        self._try_it = try_it

    def runtest(self) -> None:
        """Play it."""
        found = self._try_it()
        if found.verdict is Verdict.SKIPPED:
            pytest.skip(found.seen)
        if found.verdict is Verdict.FAILED:
            why = f"{found.why.zh_hans}\n{found.why.en}"
            raise NotSo(f"{why}\n应当 · expected: {found.expected}\n实际 · seen: {found.seen}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was expected and seen, without a trace of the kit's inside."""
        if isinstance(excinfo.value, NotSo):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The case's name."""
        return Path(__file__), None, self.name


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the kit."""
    group = parser.getgroup("minka kit")
    group.addoption("--kit-url", default="", help="A platform to try.")
    group.addoption("--kit-client", default="", help="The command of a client's driver to try.")
    group.addoption("--kit-with", default=None, type=Path, help="A platform's test data, JSON.")
    group.addoption("--kit-case", default="", help="Only cases whose name holds this word.")


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """The cases asked for stand behind the run's own tests."""
    url, command = config.getoption("--kit-url"), config.getoption("--kit-client")
    part = config.getoption("--kit-case")
    if url:
        known = target(url, config.getoption("--kit-with"))
        items.extend(
            _item(session, each.name, partial(_server, known, each.name))
            for each in chosen(kit_server.CASES, part)
        )
    if command:
        items.extend(
            _item(session, each.name, partial(_client, command, each.name))
            for each in chosen(kit_client.CASES, part)
        )


def _item(session: pytest.Session, name: str, try_it: Callable[[], Result]) -> KitItem:
    made: KitItem = KitItem.from_parent(session, name=name, try_it=try_it)
    return made


def _server(known: Target, name: str) -> Result:
    return next(each for each in kit_server.check(known, name) if each.name == name)


def _client(command: str, name: str) -> Result:
    results = kit_client.check(lambda setting: CommandDriver(command, setting), name)
    return next(each for each in results if each.name == name)
