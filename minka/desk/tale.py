"""The story of a person's cards as events in order, each a sentence with its instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cards.card import Card
from minka.cards.number import mask
from minka.kit.words import Words
from minka.store.connection import Connection, Row, rows


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline; ``state`` is ``done``, ``pending``, ``failed`` or ``planned``."""

    at: datetime
    kind: str
    words: Words
    card_id: int
    card_mask: str
    receipt: str = ""
    who: str = ""
    state: str = "done"


KINDS: dict[str, Words] = {
    "reported": Words("已受理挂失", "已受理掛失", "Loss report taken"),
    "unconfirmed": Words("挂失待确认", "掛失待確認", "Report waits for confirmation"),
    "confirmed": Words("挂失已确认", "掛失已確認", "Report confirmed"),
    "social_stop": Words("社保功能已停用", "社保功能已停用", "Social security part stopped"),
    "bank_stop": Words("银行账户已止付", "銀行帳戶已止付", "Bank account stopped"),
    "bank_stop_pending": Words(
        "银行账户止付处理中，我们会一直重试",
        "銀行帳戶止付處理中，我們會一直重試",
        "Stop of the bank account is under way; we keep trying",
    ),
    "social_resume": Words("社保功能已恢复", "社保功能已恢復", "Social security part works again"),
    "bank_resume": Words("银行账户已恢复", "銀行帳戶已恢復", "Bank account works again"),
    "lapse_release": Words("到期自动解除", "到期自動解除", "Ends by itself, card works again"),
    "lapse_cancel": Words("到期卡被注销", "到期卡被註銷", "Ends by itself, card is cancelled"),
    "formal": Words("已正式挂失，不能撤销", "已正式掛失，不能撤銷", "Formally lost, for good"),
    "frozen": Words("本人暂停使用", "本人暫停使用", "Frozen by the holder"),
    "withdrawn": Words("挂失已撤销", "掛失已撤銷", "Report withdrawn"),
    "unfrozen": Words("本人恢复使用", "本人恢復使用", "Unfrozen by the holder"),
    "accepted": Words("补卡申请已受理", "補卡申請已受理", "Replacement applied for"),
    "fee_paid": Words("已交费", "已交費", "Fee paid"),
    "fee_waived": Words("费用已减免", "費用已減免", "Fee waived"),
    "made": Words("新卡已制好", "新卡已製好", "New card made"),
    "stocked": Words("新卡到达网点，可领取", "新卡到達網點，可領取", "New card ready to collect"),
    "collected": Words("新卡已领取", "新卡已領取", "New card collected"),
    "activated": Words(
        "新卡已启用，旧卡注销", "新卡已啟用，舊卡註銷", "New card active, old one dead"
    ),
    "destroyed": Words("新卡已退回销毁", "新卡已退回銷毀", "New card returned and destroyed"),
    "refunded": Words("费用已退回", "費用已退回", "Fee given back"),
    "used": Words("用卡成功", "用卡成功", "Card used"),
    "refused": Words("用卡被拒绝", "用卡被拒絕", "Card refused"),
}


def tale(connection: Connection, held: Sequence[Card], at: datetime) -> list[Event]:
    """Every event of a person's cards up to now, and the lapses still to come, oldest first."""
    if not held:
        return []
    person_id = held[0].person_id
    masks = {card.card_id: mask(card.card_number) for card in held}
    blocks = rows(connection, "look.all_blocks", person_id=person_id)
    sides = rows(connection, "look.all_sides", person_id=person_id)
    banked = {card.card_id for card in held if card.bank_id}
    ends = [block for block in blocks if not _held_longer(block, blocks)]
    told = [
        *_of_reports(connection, held),
        *(event for block in blocks for event in _of_block(block, sides, banked)),
        *(event for block in ends for event in _of_lapse(block, at)),
        *_of_steps(connection, person_id),
        *_of_uses(connection, held),
    ]
    named = [
        Event(card_mask=masks.get(each["card_id"], ""), words=KINDS[each["kind"]], **each)
        for each in told
    ]
    return sorted(named, key=lambda event: event.at)


