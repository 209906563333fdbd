"""A terminal's message read as a request: who asks for what, or why it is not even asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from minka.accounts.refusals import AccountRefusal
from minka.cipher.field import digest
from minka.doors.host.keys import Terminal
from minka.doors.host.ledger import Ask, Key, PinEntered
from minka.doors.host.refusals import HostRefusal
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.wire.iso8583.message import Message

CHINA_NUMBER = "156"
"""Number of China in ISO 3166-1, and of its yuan in ISO 4217."""

BALANCE, PURCHASE, REVERSAL, ADVICE, NETWORK = "0100", "0200", "0400", "0420", "0800"
REQUESTS = (BALANCE, PURCHASE, REVERSAL, ADVICE, NETWORK)

PURCHASES, BALANCES = frozenset({"00"}), frozenset({"30", "31"})
CASH_CODES = frozenset({"01", "09", "11", "12", "17", "18"})
"""First two digits of field 3 that ask for cash, alone or on top of a purchase."""
TRANSFER_CODES = frozenset({f"4{n}" for n in range(10)} | {"21", "22", "23", "24", "26", "28"})
CASH_TRADES = frozenset({"6010", "6011"})
TRANSFER_TRADES = frozenset({"4829", "6012", "6051", "6540"})
"""Merchant categories (field 18) that are no care, whatever the processing code says."""
CASH_BACK = "40"
"""Amount type in field 54: cash on top of the purchase."""


class Unfit(Exception):
    """The message cannot be asked of the books; carries the refusal."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason.code)
        self.refused = refused


def unfit(reason: HostRefusal | AccountRefusal, fault: str = "") -> Unfit:
    """A refusal to raise; ``fault`` names a field for the terminal's technician."""
    return Unfit(Refused(reason, {"fault": fault} if fault else {}))


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in a request before its PIN is looked at."""

    key: Key
    at_local: datetime
    card_number: str
    amount_fen: int


def request_kind(kind: str) -> str:
    """The request a message type is, repeats counted as what they repeat; empty for others."""
    plain = kind[:3] + "0" if kind.endswith("1") else kind
    return plain if plain in REQUESTS else ""


def answer_kind(kind: str) -> str:
    """The type of the answer to a request: 0200 and 0201 are answered 0210, 0421 is 0430."""
    return f"{kind[:2]}{int(kind[2]) + 1}0"


def is_answer(kind: str) -> int:
    """One for a type that answers something; it is never answered itself."""
    return int(kind[2]) % 2


def read(message: Message, terminal: Terminal, now: datetime) -> Read:
    """Key, time, card and amount of a request; raises ``Unfit`` naming what is missing."""
    for number in (3, 11, 12, 13):
        _needed(message, number)
    at_local = local_time(message.text(13) + message.text(12), now)
    if at_local is None:
        raise unfit(HostRefusal.FORMAT, "time:12")
    card_number = message.text(2) or message.text(35).partition("=")[0]
    if not card_number:
        raise unfit(HostRefusal.FORMAT, "missing:2")
    key = Key(message_number(at_local, message.text(11)), terminal.origin_no)
    return Read(key, at_local, card_number, int(message.text(4) or "0"))


def original_of(message: Message, terminal: Terminal, known: Read) -> Key:
    """The key of the message a reversal is about, from field 90.

    Its ten digits of date and time are fields 13 and 12 of the original, which never change when
    a message is repeated; the institutions behind them are not used.
    """
    _needed(message, 90)
    data = message.text(90)
    if request_kind(data[:4]) != PURCHASE:
        raise unfit(HostRefusal.FORMAT, "original:90")
    at_local = local_time(data[10:20], known.at_local)
    if at_local is None:
        raise unfit(HostRefusal.FORMAT, "time:90")
    return Key(message_number(at_local, data[4:10]), terminal.origin_no)


def _needed(message: Message, number: int) -> None:
    if number not in message.fields:
        raise unfit(HostRefusal.FORMAT, f"missing:{number}")


def message_number(at_local: datetime, stan: str) -> int:
    """The eighteen digits a message is known by."""
    return int(at_local.strftime("%y%m%d%H%M%S") + stan)


def local_time(digits: str, near: datetime) -> datetime | None:
    """MMDDhhmmss in China, in the year that brings it nearest to an instant; None for no time."""
    here = near.astimezone(CHINA)
    if len(digits) != 10 or not digits.isdecimal():
        return None
    month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 10, 2))
    found = []
    for year in (here.year - 1, here.year, here.year + 1):
        with suppress(ValueError):
            found.append(datetime(year, month, day, hour, minute, second, tzinfo=CHINA))
    return min(found, key=lambda instant: abs(instant - here), default=None)


def purpose(message: Message, kind: str) -> None:
    """Raises ``Unfit`` for what this money never does: cash, transfer, abroad (G2, K7)."""
    wanted, trade = message.text(3)[:2], message.text(18)
    if wanted in CASH_CODES or trade in CASH_TRADES or _cash_back(message):
        raise unfit(AccountRefusal.CASH)
    if wanted in TRANSFER_CODES or trade in TRANSFER_TRADES:
        raise unfit(AccountRefusal.TRANSFER)
    if wanted not in (BALANCES if kind == BALANCE else PURCHASES):
        raise unfit(HostRefusal.NOT_OFFERED)
    if _from_abroad(message):
        raise unfit(AccountRefusal.ABROAD)
    if kind == PURCHASE:
        _needed(message, 4)
        _needed(message, 49)
        if not int(message.text(4)):
            raise unfit(AccountRefusal.NOT_AN_AMOUNT)


def _from_abroad(message: Message) -> int:
    """One when the acquirer's country, the currency or the place of the till is not China's."""
    numbers = [message.text(number) for number in (19, 20, 49, 51)]
    place = message.text(43)[38:40].upper()
    return int(any(n and n != CHINA_NUMBER for n in numbers) or place.strip() not in ("", "CN"))


def _cash_back(message: Message) -> int:
    """One when field 54 asks for cash: pieces of twenty characters, the amount type after two."""
    amounts = message.text(54)
    return int(any(amounts[i + 2 : i + 4] == CASH_BACK for i in range(0, len(amounts), 20)))


def asked(message: Message, terminal: Terminal, known: Read, pin: PinEntered | None) -> Ask:
    """The request as the books are asked."""
    kind = request_kind(message.kind)
    meant = REVERSAL if kind == ADVICE else kind  # networks send either for the other
    content = (meant, known.card_number, known.amount_fen, terminal.provider_code, message.text(90))
    return Ask(
        key=known.key,
        card_number=known.card_number,
        amount_fen=known.amount_fen,
        provider_code=terminal.provider_code,
        terminal=terminal.terminal_id,
        at_local=known.at_local,
        content_hash=digest("\0".join(map(str, content)).encode()),
        pin=pin,
    )
