"""Who speaks: applications the gateway knows, sessions begun with SM2, and a seal on each message.

A session's key is made at sign-in, goes out encrypted to the client's SM2 key, and is kept sealed
in the register, so that a restart of this process ends no session.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from minka.cipher.field import FieldKeys
from minka.cipher.mac import BadPoint, MacKind, MessageMac, verify, wrap
from minka.doors.insurance.shared import Full, Shared
from minka.kit.outcome import Reason, Refused, Retry
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.store.connection import Connection, Row, do, insert, rows
from minka.wire.insurance import gateway
from minka.wire.insurance.area import HexCase
from minka.wire.insurance.gateway import NONCE, PAASID, TIMESTAMP, Gate, GateRefusal, Headers

SESSION, MAC, SM2 = "x-minka-session", "x-minka-mac", "x-minka-signature"
LASTS = timedelta(hours=24)
_DOMAIN = "insurance session"


class SessionRefusal(Reason):
    """Why a message is not taken as its sender's, in order of precedence; nothing was done."""

    NO_SESSION = Words(
        "没有签到或签到已失效，没有受理。请先签到（9001），再用原报文编号重发。",
        "沒有簽到或簽到已失效，沒有受理。請先簽到（9001），再用原報文編號重發。",
        "There is no session or it has ended, so nothing was done. Sign in (9001) and send again"
        " under the same message id.",
    )
    WRONG_SEAL = Words(
        "报文鉴别码不对，没有受理。请用本次签到的密钥重新计算后重发。",
        "報文鑑別碼不對，沒有受理。請用本次簽到的金鑰重新計算後重發。",
        "The message's seal is wrong, so nothing was done. Seal it with this session's key and send"
        " again.",
    )
    WRONG_SIGNATURE = Words(
        "签到的SM2签名不对，没有受理。请核对登记的公钥。",
        "簽到的SM2簽名不對，沒有受理。請核對登記的公鑰。",
        "The SM2 signature of the sign-in is wrong, so nothing was done. Check the registered key.",
    )
    NOT_THE_SENDER = Words(
        "报文里的机构不是签到的机构，没有受理。请核对机构编号和报文编号。",
        "報文裡的機構不是簽到的機構，沒有受理。請核對機構編號和報文編號。",
        "The institution in the message is not the one that signed in, so nothing was done. Check"
        " its code and the message id.",
    )
    BUSY = (
        Words(
            "平台正忙，没有记账。请稍后用原报文编号重发。",
            "平台正忙，沒有記帳。請稍後用原報文編號重發。",
            "The platform is busy and nothing was booked. Send again later under the same message"
            " id.",
        ),
        Retry.LATER,
    )


