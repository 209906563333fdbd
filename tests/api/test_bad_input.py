"""Whatever bytes, methods and types come in, one clean problem comes out (P16)."""

from __future__ import annotations

import json

import pytest

from minka.desk.office import Office
from tests.api.asking import Asking, Partners, key
from tests.desk.town import invented_number, settle_in

REPORT = "/v1/loss-reports"
LANGUAGES = ("zh-hans", "zh-hant", "en")
BROKEN: dict[str, tuple[bytes, int, str]] = {
    "no bytes": (b"", 422, "api.not_valid"),
    "no JSON": (b"{", 400, "api.not_json"),
    "NaN": (b'{"request_key": NaN}', 400, "api.not_json"),
    "infinity": (b'{"request_key": -Infinity}', 400, "api.not_json"),
    "endless number": (b'{"n": ' + b"9" * 5000 + b"}", 400, "api.not_json"),
    "double key": (b'{"region": "R1", "region": "R2"}', 400, "api.not_json"),
    "list": (b"[1]", 400, "api.not_json"),
    "text": (b'"x"', 400, "api.not_json"),
    "deep": (b"[" * 5000 + b"]" * 5000, 400, "api.not_json"),
    "deep objects": (b'{"a":' * 500 + b"1" + b"}" * 500, 400, "api.not_json"),
    "brackets in a text": (b'{"region": "' + b"[" * 100 + b'"}', 422, "api.not_valid"),
    "GBK": ('{"region": "杭州"}'.encode("gbk"), 400, "api.not_json"),
    "UTF-16": ('{"region": "R1"}'.encode("utf-16"), 400, "api.not_json"),
    "byte order mark": (b'\xef\xbb\xbf{"region": "R1"}', 400, "api.not_json"),
    "half a character": (b'{"region": "\\ud800"}', 400, "api.not_json"),
    "character 0": (b'{"region": "\\u0000"}', 400, "api.not_json"),
    "half a character in a list": (b'{"documents": ["\\udfff"]}', 400, "api.not_json"),
    "unknown name": (b'{"admin": "yes"}', 422, "api.not_valid"),
    "10 MB": (b'{"request_key": "' + b"x" * 10_000_000 + b'"}', 413, "api.too_large"),
    "quotes without end": (b'{"a": ' + b'\\"' * 400_000, 400, "api.not_json"),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_broken_bodies(ask: Asking, name: str) -> None:
    """Each is refused in three languages, and says what to do."""
    content, status, code = BROKEN[name]
    spoken = set()
    for language in LANGUAGES:
        told = ask.in_(language).send("POST", REPORT, content)
        assert (told.status, told.code) == (status, code), told
        assert told.raw.headers["Content-Language"] == language
        assert told["retryable"] is False
        spoken.add(told["detail"])
    assert len(spoken) == 3


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=gbk",
        "application/problem+json",
        "",
        "\u00e9",
    ],
)
def test_other_content_types(ask: Asking, kind: str) -> None:
    """Only application/json in UTF-8 is read."""
    told = ask.send("POST", REPORT, b'{"region": "R1"}', kind)
    assert (told.status, told.code) == (415, "api.wrong_type"), told


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "QUERY")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_path(ask: Asking, method: str) -> None:
    """A method a path does not take is a 405 with Allow; nothing is a 5xx."""
    paths = ask.get("/openapi.json")["paths"]
    for path, operations in paths.items():
        at = path.removeprefix("/api").replace("{act_id}", "1")
        for name in ("receipt", "code", "region", "place_id", "proof"):
            at = at.replace("{" + name + "}", "G-7K2M-9QX4-T")
        told = ask.send(method, at, b"{}")
        if method.lower() not in operations:
            assert told.status == 405, (method, at, told)
            assert told.raw.headers["Allow"] == ", ".join(sorted(m.upper() for m in operations))
            assert method == "HEAD" or told.code == "api.no_such_method"
        assert told.status < 500, (method, at, told)
        assert told.status < 400 or "problem+json" in told.raw.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v2/loss-reports", "/v1/loss-reports/", "/v1/%00", "/v1/a%0Ab", "/../x"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_addresses(ask: Asking, path: str, method: str) -> None:
    """An address that is none is a 404 problem."""
    told = ask.send(method, path, b"{}")
    assert (told.status, told.code) == (404, "api.no_such_address"), told


