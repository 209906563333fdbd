"""The medical account of a virtual card: load, purchase, balances, year, log and proof.

| command \\ state | idle | load | purchase |
|---|---|---|---|
| INITIALIZE FOR LOAD | load | load | load |
| INITIALIZE FOR PURCHASE | purchase | purchase | purchase |
| CREDIT FOR LOAD | 6901 | idle | 6901 |
| DEBIT FOR PURCHASE | 6901 | 6901 | idle |
| GET BALANCE, GET TRANSACTION PROOF | idle | load | purchase |

Any other command, and every failure, leads back to idle (card-chip §12.6). Ours where the standard
is silent: the log and the proof bear the counter from before it went up (§22, 10); the year of
payment after a roll is the one the settlement's day falls into; the proof of a load holds the MAC2
that the card was given. A load's TAC is over the balance from before it, as in the vectors.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from minka.bench.card_core import Chip, Key, Order, Purse, Says
from minka.bench.card_image import ACCOUNT, ACCOUNT_BYTES, PROOF, PROOF_BYTES, Usage
from minka.bench.card_memory import Write
from minka.bench.card_records import Line, Ring
from minka.bench.card_tree import Kind
from minka.chip import status
from minka.cipher import card_key

MEDICAL = 0xDF04
LOG, BASIC = 0xEF08, 0xEF05
MODE_TAG, OFFLINE = 0x8F, b"2"
LOADED, BOUGHT = 0x31, 0x32
LOAD_SUFFIX = b"\x80\x00"
LAST_COUNT = 0xFFFF
MOST = 0xFFFF_FFFF
WHOLE_YEAR = 10_000
FULL_RECORD = 28
STARTING_DAY = ACCOUNT + 18


@dataclass(frozen=True, slots=True)
class Account:
    """The amounts of a card in fen, its counters, and its year (digits packed)."""

    loads: int
    purchases: int
    balance: int
    self_paid: int
    pooled: int
    year: bytes
    starting: bytes

    def __bytes__(self) -> bytes:
        counters = self.loads.to_bytes(2) + self.purchases.to_bytes(2)
        sums = b"".join(n.to_bytes(4) for n in (self.balance, self.self_paid, self.pooled))
        return counters + sums + self.year + self.starting


def account_of(chip: Chip) -> Account:
    """The account in a chip's memory."""
    raw = bytes(chip.memory.cells[ACCOUNT : ACCOUNT + ACCOUNT_BYTES])
    loads, purchases = int.from_bytes(raw[:2]), int.from_bytes(raw[2:4])
    balance, self_paid, pooled = (int.from_bytes(raw[at : at + 4]) for at in (4, 8, 12))
    return Account(loads, purchases, balance, self_paid, pooled, raw[16:18], raw[18:20])


def initialize(chip: Chip, order: Order) -> bytes:
    """INITIALIZE FOR LOAD (P1 00) and FOR PURCHASE (P1 01)."""
    if order.p1 not in (0, 1) or order.p2 != 1:
        raise Says(status.WRONG_PARAMETERS)
    order.takes(19 if order.p1 else 11, gives=22 if order.p1 else 16)
    _offline(chip)
    if not chip.holds_pin():
        raise Says(status.SECURITY)
    return _for_purchase(chip, order) if order.p1 else _for_load(chip, order)


def credit(chip: Chip, order: Order) -> bytes:
    """CREDIT FOR LOAD: the host's MAC2 in, the TAC out."""
    order.asks(0, 0)
    order.takes(11, gives=4)
    _offline(chip)
    session = chip.session
    if session.purse is not Purse.LOAD:
        raise Says(status.INVALID_STATE)
    random, amount, terminal = session.pending[:4], session.pending[4:8], session.pending[8:14]
    account, key = account_of(chip), _key(chip, Usage.LOAD, session.pending[14])
    time, given = order.data[:7], order.data[7:]
    count = account.loads.to_bytes(2)
    own = card_key.session(key.algorithm, key.value, random + count + LOAD_SUFFIX)
    said = amount + bytes((LOADED,)) + terminal + time
    if not hmac.compare_digest(card_key.mac(key.algorithm, own, said), given):
        raise Says(status.MAC_INVALID)
    after = account.balance + int.from_bytes(amount)
    code = _tac(chip, account.balance.to_bytes(4) + count + said)
    record = count + bytes((LOADED,)) + terminal + time + amount + bytes(8)
    changed = Account(
        min(account.loads + chip.traits.counter_step, LAST_COUNT),
        account.purchases,
        after,
        account.self_paid,
        account.pooled,
        account.year,
        account.starting,
    )
    _settle(chip, changed, record, bytes((LOADED,)) + count + given + code)
    return code


