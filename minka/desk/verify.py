"""Everything re-derived from the facts in one snapshot, and what differs (P7, P1; T17).

Each check is a set-based query over the whole register that gives differences and nothing else;
the traces are decoded and added again one by one. A register that is being written to is verified
as it stood at one instant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import tuple_row
from psycopg.sql import SQL

from minka.care.trace import CODES, Step, decode
from minka.cipher.field import digest
from minka.desk.account_look import ref_of
from minka.kit.words import Words
from minka.store.connection import Connection, Register, Row, row
from minka.store.journal import canonical
from minka.store.queries import query

SHOWN = 20
"""Differences that are shown of each check; all are counted."""

CHECKS: dict[str, Words] = {
    "row_sums": Words(
        "每笔结算的金额自相平衡",
        "每筆結算的金額自相平衡",
        "Every settlement's amounts add up to its total, twice",
    ),
    "entry_sums": Words(
        "每笔账借贷为零，且只动本人的账户",
        "每筆帳借貸為零，且只動本人的帳戶",
        "Every ledger entry sums to zero and moves no other person's account",
    ),
    "books": Words("全部分录合计为零", "全部分錄合計為零", "All postings sum to zero"),
    "link": Words(
        "每人的流水首尾相连，不多不少",
        "每人的流水首尾相連，不多不少",
        "Every row names the person's row before it, each once",
    ),
    "running_balance": Words(
        "每行余额等于上一行加本行",
        "每行餘額等於上一行加本行",
        "Every row's balance is the one before and its own change",
    ),
    "clock": Words(
        "每人的时间只向前",
        "每人的時間只向前",
        "A person's instants only grow, up to the coverage's own",
    ),
    "head": Words(
        "参保行指向最新一行",
        "參保行指向最新一行",
        "The coverage names the person's newest row",
    ),
    "balance": Words(
        "个人账户余额等于分录之和",
        "個人帳戶餘額等於分錄之和",
        "Every individual balance is the sum of its postings",
    ),
    "accumulators": Words(
        "年度累计等于当年结算之和",
        "年度累計等於當年結算之和",
        "The year's accumulators are the sums of the year's rows",
    ),
    "card_open": Words(
        "卡能否结算与挂失事实一致",
        "卡能否結算與掛失事實一致",
        "When a card may settle is what its blocks and its life say",
    ),
    "card_status": Words(
        "卡状态等于最后一步", "卡狀態等於最後一步", "A card's status is its last move's"
    ),
    "undone": Words(
        "退费、冲正与原结算相反",
        "退費、沖正與原結算相反",
        "What undoes a row is that row negated",
    ),
    "undone_twice": Words("一笔只退一次", "一筆只退一次", "Nothing is undone twice"),
    "stopped_card": Words(
        "停用期间没有刷卡结算",
        "停用期間沒有刷卡結算",
        "No settlement by a card while it was stopped",
    ),
    "assertion": Words(
        "日终余额可重算", "日終餘額可重算", "Every balance asserted at a day's close is true"
    ),
    "held": Words("预占金额可重算", "預占金額可重算", "What is held is the sum of standing holds"),
    "hold_end": Words(
        "预占按时结束，支付不超额",
        "預占按時結束，支付不超額",
        "Every hold ends once, in time, for no more than was held",
    ),
    "fees": Words(
        "结算等于已上传费用之和",
        "結算等於已上傳費用之和",
        "Every bill is the sum of the fees uploaded for it",
    ),
    "billed_twice": Words(
        "一笔费用只结算一次", "一筆費用只結算一次", "Every fee stands in one bill"
    ),
    "keys": Words("一个编号一个人一次", "一個編號一個人一次", "One key, one person, one effect"),
    "rule": Words(
        "结算依据的规则在册", "結算依據的規則在冊", "The rule of every split is on record"
    ),
    "signed": Words(
        "调整、更正、注销有两人签字",
        "調整、更正、註銷有兩人簽字",
        "Every adjustment, correction and closing has two signatures",
    ),
    "pin": Words(
        "密码的错误次数等于验密记录",
        "密碼的錯誤次數等於驗密記錄",
        "Every PIN's counter is what its facts and tries say",
    ),
    "audit": Words(
        "审计事件与其内容、与其批次相符",
        "稽核事件與其內容、與其批次相符",
        "Every audit event has the hash of its content, and of its batch",
    ),
    "trace": Words(
        "每笔结算的计算过程可重加",
        "每筆結算的計算過程可重加",
        "Every trace adds up again to its settlement",
    ),
}
"""Every check: what must be so."""

QUERIES = (
    *("row_sums", "entry_sums", "books", "chain", "balances", "accumulators", "cards", "undone"),
    *("stopped", "assertions", "holds", "fees", "keys", "signed", "pins", "batches"),
)
"""The queries that look for differences, in ``queries/verify.sql``."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the facts say."""

    check: str
    person_id: int
    ref: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at and what differs."""

    settlements: int
    entries: int
    accounts: int
    traces: int
    """How many traces were added again."""
    counts: Mapping[str, int]
    """Of every check, how many differences there are."""
    shown: tuple[Difference, ...]
    """At most ``SHOWN`` of each check."""

    @property
    def differences(self) -> int:
        """All of them; zero is the only right answer."""
        return sum(self.counts.values())


def verify(register: Register, *, every: int = 1) -> Verified:
    """Verify a register in one snapshot; one trace and one event in ``every`` are made again.

    ``every=0`` leaves the traces out.
    """
    with register.snapshot() as connection:
        return verify_on(connection, every=every)


def verify_on(connection: Connection, *, every: int = 1) -> Verified:
    """The same on a connection whose transaction is open."""
    counted = row(connection, "verify.counted")
    assert counted is not None, "a count is always a row"
    counts = dict.fromkeys(CHECKS, 0)
    shown: list[Difference] = []
    for name in QUERIES:
        for each in _differences(connection, name):
            counts[each["name"]] += each["times"]
            shown += [_difference(one) for one in each["shown"]]
    traces, wrong = _traces(connection, every)
    events = _events(connection, every)
    counts["trace"] = len(wrong)
    counts["audit"] += len(events)
    shown += [*wrong[:SHOWN], *events[:SHOWN]]
    return Verified(**counted, traces=traces, counts=counts, shown=tuple(shown))


def _differences(connection: Connection, name: str) -> list[Row]:
    """The differences that a query finds, counted by check, with the first of each."""
    counting = SQL(
        "with found as ({}), numbered as (select found.*, row_number() over (partition by name)"
        " as nth from found) select name, count(*)::integer as times,"
        " jsonb_agg(to_jsonb(numbered)) filter (where nth <= {}) as shown"
        " from numbered group by name"
    ).format(query(f"verify.{name}"), SHOWN)
    return connection.execute(counting, {}).fetchall()


def _difference(found: Mapping[str, Any]) -> Difference:
    return Difference(
        found["name"],
        found["person_id"],
        _ref(found),
        str(found["found"]),
        str(found["expected"]),
    )


def _ref(found: Mapping[str, Any]) -> str:
    if found["name"] == "assertion":
        return f"account {found['origin_no']}/{found['msg_no']}"
    if found["name"] == "billed_twice":
        return f"bill {found['msg_no']}"
    if found["name"] == "audit":
        return f"event {found['msg_no']}"
    if found["name"] in ("card_open", "card_status", "pin"):
        return f"card {found['msg_no']}"
    return ref_of(found["msg_no"], found["origin_no"]) if found["msg_no"] else ""


PARTS = ("deductible", "pool", "large", "serious", "civil", "enterprise", "assistance")
_PART = {code: PARTS.index(row.part) if row.part in PARTS else -1 for code, row in CODES.items()}
_COUNTS = frozenset(code for code, row in CODES.items() if row.counts)


def _traces(connection: Connection, every: int) -> tuple[int, list[Difference]]:
    if not every:
        return 0, []
    looked, wrong = 0, []
    with connection.cursor("traces", row_factory=tuple_row, binary=True) as cursor:
        cursor.itersize = 10_000
        cursor.execute(query("verify.traces"), {"every": every})
        for person_id, msg_no, origin_no, trace, in_scope, *parts in cursor:
            looked += 1
            fault = _fault(trace, in_scope, parts)
            if fault:
                ref = ref_of(msg_no, origin_no)
                wrong.append(Difference("trace", person_id, ref, fault, "adds up"))
    return looked, wrong


def _events(connection: Connection, every: int) -> list[Difference]:
    """The audit events of single acts whose hash is not of what they say."""
    wrong: list[Difference] = []
    if not every:
        return wrong
    with connection.cursor("events", row_factory=tuple_row) as cursor:
        cursor.itersize = 10_000
        cursor.execute(query("verify.events"), {"every": every})
        for person_id, event_id, content, hashed in cursor:
            want = digest(canonical(content))
            if hashed != want:
                texts = (bytes(hashed).hex(), want.hex())
                wrong.append(Difference("audit", person_id, f"event {event_id}", *texts))
    return wrong


def _fault(trace: bytes, in_scope: int, parts: Sequence[int]) -> str:
    """What of a trace does not add up to its settlement; empty when all does."""
    try:
        steps = decode(trace)
    except (ValueError, KeyError):
        return "not a trace"
    sums, scope = _added(steps)
    differ = [name for name, had, now in zip(PARTS, parts, sums, strict=True) if had != now]
    return " ".join([*differ, "in_scope"] if scope != in_scope else differ)


def _added(steps: tuple[Step, ...]) -> tuple[list[int], int]:
    """The parts that the steps add up to, and the in-scope amount that they account for."""
    sums, scope = [0] * len(PARTS), 0
    for code, counted_fen, _, amount_fen in steps:
        part = _PART[code]
        if part >= 0:
            sums[part] += amount_fen
        if code in _COUNTS:
            scope += counted_fen
    return sums, scope
