"""How the command line answers: words for people, JSON for programmes, exit codes for both."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from minka.desk.act import Answer

Json = Annotated[
    bool | None,
    typer.Option("--json/--text", help="JSON; by itself when the output is no terminal."),
]
Lang = Annotated[str, typer.Option("--lang", help="zh-hans, zh-hant or en.")]


class Code(IntEnum):
    """Exit codes."""

    DONE = 0
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    UNBALANCED = 5
    UNAVAILABLE = 6


_NOT_FOUND = {"desk.unknown_receipt", "desk.unknown_place", "desk.unknown_region"}
_NOT_FOUND |= {"issue.slip_unknown", "loss.document_unknown", "cards.unknown", "cli.not_found"}

_NEXT = {
    "zh-hans": ("下一步：", "办不了：", "已办理"),
    "zh-hant": ("下一步：", "辦不了：", "已辦理"),
    "en": ("Next: ", "Not done: ", "Done"),
}

WORDS = {
    "accepted_at": ("受理时间", "受理時間", "accepted at"),
    "activated_at": ("启用时间", "啟用時間", "activated at"),
    "amount_fen": ("金额(分)", "金額(分)", "amount (fen)"),
    "assumed": ("其中假定", "其中假定", "assumed values"),
    "at": ("时间", "時間", "at"),
    "audit": ("存证", "存證", "audit hash"),
    "bank": ("银行止付", "銀行止付", "bank stop"),
    "bank_lapses_at": ("银行挂失到期", "銀行掛失到期", "bank part lapses at"),
    "card": ("卡号", "卡號", "card"),
    "code": ("编号", "編號", "code"),
    "collect_at": ("领卡网点", "領卡網點", "collect at"),
    "collected_at": ("领取时间", "領取時間", "collected at"),
    "fee_fen": ("费用(分)", "費用(分)", "fee (fen)"),
    "force": ("挂失种类", "掛失種類", "force"),
    "lapses_at": ("到期时间", "到期時間", "lapses at"),
    "promised_at": ("可领日期", "可領日期", "promised at"),
    "receipt": ("回执编号", "回執編號", "receipt"),
    "resumed_at": ("恢复时间", "恢復時間", "resumed at"),
    "rule": ("依据规则", "依據規則", "rule"),
    "slip": ("领卡证明", "領卡證明", "collection slip"),
    "state": ("状态", "狀態", "state"),
    "stopped_at": ("停用时间", "停用時間", "stopped at"),
    "stops_by": ("最迟停用", "最遲停用", "stops by"),
    "withdrawn_at": ("撤销时间", "撤銷時間", "withdrawn at"),
}


def wants_json(json: Any) -> bool:
    """Whether JSON is asked for: by flag, or because nobody reads the output."""
    return not sys.stdout.isatty() if json is None else bool(json)


def print_json(data: Any) -> None:
    """Data to standard output."""
    typer.echo(json_module.dumps(data, ensure_ascii=False, indent=2, default=str))


def word(name: str, lang: str) -> str:
    """The words of a fact's name."""
    found = WORDS.get(name)
    return found[_column(lang)] if found else name


def _column(lang: str) -> int:
    return {"zh-hans": 0, "zh-hant": 1, "en": 2}.get(lang.lower(), 0)


def _talk(lang: str) -> tuple[str, str, str]:
    return _NEXT.get(lang.lower(), _NEXT["zh-hans"])


def show_answer(answer: Answer, json: Any, lang: str, after: str = "") -> None:
    """An answer of the desk; a refusal ends the command with its exit code."""
    if answer.accepted:
        if wants_json(json):
            replayed = {"replayed": "yes"} if answer.replayed else {}
            print_json({"verdict": "accepted", **replayed, **answer.facts})
            return
        typer.echo(_talk(lang)[2])
        show_facts(answer.facts, lang)
        if after:
            typer.echo(f"{_talk(lang)[0]}{after}", err=True)
        return
    if wants_json(json):
        print_json({"verdict": "refused", "code": answer.code, **answer.stored()})
    fault(answer.say(lang), next_of(answer.code), answer.code, lang=lang)


def show_facts(facts: Mapping[str, Any], lang: str, indent: str = "  ") -> None:
    """Facts as lines; an instant is shown in China's time."""
    for name, value in facts.items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping):
            typer.echo(f"{indent}{word(name, lang)}")
            show_facts(value, lang, indent + "  ")
            continue
        typer.echo(f"{indent}{word(name, lang)}: {shown(value)}")


def shown(value: Any) -> str:
    """One value for a person."""
    if isinstance(value, datetime):
        return _china(value)
    if isinstance(value, list):
        return " ".join(shown(each) for each in value)
    text = str(value)
    if len(text) >= 19 and text[4:5] == "-" and text[10:11] == "T":
        return _china(datetime.fromisoformat(text))
    return text


def _china(instant: datetime) -> str:
    from minka.kit.clock import CHINA

    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def next_of(code: str) -> str:
    """What to do after a refusal, by its code."""
    steps = {
        "loss.papers_missing": "minka rules explain REGION loss",
        "issue.papers_missing": "minka rules explain REGION replace",
        "issue.not_here": "minka rules explain REGION replace",
        "loss.no_such_channel": "minka rules explain REGION loss",
        "loss.already_lost": "minka replace apply --help",
        "issue.fee_unpaid": "minka replace pay RECEIPT --means cash",
        "issue.not_ready": "minka receipt RECEIPT",
        "desk.key_reused": "--key NEW",
    }
    return steps.get(code, "minka rules list")


def fault(sentence: str, next_step: str, code: str = "usage", *, lang: str = "zh-hans") -> NoReturn:
    """End the command: what went wrong and why, what to do next, and the exit code."""
    talk = _talk(lang)
    typer.echo(f"{talk[1]}{sentence}", err=True)
    typer.echo(f"{talk[0]}{next_step}", err=True)
    raise typer.Exit(exit_code(code))


def exit_code(code: str) -> Code:
    """The exit code of a refusal's code."""
    if code == "usage":
        return Code.USAGE
    if code == "cli.unavailable":
        return Code.UNAVAILABLE
    return Code.NOT_FOUND if code in _NOT_FOUND else Code.REFUSED


@contextmanager
def faults_said() -> Iterator[None]:
    """Turn what the world does to a command into a sentence and an exit code."""
    try:
        yield
    except BrokenPipeError:
        sys.exit(Code.DONE)
    except Exception as fault_:
        name = type(fault_).__name__
        if name == "StandInUsed":
            typer.echo(str(fault_), err=True)
            sys.exit(Code.UNAVAILABLE)
        if name not in ("RegisterAway", "ClusterFault", "OperationalError"):
            raise
        typer.echo(f"数据库现在连不上，什么也没有办成 · The register is away: {fault_}", err=True)
        typer.echo("下一步：minka doctor · Next: minka doctor", err=True)
        sys.exit(Code.UNAVAILABLE)
