"""Who answers behind a vault's sockets: opens the machine, keeps it open, and seals it again.

A soft vault is empty, sealed or open. Its master key exists only as shares of custodians, and in
this process's memory while it is open. A real machine is open whenever it answers; when it does
not, the next question tries anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from shamir_mnemonic import MnemonicError
from shamir_mnemonic.share import Share

from minka.devices.vault_card import CardVault
from minka.devices.vault_keeping import SealedFile, Tampered, wipe, write_whole
from minka.devices.vault_settings import Duty, Opening, VaultSettings
from minka.devices.vault_shelf import Shelf
from minka.devices.vault_soft import SoftKey, SoftMachine
from minka.devices.vault_wire import Lock, MachineFacts
from minka.keys.component import ShareFault, restored, share_fill, shares
from minka.keys.vault import KeyReason, KeyRefused, VaultGone

MASTER_BYTES = 16
STAND_IN = "keys stand in this process's memory"


class StandInRefused(VaultGone):
    """Production asks for a real machine (J5)."""


class SoftHouse:
    """The soft vault, opened by custodians' shares; or by its own file in a drill."""

    def __init__(self, settings: VaultSettings, protection: tuple[str, ...] = ()) -> None:
        if settings.duty is Duty.PRODUCTION:
            raise StandInRefused("production does not start on a soft vault")
        self._settings = settings
        self._protection = protection
        self._vault: CardVault[SoftKey] | None = None
        self._sealed: SealedFile | None = None
        self._shares: dict[int, str] = {}
        if settings.opening is Opening.ITSELF:
            self._open_itself()

    def vault(self) -> CardVault[SoftKey]:
        """The open vault; ``SEALED``."""
        if self._vault is None:
            raise KeyRefused(KeyReason.SEALED)
        return self._vault

    def machine(self) -> MachineFacts:
        """See ``VaultDoor.machine``."""
        needed = 0
        with suppress(StopIteration):
            first = Share.from_mnemonic(next(iter(self._shares.values())))
            needed = first.member_threshold - len(self._shares)
        return MachineFacts(
            kind=self._settings.kind.value,
            maker=SoftMachine().maker(),
            lock=self._lock(),
            shares_needed=needed,
            protection=self._protection,
            stand_in=STAND_IN,
        )

    def initialise(self, threshold: int, custodians: int) -> tuple[str, ...]:
        """See ``CustodyDoor.initialise``."""
        if self._lock() is not Lock.EMPTY:
            raise KeyRefused(KeyReason.EXISTS)
        master = bytearray(secrets.token_bytes(MASTER_BYTES))
        try:
            fill = secrets.token_bytes(share_fill(MASTER_BYTES, threshold))
            made = shares(bytes(master), threshold, custodians, fill)
        except ValueError:
            wipe(master)
            raise KeyRefused(KeyReason.BAD_PARTS) from None
        self._open(master)
        return made

    def unseal(self, share: str) -> MachineFacts:
        """See ``CustodyDoor.unseal``; a share of another vault makes all begin again."""
        if self._lock() is Lock.SEALED:
            try:
                self._enter(share)
            except (MnemonicError, ShareFault, Tampered):
                self._shares.clear()
                raise KeyRefused(KeyReason.BAD_PARTS) from None
        return self.machine()

    def seal(self) -> MachineFacts:
        """See ``CustodyDoor.seal``."""
        self._shares.clear()
        if self._vault is not None and self._sealed is not None:
            self._vault.close()
            self._sealed.forget()
            self._vault = self._sealed = None
        return self.machine()

    def close(self) -> None:
        """Counts are written exactly; nothing stays in memory."""
        self.seal()

    def faulted(self) -> None:
        """A soft machine has nothing to begin anew."""

    def _enter(self, share: str) -> None:
        found = Share.from_mnemonic(share)
        self._shares[found.index] = share
        if len(self._shares) >= found.member_threshold:
            self._open(bytearray(restored(tuple(self._shares.values()))))
            self._shares.clear()

    def _open(self, master: bytearray) -> None:
        sealed = SealedFile(self._settings.keys_file, master)
        try:
            shelf = Shelf(sealed)
            shelf.write()
        except (Tampered, OSError):
            sealed.forget()
            raise
        self._sealed, self._vault = sealed, CardVault(SoftMachine(), shelf)

    def _open_itself(self) -> None:
        path = self._settings.drill_file
        if not path.exists() and self._lock() is Lock.EMPTY:
            write_whole(path, secrets.token_bytes(MASTER_BYTES))
        if path.exists():
            self._open(bytearray(path.read_bytes()))

    def _lock(self) -> Lock:
        if self._vault is not None:
            return Lock.OPEN
        return Lock.SEALED if self._settings.keys_file.exists() else Lock.EMPTY


class MachineHouse:
    """A real machine, opened at the first question and again after each time it was gone."""

    def __init__(
        self, settings: VaultSettings, opens: Callable[[], tuple[CardVault[Any], str]]
    ) -> None:
        self._settings = settings
        self._opens = opens
        self._vault: CardVault[Any] | None = None
        self._maker = ""

    def vault(self) -> CardVault[Any]:
        """The open vault; ``VaultGone``."""
        if self._vault is None:
            try:
                self._vault, self._maker = self._opens()
            except Tampered as fault:
                raise VaultGone(str(fault)) from None
            self._check_duty()
        return self._vault

    def machine(self) -> MachineFacts:
        """See ``VaultDoor.machine``; sealed while the machine does not answer."""
        try:
            self.vault()
        except StandInRefused:
            raise
        except VaultGone:
            pass  # It may come back; until then it is as good as sealed.
        lock = Lock.SEALED if self._vault is None else Lock.OPEN
        stand_in = "no machine" if self._stands_in() else ""
        return MachineFacts(
            kind=self._settings.kind.value, maker=self._maker, lock=lock, stand_in=stand_in
        )

    def initialise(self, threshold: int, custodians: int) -> tuple[str, ...]:  # noqa: ARG002
        """A machine makes its own master key, with its maker's own tools."""
        raise KeyRefused(KeyReason.EXISTS)

    def unseal(self, share: str) -> MachineFacts:  # noqa: ARG002
        """A machine is opened with its maker's own tools."""
        raise KeyRefused(KeyReason.BAD_PARTS)

    def seal(self) -> MachineFacts:
        """The session is closed; the next question opens it again."""
        self.close()
        return MachineFacts(self._settings.kind.value, self._maker, Lock.SEALED)

    def faulted(self) -> None:
        """The machine was gone: everything loaded in it is, too."""
        if self._vault is not None:
            vault, self._vault = self._vault, None
            with suppress(VaultGone):
                vault.reset()

    def close(self) -> None:
        """Counts are written exactly, as far as the machine still answers."""
        if self._vault is not None:
            vault, self._vault = self._vault, None
            with suppress(VaultGone):
                vault.close()

    def _stands_in(self) -> bool:
        own = self._settings.pkcs11 or self._settings.sdf
        return own is not None and any(word in self._maker for word in own.stand_in)

    def _check_duty(self) -> None:
        if self._settings.duty is Duty.PRODUCTION and self._stands_in():
            self.close()
            raise StandInRefused(f"production does not start on {self._maker}")


House = SoftHouse | MachineHouse
