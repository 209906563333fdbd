"""The demo bank: accounts it stops and resumes, each with its own instant and reference.

``python -m minka.bench.bank --port 8101``. Letters go to ``/orders``; ``/accounts`` shows all.
"""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

from minka.bench.server import Asked, Party, Reply, Server, json_reply, page
from minka.doors.outbox.signing import HEADER, BadSignature, verify
from minka.kit.clock import china_text, wall

EFFECTS = {"stop": "stopped", "resume": "resumed"}
PATH = "/orders"


@dataclass(frozen=True, slots=True)
class Account:
    """What the bank last did to the account behind a card."""

    effect: str
    at: str
    reference: str
    force: str
    until_at: str


class Bank(Party):
    """A bank that does each order once, however often it comes, and gives the same answer."""

    name = "demo-bank"

    def __init__(self, house: str = "") -> None:
        """``house`` is the public key that orders must be signed with; empty takes any."""
        super().__init__()
        self.house = house
        self.accounts: dict[str, Account] = {}
        self.orders: list[tuple[str, str, str]] = []
        """Every order that was carried out: key, order, card."""
        self.given: Counter[str] = Counter()
        """How often each order came in."""
        self._answers: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def letter(self, asked: Asked) -> Reply:
        """Carry out a signed order."""
        if asked.path != PATH:
            return json_reply({"error": f"orders go to {PATH}"}, 404)
        if self.house:
            try:
                verify(self.house, asked.body, asked.headers.get(HEADER.lower(), ""))
            except BadSignature as fault:
                return json_reply({"error": str(fault)}, 403)
        said = asked.json()
        key, order, card = str(said["key"]), str(said["order"]), str(said["card_number"])
        if order not in EFFECTS:
            return json_reply({"error": "no such order"}, 422)
        with self._lock:
            self.given[key] += 1
            if key not in self._answers:
                self._answers[key] = self._carry_out(key, order, card, said=said)
            return json_reply(self._answers[key])

    def _carry_out(
        self, key: str, order: str, card: str, *, said: dict[str, object]
    ) -> dict[str, str]:
        self.orders.append((key, order, card))
        at = max(wall(), datetime.fromisoformat(str(said["sent_at"]))).isoformat()
        reference = f"YH{len(self.orders):08d}"
        until = str(said.get("until_at") or "")
        force = str(said.get("force") or "")
        self.accounts[card] = Account(EFFECTS[order], at, reference, force, until)
        return {"key": key, "effect": EFFECTS[order], "at": at, "reference": reference}

    def show(self, asked: Asked) -> Reply:
        """The accounts, as JSON or as a page."""
        with self._lock:
            accounts = dict(self.accounts)
        if asked.path == "/accounts":
            return json_reply({card: asdict(account) for card, account in accounts.items()})
        lines = [
            (card, a.effect, china_text(datetime.fromisoformat(a.at)), a.reference)
            for card, a in accounts.items()
        ]
        heads = ("卡号 card", "账户 account", "时间 at", "凭证 reference")
        return page("示例银行 Demo bank", heads, lines, self.faults)


class BankServer(Server):
    """A demo bank that listens."""

    def __init__(self, bank: Bank, port: int = 0) -> None:
        super().__init__(bank, port)
        self.bank = bank

    @property
    def endpoint(self) -> str:
        """The address to enter as the bank's stop interface."""
        return self.url + PATH


def serve(port: int = 0, *, house: str = "") -> BankServer:
    """Start a demo bank on loopback; port 0 takes a free one."""
    return BankServer(Bank(house), port)


def main() -> None:
    """Run a demo bank until interrupted."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8101)
    options.add_argument("--house", default="", help="public key that orders must be signed with")
    given = options.parse_args()
    serve(given.port, house=given.house).wait()


if __name__ == "__main__":
    main()
