"""Card readers over PC/SC (pcscd on Linux, the system's own elsewhere), by pyscard's C functions.

A connection has its own context, so that one program's fault ends with it, and holds the card in a
transaction from power-on to ``close``: other programs may have the same card open, but no command
and no reset of theirs comes between. A card with contacts speaks T=0 only (card-chip §2), one
without T=1; 61xx and 6Cxx are left to the chip's own chain, as pyscard does not follow them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from importlib import import_module
from types import ModuleType

from minka.chip.connection import CardGone
from minka.devices.pcsc_reader import (
    CardBusy,
    Change,
    Happening,
    MuteCard,
    NoCard,
    NotInstalled,
    PoweredCard,
    ReaderFault,
    ReaderGone,
)

NEW_READERS = "\\\\?PnP?\\Notification"
"""The name under which PC/SC tells of readers that come and go."""

LOOK_AGAIN_MS = 500
"""How long one wait for events lasts, so that a closed list ends soon."""


def scard() -> ModuleType:
    """pyscard's functions; ``NotInstalled`` when the part was not installed."""
    try:
        return import_module("smartcard.scard")
    except ImportError as missing:
        raise NotInstalled from missing


def is_installed() -> bool:
    """Whether this machine could speak PC/SC at all."""
    try:
        scard()
    except NotInstalled:
        return False
    return True


def _fault(code: int) -> ReaderFault | CardGone:
    """What a result of PC/SC means to us."""
    s = scard()
    if code in (s.SCARD_W_REMOVED_CARD, s.SCARD_W_RESET_CARD, s.SCARD_E_NOT_TRANSACTED):
        return CardGone(s.SCardGetErrorMessage(code))
    kinds: dict[int, type[ReaderFault]] = {
        s.SCARD_E_NO_SMARTCARD: NoCard,
        s.SCARD_W_UNPOWERED_CARD: MuteCard,
        s.SCARD_W_UNRESPONSIVE_CARD: MuteCard,
        s.SCARD_W_UNSUPPORTED_CARD: MuteCard,
        s.SCARD_E_PROTO_MISMATCH: MuteCard,
        s.SCARD_E_SHARING_VIOLATION: CardBusy,
    }
    return kinds.get(code, ReaderGone)(s.SCardGetErrorMessage(code))


def _must(code: int) -> None:
    if code != scard().SCARD_S_SUCCESS:
        raise _fault(code)


def _context() -> int:
    s = scard()
    code, context = s.SCardEstablishContext(s.SCARD_SCOPE_USER)
    _must(code)
    found: int = context
    return found


class PcscCard:
    """A card powered in a PC/SC reader."""

    def __init__(self, reader: str) -> None:
        s = scard()
        self.reader = reader
        self._context = _context()
        self._open = True
        self._protocols = s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1
        code, self._card, self._protocol = s.SCardConnect(
            self._context, reader, s.SCARD_SHARE_SHARED, self._protocols
        )
        if code != s.SCARD_S_SUCCESS:
            s.SCardReleaseContext(self._context)
            raise _fault(code)
        try:
            _must(s.SCardBeginTransaction(self._card))
            self.atr = self._power(s.SCARD_UNPOWER_CARD)
        except (ReaderFault, CardGone):
            self.close()
            raise

    def _power(self, how: int) -> bytes:
        s = scard()
        code, self._protocol = s.SCardReconnect(
            self._card, s.SCARD_SHARE_SHARED, self._protocols, how
        )
        _must(code)
        code, _, _, _, atr = s.SCardStatus(self._card)
        _must(code)
        return bytes(atr)

    def transmit(self, command: bytes) -> bytes:
        """The card's answer as it came; ``CardGone`` when it was taken out, or reset by others."""
        s = scard()
        is_t1 = self._protocol == s.SCARD_PROTOCOL_T1
        header = s.SCARD_PCI_T1 if is_t1 else s.SCARD_PCI_T0
        code, answer = s.SCardTransmit(self._card, header, list(command))
        if code != s.SCARD_S_SUCCESS:
            raise CardGone(s.SCardGetErrorMessage(code))
        return bytes(v & 0xFF for v in answer)

    def reset(self) -> bytes:
        """A warm reset, and the answer to it."""
        self.atr = self._power(scard().SCARD_RESET_CARD)
        return self.atr

    def transaction(self) -> AbstractContextManager[None]:
        """The card is held all the time."""
        return nullcontext()

    def close(self) -> None:
        """Power off and let go."""
        if self._open:
            self._open = False
            s = scard()
            s.SCardEndTransaction(self._card, s.SCARD_LEAVE_CARD)
            s.SCardDisconnect(self._card, s.SCARD_UNPOWER_CARD)
            s.SCardReleaseContext(self._context)


