"""The demo SMS centre: keeps each text once and lets a tester read what a telephone received.

``python -m minka.bench.sms --port 8102``. Letters go to ``/messages``; a POST of ``phone`` to
``/inbox`` gives one telephone's texts as JSON; ``/messages.json`` gives all; ``/`` is a page.
"""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from dataclasses import asdict, dataclass

from minka.bench.server import Asked, Party, Reply, Server, json_reply, page
from minka.doors.outbox.signing import HEADER, BadSignature, verify
from minka.kit.clock import china_text, wall

PATH = "/messages"


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it arrived."""

    key: str
    phone: str
    text: str
    at: str


class SmsCentre(Party):
    """Takes each text once, however often it comes."""

    name = "demo-sms"

    def __init__(self, house: str = "") -> None:
        """``house`` is the public key that letters must be signed with; empty takes any."""
        super().__init__()
        self.house = house
        self.given: Counter[str] = Counter()
        self._texts: dict[str, Text] = {}
        self._lock = threading.Lock()

    def letter(self, asked: Asked) -> Reply:
        """Keep a text."""
        if asked.path != PATH:
            return json_reply({"error": f"texts go to {PATH}"}, 404)
        if self.house:
            try:
                verify(self.house, asked.body, asked.headers.get(HEADER.lower(), ""))
            except BadSignature as fault:
                return json_reply({"error": str(fault)}, 403)
        said = asked.json()
        key = str(said["key"])
        text = Text(key, str(said["phone"]), str(said["text"]), china_text(wall()))
        with self._lock:
            self.given[key] += 1
            self._texts.setdefault(key, text)
        return json_reply({"key": key, "taken": "yes"})

    def inbox(self, phone: str) -> list[str]:
        """The texts of one telephone in the order they came."""
        with self._lock:
            return [each.text for each in self._texts.values() if each.phone == phone]

    def texts(self) -> list[Text]:
        """Every text in the order they came."""
        with self._lock:
            return list(self._texts.values())

    def show(self, asked: Asked) -> Reply:
        """All texts or one telephone's, as JSON or as a page."""
        if asked.path == "/inbox":
            return json_reply(self.inbox(asked.form().get("phone", "")))
        found = self.texts()
        if asked.path == "/messages.json":
            return json_reply([asdict(each) for each in found])
        lines = [(each.at, each.phone, each.text) for each in reversed(found)]
        heads = ("时间 at", "手机 phone", "内容 text")
        return page("示例短信中心 Demo SMS centre", heads, lines, self.faults)


class SmsServer(Server):
    """A demo SMS centre that listens."""

    def __init__(self, centre: SmsCentre, port: int = 0) -> None:
        super().__init__(centre, port)
        self.centre = centre

    @property
    def endpoint(self) -> str:
        """The address for ``MINKA_SMS_ENDPOINT``."""
        return self.url + PATH


def serve(port: int = 0, *, house: str = "") -> SmsServer:
    """Start a demo SMS centre on loopback; port 0 takes a free one."""
    return SmsServer(SmsCentre(house), port)


def main() -> None:
    """Run a demo SMS centre until interrupted."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8102)
    options.add_argument("--house", default="", help="public key that letters must be signed with")
    given = options.parse_args()
    serve(given.port, house=given.house).wait()


if __name__ == "__main__":
    main()
