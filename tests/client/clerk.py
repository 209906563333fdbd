"""A clerk's programme for the kill test: settles what it is given, however often it is started."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from minka.bench.kit_platform import Gate
from minka.client import (
    Ask,
    Bill,
    By,
    Client,
    Credential,
    Identity,
    Outcome,
    Refused,
    Site,
    State,
    Success,
    settled,
)
from minka.kit.clock import CHINA, wall
from minka.kit.secret import Clear

GATE = Gate()
FIRST = "P990100000001"


def open_client(path: str, url: str, ask: str, keys: tuple[str, str]) -> Client:
    """The client on its log, signed in."""
    site = Site(
        url,
        GATE.code,
        "演示医院",
        "990100",
        paasid=GATE.paasid,
        secret=GATE.secret,
        ask=Ask(ask),
        patience_ms=500,
    )
    client = Client(site, path, Identity(*(bytes.fromhex(key) for key in keys)))
    while not isinstance(client.sign_in("1"), Success):
        time.sleep(0.05)
    return client


def clear(client: Client) -> None:
    """Repair until nothing is open."""
    while client.log.in_state(State.OPEN) or client.log.in_state(State.REVERSING):
        client.repair()
        time.sleep(0.02)


def settle(client: Client, bill: Bill) -> Success:
    """Until the bill is settled; what is unknown is cleared up first."""
    while True:
        quoted = client.pre_settle(bill)
        found: Outcome = quoted
        if isinstance(quoted, Success):
            found = client.settle(bill, quoted)
            if isinstance(found, Success):
                return found
        if isinstance(found, Refused) and "重复" in found.message:
            raise SystemExit(f"settled without being known: {found}")
        clear(client)


def refund(client: Client, done: Success) -> None:
    """Until the money is back."""
    while not isinstance(client.refund(settled(done.output)), Success):
        clear(client)


def main(path: str, url: str, ask: str, public: str, private: str, card: str, *visits: str) -> None:
    """Work through the visits; every third one is refunded and stays so."""
    client = open_client(path, url, ask, (public, private))
    print("signed in", flush=True)
    clear(client)
    shown = Credential(By.CARD, Clear(card))
    for n, visit in enumerate(visits):
        number, _, mdtrt_id = visit.partition(":")
        bill = Bill(number, FIRST, mdtrt_id, shown, 1_000, batch=number)
        if n % 3 == 2 and is_refunded(client, mdtrt_id):
            continue
        done = settle(client, bill)
        if n % 3 == 2:
            refund(client, done)
    clear(client)
    print("done", flush=True)


def is_refunded(client: Client, mdtrt_id: str) -> bool:
    """Whether the day book has the refund of a visit already."""
    now = wall().astimezone(CHINA)
    days = [(now - timedelta(days=n)).strftime("%Y-%m-%d") for n in range(2)]
    rows = [row for day in days for row in client.book.lines(day)]
    return any(row.of_setl_id and row.mdtrt_id == mdtrt_id for row in rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
