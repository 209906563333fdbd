"""What becomes of a purchase that a terminal made without a line (safety §9, T10, P8).

One record, what the centre knows, one verdict; the first line that holds decides:

| what is seen | outcome | who looks into it |
|---|---|---|
| no such card; TAC wrong; no amount | rejected | security (TAC), medical insurance |
| the counter was used before by another purchase | disputed, card stopped for review | security |
| a block in force at the claimed time; card not usable | disputed | medical insurance |
| the claimed time is outside the two signed time stamps | disputed | medical insurance |
| the terminal's own list named the card | disputed | medical insurance |
| terminal not in use at that time | disputed | security |
| list too old; over a limit; brought in too late | disputed | medical insurance |
| the account is short | disputed | medical insurance |
| none of these | posted | a skipped counter, a repeated terminal number: security |

The claimed time is evidence, not truth: a till can lie. So no line pays because of it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from minka.cards.card import Standing
from minka.kit.words import Words
from minka.law.chip import ChipRules


class Outcome(StrEnum):
    """How a record ends: exactly one of these."""

    POSTED = "posted"
    DISPUTED = "disputed"
    REJECTED = "rejected"


class Finding(StrEnum):
    """What is wrong with a record, in order of precedence."""

    UNKNOWN_CARD = "unknown_card"
    NO_AMOUNT = "no_amount"
    TAC_WRONG = "tac_wrong"
    CLONE = "clone"
    BLOCKED = "blocked"
    NOT_USABLE = "not_usable"
    TIME_UNPROVEN = "time_unproven"
    LISTED = "listed"
    DEVICE_STOPPED = "device_stopped"
    LIST_OLD = "list_old"
    OVER_PURCHASE = "over_purchase"
    OVER_DAY = "over_day"
    OVER_USES = "over_uses"
    LATE = "late"
    BALANCE_SHORT = "balance_short"
    SKIPPED = "skipped"
    TERMINAL_REPEATS = "terminal_repeats"


REJECTING = frozenset({Finding.UNKNOWN_CARD, Finding.NO_AMOUNT, Finding.TAC_WRONG})
FLAGGING = frozenset({Finding.SKIPPED, Finding.TERMINAL_REPEATS})
"""Findings that open a case and leave the money as it is."""
SECURITY, MEDICAL = "security_administrator", "medical_staff"
OWNERS = {
    finding: SECURITY
    if finding in FLAGGING | {Finding.TAC_WRONG, Finding.DEVICE_STOPPED, Finding.CLONE}
    else MEDICAL
    for finding in Finding
}
"""The post that answers for each finding."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a terminal says of one purchase; amounts in fen, instants with a zone."""

    id_code: bytes
    card_seq: int
    terminal_seq: int
    account_fen: int
    self_fen: int
    pooled_fen: int
    claimed_at: datetime
    tac: bytes
    list_version: int
    list_at: datetime
    """When the terminal's stop list was true."""
    synced_at: datetime
    """The last instant the centre signed for the terminal before the purchase."""

    @property
    def amounts(self) -> tuple[int, int, int]:
        """Account, own payment and pooled fund."""
        return self.account_fen, self.self_fen, self.pooled_fen

    @property
    def total_fen(self) -> int:
        """The whole price."""
        return sum(self.amounts)


@dataclass(frozen=True, slots=True)
class Known:
    """What the centre knows about the card and the terminal of a record, at ``at``."""

    at: datetime
    tac_right: int
    device_in_use: int
    standing: Standing
    """The card's standing at the claimed time; ``UNKNOWN`` for nobody's card."""
    posted: Sequence[tuple[int, datetime]] = ()
    """The card's purchases already posted: total in fen, claimed time."""
    seen: frozenset[int] = frozenset()
    """Every counter of the card that came in before, posted or disputed."""
    terminal_repeats: int = 0
    """One when the terminal used its number before, for another purchase."""
    listed_in: int | None = None
    """The version of the stop list that named the card by then, or None."""
    free_fen: int = 0
    """What the individual account can pay."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a record, and everything about it that somebody must look into."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()


STOPS = (Standing.PROVISIONAL_LOSS, Standing.FORMAL_LOSS, Standing.FROZEN)


def judge(purchase: Purchase, known: Known, rules: ChipRules) -> Judged:
    """The one outcome of a purchase, with the finding that decided it."""
    case = _Case(purchase, known, rules)
    found = next((finding for finding, holds in _LINES if holds(case)), None)
    flags = tuple(_flags(purchase, known)) if found not in REJECTING else ()
    if found is None:
        return Judged(Outcome.POSTED, flags)
    outcome = Outcome.REJECTED if found in REJECTING else Outcome.DISPUTED
    return Judged(outcome, (found, *flags))


def missing(seqs: Iterable[int]) -> list[int]:
    """The counters that no purchase has shown between the first and the last known."""
    known = set(seqs)
    return [n for n in range(min(known), max(known)) if n not in known] if known else []


def _flags(purchase: Purchase, known: Known) -> Iterable[Finding]:
    if known.seen and purchase.card_seq > max(known.seen) + 1:
        yield Finding.SKIPPED
    if known.terminal_repeats:
        yield Finding.TERMINAL_REPEATS


@dataclass(frozen=True, slots=True)
class _Case:
    """A purchase, what is known, and the rules of its day."""

    p: Purchase
    k: Known
    r: ChipRules

    @property
    def same_day(self) -> list[int]:
        """The totals of the card's purchases within a day of this one."""
        day = timedelta(hours=24)
        return [fen for fen, at in self.k.posted if abs(at - self.p.claimed_at) < day]


