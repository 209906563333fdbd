"""The local service: dialects, masks, queue, events, and who may come in (J2, J4, I5)."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from websockets.exceptions import InvalidStatus

from minka.doors.reader.codes import Code
from minka.doors.reader.hsm import Who
from tests.card.world import AREA, HISTORICAL
from tests.reader.serving import PAGE, Running, hear, say, serving
from tests.reader.world import BASIC, CONTACT, WHICH, Counter

PROGRAM = {"X-Minka-Program": "test"}


@pytest.fixture
def counter() -> Counter:
    """A counter with the card of the reference in its reader."""
    return Counter()


@pytest.fixture
def running(counter: Counter) -> Iterator[Running]:
    """The service over that counter, with a province's services behind it."""
    with serving(counter.readers, counter.settings, services=counter.services) as service:
        yield service


def test_bizcode_reads_and_verifies(running: Running) -> None:
    """J4: the dialect of an existing JavaScript module: codes, recode, reinfo, pOutInfo."""
    with running.socket("bizcode") as line:
        begun = say(line, bizcode="1001", body={"pDevInfo": "x"})
        assert begun == {
            "bizcode": "1001",
            "recode": "0",
            "reinfo": "成功",
            "body": {"pOutInfo": "MINKA0000001"},
        }
        asked = {"iType": 3, "iAuthType": 1, "pPin": "", "pCardInfo": WHICH}
        read = say(line, bizcode="1005", body=asked | {"pFileAddr": "SSSEEF05|07|$"})
        assert read["body"]["pOutInfo"] == "SSSEEF05|M00000019|$"
        assert say(line, bizcode="1011", body={"pPIN": "123456"})["recode"] == "0"
        wrong = say(line, bizcode="1011", body={"pPIN": "111111"})
        assert (wrong["recode"], wrong["body"]["pOutInfo"]) == ("-51", "5")
        changed = say(line, bizcode="1012", body={"pOldPIN": "123456", "pNewPIN": "654321"})
        assert changed["recode"] == "0"
        assert say(line, bizcode="1011", body={"pPIN": "654321"})["recode"] == "0"
        assert say(line, bizcode="1002", body={"iType": 3})["recode"] == str(Code.NO_SAM.value)


@pytest.mark.parametrize("code", ["1013", "1017", "1008"])
def test_bizcode_names_what_it_lacks(running: Running, code: str) -> None:
    """J4: reset, unblock and write reach the driver: without a PSAM they say so."""
    body = {"pCardInfo": WHICH, "pNewPIN": "654321", "pFileAddr": "DF01EF06|23|$"}
    with running.socket("bizcode") as line:
        found = say(line, bizcode=code, body=body | {"pWriteData": "DF01EF06|路|$"})
    assert found["recode"] == str(Code.NO_SAM.value)


@pytest.mark.parametrize(("code", "words"), [("1021", "公钥"), ("1055", "身份证"), ("9", "9")])
def test_unknown_codes_are_answered(running: Running, code: str, words: str) -> None:
    """J4: nothing is left without an answer; the sentence says what is not served."""
    with running.socket("bizcode") as line:
        found = say(line, bizcode=code, body={})
    assert (found["bizcode"], found["recode"]) == (code, "-13")
    assert words in found["reinfo"]


def test_both_forms_of_the_function_dialect(running: Running) -> None:
    """J4: arguments by name, or in a list."""
    with running.socket("function") as line:
        named = say(line, function="iReadCardBas_HSM_Step1", iType=3)
        assert (named["ret"], named["function"]) == (0, "iReadCardBas_HSM_Step1")
        listed = say(line, func="iVerifyPIN", **{"in": ["3"]})
        assert listed == {
            "func": "iVerifyPIN",
            "ret": -31,
            "out": [],
            "msg": "用户取消密码输入",
        }
        assert say(line, func="rm", **{"in": []})["ret"] == -13
        assert say(line, function="ICC_Reader_Open", dev="AUTO")["ret"] == -13


@pytest.mark.parametrize("port", ["bizcode", "function", "own"])
@pytest.mark.parametrize(
    "text", ["", "[]", "nonsense", "[" * 100_000, '{"body":7,"bizcode":"1002"}']
)
def test_what_is_no_message_is_answered(running: Running, port: str, text: str) -> None:
    """J4: a broken message gets an answer, and the next one is served."""
    with running.socket(port) as line:
        line.send(text)
        assert "成功" not in str(hear(line))
        assert hear_ok(line, port)


