"""Named queries: every statement the desk sends, in ``.sql`` files, one name each."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from psycopg.sql import SQL

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def _queries(file: str) -> dict[str, SQL]:
    text = (Path(__file__).parent / f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return {
        name: SQL(body.strip().rstrip(";"))
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def query(name: str) -> SQL:
    """The statement ``file.name`` of our own files; ``KeyError`` when there is none."""
    file, _, statement = name.partition(".")
    return _queries(file)[statement]