@dataclass(frozen=True, slots=True)
class Client:
    """An application of one institution, and the half of its SM2 key that is ours to know."""

    provider_no: int
    paasid: str
    secret: str
    public_key: bytes

    def __repr__(self) -> str:
        return f"Client({self.paasid})"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is open."""

    sign_no: str
    provider_no: int
    ends_at: datetime
    mac: MessageMac | None
    """None where every message is signed with SM2."""


@dataclass(slots=True)
class Sessions:
    """Applications and open sessions in memory, as they stand in the register."""

    keys: FieldKeys
    shared: Shared
    turn: int = -1
    """The turn of the shared memory up to which these are known."""
    clients: dict[str, Client] = field(default_factory=dict)
    open: dict[str, Session] = field(default_factory=dict)
    gates: dict[HexCase, Gate] = field(default_factory=dict)

    def read(self, connection: Connection) -> None:
        """Bring memory up to the register."""
        turn = self.shared.turn()
        self.clients = {
            each["paasid"]: Client(
                each["origin_no"],
                each["paasid"],
                bytes(each["secret"]).decode(),
                bytes(each["public_key"] or b""),
            )
            for each in rows(connection, "session.clients")
        }
        known = {each["sign_no"]: each for each in rows(connection, "session.open")}
        self.open = {
            sign_no: self.open.get(sign_no) or self._opened(each) for sign_no, each in known.items()
        }
        self.gates = {}
        self.turn = turn

    def _opened(self, row: Row) -> Session:
        key = bytes.fromhex(self.keys.unseal(_DOMAIN, bytes(row["session"])).reveal())
        return Session(row["sign_no"], row["origin_no"], row["ends_at"], _mac(row["method"], key))

    def application(self, given: Headers, hexcase: HexCase, now_seconds: int) -> Client | Refused:
        """Whose message it is, by the gateway's headers; its nonce is used up."""
        gate = self.gates.get(hexcase)
        if gate is None:
            known = {name: each.secret for name, each in self.clients.items()}
            gate = self.gates[hexcase] = Gate(known, hexcase=hexcase)
        passed = gateway.check(gate, given, now_seconds=now_seconds)
        if isinstance(passed, Refused):
            return passed
        try:
            fresh = self.shared.take(given[NONCE], now_seconds)
        except Full:
            return Refused(SessionRefusal.BUSY)
        return self.clients[passed.value] if fresh else Refused(GateRefusal.NONCE_SEEN)

    def session(
        self, client: Client, given: Headers, body: bytes, now: datetime
    ) -> Session | Refused:
        """The open session a message is sealed for."""
        found = self.open.get(given.get(SESSION, ""))
        if found is None or found.provider_no != client.provider_no or found.ends_at <= now:
            return Refused(SessionRefusal.NO_SESSION)
        stamp, nonce = given[TIMESTAMP], given[NONCE]
        if found.mac is None:
            fits = is_signed(client, given, body)
        else:
            fits = found.mac.fits_hex(stamp, nonce, body, code=given.get(MAC, ""))
        return found if fits else Refused(SessionRefusal.WRONG_SEAL)

    def begin(
        self, connection: Connection, client: Client, *, opter_no: str, signtype: str, now: datetime
    ) -> tuple[Session, bytes]:
        """A new session, written down; gives its key encrypted for the client."""
        method = _METHODS.get(signtype.upper(), "SM4")
        key = secrets.token_bytes(32 if method == "SM3" else 16)
        session = Session(
            f"{client.provider_no:08d}{secrets.token_hex(10)}",
            client.provider_no,
            now + LASTS,
            _mac(method, key),
        )
        values = {
            "sign_no": session.sign_no,
            "origin_no": client.provider_no,
            "opter_no": opter_no,
            "method": method,
            "session": self.keys.seal(_DOMAIN, Clear(key.hex())),
            "at": now,
            "ends_at": session.ends_at,
        }
        insert(connection, "session.begin", values)
        return session, wrap(client.public_key, key)

    def end(self, connection: Connection, client: Client, sign_no: str, now: datetime) -> None:
        """End a session of this client; ending it again changes nothing."""
        do(connection, "session.end", sign_no=sign_no, origin_no=client.provider_no, at=now)
        held = self.open.get(sign_no)
        if held is not None and held.provider_no == client.provider_no:
            del self.open[sign_no]


_METHODS = {"HMAC-SM3": "SM3", "SM3": "SM3", "SM2": "SM2"}
_KINDS = {"SM3": MacKind.HMAC_SM3, "SM4": MacKind.SM4_CMAC}


def _mac(method: str, key: bytes) -> MessageMac | None:
    kind = _KINDS.get(method)
    return MessageMac(kind, key) if kind else None


def is_signed(client: Client, given: Headers, body: bytes) -> int:
    """Whether the client's registered key signed this very delivery."""
    content = f"{given[TIMESTAMP]}\n{given[NONCE]}\n".encode() + body
    try:
        signature = bytes.fromhex(given.get(SM2, ""))
        return int(bool(client.public_key) and verify(client.public_key, content, signature))
    except (ValueError, BadPoint):
        return 0


def seal(session: Session | None, given: Headers, body: bytes, now_seconds: int) -> bytes:
    """The header lines of an answer: its time, and its seal over the request's nonce."""
    if session is None or session.mac is None:
        return b"%s: %d\r\n" % (TIMESTAMP.encode(), now_seconds)
    code = session.mac.code(str(now_seconds), given[NONCE], body)
    return b"x-tif-timestamp: %d\r\nx-minka-mac: %s\r\n" % (now_seconds, code.hex().encode())


__all__ = ["PAASID", "Client", "Session", "SessionRefusal", "Sessions", "is_signed", "seal"]