def hear_ok(line: object, port: str) -> bool:
    """Whether the port still serves."""
    request = {
        "bizcode": {"bizcode": "1001"},
        "function": {"function": "iGetCardType", "iType": 3},
        "own": {"act": "list"},
    }[port]
    found = say(line, **request)  # type: ignore[arg-type]
    return "成功" in found.get("reinfo", found.get("msg", found.get("words", "")))


def test_our_own_form_masks_unless_asked(running: Running) -> None:
    """I5, J2: fields by name; the citizen number and the name are masked, on request clear."""
    with running.socket("own") as line:
        assert say(line, act="list", id=1)["readers"] == [{"name": CONTACT, "card": True}]
        found = say(line, act="read", kind=3, id=2)
        assert found["ok"] is True
        assert found["card"]["identity_number"] == "9901**********0019"
        assert found["card"]["name"] == "测*"
        assert "items" not in found
        clear = say(line, act="read", clear=True, files="DF01EF06|23|24|$DF01EF15|40|40|$")
        assert clear["card"]["name"] == "测试甲"
        assert clear["items"]["DF01EF06"] == {"23": "", "24": ""}
        assert list(clear["items"]["DF01EF15"]) == ["40", "40#2"]
        said = say(line, act="call", function="iGetCardType", arguments=["3"])
        assert said == {"ok": True, "code": 0, "words": "成功"}
        assert say(line, act="what")["code"] == -13
        spoken = [say(line, act="what", lang=lang)["words"] for lang in ("zh-hant", "en")]
        assert spoken == ["不支援該命令", "this is not supported"]


def test_clear_text_can_be_forbidden() -> None:
    """J2: a service may be set so that its own form never gives clear text."""
    counter = Counter(clear="never")
    with (
        serving(counter.readers, counter.settings, services=counter.services) as running,
        running.socket("own") as line,
    ):
        assert say(line, act="read", clear=True)["card"]["name"] == "测*"


def test_http_gives_the_card_to_named_pages(running: Running) -> None:
    """J4: /readCard reads, goes on with the machine on the five codes, and answers JSON."""
    status, headers, body = running.http("GET", "/readCard?iType=3", headers={"Origin": PAGE})
    assert status == HTTPStatus.OK
    assert headers["access-control-allow-origin"] == PAGE
    assert headers["cache-control"] == "no-store"
    card = json.loads(body)["card"]
    assert list(card.values()) == BASIC.split("|")[:-1]
    assert running.http("GET", "/")[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "origin",
    ["https://evil.test", "null", "http://his.test", "https://his.test.evil.test", f"{PAGE}:444"],
)
@pytest.mark.parametrize("port", ["own", "bizcode", "function"])
def test_a_strange_page_is_refused(running: Running, port: str, origin: str) -> None:
    """T12, J4: the origin is compared letter for letter at the handshake."""
    with pytest.raises(InvalidStatus) as refused, running.socket(port, origin):
        pass
    assert refused.value.response.status_code == HTTPStatus.FORBIDDEN
    assert running.http("GET", "/readCard", headers={"Origin": origin})[0] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "host", ["evil.test", "his.test:80", "127.0.0.1", "127.0.0.1.evil.test", ""]
)
def test_a_rebound_name_is_refused(running: Running, host: str) -> None:
    """T12: a page whose own name was made to point here is still called by that name."""
    port = running.ports["http"]
    named = host if host != "127.0.0.1.evil.test" else f"{host}:{port}"
    for headers in ({"Host": named}, {"Host": named, "Origin": PAGE}):
        assert running.http("GET", "/readCard", headers=headers)[0] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("port", ["own", "bizcode", "function"])
def test_a_rebound_name_opens_no_socket(running: Running, port: str) -> None:
    """T12: the handshake is refused for a name that is not the service's, whatever its origin."""
    upgrade = (
        "GET / HTTP/1.1\r\nHost: {0}\r\nOrigin: {1}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    number = running.ports[port]
    for host, status in ((f"evil.test:{number}", b"403"), (f"127.0.0.1:{number}", b"101")):
        with socket.create_connection(("127.0.0.1", number)) as line:
            line.sendall(upgrade.format(host, PAGE).encode("ascii"))
            assert line.recv(4096).split()[1] == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Referer": "https://evil.test/"},
        {"Cookie": "a=b"},
    ],
)
def test_an_image_or_script_reads_nothing(running: Running, headers: dict[str, str]) -> None:
    """T12: a request without origin that a browser made for a page is refused."""
    assert running.http("GET", "/readCard", headers=headers)[0] == HTTPStatus.FORBIDDEN
    assert running.http("GET", "/readCard")[0] == HTTPStatus.OK


