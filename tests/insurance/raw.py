"""Messages whose key the test chooses, past the client's own care: again, late, out of order."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from minka.client.carrier import HttpCarrier
from minka.client.messenger import Call
from minka.kit.clock import CHINA
from tests.insurance.hall import AREA, CODES, Provider

_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out, however often."""

    infno: str
    msgid: str
    body: bytes = field(repr=False)

    @property
    def msg_no(self) -> int:
        """The number of its key."""
        return int(self.msgid[12:])


@dataclass(frozen=True, slots=True)
class Said:
    """An answer without what differs from delivery to delivery."""

    code: int
    words: str
    output: str

    @property
    def done(self) -> int:
        """One for success."""
        return int(self.code == 0)


def letter(provider: Provider, infno: str, psn_no: str = "", **nodes: Any) -> Letter:
    """A message under a key of its own."""
    now = datetime.now(CHINA)
    code = CODES[int(provider.client.site.paasid.removeprefix("test_"))]
    msgid = f"{code}{now:%Y%m%d}{spread(next(_serial))}"
    body = provider.client._body(Call(infno, nodes, psn_no, insuplc=str(AREA)), msgid, now)
    return Letter(infno, msgid, body)


def spread(serial: int) -> str:
    """A time of day and a sequence out of a counter: ten thousand numbers a second."""
    second, sequence = divmod(serial, 10_000)
    return f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}{sequence:04d}"


def again(given: Letter, provider: Provider, **nodes: Any) -> Letter:
    """Another content under the same key."""
    now = datetime.now(CHINA)
    body = provider.client._body(Call(given.infno, nodes, insuplc=str(AREA)), given.msgid, now)
    return Letter(given.infno, given.msgid, body)


def send(provider: Provider, given: Letter, carrier: HttpCarrier | None = None) -> Said:
    """Deliver once."""
    client = provider.client
    came = (carrier or client._carrier).carry(given.body, client._session)
    assert came.body, came
    read: Mapping[str, Any] = json.loads(came.body)
    output = json.dumps(read["output"], sort_keys=True, ensure_ascii=False)
    return Said(int(read["infcode"]), read["err_msg"] or "", output)