def debit(chip: Chip, order: Order) -> bytes:
    """DEBIT FOR PURCHASE: the PSAM's MAC1 in, TAC and MAC2 out."""
    order.asks(1, 0)
    order.takes(15, gives=8)
    _offline(chip)
    session = chip.session
    if session.purse is not Purse.PURCHASE:
        raise Says(status.INVALID_STATE)
    random, amounts, terminal = session.pending[:4], session.pending[4:16], session.pending[16:22]
    sequence, time, given = order.data[:4], order.data[4:11], order.data[11:]
    account, key = account_of(chip), _key(chip, Usage.PURCHASE, session.pending[22])
    count = account.purchases.to_bytes(2)
    own = card_key.session(key.algorithm, key.value, random + count + sequence[2:])
    said = amounts + bytes((BOUGHT,)) + terminal + time
    if not hmac.compare_digest(card_key.mac(key.algorithm, own, said), given):
        raise Says(status.MAC_INVALID)
    proof = card_key.mac(key.algorithm, own, amounts)
    code = _tac(chip, amounts + bytes((BOUGHT,)) + terminal + sequence + time)
    record = count + bytes((BOUGHT,)) + terminal + time + amounts
    changed = _spent(chip, account, amounts, time)
    _settle(chip, changed, record, bytes((BOUGHT,)) + count + proof + code)
    return code + proof


def get_balance(chip: Chip, order: Order) -> bytes:
    """The balance, or a year's sum with its year."""
    if order.p1 or order.p2 not in (1, 2, 3):
        raise Says(status.WRONG_PARAMETERS)
    if order.data or order.p3 not in (4 if order.p2 == 1 else 6,):
        raise Says(status.WRONG_LENGTH)
    _offline(chip)
    if not chip.holds_pin():
        raise Says(status.SECURITY)
    account = account_of(chip)
    if order.p2 == 1:
        return account.balance.to_bytes(4)
    return (account.self_paid if order.p2 == 2 else account.pooled).to_bytes(4) + account.year


def get_proof(chip: Chip, order: Order) -> bytes:
    """MAC and TAC of the last amount changed, when type and counter are its own; else 9406."""
    if order.p1 or order.p2 & 0x0F not in (1, 2) or order.p2 >> 4 not in (0, 3):
        raise Says(status.WRONG_PARAMETERS)
    order.takes(2, gives=8)
    _offline(chip)
    proof = bytes(chip.memory.cells[PROOF : PROOF + PROOF_BYTES])
    if proof[:3] != bytes((0x30 | order.p2,)) + order.data:
        raise Says(status.NO_PROOF)
    return proof[3:]


def starting_day(chip: Chip, order: Order) -> bytes:
    """UPDATE STARTING DAY (P1 00) and GET STARTING DAY (P1 01): month and day, packed."""
    if order.p1 not in (0, 1) or order.p2 or order.p3 != 2:
        raise Says(status.WRONG_PARAMETERS)
    _offline(chip)
    if order.p1:
        return account_of(chip).starting
    if len(order.data) != 2 or not order.whole:
        raise Says(status.WRONG_PARAMETERS)
    if not chip.session.rights & chip.numbers(Usage.STARTING):
        raise Says(status.SECURITY)
    if not _is_day(order.data):
        raise Says(status.CONDITIONS)
    chip.memory.write((STARTING_DAY, order.data))
    return b""


def _for_load(chip: Chip, order: Order) -> bytes:
    account = account_of(chip)
    index, amount, terminal = order.data[0], order.data[1:5], order.data[5:]
    key = _key(chip, Usage.LOAD, index)
    if account.loads == LAST_COUNT:
        raise Says(status.COUNTER_SPENT)
    if account.balance + int.from_bytes(amount) > MOST:
        raise Says(status.CONDITIONS)
    random, count = chip.random(4), account.loads.to_bytes(2)
    own = card_key.session(key.algorithm, key.value, random + count + LOAD_SUFFIX)
    balance = account.balance.to_bytes(4)
    proof = card_key.mac(key.algorithm, own, balance + amount + bytes((LOADED,)) + terminal)
    chip.session.purse = Purse.LOAD
    chip.session.pending = random + amount + terminal + bytes((index,))
    return balance + count + bytes((index, key.algorithm)) + random + proof


