"""Settlement messages made ahead of a measurement: signed, sealed, with keys in the order of time.

A message costs some twenty microseconds to make, so that it is made before the clock starts. Every
hundredth is sent twice, under the same key with a nonce and a seal of its own.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from minka.bench import load_city
from minka.bench.load_city import Town
from minka.client.gateway import mac_of
from minka.kit.clock import CHINA

TWICE_EVERY = 100
"""One message in so many comes a second time."""
LATER = 37
"""After so many others."""
_PER_SECOND = 10_000
"""Messages of one provider in a second, as many as the key has numbers."""

_BODY = (
    b'{"infno":"2207","msgid":"%(msgid)s","mdtrtarea_admvs":"%(area)d","insuplc_admdvs":"%(area)d",'
    b'"recer_sys_code":"99","dev_no":"","dev_safe_info":"","cainfo":"","signtype":"","infver":"V1.0",'
    b'"opter_type":"1","opter":"1","opter_name":"\\u6536\\u8d39\\u5458","inf_time":"%(time)s",'
    b'"fixmedins_code":"%(code)s","fixmedins_name":"\\u6d4b\\u8bd5\\u533b\\u9662",'
    b'"sign_no":"%(sign_no)s","input":{"data":{"psn_no":"%(psn_no)s","mdtrt_cert_type":"03",'
    b'"mdtrt_cert_no":"%(card)s","med_type":"11","medfee_sumamt":%(total)s,"psn_setlway":"01",'
    b'"mdtrt_id":"%(bill)d","chrg_bchno":"B1","insutype":"310","acct_used_flag":"1","invono":"",'
    b'"fulamt_ownpay_amt":%(own)s,"overlmt_selfpay":%(over)s,"preselfpay_amt":%(first)s,'
    b'"inscp_scp_amt":%(scope)s}}}'
)
_HEAD = (
    b"POST /insurance HTTP/1.1\r\nhost: minka\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\nx-tif-paasid: %s\r\nx-tif-timestamp: %s\r\nx-tif-nonce: %s\r\n"
    b"x-tif-signature: %s\r\nx-minka-session: %s\r\nx-minka-mac: %s\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Till:
    """One hospital's signed-in session, as plain values that go to another process."""

    provider_no: int
    fixmedins_code: str
    paasid: str
    secret: str
    sign_no: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message ready for the wire; ``bill`` says what it settles."""

    raw: bytes
    bill: int
    nonce: bytes
    till: int
    """Place of its hospital in the list of tills."""


def msg_no(bill: int, first: int) -> int:
    """The key of a bill's settlement: the last eighteen digits of its msgid.

    ``first`` is the second of the run's first message, as seconds since 1970 in China's days.
    """
    turn = bill // load_city.HOSPITALS
    stamp = _stamp(first + turn // _PER_SECOND)
    return int(stamp) * 10_000 + turn % _PER_SECOND


@lru_cache(maxsize=100_000)
def _stamp(second: int) -> str:
    return f"{datetime.fromtimestamp(second, CHINA):%Y%m%d%H%M%S}"


def make(tills: Sequence[Till], town: Town, bills: Iterable[int], *, first: int) -> list[Message]:
    """The messages of some bills in the order they are sent, with the ones that come twice."""
    makers = {each.provider_no: (place, _Maker(each)) for place, each in enumerate(tills)}
    made: list[Message] = []
    late: list[tuple[int, int]] = []
    for sent, bill in enumerate(bills):
        place, maker = makers[load_city.provider_of(bill, town)]
        made.append(maker.message(bill, town, first=first, place=place))
        if bill % TWICE_EVERY == 0:
            late.append((sent + LATER, bill))
        if late and late[0][0] <= sent:
            again = late.pop(0)[1]
            place, maker = makers[load_city.provider_of(again, town)]
            made.append(maker.message(again, town, first=first, place=place))
    return made


class _Maker:
    """Makes the messages of one till."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._mac = mac_of(till.key)
        self._nonces = _nonces()
        self._paasid, self._sign_no = till.paasid.encode(), till.sign_no.encode()
        self._at = b"", ""

    def message(self, bill: int, town: Town, *, first: int, place: int) -> Message:
        """The settlement of one bill, with a new nonce."""
        body = self._body(bill, town, first)
        stamp, nonce = b"%d" % int(time.time()), next(self._nonces)
        secret = self._till.secret.encode()
        signature = hashlib.sha256(stamp + secret + nonce + stamp).hexdigest().encode()
        assert self._mac is not None, "a session has a key"
        code = self._mac.code(stamp.decode(), nonce.decode(), body)
        head = _HEAD % (
            *(len(body), self._paasid, stamp, nonce, signature, self._sign_no),
            code.hex().encode(),
        )
        return Message(head + body, bill, nonce, place)

    def _body(self, bill: int, town: Town, first: int) -> bytes:
        person = load_city.holder_of(bill, town)
        total, own, over, ahead, scope = load_city.bill_of(bill)
        key = str(msg_no(bill, first))
        if key[:14] != self._at[1]:
            when = datetime.strptime(key[:14], "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
            self._at = f"{when:%Y-%m-%d %H:%M:%S}".encode(), key[:14]
        return _BODY % {
            b"msgid": (self._till.fixmedins_code + key).encode(),
            b"area": load_city.area_of(person, town),
            b"time": self._at[0],
            b"code": self._till.fixmedins_code.encode(),
            b"sign_no": self._sign_no,
            b"psn_no": psn_no(person).encode(),
            b"card": load_city.card_number(person).encode(),
            b"bill": bill,
            b"total": _yuan(total),
            b"own": _yuan(own),
            b"over": _yuan(over),
            b"first": _yuan(ahead),
            b"scope": _yuan(scope),
        }


def psn_no(person_id: int) -> str:
    """How the interface names a person."""
    return str(person_id)


def _yuan(fen: int) -> bytes:
    return b"%d.%02d" % divmod(fen, 100)


def _nonces() -> Iterator[bytes]:
    """Numbers in the shape of a UUID, never twice."""
    head = secrets.token_hex(8)
    start = f"{head[:8]}-{head[8:12]}-4{head[12:15]}-8000-".encode()
    for turn in itertools.count():
        yield start + b"%012x" % turn


def first_second(now: datetime) -> int:
    """The second from which a run counts its keys: a little before now, never after."""
    return int((now - timedelta(seconds=5)).timestamp())
