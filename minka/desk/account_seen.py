"""What a holder may see of a card besides the movements: refused attempts, and who looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from minka.accounts.refusals import AccountRefusal
from minka.cards.refusals import UseRefusal
from minka.care.refusals import CareRefusal
from minka.desk.account_look import keys_of, ref_of
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.kit.words import Words
from minka.store.connection import row, rows

LOOKS: Mapping[str, Words] = {
    "ShowAccount": Words("查看了账户余额", "查看了帳戶餘額", "looked at the balance"),
    "IssueStatement": Words("出具了对账单", "出具了對帳單", "issued a statement"),
    "ReadDispute": Words("打开了您的疑问", "打開了您的疑問", "opened your question"),
    "Reveal": Words("查看了一项隐去的资料", "查看了一項隱去的資料", "saw a masked field"),
    "OpenFile": Words("打开了档案", "打開了檔案", "opened the file"),
    "ServeVisitor": Words("打开了档案", "打開了檔案", "opened the file"),
    "CheckCaller": Words("核对了来电人", "核對了來電人", "checked a caller"),
    "AskStanding": Words("查询了卡的状态", "查詢了卡的狀態", "asked how the card stands"),
}
"""Acts by which somebody else saw something of a person, in words."""

ORIGINS: Mapping[str, Words] = {
    "hotline": Words("热线", "熱線", "hotline"),
    "counter": Words("窗口", "窗口", "counter"),
    "bank": Words("银行", "銀行", "bank"),
    "employer": Words("单位", "單位", "employer"),
    "kiosk": Words("自助终端", "自助終端", "kiosk"),
    "office": Words("后台", "後台", "back office"),
    "web": Words("本人网上", "本人網上", "yourself on line"),
}
REASONS: Mapping[str, Words] = {
    each.code: each.words
    for room in (CareRefusal, UseRefusal, AccountRefusal, DeskRefusal)
    for each in room
}
"""Why an attempt can have been refused."""

_PARTNER = Words("合作机构", "合作機構", "partner institution")


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a person's data."""

    at: datetime
    what: Words
    where: Words


@dataclass(frozen=True, slots=True)
class RefusedUse:
    """An attempt to use a card or account that was refused."""

    ref: str
    at: datetime
    provider_name: str
    reason: str
    """The code of the refusal."""
    card_id: int


def reason_said(code: str, language: str, hotline: str) -> str:
    """Why an attempt was refused, as the holder reads it; an unknown code stands for itself."""
    words = REASONS.get(code)
    return words.say(language, hotline=hotline) if words else code


def looks_of(office: Office, person_id: int, since: datetime) -> tuple[Look, ...]:
    """Who looked at a person's data since an instant, the newest first, at most a hundred."""
    with office.register.act() as connection:
        named = {"person_id": person_id, "acts": list(LOOKS), "since": since}
        found = rows(connection, "dispute.looks", **named)
    return tuple(
        Look(each["at"], LOOKS[each["act"]], ORIGINS.get(each["origin"] or "", _PARTNER))
        for each in found
    )


def moved_at(office: Office, person_id: int, ref: str) -> datetime | None:
    """When a ledger entry of a person was written, by its public number; None for none of his."""
    keys = keys_of(ref)
    if keys is None or keys[1]:
        return None
    with office.register.act() as connection:
        found = row(connection, "dispute.entry", person_id=person_id, msg_no=keys[0])
    return found["at"] if found else None


def refused_uses(
    office: Office, person_id: int, since: datetime, until: datetime
) -> tuple[RefusedUse, ...]:
    """Refused attempts of ``since <= at < until``, the newest first."""
    with office.register.act() as connection:
        named = {"person_id": person_id, "since": since, "until": until}
        found = rows(connection, "dispute.refused", **named)
    kept = ("at", "provider_name", "reason", "card_id")
    return tuple(
        RefusedUse(ref_of(each["msg_no"], each["origin_no"]), **{n: each[n] for n in kept})
        for each in found
    )
