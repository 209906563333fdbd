"""`minka serve`, `worker`, `migrate`, `doctor`, `completion`: the parts one by one."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from minka.doors.cli_say import Code, Json, fault, print_json, wants_json


def serve(
    *,
    port: Annotated[int, typer.Option(help="Port of the web door.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """The web door alone, on the register of MINKA_DATABASE_URL. 只启动网站"""
    from minka.doors.vault import refuse_stand_in
    from minka.store.cluster import database_url

    refuse_stand_in()
    os.environ["MINKA_DATABASE_URL"] = database_url()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", "16"),
        *("--respawn-failed-workers", "--log-level", "error"),
        "minka.doors.web.wsgi:application",
    ]
    typer.echo(f"http://{host}:{port}", err=True)
    os.execv(sys.executable, command)


def worker() -> None:
    """Deliver what waits in the outbox, until asked to stop. 只启动投递"""
    from minka.doors.outbox import run_worker

    run_worker()


def migrate() -> None:
    """Bring the register's tables up to date. 更新数据表"""
    from minka.doors.schema import migrate as migrate_
    from minka.store.cluster import database_url

    migrate_(database_url())
    typer.echo("数据表已是最新 · the tables are up to date", err=True)


Finding = tuple[str, str, str]
"""What was looked at, ``ok`` or what is wrong, and the next step."""


def doctor(*, json: Json = None) -> None:
    """Look at everything Minka needs, and say what to do about what is missing. 体检"""
    found = [check() for check in CHECKS]
    if wants_json(json):
        print_json([{"what": w, "state": s, "next": n} for w, s, n in found])
    else:
        for what, state, step in found:
            mark = "✓" if state == "ok" else "✗"
            typer.echo(f"{mark} {what}" + ("" if state == "ok" else f"：{state}"))
            if step:
                typer.echo(f"  下一步：{step}")
    if any(state != "ok" for _, state, _ in found):
        raise typer.Exit(Code.UNAVAILABLE)


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    return "Python 3.11+", "ok" if good else sys.version.split()[0], "" if good else "make setup"


def _programs() -> Finding:
    from minka.store.postgres import ClusterFault, find_programs, server_account

    if os.environ.get("MINKA_DATABASE_URL"):
        return "PostgreSQL: MINKA_DATABASE_URL", "ok", ""
    try:
        find_programs(server_account(), major=None)
    except (ClusterFault, OSError) as why:
        return "PostgreSQL", str(why), "make setup"
    return "PostgreSQL", "ok", ""


def _database() -> Finding:
    import psycopg

    from minka.store.cluster import ClusterFault, running

    what = "登记库 the register"
    url = os.environ.get("MINKA_DATABASE_URL")
    try:
        if not url:
            folder = Path(os.environ.get("MINKA_HOME") or ".minka") / "database"
            found = running(folder) if folder.exists() else None
            if found is None:
                return what, "没有运行 not running", "minka up"
            url = found.url()
        with psycopg.connect(url, connect_timeout=2) as connection:
            drift = connection.execute("select count(*) from card_drift").fetchone()
    except psycopg.errors.UndefinedTable:
        return what, "没有数据表 no tables", "minka migrate"
    except (psycopg.Error, ClusterFault, OSError):
        return what, "连不上 cannot be reached", "minka up"
    if drift and drift[0]:
        return what, f"{drift[0]} 张卡与事实不符 cards differ from their facts", "minka card show"
    return what, "ok", ""


def _assets() -> Finding:
    spec = find_spec("minka.doors.web")
    built = spec is not None and spec.origin and Path(spec.origin).parent / "staticfiles"
    good = bool(built) and Path(str(built)).is_dir()
    return (
        "网页素材 web assets",
        "ok" if good else "没有生成 not built",
        "" if good else "make setup",
    )


def _rules() -> Finding:
    from minka.law.book import LawFault, read

    try:
        read()
    except LawFault as broken:
        return "规则 rules", f"{len(broken.faults)} 处有误 faults", "minka rules check"
    return "规则 rules", "ok", ""


def _fonts() -> Finding:
    folder = Path("/usr/share/fonts")
    good = any(folder.rglob("NotoSansCJK*")) or any(folder.rglob("NotoSerifCJK*"))
    step = "" if good else "sudo apt-get install fonts-noto-cjk fonts-hanazono"
    return "中文字体 fonts", "ok" if good else "没有 missing", step


def _space() -> Finding:
    free_mb = shutil.disk_usage(Path.cwd()).free // 2**20
    good = free_mb > 512
    return (
        "磁盘 disk",
        "ok" if good else f"{free_mb} MB",
        "" if good else "清理磁盘 free some space",
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    *(_python, _programs, _database, _rules, _assets, _fonts, _space),
)


def completion(
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")] = "bash",
) -> None:
    """Print the completion script: eval "$(minka completion bash)". 命令补全"""
    from typer._completion_shared import get_completion_script

    if shell not in ("bash", "zsh", "fish"):
        fault(f"不支持 {shell} · not supported: {shell}", "minka completion bash")
    typer.echo(
        get_completion_script(prog_name="minka", complete_var="_MINKA_COMPLETE", shell=shell)
    )
