"""The teller of a dialect: bytes of one message in, bytes of its one answer out.

1. Bytes that are no message are answered 30 with the fault in field 44, where a type can be read.
2. The terminal must be registered, belong to the provider it names, and have signed on.
3. What this money never does is refused before the books are asked.
4. The books decide; their refusal becomes field 39 by one table.
5. A busy switch answers 96, nothing booked; an outcome nobody knows is 98, and then a reversal
   follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from minka.cards.pin_refusals import PinRefusal
from minka.cipher.pin import PinBlockFault, PinFormat
from minka.doors.host import reading
from minka.doors.host.flight import Flight
from minka.doors.host.keys import Age, Terminal, TerminalKeys
from minka.doors.host.ledger import ACCEPTED, Ask, Busy, Ledger, Outcome, PinEntered
from minka.doors.host.reading import Read, Unfit, unfit
from minka.doors.host.refusals import FIELD_39, HostRefusal, field_39
from minka.kit.clock import CHINA, wall
from minka.kit.outcome import Refused
from minka.law.pins import pin_law
from minka.wire.iso8583.codec import Codec
from minka.wire.iso8583.dialect import Dialect
from minka.wire.iso8583.faults import MessageFault
from minka.wire.iso8583.frame import turned
from minka.wire.iso8583.mac import sealed, unsealed
from minka.wire.iso8583.message import Message, Value

log = structlog.get_logger("minka.host")

ECHOED = (3, 4, 11, 12, 13, 41, 42, 49, 70)
SIGN_ON, SIGN_OFF, KEY_CHANGE, ECHO = "001", "002", "101", "301"
"""Field 70: what an 0800 wants; 101 is authenticated with the keys in use, 001 cannot be."""
KEYS_FIELD = 62
FAULT_FIELD = 44
PATIENCE_S = 8
"""How long the books may take before the terminal is told that nobody knows."""


class Teller:
    """Answers the messages of one dialect."""

    def __init__(
        self,
        ledger: Ledger,
        dialect: Dialect,
        keys: TerminalKeys,
        clock: Callable[[], datetime] = wall,
        *,
        flight: Flight | None = None,
        patience_s: int = PATIENCE_S,
        region: str = "",
    ) -> None:
        self.codec = Codec(dialect)
        self._ledger, self._dialect, self._keys = ledger, dialect, keys
        self._clock, self._region = clock, region
        self._flight, self._patience_s = flight or Flight(), patience_s
        self._pin_format = PinFormat(dialect.pin.value)

    async def answer(self, body: bytes) -> bytes | None:
        """The answer to the bytes of a message; None for what is no request at all."""
        try:
            message = self.codec.decode(body)
        except MessageFault as fault:
            return self._not_understood(body, fault)
        if reading.is_answer(message.kind):
            log.info("host.unasked", kind=message.kind)
            return None
        terminal = self._keys.terminal(message.text(41))
        try:
            kind = self._checked(body, message, terminal)
        except Unfit as unfit_:
            return self._written(message, _refused(unfit_.refused))
        assert terminal is not None, "an unknown terminal is unfit"
        try:
            fields = await self._fields(kind, message, terminal)
        except Unfit as unfit_:
            fields = _refused(unfit_.refused)
        return self._written(message, fields, terminal.terminal_id)

    def _checked(self, body: bytes, message: Message, terminal: Terminal | None) -> str:
        """The kind of a request whose sender is known; the answer to any other bears no MAC."""
        kind = reading.request_kind(message.kind)
        if not kind:
            raise unfit(HostRefusal.NOT_OFFERED)
        if terminal is None:
            raise unfit(HostRefusal.TERMINAL_UNKNOWN)
        if message.text(42).strip() not in ("", terminal.provider_code):
            raise unfit(HostRefusal.PROVIDER_WRONG)
        if kind != reading.NETWORK or message.text(70) not in (SIGN_ON, ECHO):
            self._authenticate(body, message, terminal)
        return kind

    async def _fields(self, kind: str, message: Message, terminal: Terminal) -> dict[int, Value]:
        """The fields an answer has of its own."""
        if kind == reading.NETWORK:
            return self._network(message.text(70), terminal)
        known = reading.read(message, terminal, self._clock())
        return _answered(await self._decided(kind, message, terminal, known), known)

    def _authenticate(self, body: bytes, message: Message, terminal: Terminal) -> None:
        found = sealed(self.codec, body, message)
        if found is None or not self._keys.authentic(
            terminal.terminal_id, self._dialect.mac, *found
        ):
            log.warning("host.mac_wrong", terminal=terminal.terminal_id)
            raise unfit(HostRefusal.MAC_WRONG)

    def _network(self, wanted: str, terminal: Terminal) -> dict[int, Value]:
        if wanted in (SIGN_ON, KEY_CHANGE):
            keys = self._keys.sign_on(terminal.terminal_id, self._dialect.mac)
            return {39: field_39(ACCEPTED), KEYS_FIELD: keys}
        if wanted in (SIGN_OFF, ECHO):
            return {39: field_39(ACCEPTED)}
        raise unfit(HostRefusal.NOT_OFFERED)

    async def _decided(
        self, kind: str, message: Message, terminal: Terminal, known: Read
    ) -> Outcome:
        if kind in (reading.REVERSAL, reading.ADVICE):
            original = reading.original_of(message, terminal, known)
            ask = reading.asked(message, terminal, known, None)
            return await self._from_books(lambda: self._ledger.reverse(ask, original), ask)
        reading.purpose(message, kind)
        pin = self._pin(kind, message, terminal, known)
        ask = reading.asked(message, terminal, known, pin)
        if kind == reading.BALANCE:
            return await self._from_books(lambda: self._ledger.balance(ask), ask)
        return await self._from_books(lambda: self._ledger.purchase(ask), ask)

    def _pin(
        self, kind: str, message: Message, terminal: Terminal, known: Read
    ) -> PinEntered | None:
        """The PIN in field 52, which every purchase needs (R5-05), a balance where the law says."""
        block = message.raw(52)
        if not block:
            needed = pin_law(self._region, self._clock().astimezone(CHINA).date()).needed_for
            if kind == reading.PURCHASE or "balance" in needed:
                raise Unfit(Refused(PinRefusal.PIN_NEEDED))
            return None
        try:
            return self._keys.pin(terminal.terminal_id, self._pin_format, block, known.card_number)
        except PinBlockFault:
            raise unfit(HostRefusal.PIN_UNREADABLE) from None

    async def _from_books(self, work: Callable[[], Awaitable[Outcome]], ask: Ask) -> Outcome:
        """The books' own word; busy when they take no more, unknown when they break or tarry."""
        try:
            asked = asyncio.shield(self._flight.ask(ask, work))
            return await asyncio.wait_for(asked, self._patience_s)
        except Busy:
            return Outcome(HostRefusal.BUSY.code)
        except TimeoutError:
            log.error("host.books_tarry", msg_no=ask.key.msg_no, terminal=ask.terminal)
        except Exception as fault:
            log.error("host.books_broke", msg_no=ask.key.msg_no, fault=type(fault).__name__)
        return Outcome(HostRefusal.OUTCOME_UNKNOWN.code)

    def _written(self, message: Message, fields: dict[int, Value], terminal_id: str = "") -> bytes:
        """The bytes of an answer, with a MAC when the terminal has keys; new ones vouch for
        themselves.
        """
        echoed = {n: message.fields[n] for n in ECHOED if n in message.fields}
        whole = dict(sorted({**echoed, **fields}.items()))
        made = Message(reading.answer_kind(message.kind), whole, turned(message.tpdu))
        body, content = unsealed(self.codec, made)
        age = Age.HANDED_OUT if KEYS_FIELD in fields else Age.IN_USE
        mac = self._keys.mac(terminal_id, self._dialect.mac, content, age) if terminal_id else b""
        return body + mac if mac else self.codec.encode(made)

    def _not_understood(self, body: bytes, fault: MessageFault) -> bytes | None:
        """30 and the fault, as far as a type can be read; no MAC, for nobody is known."""
        kind = self.codec.peek(body)
        log.warning("host.not_understood", kind=kind, fault=fault.code)
        if not kind or reading.is_answer(kind):
            return None
        fields = _refused(Refused(HostRefusal.FORMAT, {"fault": fault.code}))
        tpdu = turned(body[: self._dialect.tpdu_bytes])
        return self.codec.encode(Message(reading.answer_kind(kind), fields, tpdu))


def _refused(refused: Refused) -> dict[int, Value]:
    fields: dict[int, Value] = {39: FIELD_39[refused.reason]}
    if "fault" in refused.facts:
        fields[FAULT_FIELD] = str(refused.facts["fault"])[:25]
    return fields


def _answered(outcome: Outcome, known: Read) -> dict[int, Value]:
    """Field 37 is the same for every repeat, for it comes from the message's own key."""
    fields: dict[int, Value] = {
        37: f"{known.key.msg_no % 10**12:012d}",
        39: field_39(outcome.code),
    }
    if outcome.auth_code:
        fields[38] = f"{outcome.auth_code:0>6}"[-6:]
    if outcome.balance_fen is not None:
        fields[54] = f"0002{reading.CHINA_NUMBER}C{outcome.balance_fen:012d}"
    return fields