def test_only_programs_reach_the_library_port(running: Running) -> None:
    """T12: even a named page may not call functions there, nor a program without its header."""
    path, body = "/driver/iGetCardType", "33\n"
    assert running.http("POST", path, body, PROGRAM)[2].split("\n")[0] == "0"
    for headers in ({"Origin": PAGE}, {"Origin": PAGE, **PROGRAM}, {}, {"Content-Type": "a/b"}):
        assert running.http("POST", path, body, headers)[0] == HTTPStatus.FORBIDDEN


def test_the_preflight_lets_named_pages_reach_this_machine(running: Running) -> None:
    """T12: a browser's private network check is answered for named pages alone."""
    asked = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Private-Network": "true",
    }
    status, headers, _ = running.http("OPTIONS", "/readCard", headers=asked | {"Origin": PAGE})
    assert status == HTTPStatus.NO_CONTENT
    assert headers["access-control-allow-private-network"] == "true"
    assert "x-minka-program" not in headers["access-control-allow-headers"].lower()
    status, headers, _ = running.http(
        "OPTIONS", "/readCard", headers=asked | {"Origin": "https://evil.test"}
    )
    assert status == HTTPStatus.FORBIDDEN
    assert not [name for name in headers if name.startswith("access-control")]


def test_programs_can_be_shut_out() -> None:
    """T12: with programs closed only named pages come in."""
    counter = Counter(programs="closed")
    with serving(counter.readers, counter.settings) as running:
        assert running.http("POST", "/driver/iGetCardType", "33\n", PROGRAM)[0] == 403
        with pytest.raises(InvalidStatus), running.socket("own", None):
            pass
        with running.socket("own") as line:
            assert say(line, act="list")["ok"]


def test_the_service_listens_on_loopback_alone(running: Running) -> None:
    """T12: no address of this machine but its own loopback answers."""
    addresses = [sock.getsockname() for s in running.service.listeners() for sock in s.sockets]
    assert sorted(port for _, port in addresses) == sorted(running.ports.values())
    assert {name for name, _ in addresses} == {"127.0.0.1"}


def test_two_callers_take_turns(running: Running, counter: Counter) -> None:
    """J4: what one left half done is its own; the other waits until it is finished."""
    with running.socket("function") as one, running.socket("function") as two:
        first = say(one, func="iReadCardBas_HSM_Step1", **{"in": ["3"]})["out"][0]
        two.send(json.dumps({"func": "iVerifyPIN", "in": ["3"]}))
        with pytest.raises(TimeoutError):
            two.recv(timeout=0.2)
        key = counter.services.internal(first)
        assert say(one, func="iReadCardBas_HSM_Step2", **{"in": [key]})["out"] == [BASIC]
        assert hear(two)["ret"] == -31


def test_a_caller_that_hangs_up_frees_the_card(running: Running) -> None:
    """J4: the card goes to the next in the queue at once."""
    with running.socket("function") as two, running.socket("function") as one:
        say(one, func="iReadCardBas_HSM_Step1", **{"in": ["3"]})
        two.send(json.dumps({"func": "iGetCardType", "in": ["3"]}))
        one.close()
        assert hear(two)["ret"] == 0


def test_a_caller_that_hangs_up_in_the_middle_frees_the_card(
    running: Running, counter: Counter
) -> None:
    """J4: its step ends without a listener, and the card is let go with it."""
    counter.slot.faults.slow_down(30)
    with running.socket("function") as two:
        with running.socket("function") as one:
            one.send(json.dumps({"func": "iReadCardBas_HSM_Step1", "in": ["3"]}))
            time.sleep(0.1)
        counter.slot.faults.slow_down(0)
        began = time.monotonic()
        assert say(two, func="iGetCardType", **{"in": ["3"]})["ret"] == 0
        assert time.monotonic() - began < 10


def test_a_card_is_not_held_for_ever() -> None:
    """J4: a caller that says nothing more loses the card after the time that is set."""
    counter = Counter(hold_s=0.2)
    with (
        serving(counter.readers, counter.settings) as running,
        running.socket("function") as one,
        running.socket("function") as two,
    ):
        say(one, func="iReadCardBas_HSM_Step1", **{"in": ["3"]})
        assert say(two, func="iGetCardType", **{"in": ["3"]})["ret"] == 0
        assert say(one, func="iReadCardBas_HSM_Step2", **{"in": ["0"]})["ret"] == -12


