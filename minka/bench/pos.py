"""A pretend card terminal (POS): signs on, asks balances, pays, and reverses what it cannot know.

A purchase ends in one of three ways: approved, refused, or undone. When no answer comes in time the
terminal reverses with repeats until that is answered; an answer that comes too late is put aside.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from minka.cards.pin import account_digits
from minka.cipher.pin import PinFormat, seal
from minka.cipher.retail import Mac, agrees, unwrap
from minka.doors.host.keys import BLOCK_OF, MACS, Terminal
from minka.kit.clock import CHINA, wall
from minka.kit.secret import Clear
from minka.wire.iso8583.codec import Codec
from minka.wire.iso8583.dialect import Dialect
from minka.wire.iso8583.faults import MessageFault
from minka.wire.iso8583.frame import Deframer, framed
from minka.wire.iso8583.mac import sealed, unsealed
from minka.wire.iso8583.message import Message, Value

WRAPPED = 19
"""Bytes of a wrapped key with its check value."""
SIGN_ON_AGAIN = "A0"
SEND_AGAIN = frozenset({"96"})
UNKNOWN = frozenset({"98", "68"})


@dataclass(frozen=True, slots=True)
class Slip:
    """What the terminal prints: how a transaction ended, and the answer it ended with."""

    ending: str
    """``approved``, ``refused``, or ``undone`` after a reversal."""
    code: str
    auth_code: str = ""
    balance_fen: int | None = None
    stan: str = ""
    fault: str = ""


@dataclass
class Line:
    """The terminal's TCP connection, made anew when it breaks."""

    host: str
    port: int
    dialect: Dialect
    waiting: dict[tuple[str, str], asyncio.Future[tuple[bytes, Message]]] = field(
        default_factory=dict
    )
    late: list[Message] = field(default_factory=list)
    """Answers nobody waits for any more."""
    _writer: asyncio.StreamWriter | None = None
    _reading: asyncio.Task[None] | None = None

    async def send(self, raw: bytes) -> None:
        """Write bytes as they are, on a line that is open."""
        if self._writer is None or self._writer.is_closing():
            await self.close()
            reader, self._writer = await asyncio.open_connection(self.host, self.port)
            self._reading = asyncio.create_task(self._read(reader))
        self._writer.write(raw)
        await self._writer.drain()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        codec, deframer = Codec(self.dialect), Deframer(self.dialect)
        while data := await reader.read(4096):
            for body in deframer.feed(data):
                self._arrived(body, codec.decode(body))
        if self._writer is not None:
            self._writer.close()

    def _arrived(self, body: bytes, message: Message) -> None:
        waiting = self.waiting.pop((message.kind, message.text(11)), None)
        if waiting is None or waiting.done():
            self.late.append(message)
        else:
            waiting.set_result((body, message))

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError, ConnectionError, MessageFault):
                await self._reading
        self._writer = self._reading = None


