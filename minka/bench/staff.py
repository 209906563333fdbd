"""Demo staff: who works where, with a password made at seed time and a second factor each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from minka.bench.places import kinds_of, place_id
from minka.law.region import RegionLaw

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_EVERYWHERE = ("hotline_agent", "reviewer", "factory", "auditor")
_ONCE = ("reference_clerk", "security_administrator")
_KEY_POSTS = (
    ("r1-keys2", "security_administrator"),
    ("r1-key_keeper", "key_keeper"),
    ("r1-key_keeper2", "key_keeper"),
    *((f"r1-custodian{nth}", "key_custodian") for nth in (1, 2, 3)),
)
"""Who keeps the keys: proposers, signers, and one custodian for each part."""
_COUNTERS = (
    *("service_point", "agency", "service_centre", "district_centre", "city_centre"),
    *("street_centre", "contribution_counter"),
)
_BANKS = ("service_bank", "boc_savings_office")
_MEDICAL = {"R3": "city_centre", "R5": "medical_office", "R6": "service_centre"}
"""Where medical insurance staff work: they confirm reports, stamp letters, review claims."""
_SHORT = {"hotline_agent": "hotline", "reference_clerk": "data", "security_administrator": "keys"}


@dataclass(frozen=True, slots=True)
class Post:
    """One demo account: its log-in name, role, and where it works."""

    login: str
    role: str
    region: str
    place_id: str | None = None
    bank_id: str | None = None
    employer_id: str | None = None


def posts(law: RegionLaw) -> Iterator[Post]:
    """The accounts of a region: one for each role and each kind of counter its rules need."""
    prefix, kinds = law.id.lower(), kinds_of(law)
    once = _ONCE if law.id == "R1" else ()
    for role in (*_EVERYWHERE, *once):
        yield Post(f"{prefix}-{_SHORT.get(role, role)}", role, law.id)
    yield Post(f"{prefix}-reviewer2", "reviewer", law.id)
    for login, role in _KEY_POSTS if law.id == "R1" else ():
        yield Post(login, role, law.id)
    counters = [kind for kind in kinds if kind in _COUNTERS]
    for nth, kind in enumerate(counters, start=1):
        login = f"{prefix}-counter{nth if nth > 1 else ''}"
        yield Post(login, "counter_clerk", law.id, place_id(law.id, kind))
    if law.id in _MEDICAL:
        where = place_id(law.id, _MEDICAL[law.id])
        yield Post(f"{prefix}-medical", "medical_staff", law.id, where)
    bank = next((kind for kind in kinds if kind in _BANKS), None)
    where = place_id(law.id, bank) if bank else ""
    yield Post(f"{prefix}-bank", "bank_clerk", law.id, where or None, _bank_of(bank))
    yield Post(f"{prefix}-employer", "employer_clerk", law.id, employer_id=f"{law.id}-E1")


def _bank_of(kind: str | None) -> str:
    return "BOC" if kind == "boc_savings_office" else "BANK1"


def demo_password(home: Path) -> str:
    """The password of all demo accounts of a home: made once, kept in a file of mode 0600."""
    from minka.doors.settings import write_once

    path = home / "demo_password"
    with suppress(FileExistsError):
        write_once(path, f"{secrets.token_hex(3)}-{secrets.token_hex(3)}-Minka")
    return path.read_text("ascii").strip()


def open_accounts(wanted: list[Post], password: str) -> int:
    """Make the accounts that are not there yet, each with a second factor; gives how many."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.hashers import check_password, make_password
    from django.contrib.auth.models import User
    from django.db import transaction

    from minka.store.models import Operator

    there = set(User.objects.values_list("username", flat=True))
    new = [post for post in wanted if post.login not in there]
    any_user = User.objects.filter(operator__isnull=False).first()
    if any_user is not None and not check_password(password, any_user.password):
        _renew(password)
    hashed = make_password(password) if new else ""
    with transaction.atomic():
        for number, post in enumerate(new, start=len(there) + 1):
            user = User.objects.create(username=post.login, password=hashed, **_rights(post))
            TOTP.activate(user, generate_totp_secret())
            Operator.objects.create(
                user=user,
                staff_number=f"S{number:04d}",
                role=post.role,
                region=post.region,
                place_id=post.place_id,
                bank_id=post.bank_id,
                employer_id=post.employer_id,
            )
    return len(new)


def _renew(password: str) -> None:
    """Give every demo account the present password (its file was deleted or moved)."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    User.objects.filter(operator__isnull=False).update(password=make_password(password))


def _rights(post: Post) -> dict[str, int]:
    """Who keeps or reads reference data may enter the back office; his post says what he may do."""
    return {"is_staff": int(post.role in (*_ONCE, "auditor"))}


def totp_code(user: User, now_s: int) -> str:
    """The six digits that an account's second factor shows at a moment (Unix seconds)."""
    from allauth.mfa import app_settings
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from allauth.mfa.utils import decrypt

    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    counter = now_s // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(decrypt(kept.data["secret"]), counter)))
