"""Opening a PKCS#11 token for the vault, and opening it again when it was away.

A PIN that the token refused is not tried again until its file changes: a token counts wrong PINs
and locks itself.
"""

from __future__ import annotations

from typing import Any

import pkcs11
from pkcs11.exceptions import PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked

from minka.cipher.field import digest
from minka.devices.pkcs11_machine import Pkcs11Machine, TokenKey, machine_faults
from minka.devices.vault_card import CardVault
from minka.devices.vault_keeping import CodedFile
from minka.devices.vault_settings import Pkcs11Settings, VaultSettings
from minka.devices.vault_shelf import Shelf
from minka.keys.vault import VaultGone

_WRONG = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired)


class Token:
    """The token of the settings."""

    def __init__(self, settings: VaultSettings) -> None:
        if settings.pkcs11 is None:
            raise VaultGone("the settings name no token")
        self._settings = settings
        self._own: Pkcs11Settings = settings.pkcs11
        self._library: Any = None
        self._refused_pin = b""

    def open(self) -> tuple[CardVault[TokenKey], str]:
        """The vault over an open session, and the token's maker; ``VaultGone``, ``Tampered``."""
        with machine_faults():
            token = self._loaded().get_token(token_label=self._own.token)
        maker = f"{token.manufacturer_id} {token.model}".strip()
        machine = Pkcs11Machine(self._session(token), maker, self._own.mechanisms)
        key = machine.register_key()
        keeping = CodedFile(
            self._settings.keys_file, lambda content: machine.last_block(key, content)
        )
        return CardVault(machine, Shelf(keeping)), maker

    def _loaded(self) -> Any:
        if self._library is None:
            try:
                self._library = pkcs11.lib(str(self._own.library))
            except (RuntimeError, OSError):
                raise VaultGone("the token's library does not load") from None
        else:
            self._library.reinitialize()  # A token that was away is only then seen again.
        return self._library

    def _session(self, token: pkcs11.Token) -> pkcs11.Session:
        try:
            pin = self._own.pin_file.read_text("utf-8").strip()
        except OSError:
            raise VaultGone("the PIN's file cannot be read") from None
        if digest(pin.encode()) == self._refused_pin:
            raise VaultGone("the token refused this PIN before")
        with machine_faults():
            try:
                return token.open(rw=True, user_pin=pin)
            except _WRONG:
                self._refused_pin = digest(pin.encode())
                raise
