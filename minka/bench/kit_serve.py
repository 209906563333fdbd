"""What the kit's commands do: serve a platform with faults, try a platform, try a client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from minka.bench import kit_client, kit_server
from minka.bench.kit_case import Result
from minka.bench.kit_city import City, CityUpstream
from minka.bench.kit_driver import CommandDriver
from minka.bench.kit_faults import Fault, Faults, rule
from minka.bench.kit_platform import Gate, Platform
from minka.bench.kit_probe import Target
from minka.bench.kit_stage import HttpUpstream, QuickUpstream, Stage
from minka.bench.kit_target import target_json, target_of
from minka.client.identity import Identity

CITY = "city"


def served(faults: Sequence[str], port: int = 0, upstream: str = "", home: str = "") -> Stage:
    """A stage that is listening; before the quick platform unless an upstream is named.

    ``upstream`` is a URL, or ``city`` for the real switch on a small city kept in ``home``.
    """
    rules = Faults([rule(each) for each in faults])
    if upstream == CITY:
        city = City(Path(home or ".minka/kit").absolute())
        stage = Stage(CityUpstream(city), rules)
        stage.start(port)
        stage.target = {**city.target, "url": stage.url}
        return stage
    if upstream:
        stage = Stage(HttpUpstream(upstream), rules)
        stage.start(port)
        return stage
    pair = Identity.new()
    platform = Platform(Gate(public_key=pair.public_key))
    stage = Stage(QuickUpstream(platform), rules)
    stage.start(port)
    stage.target = target_json(kit_server.quick_target(stage.url, platform, pair))
    return stage


def wait() -> None:
    """Until somebody ends the command."""
    while True:
        time.sleep(3600)


def target(url: str, path: Path | None) -> Target:
    """What is known of a platform: from a file, or, where ``minka kit serve`` runs, from itself.

    ``LookupError`` when neither says anything.
    """
    if path is not None:
        return target_of({**json.loads(path.read_text(encoding="utf-8")), "url": url})
    try:
        came = httpx.get(httpx.URL(url).join("/kit/target"), timeout=5, trust_env=False)
    except httpx.HTTPError as why:
        raise LookupError(f"{url}: {type(why).__name__}") from why
    if came.status_code != httpx.codes.OK:
        raise LookupError(url)
    return target_of({**came.json(), "url": url})


def check_server(url: str, path: Path | None, part: str = "") -> Iterator[Result]:
    """Every server case against a platform."""
    return kit_server.check(target(url, path), part)


def check_client(command: str, part: str = "") -> Iterator[Result]:
    """Every client case against a vendor's driver."""
    return kit_client.check(lambda setting: CommandDriver(command, setting), part)


def cases(language: str) -> list[dict[str, str]]:
    """Every case there is."""
    tables = (("server", kit_server.CASES), ("client", kit_client.CASES))
    return [
        {"side": side, "case": each.name, "why": each.why.say(language)}
        for side, table in tables
        for each in table
    ]


def faults(language: str) -> list[dict[str, str]]:
    """Every fault there is."""
    return [{"fault": each.title, "what": each.words.say(language)} for each in Fault]
