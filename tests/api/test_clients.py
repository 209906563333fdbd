"""Partners are enrolled, shown and ended; what is kept of a token opens nothing."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from minka.doors.cli_client import client
from minka.store import api_clients
from minka.store.api_clients import CITIZEN, Client
from tests.api.asking import Asking, Partners


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs ``minka client …`` on the module's register."""
    monkeypatch.setattr(
        "minka.doors.cli_client._owner",
        lambda: psycopg.connect(database_url, row_factory=dict_row),
    )
    return lambda *words: CliRunner().invoke(client, list(words))


def test_a_partner_is_enrolled_shown_and_ended(ask: Asking, command: Any) -> None:
    """The token is shown once and works until the partner is ended."""
    told = command("add", "line-1", "--scope", "hotlist:read", "--region", "R1", "--json")
    assert told.exit_code == 0, told.output
    token = json.loads(told.output)["token"]
    assert ask.as_(token).get("/v1/hotlists/R1").status == 200
    assert ask.as_(token).get("/v1/hotlists/R2").code == "api.not_yours"
    shown = command("list", "--json").output
    assert "line-1" in shown
    assert token.partition(".")[2] not in shown
    assert command("end", "line-1").exit_code == 0
    assert ask.as_(token).get("/v1/hotlists/R1").code == "api.no_token"
    assert command("end", "line-1").exit_code == 3


@pytest.mark.parametrize("client_id", ["web", "a b", "a.b", "a:b", "", "x" * 41])
def test_some_ids_are_none(command: Any, client_id: str) -> None:
    """No partner is called like citizens, or so that keys or tokens could be confused."""
    told = command("add", client_id, "--scope", "hotlist:read", "--region", "R1", "--json")
    assert told.exit_code != 0


def test_a_scope_that_is_none_is_refused(command: Any) -> None:
    """A misspelt scope is noticed."""
    told = command("add", "line-2", "--scope", "loss:all", "--region", "R1", "--json")
    assert told.exit_code != 0


def test_the_register_keeps_no_token(database_url: str) -> None:
    """What is kept is a hash, and the desk's role may read it and no more."""
    partner = Client("kept", frozenset({"factory"}))
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        token = api_clients.add(connection, partner)
        assert token.partition(".")[2] not in str(
            connection.execute("select * from api_client where client_id = 'kept'").fetchall()
        )
        assert api_clients.find(connection, *token.split(".")) == partner
        assert api_clients.find(connection, "kept", "wrong") is None
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        connection.execute("set role minka_desk")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            api_clients.end(connection, "kept")


def test_citizens_have_one_scope(partners: Partners) -> None:
    """Nobody without a token does more than report a loss."""
    assert CITIZEN.scopes == {"loss:report"}
    assert not CITIZEN.regions
