"""Log lines without personal text: where a fault was and of what kind, not what it said."""

from __future__ import annotations

import logging
import re
from traceback import extract_tb
from types import TracebackType

_LONG_NUMBER = re.compile(r"\d{11,}[\dXx]?")
"""Telephone, identity, card and account numbers have eleven digits and more."""


_NAME = re.compile(
    r"[^\x00-\x7f]+|(?:%[0-9A-Fa-f]{2})+|(?:\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}))+"
)
"""A name somebody typed into an address, as it is, as the address spells it, or as Django does."""


class QuietFormatter(logging.Formatter):
    """Time, level, logger, message; long numbers and names are blotted out, and what was said."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with every long number and every name blotted out."""
        return _NAME.sub("[text]", _LONG_NUMBER.sub("[number]", super().format(record)))

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Each cause by its type and place; its message may hold what somebody typed."""
        lines: list[str] = []
        fault = ei[1]
        while fault is not None:
            frames = extract_tb(fault.__traceback__)
            places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            lines += [f"{type(fault).__module__}.{type(fault).__qualname__}", *places]
            fault = fault.__cause__ or fault.__context__
        return "\n  ".join(lines)


def configuration() -> dict[str, object]:
    """Django's ``LOGGING``: warnings and worse to the error stream, quietly formatted."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "quiet": {
                "()": "minka.doors.web.logs.QuietFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "quiet"}},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
