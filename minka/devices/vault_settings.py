"""Where a vault stands and which machine is behind it: one small TOML file an operator writes.

```toml
kind = "pkcs11"            # soft, pkcs11 or sdf
duty = "production"        # production refuses a stand-in; drill allows one
folder = "/run/minka/vault"

[pkcs11]
library = "/usr/lib/softhsm/libsofthsm2.so"
token = "minka"
pin_file = "/etc/minka/token.pin"
[pkcs11.mechanisms]        # the vendor's own numbers, where PKCS#11 has none
"SM4.ecb" = 0x80000101
```

No secret stands in this file: a PIN is in a file of its own that only the vault's user may read.
"""

from __future__ import annotations

import tomllib
from enum import Enum
from pathlib import Path

import msgspec

SETTINGS_NAME = "vault.toml"


class Kind(Enum):
    """Which machine holds the keys."""

    SOFT = "soft"
    PKCS11 = "pkcs11"
    SDF = "sdf"


class Duty(Enum):
    """What the vault is used for."""

    PRODUCTION = "production"
    DRILL = "drill"


class Opening(Enum):
    """Who opens a soft vault when its process starts."""

    SHARES = "shares"
    """Custodians, each with a share."""
    ITSELF = "itself"
    """A file beside it; for drills and demonstrations alone."""


class Alignment(Enum):
    """How an SDF library lays out its structures; makers differ."""

    NATURAL = "natural"
    PACKED = "packed"


class Pkcs11Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A PKCS#11 token and the numbers of its maker's mechanisms."""

    library: Path
    token: str
    pin_file: Path
    stand_in: tuple[str, ...] = ("SoftHSM",)
    """Makers whose token is no machine; production refuses them."""
    mechanisms: dict[str, int] = {}
    """``SM4.key``, ``SM4.ecb``, ``SM4.cbc``, ``SM4.derive``, ``SM4.generate`` and the same for
    ``DES3``, each the number of a key type or mechanism; DES3 has the standard's by itself."""


class SdfSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A GM/T 0018 library, the key it wraps others with, and its algorithm numbers."""

    library: Path
    kek_index: int = 1
    alignment: Alignment = Alignment.NATURAL
    algorithms: dict[str, int] = {}
    """``SM4.ecb``, ``SM4.cbc``, ``SM4.mac`` have the standard's numbers; ``DES3.ecb`` and
    ``DES3.cbc`` only when the maker gives them."""
    stand_in: tuple[str, ...] = ("Minka",)


class VaultSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is to know before a vault is opened; times in milliseconds."""

    folder: Path
    kind: Kind = Kind.SOFT
    duty: Duty = Duty.PRODUCTION
    opening: Opening = Opening.SHARES
    patience_ms: int = 5000
    """How long a client waits for an answer before the vault counts as gone."""
    machine_ms: int = 20000
    """How long one operation of the machine may take before the vault's process ends itself."""
    friends: tuple[int, ...] = ()
    """User ids, besides the vault's own, that may use the vault (not its custody)."""
    pkcs11: Pkcs11Settings | None = None
    sdf: SdfSettings | None = None

    @property
    def socket(self) -> Path:
        """Where the running doors ask."""
        return self.folder / "vault.sock"

    @property
    def custody_socket(self) -> Path:
        """Where a ceremony asks."""
        return self.folder / "custody.sock"

    @property
    def keys_file(self) -> Path:
        """The sealed file: keys of the soft vault, else only what is known of the machine's."""
        return self.folder / "vault.sealed"

    @property
    def lock_file(self) -> Path:
        """Held by the one process that may write the sealed file."""
        return self.folder / "vault.lock"

    @property
    def drill_file(self) -> Path:
        """The master key of a drill in clear, so that one file opens it; never in production."""
        return self.folder / "drill.key"


class BadSettings(Exception):
    """The settings file does not say what a vault must know; the words name the place."""


def read_settings(path: Path) -> VaultSettings:
    """The settings in a TOML file; relative paths count from the file's folder."""
    try:
        given = tomllib.loads(path.read_text("utf-8"))
        found = msgspec.convert(given, VaultSettings, dec_hook=_path)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise BadSettings(f"{path.name}: {fault}") from None
    if found.kind is not Kind.SOFT and getattr(found, found.kind.value) is None:
        raise BadSettings(f"{path.name}: no table [{found.kind.value}]")
    if found.opening is Opening.ITSELF and found.duty is Duty.PRODUCTION:
        raise BadSettings(f"{path.name}: only a drill opens itself")
    return msgspec.structs.replace(found, folder=path.parent / found.folder)


def drill_settings(folder: Path) -> VaultSettings:
    """A soft vault in a folder, for drills and demonstrations; or what its settings file says."""
    path = folder / SETTINGS_NAME
    return read_settings(path) if path.exists() else VaultSettings(folder=folder, duty=Duty.DRILL)


def as_json(settings: VaultSettings) -> bytes:
    """Settings on their way to another process; no secret is among them."""
    return msgspec.json.encode(settings, enc_hook=str)


def from_json(text: bytes) -> VaultSettings:
    """The reverse of ``as_json``."""
    return msgspec.json.decode(text, type=VaultSettings, dec_hook=_path)


def _path(kind: type, value: object) -> object:
    return Path(str(value)) if kind is Path else value
