"""Minka's own form: one JSON object in, one out, fields by name, masked unless asked otherwise.

| ``act`` | besides | answers |
|---|---|---|
| list | | ``readers``: name, and whether a card is in it |
| read | ``kind``, ``clear``, ``files`` | ``card`` by name; ``items`` of files by file and tag |
| call | ``function``, ``arguments``, ``clear`` | ``code`` and ``out`` of a driver function |
| watch | | events of readers and cards are sent from now on |
| pad | | this page shows the PIN pad: it is sent ``ask`` and answers with ``act`` pin |
| pin | ``id``, ``pin`` (null cancels) | nothing |

Every answer repeats the request's ``id``, and says ``ok``, ``code`` and ``words`` in its ``lang``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minka.doors.reader.codes import CONTINUE_WITH_HSM, Code, Stop
from minka.doors.reader.driver import Driver, Outcome
from minka.doors.reader.forms import fields, parted, places
from minka.doors.reader.hsm import VaultServices, Who
from minka.keys.vault import KeyRefused, VaultGone
from minka.kit.identity import mask_name, mask_number

CARD = (
    *("area", "identity_number", "card_number", "identification_code", "name"),
    *("historical_bytes", "version", "issued_on", "valid_until", "terminal", "device"),
)
"""The eleven fields of the basic reading by name, in their order."""

MASKED = {
    "identity_number": mask_number,
    "card_number": mask_number,
    "identification_code": mask_number,
    "historical_bytes": mask_number,
    "name": mask_name,
}


def card(out: str) -> dict[str, str]:
    """A basic reading by name."""
    return dict(zip(CARD, parted(out), strict=False))


def masked(found: Mapping[str, str]) -> dict[str, str]:
    """The fields as a screen may show them to anyone."""
    return {name: MASKED.get(name, str)(value) for name, value in found.items()}


def items(out: str, files: str) -> dict[str, dict[str, str]]:
    """The values of a general reading, by file and tag; a second mention is ``tag#2``."""
    found: dict[str, dict[str, str]] = {}
    answers = [parted(part) for part in out.split("$") if part]
    for place, (name, *values) in zip(places(files), answers, strict=True):
        mine = found.setdefault(name, {})
        for mark, value in zip(place.marks or ("",), values, strict=False):
            turn = sum(known.partition("#")[0] == mark for known in mine) + 1
            mine[mark if turn == 1 else f"{mark}#{turn}"] = value
    return found


def basic(driver: Driver, services: VaultServices | None, kind: str) -> Outcome:
    """Basic reading by PSAM, and on the five codes by the province's encryption machine."""
    found = driver.call("iReadCardBas", kind)
    if services is None or found.code not in CONTINUE_WITH_HSM:
        return found
    first = driver.call("iReadCardBas_HSM_Step1", kind)
    if first.code:
        return first
    return _answered(driver, "iReadCardBas_HSM_Step2", lambda: services.internal(first.out))


def _answered(driver: Driver, step: str, service: Callable[[], str]) -> Outcome:
    """The next step with what a service answers; without an answer the card is let go."""
    try:
        return driver.call(step, service())
    except Stop as stop:
        code = stop.code
    except KeyRefused:
        code = Code.KEY_NOT_FOUND
    except VaultGone:
        code = Code.NOT_OPENED
    driver.close()
    return Outcome(code)


def whole(driver: Driver, services: VaultServices | None, kind: str, files: str) -> Outcome:
    """A basic reading and then the files that are named, each opened by whichever way is there."""
    found = basic(driver, services, kind)
    if found.code or not files:
        return found
    out = found.out
    known = card(out)
    names = fields(known["identification_code"], known["card_number"])
    for place in places(files):
        asked = fields(place.name, *place.marks) + "$"
        one = _file(driver, services, (kind, names, asked), known)
        if one.code:
            return one
        out += "\n" + one.out
    return Outcome(Code.DONE, out)


def _file(
    driver: Driver,
    services: VaultServices | None,
    asked: tuple[str, str, str],
    known: Mapping[str, str],
) -> Outcome:
    kind, names, files = asked
    found = driver.call("iReadCard", kind, "2", names, files)
    if services is None or found.code not in CONTINUE_WITH_HSM:
        return found
    first = driver.call("iReadCard_HSM_Step1", kind, names, files)
    if first.code:
        return first
    who = Who(known["area"], known["historical_bytes"])
    return _answered(driver, "iReadCard_HSM_Step2", lambda: services.external(who, first.out))


def read_answer(outcome: Outcome, files: str, *, shown: Mapping[str, str]) -> dict[str, Any]:
    """What ``read`` says besides ok and code."""
    if outcome.code:
        return {}
    first, _, rest = outcome.out.partition("\n")
    said: dict[str, Any] = {"card": dict(shown) or masked(card(first))}
    if files:
        said["items"] = items(rest.replace("\n", ""), files)
    return said
