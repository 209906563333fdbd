"""What `minka card` says about a card in a reader, in words, in JSON, with the bytes beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from minka.doors.cli_say import fault

if TYPE_CHECKING:
    from minka.chip.contents import Field
    from minka.desk.chip_compare import Line
    from minka.desk.chip_contact import Contact
    from minka.kit.words import Words

SAID = {
    "proved": ("芯片认证通过", "晶片認證通過", "the chip proved itself"),
    "refused": ("芯片认证没有通过，可能是假卡", "晶片認證沒有通過，可能是假卡", "the chip FAILED"),
    "untried": ("没有密钥，未认证", "沒有密鑰，未認證", "not tried: no key is here"),
    "done": ("已写入", "已寫入", "written"),
    "repaired": ("上次其实已写入", "上次其實已寫入", "had been written last time"),
    "failed": ("没有写成，下次再写", "沒有寫成，下次再寫", "not written; it waits"),
    "review": ("要人工核对", "要人工核對", "a person must look"),
    "refused_card": ("已停用：拒绝使用", "已停用：拒絕使用", "stopped: refused"),
    "blocked": (
        "已停用并有新卡：卡内应用已永久锁定",
        "已停用並有新卡：卡內應用已永久鎖定",
        "stopped and replaced: its application is now blocked for good",
    ),
    "was_blocked": ("卡内应用早已锁定", "卡內應用早已鎖定", "its application was blocked before"),
    "equal": ("卡面和芯片一致", "卡面和晶片一致", "face and chip are the same"),
    "differs": ("卡面和芯片不一致：", "卡面和晶片不一致：", "face and chip differ: "),
    "nothing": ("没有要写的内容", "沒有要寫的內容", "nothing to write"),
    "usable": ("这张卡没有停用", "這張卡沒有停用", "this card is not stopped"),
    "pin_right": ("密码正确", "密碼正確", "the PIN is right"),
    "pin_changed": ("密码已改", "密碼已改", "the PIN was changed"),
    "pin_unblocked": ("密码已解锁", "密碼已解鎖", "the PIN was unblocked"),
    "pin_reset": ("密码已重置", "密碼已重置", "the PIN was set anew"),
    "no_pin": ("这张卡没有设密码", "這張卡沒有設密碼", "this card has no PIN"),
    "key_opens": ("密钥认证通过", "密鑰認證通過", "the key was accepted"),
    "no_card": ("没有卡", "沒有卡", "empty"),
    "card": ("有卡", "有卡", "a card"),
    "hidden": (
        "（已遮盖，--clear 显示）",
        "（已遮蓋，--clear 顯示）",
        "(masked; --clear shows it)",
    ),
}


def word(name: str, lang: str) -> str:
    """A word of this page in a language."""
    return SAID[name][{"zh-hans": 0, "zh-hant": 1, "en": 2}.get(lang.lower(), 0)]


def spoken(words: Words, lang: str) -> str:
    """Words in the language that was asked for."""
    return words.say(lang)


@contextmanager
def faults_told(lang: str) -> Iterator[None]:
    """What a reader, a card or a vault does to a command becomes a sentence and an exit code."""
    from minka.chip.connection import CardGone
    from minka.chip.faults import CardFault
    from minka.devices.pcsc_reader import NoCard, NotInstalled, ReaderFault
    from minka.keys.vault import KeyRefused, VaultGone

    try:
        yield
    except CardFault as why:
        fault(why.say(lang), "minka card read", why.reason.code, lang=lang)
    except CardGone:
        fault(
            "卡中途拿走了，刚才的操作可能已经生效 · the card was taken out in the middle",
            "minka card read",
            "cli.unavailable",
            lang=lang,
        )
    except NotInstalled as why:
        fault(str(why), "minka card list", "cli.unavailable", lang=lang)
    except NoCard:
        fault(
            "读卡器里没有卡 · no card in the reader", "minka card list", "cli.not_found", lang=lang
        )
    except ReaderFault as why:
        reason = f"读卡器不可用 · the reader cannot be used: {why}"
        fault(reason, "minka card list", "cli.unavailable", lang=lang)
    except (VaultGone, KeyRefused) as why:
        reason = f"密码机不能用 · the vault refuses or is away: {why}"
        fault(reason, "minka keys list", "cli.unavailable", lang=lang)


def told(found: Field, lang: str, *, clear: Any, raw: Any) -> dict[str, Any]:
    """A field as JSON."""
    from minka.desk import chip_mask

    said = {
        "file": found.file.name,
        "item": found.item.mark,
        "nth": found.nth,
        "name": chip_mask.name(found, lang),
        "says": chip_mask.clear(found, lang) if clear else chip_mask.said(found, lang),
    }
    if found.reading.remark is not None:
        said["remark"] = found.reading.remark.value.say(lang)
    if raw:
        said["raw"] = chip_mask.raw(found) if clear else chip_mask.hidden_raw(found)
    return said


def show_fields(fields: Sequence[dict[str, Any]]) -> None:
    """Fields as lines, by file."""
    file = ""
    for each in fields:
        if each["file"] != file:
            file = each["file"]
            typer.echo(f"\n  {file}")
        name = each["name"] + (f" {each['nth']}" if each["nth"] > 1 else "")
        remark = f"  [{each['remark']}]" if "remark" in each else ""
        typer.echo(f"    {each['item']:>3}  {name}: {each['says']}{remark}")
        if "raw" in each:
            typer.echo(f"         {each['raw']}")


def told_line(line: Line, lang: str, *, clear: Any) -> dict[str, Any]:
    """A line of card and file as JSON."""
    from minka.desk import chip_mask

    say = chip_mask.clear if clear else chip_mask.said
    return {
        "item": line.place.address,
        "nth": line.nth,
        "name": line.place.name(lang),
        "card": say(line.on_card, lang) if line.on_card else None,
        "card_on": line.card_day,
        "file": say(line.on_file, lang) if line.on_file else None,
        "file_on": line.file_day,
        "difference": line.difference.name.lower(),
        "why": line.difference.value.say(lang),
        "cure": line.cure.value.say(lang),
    }


def show_lines(lines: Sequence[dict[str, Any]]) -> None:
    """Lines of card and file, side by side, differences marked."""
    for each in lines:
        mark = " " if each["difference"] in ("same", "otherwise", "own") else "≠"
        typer.echo(f"{mark} {each['item']}  {each['name']}")
        typer.echo(f"    卡 card: {each['card'] or '—'} ({each['card_on'] or '—'})")
        typer.echo(f"    档 file: {each['file'] or '—'} ({each['file_on'] or '—'})")
        if mark != " ":
            typer.echo(f"    {each['why']} → {each['cure']}")


def about(contact: Contact, lang: str) -> dict[str, Any]:
    """The card itself: which, how old, and whether it proved itself."""
    from minka.cards.number import mask

    session = contact.session
    return {
        "reader": contact.card.terminal,
        "card_number": mask(session.card_number),
        "version": session.generation.version,
        "algorithm": session.algorithm.name,
        "proof": contact.card.proof,
        "words": word(contact.card.proof, lang),
    }
