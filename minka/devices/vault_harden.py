"""What the operating system may do for a process that holds keys, asked of it as far as it will."""

from __future__ import annotations

import ctypes
import resource
from contextlib import suppress

_SET_DUMPABLE = 4
_LOCK_CURRENT, _LOCK_FUTURE = 1, 2


def harden() -> tuple[str, ...]:
    """No core dumps, no other process's debugger, no swapped memory; what of it was granted."""
    granted = []
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        granted.append("no core dumps")
    with suppress(OSError, AttributeError):
        system = ctypes.CDLL(None, use_errno=True)
        if system.prctl(_SET_DUMPABLE, 0, 0, 0, 0) == 0:
            granted.append("not to be debugged")
        if system.mlockall(_lockable()) == 0:
            granted.append("memory is not swapped")
    return tuple(granted)


def _lockable() -> int:
    """Future pages too, unless the limit would then end the process when it grows."""
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
        if hard == resource.RLIM_INFINITY:
            return _LOCK_CURRENT | _LOCK_FUTURE
    return _LOCK_CURRENT