_LINES: tuple[tuple[Finding, Callable[[_Case], object]], ...] = (
    (Finding.UNKNOWN_CARD, lambda c: c.k.standing is Standing.UNKNOWN),
    (Finding.NO_AMOUNT, lambda c: min(c.p.amounts) < 0 or c.p.total_fen <= 0),
    (Finding.TAC_WRONG, lambda c: not c.k.tac_right),
    (Finding.CLONE, lambda c: c.p.card_seq in c.k.seen),
    (Finding.BLOCKED, lambda c: c.k.standing in STOPS),
    (Finding.NOT_USABLE, lambda c: c.k.standing is not Standing.USABLE),
    (Finding.TIME_UNPROVEN, lambda c: not c.p.synced_at <= c.p.claimed_at <= c.k.at),
    (
        Finding.LISTED,
        lambda c: c.k.listed_in is not None and c.k.listed_in <= c.p.list_version,
    ),
    (Finding.DEVICE_STOPPED, lambda c: not c.k.device_in_use),
    (
        Finding.LIST_OLD,
        lambda c: c.p.claimed_at - c.p.list_at > timedelta(hours=c.r.list_hours),
    ),
    (Finding.OVER_PURCHASE, lambda c: c.p.total_fen > c.r.purchase_fen),
    (Finding.OVER_DAY, lambda c: sum(c.same_day) + c.p.total_fen > c.r.day_fen),
    (Finding.OVER_USES, lambda c: len(c.same_day) >= c.r.day_uses),
    (Finding.LATE, lambda c: c.k.at - c.p.claimed_at > timedelta(days=c.r.upload_days)),
    (Finding.BALANCE_SHORT, lambda c: c.p.account_fen > c.k.free_fen),
)

FINDINGS: dict[Finding, Words] = {
    Finding.UNKNOWN_CARD: Words("没有登记过这张卡", "沒有登記過這張卡", "No such card on file"),
    Finding.NO_AMOUNT: Words("金额不对", "金額不對", "The amounts are wrong"),
    Finding.TAC_WRONG: Words("交易认证码不对", "交易認證碼不對", "The transaction code is wrong"),
    Finding.DEVICE_STOPPED: Words(
        "终端当时未在用", "終端當時未在用", "The terminal was not in use then"
    ),
    Finding.CLONE: Words(
        "同一交易序号出现两次，疑似复制卡",
        "同一交易序號出現兩次，疑似複製卡",
        "One counter came twice: the card may have been copied",
    ),
    Finding.BLOCKED: Words("交易时卡已停用", "交易時卡已停用", "The card was stopped at that time"),
    Finding.NOT_USABLE: Words(
        "交易时卡不能使用", "交易時卡不能使用", "The card could not be used at that time"
    ),
    Finding.TIME_UNPROVEN: Words(
        "交易时间没有证据", "交易時間沒有證據", "Nothing proves the time of the purchase"
    ),
    Finding.LISTED: Words(
        "终端的停用名单里有这张卡",
        "終端的停用名單裡有這張卡",
        "The terminal's own stop list named the card",
    ),
    Finding.LIST_OLD: Words(
        "终端的停用名单已过期", "終端的停用名單已過期", "The terminal's stop list was too old"
    ),
    Finding.OVER_PURCHASE: Words("超过单笔限额", "超過單筆限額", "Above the limit of one purchase"),
    Finding.OVER_DAY: Words("超过一天的限额", "超過一天的限額", "Above the limit of a day"),
    Finding.OVER_USES: Words("超过一天的次数", "超過一天的次數", "Too many purchases in a day"),
    Finding.LATE: Words("上传太晚", "上傳太晚", "Brought in too late"),
    Finding.BALANCE_SHORT: Words("账户余额不足", "帳戶餘額不足", "The account is short"),
    Finding.SKIPPED: Words("交易序号有跳号", "交易序號有跳號", "Counters were skipped"),
    Finding.TERMINAL_REPEATS: Words(
        "终端流水号重复", "終端流水號重複", "The terminal repeated its own number"
    ),
}
