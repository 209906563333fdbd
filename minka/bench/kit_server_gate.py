"""Server cases, second part: what the gateway lets through."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from minka.bench.kit_case import Cases, Skipped, expect
from minka.bench.kit_probe import Probe, dump
from minka.bench.kit_server_form import asked, turned_away
from minka.client.gateway import MAC, SESSION
from minka.wire.insurance.gateway import NONCE, SIGNATURE, TIMESTAMP, signature

case: Cases[Probe] = Cases()


@case(
    "网关签名不对的报文不能受理。",
    "閘道簽名不對的報文不能受理。",
    "A message with a wrong gateway signature is not taken.",
)
def a_wrong_gateway_signature_is_refused(p: Probe) -> None:
    body = dump(p.envelope("1101", asked(p)))
    turned_away(p.post(body, {**p.headers(body), SIGNATURE: "0" * 64}))


def _signed_at(p: Probe, body: bytes, seconds: int) -> dict[str, str]:
    given = p.headers(body)
    stamp, nonce = str(int(time.time()) + seconds), str(uuid.uuid4())
    made = {
        TIMESTAMP: stamp,
        NONCE: nonce,
        SIGNATURE: signature(p.target.secret, stamp, nonce, p.target.hex_case),
    }
    if p.session is not None and p.session.mac is not None:
        made[MAC] = p.session.mac.code(stamp, nonce, body).hex()
    return {**given, **made}


@case(
    "过期的时间戳说明报文被截留重放。",
    "過期的時間戳說明報文被截留重放。",
    "An old time stamp means a message was kept and replayed.",
)
def a_stale_delivery_is_refused(p: Probe) -> None:
    for hours in (-3, 3):
        body = dump(p.envelope("1101", asked(p)))
        turned_away(p.post(body, _signed_at(p, body, int(timedelta(hours=hours).total_seconds()))))


@case(
    "同一次投递原样再来一次是重放，不能再受理。",
    "同一次投遞原樣再來一次是重放，不能再受理。",
    "The same delivery once more, nonce and all, is a replay and is not taken.",
)
def a_replayed_delivery_is_refused(p: Probe) -> None:
    body = dump(p.envelope("1101", asked(p)))
    given = p.headers(body)
    expect("第一次成功 · the first is a yes", "", p.post(body, given).is_yes)
    turned_away(p.post(body, given))


@case(
    "改动过的报文鉴别码就不对，不能受理。",
    "改動過的報文鑑別碼就不對，不能受理。",
    "A message that was changed on its way no longer fits its seal.",
)
def a_changed_message_is_refused(p: Probe) -> None:
    if p.session is None or p.session.mac is None:
        raise Skipped("平台不用会话密封 · the platform does not seal sessions")
    body = dump(p.envelope("1101", asked(p)))
    turned_away(p.post(body.replace(b'"opter": "1"', b'"opter": "2"'), p.headers(body)))


@case(
    "没有会话的报文不能冒充有会话的。",
    "沒有會話的報文不能冒充有會話的。",
    "A message under somebody else's session number is not taken.",
)
def a_strange_session_is_refused(p: Probe) -> None:
    if p.session is None or p.session.mac is None:
        raise Skipped("平台不用会话密封 · the platform does not seal sessions")
    body = dump(p.envelope("1101", asked(p)))
    turned_away(p.post(body, {**p.headers(body), SESSION: "Q" + "0" * 16}))


@case(
    "应答也要带鉴别码，医院才能认出伪造的成功。",
    "應答也要帶鑑別碼，醫院才能認出偽造的成功。",
    "The answer is sealed too, so that a forged yes is known.",
)
def the_answer_is_sealed(p: Probe) -> None:
    if p.session is None or p.session.mac is None:
        raise Skipped("平台不用会话密封 · the platform does not seal sessions")
    body = dump(p.envelope("1101", asked(p)))
    given = p.headers(body)
    seen = p.post(body, given)
    stamp, code = seen.headers.get(TIMESTAMP, ""), seen.headers.get(MAC, "")
    fits = p.session.mac.fits_hex(stamp, given[NONCE], seen.raw, code=code)
    expect("应答的鉴别码正确 · the answer's seal fits", code[:8], fits)
