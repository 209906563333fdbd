"""Who asks: a partner known by his token, with what he may do and for whom; or a citizen."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from minka.desk.act import Request
from minka.doors import settings as surroundings
from minka.doors.api import desks
from minka.doors.api.problems import refusal
from minka.doors.api.refusals import DoorRefusal
from minka.kit.secret import Clear
from minka.store import api_clients
from minka.store.api_clients import CITIZEN, Client


class Token(HttpBearer):
    """Bearer token of a partner: ``<client id>.<secret>``; it must have the operation's scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Client:
        """The client of a token; ``Refusal``: 401 when it is not good, 403 without the scope."""
        client = _known(request, token)
        if client is None:
            raise refusal(DoorRefusal.NO_TOKEN)
        if self.scope not in client.scopes:
            raise refusal(DoorRefusal.OUT_OF_SCOPE, scope=self.scope)
        return client


class TokenOrCitizen(Token):
    """A token, or nobody's: a request without any is a citizen's."""

    def __call__(self, request: HttpRequest) -> Client | None:
        """The client; a header that is there must be good."""
        if "Authorization" not in request.headers:
            return CITIZEN
        found: Client | None = super().__call__(request)
        return found


def _known(request: HttpRequest, token: str) -> Client | None:
    client_id, _, secret = token.partition(".")
    with desks.at_desk(request.path).register.act() as connection:
        return api_clients.find(connection, client_id, secret)


def client_of(request: HttpRequest) -> Client:
    """The client that was let in."""
    client: Client = request.auth  # type: ignore[attr-defined]
    return client


def asked(
    request: HttpRequest, key: str, *, staff: str | None = None, caller: Clear | None = None
) -> Request:
    """The request as the desk knows it; keys of different partners never meet."""
    client = client_of(request)
    return Request(
        key=f"{client.client_id}:{key}",
        origin=f"api:{client.client_id}",
        actor=_actor(client, staff or ""),
        role=client.role,
        caller=caller or _caller(request, client),
    )


def _actor(client: Client, staff: str) -> str:
    if client is CITIZEN:
        return "holder"
    if client.staff_number:
        return client.staff_number
    return f"{client.client_id}/{staff}" if staff else client.client_id


def _caller(request: HttpRequest, client: Client) -> Clear:
    """Whose misses are counted: a citizen's address; a partner is counted by those who call him."""
    return Clear(_address(request)) if client is CITIZEN else Clear("")


def _address(request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "")
    if surroundings.current().behind_proxy and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def allowed(own: str, named: str | None, field: str) -> str:
    """The object a client acts for: his own where he is bound to one, else the one he named."""
    if own and named and own != named:
        raise refusal(DoorRefusal.NOT_YOURS, field=field)
    return own or named or ""


def in_region(client: Client, region: str) -> str:
    """The region, when the client may act in it; ``Refusal`` 403."""
    if client is not CITIZEN and region not in client.regions:
        raise refusal(DoorRefusal.NOT_YOURS, field="region")
    return region
