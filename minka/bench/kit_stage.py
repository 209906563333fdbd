"""The stage before a platform: messages meet their faults here, and all is written down."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import httpx

from minka.bench.kit_faults import Fault, Faults, When, rule
from minka.bench.kit_platform import Answer, Platform, encoded
from minka.kit.clock import CHINA

CONTROL = "/kit/"
CONTROLS = "GET POST DELETE /kit/faults, GET DELETE /kit/log, GET /kit/target"
LONGEST = 40_000_000
HANG_S = 600
DELAY_MS = {Fault.LATE_REPLY: 3_000, Fault.LATE_DELIVERY: 1_500, Fault.SLOW: 400}
DROPPED_HEADERS = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}


class Upstream(Protocol):
    """The platform behind the stage."""

    async def deliver(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """One delivery; OSError when it cannot be reached."""

    def reseal(self, headers: Mapping[str, str], answer: Answer, body: bytes, /) -> Answer:
        """The answer with another body, sealed as far as that can be done here."""

    def world(self, fault: Fault, heard: Heard) -> None:
        """Move the world."""


@dataclass(slots=True)
class Heard:
    """One delivery as the stage saw it."""

    at: str
    headers: dict[str, str]
    raw: bytes
    message: dict[str, Any]
    fault: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 0

    @property
    def infno(self) -> str:
        """The transaction."""
        return str(self.message.get("infno", ""))

    @property
    def msgid(self) -> str:
        """The message's id."""
        return str(self.message.get("msgid", ""))

    @property
    def is_done(self) -> bool:
        """Whether the platform said yes, heard or not."""
        return str(self.answer.get("infcode")) == "0"

    def as_json(self) -> dict[str, Any]:
        """For the control endpoint: no header, no person."""
        return {
            "at": self.at,
            "infno": self.infno,
            "msgid": self.msgid,
            "fault": self.fault,
            "status": self.status,
            "infcode": self.answer.get("infcode"),
            "err_msg": self.answer.get("err_msg", ""),
        }


