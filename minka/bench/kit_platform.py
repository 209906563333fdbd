"""A platform in memory that keeps every promise: one message, one effect, one answer, for ever.

It stands in for the switch where a vendor wants an answer in milliseconds and no database: the
kit's faults are put in front of it. Sign-ins, seals and messages are those of the real one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from minka.bench import kit_books
from minka.bench.kit_acts import ACTS, Act
from minka.bench.kit_books import Books, No
from minka.cipher.mac import MacKind, MessageMac, verify, wrap
from minka.client.gateway import MAC, SESSION, SM2, signed
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.wire.insurance import gateway
from minka.wire.insurance.faults import Faulty
from minka.wire.insurance.gateway import NONCE, TIMESTAMP
from minka.wire.insurance.gateway import Gate as Gateway
from minka.wire.insurance.registry import registry

encoded = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode
"""JSON whose numbers are the exact digits of our decimals."""
_HEX = re.compile("([0-9a-fA-F]{2})+")

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may enter: a provider's code and secret, and the public SM2 key of its software."""

    code: str = "H99010000001"
    paasid: str = "kit"
    secret: str = "kit-secret"
    public_key: bytes = b""


class Platform:
    """One provider's platform; every method may be called from any thread."""

    def __init__(self, gate: Gate | None = None, books: Books | None = None) -> None:
        self.gate = gate or Gate()
        self.books = books or kit_books.town()
        self.sessions: dict[str, MessageMac] = {}
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self._serial = 0

    def answer(self, headers: Headers, body: bytes) -> Answer:
        """The answer to one delivery."""
        with self._lock:
            came = {name.lower(): value for name, value in headers.items()}
            at = datetime.now(CHINA)
            refused = self._at_the_gate(came, body)
            if refused:
                return self._sealed(came, 401, self._envelope(at, {}, refused))
            status, said = self._read(came, body)
            return self._sealed(came, status, self._envelope(at, *said))

    def _at_the_gate(self, came: Headers, body: bytes) -> str:
        """Why nothing is looked at; empty when it is."""
        gate = Gateway({self.gate.paasid: self.gate.secret})
        found = gateway.check(gate, came, now_seconds=int(time.time()), seen=self._nonces)
        if isinstance(found, Refused):
            return found.say()
        self._nonces.add(came[NONCE])
        if SESSION in came and not self._is_sealed(came, body):
            return "会话已失效或报文认证码不对"
        return ""

    def _is_sealed(self, came: Headers, body: bytes) -> bool:
        mac = self.sessions.get(came[SESSION])
        if mac is None:
            return False
        return mac.fits_hex(came[TIMESTAMP], came[NONCE], body, code=came.get(MAC, ""))

    def _read(self, came: Headers, body: bytes) -> tuple[int, tuple[dict[str, Any], str]]:
        checked = registry().read(body)
        if isinstance(checked, Faulty):
            return 200, ({}, checked.say())
        message: dict[str, Any] = json.loads(body, parse_float=Decimal)
        if message["fixmedins_code"] != self.gate.code:
            return 200, ({}, "定点医药机构编号与接入方不符")
        if message["msgid"][:12] != self.gate.code:
            return 200, ({}, "报文编号不是本机构的")
        return 200, self._once(came, message, body)

    def _once(
        self, came: Headers, message: dict[str, Any], body: bytes
    ) -> tuple[dict[str, Any], str]:
        """The stored answer of a message that came before; else the act and its answer."""
        msgid, digest = message["msgid"], hashlib.sha256(body).digest()
        if msgid in self.books.answers:
            before, said = self.books.answers[msgid]
            if not hmac.compare_digest(before, digest):
                return {}, "同一报文编号的内容与上次不同"
            return said["output"], said["error"]
        output, error = self._act(came, message, body)
        self.books.answers[msgid] = digest, {"output": output, "error": error}
        return output, error

    def _act(
        self, came: Headers, message: dict[str, Any], body: bytes
    ) -> tuple[dict[str, Any], str]:
        infno, msgid = message["infno"], message["msgid"]
        try:
            if msgid in self.books.tombstones:
                raise No("该报文已先被冲正")
            if infno == "9001":
                return self._sign_in(came, body), ""
            if infno == "9002":
                self.sessions.pop(message["input"]["signOut"]["sign_no"], None)
                return {"signoutoutb": {"sign_time": _clock(self.books)}}, ""
            act = ACTS.get(infno)
            if act is None:
                raise No(f"本平台不办理交易{infno}")
            return act(Act(self.books, message["input"], msgid, infno)), ""
        except No as refused:
            return {}, str(refused)

    def _sign_in(self, came: Headers, body: bytes) -> dict[str, Any]:
        number = f"Q{secrets.token_hex(8)}"
        node: dict[str, Any] = {"sign_time": _clock(self.books), "sign_no": number}
        if SM2 in came:
            code = came[SM2]
            text = bytes.fromhex(code) if _HEX.fullmatch(code) else b""
            if not verify(self.gate.public_key, signed(came, body), text):
                raise No("签到签名不对")
            key = secrets.token_bytes(MacKind.SM4_CMAC.key_bytes)
            self.sessions[number] = MessageMac(MacKind.SM4_CMAC, key)
            node["expContent"] = wrap(self.gate.public_key, key).hex()
        return {"signinoutb": node}

    def _envelope(self, at: datetime, output: dict[str, Any], error: str) -> dict[str, Any]:
        self._serial += 1
        stamp = at.strftime("%Y%m%d%H%M%S")
        return {
            "infcode": -1 if error else 0,
            "inf_refmsgid": f"{kit_books.AREA}{stamp}{self._serial:010d}",
            "refmsg_time": stamp + f"{at.microsecond // 1000:03d}",
            "respond_time": datetime.now(CHINA).strftime("%Y%m%d%H%M%S%f")[:17],
            "err_msg": error[:200],
            "warn_msg": "",
            "cainfo": "",
            "signtype": "",
            "output": output,
        }

    def _sealed(self, came: Headers, status: int, said: dict[str, Any]) -> Answer:
        """The bytes, sealed when the message came in a session."""
        body = encoded(said)
        return self._sealed_bytes(came, status, body)

    def _sealed_bytes(self, came: Headers, status: int, body: bytes) -> Answer:
        stamp = str(int(time.time()))
        headers = {"content-type": "application/json; charset=utf-8", TIMESTAMP: stamp}
        mac = self.sessions.get(came.get(SESSION, ""))
        if mac is not None:
            headers[MAC] = mac.code(stamp, came.get(NONCE, ""), body).hex()
        return Answer(status, body, headers)

    def sealed(self, headers: Headers, status: int, body: bytes) -> Answer:
        """Another body for the same request, sealed for its session."""
        came = {name.lower(): value for name, value in headers.items()}
        return self._sealed_bytes(came, status, body)

    # The world moves: what a bureau or another counter does meanwhile.

    def cut_day(self) -> None:
        """The platform's clock stands on the next day."""
        with self._lock:
            self.books.day_shift += timedelta(days=1)

    def block_card(self, psn_no: str) -> None:
        """The person reports the card lost."""
        with self._lock:
            self.books.people[psn_no].blocked = "lost"

    def refund_elsewhere(self, setl_id: str) -> None:
        """The bureau takes a settlement back on its own side."""
        with self._lock:
            entry = self.books.entries[setl_id]
            self.books.undo(entry, "refund", "", "2208")


def _clock(books: Books) -> str:
    return books.now().strftime("%Y-%m-%d %H:%M:%S")
