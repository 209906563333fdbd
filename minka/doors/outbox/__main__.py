"""``python -m minka.doors.outbox``: deliver what lies in the outbox until interrupted."""

from __future__ import annotations

from minka.doors.outbox import run_worker

if __name__ == "__main__":
    run_worker()
