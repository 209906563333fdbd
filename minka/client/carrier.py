"""How a message travels: over HTTP, or through a province's library."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import httpx

from minka.client import gateway
from minka.client.gateway import Session
from minka.client.judge import Carried
from minka.client.outcome import Why
from minka.client.site import Seal, Site

Sign = Callable[[bytes], str]
"""The client's signature over bytes, in hexadecimal."""


class Carrier(Protocol):
    """Whatever brings a body to the platform and its answer back."""

    def carry(self, body: bytes, session: Session | None, sign: Sign | None = None, /) -> Carried:
        """One delivery, once; never raises for what the world does.

        ``sign`` signs a sign-in, which has no session yet.
        """

    def close(self) -> None:
        """Let go of connections."""


class HttpCarrier:
    """POST to the platform's one endpoint; thread-safe, never sends anything twice by itself."""

    def __init__(self, site: Site, *, transport: httpx.BaseTransport | None = None) -> None:
        self._site = site
        self._patience_s = site.patience_ms / 1000
        self._http = httpx.Client(
            timeout=self._patience_s, transport=transport, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def carry(self, body: bytes, session: Session | None, sign: Sign | None = None) -> Carried:
        """See ``Carrier.carry``."""
        sent = gateway.headers(self._site, body, session)
        if sign is not None:
            sent[gateway.SM2] = sign(gateway.signed(sent, body))
        until = time.monotonic() + self._patience_s
        try:
            came, text = self._post(body, sent, until)
        except httpx.TimeoutException:
            return Carried(fault=Why.TIME_OUT)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return Carried(fault=Why.BROKEN)
        if self._proved(session, sent, came, text):
            return Carried(text, came.status_code)
        fault = Why.NOT_PROVED if came.status_code == httpx.codes.OK else Why.NOT_LOOKED_AT
        return Carried(text, came.status_code, fault)

    def _post(
        self, body: bytes, sent: dict[str, str], until: float
    ) -> tuple[httpx.Response, bytes]:
        """The whole answer within the patience, however slowly it drips."""
        parts = []
        with self._http.stream("POST", self._site.url, content=body, headers=sent) as came:
            for part in came.iter_bytes():
                parts.append(part)
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("the answer drips")
        return came, b"".join(parts)

    def _proved(
        self, session: Session | None, sent: dict[str, str], came: httpx.Response, text: bytes
    ) -> bool:
        """Within a sealed session an answer without its seal is nobody's."""
        if session is None or session.mac is None or self._site.seal is Seal.NONE:
            return True
        return gateway.is_sealed(session.mac, sent, came.headers, text)


class LibraryCarrier:
    """A vendor's ``BUSINESS_HANDLE(input, output)`` (section 1.2).

    ``call`` takes the request and gives the return code and the output buffer.
    """

    def __init__(self, call: Callable[[bytes], tuple[int, bytes]]) -> None:
        self._call = call

    def close(self) -> None:
        """Nothing is held."""

    def carry(self, body: bytes, _session: Session | None, _sign: Sign | None = None) -> Carried:
        """See ``Carrier.carry``; a library that fails is a system error."""
        try:
            returned, output = self._call(body)
        except OSError:
            return Carried(fault=Why.SYSTEM_ERROR)
        return Carried(output.rstrip(b"\0"), returned=returned)
