"""Nothing a person typed reaches the log."""

from __future__ import annotations

import logging
import sys

from minka.doors.web.logs import QuietFormatter


def _line(message: str, *values: object) -> str:
    record = logging.LogRecord("web", logging.ERROR, __file__, 1, message, values, sys.exc_info())
    return QuietFormatter("%(levelname)s %(message)s").format(record)


def test_numbers_are_blotted_out() -> None:
    """Identity and telephone numbers of an address do not stand in the line."""
    line = _line("Not Found: %s", "/330102199001011234/13800138000/33010219900101123X")
    assert line.startswith("ERROR Not Found: /[number]/[number]/[number]")


def test_names_are_blotted_out() -> None:
    """P13: a name in an address, as typed and as spelt there."""
    line = _line("Not Found: %s", "/张晶珲/%E5%BC%A0%E6%99%B6/\\u5f20\\u6627\\xe9/page")
    assert line.startswith("ERROR Not Found: /[text]/[text]/[text]/page")


def test_a_fault_keeps_its_words() -> None:
    """A fault shows its type and place, its causes too, and none of their words."""
    try:
        try:
            int("王小明")
        except ValueError as fault:
            raise KeyError("110105199003070021") from fault
    except KeyError:
        line = _line("Internal Server Error")
    assert "builtins.KeyError" in line
    assert "builtins.ValueError" in line
    assert "test_a_fault_keeps_its_words" in line
    assert "王" not in line
    assert "110105" not in line