def _of_reports(connection: Connection, held: Sequence[Card]) -> list[dict[str, Any]]:
    found = []
    for card in held:
        place = {"person_id": card.person_id, "card_id": card.card_id}
        for report in rows(connection, "loss.reports_of_card", **place):
            told = {"card_id": card.card_id, "receipt": report["receipt"]}
            who = {"who": report["channel"]}
            found.append({"at": report["accepted_at"], "kind": "reported", **told, **who})
            waits = report["confirmed_at"] is None
            later = not waits and report["confirmed_at"] != report["accepted_at"]
            if waits:
                pending = {"kind": "unconfirmed", "state": "pending"}
                found.append({"at": report["accepted_at"], **pending, **told})
            if later:
                found.append({"at": report["confirmed_at"], "kind": "confirmed", **told})
    return found


def _of_block(block: Row, sides: Sequence[Row], banked: set[int]) -> list[dict[str, Any]]:
    told = {"card_id": block["card_id"], "receipt": block["cause"]}
    found: list[dict[str, Any]] = []
    if block["force"] in ("formal", "frozen"):
        found.append({"at": block["from_at"], "kind": block["force"], **told})
    own = [side for side in sides if side["block_id"] == block["block_id"]]
    found += [
        {"at": s["at"], "kind": f"{s['side']}_{s['effect']}", "who": s["reference"], **told}
        for s in own
    ]
    stopped = any(s["side"] == "bank" and s["effect"] == "stop" for s in own)
    if block["card_id"] in banked and not stopped and block["ended_at"] is None:
        pending = {"kind": "bank_stop_pending", "state": "pending"}
        found.append({"at": block["from_at"], **pending, **told})
    if block["ended_at"] is not None and block["how"] in ("withdrawn", "unfrozen"):
        found.append({"at": block["ended_at"], "kind": block["how"], **told})
    return found


def _of_lapse(block: Row, now: datetime) -> list[dict[str, Any]]:
    """The end of a stop by its time, past or still to come."""
    if block["until_at"] is None or block["ended_at"] is not None:
        return []
    told = {"card_id": block["card_id"], "receipt": block["cause"]}
    state = "done" if block["until_at"] <= now else "planned"
    kind = f"lapse_{block['at_lapse']}"
    return [{"at": block["until_at"], "kind": kind, "state": state, **told}]


def _held_longer(block: Row, blocks: Sequence[Row]) -> int:
    """One when another stop holds the card beyond the end of this one, so nothing ends with it."""
    until = block["until_at"]
    return int(
        until is not None
        and any(
            other["card_id"] == block["card_id"]
            and other["block_id"] != block["block_id"]
            and other["from_at"] <= until
            and (other["until_at"] is None or other["until_at"] > until)
            and (other["ended_at"] is None or other["ended_at"] > until)
            for other in blocks
        )
    )


def _of_steps(connection: Connection, person_id: int) -> list[dict[str, Any]]:
    return [
        {
            "at": step["at"],
            "kind": step["step"],
            "card_id": step["new_card_id"],
            "receipt": step["receipt"],
        }
        for step in rows(connection, "look.steps_of_person", person_id=person_id)
    ]


def _of_uses(connection: Connection, held: Sequence[Card]) -> list[dict[str, Any]]:
    found = []
    for card in held:
        place = {"person_id": card.person_id, "card_id": card.card_id, "most": 3}
        for kind, name in (("used", "cards.uses"), ("refused", "look.refusals_of_card")):
            found += [
                {
                    "at": each["at"],
                    "kind": kind,
                    "card_id": card.card_id,
                    "who": each["provider_id"],
                }
                for each in rows(connection, name, **place)
            ]
    return found
