"""One part of a running city, as a process of its own that ends when the city does."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the kernel (Linux) for SIGTERM when the process that started this one dies."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def web_command(port: int, *, workers: int = 2) -> list[str]:
    """The command line of the web door."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", "16"),
        *("--respawn-failed-workers", "--log-level", "error"),
        "minka.doors.web.wsgi:application",
    ]


def keep(folder: Path) -> None:
    """Wait until the city's own process is gone, then stop its database."""
    from minka.store.cluster import running

    os.read(0, 1)
    found = running(folder)
    if found is not None:
        found.stop()


def main(words: list[str]) -> None:
    """Be the part that the first word names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if words[0] == "keep":  # it must outlive the city by a moment
        keep(Path(words[1]))
        return
    end_with_parent()
    match words:
        case ["web", port]:
            os.execv(sys.executable, web_command(int(port)))
        case ["vault"]:
            from minka.doors.vault import run_vault

            run_vault()
        case ["worker"]:
            from minka.doors.outbox import run_worker

            run_worker()
        case ["switch", port, host_port]:
            from minka.doors.cli_switch import switch

            switch(port=int(port), host_port=int(host_port))
        case ["factory", pace]:
            from minka.bench.factory import run

            run(pace)
        case ["outside", web, *ports]:
            from minka.bench import outside

            outside.run(web, ports)
        case _:
            raise SystemExit(f"no such part: {words[0]}")


if __name__ == "__main__":
    main(sys.argv[1:])
