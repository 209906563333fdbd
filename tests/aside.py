"""Coroutines beside a test: a browser driven in the same worker leaves its loop running."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def aside(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run to its end in a thread and a loop of its own."""
    with ThreadPoolExecutor(1) as hand:
        return hand.submit(asyncio.run, work).result()