class QuickUpstream:
    """The platform in memory."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def deliver(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """See ``Upstream.deliver``."""
        return self.platform.answer(headers, body)

    def reseal(self, headers: Mapping[str, str], answer: Answer, body: bytes) -> Answer:
        """See ``Upstream.reseal``."""
        return self.platform.sealed(headers, answer.status, body)

    def world(self, fault: Fault, heard: Heard) -> None:
        """See ``Upstream.world``."""
        info = heard.answer.get("output", {}).get("setlinfo", {})
        if fault is Fault.DAY_CUT:
            self.platform.cut_day()
        elif fault is Fault.CARD_BLOCKED and info:
            self.platform.block_card(info["psn_no"])
        elif fault is Fault.REFUND_ELSEWHERE and info:
            self.platform.refund_elsewhere(info["setl_id"])


class HttpUpstream:
    """Any platform by its URL; answers cannot be sealed anew, and the world there is its own."""

    def __init__(self, url: str, patience_s: int = 60) -> None:
        self._url = url
        self._http = httpx.AsyncClient(timeout=patience_s, trust_env=False)

    async def deliver(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """See ``Upstream.deliver``."""
        kept = {name: text for name, text in headers.items() if name not in DROPPED_HEADERS}
        try:
            came = await self._http.post(self._url, content=body, headers=kept)
        except httpx.HTTPError as why:
            raise OSError(str(why)) from why
        back = {name: text for name, text in came.headers.items() if name.startswith("x-")}
        return Answer(came.status_code, came.content, back)

    def reseal(self, _headers: Mapping[str, str], answer: Answer, body: bytes) -> Answer:
        """See ``Upstream.reseal``: the seal no longer fits."""
        return Answer(answer.status, body, answer.headers)

    def world(self, fault: Fault, heard: Heard) -> None:
        """See ``Upstream.world``: out of reach."""


class Cut(Exception):
    """The connection ends here."""


class Stage:
    """An HTTP server on loopback, in a thread of its own, before one upstream."""

    def __init__(self, upstream: Upstream, faults: Faults | None = None) -> None:
        self.upstream, self.faults = upstream, faults or Faults()
        self.heard: list[Heard] = []
        self.target: dict[str, Any] = {}
        """What ``minka kit check`` must know to try this platform; invented people only."""
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._last_yes: dict[str, Answer] = {}
        self._later: set[asyncio.Task[Any]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._port = 0

    def start(self, port: int = 0) -> str:
        """Listen on a port (0 for any free one) and give the URL of the insurance endpoint."""
        self._port = port
        self._thread.start()
        if not self._ready.wait(10) or not self.url:
            raise OSError(f"port {port} cannot be listened on")
        return self.url

    def stop(self) -> None:
        """Stop listening; answers still on their way are dropped."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            server = self._loop.run_until_complete(
                asyncio.start_server(self._serve, "127.0.0.1", self._port, limit=65_536)
            )
        except OSError:
            self._ready.set()
            return
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/insurance"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, until it ends or is cut."""
        try:
            while True:
                answer = await self._one(reader)
                writer.write(_bytes(answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            writer.close()
        except (Cut, asyncio.CancelledError):
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        verb, path, _ = head[0].split(" ")
        headers = {
            name.strip().lower(): text.strip()
            for name, _, text in (line.partition(":") for line in head[1:] if line)
        }
        length = int(headers.get("content-length", 0))
        if not 0 <= length <= LONGEST:
            raise ValueError("too long")
        body = await reader.readexactly(length)
        if path.startswith(CONTROL):
            return self._control(verb, path.removeprefix(CONTROL), body)
        return await self._meet(headers, body)

    async def _meet(self, headers: dict[str, str], body: bytes) -> Answer:
        """A message meets its fault."""
        heard = Heard(_now(), headers, body, _read(body))
        self.heard.append(heard)
        found = self.faults.of(heard.infno)
        if found is None:
            return await self._deliver(heard)
        heard.fault = found.fault.title
        delay_s = (found.delay_ms or DELAY_MS.get(found.fault, 0)) / 1000
        if found.fault.when is When.BEFORE:
            return await self._before(found.fault, heard, delay_s)
        if found.fault is Fault.DAY_CUT:
            self.upstream.world(found.fault, heard)
        answer = await self._deliver(heard)
        if found.fault.when is When.WORLD:
            if found.fault is not Fault.DAY_CUT:
                self.upstream.world(found.fault, heard)
            return answer
        return await self._after(found.fault, heard, answer, delay_s)

    async def _deliver(self, heard: Heard) -> Answer:
        try:
            answer = await self.upstream.deliver(heard.headers, heard.raw)
        except OSError as why:
            raise Cut from why
        heard.answer, heard.status = _read(answer.body), answer.status
        return answer

    async def _before(self, fault: Fault, heard: Heard, delay_s: float) -> Answer:
        """Faults of messages that are not delivered, or not yet."""
        match fault:
            case Fault.CONNECTION_REFUSED:
                raise Cut
            case Fault.TIMEOUT_BEFORE_COMMIT:
                await asyncio.sleep(HANG_S)
                raise Cut
            case Fault.LATE_DELIVERY:
                self._in_a_while(self._deliver_late(heard, delay_s))
                raise Cut
        status, said = _instead(fault)
        heard.answer, heard.status = said, status
        empty = Answer(status, b"", {})
        return self.upstream.reseal(heard.headers, empty, _dump(said))

    async def _deliver_late(self, heard: Heard, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        try:
            await self._deliver(heard)
        except Cut:
            return

    def _in_a_while(self, doing: Any) -> None:
        task = self._loop.create_task(doing)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _after(self, fault: Fault, heard: Heard, answer: Answer, delay_s: float) -> Answer:
        """Faults of answers to messages that were acted on."""
        match fault:
            case Fault.TIMEOUT_AFTER_COMMIT:
                await asyncio.sleep(HANG_S)
                raise Cut
            case Fault.LOST_REPLY:
                raise Cut
            case Fault.LATE_REPLY | Fault.SLOW:
                await asyncio.sleep(delay_s)
                return answer
            case Fault.DUPLICATE_DELIVERY:
                await self.upstream.deliver(heard.headers, heard.raw)
                return answer
        another = self._last_yes.get(heard.infno)
        self._last_yes[heard.infno] = answer
        return self._changed(fault, heard, answer, another)

    def _changed(
        self, fault: Fault, heard: Heard, answer: Answer, another: Answer | None
    ) -> Answer:
        said = _read(answer.body)
        match fault:
            case Fault.BROKEN_JSON:
                return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
            case Fault.EMPTY_BODY:
                return Answer(answer.status, b"", answer.headers)
            case Fault.MIDDLEWARE_SHAPE:
                shape = {"code": 999, "type": "error", "message": "服务调用失败", "data": None}
                return self.upstream.reseal(heard.headers, answer, _dump(shape))
            case Fault.ERROR_PAGE:
                return Answer(502, b"<html><body>Bad Gateway</body></html>", {})
            case Fault.WRONG_SIGNATURE:
                return Answer(answer.status, answer.body, _wrong_seals(answer.headers))
            case Fault.FORGED_ANSWER:
                return Answer(answer.status, _raised(answer.body), answer.headers)
            case Fault.ANSWER_OF_ANOTHER:
                strange = _of_another(said) if another is None else _read(another.body)
                return self.upstream.reseal(heard.headers, answer, _dump(strange))
            case Fault.YES_WITHOUT_NUMBER:
                return self.upstream.reseal(heard.headers, answer, _dump(said | {"output": {}}))
        said["infcode"] = str(said.get("infcode"))
        return self.upstream.reseal(heard.headers, answer, _dump(said))

    def _control(self, verb: str, path: str, body: bytes) -> Answer:
        """``faults``: GET, POST (a rule as text), DELETE; ``log``: GET, DELETE."""
        asked = (verb, path)
        try:
            if asked == ("POST", "faults"):
                self.faults.rules.append(rule(json.loads(body)["rule"]))
            elif asked == ("DELETE", "faults"):
                self.faults.rules.clear()
            elif asked == ("DELETE", "log"):
                self.heard.clear()
            elif asked == ("GET", "target"):
                return Answer(200 if self.target else 404, _dump(self.target))
            elif verb != "GET" or path not in ("faults", "log"):
                return Answer(404, _dump({"error": CONTROLS}))
        except (ValueError, KeyError, TypeError) as why:
            return Answer(422, _dump({"error": str(why)}))
        rows: list[Any] = list(self.heard if path == "log" else self.faults.rules)
        return Answer(200, _dump([each.as_json() for each in rows]))


def _instead(fault: Fault) -> tuple[int, dict[str, Any]]:
    """Answers the stage gives itself."""
    said = {"infcode": -1, "inf_refmsgid": "", "err_msg": "演练：业务拒绝", "output": {}}
    if fault is Fault.ZERO_WITH_ERROR:
        return 200, said | {"infcode": 0, "err_msg": "演练：查询号不存在"}
    if fault is Fault.BUSY:
        return 503, said | {"err_msg": "平台繁忙，未办理 · busy, nothing booked"}
    return 200, said


def _wrong_seals(headers: Mapping[str, str]) -> dict[str, str]:
    seals = ("x-minka-mac", "x-tif-signature")
    return {
        name: "0" * len(text) if name.lower() in seals else text for name, text in headers.items()
    }


def _raised(body: bytes) -> bytes:
    """One digit of the answer is another."""
    place = max(body.rfind(b'"balc": '), body.rfind(b'"balc":'))
    spot = next((n for n in range(max(place, 0), len(body)) if 48 <= body[n] < 57), 0)
    return body[:spot] + bytes([body[spot] + 1]) + body[spot + 1 :]


def _of_another(said: dict[str, Any]) -> dict[str, Any]:
    """The same answer with another message's id and settlement in it."""
    output = dict(said.get("output") or {})
    info = dict(output.get("setlinfo") or {})
    strange = {"medins_setl_id": "H99010000001" + "2" * 18, "setl_id": "S0"}
    output["setlinfo"] = info | {n: t for n, t in strange.items() if n in info}
    return said | {"output": output}


def _now() -> str:
    return datetime.now(CHINA).isoformat(timespec="milliseconds")


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _dump(said: Any) -> bytes:
    return encoded(said)


def _bytes(answer: Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} -", f"content-length: {len(answer.body)}"]
    lines += [f"{name}: {text}" for name, text in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body
