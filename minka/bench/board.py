"""The calm table that `minka up` prints: addresses, log-ins, and what to try first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minka.bench.staff import demo_password

if TYPE_CHECKING:
    from minka.bench.up import Running

_PAGES = (
    ("市民 citizen", "/"),
    ("工作台 staff", "/staff/"),
    ("自助机 kiosk", "/kiosk/"),
    ("接口 API", "/api/openapi.json"),
)
_LOGINS = (
    ("r1-hotline", "热线坐席 hotline"),
    ("r1-counter", "窗口经办 counter"),
    ("r1-reviewer", "复核 reviewer"),
    ("r1-data", "基础数据 reference data"),
    ("r3-medical", "医保人员 medical staff"),
    ("r1-key_keeper", "密钥管理员 key keeper"),
    ("r5-bank", "银行经办 bank clerk"),
    ("r2-employer", "单位经办人 employer's clerk"),
)


def board(running: Running, took_s: float) -> str:
    """What a newcomer needs, and nothing else."""
    lines = [f"\n民卡 Minka 示例城市已就绪 · ready in {took_s:.0f} s\n"]
    lines += [f"  {_padded(word, 16)}{running.plan.url}{path}" for word, path in _PAGES]
    if running.plan.city == "yes":
        lines += _outside(running)
        lines += ["", f"  密码 password  {demo_password(running.plan.home)}"]
        lines += [f"  {_padded(login, 16)}{word}" for login, word in _LOGINS]
        lines += ["  动态码 code    .venv/bin/minka staff code r1-hotline"]
        lines += ["  更多账号 more  .venv/bin/minka staff list"]
    lines += ["", "  加密机 vault   软件加密机，仅供演示 · the soft vault, for demonstrations only"]
    lines += ["", "  试试 try       .venv/bin/minka demo   .venv/bin/minka clock +10d"]
    if running.plan.city == "yes":
        lines += ["  芯片 chip      .venv/bin/minka card read --reader virtual:1 --beside"]
    lines += ["  停止 stop      Ctrl-C\n"]
    return "\n".join(lines)


def _outside(running: Running) -> list[str]:
    ports = running.ports
    parties = (
        ("短信 texts", ports.sms),
        ("银行 bank", ports.banks[0]),
        ("终端 POS", ports.terminal),
    )
    lines = [f"  {_padded(word, 16)}http://127.0.0.1:{port}/" for word, port in parties]
    lines.append(f"  {_padded('医保接口 HIS', 16)}http://127.0.0.1:{ports.insurance}/insurance")
    return lines


def _padded(text: str, width: int) -> str:
    """The text filled up to a width in columns, where a Chinese character takes two."""
    taken = sum(2 if ord(c) > 0x2E7F else 1 for c in text)
    return text + " " * max(1, width - taken)
