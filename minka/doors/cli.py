"""The command `minka`: a table of commands, each loaded only when it is called."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("minka.bench.commands:up", "Start a running demo city. 启动一座示例城市"),
    "demo": ("minka.bench.commands:demo", "The story of a lost card, in a minute. 一张卡的故事"),
    "loss": ("minka.doors.cli_loss:loss", "Loss reports. 挂失、确认、撤销、暂停"),
    "replace": ("minka.doors.cli_replace:replace", "Replacements, to the holder's hand. 补卡换卡"),
    "paper": ("minka.doors.cli_paper:paper", "Papers that can be verified. 挂失单、证明信"),
    "card": ("minka.doors.cli_card:card", "A card now and at any instant. 查卡"),
    "person": ("minka.doors.cli_card:person", "The file of a person. 查人"),
    "receipt": ("minka.doors.cli_card:receipt", "What a receipt stands for. 查回执"),
    "care": ("minka.doors.cli_care:care", "Bills and who bears them. 费用分担"),
    "calendar": ("minka.doors.cli_calendar:calendar", "Working days. 节假日通知"),
    "rules": ("minka.doors.cli_rules:rules", "The dated rules of each region. 各地规则"),
    "account": ("minka.doors.cli_account:account", "An individual account. 个人账户"),
    "claim": ("minka.doors.cli_claim:claim", "Expenses of a loss period. 丢卡期间费用报销"),
    "lending": ("minka.doors.cli_claim:lending", "Signs that a card is lent. 用卡异常"),
    "verify": ("minka.doors.cli_verify:verify", "Everything derived again. 重新验算全部账目"),
    "client": ("minka.doors.cli_client:client", "Partners of the API. 接口调用方"),
    "keys": ("minka.doors.cli_keys:keys", "Keys and their ceremonies. 密钥"),
    "kit": ("minka.doors.cli_kit:kit", "Kit for hospital vendors. 厂商测试工具"),
    "import": ("minka.doors.cli_files:import_", "A real register comes in. 导入"),
    "export": ("minka.doors.cli_files:export", "And goes out again. 导出"),
    "clock": ("minka.bench.commands:clock", "Turn the demo city's clock. 拨动示例时钟"),
    "story": ("minka.bench.commands:story", "Play stories: input and expectation. 演练"),
    "staff": ("minka.bench.commands:staff", "Demo log-ins. 示例账号"),
    "race": ("minka.doors.cli_bench:race", "Uses against one report per card. 并发测试"),
    "kill": ("minka.doors.cli_bench:kill", "Kill the database and the server. 断电测试"),
    "sequences": ("minka.doors.cli_bench:sequences", "All sequences of acts. 穷举测试"),
    "simulate": ("minka.doors.cli_bench:simulate", "Seeded worlds. 模拟"),
    "bench": ("minka.doors.cli_bench:bench", "Measurements, ratios in one run. 测量"),
    "serve": ("minka.doors.cli_run:serve", "The web door alone. 只启动网站"),
    "switch": ("minka.doors.cli_switch:switch", "Settle bills: insurance and POS doors. 结算交换"),
    "worker": ("minka.doors.cli_run:worker", "Deliver what waits in the outbox. 只启动投递"),
    "migrate": ("minka.doors.cli_run:migrate", "Bring the tables up to date. 更新数据表"),
    "doctor": ("minka.doors.cli_run:doctor", "Is everything in place? 体检"),
    "reader": ("minka.doors.cli_reader:reader", "The local card-reader service. 读卡服务"),
    "completion": ("minka.doors.cli_run:completion", "Shell completion. 命令补全"),
    "docs": ("minka.bench.commands:docs", "Generated documents. 生成文档"),
}
"""Name of a command: where it is, and one line of help."""


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are called, so that help is quick."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands whose modules are there, in the order of the table."""
        return [name for name, (place, _) in COMMANDS.items() if _is_there(place)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stub that has the line of help and nothing else."""
        if cmd_name not in COMMANDS:
            return None
        words = COMMANDS[cmd_name][1]
        return typer.core.TyperCommand(cmd_name, help=words, short_help=words)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command itself, imported now."""
        name, _, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, None, rest
        place = COMMANDS[name][0]
        if not _is_there(place):
            typer.echo(f"这个命令还没有安装：{name}。下一步：minka --help", err=True)
            raise typer.Exit(2)
        return name, load(name), rest


def _is_there(place: str) -> bool:
    return importlib.util.find_spec(place.partition(":")[0]) is not None


def load(name: str) -> Any:
    """The command of a name, as typer runs it."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(importlib.import_module(module), attribute, None)
    if found is None:
        typer.echo(f"这个命令还没有安装：{name}。下一步：minka --help", err=True)
        raise typer.Exit(2)
    wrapped = typer.Typer(rich_markup_mode=None, add_completion=False)
    if isinstance(found, typer.Typer):
        wrapped.add_typer(found, name=name)
    else:
        wrapped.command()(found)
    command: Any = get_command(wrapped)
    command = command.commands[name] if isinstance(found, typer.Typer) else command
    command.name = name
    return command


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def minka() -> None:
    """Minka (民卡): an open social security card system. 开放的社会保障卡系统

    Exit codes: 0 done, 2 usage, 3 not found, 4 refused by rule, 5 unbalanced, 6 unavailable.
    """


def main(words: Sequence[str] | None = None) -> None:
    """The entry of the command; every fault ends in a sentence and an exit code."""
    from minka.doors.cli_say import faults_said

    if "_MINKA_COMPLETE" in os.environ:
        from typer._completion_classes import completion_init

        completion_init()
    with faults_said():
        app(args=list(words) if words is not None else sys.argv[1:], prog_name="minka")