class PcscReaders:
    """The readers pcscd knows."""

    def __init__(self) -> None:
        scard()
        self._closed = False
        self._waits: set[int] = set()

    def names(self) -> tuple[str, ...]:
        """The readers there are now."""
        context = _context()
        try:
            return self._names(context)
        finally:
            scard().SCardReleaseContext(context)

    def _names(self, context: int) -> tuple[str, ...]:
        s = scard()
        code, found = s.SCardListReaders(context, [])
        if code == s.SCARD_E_NO_READERS_AVAILABLE:
            return ()
        _must(code)
        return tuple(found)

    def present(self, reader: str) -> bool:
        """Whether a card is in a reader, without touching the card."""
        s = scard()
        context = _context()
        try:
            code, states = s.SCardGetStatusChange(context, 0, [(reader, s.SCARD_STATE_UNAWARE)])
            _must(code)
            return bool(states[0][1] & s.SCARD_STATE_PRESENT)
        finally:
            s.SCardReleaseContext(context)

    def connect(self, reader: str) -> PoweredCard:
        """The card in a reader, after a cold start."""
        return PcscCard(reader)

    def changes(self) -> Iterator[Change]:
        """Readers and cards that come and go, beginning with those that are there.

        A daemon that ends takes all its readers away (DETACHED); one that comes back brings them.
        """
        context = 0
        known: dict[str, int] = {}
        while not self._closed:
            try:
                context = context or self._begin()
                yield from self._look(context, known)
            except ReaderGone:
                yield from (Change(name, Happening.DETACHED) for name in known)
                known.clear()
                context = self._end(context)
                self._pause()
        self._end(context)

    def _begin(self) -> int:
        context = _context()
        self._waits.add(context)
        return context

    def _end(self, context: int) -> int:
        if context:
            self._waits.discard(context)
            scard().SCardReleaseContext(context)
        return 0

    def _pause(self) -> None:
        from threading import Event

        Event().wait(LOOK_AGAIN_MS / 1000)

    def _look(self, context: int, known: dict[str, int]) -> Iterator[Change]:
        s = scard()
        names = self._names(context)
        for name in [gone for gone in known if gone not in names]:
            del known[name]
            yield Change(name, Happening.DETACHED)
        for name in names:
            if name not in known:
                known[name] = s.SCARD_STATE_UNAWARE
                yield Change(name, Happening.ATTACHED)
        asked = [(NEW_READERS, len(names) << 16), *known.items()]
        code, states = s.SCardGetStatusChange(context, LOOK_AGAIN_MS, asked)
        if code in (s.SCARD_E_TIMEOUT, s.SCARD_E_CANCELLED, s.SCARD_E_UNKNOWN_READER):
            return
        _must(code)
        for name, state, atr in states[1:]:
            yield from _seen(name, known.get(name, 0), state, bytes(atr))
            known[name] = state & ~s.SCARD_STATE_CHANGED

    def close(self) -> None:
        """Ends every ``changes``."""
        self._closed = True
        for context in tuple(self._waits):
            with suppress(TypeError, OSError):
                scard().SCardCancel(context)


def _seen(name: str, before: int, now: int, atr: bytes) -> Iterator[Change]:
    """What a new state of a slot tells; the count in its upper half betrays a quick exchange."""
    s = scard()
    was, present = before & s.SCARD_STATE_PRESENT, now & s.SCARD_STATE_PRESENT
    exchanged = was and present and before >> 16 != now >> 16
    if (was and not present) or exchanged:
        yield Change(name, Happening.REMOVED)
    if (present and not was) or exchanged:
        yield Change(name, Happening.INSERTED, atr)