def _for_purchase(chip: Chip, order: Order) -> bytes:
    account = account_of(chip)
    index, amounts, terminal = order.data[0], order.data[1:13], order.data[13:]
    key = _key(chip, Usage.PURCHASE, index)
    if account.purchases == LAST_COUNT:
        raise Says(status.COUNTER_SPENT)
    if account.balance < int.from_bytes(amounts[:4]):
        raise Says(status.TOO_LITTLE_MONEY)
    random, count = chip.random(4), account.purchases.to_bytes(2)
    chip.session.purse = Purse.PURCHASE
    chip.session.pending = random + amounts + terminal + bytes((index,))
    sums = b"".join(s.to_bytes(4) for s in (account.balance, account.self_paid, account.pooled))
    return sums + account.year + count + bytes((index, key.algorithm)) + random


def _spent(chip: Chip, account: Account, amounts: bytes, time: bytes) -> Account:
    """The account after a purchase; 6985 for a day that is none or a sum past its end."""
    own, paid, pooled = (int.from_bytes(amounts[at : at + 4]) for at in (0, 4, 8))
    self_paid, from_pool, year = account.self_paid, account.pooled, account.year
    if _log(chip).node.entry.record == FULL_RECORD:
        self_paid, from_pool, year = _rolled(account, paid, pooled, day=time[:4])
    if max(self_paid, from_pool) > MOST:
        raise Says(status.CONDITIONS)
    return Account(
        account.loads,
        min(account.purchases + chip.traits.counter_step, LAST_COUNT),
        account.balance - own,
        self_paid,
        from_pool,
        year,
        account.starting,
    )


def _rolled(account: Account, paid: int, pooled: int, *, day: bytes) -> tuple[int, int, bytes]:
    """The year's sums and the year, on a day of eight packed digits."""
    if not day.hex().isdecimal() or not _is_day(day[2:]):
        raise Says(status.CONDITIONS)
    began = int(account.year.hex()) * WHOLE_YEAR + int(account.starting.hex())
    if int(day.hex()) - began < WHOLE_YEAR:
        return account.self_paid + paid, account.pooled + pooled, account.year
    year = int(day[:2].hex()) - (day[2:] < account.starting)
    return paid, pooled, bytes.fromhex(f"{year:04}")


def _settle(chip: Chip, account: Account, record: bytes, proof: bytes) -> None:
    """Amounts, counter, log and proof in one write: all of them or none."""
    log = _log(chip)
    writes: list[Write] = [(ACCOUNT, bytes(account)), (PROOF, proof)]
    chip.memory.write(*writes, *log.added(record[: log.node.entry.record]))


def _log(chip: Chip) -> Ring:
    node = chip.tree.file(chip.session.folder.number, LOG)
    if node is None or node.kind is not Kind.CYCLIC:
        raise Says(status.CONDITIONS)
    return Ring(chip, node)


def _offline(chip: Chip) -> None:
    """Only the medical application of a card of mode 2 has an account; 6985 elsewhere."""
    folder = chip.session.folder
    node = chip.tree.file(folder.number, BASIC) if folder.fid == MEDICAL else None
    records = Line(chip, node).all() if node else []
    if bytes((MODE_TAG, 1)) + OFFLINE not in records:
        raise Says(status.CONDITIONS)
    _log(chip)


def _key(chip: Chip, usage: Usage, version: int) -> Key:
    key = chip.key(0x80, usage, version or 0x100)
    if key is None:
        raise Says(status.KEY_INDEX)
    return key


def _tac(chip: Chip, message: bytes) -> bytes:
    key = chip.key(0x80, Usage.TAC)
    if key is None:
        raise Says(status.CONDITIONS)
    return card_key.tac(key.algorithm, key.value, message)


def _is_day(day: bytes) -> bool:
    digits = day.hex()
    return digits.isdecimal() and 1 <= int(digits[:2]) <= 12 and 1 <= int(digits[2:]) <= 31
