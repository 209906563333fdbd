"""Reads the package's sources once, for the house tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef

PURE_ROOMS = {
    *("kit", "law", "cipher", "chip", "wire", "people", "cards", "accounts", "keys"),
    *("loss", "issue", "care", "clearing"),
}
"""Floors 0 to 5."""


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of ours: its path below the project, its room, its text and its tree."""

    path: str
    room: str
    lines: int
    tree: ast.Module

    def functions(self) -> Iterator[AnyFunction]:
        """Every function of the file, methods and inner ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def at(self, node: ast.stmt | ast.expr | ast.arg | ast.ExceptHandler, words: str = "") -> str:
        """Where a node stands, for a person to find."""
        return f"{self.path}:{node.lineno} {words}".rstrip()


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """The Python files below a folder of the project, in order."""
    return tuple(_read(path) for path in sorted((ROOT / folder).rglob("*.py")) if _is_ours(path))


def _is_ours(path: Path) -> bool:
    return not {"node_modules", "migrations"} & set(path.parts)


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    inside = path.relative_to(ROOT).parts
    room = inside[1] if len(inside) > 2 else ""
    return Module("/".join(inside), room, len(text.splitlines()), ast.parse(text))


@cache
def committed_texts() -> tuple[tuple[str, str], ...]:
    """Path and text of every committed text file, the licence and the locks included."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=True,
    )
    files = [name for name in listed.stdout.split("\0") if name]
    return tuple((name, text) for name in files if (text := _text(ROOT / name)) is not None)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return None  # a picture, or a file removed but not yet committed so


def is_endpoint(module: Module, function: AnyFunction) -> bool:
    """Whether a framework reads this function's signature as its users' interface.

    A command's options and an operation's parameters are named by whoever calls them from outside,
    so the house's limits on arguments do not fit them.
    """
    if module.room not in ("doors", "bench"):
        return False
    called = [mark.func for mark in function.decorator_list if isinstance(mark, ast.Call)]
    words = {mark.attr for mark in called if isinstance(mark, ast.Attribute)}
    return bool(words & {"command", "callback", "get", "post", "put", "patch", "delete"})
