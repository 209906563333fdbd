"""A loss report by text message: a word, the identity number, the name where the rule asks for it.

    挂失 <证件号码> [姓名]        GS <number> [name]

The answer to the sender says what became of it and nothing about the register; whoever is
registered as the holder is told at the registered number.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from minka.desk.act import Answer, Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.kit.identity import fault, normal_form
from minka.kit.secret import Clear
from minka.kit.words import Words

_FORM = re.compile(
    r"\s*(?:挂失|掛失|gs)[\s,，:：#]*([0-9０-９xXｘＸ]{18})[\s,，:：#]*(\S{0,40})\s*", re.I
)

NOT_UNDERSTOOD = Words(
    "没有看懂，卡没有停用。请发：挂失 身份证号码 姓名，或马上拨打{hotline}。",
    "沒有看懂，卡沒有停用。請發：掛失 身份證號碼 姓名，或馬上撥打{hotline}。",
    "Not understood; the card is NOT stopped. Send: GS, ID number, name, or call {hotline} now.",
)
STOPPED = Words(
    "挂失已受理，卡已停用，编号{receipt}。",
    "掛失已受理，卡已停用，編號{receipt}。",
    "Report taken, the card is stopped. Receipt {receipt}.",
)


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message as the SMS centre hands it over, with the centre's own id for it."""

    message_id: str
    region: str
    sender: Clear
    text: Clear


def read_text(text: Clear) -> tuple[Clear, Clear] | None:
    """The number and name in a message (the name may be empty), or None."""
    found = _FORM.fullmatch(text.reveal())
    if found is None:
        return None
    number = normal_form(found.group(1))
    return (Clear(number), Clear(found.group(2))) if fault(number) is None else None


def take_text(office: Office, message: TextMessage, hotline: str) -> tuple[Answer | None, Words]:
    """Report the loss a message speaks of; gives the answer and the sentence for the sender.

    The same message handed over twice is one report.
    """
    read = read_text(message.text)
    if read is None:
        return None, _filled(NOT_UNDERSTOOD, hotline=hotline)
    number, name = read
    stated = {"name": name} if name else {}
    key = hashlib.sha256(f"{message.region}:{message.message_id}".encode()).hexdigest()[:40]
    request = Request(key=f"sms-{key}", origin="sms", caller=message.sender)
    answer = report_loss(office, request, ReportLoss(message.region, "sms", number, stated))
    if answer.accepted:
        return answer, _filled(STOPPED, receipt=answer.facts["receipt"])
    spoken = (answer.say(tag) for tag in ("zh-hans", "zh-hant", "en"))
    return answer, Words(*spoken)


def _filled(words: Words, **facts: str) -> Words:
    return Words(*(words.say(tag, **facts) for tag in ("zh-hans", "zh-hant", "en")))
