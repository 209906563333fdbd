"""What the surroundings may set: one typed place for every ``MINKA_…`` environment variable."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Minka's surroundings; each field is the variable ``MINKA_`` plus its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="MINKA_", extra="ignore")

    database_url: SecretStr | None = Field(
        default=None, description="postgresql:// address of the register; it always wins."
    )
    home: Path = Field(
        default=Path(".minka"), description="Folder of the embedded database, keys and receipts."
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        default=["localhost", "127.0.0.1", "[::1]"],
        description="Host names the web answers to, separated by commas.",
    )
    debug: bool = Field(default=False, description="Show faults to the visitor; never in use.")
    style_page: bool = Field(
        default=False, description="Show /style/ with every part in every state."
    )
    second_factor: bool = Field(
        default=True,
        description="Staff pages ask for a second factor; off for demonstrations only.",
    )
    https: bool = Field(
        default=False,
        description="Served over HTTPS: secure cookies and strict transport security.",
    )
    behind_proxy: bool = Field(
        default=False, description="Trust X-Forwarded-Proto of the proxy in front."
    )
    city_zh_hans: str = Field(default="示例市", description="The city's name, Simplified Chinese.")
    city_zh_hant: str = Field(default="示例市", description="The city's name, Traditional Chinese.")
    city_en: str = Field(default="Sample City", description="The city's name in English.")
    hotline: str = Field(default="12333", description="The telephone number that never closes.")
    sms_endpoint: str = Field(
        default="", description="Address of the SMS centre; empty leaves texts waiting."
    )
    sms_language: str = Field(
        default="zh-hans", description="Language of text messages: zh-hans, zh-hant or en."
    )
    demo_readers: bool = Field(
        default=False,
        description="Terminals pretend to read ID cards of invented people; demonstrations only.",
    )
    vault: Path | None = Field(
        default=None,
        description="The key vault's settings file (kind = soft, pkcs11 or sdf); without it a soft"
        " vault in the home, for demonstrations.",
    )
    production: bool = Field(
        default=False, description="In earnest: no door starts on a stand-in for the key vault."
    )
    outbox_tries: int = Field(
        default=8, ge=1, description="Unusable answers after which a message is set aside."
    )
    outbox_longest_wait_s: int = Field(
        default=30, ge=1, description="Longest pause between two tries of a message, in seconds."
    )
    outbox_patience_ms: int = Field(
        default=3000, ge=100, description="How long a bank or the SMS centre may take to answer."
    )
    database_patience_ms: int = Field(
        default=1000, ge=100, description="How long a page waits for an unreachable database."
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return [host.strip() for host in given.split(",")] if isinstance(given, str) else given

    def secret_key(self) -> str:
        """The web's signing key: made once, kept in ``home/secret_key``, mode 0600."""
        path = self.home / "secret_key"
        with suppress(FileExistsError):
            write_once(path, secrets.token_urlsafe(64))
        return path.read_text("ascii")


def write_once(path: Path, text: str) -> None:
    """Create a file whole, or not at all, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        os.link(draft, path)
    finally:
        draft.unlink()


@cache
def current() -> Settings:
    """The settings of this process, read once."""
    return Settings()
