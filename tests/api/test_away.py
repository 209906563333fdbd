"""The loss door on bad days: the register away, and everything else overloaded (T19, P15)."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

import psycopg
import pytest

from minka.desk.office import Office
from minka.doors.api import desks
from minka.store.connection import Register
from tests.api.asking import Asking, key
from tests.desk.town import invented_number, settle_in

REPORT = {"region": "V1", "stated": {"name": "试甲某"}}


def _away_office(office: Office, port: int) -> Office:
    url = f"postgresql://minka@127.0.0.1:{port}/minka"
    return replace(office, register=Register(url, size=2, wait_ms=desks.LOSS_WAIT_MS))


@pytest.fixture(params=["refused", "silent"])
def away(
    request: pytest.FixtureRequest, office: Office, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Asking]:
    """The API with a register that refuses connections, or takes them and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "silent":
            listener.listen()
        gone = _away_office(office, listener.getsockname()[1])
        monkeypatch.setattr(desks, "opened", lambda: desks.Desks(gone, gone, gone.register))
        Asking().get("/v1/warm-up")
        yield Asking()
        gone.register.close()


def test_away_is_said_within_a_second(away: Asking) -> None:
    """503 with the hotline and what to do, in three languages; never a yes."""
    said, took = set(), []
    for language in ("zh-hans", "zh-hant", "en"):
        begun = time.monotonic()
        told = away.in_(language).post(
            "/v1/loss-reports", {"request_key": key(), "id_number": invented_number(1), **REPORT}
        )
        took.append(time.monotonic() - begun)
        assert (told.status, told.code) == (503, "desk.away"), told
        assert told["retryable"] is True
        assert "12333" in told["detail"]
        assert told.raw.headers["Retry-After"]
        said.add(told["detail"])
    assert len(said) == 3
    assert median(took) < 1, took


def test_tokens_and_health_and_readings_away(away: Asking) -> None:
    """A token cannot be looked up, so nothing is promised; the law can still be read."""
    with_token = away.as_("hotline.secret")
    for path in ("/v1/loss-reports", "/v1/card-freezes"):
        assert with_token.post(path, {"request_key": key()}).code == "desk.away"
    assert with_token.post("/v1/applications", {"request_key": key()}).code == "api.away"
    assert away.get("/health").code == "desk.away"
    assert away.get("/v1/places").code == "api.away"
    assert away.get("/v1/rules/R1/loss-form", channel="hotline").status == 200


def backends(url: str) -> list[int]:
    """The server's processes for a database, and the one that would start more."""
    with psycopg.connect(url, autocommit=True) as owner:
        found = owner.execute(
            "select pid from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        ).fetchall()
    pids = [int(pid) for (pid,) in found]
    parent = Path(f"/proc/{pids[0]}/stat").read_text("ascii").rpartition(")")[2].split()[1]
    return [int(parent), *pids]


def test_a_register_that_stands_still(
    ask: Asking, office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes the line and never answers is said to be away, and nothing was done."""
    someone = settle_in(office, "V1")
    body = {
        "request_key": key(),
        "region": "V1",
        "id_number": someone.number,
        "stated": {"name": someone.name},
    }
    assert ask.get("/health").status == 200
    monkeypatch.setattr(desks, "LOSS_WAIT_MS", 500)
    found = backends(database_url)
    for pid in found:
        os.kill(pid, signal.SIGSTOP)
    try:
        took = []
        for _ in range(3):
            begun = time.monotonic()
            told = ask.post("/v1/loss-reports", body)
            took.append(time.monotonic() - begun)
            assert (told.status, told.code) == (503, "desk.away"), told
        assert median(took) < 1, took
    finally:
        for pid in found:
            os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(desks, "LOSS_WAIT_MS", 5000)
    assert ask.post("/v1/loss-reports", body).status == 201


def test_an_exhausted_register_does_not_starve_a_report(
    ask: Asking, office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T19: with every everyday connection taken, a loss report is still taken at once."""
    everyday = replace(office, register=Register(database_url, size=2, wait_s=1))
    reserved = replace(office, register=Register(database_url, size=2, wait_ms=700))
    pulse = Register(database_url, size=1)
    monkeypatch.setattr(desks, "opened", lambda: desks.Desks(everyday, reserved, pulse))
    someone = settle_in(office, "V1")
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(everyday.register.act())
        assert ask.get("/v1/places").code == "api.away"
        begun = time.monotonic()
        told = ask.post(
            "/v1/loss-reports",
            {
                "request_key": key(),
                "region": "V1",
                "id_number": someone.number,
                "stated": {"name": someone.name},
            },
        )
        assert told.status == 201, told
        assert time.monotonic() - begun < 1
        assert ask.get("/health").status == 200
    everyday.register.close()
    pulse.close()
    reserved.register.close()


def test_too_many_other_requests_are_told_to_wait(ask: Asking, desk_office: Office) -> None:
    """T19: when every place is taken, others are refused at once and a report still goes in."""
    with ExitStack() as stack:
        for _ in range(desks.AT_ONCE):
            assert desks.under_way.acquire(blocking=False)
            stack.callback(desks.under_way.release)
        told = ask.get("/v1/places")
        assert (told.status, told.code) == (503, "api.busy")
        assert told.raw.headers["Retry-After"]
        assert ask.post("/v1/loss-reports", {}).code == "api.not_valid"
    assert ask.get("/v1/places").status == 200


def test_places_are_given_back_after_faults(ask: Asking, desk_office: Office) -> None:
    """A refusal or a fault never keeps a place."""
    for _ in range(desks.AT_ONCE * 2):
        ask.send("POST", "/v1/applications", b"{")
        ask.get("/v1/nowhere")
    free = [desks.under_way.acquire(blocking=False) for _ in range(desks.AT_ONCE)]
    for _ in free:
        desks.under_way.release()
    assert all(free)


def test_a_fault_of_ours_says_nothing_of_people(
    ask: Asking,
    desk_office: Office,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An error nobody expected is a 500 problem; neither it nor the log holds what was sent."""
    someone = settle_in(desk_office, "V1")

    def broken(*args: object) -> None:
        raise ValueError(someone.number.reveal())

    monkeypatch.setattr("minka.doors.api.loss.report_loss", broken)
    told = ask.post(
        "/v1/loss-reports",
        {
            "request_key": key(),
            "region": "V1",
            "id_number": someone.number,
            "stated": {"name": someone.name},
        },
    )
    assert (told.status, told.code) == (500, "api.fault")
    for text in (someone.number.reveal(), someone.name.reveal()):
        assert text not in told.raw.content.decode()
        assert text not in caplog.text


def test_one_key_at_once_from_many_threads(ask: Asking, desk_office: Office) -> None:
    """P6: the same key from sixteen threads at once has one effect and one answer."""
    someone = settle_in(desk_office, "V1")
    body = {
        "request_key": key(),
        "region": "V1",
        "id_number": someone.number,
        "stated": {"name": someone.name},
    }
    answers: list[bytes] = []

    def send() -> None:
        answers.append(Asking().post("/v1/loss-reports", body).raw.content)

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert len(set(answers)) == 1
