"""Partners of the API: who they are, what they may do and for whom; secrets are kept as hashes."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass

from minka.store.connection import Connection, Row, do, insert, row, rows

_NOBODY = bytes(32)
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Client:
    """A partner; an empty binding binds to nothing, an empty set of regions opens none."""

    client_id: str
    scopes: frozenset[str]
    regions: frozenset[str] = frozenset()
    role: str = ""
    """The staff role the partner's people have at our desks, such as ``hotline_agent``."""
    staff_number: str = ""
    """Set when the token is one person's own; only such a token signs two-person acts."""
    employer_id: str = ""
    bank_id: str = ""
    place_id: str = ""


CITIZEN = Client("web", frozenset({"loss:report"}))
"""Anyone on the web: one act, for himself, with what the law asks him to state."""


def find(connection: Connection, client_id: str, secret: str) -> Client | None:
    """The active client of an id and its secret, in the same steps for an unknown id."""
    asked = client_id if _ID.fullmatch(client_id) else ""
    found = row(connection, "api.client", client_id=asked)
    kept = bytes(found["secret_hash"]) if found else _NOBODY
    if not hmac.compare_digest(hashed(secret), kept) or found is None:
        return None
    return Client(
        client_id=found["client_id"],
        scopes=frozenset(found["scopes"].split()),
        regions=frozenset(found["regions"].split()),
        role=found["role"],
        staff_number=found["staff_number"],
        employer_id=found["employer_id"] or "",
        bank_id=found["bank_id"] or "",
        place_id=found["place_id"] or "",
    )


def add(connection: Connection, client: Client, name: str = "") -> str:
    """Enrol a client; gives its token, which is shown this once and kept nowhere.

    Needs a connection of the database's owner: the desk's own role may only read clients.
    ``ValueError`` for an id that is none; ``IntegrityError`` for one that is taken.
    """
    if not _ID.fullmatch(client.client_id) or client.client_id == CITIZEN.client_id:
        raise ValueError("an id is letters, digits, - and _, and not that of citizens")
    secret = secrets.token_urlsafe(32)
    insert(
        connection,
        "api.add_client",
        {
            **asdict(client),
            "name": name or client.client_id,
            "scopes": " ".join(sorted(client.scopes)),
            "regions": " ".join(sorted(client.regions)),
            "secret_hash": hashed(secret),
            "employer_id": client.employer_id or None,
            "bank_id": client.bank_id or None,
            "place_id": client.place_id or None,
        },
    )
    return f"{client.client_id}.{secret}"


def listed(connection: Connection) -> list[Row]:
    """Every client, without what is kept of its secret."""
    return rows(connection, "api.clients")


def end(connection: Connection, client_id: str) -> int:
    """End a client for good; 1 when there was one."""
    return do(connection, "api.end_client", client_id=client_id)


def hashed(secret: str) -> bytes:
    """What is kept of a secret; it is 256 random bits, so a plain hash hides it."""
    return hashlib.sha256(secret.encode()).digest()
