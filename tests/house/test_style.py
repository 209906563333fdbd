"""The style of the house, on every file of the package (STYLE: the house style)."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator

import pytest

from tests.house.sources import ROOT, AnyFunction, Module, is_endpoint, modules

LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
MOST_POSITIONAL = 4

VAGUE = {"manager", "utils", "helper", "helpers", "common", "base", "misc"}
FRAMEWORKS_OWN = {
    *("process_request", "process_response", "process_view", "process_exception"),
    "process_template_response",
}
"""Names Django gives to a middleware's methods."""

MONEY_ROOMS = {
    *("kit", "law", "people", "cards", "accounts", "loss", "issue", "care", "clearing"),
    *("store", "desk"),
}
CLOCK_ROOMS = frozenset({"doors", "bench", "client"})
CLOCK_MODULE = "minka/kit/clock.py"
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "timezone.localtime"),
}

SOURCES = modules("minka")
EVERYTHING = SOURCES + modules("tests")


def length(function: AnyFunction) -> int:
    """Lines of a function from its ``def`` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def dotted(node: ast.expr) -> str:
    """``datetime.now`` of ``datetime.datetime.now``: the last two names of a chain."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def defined_names(module: Module) -> Iterator[tuple[str, int]]:
    """Every name a file gives: its own, its classes', functions', arguments' and variables'."""
    yield module.path.rpartition("/")[2].removesuffix(".py"), 1
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno


def is_vague(name: str) -> bool:
    """Whether a name says nothing: one of the vague words as a whole part of it."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")
    verb = len(words) > 1 and words[0] in ("process", "handle") and name not in FRAMEWORKS_OWN
    return verb or bool(VAGUE & set(words))


def all_arguments(function: AnyFunction) -> list[ast.arg]:
    """Every argument a function declares."""
    arguments = function.args
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def positional(function: AnyFunction) -> list[str]:
    """The arguments that may be given by place, without ``self`` and ``cls``."""
    names = [argument.arg for argument in function.args.posonlyargs + function.args.args]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def is_boolean(annotation: ast.expr | None) -> bool:
    """Whether an annotation admits ``bool`` itself, alone or in a union."""
    match annotation:
        case ast.Name(id="bool"):
            return True
        case ast.BinOp(left=left, right=right):
            return is_boolean(left) or is_boolean(right)
        case _:
            return False


def test_no_function_is_too_long() -> None:
    """Sixty lines are one screen; the wish is under ten."""
    assert [
        module.at(function, f"{function.name} has {length(function)} lines")
        for module in EVERYTHING
        for function in module.functions()
        if length(function) > LONGEST_FUNCTION
    ] == []


def test_half_of_all_functions_are_short() -> None:
    """The median stays under ten lines."""
    lengths = [length(function) for module in SOURCES for function in module.functions()]
    assert statistics.median(lengths) < 10


def test_no_module_is_too_long() -> None:
    """Four hundred lines are what a reader holds at once."""
    found = {module.path: module.lines for module in EVERYTHING}
    assert {path: lines for path, lines in found.items() if lines > LONGEST_MODULE} == {}


def test_few_arguments_go_by_place() -> None:
    """More than four are given by name."""
    assert [
        module.at(function, f"{function.name} takes {len(positional(function))} by place")
        for module in SOURCES
        for function in module.functions()
        if len(positional(function)) > MOST_POSITIONAL and not is_endpoint(module, function)
    ] == []


def test_no_name_is_vague() -> None:
    """A name says what the office does, not that something is done."""
    assert [
        f"{module.path}:{line} {name}"
        for module in SOURCES
        for name, line in defined_names(module)
        if is_vague(name)
    ] == []


@pytest.mark.parametrize(
    "name", ["CardManager", "base_url", "handle_loss", "_helper", "date_utils"]
)
def test_vague_names_are_noticed(name: str) -> None:
    """The rule above sees the words in every spelling."""
    assert is_vague(name)


@pytest.mark.parametrize("name", ["database", "handle", "processing", "commonly", "baseline"])
def test_plain_names_are_left_alone(name: str) -> None:
    """Only whole words count."""
    assert not is_vague(name)


def test_no_float_near_money() -> None:
    """Money is integer fen (invariant of the books); the rooms that touch it know no float."""
    assert [
        module.at(node)
        for module in SOURCES
        if module.room in MONEY_ROOMS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id == "float"
    ] == []


def test_only_the_clock_reads_the_clock() -> None:
    """Time comes in as an argument (ARCHITECTURE, rule 1), or no decision can be replayed."""
    assert [
        module.at(node, dotted(node.func))
        for module in SOURCES
        if module.room not in CLOCK_ROOMS and module.path != CLOCK_MODULE
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in CLOCKS
    ] == []


def test_only_doors_catch_everything() -> None:
    """Inside, a fault that nobody expected must be seen."""
    assert [
        module.at(node)
        for module in SOURCES
        if module.room != "doors"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or dotted(node.type) in ("Exception", "BaseException"))
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    """A file begins with a docstring whose first line is one sentence."""
    assert [
        module.path
        for module in EVERYTHING
        if not re.match(r".+[.。:!?]$", (ast.get_docstring(module.tree) or "").partition("\n")[0])
    ] == []


def test_no_argument_is_a_yes_or_no() -> None:
    """A call with True in it cannot be read; an Enum or two functions can."""
    assert [
        module.at(argument, f"{function.name}({argument.arg})")
        for module in SOURCES
        for function in module.functions()
        for argument in all_arguments(function)
        if is_boolean(argument.annotation) and not is_endpoint(module, function)
    ] == []


def test_no_statement_takes_the_transactions_time() -> None:
    """In SQL a card's time is its own clock's, never the time at which the transaction began.

    ``now()`` stands still while a statement waits for a lock, so a use could be dated before the
    report it waited for (safety: P1, P2).
    """
    frozen = re.compile(
        r"\b(now|transaction_timestamp)\s*\(|\b(current|local)_?time(stamp)?\b", re.I
    )
    files = sorted((ROOT / "minka").rglob("*.sql"))
    assert files, "no SQL was found at all"
    assert [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if frozen.search(line.partition("--")[0])
    ] == []
