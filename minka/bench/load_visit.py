"""Whole visits as a load: 2201, 2204 with five lines, 2206 and 2207, one after another.

Each connection is a till that serves one patient at a time, as a till does. It is a process of its
own; what each of the four messages took is kept apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import secrets
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any, cast

import msgspec

from minka.bench import care_forms as forms
from minka.bench import load_city
from minka.bench.care_catalogue import items
from minka.bench.load import answer_end
from minka.bench.load_city import Town
from minka.bench.load_messages import Till
from minka.client.gateway import mac_of
from minka.kit.fen import yuan

CHAIN = ("2201", "2204", "2206", "2207")
LINES = 5
_ECHOED = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
_ENCODE = msgspec.json.Encoder(decimal_format="number").encode
_DECODE = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Order:
    """What one run of visits is to do."""

    port: int
    tills: Sequence[Till]
    town: Town
    people: range
    """Who comes; each has a card that is not stopped."""
    connections: int
    seconds: int


@dataclass(slots=True)
class Visited:
    """What one run saw."""

    visits: int = 0
    refused: int = 0
    strange: str = ""
    nanoseconds: int = 0
    own_micros: int = 0
    micros: dict[str, array[int]] = field(
        default_factory=lambda: {infno: array("q") for infno in CHAIN}
    )


class _Wire(asyncio.Protocol):
    """One connection with one message under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._came = b""
        self._waiting: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        if answer_end(self._came, 0) and self._waiting is not None:
            whole, self._came = self._came, b""
            self._waiting.set_result(whole)

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the switch hung up"))

    async def ask(self, raw: bytes) -> bytes:
        """Send one message and wait for its answer."""
        assert self.transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(raw)
        return await self._waiting


class _Desk:
    """One till with its session: it makes messages and reads answers."""

    def __init__(self, till: Till, wire: _Wire, visited: Visited, turn: int) -> None:
        self._till, self._wire, self._visited = till, wire, visited
        self._mac = mac_of(till.key)
        self._serial = turn * 100
        self._second = 0

    async def say(self, infno: str, nodes: dict[str, Any], area: int) -> dict[str, Any] | None:
        """One message of the chain; its output, or nothing when it was refused."""
        raw = self._message(infno, nodes, area)
        began = time.monotonic_ns()
        answer = await self._wire.ask(raw)
        self._visited.micros[infno].append((time.monotonic_ns() - began) // 1000)
        said = _DECODE(answer.partition(b"\r\n\r\n")[2])
        if str(said["infcode"]) != "0":
            self._visited.refused += 1
            self._visited.strange = self._visited.strange or f"{infno}: {said['err_msg']}"
            return None
        found: dict[str, Any] = said.get("output") or {}
        return found

    def _message(self, infno: str, nodes: dict[str, Any], area: int) -> bytes:
        till, here = self._till, forms.now()
        self._serial = (self._serial + 1) % 10_000
        body = _ENCODE(
            {
                "infno": infno,
                "msgid": f"{till.fixmedins_code}{here:%Y%m%d%H%M%S}{self._serial:04d}",
                "mdtrtarea_admvs": str(area),
                "insuplc_admdvs": str(area),
                "recer_sys_code": "99",
                "infver": "V1.0",
                "opter_type": "1",
                "opter": "1",
                "opter_name": "收费员",
                "inf_time": f"{here:%Y-%m-%d %H:%M:%S}",
                "fixmedins_code": till.fixmedins_code,
                "fixmedins_name": "测试医院",
                "sign_no": till.sign_no,
                "input": nodes,
            }
        )
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        covered = f"{stamp}{till.secret}{nonce}{stamp}".encode()
        assert self._mac is not None, "a session has a key"
        code = self._mac.code(stamp, nonce, body)
        head = (
            f"POST /insurance HTTP/1.1\r\nhost: minka\r\ncontent-length: {len(body)}\r\n"
            f"x-tif-paasid: {till.paasid}\r\nx-tif-timestamp: {stamp}\r\nx-tif-nonce: {nonce}\r\n"
            f"x-tif-signature: {hashlib.sha256(covered).hexdigest()}\r\n"
            f"x-minka-session: {till.sign_no}\r\nx-minka-mac: {code.hex()}\r\n\r\n"
        )
        return head.encode() + body


async def _visit(desk: _Desk, person: int, town: Town) -> int:
    """One patient's visit; one when it was settled."""
    area, psn_no = load_city.area_of(person, town), str(person)
    shown = {"mdtrt_cert_type": "03", "mdtrt_cert_no": load_city.card_number(person)}
    number = f"V{person}-{time.monotonic_ns() % 10**9}"
    form = forms.registration(number, load_city.SCHEME)
    form["begntime"] = _text(form["begntime"])
    opened = await desk.say("2201", {"data": {"psn_no": psn_no, **shown, **form}}, area)
    if opened is None:
        return 0
    visit = opened["data"]["mdtrt_id"]
    basket = [(item, 1 + person % 3) for item in items()[person % 50 : person % 50 + LINES]]
    rows = [
        {**row, "psn_no": psn_no, "fee_ocur_time": _text(row["fee_ocur_time"])}
        for row in forms.lines("B1", basket, visit)
    ]
    if await desk.say("2204", {"feedetail": rows}, area) is None:
        return 0
    bill = {
        "psn_no": psn_no,
        **shown,
        "med_type": "11",
        "medfee_sumamt": yuan(forms.total(basket)),
        "psn_setlway": "01",
        "mdtrt_id": visit,
        "chrg_bchno": "B1",
        "insutype": str(load_city.SCHEME),
        "acct_used_flag": "1",
    }
    quoted = await desk.say("2206", {"data": bill}, area)
    if quoted is None:
        return 0
    echo = {name: quoted["setlinfo"][name] for name in _ECHOED}
    return int(await desk.say("2207", {"data": {**bill, **echo}}, area) is not None)


def _text(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


async def _run(order: Order, visited: Visited) -> None:
    until = time.monotonic_ns() + order.seconds * 10**9
    loop, waiting = asyncio.get_running_loop(), iter(order.people)

    async def serve(turn: int) -> None:
        till = order.tills[turn % len(order.tills)]
        _, wire = await loop.create_connection(_Wire, "127.0.0.1", order.port)
        desk = _Desk(till, wire, visited, turn)
        for person in waiting:
            if time.monotonic_ns() > until:
                break
            settled = await _visit(desk, person, order.town)
            visited.visits += settled
        assert wire.transport is not None
        wire.transport.close()

    began, own = time.monotonic_ns(), time.process_time_ns()
    await asyncio.gather(*(serve(turn) for turn in range(order.connections)))
    visited.nanoseconds = time.monotonic_ns() - began
    visited.own_micros = (time.process_time_ns() - own) // 1000


def _be_the_tills(order: Order, pipe: Pipe) -> None:
    import uvloop

    visited = Visited()
    pipe.send(os.getpid())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(order, visited))
    pipe.send(visited)


def visits(order: Order) -> Visited:
    """Serve patients for so many seconds, in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    child = spawn.Process(target=_be_the_tills, args=(order, there))
    child.start()
    there.close()
    try:
        here.recv()
        found: Visited = here.recv()
        return found
    finally:
        if child.is_alive():
            child.join(5)
        child.terminate()
        child.join()