class Pos:
    """One terminal with its master key; transactions run one after another, as at a till."""

    def __init__(
        self,
        line: Line,
        terminal: Terminal,
        master_key: bytes,
        clock: Callable[[], datetime] = wall,
        *,
        patience_ms: int = 3000,
        first_stan: int = 1,
    ) -> None:
        self.line, self.terminal = line, terminal
        self.codec = Codec(line.dialect)
        self._master, self._clock, self._patience_ms = master_key, clock, patience_ms
        self._stans = count(first_stan)
        self._pin_key = b""
        self._mac: Mac | None = None
        self.form = PinFormat(line.dialect.pin.value)

    async def sign_on(self) -> str:
        """Fetch working keys; gives field 39; ``KeyFault`` when they came damaged."""
        return await self._fetch("001")

    async def change_keys(self) -> str:
        """Fetch new working keys under the old ones' MAC."""
        return await self._fetch("101")

    async def echo(self) -> str:
        """Whether anybody is there; field 39, empty without an answer."""
        answer = await self.exchange(self.message("0800", {70: "301"}))
        return answer.text(39) if answer else ""

    async def balance(self, card_number: str, pin: Clear | None) -> Slip:
        """Ask for the balance."""
        answer = await self.exchange(self.balance_message(card_number, pin))
        return _slip(answer) if answer else Slip("refused", "")

    def balance_message(self, card_number: str, pin: Clear | None) -> Message:
        """The question for the balance, so that it can be sent again."""
        fields: dict[int, Value] = {2: card_number, 3: "310000", 49: "156"}
        return self.message("0100", {**fields, **self._block(card_number, pin)})

    async def purchase(self, card_number: str, pin: Clear | None, amount_fen: int) -> Slip:
        """Pay; without a clear answer the purchase is reversed before this returns."""
        asked = self.purchase_message(card_number, pin, amount_fen)
        answer = await self.exchange(asked)
        for _ in range(3):
            if answer is None or answer.text(39) not in SEND_AGAIN:
                break
            answer = await self.exchange(repeated(asked))
        if answer is None or answer.text(39) in UNKNOWN:
            return await self.reverse(asked)
        return _slip(answer)

    def purchase_message(self, card_number: str, pin: Clear | None, amount_fen: int) -> Message:
        """A purchase as it is sent first."""
        fields: dict[int, Value] = {
            2: card_number,
            3: "000000",
            4: f"{amount_fen:012d}",
            18: "8062",
            19: "156",
            22: "051",
            25: "00",
            49: "156",
        }
        return self.message("0200", {**fields, **self._block(card_number, pin)})

    async def reverse(self, original: Message, most: int = 50) -> Slip:
        """Send a reversal and its repeats until it is answered 00; ``ConnectionError`` if never."""
        asked = self.reversal_message(original)
        for _ in range(most):
            with suppress(ConnectionError):
                answer = await self.exchange(asked)
                if answer is not None and answer.text(39) == SIGN_ON_AGAIN:
                    await self.sign_on()
                elif answer is not None and answer.text(39) not in SEND_AGAIN | UNKNOWN:
                    ending = "undone" if answer.text(39) == "00" else "refused"
                    return Slip(ending, answer.text(39), stan=asked.text(11))
            asked = repeated(asked)
            await asyncio.sleep(self._patience_ms / 10_000)
        raise ConnectionError("a reversal was never answered")

    def reversal_message(self, original: Message) -> Message:
        """The reversal of a message, on its way as 0400."""
        when = original.text(13) + original.text(12)
        kept: Mapping[int, Value] = {n: original.fields[n] for n in (2, 3, 4, 49)}
        named = f"{original.kind[:3]}0{original.text(11)}{when}{0:022d}"
        return self.message("0400", {**kept, 90: named})

    def message(self, kind: str, fields: Mapping[int, Value]) -> Message:
        """A message with the terminal's own fields and the next number."""
        now = self._clock().astimezone(CHINA)
        own: dict[int, Value] = {
            11: f"{next(self._stans) % 10**6:06d}",
            12: now.strftime("%H%M%S"),
            13: now.strftime("%m%d"),
            41: self.terminal.terminal_id,
            42: f"{self.terminal.provider_code:<15}",
        }
        tpdu = bytes.fromhex("6000010203")[: self.line.dialect.tpdu_bytes]
        return Message(kind, dict(sorted({**own, **fields}.items())), tpdu)

    def written(self, message: Message) -> bytes:
        """The message in its frame, with a MAC when there are keys and it is no sign-on."""
        dialect = self.line.dialect
        if self._mac is None or message.text(70) in ("001", "301"):
            return framed(dialect, self.codec.encode(message))
        body, content = unsealed(self.codec, message)
        return framed(dialect, body + self._mac(content))

    async def exchange(self, message: Message) -> Message | None:
        """Send a message and wait for its answer; None when none comes in time or it is forged."""
        key = (f"{message.kind[:2]}{int(message.kind[2]) + 1}0", message.text(11))
        waiting = asyncio.get_running_loop().create_future()
        self.line.waiting[key] = waiting
        try:
            await self.line.send(self.written(message))
            body, answer = await asyncio.wait_for(waiting, self._patience_ms / 1000)
        except (TimeoutError, ConnectionError, OSError):
            self.line.waiting.pop(key, None)
            return None
        return answer if self._genuine(body, answer) else None

    def _genuine(self, body: bytes, answer: Message) -> int:
        """An approval without the right MAC is nobody's; a refusal may come without any."""
        if answer.text(39) != "00" or answer.text(70) in ("001", "101", "301", "002"):
            return 1
        found = sealed(self.codec, body, answer)
        return int(found is not None and self._mac is not None and agrees(self._mac, *found))

    async def _fetch(self, wanted: str) -> str:
        answer = await self.exchange(self.message("0800", {70: wanted}))
        if answer is None or answer.text(39) != "00":
            return answer.text(39) if answer else ""
        keys, algorithm = answer.raw(62), self.line.dialect.mac
        block = BLOCK_OF[algorithm]
        self._pin_key = unwrap(block, self._master, keys[:WRAPPED])
        self._mac = MACS[algorithm](unwrap(block, self._master, keys[WRAPPED:]))
        return "00"

    def _block(self, card_number: str, pin: Clear | None) -> dict[int, Value]:
        if pin is None:
            return {}
        fill = secrets.token_bytes(self.form.fill_bytes)
        return {52: seal(self.form, self._pin_key, pin, account_digits(card_number), fill=fill)}


def repeated(message: Message) -> Message:
    """The same message sent again: 0200 becomes 0201, 0420 becomes 0421."""
    return Message(f"{message.kind[:3]}1", message.fields, message.tpdu)


def _slip(answer: Message) -> Slip:
    amounts = answer.text(54)
    return Slip(
        ending="approved" if answer.text(39) == "00" else "refused",
        code=answer.text(39),
        auth_code=answer.text(38),
        balance_fen=int(amounts[8:20]) if amounts else None,
        stan=answer.text(11),
        fault=answer.text(44),
    )
