"""Reading YAML strictly: every key once, and a mistake known by its line."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # pragma: no cover - PyYAML without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class TwiceError(ValueError):
    """A key stands twice in one mapping."""

    def __init__(self, key: str, line: int) -> None:
        self.key, self.line = key, line
        super().__init__(f"{key} is written twice (line {line})")


class BrokenError(ValueError):
    """The text is no YAML."""

    def __init__(self, problem: str, line: int) -> None:
        self.problem, self.line = problem, line
        super().__init__(f"line {line}: {problem}")


class _Loader(_SafeLoader):
    """PyYAML lets the last of two equal keys win; a second dated line must not vanish so."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in made:
            raise TwiceError(str(key), key_node.start_mark.line + 1)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def load(text: str) -> Any:
    """The content of a YAML text; ``TwiceError`` or ``BrokenError``."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        problem = getattr(fault, "problem", None) or "unreadable"
        raise BrokenError(str(problem), mark.line + 1 if mark else 1) from fault
