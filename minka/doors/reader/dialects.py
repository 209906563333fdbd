"""The local WebSocket dialects in the field, as calls of driver functions (card-chip §15.2).

| dialect | request | answer |
|---|---|---|
| bizcode | ``{"bizcode":"1002","body":{"iType":…}}`` | ``{"bizcode","recode","reinfo","body":…}`` |
| function | ``{"function":"iReadCardBas","iType":3}`` | the same, with ``ret``, ``pOut``, ``msg`` |
| func | ``{"func":"iReadCardBas","in":["3"]}`` | ``{"func","ret","out":[…],"msg"}`` |

A code or a function that is not served is answered with -13 and says so; nothing is left without
an answer. What only one weak source tells (the names in the answers) is a setting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minka.doors.reader.codes import Code, Stop, sentence
from minka.doors.reader.driver import FUNCTIONS, KIND, Outcome
from minka.doors.reader.pinpad import GivenPins, PinPad
from minka.doors.reader.settings import ReaderSettings


@dataclass(frozen=True, slots=True)
class Biz:
    """What a bizcode stands for: a function and the PINs its body may carry, in asking order."""

    function: str
    pins: tuple[str, ...] = ()


BIZ: Mapping[str, Biz] = {
    "1002": Biz("iReadCardBas"),
    "1005": Biz("iReadCard", ("pPin",)),
    "1008": Biz("iWriteCard"),
    "1011": Biz("iVerifyPIN", ("pPIN",)),
    "1012": Biz("iChangePIN", ("pOldPIN", "pNewPIN", "pNewPIN")),
    "1013": Biz("iReloadPIN", ("pNewPIN", "pNewPIN")),
    "1017": Biz("iUnblockPIN"),
}
"""The codes that are served."""

START = "1001"
"""The start-up call, which every page makes first: answered with the terminal device number."""

ELSEWHERE: Mapping[str, str] = {
    "1021": "公钥",
    "1022": "写证书",
    "1023": "证书请求",
    "1024": "修改 PKI 密码",
    "1025": "修改主控密钥",
    "1027": "北京通",
    "1030": "北京通",
    "1033": "北京通",
    "1052": "终端登记",
    "1053": "终端注销",
    "1054": "北京通",
    "1055": "身份证",
    "1056": "电子凭证",
    "1057": "银行卡号",
    "1200": "残疾信息",
    "1203": "残疾信息",
    "1204": "残疾信息",
    "1205": "残疾信息",
}
"""Codes that are known and not served here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call to make, and the PINs that came with it."""

    function: str
    arguments: tuple[str, ...]
    pad: PinPad | None = None


class BadRequest(Exception):
    """A message that is not in the dialect's form."""


def message(text: str | bytes) -> dict[str, Any]:
    """A JSON object; ``BadRequest`` for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(found, dict):
        raise BadRequest
    return found


def biz_asked(request: Mapping[str, Any], settings: ReaderSettings) -> Asked:
    """The call of a bizcode; ``Stop`` -13 for one that is not served."""
    code = str(request.get("bizcode", ""))
    body = request.get("body") or {}
    if not isinstance(body, dict):
        raise BadRequest
    if code not in BIZ:
        raise Stop(Code.NOT_SUPPORTED, ELSEWHERE.get(code, ""))
    biz = BIZ[code]
    pins = [str(body[name]) for name in biz.pins if body.get(name) not in (None, "")]
    return Asked(
        biz.function, named(biz.function, body, settings), GivenPins(pins) if pins else None
    )


def named(function: str, body: Mapping[str, Any], settings: ReaderSettings) -> tuple[str, ...]:
    """A function's arguments by name; iType is the setting's where it is missing."""
    wanted = FUNCTIONS[function].arguments
    defaults = {KIND: settings.default_kind, "iAuthType": "1"}
    found = {name: body.get(name, defaults.get(name)) for name in wanted}
    if any(value is None for value in found.values()):
        raise Stop(Code.WRONG_ARGUMENT)
    return tuple(str(found[name]) for name in wanted)


def biz_answer(request: Mapping[str, Any], code: int, out: str, words: str = "") -> str:
    """The answer to a bizcode."""
    body = {"pOutInfo": out}
    return _text(
        {
            "bizcode": str(request.get("bizcode", "")),
            "recode": str(int(code)),
            "reinfo": words or sentence(code),
            "body": body,
        }
    )


def biz_refusal(request: Mapping[str, Any], stop: Stop) -> str:
    """The answer to a code that is not served, or not served so."""
    code = str(request.get("bizcode", ""))
    words = f"{sentence(stop.code)}：{stop.words or 'bizcode'} {code}" if stop.code == -13 else ""
    return biz_answer(request, stop.code, "", words)


def function_asked(request: Mapping[str, Any], settings: ReaderSettings) -> Asked:
    """The call of a function's name, with arguments by name or in a list."""
    if "func" in request:
        name, listed = str(request["func"]), request.get("in", [])
        if not isinstance(listed, list):
            raise BadRequest
        _known(name)
        return Asked(name, tuple(str(each) for each in listed))
    name = str(request.get("function", ""))
    _known(name)
    return Asked(name, named(name, request, settings))


def _known(name: str) -> None:
    if name not in FUNCTIONS:
        raise Stop(Code.NOT_SUPPORTED, name)


def function_answer(request: Mapping[str, Any], outcome: Outcome, settings: ReaderSettings) -> str:
    """The answer in the form of the request, under the settings' names."""
    code, out, words = settings.function_answer
    said = {code: int(outcome.code), words: sentence(outcome.code)}
    if "func" in request:
        return _text({"func": str(request["func"]), **said, "out": _listed(outcome)})
    return _text({"function": str(request.get("function", "")), **said, out: outcome.out})


def _listed(outcome: Outcome) -> Sequence[str]:
    return [outcome.out] if outcome.out else []


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)