def test_many_callers_at_once_are_all_served(running: Running, counter: Counter) -> None:
    """J4: eight callers, each with three steps of its own, none mixed with another's."""
    done: list[int] = []

    def reset() -> None:
        who = Who(AREA, HISTORICAL.hex())
        with running.socket("function") as line:
            first = say(line, func="iUnblockPIN_HSM_Step1", **{"in": ["3", WHICH]})["out"][0]
            key = counter.services.external(who, first)
            second = say(line, func="iUnblockPIN_HSM_Step2", **{"in": [key]})["out"][0]
            third = counter.services.message(who, second)
            done.append(say(line, func="iUnblockPIN_HSM_Step3", **{"in": [third]})["ret"])

    threads = [threading.Thread(target=reset) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert done == [0] * 8


def test_an_operation_that_takes_too_long_is_answered() -> None:
    """J4: -4 after the patience that is set; the next operation waits for its end and works."""
    counter = Counter(patience_s=0.3)
    with serving(counter.readers, counter.settings) as running:
        counter.slot.faults.slow_down(100)
        with running.socket("function") as line:
            assert say(line, func="iGetCardType", **{"in": ["3"]})["ret"] == Code.NO_ANSWER
            counter.slot.faults.slow_down(0)
            time.sleep(1)
            assert say(line, func="iGetCardType", **{"in": ["3"]})["ret"] == 0


def test_a_card_pulled_or_a_reader_unplugged_in_the_middle(
    running: Running, counter: Counter
) -> None:
    """J4: no answer (-4), no card (-2), no reader (-11); and served again when all is back."""
    ask = {"func": "iGetCardType", "in": ["3"]}
    with running.socket("function") as line:
        counter.slot.faults.pull_before(4)
        assert say(line, **ask)["ret"] == Code.NO_ANSWER
        assert say(line, **ask)["ret"] == Code.NO_CARD
        slot = counter.readers.slots.pop(CONTACT)
        assert say(line, **ask)["ret"] == Code.NO_READER
        assert slot is not None
        slot.insert()
        counter.readers.slots[CONTACT] = slot
        assert say(line, **ask)["ret"] == 0


def test_a_page_shows_the_pin_pad(running: Running) -> None:
    """J2, J4: a page asks the holder; another caller's function waits for what is entered."""
    with running.socket("own") as pad, running.socket("function") as line:
        assert say(pad, act="pad")["ok"]
        line.send(json.dumps({"func": "iVerifyPIN", "in": ["3"]}))
        asked = hear(pad)
        assert (asked["title"], asked["fewest"], asked["most"]) == ("请输入密码", 4, 12)
        pad.send(json.dumps({"act": "pin", "id": asked["ask"], "pin": "123456"}))
        assert hear(line)["ret"] == 0
        line.send(json.dumps({"func": "iVerifyPIN", "in": ["3"]}))
        pad.send(json.dumps({"act": "pin", "id": hear(pad)["ask"], "pin": None}))
        assert hear(line)["ret"] == Code.PIN_CANCELLED
        line.send(json.dumps({"func": "iVerifyPIN", "in": ["3"]}))
        hear(pad)
        pad.close()
        assert hear(line)["ret"] == Code.PIN_CANCELLED


def test_nobody_at_the_pad_ends_in_time() -> None:
    """J4: -32 when nothing is entered."""
    counter = Counter(pin_patience_s=0.2)
    with serving(counter.readers, counter.settings) as running, running.socket("own") as pad:
        say(pad, act="pad")
        said = say(pad, act="call", function="iVerifyPIN", arguments=["3"])
        assert said["title"] == "请输入密码"
        assert hear(pad)["code"] == Code.PIN_TIMED_OUT


def test_nothing_of_a_card_is_logged(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """K5, T15: with every log at its loudest no number, name, PIN or key is in it."""
    with caplog.at_level(logging.DEBUG), running.socket("bizcode") as line:
        say(line, bizcode="1011", body={"pPIN": "135790"})
        running.http("GET", "/readCard", headers={"Origin": PAGE})
    ours = [r for r in caplog.records if r.name != "websockets.client"]
    said = "\n".join(record.getMessage() for record in ours)
    assert "iVerifyPIN -51" in said
    for secret in ("135790", "990101199001010019", "测试甲", "M00000019", "D15600000500000001"):
        assert secret not in said