def test_each_broken_rule_is_named_and_no_value_given_back(ask: Asking) -> None:
    """Field, rule and words; the value itself never comes back."""
    wrong = "11000019850310" + "9999"
    body = {
        "request_key": "short",
        "region": "R 1",
        "id_number": wrong,
        "stated": {"name": "", "phone": 138, "age": 1},
        "force": "strong",
    }
    told = ask.post(REPORT, body)
    assert told.status == 422
    assert {(each["field"], each["rule"]) for each in told["errors"]} == {
        ("/request_key", "string_pattern_mismatch"),
        ("/region", "string_pattern_mismatch"),
        ("/id_number", "citizen_number_check"),
        ("/stated/name", "string_pattern_mismatch"),
        ("/stated/phone", "string_type"),
        ("/stated/age", "extra_forbidden"),
        ("/force", "literal_error"),
    }
    assert wrong not in told.raw.content.decode()
    assert all(each["detail"] for each in told["errors"])


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("1100001985031000", "string_pattern_mismatch"),
        ("000000198503100019", "citizen_number_area"),
        ("110000198513100019", "citizen_number_birth_date"),
        ("110000198503109999", "citizen_number_check"),
    ],
)
def test_a_wrong_number_says_where_to_look(ask: Asking, number: str, rule: str) -> None:
    """The part of the number that is wrong is named, in three languages."""
    said = set()
    for language in LANGUAGES:
        told = ask.in_(language).post(REPORT, region="R1", id_number=number)
        assert [each["rule"] for each in told["errors"]] == [rule]
        said.add(told["errors"][0]["detail"])
    assert len(said) == 3


def test_nothing_half_written(ask: Asking, desk_office: Office, partners: Partners) -> None:
    """Formal loss with a replacement that is refused leaves the card as it was (A9)."""
    someone = settle_in(desk_office)
    counter = ask.as_(partners.enrol("issue:apply", "card:standing", role="counter_clerk"))
    told = counter.post(
        "/v1/loss-reports/with-replacement",
        region="R1",
        channel="counter",
        id_number=someone.number,
        stated={"name": someone.name},
        papers=[{"kind": "resident_id", "copy": "original"}],
        place_id="NOWHERE",
    )
    assert told.status == 422, told
    stood = counter.post("/v1/card-standings", card_number=someone.card_number)
    assert stood["standing"] == "usable"


def test_a_known_key_with_another_number_is_refused(ask: Asking, desk_office: Office) -> None:
    """P6: the key is bound to the content, the person included."""
    someone, other = settle_in(desk_office, "V1"), settle_in(desk_office, "V1")
    shared = {"request_key": key(), "region": "V1"}
    first = {**shared, "id_number": someone.number, "stated": {"name": someone.name}}
    second = {**shared, "id_number": other.number, "stated": {"name": other.name}}
    assert ask.post(REPORT, first).status == 201
    assert ask.post(REPORT, second).code == "desk.key_reused"


def test_a_refusal_is_replayed_too(ask: Asking, desk_office: Office, partners: Partners) -> None:
    """P6: a final refusal has the same status and body under its key."""
    token = partners.enrol("loss:report")
    body = {
        "request_key": key(),
        "region": "R1",
        "channel": "hotline",
        "id_number": invented_number(999),
        "stated": {"name": "无此人"},
    }
    first = ask.as_(token).send("POST", REPORT, json.dumps(body))
    again = ask.as_(token).send("POST", REPORT, json.dumps(body))
    assert first.code == "loss.not_verified"
    assert (again.status, again.raw.content) == (first.status, first.raw.content)
    assert again.raw.headers["Minka-Replayed"] == "true"
