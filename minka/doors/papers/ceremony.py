"""The record of a key ceremony on paper: people, check values, and fingerprints as words."""

from __future__ import annotations

from datetime import datetime

from minka.desk.keys_look import CeremonyView
from minka.desk.keys_record import Record
from minka.desk.keys_words import DUTY_NAMES, TIER_NAMES
from minka.doors.papers.press import Sheet
from minka.keys.spoken import grouped
from minka.keys.wording import PURPOSES, STEPS
from minka.kit.clock import CHINA
from minka.kit.words import Words

LABELS = {
    "title": Words("密钥仪式记录", "密鑰儀式記錄", "Record of a key ceremony"),
    "kind": Words("密钥管理 · 存档", "密鑰管理 · 存檔", "Key management · to be filed"),
    "number": Words("仪式编号", "儀式編號", "Ceremony"),
    "key": Words("密钥", "密鑰", "Key"),
    "purpose": Words("用途", "用途", "Purpose"),
    "tier": Words("层级", "層級", "Tier"),
    "state": Words("状态", "狀態", "State"),
    "check": Words("密钥校验值", "密鑰校驗值", "Check value of the key"),
    "plan": Words("方案摘要", "方案摘要", "Hash of what was signed"),
    "steps": Words("经过（北京时间）", "經過（北京時間）", "What happened (China time)"),
    "opened": Words("双签开始", "雙簽開始", "Opened by two signatures"),
    "part": Words("第{n}个分量 {check}", "第{n}個分量 {check}", "Part {n} {check}"),
    "same": Words(
        "见证：第{n}个相符 {check}", "見證：第{n}個相符 {check}", "Witness: {n} agrees {check}"
    ),
    "differs": Words(
        "见证：第{n}个不符 {check}",
        "見證：第{n}個不符 {check}",
        "Witness: {n} DIFFERS {check}",
    ),
    "whole": Words("整把密钥", "整把密鑰", "whole key"),
    "aloud": Words("逐词读出记录摘要：", "逐詞讀出記錄摘要：", "Read the record's hash aloud: "),
    "unfinished": Words(
        "仪式没有正常结束：这把密钥不得启用。",
        "儀式沒有正常結束：這把密鑰不得啟用。",
        "The ceremony did not end in order: the key must not be activated.",
    ),
    "filed": Words(
        "本记录不含任何分量或密钥。请在场各方核对、签名后归档。",
        "本記錄不含任何分量或密鑰。請在場各方核對、簽名後歸檔。",
        "This record holds no part and no key. Everyone present checks and signs it; file it.",
    ),
}


def ceremony_record(view: CeremonyView, record: Record, city: str, language: str) -> Sheet:
    """The sheet of a ceremony in one language, at whatever step it stands."""
    found, planned = view.held.found, view.held.planned
    key = planned.plan.key

    def say(name: str) -> str:
        return LABELS[name].say(language)

    return Sheet(
        title=say("title"),
        kind=say("kind"),
        city=city,
        language=language,
        number=str(found["ceremony_no"]),
        number_label=say("number"),
        rows=[
            (say("key"), f"{key.name} v{key.version} {key.algorithm.name} {found['bits']} bit"),
            (say("purpose"), PURPOSES[planned.plan.purpose].say(language)),
            (say("tier"), TIER_NAMES[planned.plan.tier].say(language)),
            (say("state"), STEPS[view.held.ceremony.state].say(language)),
            (say("check"), _check(found["check_value"] or "", language)),
            (say("plan"), _grouped(view.signed["content_hash"])),
        ],
        lines_title=say("steps"),
        lines=_lines(view, language),
        box="" if found["how"] == "closed" else say("unfinished"),
        notes=[
            f"SM3 {_grouped(record.hash)}",
            say("aloud") + grouped(bytes.fromhex(record.hash), language),
            say("filed"),
        ],
        sign=[f"{DUTY_NAMES[p['duty']].say(language)} {p['staff_number']}" for p in view.people],
        footer=say("kind"),
        paper="a4",
    )


def _lines(view: CeremonyView, language: str) -> list[tuple[str, str]]:
    signed = view.signed
    opened = f"{signed['proposed_by']} + {signed['approved_by']}"
    steps: list[tuple[datetime, str, str]] = [
        (view.held.found["opened_at"], LABELS["opened"].say(language), opened)
    ]
    for part in view.parts:
        named = LABELS["part"].say(language, n=part["part"], check=part["check_value"])
        steps.append((part["entered_at"], named, part["staff_number"]))
    for seen in view.comparisons:
        number = seen["part"] or LABELS["whole"].say(language)
        verdict = LABELS[seen["verdict"]]
        named = verdict.say(language, n=number, check=seen["check_value"])
        steps.append((seen["compared_at"], named, seen["staff_number"]))
    if view.held.found["ended_at"]:
        state = STEPS[view.held.ceremony.state].say(language)
        steps.append((view.held.found["ended_at"], state, view.held.planned.witness))
    return [
        (f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}  {what}", who)
        for at, what, who in sorted(steps, key=lambda step: step[0])
    ]


def _check(check: str, language: str) -> str:
    if not check:
        return "—"
    return f"{check} · {grouped(bytes.fromhex(check), language)}"


def _grouped(fingerprint: str) -> str:
    """A long fingerprint so that it breaks across lines and a finger can follow it."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))
