"""The fast way through a bitmap that comes often: one function written and compiled for it.

The text of such a function is made from a dialect's numbers alone, never from a message. It gives
``None`` at the least doubt; then the readers and writers, which are slow and exact, say what is
wrong or do the work. Both ways accept the same messages, and tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from minka.wire.iso8583.dialect import Coding, Dialect, FieldShape, Kind, Side
from minka.wire.iso8583.message import Value
from minka.wire.iso8583.readers import lengths
from minka.wire.iso8583.runs import Coded, Run, runs

FastReader: TypeAlias = Callable[[bytes, int], dict[int, Value] | None]
FastWriter: TypeAlias = Callable[[Mapping[int, Value]], bytes | None]

_DOUBTS = "(IndexError, ValueError, TypeError, KeyError, AttributeError)"


def fast_reader(dialect: Dialect, shapes: Sequence[FieldShape]) -> FastReader:
    """The fields of one bitmap, from a place in the bytes to their very end; None at any doubt."""
    lines, found = list[str](), list[str]()
    for run in runs(dialect, shapes):
        body, fields = _read_variable(dialect, run) if _varies(run) else _read_run(run)
        lines += body
        found += fields
    ending = ["if at != len(raw): return None", f"return {{{', '.join(found)}}}"]
    made: FastReader = _function("raw, at", [*lines, *ending], dialect)
    return made


def fast_writer(dialect: Dialect, shapes: Sequence[FieldShape], head: bytes) -> FastWriter:
    """The bytes of one set of fields behind its bitmap ``head``; None at any doubt."""
    lines, parts = list[str](), [repr(head)]
    for run in runs(dialect, shapes):
        body, written = _write_variable(dialect, run) if _varies(run) else _write_run(run)
        lines += body
        parts += written
    ending = f"return b''.join(({', '.join(parts)},))"
    made: FastWriter = _function("held", [*lines, ending], dialect)
    return made


def _function(arguments: str, lines: Sequence[str], dialect: Dialect) -> Any:
    inside = "\n".join(f"        {line}" for line in lines)
    text = (
        f"def fast({arguments}):\n    try:\n{inside}\n    except {_DOUBTS}:\n        return None\n"
    )
    names: dict[str, Any] = {f"size_of_{n}": lengths(dialect.lengths, n)[0] for n in (2, 3)}
    names |= {f"size_as_{n}": _written_sizes(dialect, n) for n in (2, 3)}
    exec(compile(text, f"<{dialect.name}>", "exec"), names)  # noqa: S102 - made of numbers alone
    return names["fast"]


def _written_sizes(dialect: Dialect, digits: int) -> tuple[bytes, ...]:
    """The length of a field as it is written, by the length; as many as there can be."""
    written = {size: raw for raw, size in lengths(dialect.lengths, digits)[0].items()}
    return tuple(written[size] for size in range(10**digits))


def _varies(run: Run) -> int:
    return int(run.coded is Coded.VARIABLE)


def _read_run(run: Run) -> tuple[Iterator[str], list[str]]:
    """Lines that read a run, and the entries of its fields."""
    name = f"r{run.numbers[0]}"
    ends = zip(run.numbers, run.spans, strict=True)
    fields = [f"{number}: {name}[{start}:{end}]" for number, (start, end) in ends]
    return _run_lines(run, name), fields


def _run_lines(run: Run, name: str) -> Iterator[str]:
    piece = f"raw[at:at + {run.bytes_whole}]"
    if run.coded is Coded.PACKED:
        yield f"{name} = {piece}.hex()"
        zeros = [f"{name}[{place}] != '0'" for place in run.pads]
        yield f"if {' or '.join([f'not {name}.isdecimal()', *zeros])}: return None"
    elif run.coded is Coded.BYTES:
        yield f"{name} = {piece}"
    else:
        yield f"{name} = {piece}.decode('ascii')"
        yield f"if not {name}.{_good(run)}(): return None"
    yield f"at += {run.bytes_whole}"


def _good(run: Run) -> str:
    return "isprintable" if run.coded is Coded.TEXT else "isdecimal"


def _read_variable(dialect: Dialect, run: Run) -> tuple[Iterator[str], list[str]]:
    (shape,) = run.shapes
    return _variable_lines(dialect, shape), [f"{shape.number}: v{shape.number}"]


def _variable_lines(dialect: Dialect, shape: FieldShape) -> Iterator[str]:
    name = f"v{shape.number}"
    width = lengths(dialect.lengths, shape.length_digits)[1]
    packed = dialect.digits is Coding.BCD and shape.kind in (Kind.DIGITS, Kind.TRACK)
    yield f"size = size_of_{shape.length_digits}[raw[at:at + {width}]]"
    yield f"if size > {shape.size}: return None"
    yield f"at += {width} + " + ("(size + 1) // 2" if packed else "size")
    begin = "at - " + ("(size + 1) // 2" if packed else "size")
    if shape.kind is Kind.BYTES:
        yield f"{name} = raw[{begin}:at]"
    elif packed:
        cut = "[:size]" if dialect.odd is Side.RIGHT else "[size % 2:]"
        pad = "[-1]" if dialect.odd is Side.RIGHT else "[0]"
        yield f"{name} = raw[{begin}:at].hex()"
        yield f"if not {name}.isdecimal() or (size % 2 and {name}{pad} != '0'): return None"
        yield f"{name} = {name}{cut}"
    else:
        yield f"{name} = raw[{begin}:at].decode('ascii')"
        yield f"if not {name}.{_test(shape)}(): return None"


def _test(shape: FieldShape) -> str:
    """Track data take the slow way when they hold their separator."""
    return "isdecimal" if shape.kind in (Kind.DIGITS, Kind.TRACK) else "isprintable"


def _write_run(run: Run) -> tuple[Iterator[str], list[str]]:
    names = [f"w{number}" for number in run.numbers]
    if run.coded is Coded.BYTES:
        return _sized(run), names
    joined = f"j{run.numbers[0]}"
    made = f"bytes.fromhex({joined})" if run.coded is Coded.PACKED else f"{joined}.encode('ascii')"
    return _joined_lines(run, joined), [made]


def _sized(run: Run) -> Iterator[str]:
    """Lines that fetch the values of a run and check their lengths."""
    for number in run.numbers:
        yield f"w{number} = held[{number}]"
    sizes = zip(run.numbers, run.sizes, strict=True)
    wrong = " or ".join(f"len(w{number}) != {size}" for number, size in sizes)
    yield f"if {wrong}: return None"


def _joined_lines(run: Run, joined: str) -> Iterator[str]:
    yield from _sized(run)
    zero = "'0' + " if run.coded is Coded.PACKED else ""
    odd = zip(run.numbers, run.sizes, strict=True)
    yield f"{joined} = " + " + ".join((zero if size % 2 else "") + f"w{n}" for n, size in odd)
    yield f"if not ({joined}.isascii() and {joined}.{_good(run)}()): return None"


def _write_variable(dialect: Dialect, run: Run) -> tuple[Iterator[str], list[str]]:
    (shape,) = run.shapes
    name = f"w{shape.number}"
    size = f"size_as_{shape.length_digits}[len({name})]"
    return _write_lines(dialect, shape, name), [size, f"c{shape.number}"]


def _write_lines(dialect: Dialect, shape: FieldShape, name: str) -> Iterator[str]:
    content = f"c{shape.number}"
    packed = dialect.digits is Coding.BCD and shape.kind in (Kind.DIGITS, Kind.TRACK)
    yield f"{name} = held[{shape.number}]"
    yield f"if len({name}) > {shape.size}: return None"
    if shape.kind is Kind.BYTES:
        yield f"{content} = {name}"
        return
    yield f"if not ({name}.isascii() and {name}.{_test(shape)}()): return None"
    if packed:
        filled = f"{name} + '0'" if dialect.odd is Side.RIGHT else f"'0' + {name}"
        yield f"{content} = bytes.fromhex({filled} if len({name}) % 2 else {name})"
    else:
        yield f"{content} = {name}.encode('ascii')"
